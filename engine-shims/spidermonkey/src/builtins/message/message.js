// MessageChannel and MessagePort: https://html.spec.whatwg.org/#message-channels
import {
  defineInterface, dictionary, illegalConstructor, isObject, requireArguments, sequence, usvString,
} from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { Event } from '../event/event.js';
import { EventTarget, defineHandler, dispatch } from '../event/target.js';
import { cloneWithTransfer, registerPlatformClass } from '../structured_clone/structured_clone.js';
import { runAfter } from '../timer/timer.js';

const INTERNAL = Symbol();

class MessageEvent extends Event {
  #data = null;
  #origin = '';
  #lastEventId = '';
  #source = null;
  #ports = Object.freeze([]);

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'MessageEvent');
    super(type, init);
    if (init === undefined || init === null) return;
    const { data, lastEventId, origin, ports, source } = init;
    if (data !== undefined) this.#data = data;
    if (lastEventId !== undefined) this.#lastEventId = `${lastEventId}`;
    if (origin !== undefined) this.#origin = usvString(origin);
    if (ports !== undefined) this.#ports = Object.freeze(portSequence(ports));
    if (source !== undefined && source !== null) {
      if (!isPort(source)) throw new TypeError('MessageEvent: source is not a MessagePort');
      this.#source = source;
    }
  }

  get data() {
    return this.#data;
  }

  get origin() {
    return this.#origin;
  }

  get lastEventId() {
    return this.#lastEventId;
  }

  get source() {
    return this.#source;
  }

  get ports() {
    return this.#ports;
  }

  initMessageEvent(
    type, bubbles = false, cancelable = false, data = null, origin = '', lastEventId = '', source = null, ports = [],
  ) {
    requireArguments(arguments.length, 1, 'MessageEvent.initMessageEvent');
    this.initEvent(type, bubbles, cancelable);
    this.#data = data;
    this.#origin = usvString(origin);
    this.#lastEventId = `${lastEventId}`;
    this.#source = source;
    this.#ports = Object.freeze(portSequence(ports));
  }
}

function portSequence(value) {
  const ports = sequence(value, 'MessageEvent: ports');
  for (const port of ports) if (!isPort(port)) throw new TypeError('MessageEvent: not a MessagePort');
  return ports;
}

/** One end of a channel, wherever its MessagePort object is now. */
class End {
  constructor() {
    this.other = null;
    this.port = null;
    this.started = false;
    this.queue = [];
    this.scheduled = false;
  }

  deliver(message) {
    this.queue.push(message);
    this.schedule();
  }

  schedule() {
    if (!this.started || this.scheduled || this.queue.length === 0) return;
    this.scheduled = true;
    runAfter(0, () => {
      this.scheduled = false;
      const { port } = this;
      if (port === null || this.queue.length === 0) return;
      const { clone, transferred, failed } = this.queue.shift();
      this.schedule();
      const event = failed
        ? new MessageEvent('messageerror')
        : new MessageEvent('message', { data: clone, ports: transferred.filter(isPort) });
      dispatch(port, event, true);
    });
  }
}

class MessagePort extends EventTarget {
  /** Null once it was transferred. */
  #end;

  constructor(token = undefined, end) {
    if (token !== INTERNAL) illegalConstructor();
    super();
    this.#end = end;
    end.port = this;
  }

  postMessage(message, options = undefined) {
    const end = this.#end;
    requireArguments(arguments.length, 1, 'MessagePort.postMessage');
    const transfer = transferList(options);
    if (transfer.includes(this)) throw new DOMException('A port cannot be sent through itself', 'DataCloneError');
    const sent = cloneWithTransfer(message, transfer);
    end?.other?.deliver(sent);
  }

  start() {
    const end = this.#end;
    if (end === null) return;
    end.started = true;
    end.schedule();
  }

  close() {
    const end = this.#end;
    if (end === null) return;
    const { other } = end;
    if (other === null) return;
    other.other = null;
    end.other = null;
    end.started = false;
    if (other.port !== null) runAfter(0, () => other.port !== null && dispatch(other.port, new Event('close'), true));
  }

  static {
    isPort = (value) => typeof value === 'object' && value !== null && #end in value;
    transferPort = (port) => {
      const end = port.#end;
      if (end === null) throw new DOMException('The port was already transferred', 'DataCloneError');
      port.#end = null;
      end.port = null;
      end.started = false;
      return new MessagePort(INTERNAL, end);
    };
  }
}

let isPort, transferPort;

function transferList(options) {
  if (isObject(options) && options[Symbol.iterator] !== undefined && options[Symbol.iterator] !== null) {
    return sequence(options, 'MessagePort.postMessage: transfer');
  }
  const transfer = dictionary(options, 'MessagePort.postMessage: options')?.transfer;
  return transfer === undefined ? [] : sequence(transfer, 'MessagePort.postMessage: transfer');
}

class MessageChannel {
  #port1;
  #port2;

  constructor() {
    const one = new End();
    const two = new End();
    one.other = two;
    two.other = one;
    this.#port1 = new MessagePort(INTERNAL, one);
    this.#port2 = new MessagePort(INTERNAL, two);
  }

  get port1() {
    return this.#port1;
  }

  get port2() {
    return this.#port2;
  }
}

export function install() {
  registerPlatformClass({ name: 'MessagePort', is: isPort, transfer: transferPort });
  defineInterface({ MessageEvent });
  defineInterface({ MessagePort });
  defineHandler(MessagePort.prototype, 'message', { onSet: (port) => port.start() });
  defineHandler(MessagePort.prototype, 'messageerror');
  defineHandler(MessagePort.prototype, 'close');
  defineInterface({ MessageChannel });
}
