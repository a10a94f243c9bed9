// High Resolution Time and User Timing: https://w3c.github.io/hr-time/ https://w3c.github.io/user-timing/
import { defineInterface, expose, illegalConstructor, isObject, requireArguments } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { EventTarget } from '../event/target.js';
import { byName, byTime, install as installObserver, notify } from './observer.js';
import { structuredClone } from '../structured_clone/structured_clone.js';

const INTERNAL = Symbol();

class PerformanceEntry {
  #name;
  #entryType;
  #startTime;
  #duration;

  constructor(token = undefined, name, entryType, startTime, duration) {
    if (token !== INTERNAL) illegalConstructor();
    this.#name = name;
    this.#entryType = entryType;
    this.#startTime = startTime;
    this.#duration = duration;
  }

  get name() {
    return this.#name;
  }

  get entryType() {
    return this.#entryType;
  }

  get startTime() {
    return this.#startTime;
  }

  get duration() {
    return this.#duration;
  }

  toJSON() {
    this.#name;
    const { name, entryType, startTime, duration } = this;
    return { name, entryType, startTime, duration };
  }
}

class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(name, options = undefined) {
    requireArguments(arguments.length, 1, 'PerformanceMark');
    name = `${name}`;
    const { detail = null, startTime: given } = toOptions(options, 'PerformanceMark') ?? {};
    const startTime = given === undefined ? host.now() : timestamp(given);
    super(INTERNAL, name, 'mark', startTime, 0);
    this.#detail = detail === null ? null : structuredClone(detail);
  }

  get detail() {
    return this.#detail;
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.detail };
  }
}

class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(token = undefined, name, startTime, duration, detail) {
    super(token, name, 'measure', startTime, duration);
    this.#detail = detail;
  }

  get detail() {
    return this.#detail;
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.detail };
  }
}

function toOptions(value, what) {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new TypeError(`${what}: options is not an object`);
  return value;
}

function timestamp(value) {
  const number = +value;
  if (!Number.isFinite(number)) throw new TypeError('performance: not a finite number');
  if (number < 0) throw new TypeError('performance: a time is negative');
  return number;
}

let entries = [];

/** A mark by name, or a time. */
function resolveTime(mark) {
  if (typeof mark === 'number') return timestamp(mark);
  const name = `${mark}`;
  for (let at = entries.length - 1; at >= 0; at--) {
    if (entries[at].entryType === 'mark' && entries[at].name === name) return entries[at].startTime;
  }
  throw new DOMException(`performance.measure: no mark '${name}'`, 'SyntaxError');
}

class Performance extends EventTarget {
  #brand;

  constructor(token = undefined) {
    if (token !== INTERNAL) illegalConstructor();
    super();
  }

  now() {
    this.#brand;
    return host.now();
  }

  get timeOrigin() {
    this.#brand;
    return host.timeOrigin();
  }

  toJSON() {
    this.#brand;
    return { timeOrigin: this.timeOrigin };
  }

  mark(name, options = undefined) {
    this.#brand;
    requireArguments(arguments.length, 1, 'Performance.mark');
    const mark = new PerformanceMark(name, options);
    add(mark);
    return mark;
  }

  clearMarks(name = undefined) {
    this.#brand;
    clear('mark', name);
  }

  measure(name, startOrOptions = undefined, endMark = undefined) {
    this.#brand;
    requireArguments(arguments.length, 1, 'Performance.measure');
    name = `${name}`;
    let options = null;
    if (isObject(startOrOptions)) {
      const { detail, duration, end, start } = startOrOptions;
      if (detail !== undefined || duration !== undefined || end !== undefined || start !== undefined) {
        options = { detail, duration, end, start };
      }
    }
    const { start, end } = options === null ? bounds(startOrOptions, endMark) : boundsOfOptions(options, endMark);
    const detail = options?.detail === undefined || options.detail === null ? null : structuredClone(options.detail);
    const measure = new PerformanceMeasure(INTERNAL, name, start, end - start, detail);
    add(measure);
    return measure;
  }

  clearMeasures(name = undefined) {
    this.#brand;
    clear('measure', name);
  }

  getEntries() {
    this.#brand;
    return byTime(entries);
  }

  getEntriesByType(type) {
    this.#brand;
    requireArguments(arguments.length, 1, 'Performance.getEntriesByType');
    type = `${type}`;
    return byTime(entries.filter((entry) => entry.entryType === type));
  }

  getEntriesByName(name, type = undefined) {
    this.#brand;
    requireArguments(arguments.length, 1, 'Performance.getEntriesByName');
    return byName(entries, `${name}`, type === undefined ? undefined : `${type}`);
  }
}

function add(entry) {
  entries.push(entry);
  notify(entry);
}

function clear(type, name) {
  if (name !== undefined) name = `${name}`;
  entries = entries.filter((entry) => entry.entryType !== type || (name !== undefined && entry.name !== name));
}

function bounds(startMark, endMark) {
  const end = endMark === undefined ? host.now() : resolveTime(endMark);
  const noStart = startMark === undefined || startMark === null || isObject(startMark);
  return { start: noStart ? 0 : resolveTime(startMark), end };
}

function boundsOfOptions({ start, end, duration }, endMark) {
  if (endMark !== undefined) throw new TypeError('performance.measure: an end mark besides options');
  if (start === undefined && end === undefined) throw new TypeError('performance.measure: neither start nor end');
  if (start !== undefined && end !== undefined && duration !== undefined) {
    throw new TypeError('performance.measure: start, end and duration');
  }
  const length = duration === undefined ? undefined : timestamp(duration);
  let endTime;
  if (end !== undefined) endTime = resolveTime(end);
  else if (start !== undefined && length !== undefined) endTime = resolveTime(start) + length;
  else endTime = host.now();
  let startTime;
  if (start !== undefined) startTime = resolveTime(start);
  else startTime = length === undefined ? 0 : endTime - length;
  return { start: startTime, end: endTime };
}

export function reset() {
  entries = [];
}

export function install() {
  defineInterface({ PerformanceEntry });
  defineInterface({ PerformanceMark });
  defineInterface({ PerformanceMeasure });
  defineInterface({ Performance });
  installObserver(() => entries);
  expose('performance', new Performance(INTERNAL));
}
