// KeyObject. A secret key is its bytes, a private one PKCS #8, a public one SubjectPublicKeyInfo.
const natives = require('./natives.js');
const { Buffer, bytes, isSame, output, view } = require('./bytes.js');
const { coded, wrongType } = require('./errors.js');
const { decodePem, encodePem, FORMATS } = require('./pem.js');
const { fromJwk, toJwk } = require('./jwk.js');

/** Names of the curves in OpenSSL. */
const CURVES = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };

/** What is in a KeyObject; nobody else sees it. */
const contents = new WeakMap();

class KeyObject {
  constructor(type, data) {
    contents.set(this, { type, data });
  }

  static from() {
    throw new Error('KeyObject.from does not exist here: export the CryptoKey and use createSecretKey and its kin');
  }

  get type() {
    return contents.get(this).type;
  }

  equals(other) {
    if (!(other instanceof KeyObject)) throw wrongType('otherKeyObject', 'an instance of KeyObject', other);
    return this.type === other.type && isSame(contents.get(this).data, contents.get(other).data);
  }
}
Object.defineProperty(KeyObject.prototype, Symbol.toStringTag, { value: 'KeyObject', configurable: true });

class SecretKeyObject extends KeyObject {
  get symmetricKeySize() {
    return contents.get(this).data.length;
  }

  export(options) {
    const { data } = contents.get(this);
    return options?.format === 'jwk' ? { kty: 'oct', k: output(data, 'base64url') } : Buffer.from(data);
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType() {
    const algorithm = algorithmOf(this);
    return Object.hasOwn(CURVES, algorithm) ? 'ec' : algorithm.toLowerCase();
  }

  get asymmetricKeyDetails() {
    const algorithm = algorithmOf(this);
    if (Object.hasOwn(CURVES, algorithm)) return { namedCurve: CURVES[algorithm] };
    if (algorithm !== 'RSA') return {};
    const { type: kind, data } = contents.get(this);
    const [, e] = natives.rsaComponents(kind === 'private', data);
    const exponent = BigInt(`0x${Buffer.from(e, 'base64url').toString('hex')}`);
    return { modulusLength: modulusBits(kind === 'private', data), publicExponent: exponent };
  }

  export(options) {
    if (options === null || typeof options !== 'object') throw wrongType('options', 'of type object', options);
    const { type: kind, data } = contents.get(this);
    if (options.format === 'jwk') return toJwk(algorithmOf(this), kind === 'private', data);
    if (options.cipher !== undefined) throw new Error('keys are not encrypted here: leave out "cipher"');
    const format = FORMATS.find(it => it.isPrivate === (kind === 'private') && it.type === options.type);
    const der = format?.native === undefined ? data : natives.keyEncode(format.native, data);
    if (format === undefined || der === null) {
      const message = `The property 'options.type' is invalid. Received '${options.type}'`;
      throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', message);
    }
    return options.format === 'pem' ? encodePem(format.label, output(der)) : Buffer.from(der);
  }
}

class PublicKeyObject extends AsymmetricKeyObject {}
class PrivateKeyObject extends AsymmetricKeyObject {}

function algorithmOf(key) {
  const { type, data } = contents.get(key);
  return natives.keyAlgorithm(type === 'private', data);
}

/** Length of an RSA key. */
function modulusBits(isPrivate, data) {
  const [n] = natives.rsaComponents(isPrivate, data);
  const modulus = Buffer.from(n, 'base64url');
  return modulus.length * 8 - (Math.clz32(modulus[0]) - 24);
}

function unsupported() {
  return coded(Error, 'ERR_OSSL_UNSUPPORTED', 'error:1E08010C:DECODER routines::unsupported');
}

function wrongKind(found, wanted) {
  return coded(TypeError, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', `Invalid key object type ${found}, expected ${wanted}.`);
}

/** Throw if a key, or the one in its options, is a KeyObject of one of these kinds. */
function refuseKinds(key, kinds, wanted) {
  const object = key instanceof KeyObject ? key : key?.key;
  if (object instanceof KeyObject && kinds.includes(object.type)) throw wrongKind(object.type, wanted);
}

/** `{ isPrivate, data }` of a key in any form that createPublicKey and createPrivateKey take. */
function read(key) {
  if (key instanceof KeyObject) {
    const { type, data } = contents.get(key);
    return { isPrivate: type === 'private', data };
  }
  const isPlain = typeof key === 'string' || view(key) !== undefined;
  const { key: material, format = 'pem', type, encoding } = isPlain ? { key } : (key ?? { key });
  if (material instanceof KeyObject) return read(material);
  if (format === 'jwk') return fromJwk(material) ?? fail();
  const found = bytes(material, encoding, isPlain || material === undefined ? 'key' : 'key.key');
  if (format === 'pem') return decodePem(output(found, 'latin1')) ?? fail();
  const candidates = FORMATS.filter(it => type === undefined || it.type === type);
  for (const { read: native, isPrivate } of candidates) {
    const data = natives.keyDecode(native, found);
    if (data !== null) return { isPrivate, data };
  }
  return fail();
}

function fail() {
  throw unsupported();
}

function publicOf(data) {
  const algorithm = natives.keyAlgorithm(true, data);
  if (algorithm === 'RSA') return natives.rsaPublic(data);
  if (Object.hasOwn(CURVES, algorithm)) {
    return new Uint8Array(natives.ecToSpki(algorithm, natives.ecPublic(algorithm, natives.ecFromPkcs8(algorithm, data))));
  }
  const seed = natives.okpFromPkcs8(algorithm, data);
  const point = algorithm === 'Ed25519' ? natives.ed25519Public(seed) : natives.x25519Public(seed);
  return new Uint8Array(natives.okpToSpki(algorithm, point));
}

function createSecretKey(key, encoding) {
  const wanted = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
  const secret = typeof key === 'string' && encoding === undefined ? Buffer.from(key) : bytes(key, encoding, 'key', wanted);
  return new SecretKeyObject('secret', Uint8Array.from(secret));
}

function createPrivateKey(key) {
  const { isPrivate, data } = read(key);
  if (key instanceof KeyObject) throw wrongType('key', 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView', key);
  if (!isPrivate) throw unsupported();
  return new PrivateKeyObject('private', data);
}

function createPublicKey(key) {
  refuseKinds(key, ['public', 'secret'], 'private');
  const { isPrivate, data } = read(key);
  return new PublicKeyObject('public', isPrivate ? publicOf(data) : data);
}

/** The key to sign with: `{ algorithm, data }`. */
function signing(key) {
  refuseKinds(key, ['public', 'secret'], 'private');
  const { isPrivate, data } = read(key);
  if (!isPrivate) throw unsupported();
  return { algorithm: natives.keyAlgorithm(true, data), data };
}

/** The key to verify with, of which a private one has a part. */
function verifying(key) {
  refuseKinds(key, ['secret'], 'private or public');
  const { isPrivate, data } = read(key);
  const publicKey = isPrivate ? publicOf(data) : data;
  return { algorithm: natives.keyAlgorithm(false, publicKey), data: publicKey };
}

/** Bytes of a secret KeyObject; `undefined` for what is no KeyObject. */
function secretOf(key) {
  if (!(key instanceof KeyObject)) return undefined;
  if (key.type !== 'secret') throw wrongKind(key.type, 'secret');
  return contents.get(key).data;
}

module.exports = { KeyObject, createPrivateKey, createPublicKey, createSecretKey, modulusBits, secretOf, signing, verifying };
