// CryptoKey: https://w3c.github.io/webcrypto/#cryptokey-interface
import { defineInterface, illegalConstructor } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { registerPlatformClass } from '../structured_clone/structured_clone.js';

const INTERNAL = Symbol();

/** In the order in which the specification lists them, which is that of a key's `usages`. */
export const USAGES = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'];

export class CryptoKey {
  #type;
  #extractable;
  #algorithm;
  #usages;
  /** What the natives take: raw bytes, or DER for RSA. */
  #data;

  constructor(token = undefined, type, extractable, algorithm, usages, data) {
    if (token !== INTERNAL) illegalConstructor();
    this.#type = type;
    this.#extractable = extractable;
    this.#algorithm = algorithm;
    this.#usages = usages;
    this.#data = data;
  }

  get type() {
    return this.#type;
  }

  get extractable() {
    return this.#extractable;
  }

  get algorithm() {
    return this.#algorithm;
  }

  get usages() {
    return this.#usages;
  }

  static {
    isCryptoKey = (value) => typeof value === 'object' && value !== null && #data in value;
    dataOf = (key) => key.#data;
  }
}

export let isCryptoKey, dataOf;

export function createKey(type, extractable, algorithm, usages, data) {
  const sorted = USAGES.filter((usage) => usages.includes(usage));
  return new CryptoKey(INTERNAL, type, extractable, algorithm, sorted, data);
}

/** SyntaxError for a usage that the kind of key does not have. */
export function checkUsages(usages, allowed) {
  for (const usage of usages) {
    if (!allowed.includes(usage)) throw new DOMException(`The key cannot be used to ${usage}`, 'SyntaxError');
  }
}

export function only(usages, allowed) {
  return usages.filter((usage) => allowed.includes(usage));
}

export function install() {
  registerPlatformClass({
    name: 'CryptoKey',
    is: isCryptoKey,
    clone: (key) => createKey(key.type, key.extractable, key.algorithm, key.usages, dataOf(key)),
  });
  defineInterface({ CryptoKey });
}
