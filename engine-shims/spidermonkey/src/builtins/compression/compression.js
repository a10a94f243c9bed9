// CompressionStream and DecompressionStream: https://compression.spec.whatwg.org/. The codecs are the crate `flate2`.
import { defineInterface, requireArguments } from '../webidl.js';
import { isBufferSource } from '../encoding/encoding.js';
import { TransformStream } from '../stream/stream.js';

const FORMATS = ['deflate', 'deflate-raw', 'gzip'];

/** A transform over a native codec: `host.codecWrite(id, bytes)` and `host.codecFinish(id)` give output, or throw. */
function codecTransform(format, compress, what) {
  requireFormat(format, what);
  const codec = host.codecCreate(format, compress);
  const emit = (controller, output) => {
    if (output.length > 0) controller.enqueue(output);
  };
  return new TransformStream({
    transform(chunk, controller) {
      if (!isBufferSource(chunk)) throw new TypeError(`${what}: a chunk is not an ArrayBuffer or a view of one`);
      // In pieces, so that one small chunk cannot become more output than the reader asked for at once.
      emitAll(codec, chunk, controller, emit);
    },
    flush(controller) {
      emit(controller, host.codecFinish(codec));
    },
    cancel() {
      host.codecDrop(codec);
    },
  });
}

function emitAll(codec, chunk, controller, emit) {
  let output = host.codecWrite(codec, chunk);
  while (output !== null) {
    emit(controller, output);
    output = host.codecMore(codec);
  }
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
