// AES: https://w3c.github.io/webcrypto/#aes-ctr and the sections after it
import {
  dataError, notSupported, octet, operationError, optionalBytes, register, required, requiredBytes, unsignedShort,
} from './algorithm.js';
import { checkJwk, fromBase64Url, keyOperations, toBase64Url } from './jwk.js';
import { randomBytes } from './random.js';
import { checkUsages, createKey, dataOf } from './key.js';

const LENGTHS_BITS = [128, 192, 256];
const BLOCK_BYTES = 16;
const TAG_LENGTHS_BITS = [32, 64, 96, 104, 112, 120, 128];

const CIPHER_USAGES = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
const MODES = {
  'AES-CTR': { suffix: 'CTR', usages: CIPHER_USAGES },
  'AES-CBC': { suffix: 'CBC', usages: CIPHER_USAGES },
  'AES-GCM': { suffix: 'GCM', usages: CIPHER_USAGES },
  'AES-KW': { suffix: 'KW', usages: ['wrapKey', 'unwrapKey'] },
};

function lengthParameter(dictionary) {
  return { length: unsignedShort(required(dictionary, 'length'), 'length') };
}

function create(name, data, extractable, usages) {
  return createKey('secret', extractable, { name, length: data.length * 8 }, usages, data);
}

function generate({ name, length }, extractable, usages) {
  checkUsages(usages, MODES[name].usages);
  if (!LENGTHS_BITS.includes(length)) throw operationError(`an AES key does not have ${length} bits`);
  return create(name, randomBytes(length / 8), extractable, usages);
}

function importKey(format, keyData, { name }, extractable, usages) {
  checkUsages(usages, MODES[name].usages);
  let data;
  if (format === 'raw') {
    data = keyData;
  } else if (format === 'jwk') {
    checkJwk(keyData, { kty: 'oct', use: 'enc', extractable, usages });
    data = fromBase64Url(keyData.k, 'k');
    const alg = `A${data.length * 8}${MODES[name].suffix}`;
    if (keyData.alg !== undefined && keyData.alg !== alg) throw dataError(`alg is not ${alg}`);
  } else {
    throw notSupported(`AES keys have no format ${format}`);
  }
  if (!LENGTHS_BITS.includes(data.length * 8)) throw dataError(`an AES key does not have ${data.length * 8} bits`);
  return create(name, data, extractable, usages);
}

function exportKey(format, key) {
  const data = dataOf(key);
  if (format === 'raw') return data.slice().buffer;
  if (format !== 'jwk') throw notSupported(`AES keys have no format ${format}`);
  const { name, length } = key.algorithm;
  return { kty: 'oct', k: toBase64Url(data), alg: `A${length}${MODES[name].suffix}`, ...keyOperations(key) };
}

function getLength({ length }) {
  if (!LENGTHS_BITS.includes(length)) throw operationError(`an AES key does not have ${length} bits`);
  return length;
}

for (const name of Object.keys(MODES)) {
  register('generateKey', name, generate, lengthParameter);
  register('importKey', name, importKey);
  register('exportKey', name, exportKey);
  register('get key length', name, getLength, lengthParameter);
}

function ctrParameters(dictionary) {
  const counter = requiredBytes(dictionary, 'counter');
  return { counter, length: octet(required(dictionary, 'length'), 'length') };
}

function ctr({ counter, length }, key, data) {
  if (counter.length !== BLOCK_BYTES) throw operationError('counter does not have 16 bytes');
  if (length === 0 || length > 128) throw operationError('length is not from 1 to 128');
  if (Math.ceil(data.length / BLOCK_BYTES) > 2 ** length) throw operationError('the data is longer than the counter counts');
  return host.aesCtr(dataOf(key), counter, length, data);
}

register('encrypt', 'AES-CTR', ctr, ctrParameters);
register('decrypt', 'AES-CTR', ctr, ctrParameters);

function ivParameters(dictionary) {
  return { iv: requiredBytes(dictionary, 'iv') };
}

function cbc(encrypt) {
  return ({ iv }, key, data) => {
    if (iv.length !== BLOCK_BYTES) throw operationError('iv does not have 16 bytes');
    return succeeded(host.aesCbc(encrypt, dataOf(key), iv, data));
  };
}

register('encrypt', 'AES-CBC', cbc(true), ivParameters);
register('decrypt', 'AES-CBC', cbc(false), ivParameters);

function gcmParameters(dictionary) {
  const additionalData = optionalBytes(dictionary, 'additionalData');
  const iv = requiredBytes(dictionary, 'iv');
  const { tagLength } = dictionary;
  return { additionalData, iv, tagLength: tagLength === undefined ? 128 : octet(tagLength, 'tagLength') };
}

function gcm(encrypt) {
  return ({ additionalData = new Uint8Array(0), iv, tagLength }, key, data) => {
    if (!TAG_LENGTHS_BITS.includes(tagLength)) throw operationError(`tagLength ${tagLength} is not one of ${TAG_LENGTHS_BITS}`);
    if (!encrypt && data.length < tagLength / 8) throw operationError('the data is shorter than its tag');
    return succeeded(host.aesGcm(encrypt, dataOf(key), iv, data, additionalData, tagLength / 8));
  };
}

register('encrypt', 'AES-GCM', gcm(true), gcmParameters);
register('decrypt', 'AES-GCM', gcm(false), gcmParameters);

register('wrapKey', 'AES-KW', (_, key, data) => succeeded(host.aesKw(true, dataOf(key), data)));
register('unwrapKey', 'AES-KW', (_, key, data) => succeeded(host.aesKw(false, dataOf(key), data)));

/** Says nothing about why: that could be used against the key. */
function succeeded(result) {
  if (result === null) throw operationError('The operation failed');
  return result;
}
