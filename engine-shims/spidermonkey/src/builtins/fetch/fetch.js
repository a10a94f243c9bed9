// fetch: https://fetch.spec.whatwg.org/#fetch-method
import { exposeOperations, requireArguments } from '../webidl.js';
import { offAbort, onAbort } from '../abort/abort.js';
import { Body, chunksOf, completePayload } from '../body/body.js';
import { takeCoding } from '../body/content_coding.js';
import { IncomingBody } from '../body/incoming.js';
import { getHeader, hasHeader, removeHeader } from '../headers/headers.js';
import { ERROR, HEAD, cancel, settled, wait } from '../operation.js';
import { Request, bodyOf, listOf, methodOf, optionsOf, signalOf, urlOf } from '../request/request.js';
import { NULL_BODY_STATUSES, REDIRECT_STATUSES, createResponse, setStatusText } from '../response/response.js';
import { fetchLocal } from './local.js';

/** https://fetch.spec.whatwg.org/#http-redirect-fetch */
const REDIRECTS_MAX = 20;
const STREAMING = 2;
/** Headers that speak of a body, dropped with it on a redirect. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];
const NETWORK_SCHEME = /^https?:/;

const operations = {
  async fetch(input, init = undefined) {
    requireArguments(arguments.length, 1, 'fetch');
    const request = new Request(input, init);
    const signal = signalOf(request);
    signal?.throwIfAborted();
    const url = urlOf(request);
    if (!NETWORK_SCHEME.test(url)) return fetchLocal(url, methodOf(request));
    return new Fetch(request, signal).result();
  },
};

/** Fetches that wait until the host can have another request open, the first first. */
const queue = [];

function startQueued() {
  while (queue.length > 0) {
    const next = queue.shift();
    try {
      if (next.start()) continue;
      queue.unshift(next);
      return;
    } catch (error) {
      next.fail(error);
    }
  }
}

/** One call of fetch, through all its redirects. */
class Fetch {
  constructor(request, signal) {
    this.method = methodOf(request);
    this.urls = [urlOf(request)];
    this.headers = withDefaults(listOf(request));
    this.body = bodyOf(request);
    this.redirect = optionsOf(request).redirect;
    this.signal = signal;
    this.operation = 0;
    this.payload = null;
    this.incoming = null;
    this.chunks = null;
    this.reject = null;
    this.onAbort = null;
  }

  result() {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      if (this.signal !== null) {
        this.onAbort = () => this.abort(this.signal.reason);
        onAbort(this.signal, this.onAbort);
      }
      this.send();
    });
  }

  send() {
    this.payload = this.body === null ? null : completePayload(this.body);
    if (queue.length > 0 || !this.start()) queue.push(this);
  }

  /** Have the host begin; false if it has too many requests open. */
  start() {
    const { payload } = this;
    const operation = host.startFetch(this.method, withoutFragment(this.urls[0]), this.headers, payload);
    if (operation === 0) return false;
    this.operation = operation;
    wait(operation, (outcome, a, b, c) => {
      if (outcome === HEAD) this.receive(a, b, c);
      else this.fail(new TypeError(outcome === ERROR ? `fetch: ${a}` : 'fetch: no response'));
      startQueued();
    });
    if (payload === undefined) this.upload(operation);
    return true;
  }

  async upload(operation) {
    try {
      this.chunks = chunksOf(this.body);
      for (;;) {
        const chunk = await this.chunks.next();
        if (operation !== this.operation) return;
        await settled(host.writeFetchBody(operation, chunk ?? EMPTY, chunk === null));
        if (chunk === null) return;
      }
    } catch (error) {
      if (this.operation === operation) cancel(operation);
      this.fail(error);
    }
  }

  receive(status, list, reason) {
    const location = REDIRECT_STATUSES.includes(status) ? getHeader(list, 'location') : null;
    if (location !== null && this.redirect !== 'manual') {
      this.follow(status, location);
      return;
    }
    this.finish(status, list, reason);
  }

  follow(status, location) {
    cancel(this.operation);
    const [current] = this.urls;
    const href = this.redirect === 'error' ? null : host.urlParse(location, current, undefined);
    let problem = null;
    if (this.redirect === 'error') problem = `redirected to '${location}'`;
    else if (href === null || !NETWORK_SCHEME.test(href)) problem = `cannot be redirected to '${location}'`;
    else if (this.urls.length > REDIRECTS_MAX) problem = 'too many redirects';
    else if (status !== 303 && this.body !== null && completePayload(this.body) === undefined) {
      problem = 'a streaming body cannot be sent again to follow a redirect';
    }
    if (problem !== null) {
      this.fail(new TypeError(`fetch: ${problem}`));
      return;
    }
    if (((status === 301 || status === 302) && this.method === 'POST')
      || (status === 303 && this.method !== 'GET' && this.method !== 'HEAD')) {
      this.method = 'GET';
      this.body = null;
      for (const name of BODY_HEADERS) removeHeader(this.headers, name);
    }
    if (host.urlOrigin(current) !== host.urlOrigin(href)) {
      for (const name of ['authorization', 'cookie', 'host']) removeHeader(this.headers, name);
    }
    const fragment = current.indexOf('#');
    this.urls.unshift(href.includes('#') || fragment < 0 ? href : href + current.slice(fragment));
    this.send();
  }

  finish(status, list, reason) {
    const { operation } = this;
    if (status < 200 || status > 599) {
      cancel(operation);
      this.fail(new TypeError(`fetch: status ${status} from the server`));
      return;
    }
    let body = null;
    if (this.method === 'HEAD' || NULL_BODY_STATUSES.includes(status)) {
      cancel(operation);
      this.end();
    } else {
      this.incoming = new IncomingBody(operation, STREAMING);
      this.incoming.onEnd = () => this.end();
      this.incoming.coding = takeCoding(status, list);
      body = new Body(this.incoming, null);
    }
    const response = createResponse(status, list, body, this.urls);
    setStatusText(response, reason);
    this.settle(this.resolve, response);
  }

  abort(reason) {
    const at = queue.indexOf(this);
    if (at >= 0) queue.splice(at, 1);
    if (this.operation !== 0) cancel(this.operation);
    this.incoming?.abort(reason);
    this.fail(reason);
  }

  fail(error) {
    this.end();
    this.operation = 0;
    this.chunks?.cancel(error);
    this.settle(this.reject, error);
  }

  settle(how, value) {
    if (this.reject === null) return;
    this.resolve = null;
    this.reject = null;
    how(value);
  }

  /** Nothing is left to abort. */
  end() {
    if (this.onAbort !== null) offAbort(this.signal, this.onAbort);
    this.onAbort = null;
    startQueued();
  }
}

const EMPTY = new Uint8Array(0);

function withDefaults(list) {
  const headers = list.slice();
  if (!hasHeader(headers, 'accept')) headers.push('accept', '*/*');
  if (!hasHeader(headers, 'user-agent')) headers.push('user-agent', navigator.userAgent);
  if (!hasHeader(headers, 'accept-encoding')) headers.push('accept-encoding', 'gzip, deflate');
  return headers;
}

function withoutFragment(url) {
  const hash = url.indexOf('#');
  return hash < 0 ? url : url.slice(0, hash);
}

export function install() {
  exposeOperations(operations);
}
