// HKDF and PBKDF2: https://w3c.github.io/webcrypto/#hkdf https://w3c.github.io/webcrypto/#pbkdf2
import { hash, notSupported, operationError, register, required, requiredBytes, syntaxError, unsignedLong } from './algorithm.js';
import { checkUsages, createKey, dataOf } from './key.js';

const ALLOWED = ['deriveKey', 'deriveBits'];

function importKey(format, keyData, { name }, extractable, usages) {
  if (format !== 'raw') throw notSupported(`${name} keys have no format ${format}`);
  checkUsages(usages, ALLOWED);
  if (extractable) throw syntaxError(`${name} keys cannot be extractable`);
  return createKey('secret', false, { name }, usages, keyData);
}

function bytesOf(length) {
  if (length === null || length === undefined || length % 8 !== 0) {
    throw operationError('the length is not a multiple of 8 bits');
  }
  return length / 8;
}

for (const name of ['HKDF', 'PBKDF2']) {
  register('importKey', name, importKey);
  register('get key length', name, () => null);
}

register('deriveBits', 'HKDF', ({ hash: hashName, salt, info }, key, length) => {
  const size = bytesOf(length);
  const result = host.hkdf(hashName, dataOf(key), salt, info, size);
  if (result === null) throw operationError('more bits than HKDF can derive');
  return result;
}, (dictionary) => {
  const hashName = hash(dictionary);
  const info = requiredBytes(dictionary, 'info');
  return { hash: hashName, info, salt: requiredBytes(dictionary, 'salt') };
});

register('deriveBits', 'PBKDF2', ({ hash: hashName, salt, iterations }, key, length) => {
  const size = bytesOf(length);
  if (iterations === 0) throw operationError('iterations is 0');
  return host.pbkdf2(hashName, dataOf(key), salt, iterations, size);
}, (dictionary) => {
  const hashName = hash(dictionary);
  const iterations = unsignedLong(required(dictionary, 'iterations'), 'iterations');
  return { hash: hashName, iterations, salt: requiredBytes(dictionary, 'salt') };
});
