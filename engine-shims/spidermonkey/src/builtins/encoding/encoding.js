// TextEncoder and TextDecoder: https://encoding.spec.whatwg.org/
import { defineInterface, dictionary, requireArguments, usvString } from '../webidl.js';

const EMPTY = new Uint8Array(0);
const counts = new Uint32Array(2);

export class TextEncoder {
  // No state, but a brand.
  #brand;

  get encoding() {
    this.#brand;
    return 'utf-8';
  }

  encode(input = '') {
    this.#brand;
    return host.utf8Encode(`${input}`);
  }

  encodeInto(source, destination) {
    this.#brand;
    requireArguments(arguments.length, 2, 'TextEncoder.encodeInto');
    source = usvString(source);
    if (!isUint8Array(destination)) throw new TypeError('TextEncoder.encodeInto: destination is not a Uint8Array');
    host.utf8EncodeInto(source, destination, counts);
    return { read: counts[0], written: counts[1] };
  }
}

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
).get;

function isUint8Array(value) {
  return ArrayBuffer.isView(value) && Reflect.apply(typedArrayName, value, []) === 'Uint8Array';
}

export function isBufferSource(value) {
  return ArrayBuffer.isView(value) || isArrayBuffer(value);
}

const byteLength = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, 'byteLength').get;
const sharedByteLength =
  typeof SharedArrayBuffer === 'undefined'
    ? null
    : Object.getOwnPropertyDescriptor(SharedArrayBuffer.prototype, 'byteLength').get;

export function isArrayBuffer(value) {
  if (typeof value !== 'object' || value === null) return false;
  try {
    Reflect.apply(byteLength, value, []);
    return true;
  } catch {
    return false;
  }
}

function isSharedArrayBuffer(value) {
  if (sharedByteLength === null || typeof value !== 'object' || value === null) return false;
  try {
    Reflect.apply(sharedByteLength, value, []);
    return true;
  } catch {
    return false;
  }
}

export class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  /** Number of the native decoder while streaming. */
  #decoder = 0;

  constructor(label = 'utf-8', options = undefined) {
    const name = host.encodingForLabel(`${label}`);
    options = dictionary(options, 'TextDecoder: options');
    if (name === null) throw new RangeError(`TextDecoder: unknown encoding '${label}'`);
    this.#encoding = name;
    this.#fatal = !!options?.fatal;
    this.#ignoreBOM = !!options?.ignoreBOM;
  }

  get encoding() {
    return this.#encoding;
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input = undefined, options = undefined) {
    const encoding = this.#encoding;
    if (input === undefined) input = EMPTY;
    else if (isSharedArrayBuffer(input)) input = new Uint8Array(input).slice();
    else if (!isBufferSource(input)) throw new TypeError('TextDecoder.decode: not an ArrayBuffer or a view of one');
    const stream = !!dictionary(options, 'TextDecoder.decode: options')?.stream;
    let result;
    if (!stream && this.#decoder === 0) {
      result = host.decode(encoding, input, this.#fatal, this.#ignoreBOM);
    } else {
      if (this.#decoder === 0) this.#decoder = host.decoderCreate(encoding, this.#ignoreBOM);
      const decoder = this.#decoder;
      if (!stream) this.#decoder = 0;
      result = host.decoderDecode(decoder, input, this.#fatal, !stream);
      if (result === null) this.#decoder = 0; // the native one is gone too
    }
    if (result === null) throw new TypeError(`TextDecoder.decode: the bytes are not valid ${encoding}`);
    return result;
  }
}

export function install() {
  defineInterface({ TextEncoder });
  defineInterface({ TextDecoder });
}
