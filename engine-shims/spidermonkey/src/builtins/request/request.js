// Request: https://fetch.spec.whatwg.org/#request-class
import { byteString, defineInterface, dictionary, enumeration, requireArguments, usvString } from '../webidl.js';
import { createSignal, followSignals, isAbortSignal } from '../abort/abort.js';
import { Body, cloneBody, contentTypeOf, extractBody, includeBody, isUnusable, moveBody } from '../body/body.js';
import { IncomingBody } from '../body/incoming.js';
import {
  GUARD_IMMUTABLE, GUARD_NONE, createHeaders, hasHeader, headerListOf,
} from '../headers/headers.js';
import { URL } from '../url/url.js';

const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NORMALIZED_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
const FORBIDDEN_METHODS = ['CONNECT', 'TRACE', 'TRACK'];

const REFERRER_POLICIES = [
  '', 'no-referrer', 'no-referrer-when-downgrade', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin',
  'strict-origin-when-cross-origin', 'unsafe-url',
];
const MODES = ['navigate', 'same-origin', 'no-cors', 'cors'];
const CREDENTIALS = ['omit', 'same-origin', 'include'];
const CACHES = ['default', 'no-store', 'reload', 'no-cache', 'force-cache', 'only-if-cached'];
const REDIRECTS = ['follow', 'error', 'manual'];
const PRIORITIES = ['auto', 'high', 'low'];

/** What a server has little use for; shared by all requests that say nothing about it. */
const DEFAULTS = Object.freeze({
  mode: 'cors', credentials: 'same-origin', cache: 'default', redirect: 'follow', referrer: 'about:client',
  referrerPolicy: '', integrity: '', keepalive: false,
});
const INCOMING_OPTIONS = Object.freeze({ ...DEFAULTS, redirect: 'manual' });

/** Stands for "ask the host": the constructor's way to know the request being handled. */
const INCOMING = Symbol();

const BODY_NONE = 0;

export class Request {
  // Of the request being handled, null until asked for.
  #method = null;
  #url = null;
  #list = null;
  #headers = null;
  /** A Body, null, or undefined until asked for. */
  #body = undefined;
  #signal = null;
  #options = INCOMING_OPTIONS;

  constructor(input, init = undefined) {
    if (input === INCOMING) return;
    requireArguments(arguments.length, 1, 'Request');
    this.#options = DEFAULTS;
    const source = isRequest(input) ? input : null;
    if (source === null) {
      this.#url = parseUrl(usvString(input));
      this.#method = 'GET';
    } else {
      this.#url = urlOf(source);
      this.#method = methodOf(source);
      this.#options = source.#options;
    }
    init = dictionary(init, 'Request: options');
    const given = init === undefined ? NOTHING : readInit(init);
    this.#options = mergeOptions(this.#options, given);
    if (given.method !== undefined) this.#method = normalizeMethod(given.method);
    this.#follow(source, given.signal);
    this.#list = given.headers !== undefined ? headerListOf(given.headers) : source === null ? [] : listOf(source).slice();
    this.#setBody(source, given);
  }

  #follow(source, signal) {
    if (signal === undefined) {
      if (source !== null && source.#signal !== null) this.#signal = followSignals([source.#signal]);
      return;
    }
    if (signal === null) return;
    if (!isAbortSignal(signal)) throw new TypeError('Request: signal is not an AbortSignal');
    this.#signal = followSignals([signal]);
  }

  #setBody(source, given) {
    const inherited = source === null ? null : bodyOf(source);
    const hasInit = given.body !== undefined && given.body !== null;
    if ((hasInit || inherited !== null) && (this.#method === 'GET' || this.#method === 'HEAD')) {
      throw new TypeError(`Request: a ${this.#method} request has no body`);
    }
    let body = null;
    if (hasInit) {
      body = extractBody(given.body);
      const type = contentTypeOf(given.body, body);
      if (type !== null && !hasHeader(this.#list, 'content-type')) this.#list.push('content-type', type);
      if (body.source === null && this.#options.keepalive) throw new TypeError('Request: a streaming body with keepalive');
    }
    if (!hasInit && inherited !== null) {
      if (isUnusable(inherited)) throw new TypeError('Request: the body was already used');
      body = moveBody(inherited);
    }
    this.#body = body;
  }

  get method() {
    return methodOf(this);
  }

  get url() {
    return urlOf(this);
  }

  get headers() {
    if (this.#headers === null) {
      const guard = this.#options === INCOMING_OPTIONS ? GUARD_IMMUTABLE : GUARD_NONE;
      this.#headers = createHeaders(listOf(this), guard);
    }
    return this.#headers;
  }

  get destination() {
    this.#options;
    return '';
  }

  get referrer() {
    return this.#options.referrer;
  }

  get referrerPolicy() {
    return this.#options.referrerPolicy;
  }

  get mode() {
    return this.#options.mode;
  }

  get credentials() {
    return this.#options.credentials;
  }

  get cache() {
    return this.#options.cache;
  }

  get redirect() {
    return this.#options.redirect;
  }

  get integrity() {
    return this.#options.integrity;
  }

  get keepalive() {
    return this.#options.keepalive;
  }

  get isReloadNavigation() {
    this.#options;
    return false;
  }

  get isHistoryNavigation() {
    this.#options;
    return false;
  }

  get signal() {
    return (this.#signal ??= createSignal());
  }

  get duplex() {
    this.#options;
    return 'half';
  }

  clone() {
    const body = bodyOf(this);
    if (isUnusable(body)) throw new TypeError('Request.clone: the body was already used');
    const copy = new Request(INCOMING);
    copy.#method = methodOf(this);
    copy.#url = urlOf(this);
    copy.#list = listOf(this).slice();
    copy.#options = this.#options;
    copy.#signal = followSignals([this.signal]);
    copy.#body = body === null ? null : cloneBody(body);
    return copy;
  }

  static {
    isRequest = (value) => typeof value === 'object' && value !== null && #options in value;
    methodOf = (request) => (request.#method ??= host.requestMethod());
    urlOf = (request) => (request.#url ??= normalizeUrl(host.requestUrl()));
    listOf = (request) => (request.#list ??= host.requestHeaders());
    bodyOf = (request) => {
      if (request.#body === undefined) request.#body = incomingBody();
      return request.#body;
    };
    optionsOf = (request) => request.#options;
    signalOf = (request) => request.#signal;
  }
}

/** `signalOf` is null when nobody could abort the request. */
export let isRequest, methodOf, urlOf, listOf, bodyOf, optionsOf, signalOf;

/** The request being handled. */
export function incomingRequest() {
  return new Request(INCOMING);
}

function incomingBody() {
  const kind = host.requestBodyKind();
  return kind === BODY_NONE ? null : new Body(new IncomingBody(0, kind), null);
}

function normalizeUrl(url) {
  return host.urlParse(url, undefined, undefined) ?? url;
}

function parseUrl(input) {
  // There is no page, so nothing a relative URL could be relative to.
  const href = host.urlParse(input, undefined, undefined);
  if (href === null) throw new TypeError(`Request: '${input}' is not an absolute URL`);
  // An `@` may stand in a path or query as well.
  if (href.includes('@')) {
    const { username, password } = new URL(href);
    if (username !== '' || password !== '') throw new TypeError('Request: the URL has a user name or password');
  }
  return href;
}

const NOTHING = Object.freeze({});

/** Members in the order of the specification, converted. */
function readInit(init) {
  const given = {};
  let value;
  if ((value = init.body) !== undefined) given.body = value;
  if ((value = init.cache) !== undefined) given.cache = enumeration(value, CACHES, 'Request: cache');
  if ((value = init.credentials) !== undefined) {
    given.credentials = enumeration(value, CREDENTIALS, 'Request: credentials');
  }
  if ((value = init.duplex) !== undefined) given.duplex = enumeration(value, ['half'], 'Request: duplex');
  if ((value = init.headers) !== undefined) given.headers = value;
  if ((value = init.integrity) !== undefined) given.integrity = `${value}`;
  if ((value = init.keepalive) !== undefined) given.keepalive = !!value;
  if ((value = init.method) !== undefined) given.method = byteString(value, 'Request: method');
  if ((value = init.mode) !== undefined) given.mode = enumeration(value, MODES, 'Request: mode');
  if ((value = init.priority) !== undefined) enumeration(value, PRIORITIES, 'Request: priority');
  if ((value = init.redirect) !== undefined) given.redirect = enumeration(value, REDIRECTS, 'Request: redirect');
  if ((value = init.referrer) !== undefined) given.referrer = usvString(value);
  if ((value = init.referrerPolicy) !== undefined) {
    given.referrerPolicy = enumeration(value, REFERRER_POLICIES, 'Request: referrerPolicy');
  }
  if ((value = init.signal) !== undefined) given.signal = value;
  if ((value = init.window) !== undefined && value !== null) throw new TypeError('Request: window is not null');
  if (given.mode === 'navigate') throw new TypeError("Request: mode is 'navigate'");
  return given;
}

const OPTION_NAMES = Object.keys(DEFAULTS);

function mergeOptions(options, given) {
  let merged = null;
  for (const name of OPTION_NAMES) {
    if (given[name] === undefined) continue;
    merged ??= { ...options };
    merged[name] = name === 'referrer' ? normalizeReferrer(given.referrer) : given[name];
  }
  if (merged === null) return options === INCOMING_OPTIONS ? DEFAULTS : options;
  if (merged.cache === 'only-if-cached' && merged.mode !== 'same-origin') {
    throw new TypeError("Request: cache 'only-if-cached' needs mode 'same-origin'");
  }
  return merged;
}

function normalizeReferrer(referrer) {
  if (referrer === '') return '';
  const href = host.urlParse(referrer, undefined, undefined);
  if (href === null) throw new TypeError(`Request: referrer '${referrer}' is not a valid URL`);
  return href;
}

function normalizeMethod(method) {
  if (!METHOD.test(method)) throw new TypeError(`Request: '${method}' is not a method`);
  const upper = method.toUpperCase();
  if (FORBIDDEN_METHODS.includes(upper)) throw new TypeError(`Request: method ${upper} is not allowed`);
  return NORMALIZED_METHODS.includes(upper) ? upper : method;
}

export function install() {
  includeBody(Request, (request) => bodyOf(request), (request) => listOf(request));
  defineInterface({ Request });
}
