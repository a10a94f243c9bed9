// Elliptic curves of NIST: https://w3c.github.io/webcrypto/#ecdsa https://w3c.github.io/webcrypto/#ecdh
// A private key is its scalar, a public one its point, uncompressed.
import { DOMException } from '../exception/exception.js';
import { dataError, hash, notSupported, operationError, register, required } from './algorithm.js';
import { checkJwk, fromBase64Url, keyOperations, toBase64Url } from './jwk.js';
import { noteRandomness } from './random.js';
import { checkUsages, createKey, dataOf, isCryptoKey, only } from './key.js';

const COORDINATE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };
const JWK_ALG = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
const UNCOMPRESSED = 4;

const SCHEMES = {
  ECDSA: { publicUsages: ['verify'], privateUsages: ['sign'], use: 'sig' },
  ECDH: { publicUsages: [], privateUsages: ['deriveKey', 'deriveBits'], use: 'enc' },
};

function create(name, curve, isPrivate, data, extractable, usages) {
  return createKey(isPrivate ? 'private' : 'public', extractable, { name, namedCurve: curve }, usages, data);
}

function curveParameter(dictionary) {
  return { namedCurve: `${required(dictionary, 'namedCurve')}` };
}

function generate({ name, namedCurve }, extractable, usages) {
  const { publicUsages, privateUsages } = SCHEMES[name];
  checkUsages(usages, [...publicUsages, ...privateUsages]);
  if (!Object.hasOwn(COORDINATE_BYTES, namedCurve)) throw notSupported(`no curve ${namedCurve}`);
  noteRandomness();
  const scalar = host.ecGenerate(namedCurve);
  return {
    publicKey: create(name, namedCurve, false, host.ecPublic(namedCurve, scalar), true, only(usages, publicUsages)),
    privateKey: create(name, namedCurve, true, scalar, extractable, only(usages, privateUsages)),
  };
}

function importKey(format, keyData, { name, namedCurve }, extractable, usages) {
  if (!['raw', 'spki', 'pkcs8', 'jwk'].includes(format)) throw notSupported(`EC keys have no format ${format}`);
  const { publicUsages, privateUsages } = SCHEMES[name];
  const isPrivate = format === 'pkcs8' || (format === 'jwk' && keyData.d !== undefined);
  if (format === 'raw' && !Object.hasOwn(COORDINATE_BYTES, namedCurve)) throw dataError(`no curve ${namedCurve}`);
  checkUsages(usages, isPrivate ? privateUsages : publicUsages);
  if (!Object.hasOwn(COORDINATE_BYTES, namedCurve)) throw dataError(`no curve ${namedCurve}`);
  let data;
  if (format === 'raw') data = host.ecPoint(namedCurve, keyData);
  else if (format === 'spki') data = host.ecFromSpki(namedCurve, keyData);
  else if (format === 'pkcs8') data = host.ecFromPkcs8(namedCurve, keyData);
  else data = fromJwk(name, namedCurve, keyData, extractable, usages);
  if (data === null) throw dataError(`the data is not a key of ${namedCurve}`);
  return create(name, namedCurve, isPrivate, data, extractable, usages);
}

function fromJwk(name, curve, jwk, extractable, usages) {
  checkJwk(jwk, { kty: 'EC', use: SCHEMES[name].use, extractable, usages });
  if (jwk.crv !== curve) throw dataError(`crv is not ${curve}`);
  if (name === 'ECDSA' && jwk.alg !== undefined && jwk.alg !== JWK_ALG[curve]) throw dataError(`alg is not ${JWK_ALG[curve]}`);
  const size = COORDINATE_BYTES[curve];
  const x = fromBase64Url(jwk.x, 'x');
  const y = fromBase64Url(jwk.y, 'y');
  if (x.length !== size || y.length !== size) throw dataError('a coordinate does not have the right length');
  const point = host.ecPoint(curve, Uint8Array.of(UNCOMPRESSED, ...x, ...y));
  if (point === null || jwk.d === undefined) return point;
  const scalar = fromBase64Url(jwk.d, 'd');
  if (scalar.length !== size) throw dataError('d does not have the right length');
  const actual = host.ecPublic(curve, scalar);
  return actual !== null && actual.every((byte, at) => byte === point[at]) ? scalar : null;
}

function exportKey(format, key) {
  const { namedCurve } = key.algorithm;
  const isPrivate = key.type === 'private';
  const data = dataOf(key);
  switch (format) {
    case 'raw':
      if (isPrivate) throw wrongKey(format);
      return data.slice().buffer;
    case 'spki':
      if (isPrivate) throw wrongKey(format);
      return host.ecToSpki(namedCurve, data);
    case 'pkcs8':
      if (!isPrivate) throw wrongKey(format);
      return host.ecToPkcs8(namedCurve, data);
    case 'jwk':
      return toJwk(key, namedCurve, isPrivate, data);
    default:
      throw notSupported(`EC keys have no format ${format}`);
  }
}

function wrongKey(format) {
  return new DOMException(`Not a key that has format ${format}`, 'InvalidAccessError');
}

function toJwk(key, curve, isPrivate, data) {
  const point = isPrivate ? host.ecPublic(curve, data) : data;
  const size = COORDINATE_BYTES[curve];
  const jwk = {
    kty: 'EC',
    crv: curve,
    x: toBase64Url(point.subarray(1, 1 + size)),
    y: toBase64Url(point.subarray(1 + size)),
    ...keyOperations(key),
  };
  if (isPrivate) jwk.d = toBase64Url(data);
  return jwk;
}

for (const name of Object.keys(SCHEMES)) {
  register('generateKey', name, generate, curveParameter);
  register('importKey', name, importKey, curveParameter);
  register('exportKey', name, exportKey);
}

function hashParameter(dictionary) {
  return { hash: hash(dictionary) };
}

register('sign', 'ECDSA', ({ hash: hashName }, key, data) => {
  if (key.type !== 'private') throw new DOMException('Signing needs the private key', 'InvalidAccessError');
  const signature = host.ecSign(key.algorithm.namedCurve, hashName, dataOf(key), data);
  if (signature === null) throw operationError('The operation failed');
  return signature;
}, hashParameter);
register('verify', 'ECDSA', ({ hash: hashName }, key, signature, data) => {
  if (key.type !== 'public') throw new DOMException('Verifying needs the public key', 'InvalidAccessError');
  return host.ecVerify(key.algorithm.namedCurve, hashName, dataOf(key), data, signature);
}, hashParameter);

register('deriveBits', 'ECDH', ({ public: publicKey }, key, length) => {
  checkPair(publicKey, key);
  if (publicKey.algorithm.namedCurve !== key.algorithm.namedCurve) {
    throw new DOMException('The keys are of different curves', 'InvalidAccessError');
  }
  return truncate(host.ecdh(key.algorithm.namedCurve, dataOf(key), dataOf(publicKey)), length);
}, publicParameter);

export function publicParameter(dictionary) {
  const key = required(dictionary, 'public');
  if (!isCryptoKey(key)) throw new TypeError('public is not a CryptoKey');
  return { public: key };
}

/** A public key and a private one of the same algorithm. */
export function checkPair(publicKey, key) {
  if (key.type !== 'private') throw new DOMException('Deriving needs a private key', 'InvalidAccessError');
  if (publicKey.type !== 'public') throw new DOMException('public is not a public key', 'InvalidAccessError');
  if (publicKey.algorithm.name !== key.algorithm.name) {
    throw new DOMException('The keys are of different algorithms', 'InvalidAccessError');
  }
}

/** The first `length` bits, all for null. */
export function truncate(buffer, length) {
  if (buffer === null) throw operationError('The operation failed');
  if (length === null || length === undefined) return buffer;
  if (length > buffer.byteLength * 8) throw operationError('more bits than there are');
  const bytes = new Uint8Array(buffer.slice(0, Math.ceil(length / 8)));
  const rest = length % 8;
  if (rest !== 0) bytes[bytes.length - 1] &= 0xff << (8 - rest);
  return bytes.buffer;
}
