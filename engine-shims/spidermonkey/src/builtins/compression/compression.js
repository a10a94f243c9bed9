// CompressionStream and DecompressionStream: https://compression.spec.whatwg.org/. The codecs are the crate `flate2`.
import { defineInterface, requireArguments } from '../webidl.js';
import { isBufferSource } from '../encoding/encoding.js';
import { TransformStream, writable } from '../stream/stream.js';

const FORMATS = ['deflate', 'deflate-raw', 'gzip'];

/** A transform over a native codec: `host.codecWrite(id, bytes)` and `host.codecFinish(id)` give output, or throw. */
function codecTransform(format, compress, what) {
  requireFormat(format, what);
  const codec = host.codecCreate(format, compress);
  const stream = new TransformStream({
    transform(chunk, controller) {
      if (!isBufferSource(chunk)) throw new TypeError(`${what}: a chunk is not an ArrayBuffer or a view of one`);
      const output = host.codecWrite(codec, chunk);
      if (output === null) return undefined;
      controller.enqueue(output);
      const next = host.codecMore(codec);
      return next === null ? undefined : emit(next, controller);
    },
    flush(controller) {
      const output = host.codecFinish(codec);
      if (output.length > 0) controller.enqueue(output);
    },
    cancel() {
      host.codecDrop(codec);
    },
  });

  /** The rest of a chunk's output, a piece whenever the reader has room: one small chunk can become a thousand times more. */
  async function emit(next, controller) {
    for (let output = next; output !== null; output = host.codecMore(codec)) {
      if (controller.desiredSize <= 0) await writable(stream);
      controller.enqueue(output);
    }
  }

  return stream;
}

function requireFormat(format, what) {
  if (!FORMATS.includes(format)) throw new TypeError(`${what}: format '${format}' is not one of ${FORMATS.join(', ')}`);
}

class CompressionStream {
  #transform;

  constructor(format) {
    requireArguments(arguments.length, 1, 'CompressionStream');
    this.#transform = codecTransform(`${format}`, true, 'CompressionStream');
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }
}

export class DecompressionStream {
  #transform;

  constructor(format) {
    requireArguments(arguments.length, 1, 'DecompressionStream');
    this.#transform = codecTransform(`${format}`, false, 'DecompressionStream');
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }
}

export function install() {
  defineInterface({ CompressionStream });
  defineInterface({ DecompressionStream });
}
