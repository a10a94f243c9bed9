// multipart/form-data: https://html.spec.whatwg.org/#multipart-form-data (writing), RFC 7578 (reading)
import { FormData, entriesOf } from './form_data.js';
import { randomBytes } from '../crypto/random.js';
import { bytesOfBlob, concatenate, createBlob, createFile } from '../blob/blob.js';

const CRLF = '\r\n';
const BOUNDARY_RANDOM_BYTES = 12;

/** The body of a form, and its type. */
export function encodeMultipart(form) {
  const boundary = `----formdata-${hex(randomBytes(BOUNDARY_RANDOM_BYTES))}`;
  const chunks = [];
  const entries = entriesOf(form);
  for (let at = 0; at < entries.length; at += 2) {
    const value = entries[at + 1];
    let head = `--${boundary}${CRLF}Content-Disposition: form-data; name="${escape(newlines(entries[at]))}"`;
    if (typeof value === 'string') {
      chunks.push(host.utf8Encode(`${head}${CRLF}${CRLF}${newlines(value)}${CRLF}`));
    } else {
      head += `; filename="${escape(value.name)}"${CRLF}Content-Type: ${value.type || 'application/octet-stream'}`;
      chunks.push(host.utf8Encode(head + CRLF + CRLF), bytesOfBlob(value), host.utf8Encode(CRLF));
    }
  }
  chunks.push(host.utf8Encode(`--${boundary}--${CRLF}`));
  return { bytes: concatenate(chunks), type: `multipart/form-data; boundary=${boundary}` };
}

function hex(bytes) {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function newlines(text) {
  return text.replace(/\r\n|\r|\n/g, CRLF);
}

function escape(text) {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

/** A form from its body, or null if it is not well formed. Works on Latin-1 text, so that a position is a byte. */
export function decodeMultipart(bytes, boundary) {
  const text = host.latin1(bytes);
  const delimiter = `--${boundary}`;
  const form = new FormData();
  if (!text.startsWith(delimiter)) return null;
  let at = delimiter.length;
  for (;;) {
    if (text.startsWith('--', at)) return form;
    if (!text.startsWith(CRLF, at)) return null;
    at += CRLF.length;
    const headEnd = text.indexOf(CRLF + CRLF, at - CRLF.length);
    if (headEnd < 0) return null;
    const part = parseHead(text.slice(at, Math.max(at, headEnd)));
    const start = headEnd + 2 * CRLF.length;
    const end = text.indexOf(CRLF + delimiter, start);
    if (part === null || end < 0) return null;
    appendPart(form, part, bytes.subarray(start, end));
    at = end + CRLF.length + delimiter.length;
  }
}

function appendPart(form, { name, filename, type }, bytes) {
  if (filename === undefined) {
    form.append(name, host.decode('utf-8', bytes, false, false));
  } else {
    form.append(name, createFile(createBlob(bytes.slice(), type), filename));
  }
}

const DISPOSITION = /^form-data;\s*name="([^"]*)"(?:;\s*filename="([^"]*)")?/i;

function parseHead(head) {
  const part = { name: undefined, filename: undefined, type: 'text/plain' };
  for (const line of head.split(CRLF)) {
    const colon = line.indexOf(':');
    if (colon < 1) return null;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'content-disposition') {
      const match = DISPOSITION.exec(value);
      if (match === null) return null;
      part.name = unescape(match[1]);
      if (match[2] !== undefined) part.filename = unescape(match[2]);
    } else if (name === 'content-type') {
      part.type = value;
    }
  }
  return part.name === undefined ? null : part;
}

function unescape(latin1) {
  const text = latin1.replace(/%0A/gi, '\n').replace(/%0D/gi, '\r').replace(/%22/g, '"');
  return host.decode('utf-8', Uint8Array.from(text, (character) => character.charCodeAt(0)), false, false);
}
