// URLSearchParams: https://url.spec.whatwg.org/#interface-urlsearchparams
import { defineInterface, isObject, pairIterable, requireArguments, sequence, usvString } from '../webidl.js';

export class URLSearchParams {
  /** Name, value, name, value, … */
  #pairs;
  /** Tells the URL it belongs to. */
  #update = null;

  constructor(init = '') {
    this.#pairs = isObject(init) ? pairsOfObject(init) : parse(usvString(init));
  }

  get size() {
    return this.#pairs.length / 2;
  }

  append(name, value) {
    const pairs = this.#pairs;
    requireArguments(arguments.length, 2, 'URLSearchParams.append');
    name = usvString(name);
    pairs.push(name, usvString(value));
    this.#changed();
  }

  delete(name, value = undefined) {
    const pairs = this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.delete');
    name = usvString(name);
    if (value !== undefined) value = usvString(value);
    this.#pairs = filterPairs(pairs, (n, v) => n !== name || (value !== undefined && v !== value));
    this.#changed();
  }

  get(name) {
    const pairs = this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.get');
    name = usvString(name);
    for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === name) return pairs[at + 1];
    return null;
  }

  getAll(name) {
    const pairs = this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.getAll');
    name = usvString(name);
    return pairs.filter((_, at) => at % 2 === 1 && pairs[at - 1] === name);
  }

  has(name, value = undefined) {
    const pairs = this.#pairs;
    requireArguments(arguments.length, 1, 'URLSearchParams.has');
    name = usvString(name);
    if (value !== undefined) value = usvString(value);
    for (let at = 0; at < pairs.length; at += 2) {
      if (pairs[at] === name && (value === undefined || pairs[at + 1] === value)) return true;
    }
    return false;
  }

  set(name, value) {
    const pairs = this.#pairs;
    requireArguments(arguments.length, 2, 'URLSearchParams.set');
    name = usvString(name);
    value = usvString(value);
    let found = false;
    this.#pairs = filterPairs(pairs, (n) => {
      if (n !== name) return true;
      const first = !found;
      found = true;
      return first;
    });
    if (found) this.#pairs[indexOfName(this.#pairs, name) + 1] = value;
    else this.#pairs.push(name, value);
    this.#changed();
  }

  sort() {
    const pairs = this.#pairs;
    const entries = [];
    for (let at = 0; at < pairs.length; at += 2) entries.push([pairs[at], pairs[at + 1]]);
    // By code units, which is how JavaScript compares strings; stable.
    entries.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
    this.#pairs = entries.flat();
    this.#changed();
  }

  toString() {
    return serialize(this.#pairs);
  }

  #changed() {
    if (this.#update !== null) this.#update(serialize(this.#pairs));
  }

  static {
    pairsOf = (params) => params.#pairs;
    isSearchParams = (value) => typeof value === 'object' && value !== null && #pairs in value;
    setPairs = (params, query) => {
      params.#pairs = parse(query);
    };
    attachToUrl = (params, update) => {
      params.#update = update;
    };
  }
}

let pairsOf;
export let isSearchParams, setPairs, attachToUrl;

export function createSearchParams(query) {
  return new URLSearchParams(query);
}

function parse(query) {
  return query === '' || query === '?' ? [] : host.queryParse(query.charCodeAt(0) === 0x3f ? query.slice(1) : query);
}

export function serialize(pairs) {
  let text = '';
  for (let at = 0; at < pairs.length; at += 2) {
    if (at !== 0) text += '&';
    text += `${host.queryEncode(pairs[at])}=${host.queryEncode(pairs[at + 1])}`;
  }
  return text;
}

function pairsOfObject(init) {
  const pairs = [];
  const iterator = init[Symbol.iterator];
  if (iterator === undefined || iterator === null) {
    const record = new Map();
    for (const key of Reflect.ownKeys(init)) {
      if (!Reflect.getOwnPropertyDescriptor(init, key)?.enumerable) continue;
      if (typeof key === 'symbol') throw new TypeError('URLSearchParams: a name is a symbol');
      record.set(usvString(key), usvString(init[key]));
    }
    for (const [name, value] of record) pairs.push(name, value);
    return pairs;
  }
  for (const entry of sequence(init, 'URLSearchParams: argument')) {
    const pair = sequence(entry, 'URLSearchParams: an entry');
    if (pair.length !== 2) throw new TypeError('URLSearchParams: an entry is not a pair');
    pairs.push(usvString(pair[0]), usvString(pair[1]));
  }
  return pairs;
}

function filterPairs(pairs, keep) {
  const result = [];
  for (let at = 0; at < pairs.length; at += 2) {
    if (keep(pairs[at], pairs[at + 1])) result.push(pairs[at], pairs[at + 1]);
  }
  return result;
}

function indexOfName(pairs, name) {
  for (let at = 0; at < pairs.length; at += 2) if (pairs[at] === name) return at;
  return -1;
}

export function install() {
  pairIterable(URLSearchParams, 'URLSearchParams', (params) => pairsOf(params));
  defineInterface({ URLSearchParams });
}
