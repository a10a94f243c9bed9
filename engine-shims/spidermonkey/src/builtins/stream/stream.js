// Streams: https://streams.spec.whatwg.org/. The implementation is the package web-streams-polyfill, as
// slots.mjs writes it: the slots of the specification are symbols, exported under the names that the package has for them.
import {
  ByteLengthQueuingStrategy, CountQueuingStrategy, ReadableByteStreamController, ReadableStream,
  ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableStreamDefaultController, ReadableStreamDefaultReader,
  TransformStream, TransformStreamDefaultController, WritableStream, WritableStreamDefaultController,
  WritableStreamDefaultWriter, _backpressure, _backpressureChangePromise, _disturbed, _readable, _writable,
} from 'web-streams-polyfill';
import { exposeInterface } from '../webidl.js';

export { ReadableStream, TransformStream, WritableStream };

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

const { call } = Function.prototype;
const uncurry = (method) => call.bind(method);

// As they were before the application could replace them.
export const getReader = uncurry(ReadableStream.prototype.getReader);
export const tee = uncurry(ReadableStream.prototype.tee);
export const read = uncurry(ReadableStreamDefaultReader.prototype.read);
export const releaseLock = uncurry(ReadableStreamDefaultReader.prototype.releaseLock);
export const cancelReader = uncurry(ReadableStreamDefaultReader.prototype.cancel);
export const cancelStream = uncurry(ReadableStream.prototype.cancel);
export const pipeThrough = uncurry(ReadableStream.prototype.pipeThrough);
export const pipeTo = uncurry(ReadableStream.prototype.pipeTo);
const getLocked = uncurry(Object.getOwnPropertyDescriptor(ReadableStream.prototype, 'locked').get);

export function isReadableStream(value) {
  return value instanceof ReadableStream || (typeof value === 'object' && value !== null && brand(value));
}

function brand(value) {
  try {
    getLocked(value);
    return true;
  } catch {
    return false;
  }
}

export function isLocked(stream) {
  return getLocked(stream);
}

/** Whether it was ever read from or canceled. */
export function isDisturbed(stream) {
  return stream[_disturbed];
}

/** Have it count as read from. */
export function disturb(stream) {
  stream[_disturbed] = true;
}

/** A TransformStream of these two sides. */
export function transformOf(readable, writable) {
  const stream = new TransformStream();
  stream[_readable] = readable;
  stream[_writable] = writable;
  return stream;
}

/** When a TransformStream's readable side asks for more. */
export async function writable(stream) {
  while (stream[_backpressure]) await stream[_backpressureChangePromise];
}

export function install() {
  const interfaces = {
    ByteLengthQueuingStrategy, CountQueuingStrategy, ReadableByteStreamController, ReadableStream,
    ReadableStreamBYOBReader, ReadableStreamBYOBRequest, ReadableStreamDefaultController, ReadableStreamDefaultReader,
    TransformStream, TransformStreamDefaultController, WritableStream, WritableStreamDefaultController,
    WritableStreamDefaultWriter,
  };
  for (const name in interfaces) exposeInterface(name, interfaces[name]);
  // What the package has besides the specification, or makes for itself.
  delete WritableStreamDefaultController.prototype.abortReason;
  Object.setPrototypeOf(Object.getPrototypeOf(new ReadableStream().values()), AsyncIteratorPrototype);
}
