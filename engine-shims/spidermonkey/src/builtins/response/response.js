// Response: https://fetch.spec.whatwg.org/#response-class
import { byteString, defineInterface, dictionary, requireArguments, usvString } from '../webidl.js';
import { cloneBody, contentTypeOf, extractBody, includeBody, isUnusable } from '../body/body.js';
import {
  GUARD_IMMUTABLE, GUARD_NONE, createHeaders, hasHeader, headerListOf,
} from '../headers/headers.js';

const NULL_BODY_STATUSES = [101, 103, 204, 205, 304];
const REDIRECT_STATUSES = [301, 302, 303, 307, 308];
const REASON_PHRASE = /^[\t\x20-\x7e\x80-\xff]*$/;

export class Response {
  #status = 200;
  #statusText = '';
  /** Header list; shared with `#headers` once that was asked for. */
  #list;
  #headers = null;
  #body = null;
  #type = 'default';
  /** URLs of the requests that led here, the last one first. */
  #urls = null;
  #guard = GUARD_NONE;

  constructor(body = null, init = undefined) {
    if (init !== undefined && init !== null) this.#initialize(dictionary(init, 'Response: options'));
    else this.#list = [];
    if (body !== null && body !== undefined) this.#setBody(body);
  }

  #initialize(init) {
    const { headers, status, statusText } = init;
    if (status !== undefined) {
      const number = Math.trunc(+status) & 0xffff; // `unsigned short`
      if (number < 200 || number > 599) throw new RangeError(`Response: status ${number} is not from 200 to 599`);
      this.#status = number;
    }
    if (statusText !== undefined) {
      const text = byteString(statusText, 'Response: statusText');
      if (!REASON_PHRASE.test(text)) throw new TypeError('Response: statusText is not a reason phrase');
      this.#statusText = text;
    }
    this.#list = headers === undefined ? [] : headerListOf(headers);
  }

  #setBody(init) {
    const body = extractBody(init);
    if (NULL_BODY_STATUSES.includes(this.#status)) {
      throw new TypeError(`Response: status ${this.#status} has no body`);
    }
    const type = contentTypeOf(init, body);
    if (type !== null && !hasHeader(this.#list, 'content-type')) this.#list.push('content-type', type);
    this.#body = body;
  }

  static error() {
    const response = new Response();
    response.#type = 'error';
    response.#status = 0;
    response.#guard = GUARD_IMMUTABLE;
    return response;
  }

  static redirect(url, status = 302) {
    requireArguments(arguments.length, 1, 'Response.redirect');
    url = usvString(url);
    const number = Math.trunc(+status) & 0xffff;
    const href = host.urlParse(url, undefined, undefined);
    if (href === null) throw new TypeError(`Response.redirect: '${url}' is not a valid URL`);
    if (!REDIRECT_STATUSES.includes(number)) throw new RangeError(`Response.redirect: ${number} is not a redirect`);
    const response = new Response();
    response.#status = number;
    response.#list.push('location', href);
    response.#guard = GUARD_IMMUTABLE;
    return response;
  }

  static json(data, init = undefined) {
    requireArguments(arguments.length, 1, 'Response.json');
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Response.json: the value has no JSON form');
    const response = new Response(null, init);
    const body = extractBody(text);
    if (NULL_BODY_STATUSES.includes(response.#status)) {
      throw new TypeError(`Response.json: status ${response.#status} has no body`);
    }
    if (!hasHeader(response.#list, 'content-type')) response.#list.push('content-type', 'application/json');
    response.#body = body;
    return response;
  }

  get type() {
    return this.#type;
  }

  get url() {
    const urls = this.#urls;
    if (urls === null) return '';
    const [url] = urls;
    const hash = url.indexOf('#');
    return hash < 0 ? url : url.slice(0, hash);
  }

  get redirected() {
    return this.#urls !== null && this.#urls.length > 1;
  }

  get status() {
    return this.#status;
  }

  get ok() {
    return this.#status >= 200 && this.#status <= 299;
  }

  get statusText() {
    return this.#statusText;
  }

  get headers() {
    return (this.#headers ??= createHeaders(this.#list, this.#guard));
  }

  clone() {
    const body = this.#body;
    if (isUnusable(body)) throw new TypeError('Response.clone: the body was already used');
    const copy = new Response();
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#list = this.#list.slice();
    copy.#type = this.#type;
    copy.#urls = this.#urls;
    copy.#guard = this.#guard;
    copy.#body = body === null ? null : cloneBody(body);
    return copy;
  }

  static {
    isResponse = (value) => typeof value === 'object' && value !== null && #list in value;
    responseBody = (response) => response.#body;
    responseHeaders = (response) => response.#list;
    /** What came from the network. */
    createResponse = (status, list, body, urls) => {
      const response = new Response();
      response.#status = status;
      response.#list = list;
      response.#body = body;
      response.#urls = urls;
      response.#type = 'basic';
      response.#guard = GUARD_IMMUTABLE;
      return response;
    };
    setStatusText = (response, text) => {
      response.#statusText = text;
    };
  }
}

export let isResponse, responseBody, responseHeaders, createResponse, setStatusText;
export { NULL_BODY_STATUSES, REDIRECT_STATUSES };

export function install() {
  includeBody(Response, responseBody, responseHeaders);
  defineInterface({ Response });
}
