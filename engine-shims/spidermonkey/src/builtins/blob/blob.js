// Blob and File: https://w3c.github.io/FileAPI/
import {
  clampLongLong, defineInterface, dictionary, isObject, requireArguments, sequence, usvString,
} from '../webidl.js';
import { isArrayBuffer } from '../encoding/encoding.js';
import { ReadableStream } from '../stream/stream.js';

/** Longest piece that `stream()` gives at once, in bytes: that of the host's own body chunks. */
const CHUNK_BYTES = 65_536;
const NOT_PRINTABLE = /[^\x20-\x7e]/;

export class Blob {
  /** Never changed, so blobs may share it. */
  #bytes;
  #type = '';

  constructor(parts = undefined, options = undefined) {
    const list = parts === undefined ? [] : sequence(parts, 'Blob: parts', convertPart);
    options = dictionary(options, 'Blob: options');
    let native = false;
    let type = '';
    if (options !== undefined) {
      const { endings, type: given } = options;
      if (endings !== undefined) native = isNative(endings);
      if (given !== undefined) type = `${given}`;
    }
    this.#bytes = concatenate(list.map((part) => bytesOfPart(part, native)));
    this.#type = normalizeType(type);
  }

  get size() {
    return this.#bytes.length;
  }

  get type() {
    return this.#type;
  }

  slice(start = undefined, end = undefined, contentType = '') {
    const bytes = this.#bytes;
    const from = relative(start, 0, bytes.length);
    const to = relative(end, bytes.length, bytes.length);
    return createBlob(bytes.subarray(from, Math.max(from, to)), normalizeType(`${contentType}`));
  }

  async text() {
    return host.decode('utf-8', this.#bytes, false, true);
  }

  async arrayBuffer() {
    return this.#bytes.slice().buffer;
  }

  async bytes() {
    return this.#bytes.slice();
  }

  stream() {
    const bytes = this.#bytes;
    let at = 0;
    return new ReadableStream({
      type: 'bytes',
      pull(controller) {
        if (at >= bytes.length) {
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        controller.enqueue(bytes.slice(at, at + CHUNK_BYTES));
        at += CHUNK_BYTES;
      },
    }, { highWaterMark: 0 });
  }

  static {
    isBlob = (value) => typeof value === 'object' && value !== null && #bytes in value;
    bytesOfBlob = (blob) => blob.#bytes;
    setBlob = (blob, bytes, type) => {
      blob.#bytes = bytes;
      blob.#type = type;
    };
  }
}

export let isBlob, bytesOfBlob;
let setBlob;

/** A blob of bytes that nobody will change. */
export function createBlob(bytes, type) {
  const blob = new Blob();
  setBlob(blob, bytes, type);
  return blob;
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(bits, name, options = undefined) {
    requireArguments(arguments.length, 2, 'File');
    super(sequence(bits, 'File: bits', convertPart), options);
    this.#name = usvString(name);
    const lastModified = options?.lastModified;
    this.#lastModified = lastModified === undefined ? Math.floor(host.timeOrigin() + host.now()) : toLongLong(lastModified);
  }

  get name() {
    return this.#name;
  }

  get lastModified() {
    return this.#lastModified;
  }

  static {
    isFile = (value) => typeof value === 'object' && value !== null && #name in value;
  }
}

export let isFile;

/** The same content under a file name. */
export function createFile(blob, name, lastModified = undefined) {
  const file = new File([], name, lastModified === undefined ? undefined : { lastModified });
  setBlob(file, bytesOfBlob(blob), blob.type);
  return file;
}

function toLongLong(value) {
  const number = Math.trunc(+value);
  return Number.isFinite(number) ? number + 0 : 0;
}

function isNative(endings) {
  endings = `${endings}`;
  if (endings !== 'transparent' && endings !== 'native') {
    throw new TypeError(`Blob: endings '${endings}' is neither transparent nor native`);
  }
  return endings === 'native';
}

function convertPart(part) {
  if (isBlob(part) || isArrayBuffer(part) || ArrayBuffer.isView(part)) return part;
  return usvString(part);
}

function bytesOfPart(part, native) {
  if (typeof part === 'string') return host.utf8Encode(native ? part.replace(/\r\n?/g, '\n') : part);
  if (isObject(part) && isBlob(part)) return bytesOfBlob(part);
  return copyBytes(part);
}

/** The bytes of an ArrayBuffer or view, copied. */
export function copyBytes(source) {
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice();
  return new Uint8Array(source).slice();
}

export function concatenate(chunks) {
  if (chunks.length === 1) return chunks[0];
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const result = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    result.set(chunk, at);
    at += chunk.length;
  }
  return result;
}

function normalizeType(type) {
  return NOT_PRINTABLE.test(type) ? '' : type.toLowerCase();
}

function relative(position, missing, size) {
  if (position === undefined) return missing;
  const number = clampLongLong(position);
  return number < 0 ? Math.max(size + number, 0) : Math.min(number, size);
}

export function install() {
  defineInterface({ Blob });
  defineInterface({ File });
}
