// Which of our classes can be cloned; those that can be transferred register themselves.
// https://html.spec.whatwg.org/#serializable-objects https://html.spec.whatwg.org/#transferable-objects
import { bytesOfBlob, createBlob, createFile, isBlob, isFile } from '../blob/blob.js';
import { DOMException, isDOMException } from '../exception/exception.js';
import { ReadableStream, TransformStream, WritableStream, pipeThrough, pipeTo, transformOf } from '../stream/stream.js';
import { registerPlatformClass, structuredClone } from './structured_clone.js';

function cloneFile(file) {
  return createFile(createBlob(bytesOfBlob(file), file.type), file.name, file.lastModified);
}

function cloneException(exception) {
  const copy = new DOMException(exception.message, exception.name);
  const { stack } = exception;
  if (typeof stack === 'string') {
    Object.defineProperty(copy, 'stack', { value: stack, writable: true, enumerable: false, configurable: true });
  }
  return copy;
}

/** Chunks are cloned on their way, as if they went to another context. */
function cloning() {
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(structuredClone(chunk));
    },
  });
}

function requireUnlocked(stream) {
  if (stream.locked) throw new DOMException('A locked stream could not be cloned', 'DataCloneError');
}

/** https://streams.spec.whatwg.org/#rs-transfer */
function transferReadable(stream) {
  requireUnlocked(stream);
  return pipeThrough(stream, cloning());
}

/** https://streams.spec.whatwg.org/#ws-transfer */
function transferWritable(stream) {
  requireUnlocked(stream);
  const { readable, writable } = cloning();
  pipeTo(readable, stream).catch(() => {});
  return writable;
}

/** https://streams.spec.whatwg.org/#ts-transfer */
function transferTransform(stream) {
  requireUnlocked(stream.readable);
  requireUnlocked(stream.writable);
  const readable = transferReadable(stream.readable);
  const writable = transferWritable(stream.writable);
  return transformOf(readable, writable);
}

export function install() {
  registerPlatformClass({ name: 'File', is: isFile, clone: cloneFile });
  registerPlatformClass({ name: 'Blob', is: isBlob, clone: (blob) => createBlob(bytesOfBlob(blob), blob.type) });
  registerPlatformClass({ name: 'DOMException', is: isDOMException, clone: cloneException });
  registerPlatformClass({ name: 'the global object', is: (value) => value === globalThis });
  const streams = [
    ['ReadableStream', ReadableStream, transferReadable],
    ['WritableStream', WritableStream, transferWritable],
    ['TransformStream', TransformStream, transferTransform],
  ];
  for (const [name, Class, transfer] of streams) {
    registerPlatformClass({ name, is: (value) => value instanceof Class, transfer });
  }
}
