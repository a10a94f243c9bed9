// Ed25519 and X25519: https://w3c.github.io/webcrypto/#ed25519 https://w3c.github.io/webcrypto/#x25519
// A private key is its seed, a public one the encoded point.
import { DOMException } from '../exception/exception.js';
import { dataError, notSupported, operationError, register } from './algorithm.js';
import { checkPair, publicParameter, truncate } from './ec.js';
import { checkJwk, fromBase64Url, keyOperations, toBase64Url } from './jwk.js';
import { randomBytes } from './random.js';
import { checkUsages, createKey, dataOf, only } from './key.js';

const KEY_BYTES = 32;

const SCHEMES = {
  Ed25519: { publicUsages: ['verify'], privateUsages: ['sign'], use: 'sig', publicOf: (seed) => host.ed25519Public(seed) },
  X25519: {
    publicUsages: [], privateUsages: ['deriveKey', 'deriveBits'], use: 'enc', publicOf: (seed) => host.x25519Public(seed),
  },
};

function create(name, isPrivate, data, extractable, usages) {
  return createKey(isPrivate ? 'private' : 'public', extractable, { name }, usages, data);
}

function generate({ name }, extractable, usages) {
  const { publicUsages, privateUsages, publicOf } = SCHEMES[name];
  checkUsages(usages, [...publicUsages, ...privateUsages]);
  const seed = randomBytes(KEY_BYTES);
  return {
    publicKey: create(name, false, publicOf(seed), true, only(usages, publicUsages)),
    privateKey: create(name, true, seed, extractable, only(usages, privateUsages)),
  };
}

function importKey(format, keyData, { name }, extractable, usages) {
  if (!['raw', 'spki', 'pkcs8', 'jwk'].includes(format)) throw notSupported(`${name} keys have no format ${format}`);
  const { publicUsages, privateUsages } = SCHEMES[name];
  const isPrivate = format === 'pkcs8' || (format === 'jwk' && keyData.d !== undefined);
  checkUsages(usages, isPrivate ? privateUsages : publicUsages);
  let data;
  if (format === 'raw') data = keyData;
  else if (format === 'spki') data = host.okpFromSpki(name, keyData);
  else if (format === 'pkcs8') data = host.okpFromPkcs8(name, keyData);
  else data = fromJwk(name, keyData, extractable, usages);
  if (data === null || data.length !== KEY_BYTES) throw dataError(`the data is not a key of ${name}`);
  return create(name, isPrivate, data, extractable, usages);
}

function fromJwk(name, jwk, extractable, usages) {
  const { use, publicOf } = SCHEMES[name];
  checkJwk(jwk, { kty: 'OKP', use, extractable, usages });
  if (jwk.crv !== name) throw dataError(`crv is not ${name}`);
  if (name === 'Ed25519' && jwk.alg !== undefined && jwk.alg !== 'EdDSA' && jwk.alg !== 'Ed25519') {
    throw dataError('alg is neither EdDSA nor Ed25519');
  }
  const point = fromBase64Url(jwk.x, 'x');
  if (jwk.d === undefined) return point;
  const seed = fromBase64Url(jwk.d, 'd');
  if (seed.length !== KEY_BYTES || point.length !== KEY_BYTES) return null;
  return publicOf(seed).every((byte, at) => byte === point[at]) ? seed : null;
}

function exportKey(format, key) {
  const { name } = key.algorithm;
  const isPrivate = key.type === 'private';
  const data = dataOf(key);
  if (!['raw', 'spki', 'pkcs8', 'jwk'].includes(format)) throw notSupported(`${name} keys have no format ${format}`);
  if (format !== 'jwk' && isPrivate !== (format === 'pkcs8')) {
    throw new DOMException(`Not a key that has format ${format}`, 'InvalidAccessError');
  }
  if (format === 'raw') return data.slice().buffer;
  if (format === 'spki') return host.okpToSpki(name, data);
  if (format === 'pkcs8') return host.okpToPkcs8(name, data);
  const point = isPrivate ? SCHEMES[name].publicOf(data) : data;
  const jwk = { kty: 'OKP', crv: name, x: toBase64Url(point), ...keyOperations(key) };
  if (isPrivate) jwk.d = toBase64Url(data);
  return jwk;
}

for (const name of Object.keys(SCHEMES)) {
  register('generateKey', name, generate);
  register('importKey', name, importKey);
  register('exportKey', name, exportKey);
}

register('sign', 'Ed25519', (_, key, data) => {
  if (key.type !== 'private') throw new DOMException('Signing needs the private key', 'InvalidAccessError');
  return host.ed25519Sign(dataOf(key), data);
});
register('verify', 'Ed25519', (_, key, signature, data) => {
  if (key.type !== 'public') throw new DOMException('Verifying needs the public key', 'InvalidAccessError');
  return host.ed25519Verify(dataOf(key), data, signature);
});

register('deriveBits', 'X25519', ({ public: publicKey }, key, length) => {
  checkPair(publicKey, key);
  const secret = host.x25519(dataOf(key), dataOf(publicKey));
  // A point of low order gives a secret that everybody knows.
  if (secret === null) throw operationError('The operation failed');
  return truncate(secret, length);
}, publicParameter);
