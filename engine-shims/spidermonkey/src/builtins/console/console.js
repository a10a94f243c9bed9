// console: https://console.spec.whatwg.org/
import { expose } from '../webidl.js';
import { format, formatError, inspect, install as installFormat } from './format.js';

const DEBUG = 0;
const INFO = 1;
const WARN = 2;
const ERROR = 3;

const INDENTATION = '  ';
let indentation = '';
const counts = new Map();
const timers = new Map();

function print(level, values) {
  if (values.length === 0) values = [''];
  write(level, format(values));
}

function write(level, text) {
  host.log(level, indentation === '' ? text : indentation + text.replaceAll('\n', `\n${indentation}`));
}

function label(value) {
  return value === undefined ? 'default' : `${value}`;
}

function elapsed(name, what) {
  const start = timers.get(name);
  if (start === undefined) {
    write(WARN, `console.${what}: no timer '${name}'`);
    return undefined;
  }
  return `${name}: ${(host.now() - start).toFixed(3)}ms`;
}

// The order is that of the specification. A namespace object's prototype is an empty object.
const console = Object.create({}, {});
Object.assign(console, {
  assert(condition = false, ...data) {
    if (condition) return;
    if (data.length === 0) write(ERROR, 'Assertion failed');
    else if (typeof data[0] === 'string') print(ERROR, [`Assertion failed: ${data[0]}`, ...data.slice(1)]);
    else print(ERROR, ['Assertion failed:', ...data]);
  },
  clear() {
    indentation = '';
  },
  debug(...data) {
    print(DEBUG, data);
  },
  error(...data) {
    print(ERROR, data);
  },
  info(...data) {
    print(INFO, data);
  },
  log(...data) {
    print(INFO, data);
  },
  table(data = undefined, properties = undefined) {
    const text = typeof data === 'object' && data !== null ? table(data, properties) : undefined;
    if (text === undefined) print(INFO, [data]);
    else write(INFO, text);
  },
  trace(...data) {
    const error = new Error();
    error.name = 'Trace';
    error.message = data.length === 0 ? '' : format(data);
    write(INFO, formatError(error));
  },
  warn(...data) {
    print(WARN, data);
  },
  dir(item = undefined, options = undefined) {
    write(INFO, inspect(item, typeof options === 'object' && options !== null ? options : undefined));
  },
  dirxml(...data) {
    print(INFO, data);
  },
  count(name = 'default') {
    name = label(name);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    write(INFO, `${name}: ${count}`);
  },
  countReset(name = 'default') {
    name = label(name);
    if (!counts.has(name)) write(WARN, `console.countReset: no counter '${name}'`);
    else counts.set(name, 0);
  },
  group(...data) {
    if (data.length > 0) print(INFO, data);
    indentation += INDENTATION;
  },
  groupCollapsed(...data) {
    console.group(...data);
  },
  groupEnd() {
    indentation = indentation.slice(INDENTATION.length);
  },
  time(name = 'default') {
    name = label(name);
    if (timers.has(name)) write(WARN, `console.time: timer '${name}' exists`);
    else timers.set(name, host.now());
  },
  timeLog(name = 'default', ...data) {
    const text = elapsed(label(name), 'timeLog');
    if (text !== undefined) print(INFO, [text.replaceAll('%', '%%'), ...data]);
  },
  timeEnd(name = 'default') {
    name = label(name);
    const text = elapsed(name, 'timeEnd');
    if (text === undefined) return;
    timers.delete(name);
    write(INFO, text);
  },
});
Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });

/** Rows and columns of an object of objects. */
function table(data, properties) {
  const rows = data instanceof Map ? [...data] : Object.entries(data);
  const columns = Array.isArray(properties) ? properties.map(String) : [];
  let hasValues = false;
  for (const [, row] of rows) {
    if (typeof row !== 'object' || row === null) hasValues = true;
    else if (!Array.isArray(properties)) for (const key of Object.keys(row)) if (!columns.includes(key)) columns.push(key);
  }
  const cell = (value) => inspect(value, { depth: 0 });
  const lines = [['(index)', ...columns, ...(hasValues ? ['Values'] : [])]];
  for (const [index, row] of rows) {
    const isObject = typeof row === 'object' && row !== null;
    const cells = columns.map((key) => (isObject && Object.hasOwn(row, key) ? cell(row[key]) : ''));
    if (hasValues) cells.push(isObject ? '' : cell(row));
    lines.push([String(index), ...cells]);
  }
  return draw(lines);
}

function draw(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const rule = (left, middle, right) => left + widths.map((width) => '─'.repeat(width + 2)).join(middle) + right;
  const text = lines.map((line) => `│${line.map((cell, column) => ` ${cell.padEnd(widths[column])} `).join('│')}│`);
  text.splice(1, 0, rule('├', '┼', '┤'));
  return [rule('┌', '┬', '┐'), ...text, rule('└', '┴', '┘')].join('\n');
}

export function install() {
  installFormat();
  expose('console', console);
}
