// Event, CustomEvent and the events a server sends to itself.
// https://dom.spec.whatwg.org/#events https://html.spec.whatwg.org/#errorevent
import { defineInterface, dictionary, requireArguments } from '../webidl.js';

const NONE = 0;
const AT_TARGET = 2;

const CONSTANTS = { NONE, CAPTURING_PHASE: 1, AT_TARGET, BUBBLING_PHASE: 3 };

const STOP_PROPAGATION = 1;
const STOP_IMMEDIATE = 2;
const CANCELED = 4;
const PASSIVE = 8;
const DISPATCHING = 16;

export class Event {
  #type;
  #bubbles = false;
  #cancelable = false;
  #composed = false;
  #flags = 0;
  #target = null;
  #phase = NONE;
  #trusted = false;
  #timeStamp;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'Event');
    this.#type = `${type}`;
    init = dictionary(init, 'Event: options');
    if (init !== undefined) {
      this.#bubbles = !!init.bubbles;
      this.#cancelable = !!init.cancelable;
      this.#composed = !!init.composed;
    }
    this.#timeStamp = host.now();
    // [LegacyUnforgeable]
    Object.defineProperty(this, 'isTrusted', TRUSTED);
  }

  get type() {
    return this.#type;
  }

  get target() {
    return this.#target;
  }

  get srcElement() {
    return this.#target;
  }

  get currentTarget() {
    return this.#phase === NONE ? null : this.#target;
  }

  composedPath() {
    return this.#phase === NONE ? [] : [this.#target];
  }

  get eventPhase() {
    return this.#phase;
  }

  stopPropagation() {
    this.#flags |= STOP_PROPAGATION;
  }

  get cancelBubble() {
    return (this.#flags & STOP_PROPAGATION) !== 0;
  }

  set cancelBubble(value) {
    if (value) this.#flags |= STOP_PROPAGATION;
    else this.#flags |= 0;
  }

  stopImmediatePropagation() {
    this.#flags |= STOP_PROPAGATION | STOP_IMMEDIATE;
  }

  get bubbles() {
    return this.#bubbles;
  }

  get cancelable() {
    return this.#cancelable;
  }

  get returnValue() {
    return (this.#flags & CANCELED) === 0;
  }

  set returnValue(value) {
    if (!value) this.#cancel();
    else this.#flags |= 0;
  }

  preventDefault() {
    this.#cancel();
  }

  #cancel() {
    if (this.#cancelable && (this.#flags & PASSIVE) === 0) this.#flags |= CANCELED;
  }

  get defaultPrevented() {
    return (this.#flags & CANCELED) !== 0;
  }

  get composed() {
    return this.#composed;
  }

  get timeStamp() {
    return this.#timeStamp;
  }

  initEvent(type, bubbles = false, cancelable = false) {
    requireArguments(arguments.length, 1, 'Event.initEvent');
    if ((this.#flags & DISPATCHING) !== 0) return;
    this.#type = `${type}`;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
    this.#flags = 0;
    this.#trusted = false;
    this.#target = null;
  }

  static {
    isEvent = (value) => typeof value === 'object' && value !== null && #flags in value;
    isDispatching = (event) => (event.#flags & DISPATCHING) !== 0;
    isStopped = (event, immediate) => (event.#flags & (immediate ? STOP_IMMEDIATE : STOP_PROPAGATION)) !== 0;
    isCanceled = (event) => (event.#flags & CANCELED) !== 0;
    isTrusted = (event) => event.#trusted;
    setPassive = (event, passive) => {
      event.#flags = passive ? event.#flags | PASSIVE : event.#flags & ~PASSIVE;
    };
    beginDispatch = (event, target, trusted) => {
      event.#flags |= DISPATCHING;
      event.#target = target;
      event.#phase = AT_TARGET;
      event.#trusted = trusted;
    };
    endDispatch = (event) => {
      event.#flags &= ~(DISPATCHING | STOP_PROPAGATION | STOP_IMMEDIATE);
      event.#phase = NONE;
    };
  }
}

export let isEvent, isDispatching, isStopped, isCanceled, isTrusted, setPassive, beginDispatch, endDispatch;

const TRUSTED = Object.getOwnPropertyDescriptor(
  {
    get isTrusted() {
      return isTrusted(this);
    },
  },
  'isTrusted',
);
TRUSTED.configurable = false;

export class CustomEvent extends Event {
  #detail = null;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'CustomEvent');
    super(type, init);
    const detail = init?.detail;
    if (detail !== undefined) this.#detail = detail;
  }

  get detail() {
    return this.#detail;
  }

  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    requireArguments(arguments.length, 1, 'CustomEvent.initCustomEvent');
    if (isDispatching(this)) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
}

export class ErrorEvent extends Event {
  #message = '';
  #filename = '';
  #lineno = 0;
  #colno = 0;
  #error = undefined;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'ErrorEvent');
    super(type, init);
    if (init === undefined || init === null) return;
    const { colno, error, filename, lineno, message } = init;
    if (message !== undefined) this.#message = `${message}`;
    if (filename !== undefined) this.#filename = `${filename}`.toWellFormed();
    if (lineno !== undefined) this.#lineno = lineno >>> 0;
    if (colno !== undefined) this.#colno = colno >>> 0;
    this.#error = error;
  }

  get message() {
    return this.#message;
  }

  get filename() {
    return this.#filename;
  }

  get lineno() {
    return this.#lineno;
  }

  get colno() {
    return this.#colno;
  }

  get error() {
    return this.#error;
  }
}

export class PromiseRejectionEvent extends Event {
  #promise;
  #reason;

  constructor(type, init) {
    requireArguments(arguments.length, 2, 'PromiseRejectionEvent');
    super(type, init);
    const { promise, reason } = dictionary(init, 'PromiseRejectionEvent: options') ?? {};
    if (promise === undefined) throw new TypeError('PromiseRejectionEvent: a promise is required');
    if (typeof promise !== 'object') throw new TypeError('PromiseRejectionEvent: promise is not an object');
    this.#promise = promise;
    this.#reason = reason;
  }

  get promise() {
    return this.#promise;
  }

  get reason() {
    return this.#reason;
  }
}

export function install() {
  defineInterface({ Event }, { constants: CONSTANTS });
  defineInterface({ CustomEvent });
  defineInterface({ ErrorEvent });
  defineInterface({ PromiseRejectionEvent });
}
