// RSA: https://w3c.github.io/webcrypto/#rsassa-pkcs1 and the sections after it
import { DOMException } from '../exception/exception.js';
import {
  bytes, dataError, hash, notSupported, operationError, optionalBytes, register, required, syntaxError,
  unsignedLong,
} from './algorithm.js';
import { JWK_SUFFIX } from './hash.js';
import { checkJwk, fromBase64Url, keyOperations } from './jwk.js';
import { noteRandomness } from './random.js';
import { checkUsages, createKey, dataOf, only } from './key.js';

const SIGNING = { publicUsages: ['verify'], privateUsages: ['sign'], use: 'sig' };
const SCHEMES = {
  'RSASSA-PKCS1-v1_5': { ...SIGNING, alg: (hashName) => `RS${JWK_SUFFIX[hashName]}` },
  'RSA-PSS': { ...SIGNING, alg: (hashName) => `PS${JWK_SUFFIX[hashName]}` },
  'RSA-OAEP': {
    publicUsages: ['encrypt', 'wrapKey'],
    privateUsages: ['decrypt', 'unwrapKey'],
    use: 'enc',
    alg: (hashName) => (hashName === 'SHA-1' ? 'RSA-OAEP' : `RSA-OAEP-${JWK_SUFFIX[hashName]}`),
  },
};

/** Generating a longer one would outlast any request. */
const MODULUS_BITS_MAX = 4096;
const MODULUS_BITS_MIN = 256;

function create(name, isPrivate, der, hashName, extractable, usages) {
  const { length, exponent } = inspect(isPrivate, der);
  const algorithm = { name, modulusLength: length, publicExponent: exponent, hash: { name: hashName } };
  return createKey(isPrivate ? 'private' : 'public', extractable, algorithm, usages, der);
}

function inspect(isPrivate, der) {
  const [n, e] = host.rsaComponents(isPrivate, der);
  const modulus = host.base64UrlDecode(n);
  return { length: modulus.length * 8 - Math.clz32(modulus[0]) + 24, exponent: host.base64UrlDecode(e) };
}

function generate({ name, modulusLength, publicExponent, hash: hashName }, extractable, usages) {
  const { publicUsages, privateUsages } = SCHEMES[name];
  checkUsages(usages, [...publicUsages, ...privateUsages]);
  if (modulusLength < MODULUS_BITS_MIN || modulusLength > MODULUS_BITS_MAX) {
    throw operationError(`modulusLength ${modulusLength} is not from ${MODULUS_BITS_MIN} to ${MODULUS_BITS_MAX}`);
  }
  // The generator would find these out as well, after a long search for primes.
  if (!isExponent(publicExponent)) throw operationError('publicExponent is not odd and at least 3');
  if (only(usages, privateUsages).length === 0) throw syntaxError('The key has no usages');
  noteRandomness();
  const der = host.rsaGenerate(modulusLength, publicExponent);
  if (der === null) throw operationError('no key with this publicExponent can be generated');
  return {
    publicKey: create(name, false, host.rsaPublic(der), hashName, true, only(usages, publicUsages)),
    privateKey: create(name, true, der, hashName, extractable, only(usages, privateUsages)),
  };
}

function isExponent(bigEndian) {
  const first = bigEndian.findIndex((byte) => byte !== 0);
  if (first < 0 || bigEndian.at(-1) % 2 === 0) return false;
  return first < bigEndian.length - 1 || bigEndian.at(-1) > 1;
}

function generateParameters(dictionary) {
  const hashName = hash(dictionary);
  const modulusLength = unsignedLong(required(dictionary, 'modulusLength'), 'modulusLength');
  const exponent = required(dictionary, 'publicExponent');
  if (!(exponent instanceof Uint8Array)) throw new TypeError('publicExponent is not a Uint8Array');
  return { hash: hashName, modulusLength, publicExponent: bytes(exponent, 'publicExponent') };
}

function importKey(format, keyData, { name, hash: hashName }, extractable, usages) {
  const { publicUsages, privateUsages } = SCHEMES[name];
  const isPrivate = format === 'pkcs8' || (format === 'jwk' && keyData.d !== undefined);
  if (!['spki', 'pkcs8', 'jwk'].includes(format)) throw notSupported(`RSA keys have no format ${format}`);
  checkUsages(usages, isPrivate ? privateUsages : publicUsages);
  const der = format === 'jwk'
    ? fromJwk(name, keyData, hashName, extractable, usages)
    : host.rsaImport(isPrivate, keyData);
  if (der === null) throw dataError('the data is not an RSA key');
  return create(name, isPrivate, der, hashName, extractable, usages);
}

function fromJwk(name, jwk, hashName, extractable, usages) {
  const { alg, use } = SCHEMES[name];
  checkJwk(jwk, { kty: 'RSA', use, extractable, usages });
  if (jwk.alg !== undefined && jwk.alg !== alg(hashName)) throw dataError(`alg is not ${alg(hashName)}`);
  const n = fromBase64Url(jwk.n, 'n');
  const e = fromBase64Url(jwk.e, 'e');
  if (jwk.d === undefined) return host.rsaFromPublic(n, e);
  if (jwk.oth !== undefined) throw notSupported('keys of more than two primes');
  const parts = [jwk.d, jwk.p, jwk.q].map((part, at) => fromBase64Url(part, 'dpq'[at]));
  for (const part of ['dp', 'dq', 'qi']) fromBase64Url(jwk[part], part);
  return host.rsaFromPrivate(n, e, ...parts);
}

function exportKey(format, key) {
  const isPrivate = key.type === 'private';
  const data = dataOf(key);
  if (format === 'jwk') return toJwk(key, isPrivate, data);
  if (format !== 'spki' && format !== 'pkcs8') throw notSupported(`RSA keys have no format ${format}`);
  if (isPrivate !== (format === 'pkcs8')) throw wrongKey(format);
  return data.slice().buffer;
}

function wrongKey(format) {
  return new DOMException(`Not a key that has format ${format}`, 'InvalidAccessError');
}

function toJwk(key, isPrivate, data) {
  const { name, hash: { name: hashName } } = key.algorithm;
  const [n, e, d, p, q, dp, dq, qi] = host.rsaComponents(isPrivate, data);
  const jwk = { kty: 'RSA', alg: SCHEMES[name].alg(hashName), ...keyOperations(key), n, e };
  return isPrivate ? Object.assign(jwk, { d, p, q, dp, dq, qi }) : jwk;
}

function signer(scheme, key) {
  if (key.type !== 'private') throw new DOMException('Signing needs the private key', 'InvalidAccessError');
  return [scheme, key.algorithm.hash.name, dataOf(key)];
}

function verifier(scheme, key) {
  if (key.type !== 'public') throw new DOMException('Verifying needs the public key', 'InvalidAccessError');
  return [scheme, key.algorithm.hash.name, dataOf(key)];
}

const PKCS1 = 0;
const PSS = 1;

function succeeded(result) {
  if (result === null) throw operationError('The operation failed');
  return result;
}

for (const name of Object.keys(SCHEMES)) {
  register('generateKey', name, generate, generateParameters);
  register('importKey', name, importKey, (dictionary) => ({ hash: hash(dictionary) }));
  register('exportKey', name, exportKey);
}

register('sign', 'RSASSA-PKCS1-v1_5', (_, key, data) => succeeded(host.rsaSign(...signer(PKCS1, key), data, 0)));
register('verify', 'RSASSA-PKCS1-v1_5', (_, key, signature, data) => (
  host.rsaVerify(...verifier(PKCS1, key), data, 0, signature)
));

function saltParameters(dictionary) {
  return { saltLength: unsignedLong(required(dictionary, 'saltLength'), 'saltLength') };
}

register('sign', 'RSA-PSS', ({ saltLength }, key, data) => (
  succeeded(host.rsaSign(...signer(PSS, key), data, saltLength))
), saltParameters);
register('verify', 'RSA-PSS', ({ saltLength }, key, signature, data) => (
  host.rsaVerify(...verifier(PSS, key), data, saltLength, signature)
), saltParameters);

function labelParameters(dictionary) {
  return { label: optionalBytes(dictionary, 'label') };
}

function oaep(encrypt) {
  return ({ label = new Uint8Array(0) }, key, data) => {
    if (key.type !== (encrypt ? 'public' : 'private')) throw new DOMException('Not the key for this', 'InvalidAccessError');
    return succeeded(host.rsaOaep(encrypt, key.algorithm.hash.name, dataOf(key), data, label));
  };
}

register('encrypt', 'RSA-OAEP', oaep(true), labelParameters);
register('decrypt', 'RSA-OAEP', oaep(false), labelParameters);
