// How values look in the log: Node's `util.inspect`, with stacks as this engine writes them.
import { standIns } from './prelude.js';
import { formatWithOptions as formatNode, inspect as inspectNode } from 'node-inspect-extracted';

for (const name of standIns) delete globalThis[name];

/** Where the inspector looks for a class's own way to be shown; it is Node's, so applications may use it too. */
const CUSTOM = Symbol.for('nodejs.util.inspect.custom');

/** Give a class a custom form. */
export function showAs(Class, show) {
  Object.defineProperty(Class.prototype, CUSTOM, { value: show, writable: true, configurable: true });
}

const OPTIONS = { depth: 4, breakLength: 100, maxArrayLength: 100, maxStringLength: 10_000, colors: false };
/** Frames of the engine's own JavaScript, which mean nothing to the author of an application. */
const BUILTIN = 'builtin:';
const CAUSES_MAX = 8;

/** Head line, frames, and the chain of causes. */
export function formatError(error) {
  if (!isError(error)) return inspect(error);
  let text = describe(error);
  for (let links = 0, cause = error.cause; cause !== undefined && links < CAUSES_MAX; links++) {
    text += `\nCaused by: ${isError(cause) ? describe(cause) : inspect(cause)}`;
    cause = isError(cause) ? cause.cause : undefined;
  }
  return text;
}

function isError(value) {
  return Error.isError ? Error.isError(value) : value instanceof Error;
}

function describe(error) {
  const { stack } = error;
  const head = Error.prototype.toString.call(error);
  if (typeof stack !== 'string' || stack === '') return head;
  const frames = stack.split('\n').filter((line) => line !== '' && !line.includes(BUILTIN) && !head.includes(line));
  let text = [head, ...frames.map((line) => `    at ${frame(line)}`)].join('\n') + ownProperties(error);
  if (Array.isArray(error.errors)) for (const each of error.errors) text += `\n  [errors]: ${formatError(each)}`;
  return text;
}

/** What an error has besides the properties that every error has, as the inspector writes it after the stack. */
const USUAL = ['stack', 'message', 'name', 'cause', 'errors'];
let describing = 0;

function ownProperties(error) {
  const names = Object.keys(error).filter((name) => !USUAL.includes(name));
  if (names.length === 0 || describing > CAUSES_MAX) return '';
  describing += 1;
  try {
    return ` ${inspect(Object.fromEntries(names.map((name) => [name, error[name]])))}`;
  } finally {
    describing -= 1;
  }
}

/** `name@file:line:column` as `name (file:line:column)`. */
function frame(line) {
  if (/^\s*at /.test(line)) return line.trim().slice('at '.length);
  const at = line.lastIndexOf('@');
  if (at < 0) return line.trim();
  return at === 0 ? line.slice(1) : `${line.slice(0, at)} (${line.slice(at + 1)})`;
}

export function inspect(value, options = OPTIONS) {
  return inspectNode(value, options);
}

const ONE_LINE = { ...OPTIONS, depth: 2, breakLength: Infinity, compact: true, maxArrayLength: 20, maxStringLength: 200 };

/** A thrown value that is no error, for the headline of a report. */
export function show(value) {
  return inspect(value, ONE_LINE);
}

/** https://console.spec.whatwg.org/#formatter */
export function format(values) {
  const { length } = values;
  if (length === 1 && typeof values[0] === 'string') return values[0];
  return formatNode(OPTIONS, ...values.map(replaceError));
}

/** At the top level an error is shown our way; inside other values by the inspector. */
function replaceError(value, index, values) {
  if (!isError(value)) return value;
  const text = formatError(value);
  // A string that stands first would be taken for a format.
  return index === 0 && values.length > 1 ? text.replaceAll('%', '%%') : text;
}

const PENDING = 0;
const REJECTED = 2;

/** A promise with its state, which the inspector cannot see. */
function showPromise(depth, options) {
  let state;
  try {
    state = host.promiseState(this);
  } catch {
    return 'Promise {}'; // the prototype itself
  }
  const name = this.constructor?.name ?? 'Promise';
  if (depth < 0) return `[${name}]`;
  if (state === PENDING) return `${name} { <pending> }`;
  const value = inspect(host.promiseResult(this), { ...options, depth: options.depth - 1 });
  return `${name} { ${state === REJECTED ? '<rejected> ' : ''}${value} }`;
}

/** Errors anywhere in a value are shown with the engine's stacks, made readable. */
export function install() {
  showAs(Promise, showPromise);
  showAs(Error, function error() {
    return formatError(this);
  });
}
