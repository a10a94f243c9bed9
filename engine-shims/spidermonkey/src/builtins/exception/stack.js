// `Error.stack` as V8 writes it, which packages parse, with its three hooks: https://v8.dev/docs/stack-trace-api
// The engine is told to write that form (`runtime/engine.rs`); frames of the builtins are left out here.

const BUILTIN = 'builtin:';
/** `    at name (file:line:column)`, or the same without a name and its parentheses. */
const FRAME = /^    at (?:(.*) \()?(.*?):(\d+):(\d+)\)?$/;
const LIMIT = 10;

const { get: readStack, set: writeStack } = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');
const { apply } = Reflect;

/** The frames of a stack that belong to the application, as lines; what stands before them is its head. */
function split(stack) {
  const lines = stack.split('\n');
  const first = lines.findIndex((line) => FRAME.test(line));
  if (first < 0) return { head: stack.replace(/\n$/, ''), frames: [] };
  const frames = lines.slice(first).filter((line) => FRAME.test(line) && !line.includes(BUILTIN))
    .map((line) => line.replace('    at async*', '    at async '));
  return { head: lines.slice(0, first).join('\n'), frames };
}

class CallSite {
  #line;
  #parts;

  constructor(line) {
    this.#line = line.trim().slice('at '.length);
    this.#parts = FRAME.exec(line);
  }

  getThis() {}

  getTypeName() {
    return null;
  }

  getFunction() {}

  getFunctionName() {
    return this.#parts[1] || null;
  }

  getMethodName() {
    return null;
  }

  getFileName() {
    return this.#parts[2];
  }

  getScriptNameOrSourceURL() {
    return this.#parts[2];
  }

  getLineNumber() {
    return Number(this.#parts[3]);
  }

  getColumnNumber() {
    return Number(this.#parts[4]);
  }

  getEvalOrigin() {}

  isToplevel() {
    return true;
  }

  isEval() {
    return this.#parts[2].includes(' > eval');
  }

  isNative() {
    return false;
  }

  isConstructor() {
    return false;
  }

  isAsync() {
    return false;
  }

  isPromiseAll() {
    return false;
  }

  getPromiseIndex() {
    return null;
  }

  toString() {
    return this.#line;
  }
}

/** What the property `stack` of `error` is, for these frames. */
function written(error, head, frames) {
  const limit = Error.stackTraceLimit;
  const shown = frames.slice(0, typeof limit === 'number' ? Math.max(0, limit) : 0);
  const { prepareStackTrace } = Error;
  if (typeof prepareStackTrace === 'function') {
    return apply(prepareStackTrace, Error, [error, shown.map((line) => new CallSite(line))]);
  }
  return [head, ...shown].join('\n');
}

const members = {
  get stack() {
    const stack = apply(readStack, this, []);
    if (typeof stack !== 'string') return stack;
    const { head, frames } = split(stack);
    return written(this, head, frames);
  },
  set stack(value) {
    apply(writeStack, this, [value]);
  },
};

const statics = {
  captureStackTrace(target, above = undefined) {
    if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
      throw new TypeError('Error.captureStackTrace: not an object');
    }
    let { frames } = split(apply(readStack, new Error(), []));
    if (typeof above === 'function' && above.name !== '') {
      const name = (line) => FRAME.exec(line)[1];
      const last = frames.findLastIndex((line) => name(line) === above.name || name(line) === `new ${above.name}`);
      frames = frames.slice(last + 1);
    }
    const head = apply(Error.prototype.toString, target, []);
    Object.defineProperty(target, 'stack', {
      value: written(target, head, frames), writable: true, enumerable: false, configurable: true,
    });
  },
};

export function install() {
  const { stack } = Object.getOwnPropertyDescriptors(members);
  Object.defineProperty(Error.prototype, 'stack', { ...stack, enumerable: false });
  for (const [name, value] of Object.entries({ ...statics, stackTraceLimit: LIMIT })) {
    Object.defineProperty(Error, name, { value, writable: true, enumerable: name === 'stackTraceLimit', configurable: true });
  }
}
