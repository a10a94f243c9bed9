// Structured cloning: https://html.spec.whatwg.org/#safe-passing-of-structured-data
// Serialization and deserialization in one pass, in JavaScript: the engine's own cannot tell our platform objects
// from plain ones.
import { dictionary, exposeOperations, isPlatformObject, requireArguments, sequence } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { classOf } from './brands.js';

/** How platform objects are cloned and transferred: `{ is(value), clone?(value, inner), transfer?(value) }`. */
const platformClasses = [];

export function registerPlatformClass(entry) {
  platformClasses.push(entry);
}

const ERROR_CLASSES = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const TYPED_ARRAYS = {
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array,
  BigUint64Array, Float32Array, Float64Array,
};
if (typeof Float16Array === 'function') TYPED_ARRAYS.Float16Array = Float16Array;

const regExpSource = Object.getOwnPropertyDescriptor(RegExp.prototype, 'source').get;
const regExpFlags = Object.getOwnPropertyDescriptor(RegExp.prototype, 'flags').get;

function cannotClone(what) {
  return new DOMException(`${what} could not be cloned`, 'DataCloneError');
}

class Cloner {
  constructor() {
    /** Clones by original, so that an object met twice is one object in the result. */
    this.memory = new Map();
    /** Objects whose members are still to be cloned: no recursion, so depth is limited by memory alone. */
    this.queue = [];
  }

  run(value) {
    const result = this.clone(value);
    for (let at = 0; at < this.queue.length; at++) this.fill(this.queue[at]);
    return result;
  }

  clone(value) {
    if (typeof value === 'symbol') throw cannotClone('A symbol');
    if (typeof value === 'function') throw cannotClone('A function');
    if (typeof value !== 'object' || value === null) return value;
    const known = this.memory.get(value);
    if (known !== undefined) return known;
    const copy = this.create(value);
    this.memory.set(value, copy);
    return copy;
  }

  create(value) {
    for (const entry of platformClasses) {
      if (!entry.is(value)) continue;
      if (entry.clone === undefined) throw cannotClone(`An object of class ${entry.name}`);
      return entry.clone(value, this);
    }
    const name = classOf(value);
    switch (name) {
      case 'Object':
        if (isPlatformObject(value)) throw cannotClone('A platform object');
        return this.later(name, value, {});
      case 'Array':
        return this.later(name, value, new Array(value.length));
      case 'Map':
        return this.later(name, value, new Map());
      case 'Set':
        return this.later(name, value, new Set());
      case 'Date':
        return new Date(Date.prototype.getTime.call(value));
      case 'RegExp':
        return new RegExp(regExpSource.call(value), regExpFlags.call(value));
      case 'Boolean':
        return Object(Boolean.prototype.valueOf.call(value));
      case 'Number':
        return Object(Number.prototype.valueOf.call(value));
      case 'String':
        return Object(String.prototype.valueOf.call(value));
      case 'BigInt':
        return Object(BigInt.prototype.valueOf.call(value));
      case 'ArrayBuffer':
        return cloneBuffer(value);
      case 'DataView':
        return this.view(value, DataView);
      case 'Error':
        return this.error(value);
      default:
        if (Object.hasOwn(TYPED_ARRAYS, name)) return this.view(value, TYPED_ARRAYS[name]);
        throw cannotClone(`An object of class ${name}`);
    }
  }

  later(name, from, to) {
    // What a Map or Set holds is read now, before getters of other objects run.
    const contents = name === 'Map' ? [...Map.prototype.entries.call(from)]
      : name === 'Set' ? [...Set.prototype.values.call(from)] : null;
    this.queue.push({ name, from, to, contents });
    return to;
  }

  fill({ name, from, to, contents }) {
    if (name === 'Map') {
      for (const [key, value] of contents) to.set(this.clone(key), this.clone(value));
    } else if (name === 'Set') {
      for (const value of contents) to.add(this.clone(value));
    } else {
      for (const key of Object.keys(from)) {
        // A getter of an earlier member may have removed it.
        if (!Object.hasOwn(from, key)) continue;
        Object.defineProperty(to, key, {
          value: this.clone(from[key]), writable: true, enumerable: true, configurable: true,
        });
      }
    }
  }

  view(value, Class) {
    const buffer = value.buffer;
    if (isDetached(buffer)) throw cannotClone('A view of a detached ArrayBuffer');
    const copy = this.clone(buffer);
    const { byteOffset } = value;
    // A view that follows the length of its buffer keeps doing so.
    const follows = buffer.resizable && isLengthTracking(value);
    const length = follows ? undefined : Class === DataView ? value.byteLength : value.length;
    if (copy instanceof Placeholder) return new Placeholder((moved) => new Class(copy.resolve(moved), byteOffset, length));
    return new Class(copy, byteOffset, length);
  }

  error(value) {
    const name = value.name;
    const Class = Object.hasOwn(ERROR_CLASSES, name) ? ERROR_CLASSES[name] : Error;
    const message = Object.getOwnPropertyDescriptor(value, 'message');
    const copy = Object.create(Class.prototype, {});
    const error = Reflect.construct(Error, [], Class);
    Object.setPrototypeOf(error, Object.getPrototypeOf(copy));
    if (message !== undefined && 'value' in message) define(error, 'message', `${message.value}`);
    if (Object.hasOwn(value, 'cause')) {
      this.memory.set(value, error);
      define(error, 'cause', this.clone(value.cause));
    }
    const { stack } = value;
    if (typeof stack === 'string') define(error, 'stack', stack);
    return error;
  }
}

function define(object, name, value) {
  Object.defineProperty(object, name, { value, writable: true, enumerable: false, configurable: true });
}

function isDetached(buffer) {
  return buffer.detached === true;
}

function isLengthTracking(view) {
  return view.byteOffset + view.byteLength === view.buffer.byteLength && view.buffer.maxByteLength > view.buffer.byteLength;
}

function cloneBuffer(buffer) {
  if (isDetached(buffer)) throw cannotClone('A detached ArrayBuffer');
  if (!buffer.resizable) return buffer.slice(0);
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

/** How to transfer one object, or undefined if it cannot be. */
function transferrer(value) {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const entry of platformClasses) if (entry.is(value)) return entry.transfer;
  return classOf(value) === 'ArrayBuffer' ? transferBuffer : undefined;
}

function transferBuffer(buffer) {
  return buffer.transfer();
}

/** Returns the clone and the transferred objects, in order. */
export function cloneWithTransfer(value, transfer) {
  const cloner = new Cloner();
  if (transfer.length === 0) return { clone: cloner.run(value), transferred: [] };
  for (const object of transfer) {
    if (transferrer(object) === undefined) throw cannotClone('An object that cannot be transferred');
    if (cloner.memory.has(object)) throw cannotClone('An object that is to be transferred twice');
    cloner.memory.set(object, new Placeholder((moved) => moved.get(object)));
  }
  // First everything that can fail, so that an error leaves the originals whole.
  const clone = cloner.run(value);
  for (const object of transfer) {
    if (classOf(object) === 'ArrayBuffer' && isDetached(object)) throw cannotClone('A detached ArrayBuffer');
  }
  const moved = new Map();
  for (const object of transfer) moved.set(object, transferrer(object)(object));
  return { clone: replace(cloner, clone, moved), transferred: [...moved.values()] };
}

/** Stands in the clone for an object that is transferred at the end, or for a view of one. */
class Placeholder {
  constructor(make) {
    this.make = make;
    this.result = undefined;
  }

  resolve(moved) {
    return (this.result ??= this.make(moved));
  }
}

/** Put the transferred objects where their placeholders are. */
function replace(cloner, clone, moved) {
  const actual = (value) => (value instanceof Placeholder ? value.resolve(moved) : value);
  for (const { name, to } of cloner.queue) {
    if (name === 'Map') {
      const entries = [...to];
      to.clear();
      for (const [key, value] of entries) to.set(actual(key), actual(value));
    } else if (name === 'Set') {
      const values = [...to];
      to.clear();
      for (const value of values) to.add(actual(value));
    } else {
      for (const key of Object.keys(to)) if (to[key] instanceof Placeholder) to[key] = actual(to[key]);
    }
  }
  return actual(clone);
}

export function structuredClone(value, options = undefined) {
  requireArguments(arguments.length, 1, 'structuredClone');
  const transfer = dictionary(options, 'structuredClone: options')?.transfer;
  return cloneWithTransfer(value, transfer === undefined ? [] : sequence(transfer, 'structuredClone: transfer')).clone;
}

export function install() {
  exposeOperations({ structuredClone });
}
