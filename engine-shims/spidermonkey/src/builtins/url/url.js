// URL: https://url.spec.whatwg.org/#url-class. The parser is the crate `url`; an object here is the serialization and
// where its components begin and end.
import { defineInterface, requireArguments, usvString } from '../webidl.js';
import { attachToUrl, createSearchParams, setPairs } from './search_params.js';

// Offsets into the serialization, in the order in which `mod.rs` writes them.
const SCHEME_END = 0;
const USERNAME = 1;
const USERNAME_END = 2;
const PASSWORD = 3;
const PASSWORD_END = 4;
const HOST = 5;
const HOST_END = 6;
const PORT = 7;
const PORT_END = 8;
const PATH_END = 9;
const QUERY_END = 10;
const PATH = 11;
const OFFSETS = 12;

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
    if (this.#query !== null) setPairs(this.#query, this.#search());
  }

  get origin() {
    const href = this.#href;
    return host.urlOrigin(href);
  }

  get protocol() {
    return this.#href.slice(0, this.#offsets[SCHEME_END] + 1);
  }

  set protocol(value) {
    this.#set(SET_PROTOCOL, `${value}`);
  }

  get username() {
    return this.#part(USERNAME, USERNAME_END);
  }

  set username(value) {
    this.#set(SET_USERNAME, `${value}`);
  }

  get password() {
    return this.#part(PASSWORD, PASSWORD_END);
  }

  set password(value) {
    this.#set(SET_PASSWORD, `${value}`);
  }

  get host() {
    return this.#part(HOST, PORT_END);
  }

  set host(value) {
    this.#set(SET_HOST, `${value}`);
  }

  get hostname() {
    return this.#part(HOST, HOST_END);
  }

  set hostname(value) {
    this.#set(SET_HOSTNAME, `${value}`);
  }

  get port() {
    return this.#part(PORT, PORT_END);
  }

  set port(value) {
    this.#set(SET_PORT, `${value}`);
  }

  get pathname() {
    return this.#part(PATH, PATH_END);
  }

  set pathname(value) {
    this.#set(SET_PATHNAME, `${value}`);
  }

  get search() {
    const search = this.#search();
    return search.length > 1 ? search : '';
  }

  set search(value) {
    this.#set(SET_SEARCH, `${value}`);
    if (this.#query !== null) setPairs(this.#query, this.#search());
  }

  get searchParams() {
    if (this.#query === null) {
      this.#query = createSearchParams(this.#search());
      attachToUrl(this.#query, (query) => this.#set(SET_SEARCH, query));
    }
    return this.#query;
  }

  get hash() {
    const hash = this.#href.slice(this.#offsets[QUERY_END]);
    return hash.length > 1 ? hash : '';
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

  /** With its question mark, which stands alone for an empty query. */
  #search() {
    return this.#part(PATH_END, QUERY_END);
  }

  #part(start, end) {
    const offsets = this.#offsets;
    return this.#href.slice(offsets[start], offsets[end]);
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
