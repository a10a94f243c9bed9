// A body that comes from the host: that of the request, or of a response to an outbound one.
import { CHUNK, END, ERROR, cancel, wait } from '../operation.js';
import { decodedStream } from './content_coding.js';
import { concatenate } from '../blob/blob.js';
import { ReadableStream } from '../stream/stream.js';

/** Longest piece asked for, in bytes: a page of the host's connection buffers, times four. */
const CHUNK_BYTES = 65_536;

const COMPLETE = 1;

export class IncomingBody {
  /** `fetch`: operation id of the outbound request it answers, 0 for the request being handled. */
  constructor(fetch, kind) {
    this.fetch = fetch;
    this.kind = kind;
    /** How it is encoded, if readers get it decoded: a ContentCoding. */
    this.coding = null;
    /** Called once, when nothing more will be read. */
    this.onEnd = null;
    this.failure = null;
    this.pending = 0;
    this.controller = null;
  }

  get isStreaming() {
    return this.kind !== COMPLETE;
  }

  /** All bytes, or a promise of them. */
  bytes() {
    if (!this.isStreaming) return new Uint8Array(host.requestBody());
    return new Promise((resolve, reject) => {
      const chunks = [];
      const next = (chunk) => {
        if (chunk === null) resolve(chunks.length === 0 ? new Uint8Array(0) : concatenate(chunks));
        else {
          chunks.push(chunk);
          this.read(next, reject);
        }
      };
      this.read(next, reject);
    });
  }

  /** The text of a complete body. */
  text() {
    return host.requestBodyText();
  }

  /** The next piece, null at the end. */
  read(resolve, reject) {
    if (this.failure !== null) {
      reject(this.failure.reason);
      return;
    }
    this.reject = reject;
    this.pending = host.readBody(this.fetch, CHUNK_BYTES);
    wait(this.pending, (outcome, a) => {
      this.pending = 0;
      this.reject = null;
      if (outcome === CHUNK) {
        resolve(a);
        return;
      }
      this.end();
      if (outcome === END) resolve(null);
      else reject(new TypeError(outcome === ERROR ? a : 'The body ended unexpectedly'));
    });
  }

  end() {
    const { onEnd } = this;
    this.onEnd = null;
    if (onEnd !== null) onEnd();
  }

  /** Stop: readers fail with `reason`. */
  abort(reason) {
    if (this.failure !== null) return;
    this.failure = { reason };
    if (this.pending !== 0) cancel(this.pending);
    this.pending = 0;
    // Frees the connection.
    if (this.fetch !== 0) cancel(this.fetch);
    const { reject } = this;
    this.reject = null;
    if (reject) reject(reason);
    else this.controller?.error(reason);
    this.end();
  }

  /** The stream for readers. */
  stream() {
    const stream = this.coding === null ? this.bytesAsTheyCome() : decodedStream(this);
    sources.set(stream, this);
    return stream;
  }

  /** What comes from the host, after `first`, a piece that was read already. */
  bytesAsTheyCome(first = null) {
    const body = this;
    return new ReadableStream({
      type: 'bytes',
      start(controller) {
        body.controller = controller;
        if (first !== null) controller.enqueue(first);
        if (body.failure !== null) controller.error(body.failure.reason);
      },
      pull(controller) {
        return new Promise((resolve, reject) => {
          if (!body.isStreaming) {
            const bytes = new Uint8Array(host.requestBody());
            if (bytes.length > 0) controller.enqueue(bytes);
            close(controller);
            resolve();
            return;
          }
          body.read((chunk) => {
            if (chunk === null) close(controller);
            else controller.enqueue(chunk);
            resolve();
          }, reject);
        });
      },
      cancel() {
        body.controller = null;
        body.abort(new TypeError('The body was canceled'));
      },
    }, { highWaterMark: 0 });
  }
}

const sources = new WeakMap();

/** The body that `stream` was made for, if any. */
export function sourceOf(stream) {
  return sources.get(stream);
}

function close(controller) {
  controller.close();
  controller.byobRequest?.respond(0);
}
