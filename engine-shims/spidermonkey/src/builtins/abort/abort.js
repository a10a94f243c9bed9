// AbortController and AbortSignal: https://dom.spec.whatwg.org/#aborting-ongoing-activities
import { defineInterface, enforceRange, illegalConstructor, requireArguments, sequence } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { Event } from '../event/event.js';
import { EventTarget, abortHooks, defineHandler, dispatch } from '../event/target.js';
import { runAfter } from '../timer/timer.js';

const INTERNAL = Symbol();

class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  #algorithms = null;
  /** Signals this one follows, for `any()`: never dependent ones themselves. */
  #sources = null;
  #dependents = null;
  #dependent = false;

  constructor(token = undefined) {
    if (token !== INTERNAL) illegalConstructor();
    super();
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  static abort(reason = undefined) {
    const signal = new AbortSignal(INTERNAL);
    signal.#aborted = true;
    signal.#reason = reason === undefined ? abortError() : reason;
    return signal;
  }

  static timeout(milliseconds) {
    requireArguments(arguments.length, 1, 'AbortSignal.timeout');
    milliseconds = enforceRange(milliseconds, 0, Number.MAX_SAFE_INTEGER, 'AbortSignal.timeout');
    const signal = new AbortSignal(INTERNAL);
    runAfter(milliseconds, () => signalAbort(signal, new DOMException('The operation timed out', 'TimeoutError')));
    return signal;
  }

  static any(signals) {
    requireArguments(arguments.length, 1, 'AbortSignal.any');
    const list = sequence(signals, 'AbortSignal.any: argument');
    for (const signal of list) {
      if (!isAbortSignal(signal)) throw new TypeError('AbortSignal.any: not an AbortSignal');
    }
    return followSignals(list);
  }

  static {
    isAbortSignal = (value) => typeof value === 'object' && value !== null && #aborted in value;
    createSignal = () => new AbortSignal(INTERNAL);
    onAbort = (signal, algorithm) => {
      if (signal.#aborted) return;
      (signal.#algorithms ??= new Set()).add(algorithm);
    };
    offAbort = (signal, algorithm) => {
      signal.#algorithms?.delete(algorithm);
    };
    followSignals = (list) => {
      const result = new AbortSignal(INTERNAL);
      for (const signal of list) {
        if (signal.#aborted) {
          result.#aborted = true;
          result.#reason = signal.#reason;
          return result;
        }
      }
      result.#dependent = true;
      result.#sources = new Set();
      for (const signal of list) {
        const sources = signal.#dependent ? signal.#sources : [signal];
        for (const source of sources) {
          if (result.#sources.has(source)) continue;
          result.#sources.add(source);
          (source.#dependents ??= new Set()).add(result);
        }
      }
      return result;
    };
    signalAbort = (signal, reason) => {
      if (signal.#aborted) return;
      const all = [signal];
      mark(signal, reason === undefined ? abortError() : reason);
      if (signal.#dependents !== null) {
        for (const dependent of signal.#dependents) {
          if (dependent.#aborted) continue;
          mark(dependent, signal.#reason);
          all.push(dependent);
        }
      }
      all.forEach(runAbortSteps);
    };
    const mark = (signal, reason) => {
      signal.#aborted = true;
      signal.#reason = reason;
    };
    const runAbortSteps = (signal) => {
      const algorithms = signal.#algorithms;
      signal.#algorithms = null;
      if (algorithms !== null) for (const algorithm of algorithms) algorithm();
      dispatch(signal, new Event('abort'), true);
    };
  }
}

export let isAbortSignal, createSignal, onAbort, offAbort, followSignals, signalAbort;

function abortError() {
  return new DOMException('The operation was aborted', 'AbortError');
}

class AbortController {
  #signal = null;

  get signal() {
    return (this.#signal ??= createSignal());
  }

  abort(reason = undefined) {
    signalAbort((this.#signal ??= createSignal()), reason);
  }
}

export { AbortController, AbortSignal };

export function install() {
  abortHooks.isSignal = isAbortSignal;
  abortHooks.isAborted = (signal) => signal.aborted;
  abortHooks.onAbort = onAbort;
  defineInterface({ AbortSignal });
  defineHandler(AbortSignal.prototype, 'abort');
  defineInterface({ AbortController });
}
