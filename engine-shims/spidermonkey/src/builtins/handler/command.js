// What a command has besides its arguments: `main(args, { env, stdin, stdout })`.
import { IncomingBody } from '../body/incoming.js';
import { settled } from '../operation.js';
import { WritableStream } from '../stream/stream.js';
import { environment } from './environment.js';

/** Where standard input is found: where a request's own body is, and never complete. */
const REQUEST = 0;
const STREAMING = 2;

export function commandContext() {
  return {
    env: environment,
    stdin: new IncomingBody(REQUEST, STREAMING).stream(),
    stdout: new WritableStream({ write }),
  };
}

async function write(chunk) {
  if (!(chunk instanceof Uint8Array)) {
    throw new TypeError('A chunk of standard output must be a Uint8Array; text goes through a TextEncoderStream');
  }
  const wait = host.responseChunk(chunk);
  if (wait !== 0) await settled(wait);
}
