// Headers: https://fetch.spec.whatwg.org/#headers-class
// A header list is a flat array of lower-case names and values, the form in which it crosses to the host.
import { byteString, defineInterface, isObject, pairIterable, requireArguments, sequence } from '../webidl.js';

export const GUARD_NONE = 0;
export const GUARD_IMMUTABLE = 1;

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What a plain value has none of: whitespace at an end, what may not be in one, what is not a byte. */
const SPECIAL = /^[\t\n\r ]|[\t\n\r ]$|[\0\r\n]|[^\0-\xff]/;
const NOT_A_VALUE = /[\0\r\n]/;

/** Names that need not be checked and lowered each time. */
const KNOWN = new Map();
for (const name of [
  'Accept', 'Accept-Encoding', 'Accept-Language', 'Access-Control-Allow-Headers', 'Access-Control-Allow-Methods',
  'Access-Control-Allow-Origin', 'Age', 'Allow', 'Authorization', 'Cache-Control', 'Connection', 'Content-Disposition',
  'Content-Encoding', 'Content-Language', 'Content-Length', 'Content-Location', 'Content-Range',
  'Content-Security-Policy', 'Content-Type', 'Cookie', 'Date', 'ETag', 'Expires', 'Host', 'If-Match',
  'If-Modified-Since', 'If-None-Match', 'Last-Modified', 'Link', 'Location', 'Origin', 'Range', 'Referer', 'Server',
  'Set-Cookie', 'Strict-Transport-Security', 'Transfer-Encoding', 'User-Agent', 'Vary', 'Via', 'WWW-Authenticate',
  'X-Content-Type-Options', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Powered-By',
  'X-Request-Id',
]) {
  KNOWN.set(name, name.toLowerCase());
  KNOWN.set(name.toLowerCase(), name.toLowerCase());
}

function headerName(value, what) {
  const known = KNOWN.get(value);
  if (known !== undefined) return known;
  const name = byteString(value, what);
  if (!NAME.test(name)) throw new TypeError(`${what}: '${name}' is not a header name`);
  return name.toLowerCase();
}

function headerValue(value, what) {
  let text = typeof value === 'string' ? value : `${value}`;
  if (!SPECIAL.test(text)) return text;
  text = normalizeValue(byteString(text, what));
  if (NOT_A_VALUE.test(text)) throw new TypeError(`${what}: not a header value`);
  return text;
}

export function normalizeValue(text) {
  return text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '');
}

export class Headers {
  #list;
  #guard = GUARD_NONE;
  /** Sorted and combined, as iteration shows them; made on demand. */
  #sorted = null;

  constructor(init = undefined) {
    this.#list = init === undefined ? [] : headerListOf(init);
  }

  append(name, value) {
    const list = this.#list;
    requireArguments(arguments.length, 2, 'Headers.append');
    name = headerName(name, 'Headers.append');
    value = headerValue(value, 'Headers.append');
    this.#mutate();
    list.push(name, value);
  }

  delete(name) {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'Headers.delete');
    name = headerName(name, 'Headers.delete');
    this.#mutate();
    removeHeader(list, name);
  }

  get(name) {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'Headers.get');
    return getHeader(list, headerName(name, 'Headers.get'));
  }

  getSetCookie() {
    const list = this.#list;
    return list.filter((_, at) => at % 2 === 1 && list[at - 1] === 'set-cookie');
  }

  has(name) {
    const list = this.#list;
    requireArguments(arguments.length, 1, 'Headers.has');
    return hasHeader(list, headerName(name, 'Headers.has'));
  }

  set(name, value) {
    const list = this.#list;
    requireArguments(arguments.length, 2, 'Headers.set');
    name = headerName(name, 'Headers.set');
    value = headerValue(value, 'Headers.set');
    this.#mutate();
    setHeader(list, name, value);
  }

  #mutate() {
    if (this.#guard === GUARD_IMMUTABLE) throw new TypeError('Headers: these headers cannot be changed');
    this.#sorted = null;
  }

  static {
    isHeaders = (value) => typeof value === 'object' && value !== null && #list in value;
    listOf = (headers) => headers.#list;
    sortedPairs = (headers) => (headers.#sorted ??= sortAndCombine(headers.#list));
    createHeaders = (list, guard) => {
      const headers = new Headers();
      headers.#list = list;
      headers.#guard = guard;
      return headers;
    };
  }
}

let isHeaders, sortedPairs;
/** The header list itself, shared with whoever else holds it. */
export let listOf;
export let createHeaders;

export function getHeader(list, name) {
  let result = null;
  for (let at = 0; at < list.length; at += 2) {
    if (list[at] === name) result = result === null ? list[at + 1] : `${result}, ${list[at + 1]}`;
  }
  return result;
}

export function hasHeader(list, name) {
  for (let at = 0; at < list.length; at += 2) if (list[at] === name) return true;
  return false;
}

/** Set the first of this name and drop the others. */
export function setHeader(list, name, value) {
  for (let at = 0; at < list.length; at += 2) {
    if (list[at] === name) {
      list[at + 1] = value;
      removeHeader(list, name, at + 2);
      return;
    }
  }
  list.push(name, value);
}

export function removeHeader(list, name, from = 0) {
  let to = from;
  for (let at = from; at < list.length; at += 2) {
    if (list[at] === name) continue;
    list[to] = list[at];
    list[to + 1] = list[at + 1];
    to += 2;
  }
  list.length = to;
}

/** https://fetch.spec.whatwg.org/#concept-headers-fill */
export function headerListOf(init) {
  if (isHeaders(init) && init[Symbol.iterator] === Headers.prototype.entries) return listOf(init).slice();
  const list = [];
  if (!isObject(init)) throw new TypeError('Headers: neither an object nor a sequence');
  const iterator = init[Symbol.iterator];
  if (iterator === undefined || iterator === null) {
    for (const key of Reflect.ownKeys(init)) {
      if (!Reflect.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
      if (typeof key === 'symbol') throw new TypeError('Headers: a name is a symbol');
      const name = byteString(key, 'Headers');
      const value = byteString(init[key], 'Headers');
      list.push(name, value);
    }
  } else {
    for (const entry of sequence(init, 'Headers: argument')) {
      const pair = sequence(entry, 'Headers: an entry');
      if (pair.length !== 2) throw new TypeError('Headers: an entry is not a pair');
      list.push(byteString(pair[0], 'Headers'), byteString(pair[1], 'Headers'));
    }
  }
  for (let at = 0; at < list.length; at += 2) {
    list[at] = headerName(list[at], 'Headers');
    list[at + 1] = headerValue(list[at + 1], 'Headers');
  }
  return list;
}

/** https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine */
function sortAndCombine(list) {
  const names = new Set();
  for (let at = 0; at < list.length; at += 2) names.add(list[at]);
  const result = [];
  for (const name of [...names].sort()) {
    if (name !== 'set-cookie') {
      result.push(name, getHeader(list, name));
    } else {
      for (let at = 0; at < list.length; at += 2) if (list[at] === name) result.push(name, list[at + 1]);
    }
  }
  return result;
}

export function install() {
  pairIterable(Headers, 'Headers', (headers) => sortedPairs(headers));
  defineInterface({ Headers });
}
