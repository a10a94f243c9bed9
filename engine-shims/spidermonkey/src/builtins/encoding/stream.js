// TextEncoderStream and TextDecoderStream: https://encoding.spec.whatwg.org/#interface-textdecoderstream
import { defineInterface } from '../webidl.js';
import { TransformStream } from '../stream/stream.js';
import { TextDecoder, isBufferSource } from './encoding.js';

const LEAD = /[\ud800-\udbff]$/;

class TextEncoderStream {
  #transform;

  constructor() {
    /** A surrogate at the end of a chunk, whose other half may begin the next one. */
    let lead = '';
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        const text = lead + `${chunk}`;
        lead = LEAD.test(text) ? text.slice(-1) : '';
        const bytes = host.utf8Encode(lead === '' ? text : text.slice(0, -1));
        if (bytes.length > 0) controller.enqueue(bytes);
      },
      flush(controller) {
        if (lead !== '') controller.enqueue(host.utf8Encode(lead));
      },
    });
  }

  get encoding() {
    this.#transform;
    return 'utf-8';
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }
}

class TextDecoderStream {
  #decoder;
  #transform;

  constructor(label = 'utf-8', options = undefined) {
    const decoder = new TextDecoder(label, options);
    this.#decoder = decoder;
    this.#transform = new TransformStream({
      transform(chunk, controller) {
        if (!isBufferSource(chunk)) throw new TypeError('TextDecoderStream: a chunk is not an ArrayBuffer or a view of one');
        const text = decode.call(decoder, chunk, STREAM);
        if (text !== '') controller.enqueue(text);
      },
      flush(controller) {
        const text = decode.call(decoder);
        if (text !== '') controller.enqueue(text);
      },
    });
  }

  get encoding() {
    return this.#decoder.encoding;
  }

  get fatal() {
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }

  get readable() {
    return this.#transform.readable;
  }

  get writable() {
    return this.#transform.writable;
  }
}

const STREAM = { stream: true };
const { decode } = TextDecoder.prototype;

export function install() {
  defineInterface({ TextEncoderStream });
  defineInterface({ TextDecoderStream });
}
