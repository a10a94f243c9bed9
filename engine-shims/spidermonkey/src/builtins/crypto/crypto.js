// Crypto: https://w3c.github.io/webcrypto/#crypto-interface
import { defineInterface, expose, illegalConstructor, requireArguments } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { install as installKey } from './key.js';
import { install as installNode } from './node.js';
import { install as installSubtle, subtle } from './subtle.js';

const INTERNAL = Symbol();
/** https://w3c.github.io/webcrypto/#Crypto-method-getRandomValues */
const RANDOM_BYTES_MAX = 65_536;
const INTEGER_ARRAYS = [
  'Int8Array', 'Int16Array', 'Int32Array', 'BigInt64Array', 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array',
  'Uint32Array', 'BigUint64Array',
];
const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
).get;

class Crypto {
  #brand;

  constructor(token = undefined) {
    if (token !== INTERNAL) illegalConstructor();
  }

  get subtle() {
    this.#brand;
    return subtle;
  }

  getRandomValues(array) {
    this.#brand;
    requireArguments(arguments.length, 1, 'Crypto.getRandomValues');
    if (!ArrayBuffer.isView(array)) throw new TypeError('Crypto.getRandomValues: not a view of an ArrayBuffer');
    if (!INTEGER_ARRAYS.includes(Reflect.apply(typedArrayName, array, []))) {
      throw new DOMException('Not an array of integers', 'TypeMismatchError');
    }
    if (array.byteLength > RANDOM_BYTES_MAX) {
      throw new DOMException(`More than ${RANDOM_BYTES_MAX} bytes at once`, 'QuotaExceededError');
    }
    host.randomBytes(array);
    return array;
  }

  randomUUID() {
    this.#brand;
    const bytes = new Uint8Array(16);
    host.randomBytes(bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40; // version 4
    bytes[8] = (bytes[8] & 0x3f) | 0x80; // variant of RFC 9562
    let text = '';
    for (let at = 0; at < 16; at++) {
      if (at === 4 || at === 6 || at === 8 || at === 10) text += '-';
      text += HEX[bytes[at]];
    }
    return text;
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function install() {
  installKey();
  installSubtle();
  installNode();
  defineInterface({ Crypto });
  expose('crypto', new Crypto(INTERNAL));
}
