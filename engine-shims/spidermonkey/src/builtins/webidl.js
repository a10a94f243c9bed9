// What Web IDL says about interfaces, conversions and iterators, in as few steps as the interpreter allows.
// https://webidl.spec.whatwg.org/

const { defineProperty, defineProperties, create, getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptors } = Object;

/**
 * Make members enumerable, set names, and put the interface on the global object. Called as `defineInterface({ Name })`
 * because the bundler may rename the class itself.
 */
export function defineInterface(named, { exposed = true, constants } = {}) {
  const [[name, Class]] = Object.entries(named);
  interfacePrototypes.add(Class.prototype);
  makeEnumerable(Class.prototype, 'constructor');
  makeEnumerable(Class, 'prototype', 'length', 'name');
  if (constants) {
    for (const constant in constants) {
      const property = { value: constants[constant], enumerable: true };
      defineProperty(Class, constant, property);
      defineProperty(Class.prototype, constant, property);
    }
  }
  defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true });
  if (exposed) exposeInterface(name, Class);
  else defineProperty(Class, 'name', { value: name, configurable: true });
}

const interfacePrototypes = new Set();

/** Whether `value` inherits from an interface of ours: it is a platform object, not a plain one. */
export function isPlatformObject(value) {
  for (let at = getPrototypeOf(value); at !== null; at = getPrototypeOf(at)) if (interfacePrototypes.has(at)) return true;
  return false;
}

/** An interface that is complete but for its name. */
export function exposeInterface(name, Class) {
  defineProperty(Class, 'name', { value: name, configurable: true });
  expose(name, Class);
}

function makeEnumerable(object, ...except) {
  const properties = getOwnPropertyDescriptors(object);
  for (const name of Object.keys(properties)) {
    if (except.includes(name)) continue;
    properties[name].enumerable = true;
    defineProperty(object, name, properties[name]);
  }
}

/** An interface, namespace object or constructor of the global object: writable, not enumerable. */
export function expose(name, value) {
  defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}

/** Operations of the global object: enumerable. */
export function exposeOperations(operations) {
  for (const name in operations) {
    defineProperty(globalThis, name, { value: operations[name], writable: true, enumerable: true, configurable: true });
  }
}

/** Copy the members of `Mixin.prototype` to `Class.prototype`. */
export function include(Class, members) {
  defineProperties(Class.prototype, getOwnPropertyDescriptors(members));
}

export function illegalConstructor() {
  throw new TypeError('Illegal constructor');
}

/** To be called with `arguments.length`, which costs no arguments object. */
export function requireArguments(given, required, what) {
  if (given < required) {
    throw new TypeError(`${what}: ${required} argument${required > 1 ? 's' : ''} required, but only ${given} present`);
  }
}

const wellFormed = Function.prototype.call.bind(String.prototype.toWellFormed);

export function usvString(value) {
  return wellFormed(typeof value === 'string' ? value : `${value}`);
}

const ABOVE_LATIN1 = /[^\0-\xff]/;

export function byteString(value, what) {
  const text = typeof value === 'string' ? value : `${value}`;
  if (ABOVE_LATIN1.test(text)) throw new TypeError(`${what}: a character is not a byte (above U+00FF)`);
  return text;
}

/** A dictionary argument: an object, or nothing. */
export function dictionary(value, what) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError(`${what} is not an object`);
  return value;
}

export function enumeration(value, allowed, what) {
  const text = `${value}`;
  if (!allowed.includes(text)) throw new TypeError(`${what}: '${text}' is not one of ${allowed.join(', ')}`);
  return text;
}

/** `[EnforceRange]` integers. */
export function enforceRange(value, min, max, what) {
  const number = Math.trunc(+value) + 0;
  if (!(number >= min && number <= max)) throw new TypeError(`${what}: not an integer from ${min} to ${max}`);
  return number;
}

/** `[Clamp] long long` */
export function clampLongLong(value) {
  const number = +value;
  if (number !== number) return 0;
  return roundToEven(Math.min(Math.max(number, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

function roundToEven(number) {
  const floor = Math.floor(number);
  const rest = number - floor;
  if (rest < 0.5 || (rest === 0.5 && floor % 2 === 0)) return floor + 0;
  return floor + 1;
}

export function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A callback function, or TypeError. */
export function callback(value, what) {
  if (typeof value !== 'function') throw new TypeError(`${what} is not a function`);
  return value;
}

/** The iterator sequence conversion: any iterable to an array, each element converted as it comes. */
export function sequence(value, what, convert = undefined) {
  const method = isObject(value) ? value[Symbol.iterator] : undefined;
  if (method === undefined || method === null) throw new TypeError(`${what} is not iterable`);
  return Array.from({ [Symbol.iterator]: () => method.call(value) }, convert);
}

const iteratorPrototype = getPrototypeOf(getPrototypeOf([][Symbol.iterator]()));

/**
 * Give `Class` the members of a pair iterable. `pairs(object)` is a flat array of names and values, asked for anew
 * at each step because an iteration sees changes, and fails for an object of another class.
 */
export function pairIterable(Class, name, pairs) {
  class PairIterator {
    #target;
    #kind;
    #index = 0;

    constructor(target, kind) {
      this.#target = target;
      this.#kind = kind;
    }

    next() {
      const list = pairs(this.#target);
      const at = this.#index;
      if (at >= list.length) return { value: undefined, done: true };
      this.#index = at + 2;
      const kind = this.#kind;
      const value = kind === 0 ? list[at] : kind === 1 ? list[at + 1] : [list[at], list[at + 1]];
      return { value, done: false };
    }
  }
  delete PairIterator.prototype.constructor;
  setPrototypeOf(PairIterator.prototype, iteratorPrototype);
  makeEnumerable(PairIterator.prototype);
  defineProperty(PairIterator.prototype, Symbol.toStringTag, { value: `${name} Iterator`, configurable: true });

  const members = {
    entries() {
      pairs(this);
      return new PairIterator(this, 2);
    },
    keys() {
      pairs(this);
      return new PairIterator(this, 0);
    },
    values() {
      pairs(this);
      return new PairIterator(this, 1);
    },
    forEach(callback, thisArg = undefined) {
      let list = pairs(this);
      requireArguments(arguments.length, 1, `${name}.forEach`);
      if (typeof callback !== 'function') throw new TypeError(`${name}.forEach: not a function`);
      for (let at = 0; at < list.length; at += 2) {
        callback.call(thisArg, list[at + 1], list[at], this);
        list = pairs(this);
      }
    },
  };
  include(Class, members);
  defineProperty(Class.prototype, Symbol.iterator, {
    value: Class.prototype.entries,
    writable: true,
    enumerable: false,
    configurable: true,
  });
}

/** Stamps private fields on an object that something else created. */
export class Stamp {
  constructor(object) {
    return object;
  }
}

export { create };
