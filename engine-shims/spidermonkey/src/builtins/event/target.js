// EventTarget and event handler attributes.
// https://dom.spec.whatwg.org/#interface-eventtarget https://html.spec.whatwg.org/#event-handler-attributes
import { defineInterface, isObject, requireArguments } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import {
  isEvent, isDispatching, isStopped, isCanceled, setPassive, beginDispatch, endDispatch,
} from './event.js';
import { reportException } from './report.js';

/** A registered callback; shared with its abort signal. */
class Listener {
  constructor(type, callback, capture, once, passive) {
    this.type = type;
    this.callback = callback;
    this.capture = capture;
    this.once = once;
    this.passive = passive;
    this.removed = false;
    this.handler = false;
  }
}

const noListeners = [];
/** Those of the global object, which was not made by a constructor of ours. */
let globalListeners = [];

export class EventTarget {
  #listeners = noListeners;

  addEventListener(type, callback, options = undefined) {
    const target = self(this);
    listenersOf(target);
    requireArguments(arguments.length, 2, 'EventTarget.addEventListener');
    type = `${type}`;
    if (callback !== null && callback !== undefined && !isObject(callback)) {
      throw new TypeError('EventTarget.addEventListener: the callback is not an object');
    }
    let capture = false;
    let once = false;
    let passive = false;
    let signal;
    if (isObject(options)) {
      capture = !!options.capture;
      once = !!options.once;
      passive = !!options.passive;
      signal = options.signal;
      if (signal !== undefined && !abortHooks.isSignal(signal)) {
        throw new TypeError('EventTarget.addEventListener: signal is not an AbortSignal');
      }
    } else {
      capture = !!options;
    }
    if (callback === null || callback === undefined) return;
    if (signal !== undefined && abortHooks.isAborted(signal)) return;
    const listener = addListener(target, new Listener(type, callback, capture, once, passive));
    if (listener !== null && signal !== undefined) abortHooks.onAbort(signal, () => removeListener(target, listener));
  }

  removeEventListener(type, callback, options = undefined) {
    const target = self(this);
    const listeners = listenersOf(target);
    requireArguments(arguments.length, 2, 'EventTarget.removeEventListener');
    type = `${type}`;
    const capture = isObject(options) ? !!options.capture : !!options;
    for (const listener of listeners) {
      if (listener.type === type && listener.callback === callback && listener.capture === capture && !listener.handler) {
        removeListener(target, listener);
        return;
      }
    }
  }

  dispatchEvent(event) {
    const target = self(this);
    listenersOf(target);
    requireArguments(arguments.length, 1, 'EventTarget.dispatchEvent');
    if (!isEvent(event)) throw new TypeError('EventTarget.dispatchEvent: not an Event');
    if (isDispatching(event)) throw new DOMException('The event is already being dispatched', 'InvalidStateError');
    return dispatch(target, event, false);
  }

  static {
    isEventTarget = (value) => typeof value === 'object' && value !== null && #listeners in value;
    listenersOf = (target) => (target === globalThis ? globalListeners : target.#listeners);
    setListeners = (target, listeners) => {
      if (target === globalThis) globalListeners = listeners;
      else target.#listeners = listeners;
    };
  }
}

export let isEventTarget, listenersOf;
let setListeners;

/** Operations of the global object are called without a receiver. */
function self(receiver) {
  return receiver === undefined || receiver === null ? globalThis : receiver;
}

/** What AbortSignal provides; it is itself an EventTarget. */
export const abortHooks = { isSignal: null, isAborted: null, onAbort: null };

function addListener(target, listener) {
  const listeners = listenersOf(target);
  for (const other of listeners) {
    if (
      other.type === listener.type && other.callback === listener.callback && other.capture === listener.capture
      && !other.handler && !listener.handler
    ) {
      return null;
    }
  }
  // A new array each time: a dispatch under way goes on over the old one.
  setListeners(target, [...listeners, listener]);
  return listener;
}

function removeListener(target, listener) {
  listener.removed = true;
  setListeners(target, listenersOf(target).filter((other) => other !== listener));
}

/** Dispatch an event of ours (trusted) or of the application. Returns whether it was not canceled. */
export function dispatch(target, event, trusted) {
  beginDispatch(event, target, trusted);
  const { type } = event;
  const listeners = listenersOf(target);
  invoke(target, event, type, listeners, true);
  if (!isStopped(event, false)) invoke(target, event, type, listeners, false);
  endDispatch(event);
  return !isCanceled(event);
}

function invoke(target, event, type, listeners, capture) {
  for (const listener of listeners) {
    if (listener.removed || listener.type !== type || listener.capture !== capture) continue;
    if (listener.once) removeListener(target, listener);
    if (listener.passive) setPassive(event, true);
    try {
      call(listener, target, event);
    } catch (error) {
      reportException(error);
    }
    setPassive(event, false);
    if (isStopped(event, true)) return;
  }
}

function call(listener, target, event) {
  const { callback } = listener;
  if (listener.handler) {
    if (listener.errorHandler) {
      const { message, filename, lineno, colno, error } = event;
      if (callback.call(target, message, filename, lineno, colno, error) === true) event.preventDefault();
    } else if (callback.call(target, event) === false) {
      event.preventDefault();
    }
  } else if (typeof callback === 'function') {
    callback.call(target, event);
  } else {
    const { handleEvent } = callback;
    if (typeof handleEvent !== 'function') throw new TypeError('EventListener.handleEvent is not a function');
    handleEvent.call(callback, event);
  }
}

export function hasListeners(target, type) {
  return listenersOf(target).some((listener) => listener.type === type);
}

/** Define the attribute `on<type>` on a prototype (or the global object). */
export function defineHandler(object, type, { onSet, errorHandler = false } = {}) {
  const name = `on${type}`;
  const find = (target) => listenersOf(target).find((listener) => listener.handler && listener.type === type);
  const accessors = {
    get [name]() {
      return find(self(this))?.callback ?? null;
    },
    set [name](value) {
      const target = self(this);
      const current = find(target);
      const callable = isObject(value);
      if (current !== undefined) {
        if (callable && typeof value === 'function') current.callback = value;
        else removeListener(target, current);
      } else if (typeof value === 'function') {
        const listener = new Listener(type, value, false, false, false);
        listener.handler = true;
        listener.errorHandler = errorHandler;
        addListener(target, listener);
      }
      onSet?.(target, value);
    },
  };
  const property = Object.getOwnPropertyDescriptor(accessors, name);
  property.enumerable = true;
  Object.defineProperty(object, name, property);
}

export function resetGlobalListeners(listeners) {
  const before = globalListeners;
  globalListeners = listeners;
  return before;
}

export function install() {
  defineInterface({ EventTarget });
}
