// Bodies of requests and responses: https://fetch.spec.whatwg.org/#body-mixin
// A body keeps its source (text, bytes, what the host holds) for as long as nobody asks for a stream of it.
import { include, usvString } from '../webidl.js';
import { bytesOfBlob, concatenate, copyBytes, createBlob, isBlob } from '../blob/blob.js';
import { isArrayBuffer } from '../encoding/encoding.js';
import { FormData, isFormData } from '../form_data/form_data.js';
import { decodeMultipart, encodeMultipart } from '../form_data/multipart.js';
import { mimeTypeOf } from './mime.js';
import {
  ReadableStream, TransformStream, cancelReader, disturb, getReader, isDisturbed, isLocked, isReadableStream, pipeThrough, read,
  tee,
} from '../stream/stream.js';
import { isSearchParams } from '../url/search_params.js';
import { IncomingBody, sourceOf } from './incoming.js';

export class Body {
  constructor(source, stream) {
    /** A string, a Uint8Array nobody else has, an IncomingBody, or null when there is only a stream. */
    this.source = source;
    this.stream = stream;
    this.used = false;
    this.formType = undefined;
  }
}

const FORM_TYPE = 'application/x-www-form-urlencoded;charset=UTF-8';
const TEXT_TYPE = 'text/plain;charset=UTF-8';

/** The content type that goes with a body init, null if none does. Call `extractBody` first. */
export function contentTypeOf(init, body) {
  if (typeof init === 'string') return TEXT_TYPE;
  if (body.formType !== undefined) return body.formType;
  if (isBlob(init)) return init.type === '' ? null : init.type;
  if (isSearchParams(init)) return FORM_TYPE;
  return body.source !== null && typeof body.source === 'string' ? TEXT_TYPE : null;
}

/** What an async iterable gives; texts are UTF-8, as elsewhere. */
async function* piecesOf(iterable) {
  for await (const piece of iterable) yield typeof piece === 'string' ? host.utf8Encode(piece) : piece;
}

/** https://fetch.spec.whatwg.org/#concept-bodyinit-extract */
export function extractBody(init) {
  if (typeof init === 'string') return new Body(init, null);
  if (typeof init === 'object' && init !== null) {
    if (isReadableStream(init)) {
      if (isDisturbed(init) || isLocked(init)) throw new TypeError('The body is a stream that was used or is locked');
      return new Body(null, init);
    }
    if (isArrayBuffer(init) || ArrayBuffer.isView(init)) return new Body(copyBytes(init), null);
    if (isBlob(init)) return new Body(bytesOfBlob(init), null);
    if (typeof init[Symbol.asyncIterator] === 'function') return new Body(null, ReadableStream.from(piecesOf(init)));
    if (isFormData(init)) {
      const { bytes, type } = encodeMultipart(init);
      const body = new Body(bytes, null);
      body.formType = type;
      return body;
    }
  }
  return new Body(usvString(init), null);
}

export function isUsed(body) {
  return body !== null && (body.used || (body.stream !== null && isDisturbed(body.stream)));
}

/** "Unusable": read before, or being read. */
export function isUnusable(body) {
  return body !== null && (body.used || (body.stream !== null && (isDisturbed(body.stream) || isLocked(body.stream))));
}

/** The stream that `.body` gives; made when first asked for. */
export function streamOf(body) {
  if (body.stream !== null) return body.stream;
  const { source } = body;
  if (source instanceof IncomingBody) {
    body.stream = source.stream();
  } else {
    body.stream = streamOfBytes(typeof source === 'string' ? host.utf8Encode(source) : source.slice());
  }
  if (body.used) {
    // Whoever used it took the stream, which was not made for that.
    disturb(body.stream);
    getReader(body.stream);
  }
  return body.stream;
}

function streamOfBytes(bytes) {
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  }, { highWaterMark: 0 });
}

/** https://fetch.spec.whatwg.org/#concept-body-clone */
export function cloneBody(body) {
  if (body.stream === null && !(body.source instanceof IncomingBody && body.source.isStreaming)) {
    return new Body(body.source, null);
  }
  const [one, other] = tee(streamOf(body));
  body.stream = one;
  body.source = null;
  return new Body(null, other);
}

/** Hand the body over to another object, which leaves this one used. */
export function moveBody(body) {
  const { source, stream } = body;
  const moved = new Body(source, stream === null ? null : proxyOf(stream));
  body.used = true;
  return moved;
}

/** https://streams.spec.whatwg.org/#readablestream-create-a-proxy */
function proxyOf(stream) {
  return pipeThrough(stream, new TransformStream());
}

/** How the bytes of a body are encoded, if they are still as they came; null if they are not encoded, or were decoded. */
export function codingOf(body) {
  const { source, stream } = body;
  const incoming = stream === null ? source : isDisturbed(stream) ? undefined : sourceOf(stream);
  return incoming instanceof IncomingBody ? incoming.coding : null;
}

/**
 * What the host takes in one piece: text, bytes, or undefined when the body comes in chunks. Uses up the body. Encoded bytes
 * are decoded unless they may be `encoded`, which is then to be said to `chunksOf` as well.
 */
export function completePayload(body, encoded = false) {
  const { source } = body;
  if (!encoded && source instanceof IncomingBody && source.coding !== null) streamOf(body);
  const { stream } = body;
  body.used = true;
  return stream === null && !(source instanceof IncomingBody) ? source : undefined;
}

/**
 * The chunks of a body for the host: `next()` gives a Uint8Array, or null at the end; `cancel(reason)` gives up.
 * What comes from the host and was never looked at goes back to it without passing through a stream.
 */
export function chunksOf(body, encoded = false) {
  body.used = true;
  const decode = !encoded && codingOf(body) !== null;
  const incoming = body.stream === null ? body.source : decode ? null : untouchedSource(body.stream);
  return incoming === null ? new StreamChunks(body.stream) : new IncomingChunks(incoming);
}

function untouchedSource(stream) {
  const incoming = isDisturbed(stream) ? undefined : sourceOf(stream);
  if (incoming === undefined) return null;
  getReader(stream); // locks it
  return incoming;
}

class IncomingChunks {
  constructor(incoming) {
    this.incoming = incoming;
    this.done = false;
  }

  next() {
    const { incoming } = this;
    if (incoming.isStreaming) return new Promise((resolve, reject) => incoming.read(resolve, reject));
    if (this.done) return null;
    this.done = true;
    const bytes = incoming.bytes();
    return bytes.length === 0 ? null : bytes;
  }

  cancel(reason) {
    this.incoming.abort(reason);
  }
}

class StreamChunks {
  constructor(stream) {
    this.reader = getReader(stream);
  }

  async next() {
    const { done, value } = await read(this.reader);
    if (done) return null;
    if (!(value instanceof Uint8Array)) throw new TypeError(NOT_BYTES);
    return value.length === 0 ? this.next() : value;
  }

  cancel(reason) {
    cancelReader(this.reader, reason).catch(() => {});
  }
}

const NOT_BYTES = 'The body is a stream of something else than Uint8Arrays';

/** All bytes of a body, whose stream becomes disturbed. */
function readAll(body) {
  const { source } = body;
  if (source instanceof IncomingBody && source.coding !== null) streamOf(body);
  const { stream } = body;
  body.used = true;
  if (stream !== null) return readStream(stream);
  if (source instanceof IncomingBody) return source.bytes();
  return typeof source === 'string' ? host.utf8Encode(source) : source;
}

async function readStream(stream) {
  const reader = getReader(stream);
  const chunks = [];
  for (;;) {
    const { done, value } = await read(reader);
    if (done) break;
    if (!(value instanceof Uint8Array)) {
      const error = new TypeError(NOT_BYTES);
      cancelReader(reader, error).catch(() => {});
      throw error;
    }
    chunks.push(value);
  }
  return chunks.length === 0 ? new Uint8Array(0) : concatenate(chunks);
}

function readText(body) {
  const { source, stream } = body;
  if (stream === null) {
    if (typeof source === 'string') {
      body.used = true;
      return usvString(source.charCodeAt(0) === 0xfeff ? source.slice(1) : source);
    }
    if (source instanceof IncomingBody && !source.isStreaming) {
      body.used = true;
      return source.text();
    }
  }
  return then(readAll(body), decodeText);
}

/** Continue at once with what is not a promise. */
function then(value, next) {
  return value instanceof Promise ? value.then(next) : next(value);
}

function decodeText(bytes) {
  return host.decode('utf-8', bytes, false, false);
}

function parseForm(bytes, type) {
  const mime = type === null ? null : host.mimeParse(type);
  if (mime !== null && mime[0] === 'multipart/form-data') {
    const boundary = mime.indexOf('boundary', 1);
    const form = boundary < 0 ? null : decodeMultipart(bytes, mime[boundary + 1]);
    if (form !== null) return form;
    throw new TypeError('The body is not well-formed multipart/form-data');
  }
  if (mime !== null && mime[0] === 'application/x-www-form-urlencoded') {
    const form = new FormData();
    // Here a byte order mark is not dropped.
    const pairs = host.queryParse(host.decode('utf-8', bytes, false, true));
    for (let at = 0; at < pairs.length; at += 2) form.append(pairs[at], pairs[at + 1]);
    return form;
  }
  throw new TypeError('The content type is neither multipart/form-data nor application/x-www-form-urlencoded');
}

function blobType(list) {
  const type = mimeTypeOf(list);
  return type === null ? '' : host.mimeNormalize(type);
}

function checkUsable(body) {
  if (isUnusable(body)) throw new TypeError('The body was already used');
}

/**
 * Give a class the members of the Body mixin. `bodyOf(object)` is its body or null, `headersOf(object)` its header list.
 */
export function includeBody(Class, bodyOf, headersOf) {
  include(Class, {
    get body() {
      const body = bodyOf(this);
      return body === null ? null : streamOf(body);
    },
    get bodyUsed() {
      return isUsed(bodyOf(this));
    },
    async arrayBuffer() {
      const body = bodyOf(this);
      checkUsable(body);
      if (body === null) return new ArrayBuffer(0);
      return then(readAll(body), ownBuffer(body));
    },
    async blob() {
      const body = bodyOf(this);
      checkUsable(body);
      const bytes = body === null ? new Uint8Array(0) : await readAll(body);
      return createBlob(bytes, blobType(headersOf(this)));
    },
    async bytes() {
      const body = bodyOf(this);
      checkUsable(body);
      if (body === null) return new Uint8Array(0);
      return then(readAll(body), (bytes) => new Uint8Array(ownBuffer(body)(bytes)));
    },
    async formData() {
      const body = bodyOf(this);
      checkUsable(body);
      const bytes = body === null ? new Uint8Array(0) : await readAll(body);
      return parseForm(bytes, mimeTypeOf(headersOf(this)));
    },
    async json() {
      const body = bodyOf(this);
      checkUsable(body);
      return then(body === null ? '' : readText(body), JSON.parse);
    },
    async text() {
      const body = bodyOf(this);
      checkUsable(body);
      return body === null ? '' : readText(body);
    },
  });
}

/** An ArrayBuffer that the application may keep: bytes of a source may be shared with a clone or a blob. */
function ownBuffer(body) {
  const shared = body.stream === null && body.source instanceof Uint8Array;
  return (bytes) => {
    const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
    return !shared && whole ? bytes.buffer : bytes.slice().buffer;
  };
}
