// FormData: https://xhr.spec.whatwg.org/#interface-formdata
import { defineInterface, pairIterable, requireArguments, usvString } from '../webidl.js';
import { createFile, isBlob, isFile } from '../blob/blob.js';

export class FormData {
  /** Name, value, name, value, …; a value is a string or a File. */
  #entries = [];

  constructor(form = undefined) {
    if (form !== undefined) throw new TypeError('FormData: there are no HTML forms here');
  }

  append(name, value, filename = undefined) {
    const entries = this.#entries;
    requireArguments(arguments.length, 2, 'FormData.append');
    name = usvString(name);
    entries.push(name, convert(value, filename, arguments.length, 'FormData.append'));
  }

  delete(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.delete');
    name = usvString(name);
    this.#entries = entries.filter((_, at) => entries[at - (at % 2)] !== name);
  }

  get(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.get');
    const at = find(entries, usvString(name));
    return at < 0 ? null : entries[at + 1];
  }

  getAll(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.getAll');
    name = usvString(name);
    return entries.filter((_, at) => at % 2 === 1 && entries[at - 1] === name);
  }

  has(name) {
    const entries = this.#entries;
    requireArguments(arguments.length, 1, 'FormData.has');
    return find(entries, usvString(name)) >= 0;
  }

  set(name, value, filename = undefined) {
    const entries = this.#entries;
    requireArguments(arguments.length, 2, 'FormData.set');
    name = usvString(name);
    value = convert(value, filename, arguments.length, 'FormData.set');
    const first = find(entries, name);
    if (first < 0) {
      entries.push(name, value);
      return;
    }
    entries[first + 1] = value;
    this.#entries = entries.filter((_, at) => at - (at % 2) <= first || entries[at - (at % 2)] !== name);
  }

  static {
    entriesOf = (form) => form.#entries;
    isFormData = (value) => typeof value === 'object' && value !== null && #entries in value;
  }
}

/** Flat, names and values. */
export let entriesOf, isFormData;

function find(entries, name) {
  for (let at = 0; at < entries.length; at += 2) if (entries[at] === name) return at;
  return -1;
}

function convert(value, filename, argumentCount, what) {
  if (isBlob(value)) {
    const named = argumentCount > 2 && filename !== undefined;
    if (isFile(value) && !named) return value;
    const name = named ? usvString(filename) : 'blob';
    return createFile(value, name, isFile(value) ? value.lastModified : undefined);
  }
  if (argumentCount > 2) throw new TypeError(`${what}: a file name needs a Blob`);
  return usvString(value);
}

export function install() {
  pairIterable(FormData, 'FormData', (form) => entriesOf(form));
  defineInterface({ FormData });
}
