// Content codings of responses: https://fetch.spec.whatwg.org/#handle-content-codings
import { Body, streamOf } from '../body/body.js';
import { DecompressionStream } from '../compression/compression.js';
import { getHeader } from '../headers/headers.js';
import { pipeThrough } from '../stream/stream.js';

const FORMATS = { gzip: 'gzip', 'x-gzip': 'gzip', deflate: 'deflate' };

/** The body as the application sees it; one in a coding we do not know stays as it is. */
export function decodeContent(body, list) {
  const header = getHeader(list, 'content-encoding');
  if (header === null) return body;
  const codings = header.toLowerCase().split(',').map((coding) => coding.trim());
  if (!codings.every((coding) => Object.hasOwn(FORMATS, coding))) return body;
  let stream = streamOf(body);
  for (const coding of codings.reverse()) stream = pipeThrough(stream, new DecompressionStream(FORMATS[coding]));
  return new Body(null, stream);
}
