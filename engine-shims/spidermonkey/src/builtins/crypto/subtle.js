// SubtleCrypto: https://w3c.github.io/webcrypto/#subtlecrypto-interface
import { defineInterface, enumeration, illegalConstructor, requireArguments, sequence } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { isArrayBuffer } from '../encoding/encoding.js';
import { bytes, dataError, normalize, syntaxError, unsignedLong } from './algorithm.js';
import { toJwk } from './jwk.js';
import { USAGES, isCryptoKey } from './key.js';
import './hash.js';
import './hmac.js';
import './aes.js';
import './kdf.js';
import './rsa.js';
import './ec.js';
import './okp.js';

const INTERNAL = Symbol();
const FORMATS = ['raw', 'spki', 'pkcs8', 'jwk'];

function keyArgument(value) {
  if (!isCryptoKey(value)) throw new TypeError('SubtleCrypto: not a CryptoKey');
  return value;
}

function usagesArgument(value) {
  return sequence(value, 'keyUsages').map((usage) => enumeration(usage, USAGES, 'keyUsages'));
}

/** The key must be of the algorithm, and made for this. */
function checkKey(key, name, usage) {
  if (key.algorithm.name !== name) throw new DOMException(`The key is not one of ${name}`, 'InvalidAccessError');
  if (!key.usages.includes(usage)) throw new DOMException(`The key may not be used to ${usage}`, 'InvalidAccessError');
}

/** What `encrypt`, `decrypt`, `sign` and `verify` do: check everything in the order of the standard, then perform it. */
function useKey(operation, algorithm, key, buffers) {
  key = keyArgument(key);
  const inputs = Object.entries(buffers).map(([name, buffer]) => bytes(buffer, name));
  const normalized = normalize(operation, algorithm);
  checkKey(key, normalized.name, operation);
  return normalized.implementation(normalized, key, ...inputs);
}

/** Secret and private keys that can do nothing are a mistake. */
function checkUseful(result) {
  const key = isCryptoKey(result) ? result : result.privateKey;
  if (key.type !== 'public' && key.usages.length === 0) throw syntaxError('The key has no usages');
  return result;
}

function exportAs(format, key) {
  const { implementation } = normalize('exportKey', key.algorithm.name);
  if (!key.extractable) throw new DOMException('The key cannot be extracted', 'InvalidAccessError');
  return implementation(format, key);
}

function keyLength(algorithm) {
  const normalized = normalize('get key length', algorithm);
  return normalized.implementation(normalized);
}

/** Wrap by the operation itself, else by encryption. */
function normalizeWrapping(operation, fallback, algorithm) {
  try {
    return normalize(operation, algorithm);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return normalize(fallback, algorithm);
  }
}

class SubtleCrypto {
  #brand;

  constructor(token = undefined) {
    if (token !== INTERNAL) illegalConstructor();
  }

  async encrypt(algorithm, key, data) {
    this.#brand;
    requireArguments(arguments.length, 3, 'SubtleCrypto.encrypt');
    return useKey('encrypt', algorithm, key, { data });
  }

  async decrypt(algorithm, key, data) {
    this.#brand;
    requireArguments(arguments.length, 3, 'SubtleCrypto.decrypt');
    return useKey('decrypt', algorithm, key, { data });
  }

  async sign(algorithm, key, data) {
    this.#brand;
    requireArguments(arguments.length, 3, 'SubtleCrypto.sign');
    return useKey('sign', algorithm, key, { data });
  }

  async verify(algorithm, key, signature, data) {
    this.#brand;
    requireArguments(arguments.length, 4, 'SubtleCrypto.verify');
    return useKey('verify', algorithm, key, { signature, data });
  }

  async digest(algorithm, data) {
    this.#brand;
    requireArguments(arguments.length, 2, 'SubtleCrypto.digest');
    data = bytes(data, 'data');
    return normalize('digest', algorithm).implementation(data);
  }

  async generateKey(algorithm, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 3, 'SubtleCrypto.generateKey');
    extractable = !!extractable;
    const usages = usagesArgument(keyUsages);
    const normalized = normalize('generateKey', algorithm);
    return checkUseful(normalized.implementation(normalized, extractable, usages));
  }

  async deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 5, 'SubtleCrypto.deriveKey');
    baseKey = keyArgument(baseKey);
    extractable = !!extractable;
    const usages = usagesArgument(keyUsages);
    const normalized = normalize('deriveBits', algorithm);
    const target = normalize('importKey', derivedKeyType);
    const length = keyLength(derivedKeyType);
    checkKey(baseKey, normalized.name, 'deriveKey');
    const secret = normalized.implementation(normalized, baseKey, length);
    return checkUseful(target.implementation('raw', new Uint8Array(secret), target, extractable, usages));
  }

  async deriveBits(algorithm, baseKey, length = null) {
    this.#brand;
    requireArguments(arguments.length, 2, 'SubtleCrypto.deriveBits');
    baseKey = keyArgument(baseKey);
    if (length !== null && length !== undefined) length = unsignedLong(length, 'length');
    const normalized = normalize('deriveBits', algorithm);
    checkKey(baseKey, normalized.name, 'deriveBits');
    return normalized.implementation(normalized, baseKey, length);
  }

  async importKey(format, keyData, algorithm, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 5, 'SubtleCrypto.importKey');
    format = enumeration(format, FORMATS, 'format');
    const isBytes = isArrayBuffer(keyData) || ArrayBuffer.isView(keyData);
    keyData = isBytes ? bytes(keyData, 'keyData') : toJwk(keyData);
    extractable = !!extractable;
    const usages = usagesArgument(keyUsages);
    const normalized = normalize('importKey', algorithm);
    if ((format === 'jwk') === isBytes) throw new TypeError(`SubtleCrypto.importKey: not key data of format ${format}`);
    return checkUseful(normalized.implementation(format, keyData, normalized, extractable, usages));
  }

  async exportKey(format, key) {
    this.#brand;
    requireArguments(arguments.length, 2, 'SubtleCrypto.exportKey');
    format = enumeration(format, FORMATS, 'format');
    return exportAs(format, keyArgument(key));
  }

  async wrapKey(format, key, wrappingKey, wrapAlgorithm) {
    this.#brand;
    requireArguments(arguments.length, 4, 'SubtleCrypto.wrapKey');
    format = enumeration(format, FORMATS, 'format');
    key = keyArgument(key);
    wrappingKey = keyArgument(wrappingKey);
    const normalized = normalizeWrapping('wrapKey', 'encrypt', wrapAlgorithm);
    checkKey(wrappingKey, normalized.name, 'wrapKey');
    const exported = exportAs(format, key);
    const data = format === 'jwk' ? host.utf8Encode(JSON.stringify(exported)) : new Uint8Array(exported);
    return normalized.implementation(normalized, wrappingKey, data);
  }

  async unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
    this.#brand;
    requireArguments(arguments.length, 7, 'SubtleCrypto.unwrapKey');
    format = enumeration(format, FORMATS, 'format');
    wrappedKey = bytes(wrappedKey, 'wrappedKey');
    unwrappingKey = keyArgument(unwrappingKey);
    extractable = !!extractable;
    const usages = usagesArgument(keyUsages);
    const normalized = normalizeWrapping('unwrapKey', 'decrypt', unwrapAlgorithm);
    const target = normalize('importKey', unwrappedKeyAlgorithm);
    checkKey(unwrappingKey, normalized.name, 'unwrapKey');
    const data = new Uint8Array(normalized.implementation(normalized, unwrappingKey, wrappedKey));
    const keyData = format === 'jwk' ? parseJwk(data) : data;
    return checkUseful(target.implementation(format, keyData, target, extractable, usages));
  }
}

function parseJwk(data) {
  let value;
  try {
    value = JSON.parse(host.decode('utf-8', data, false, false));
  } catch {
    throw dataError('the unwrapped key is not JSON');
  }
  const jwk = toJwk(value);
  if (jwk.kty === undefined) throw dataError('kty is missing');
  return jwk;
}

export const subtle = new SubtleCrypto(INTERNAL);

export function install() {
  defineInterface({ SubtleCrypto });
}
