// WebAssembly: https://webassembly.github.io/spec/js-api/
// The engine is itself WebAssembly and has no compiler; the names exist and say so instead of being absent.
import { expose } from '../webidl.js';

const MESSAGE = 'the engine is WebAssembly itself and cannot compile any; use a build of the library in JavaScript';

function errorClass(name) {
  const Class = { [name]: class extends Error {
    constructor(message = undefined, options = undefined) {
      super(message, options);
    }
  } }[name];
  Object.defineProperty(Class.prototype, 'name', { value: name, writable: true, configurable: true });
  return Class;
}

export function install() {
  if (typeof WebAssembly === 'object') return;
  const CompileError = errorClass('CompileError');
  const LinkError = errorClass('LinkError');
  const RuntimeError = errorClass('RuntimeError');
  const unavailable = (name) => new CompileError(`WebAssembly.${name}: ${MESSAGE}`);

  const namespace = {};
  const define = (name, value, enumerable) => {
    Object.defineProperty(namespace, name, { value, writable: true, enumerable, configurable: true });
  };
  for (const name of ['Module', 'Instance', 'Memory', 'Table', 'Global', 'Tag', 'Exception']) {
    const Class = { [name]: class {
      constructor() {
        throw unavailable(name);
      }
    } }[name];
    Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: `WebAssembly.${name}`, configurable: true });
    define(name, Class, false);
  }
  // The tag of JavaScript exceptions: it exists, like Tag, and nothing can be done with it.
  define('JSTag', Object.create(namespace.Tag.prototype), true);
  for (const Class of [CompileError, LinkError, RuntimeError]) define(Class.prototype.name, Class, false);
  for (const name of ['compile', 'compileStreaming', 'instantiate', 'instantiateStreaming']) {
    define(name, { async [name](source) { throw unavailable(name); } }[name], true);
  }
  define('validate', { validate(bytes) { return false; } }.validate, true);
  Object.defineProperty(namespace, Symbol.toStringTag, { value: 'WebAssembly', configurable: true });
  expose('WebAssembly', namespace);
}
