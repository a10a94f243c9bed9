// FileReader: https://w3c.github.io/FileAPI/#APIASynch
import { defineInterface, requireArguments } from '../webidl.js';
import { DOMException } from '../exception/exception.js';
import { Event } from '../event/event.js';
import { EventTarget, defineHandler, dispatch } from '../event/target.js';
import { cancel } from '../operation.js';
import { runAfter } from '../timer/timer.js';
import { bytesOfBlob, isBlob } from './blob.js';

const EMPTY = 0;
const LOADING = 1;
const DONE = 2;

class ProgressEvent extends Event {
  #lengthComputable = false;
  #loaded = 0;
  #total = 0;

  constructor(type, init = undefined) {
    requireArguments(arguments.length, 1, 'ProgressEvent');
    super(type, init);
    if (init === undefined || init === null) return;
    const { lengthComputable, loaded, total } = init;
    this.#lengthComputable = !!lengthComputable;
    if (loaded !== undefined) this.#loaded = Math.trunc(+loaded) || 0;
    if (total !== undefined) this.#total = Math.trunc(+total) || 0;
  }

  get lengthComputable() {
    return this.#lengthComputable;
  }

  get loaded() {
    return this.#loaded;
  }

  get total() {
    return this.#total;
  }
}

class FileReader extends EventTarget {
  #state = EMPTY;
  #result = null;
  #error = null;
  #task = 0;

  get readyState() {
    return this.#state;
  }

  get result() {
    return this.#result;
  }

  get error() {
    return this.#error;
  }

  readAsArrayBuffer(blob) {
    this.#read(blob, arguments.length, (bytes) => bytes.slice().buffer);
  }

  readAsBinaryString(blob) {
    this.#read(blob, arguments.length, (bytes) => host.latin1(bytes));
  }

  readAsText(blob, encoding = undefined) {
    this.#read(blob, arguments.length, (bytes) => decodeText(bytes, encoding, blob.type));
  }

  readAsDataURL(blob) {
    this.#read(blob, arguments.length, (bytes) => (
      `data:${blob.type || 'application/octet-stream'};base64,${host.base64Encode(host.latin1(bytes))}`
    ));
  }

  abort() {
    if (this.#state !== LOADING) {
      this.#result = null;
      return;
    }
    this.#state = DONE;
    this.#result = null;
    cancel(this.#task);
    this.#task = 0;
    this.#fire('abort', 0, 0);
    if (this.#state !== LOADING) this.#fire('loadend', 0, 0);
  }

  #read(blob, argumentCount, convert) {
    this.#state;
    requireArguments(argumentCount, 1, 'FileReader');
    if (!isBlob(blob)) throw new TypeError('FileReader: not a Blob');
    if (this.#state === LOADING) throw new DOMException('The reader is already reading', 'InvalidStateError');
    this.#state = LOADING;
    this.#result = null;
    this.#error = null;
    const bytes = bytesOfBlob(blob);
    const { length } = bytes;
    // A task for each event, so that microtasks run between them.
    const steps = [
      () => this.#fire('loadstart', 0, length),
      () => {
        if (length > 0) this.#fire('progress', length, length);
      },
      () => {
        this.#state = DONE;
        this.#result = convert(bytes);
        this.#fire('load', length, length);
      },
      () => {
        if (this.#state !== LOADING) this.#fire('loadend', length, length);
      },
    ];
    this.#perform(steps, 0);
  }

  #perform(steps, at) {
    this.#task = runAfter(0, () => {
      // What runs now may abort, or start another reading, which has a task of its own.
      const task = this.#task;
      steps[at]();
      if (this.#task === task && at + 1 < steps.length) this.#perform(steps, at + 1);
    });
  }

  #fire(type, loaded, total) {
    dispatch(this, new ProgressEvent(type, { lengthComputable: true, loaded, total }), true);
  }
}

/** https://w3c.github.io/FileAPI/#packaging-data */
function decodeText(bytes, encoding, type) {
  let name = encoding === undefined ? null : host.encodingForLabel(`${encoding}`);
  if (name === null && type !== '') {
    const mime = host.mimeParse(type);
    const charset = mime === null ? -1 : mime.indexOf('charset', 1);
    if (charset > 0) name = host.encodingForLabel(mime[charset + 1]);
  }
  return host.decode(name ?? 'utf-8', bytes, false, false);
}

export function install() {
  defineInterface({ ProgressEvent });
  defineInterface({ FileReader }, { constants: { EMPTY, LOADING, DONE } });
  for (const type of ['loadstart', 'progress', 'load', 'abort', 'error', 'loadend']) {
    defineHandler(FileReader.prototype, type);
  }
}
