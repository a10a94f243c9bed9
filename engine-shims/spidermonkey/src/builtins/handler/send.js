// A response on its way out: in one call when its body is complete, else piece by piece as fast as the client takes it.
import { settled } from '../operation.js';
import { chunksOf, codingOf, completePayload, isUnusable } from '../body/body.js';
import { describes, withCoding } from '../body/content_coding.js';
import { responseBody, responseHeaders } from '../response/response.js';
import { reportException } from '../event/report.js';

const EXCEPTION = 2;
const NOT_A_RESPONSE = 7;

/** Send `response` and call `done` when all of it is gone. */
export function sendResponse(response, done) {
  const { status, statusText } = response;
  let headers = responseHeaders(response);
  const body = responseBody(response);
  if (status === 0) {
    host.fail(NOT_A_RESPONSE, 'Response.error()');
    return;
  }
  if (isUnusable(body)) {
    host.fail(EXCEPTION, new TypeError('The body of the response was already used'));
    return;
  }
  const coding = body === null ? null : codingOf(body);
  const encoded = coding !== null && describes(coding, headers);
  if (encoded) headers = withCoding(coding, headers);
  const payload = body === null ? null : completePayload(body, encoded);
  try {
    host.respond(status, headers, payload, statusText);
  } catch (error) {
    host.fail(EXCEPTION, error);
    return;
  }
  if (payload === undefined) pump(chunksOf(body, encoded), done);
  else done();
}

async function pump(chunks, done) {
  let ok = true;
  try {
    for (;;) {
      const chunk = await chunks.next();
      if (chunk === null) break;
      const wait = host.responseChunk(chunk);
      if (wait !== 0) await settled(wait);
    }
  } catch (error) {
    ok = false;
    chunks.cancel(error);
    reportException(error);
  }
  host.responseEnd(ok);
  done();
}
