// PerformanceObserver: https://w3c.github.io/performance-timeline/#the-performanceobserver-interface
import { defineInterface, dictionary, illegalConstructor, requireArguments, sequence } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { reportException } from '../event/report.js';
import { runAfter } from '../timer/timer.js';

const INTERNAL = Symbol();
const TYPES = Object.freeze(['mark', 'measure']);

/** Observers that observe something now. */
const observers = new Set();
let scheduled = false;

class PerformanceObserverEntryList {
  #entries;

  constructor(token = undefined, entries) {
    if (token !== INTERNAL) illegalConstructor();
    this.#entries = entries;
  }

  getEntries() {
    return byTime(this.#entries);
  }

  getEntriesByType(type) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'PerformanceObserverEntryList.getEntriesByType');
    type = `${type}`;
    return byTime(entries.filter((entry) => entry.entryType === type));
  }

  getEntriesByName(name, type = undefined) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'PerformanceObserverEntryList.getEntriesByName');
    return byName(entries, `${name}`, type === undefined ? undefined : `${type}`);
  }
}

class PerformanceObserver {
  #callback;
  #types = [];
  /** `type` or `entryTypes`: what was used first may not be mixed with the other. */
  #mode = null;
  #buffer = [];

  constructor(callback) {
    requireArguments(arguments.length, 1, 'PerformanceObserver');
    if (typeof callback !== 'function') throw new TypeError('PerformanceObserver: not a function');
    this.#callback = callback;
  }

  static get supportedEntryTypes() {
    return TYPES;
  }

  observe(options = undefined) {
    this.#buffer;
    const { buffered, entryTypes, type } = dictionary(options, 'PerformanceObserver.observe: options') ?? {};
    if (entryTypes === undefined && type === undefined) {
      throw new TypeError('PerformanceObserver.observe: neither entryTypes nor type');
    }
    if (entryTypes !== undefined && (type !== undefined || buffered !== undefined)) {
      throw new TypeError('PerformanceObserver.observe: entryTypes with type or buffered');
    }
    const mode = entryTypes !== undefined ? 'entryTypes' : 'type';
    if (this.#mode !== null && this.#mode !== mode) {
      throw new DOMException('PerformanceObserver.observe: type and entryTypes mixed', 'InvalidModificationError');
    }
    this.#mode = mode;
    if (mode === 'entryTypes') {
      const types = sequence(entryTypes, 'entryTypes').map(String).filter((name) => TYPES.includes(name));
      if (types.length === 0) return;
      this.#types = types;
    } else {
      const name = `${type}`;
      if (!TYPES.includes(name)) return;
      if (!this.#types.includes(name)) this.#types.push(name);
      if (buffered) for (const entry of timeline()) if (entry.entryType === name) this.#queue(entry);
    }
    observers.add(this);
  }

  disconnect() {
    this.#buffer = [];
    this.#types = [];
    this.#mode = null;
    observers.delete(this);
  }

  takeRecords() {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }

  #queue(entry) {
    this.#buffer.push(entry);
    if (scheduled) return;
    scheduled = true;
    runAfter(0, deliver);
  }

  static {
    notify = (entry) => {
      for (const observer of observers) if (observer.#types.includes(entry.entryType)) observer.#queue(entry);
    };
    deliver = () => {
      scheduled = false;
      for (const observer of [...observers]) {
        const entries = observer.takeRecords();
        if (entries.length === 0) continue;
        const list = new PerformanceObserverEntryList(INTERNAL, entries);
        try {
          observer.#callback.call(observer, list, observer, { droppedEntriesCount: 0 });
        } catch (error) {
          reportException(error);
        }
      }
    };
  }
}

/** Tell observers of a new entry. */
export let notify;
let deliver;

/** What `Performance` provides: all entries so far. */
let timeline = () => [];

export function byTime(list) {
  return list.map((entry, at) => [entry, at])
    .sort(([a, i], [b, j]) => a.startTime - b.startTime || i - j)
    .map(([entry]) => entry);
}

export function byName(list, name, type) {
  return byTime(list.filter((entry) => entry.name === name && (type === undefined || entry.entryType === type)));
}

export function install(entries) {
  timeline = entries;
  defineInterface({ PerformanceObserverEntryList });
  defineInterface({ PerformanceObserver });
}
