// The global object itself: https://html.spec.whatwg.org/#workerglobalscope
import { defineInterface, exposeOperations, illegalConstructor, requireArguments } from '../webidl.js';
import { EventTarget, defineHandler, dispatch, hasListeners } from '../event/target.js';
import { PromiseRejectionEvent } from '../event/event.js';
import { reportException } from '../event/report.js';
import { isAbortSignal, offAbort, onAbort } from '../abort/abort.js';
import { runAfter } from '../timer/timer.js';
import { cancel } from '../operation.js';

/** One product token, without a version that applications could come to depend on. */
const USER_AGENT = 'wizerjs';

class WorkerGlobalScope extends EventTarget {
  constructor() {
    illegalConstructor();
  }
}

class WorkerNavigator {
  #brand;

  constructor(token = undefined) {
    if (token !== USER_AGENT) illegalConstructor();
  }

  get userAgent() {
    this.#brand;
    return USER_AGENT;
  }
}

class Scheduler {
  #brand;

  /** https://developers.cloudflare.com/workers/runtime-apis/scheduler/ */
  async wait(delay, options = undefined) {
    this.#brand;
    requireArguments(arguments.length, 1, 'scheduler.wait');
    const signal = options?.signal;
    if (signal !== undefined && !isAbortSignal(signal)) throw new TypeError('scheduler.wait: not an AbortSignal');
    signal?.throwIfAborted();
    await new Promise((resolve, reject) => {
      const abort = () => {
        cancel(operation);
        reject(signal.reason);
      };
      const operation = runAfter(Math.max(0, Math.trunc(+delay) || 0), () => {
        if (signal !== undefined) offAbort(signal, abort);
        resolve();
      });
      if (signal !== undefined) onAbort(signal, abort);
    });
  }
}

const operations = {
  reportError(error) {
    requireArguments(arguments.length, 1, 'reportError');
    reportException(error);
  },
};

function attribute(name, get) {
  const property = Object.getOwnPropertyDescriptor({ get [name]() { return get(); } }, name);
  property.enumerable = true;
  property.set = (value) => {
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: true, configurable: true });
  };
  Object.defineProperty(globalThis, name, property);
}

/** A promise was rejected and nobody listens; returns whether the application dealt with it. */
export function unhandledRejection(promise, reason) {
  if (!hasListeners(globalThis, 'unhandledrejection')) return false;
  const event = new PromiseRejectionEvent('unhandledrejection', { promise, reason, cancelable: true });
  return !dispatch(globalThis, event, true);
}

/** Somebody listens after all. */
export function rejectionHandled(promise, reason) {
  if (!hasListeners(globalThis, 'rejectionhandled')) return;
  dispatch(globalThis, new PromiseRejectionEvent('rejectionhandled', { promise, reason }), true);
}

export function install() {
  defineInterface({ WorkerGlobalScope }, { exposed: false });
  Object.setPrototypeOf(globalThis, WorkerGlobalScope.prototype);
  defineInterface({ WorkerNavigator });
  defineInterface({ Scheduler });
  exposeOperations(operations);
  const navigator = new WorkerNavigator(USER_AGENT);
  const scheduler = new Scheduler();
  attribute('self', () => globalThis);
  attribute('navigator', () => navigator);
  attribute('scheduler', () => scheduler);
  defineHandler(globalThis, 'error', { errorHandler: true });
  defineHandler(globalThis, 'unhandledrejection');
  defineHandler(globalThis, 'rejectionhandled');
}

