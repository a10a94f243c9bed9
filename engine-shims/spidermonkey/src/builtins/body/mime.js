// The MIME type of a message: https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
import { getHeader } from '../headers/headers.js';

/** Values of a list, split at commas that are not quoted. */
const VALUES = /(?:[^",]|"(?:\\[^]|[^"\\])*"?)+/g;

/** As text that can be parsed, or null. Of several values the last one counts, with the charset of those like it. */
export function mimeTypeOf(list) {
  const text = getHeader(list, 'content-type');
  if (text === null || !text.includes(',')) return text;
  let result = null;
  let essence = null;
  let charset = null;
  for (const value of text.match(VALUES) ?? []) {
    const mime = host.mimeParse(value);
    if (mime === null || mime[0] === '*/*') continue;
    result = host.mimeNormalize(value);
    const at = mime.indexOf('charset', 1);
    if (mime[0] !== essence) {
      [essence] = mime;
      charset = at < 0 ? null : mime[at + 1];
    } else if (at < 0 && charset !== null) {
      result += `;charset=${charset}`;
    }
  }
  return result;
}
