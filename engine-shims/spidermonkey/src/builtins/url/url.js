// URL: https://url.spec.whatwg.org/#url-class. The parser is Ada; an object here is the serialization and
// where its components begin and end.
import { defineInterface, requireArguments, usvString } from '../webidl.js';
import { attachToUrl, createSearchParams, setPairs } from './search_params.js';

// Components, in the order in which `mod.rs` writes where each begins and ends.
const PROTOCOL = 0;
const USERNAME = 1;
const PASSWORD = 2;
const HOST = 3;
const HOSTNAME = 4;
const PORT = 5;
const PATHNAME = 6;
const SEARCH = 7;
const HASH = 8;
const OFFSETS = 18;

// Setters, numbered as `mod.rs` does.
const SET_PROTOCOL = 0;
const SET_USERNAME = 1;
const SET_PASSWORD = 2;
const SET_HOST = 3;
const SET_HOSTNAME = 4;
const SET_PORT = 5;
const SET_PATHNAME = 6;
const SET_SEARCH = 7;
const SET_HASH = 8;

export class URL {
  #href;
  #offsets = new Uint32Array(OFFSETS);
  #query = null;

  constructor(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL');
    url = `${url}`;
    const href = host.urlParse(url, base === undefined ? undefined : `${base}`, this.#offsets);
    if (href === null) throw new TypeError(`URL: '${url}' is not a valid URL`);
    this.#href = href;
  }

  static parse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.parse');
    try {
      return new URL(usvString(url), base === undefined ? undefined : usvString(base));
    } catch (error) {
      if (canParse(`${url}`, base)) throw error;
      return null;
    }
  }

  static canParse(url, base = undefined) {
    requireArguments(arguments.length, 1, 'URL.canParse');
    return canParse(`${url}`, base === undefined ? undefined : `${base}`);
  }

  get href() {
    return this.#href;
  }

  set href(value) {
    value = `${value}`;
    const href = host.urlParse(value, undefined, this.#offsets);
    if (href === null) throw new TypeError(`URL.href: '${value}' is not a valid URL`);
    this.#href = href;
    if (this.#query !== null) setPairs(this.#query, this.#part(SEARCH));
  }

  get origin() {
    return host.urlOrigin(this.#href);
  }

  get protocol() {
    return this.#part(PROTOCOL);
  }

  set protocol(value) {
    this.#set(SET_PROTOCOL, `${value}`);
  }

  get username() {
    return this.#part(USERNAME);
  }

  set username(value) {
    this.#set(SET_USERNAME, `${value}`);
  }

  get password() {
    return this.#part(PASSWORD);
  }

  set password(value) {
    this.#set(SET_PASSWORD, `${value}`);
  }

  get host() {
    return this.#part(HOST);
  }

  set host(value) {
    this.#set(SET_HOST, `${value}`);
  }

  get hostname() {
    return this.#part(HOSTNAME);
  }

  set hostname(value) {
    this.#set(SET_HOSTNAME, `${value}`);
  }

  get port() {
    return this.#part(PORT);
  }

  set port(value) {
    this.#set(SET_PORT, `${value}`);
  }

  get pathname() {
    return this.#part(PATHNAME);
  }

  set pathname(value) {
    this.#set(SET_PATHNAME, `${value}`);
  }

  get search() {
    return this.#part(SEARCH);
  }

  set search(value) {
    this.#set(SET_SEARCH, `${value}`);
    if (this.#query !== null) setPairs(this.#query, this.#part(SEARCH));
  }

  get searchParams() {
    if (this.#query === null) {
      this.#query = createSearchParams(this.#part(SEARCH));
      attachToUrl(this.#query, (query) => this.#set(SET_SEARCH, query));
    }
    return this.#query;
  }

  get hash() {
    return this.#part(HASH);
  }

  set hash(value) {
    this.#set(SET_HASH, `${value}`);
  }

  toJSON() {
    return this.#href;
  }

  toString() {
    return this.#href;
  }

  #part(component) {
    const offsets = this.#offsets;
    return this.#href.slice(offsets[2 * component], offsets[2 * component + 1]);
  }

  #set(setter, value) {
    this.#href = host.urlSet(this.#href, setter, value, this.#offsets);
  }
}

function canParse(url, base) {
  return host.urlParse(url, base, undefined) !== null;
}

export function install() {
  defineInterface({ URL });
}
