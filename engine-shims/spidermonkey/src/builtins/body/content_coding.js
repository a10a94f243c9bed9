// Content codings of responses: https://fetch.spec.whatwg.org/#handle-content-codings
// Readers get what was encoded. Nothing is decoded before somebody reads, so that a response which is only passed on keeps
// its encoded bytes. Its headers tell of the coding while they go with these bytes, and not while readers get others.
import { DecompressionStream } from '../compression/compression.js';
import { getHeader, hasHeader, removeHeader } from '../headers/headers.js';
import { ReadableStream, cancelReader, getReader, pipeThrough, read } from '../stream/stream.js';

const FORMATS = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' };
/** A part of encoded bytes, which means nothing without the rest: https://www.rfc-editor.org/rfc/rfc9110#name-206-partial-content */
const PARTIAL_CONTENT = 206;

class ContentCoding {
  constructor(header, length, formats) {
    this.header = header;
    /** `content-length` of the encoded bytes, or null. */
    this.length = length;
    /** Formats to undo, in order. */
    this.formats = formats;
  }
}

/**
 * How the body of a response with these headers is encoded, if it is to be decoded for readers; the headers lose what they
 * say about that. In a coding that we do not know, bytes and headers stay as they are.
 */
export function takeCoding(status, list) {
  const header = getHeader(list, 'content-encoding');
  if (header === null || status === PARTIAL_CONTENT) return null;
  const codings = header.toLowerCase().split(',').map((coding) => coding.trim());
  if (!codings.every((coding) => Object.hasOwn(FORMATS, coding))) return null;
  const length = getHeader(list, 'content-length');
  removeHeader(list, 'content-encoding');
  removeHeader(list, 'content-length');
  return new ContentCoding(header, length, codings.reverse().map((coding) => FORMATS[coding]));
}

/** Whether a response with these headers may have the bytes as they were encoded. */
export function describes(coding, list) {
  const header = getHeader(list, 'content-encoding');
  return header === null || header === coding.header;
}

/** The headers of a response that has the bytes as they were encoded. */
export function withCoding(coding, list) {
  const headers = list.slice();
  removeHeader(headers, 'content-length');
  if (!hasHeader(headers, 'content-encoding')) headers.push('content-encoding', coding.header);
  if (coding.length !== null) headers.push('content-length', coding.length);
  return headers;
}

/** What `incoming` has encoded, decoded. */
export function decodedStream(incoming) {
  let reader = null;

  async function start() {
    const first = await new Promise((resolve, reject) => incoming.read(resolve, reject));
    // An empty body is empty in every coding.
    if (first === null) return null;
    let stream = incoming.bytesAsTheyCome(first);
    for (const format of incoming.coding.formats) stream = pipeThrough(stream, new DecompressionStream(format));
    return getReader(stream);
  }

  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      reader ??= await start();
      let chunk = { done: true, value: undefined };
      if (reader !== null) do chunk = await read(reader); while (!chunk.done && chunk.value.length === 0);
      if (!chunk.done) {
        controller.enqueue(chunk.value);
        return;
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel(reason) {
      if (reader !== null) return cancelReader(reader, reason);
      incoming.abort(new TypeError('The body was canceled'));
      return undefined;
    },
  }, { highWaterMark: 0 });
}
