// How objects of ours look in the log: by their attributes, which the inspector cannot see.
import { showAs } from './format.js';

/** Attributes worth showing, by interface. */
const ATTRIBUTES = {
  AbortSignal: ['aborted', 'reason'],
  Blob: ['size', 'type'],
  ByteLengthQueuingStrategy: ['highWaterMark'],
  CountQueuingStrategy: ['highWaterMark'],
  CryptoKey: ['type', 'extractable', 'algorithm', 'usages'],
  Event: ['type', 'defaultPrevented', 'cancelable', 'timeStamp'],
  File: ['name', 'size', 'type', 'lastModified'],
  PerformanceEntry: ['name', 'entryType', 'startTime', 'duration'],
  ReadableByteStreamController: ['desiredSize'],
  ReadableStream: ['locked'],
  ReadableStreamBYOBReader: ['closed'],
  ReadableStreamDefaultController: ['desiredSize'],
  ReadableStreamDefaultReader: ['closed'],
  Request: ['method', 'url', 'headers', 'redirect', 'bodyUsed'],
  Response: ['status', 'statusText', 'ok', 'redirected', 'type', 'url', 'headers', 'bodyUsed'],
  TextDecoder: ['encoding', 'fatal', 'ignoreBOM'],
  TransformStream: ['readable', 'writable'],
  TransformStreamDefaultController: ['desiredSize'],
  URLPattern: ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'],
  WritableStream: ['locked'],
  WritableStreamDefaultController: ['signal'],
  WritableStreamDefaultWriter: ['desiredSize'],
};

const PAIRS = ['FormData', 'Headers', 'URLSearchParams'];

export function install() {
  for (const [name, attributes] of Object.entries(ATTRIBUTES)) {
    if (name in globalThis) showAs(globalThis[name], showAttributes(name, attributes));
  }
  for (const name of PAIRS) showAs(globalThis[name], showPairs(name));
}

function showAttributes(name, attributes) {
  return function show(depth, options, inspect) {
    if (depth < 0) return `[${name}]`;
    const shown = {};
    for (const attribute of attributes) {
      try {
        shown[attribute] = this[attribute];
      } catch {
        return `${name} {}`; // the prototype itself
      }
    }
    return `${this.constructor?.name ?? name} ${inspect(shown, { ...options, depth: options.depth })}`;
  };
}

function showPairs(name) {
  return function show(depth, options, inspect) {
    if (depth < 0) return `[${name}]`;
    let shown;
    try {
      shown = new Map(this.entries());
    } catch {
      return `${name} {}`;
    }
    return `${name} ${inspect(shown, options).replace(/^Map\(\d+\) /, '')}`;
  };
}
