// HMAC: https://w3c.github.io/webcrypto/#hmac
import {
  dataError, hash, notSupported, operationError, register, unsignedLong,
} from './algorithm.js';
import { BLOCK_BITS, JWK_SUFFIX } from './hash.js';
import { checkJwk, fromBase64Url, keyOperations, toBase64Url } from './jwk.js';
import { randomBytes } from './random.js';
import { checkUsages, createKey, dataOf } from './key.js';

const NAME = 'HMAC';
const ALLOWED = ['sign', 'verify'];

function parameters(dictionary) {
  const hashName = hash(dictionary);
  const { length } = dictionary;
  return { hash: hashName, length: length === undefined ? undefined : unsignedLong(length, 'length') };
}

function create(data, length, hashName, extractable, usages) {
  return createKey('secret', extractable, { name: NAME, length, hash: { name: hashName } }, usages, data);
}

function generate({ hash: hashName, length = BLOCK_BITS[hashName] }, extractable, usages) {
  checkUsages(usages, ALLOWED);
  if (length === 0) throw operationError('length is 0');
  return create(randomBytes(Math.ceil(length / 8)), length, hashName, extractable, usages);
}

function importKey(format, keyData, { hash: hashName, length }, extractable, usages) {
  checkUsages(usages, ALLOWED);
  let data;
  if (format === 'raw') {
    data = keyData;
  } else if (format === 'jwk') {
    checkJwk(keyData, { kty: 'oct', use: 'sig', extractable, usages });
    data = fromBase64Url(keyData.k, 'k');
    const alg = `HS${JWK_SUFFIX[hashName]}`;
    if (keyData.alg !== undefined && keyData.alg !== alg) throw dataError(`alg is not ${alg}`);
  } else {
    throw notSupported(`HMAC keys have no format ${format}`);
  }
  let bits = data.length * 8;
  if (bits === 0) throw dataError('the key is empty');
  if (length !== undefined) {
    if (length > bits || length <= bits - 8) throw dataError('length does not fit the key');
    bits = length;
  }
  return create(data, bits, hashName, extractable, usages);
}

function exportKey(format, key) {
  const data = dataOf(key);
  if (format === 'raw') return data.slice().buffer;
  if (format !== 'jwk') throw notSupported(`HMAC keys have no format ${format}`);
  return { kty: 'oct', k: toBase64Url(data), alg: `HS${JWK_SUFFIX[key.algorithm.hash.name]}`, ...keyOperations(key) };
}

register('sign', NAME, (_, key, data) => host.hmacSign(key.algorithm.hash.name, dataOf(key), data));
register('verify', NAME, (_, key, signature, data) => (
  host.hmacVerify(key.algorithm.hash.name, dataOf(key), signature, data)
));
register('generateKey', NAME, generate, parameters);
register('importKey', NAME, importKey, parameters);
register('exportKey', NAME, exportKey);
register('get key length', NAME, ({ hash: hashName, length = BLOCK_BITS[hashName] }) => {
  if (length === 0) throw new TypeError('length is 0');
  return length;
}, parameters);

