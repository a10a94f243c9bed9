// Timers: https://html.spec.whatwg.org/#timers
import { exposeOperations, requireArguments } from '../webidl.js';
import { cancel, wait } from '../operation.js';
import { reportException } from '../event/report.js';

const timers = new Map();
let lastHandle = 0;

class Timer {
  constructor(handle, callback, delay, repeat, parameters) {
    this.handle = handle;
    this.callback = callback;
    this.delay = delay;
    this.repeat = repeat;
    this.parameters = parameters;
    this.operation = 0;
    this.context = host.asyncContext();
  }

  start() {
    this.operation = host.startTimer(this.delay);
    wait(this.operation, () => this.fire());
  }

  fire() {
    if (!this.repeat) timers.delete(this.handle);
    // What it leaves runs as microtasks, in contexts of their own.
    host.setAsyncContext(this.context);
    try {
      const { callback } = this;
      if (typeof callback === 'function') callback.apply(globalThis, this.parameters);
      else (0, eval)(callback);
    } catch (error) {
      reportException(error);
    }
    host.setAsyncContext(null);
    if (this.repeat && timers.has(this.handle)) this.start();
  }
}

function initialize(callback, delay, repeat, parameters) {
  if (typeof callback !== 'function') callback = `${callback}`;
  delay |= 0; // `long`
  const timer = new Timer(++lastHandle, callback, delay > 0 ? delay : 0, repeat, parameters);
  timers.set(timer.handle, timer);
  timer.start();
  return timer.handle;
}

function clear(handle) {
  handle |= 0;
  const timer = timers.get(handle);
  if (timer === undefined) return;
  timers.delete(handle);
  cancel(timer.operation);
}

/** Run a step of ours later. */
export function runAfter(milliseconds, callback) {
  const operation = host.startTimer(milliseconds);
  wait(operation, callback);
  return operation;
}

const operations = {
  setTimeout(handler, timeout = 0, ...parameters) {
    requireArguments(arguments.length, 1, 'setTimeout');
    return initialize(handler, timeout, false, parameters);
  },
  setInterval(handler, timeout = 0, ...parameters) {
    requireArguments(arguments.length, 1, 'setInterval');
    return initialize(handler, timeout, true, parameters);
  },
  clearTimeout(id = 0) {
    clear(id);
  },
  clearInterval(id = 0) {
    clear(id);
  },
  queueMicrotask(callback) {
    requireArguments(arguments.length, 1, 'queueMicrotask');
    if (typeof callback !== 'function') throw new TypeError('queueMicrotask: not a function');
    // `then` of a settled promise is exactly one microtask.
    settledThen(() => {
      try {
        callback();
      } catch (error) {
        reportException(error);
      }
    });
  },
};

const settled = Promise.resolve();
const settledThen = Promise.prototype.then.bind(settled);

/** Forget every timer and count from 1 again. */
export function reset() {
  for (const timer of timers.values()) cancel(timer.operation);
  timers.clear();
  lastHandle = 0;
}

export function install() {
  exposeOperations(operations);
}
