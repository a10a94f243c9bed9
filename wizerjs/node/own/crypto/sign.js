// createSign and createVerify. What is signed is kept until it is: the natives hash and sign in one.
const natives = require('./natives.js');
const { find } = require('./algorithms.js');
const { Buffer, bytes, data: dataOf, output } = require('./bytes.js');
const { coded, requireCallback, requireText } = require('./errors.js');
const { modulusBits, signing, verifying } = require('./keys.js');
const { Sink } = require('./sink.js');

const constants = {
  RSA_PKCS1_PADDING: 1,
  RSA_PKCS1_PSS_PADDING: 6,
  RSA_PSS_SALTLEN_DIGEST: -1,
  RSA_PSS_SALTLEN_MAX_SIGN: -2,
  RSA_PSS_SALTLEN_AUTO: -2,
};

/** As the engine's natives number them. */
const [PKCS1, PSS] = [0, 1];
const ANY_SALT = -1;

function hashOf(algorithm) {
  const hash = find(requireText(algorithm, 'algorithm'));
  if (hash === undefined) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', 'Invalid digest');
  return hash;
}

/** `[scheme, salt]`; the longest salt leaves room for the hash and two bytes: RFC 8017, section 9.1.1. */
function padding(options, hash, modulusBits, isSigning) {
  const chosen = options.padding ?? constants.RSA_PKCS1_PADDING;
  if (chosen === constants.RSA_PKCS1_PADDING) return [PKCS1, 0];
  if (chosen !== constants.RSA_PKCS1_PSS_PADDING) throw new Error(`padding ${chosen} cannot be used to sign here`);
  const length = options.saltLength ?? constants.RSA_PSS_SALTLEN_AUTO;
  if (length === constants.RSA_PSS_SALTLEN_DIGEST) return [PSS, hash.bytes];
  if (length >= 0) return [PSS, length];
  return [PSS, isSigning ? Math.ceil((modulusBits - 1) / 8) - hash.bytes - 2 : ANY_SALT];
}

const optionsOf = key => (key !== null && typeof key === 'object' && 'key' in key ? key : {});

/** Sign `data`; `hash` is undefined for keys that bring their own. */
function signData(hash, data, key) {
  const { algorithm, data: der } = signing(key);
  const options = optionsOf(key);
  let signature;
  if (algorithm === 'RSA') {
    const [scheme, salt] = padding(options, hash, modulusBits(true, der), true);
    signature = natives.rsaSign(scheme, hash.native, der, data, salt);
  } else if (algorithm === 'Ed25519') {
    signature = natives.ed25519Sign(natives.okpFromPkcs8(algorithm, der), data);
  } else {
    const raw = natives.ecSign(algorithm, hash.native, natives.ecFromPkcs8(algorithm, der), data);
    const isRaw = options.dsaEncoding === 'ieee-p1363';
    signature = raw === null || isRaw ? raw : natives.ecSignatureToDer(algorithm, new Uint8Array(raw));
  }
  if (signature === null) throw new Error('the key cannot sign this');
  return output(signature);
}

function verifyData(hash, data, key, signature) {
  const { algorithm, data: der } = verifying(key);
  const options = optionsOf(key);
  if (algorithm === 'RSA') {
    const [scheme, salt] = padding(options, hash, 0, false);
    return natives.rsaVerify(scheme, hash.native, der, data, salt, signature);
  }
  if (algorithm === 'Ed25519') return natives.ed25519Verify(natives.okpFromSpki(algorithm, der), data, signature);
  const isRaw = options.dsaEncoding === 'ieee-p1363';
  const raw = isRaw ? signature : natives.ecSignatureFromDer(algorithm, signature);
  return raw !== null && natives.ecVerify(algorithm, hash.native, natives.ecFromSpki(algorithm, der), data, raw);
}

/** Collects what is written to it. */
class Collector extends Sink {
  #hash;
  #pieces = [];

  constructor(algorithm) {
    super();
    this.#hash = hashOf(algorithm);
  }

  update(data, encoding) {
    this.#pieces.push(Buffer.from(dataOf(data, encoding)));
    return this;
  }

  /** @protected */
  collected() {
    return [this.#hash, Buffer.concat(this.#pieces)];
  }
}

class Sign extends Collector {
  sign(key, encoding) {
    if (key === undefined || key === null) throw coded(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign');
    return output(signData(...this.collected(), key), encoding);
  }
}

class Verify extends Collector {
  verify(key, signature, encoding) {
    return verifyData(...this.collected(), key, bytes(signature, encoding, 'signature'));
  }
}

function later(result, callback) {
  if (callback === undefined) return result;
  requireCallback(callback);
  queueMicrotask(() => callback(null, result));
}

const hashOrOwn = algorithm => (algorithm === null || algorithm === undefined ? find('sha256') : hashOf(algorithm));

module.exports = {
  Sign,
  Verify,
  constants,
  createSign: algorithm => new Sign(algorithm),
  createVerify: algorithm => new Verify(algorithm),
  sign: (algorithm, data, key, callback) => later(signData(hashOrOwn(algorithm), dataOf(data), key), callback),
  verify: (algorithm, data, key, signature, callback) =>
    later(verifyData(hashOrOwn(algorithm), dataOf(data), key, bytes(signature, undefined, 'signature')), callback),
};
