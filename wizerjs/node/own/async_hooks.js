// AsyncLocalStorage and AsyncResource over the engine's asynchronous context, which is a Map here: from each storage to what
// it stores, never changed once it is set.
const { get, set } = globalThis[Symbol.for('wizerjs.asyncContext')];

function within(context, callback, self, parameters) {
  const before = get();
  set(context);
  try {
    return Reflect.apply(callback, self, parameters);
  } finally {
    set(before);
  }
}

function requireFunction(value, name) {
  if (typeof value === 'function') return;
  const error = new TypeError(`The "${name}" argument must be of type function. Received ${value === null ? 'null' : typeof value}`);
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
}

function bound(callback, context) {
  return function (...parameters) {
    return within(context, callback, this, parameters);
  };
}

class AsyncLocalStorage {
  #default;
  #name;

  constructor({ defaultValue, name = '' } = {}) {
    this.#default = defaultValue;
    this.#name = `${name}`;
  }

  static bind(callback) {
    requireFunction(callback, 'fn');
    return bound(callback, get());
  }

  static snapshot() {
    const context = get();
    return (callback, ...parameters) => within(context, callback, undefined, parameters);
  }

  get name() {
    return this.#name;
  }

  getStore() {
    const context = get();
    return context?.has(this) ? context.get(this) : this.#default;
  }

  run(store, callback, ...parameters) {
    return within(new Map(get()).set(this, store), callback, undefined, parameters);
  }

  exit(callback, ...parameters) {
    return within(this.#without(), callback, undefined, parameters);
  }

  enterWith(store) {
    set(new Map(get()).set(this, store));
  }

  disable() {
    set(this.#without());
  }

  #without() {
    const context = new Map(get());
    context.delete(this);
    return context;
  }
}

let lastId = 1;

class AsyncResource {
  #type;
  #id = ++lastId;
  #context = get();

  constructor(type) {
    if (typeof type !== 'string') {
      const error = new TypeError(`The "type" argument must be of type string. Received ${type === null ? 'null' : typeof type}`);
      error.code = 'ERR_INVALID_ARG_TYPE';
      throw error;
    }
    this.#type = type;
  }

  static bind(callback, type, self) {
    requireFunction(callback, 'fn');
    return new AsyncResource(type || callback.name || 'bound-anonymous-fn').bind(callback, self);
  }

  bind(callback, self) {
    requireFunction(callback, 'fn');
    const context = this.#context;
    const result = function (...parameters) {
      return within(context, callback, self === undefined ? this : self, parameters);
    };
    Object.defineProperty(result, 'length', { value: callback.length, configurable: true });
    return result;
  }

  runInAsyncScope(callback, self, ...parameters) {
    return within(this.#context, callback, self, parameters);
  }

  emitDestroy() {
    return this;
  }

  asyncId() {
    return this.#id;
  }

  triggerAsyncId() {
    return 1;
  }
}

// There is nothing to hook into: whoever only enables hooks gets none called.
const createHook = () => ({
  enable() {
    return this;
  },
  disable() {
    return this;
  },
});

module.exports = {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId: () => 1,
  executionAsyncResource: () => ({}),
  triggerAsyncId: () => 0,
  asyncWrapProviders: Object.freeze({ __proto__: null }),
};
