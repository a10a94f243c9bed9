// How a request reaches the application: `export default { fetch }`, or listeners of the `fetch` event.
// https://workers.js.org, https://w3c.github.io/ServiceWorker/#fetchevent-interface
import { defineInterface, dictionary, requireArguments } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { Event } from '../event/event.js';
import { dispatch as dispatchEvent, hasListeners } from '../event/target.js';
import { reportException } from '../event/report.js';
import { incomingRequest, isRequest } from '../request/request.js';
import { isResponse } from '../response/response.js';
import { commandContext } from './command.js';
import { environment } from './environment.js';
import { sendResponse } from './send.js';

const REJECTION = 3;
const NOT_A_RESPONSE = 7;

const FULFILLED = 1;
const REJECTED = 2;

/** The module's default export, if it has a `fetch` function. */
let application = null;
let main = null;

/** What keeps the instance alive: the response, and each promise given to `waitUntil`. */
let outstanding = 0;

function done() {
  outstanding -= 1;
  if (outstanding === 0) host.finish();
}

function waitUntil(promise) {
  outstanding += 1;
  Promise.resolve(promise).then(done, (error) => {
    reportException(error);
    done();
  });
}

class ExecutionContext {
  #brand;

  waitUntil(promise) {
    this.#brand;
    requireArguments(arguments.length, 1, 'waitUntil');
    waitUntil(promise);
  }

  /** Known to Workers; here there is no origin server that a request could pass through to. */
  passThroughOnException() {
    this.#brand;
  }
}

const context = new ExecutionContext();

class ExtendableEvent extends Event {
  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'ExtendableEvent');
    super(type, init);
  }

  waitUntil(promise) {
    requireArguments(arguments.length, 1, 'ExtendableEvent.waitUntil');
    if (!this.isTrusted) throw new DOMException('Not an event of the runtime', 'InvalidStateError');
    waitUntil(promise);
  }
}

class FetchEvent extends ExtendableEvent {
  #request;
  #response = undefined;
  #responded = false;

  constructor(type, init) {
    requireArguments(arguments.length, 2, 'FetchEvent');
    super(type, init);
    const { request } = dictionary(init, 'FetchEvent: options') ?? {};
    if (!isRequest(request)) throw new TypeError('FetchEvent: request is not a Request');
    this.#request = request;
  }

  get request() {
    return this.#request;
  }

  respondWith(response) {
    requireArguments(arguments.length, 1, 'FetchEvent.respondWith');
    if (this.#responded) throw new DOMException('respondWith was already called', 'InvalidStateError');
    this.#responded = true;
    this.#response = response;
    this.stopImmediatePropagation();
  }

  static {
    responseOf = (event) => (event.#responded ? { response: event.#response } : null);
  }
}

let responseOf;

/** Whether the entry module registered anything to run. */
export function loaded(namespace) {
  const { default: exported } = namespace;
  application = typeof exported?.fetch === 'function' ? exported : null;
  main = typeof namespace.main === 'function' ? namespace.main : null;
  return application !== null || main !== null || hasListeners(globalThis, 'fetch');
}

export function callMain(args) {
  if (main === null) throw new TypeError('the application has no main: export function main(args) { … }');
  return main(args, commandContext());
}

/** Run the handler for the request that the host has just received. */
export function dispatch() {
  outstanding = 1;
  // What this throws is reported by the runtime, which knows where.
  const result = application === null ? fire() : application.fetch(incomingRequest(), environment, context);
  if (isResponse(result)) sendResponse(result, done);
  else later(result);
}

function fire() {
  const event = new FetchEvent('fetch', { request: incomingRequest(), cancelable: true });
  dispatchEvent(globalThis, event, true);
  const answer = responseOf(event);
  return answer === null ? 'no listener called respondWith' : answer.response;
}

/** A promise, or something thenable, or wrong. */
function later(result) {
  if (result instanceof Promise) {
    const state = host.promiseState(result);
    if (state === FULFILLED) {
      answer(host.promiseResult(result));
      return;
    }
    if (state === REJECTED) {
      // Marks it as handled: the failure is reported once.
      result.catch(ignore);
      refuse(host.promiseResult(result));
      return;
    }
  }
  Promise.resolve(result).then(answer, refuse);
}

function ignore() {}

function answer(value) {
  if (isResponse(value)) sendResponse(value, done);
  else host.fail(NOT_A_RESPONSE, value);
}

function refuse(reason) {
  host.fail(REJECTION, reason);
}

/** Forget what the warm-up left. */
export function reset() {
  application = null;
  main = null;
  outstanding = 0;
}

export function install() {
  defineInterface({ ExecutionContext }, { exposed: false });
  defineInterface({ ExtendableEvent });
  defineInterface({ FetchEvent });
}
