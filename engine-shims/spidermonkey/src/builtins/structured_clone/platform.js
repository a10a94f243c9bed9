// Which of our classes can be cloned; those that can be transferred register themselves.
// https://html.spec.whatwg.org/#serializable-objects https://html.spec.whatwg.org/#transferable-objects
import { bytesOfBlob, createBlob, createFile, isBlob, isFile } from '../blob/blob.js';
import { DOMException, isDOMException } from '../exception/exception.js';
import { ReadableStream, TransformStream, WritableStream } from '../stream/stream.js';
import { registerPlatformClass } from './structured_clone.js';

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

export function install() {
  registerPlatformClass({ name: 'File', is: isFile, clone: cloneFile });
  registerPlatformClass({ name: 'Blob', is: isBlob, clone: (blob) => createBlob(bytesOfBlob(blob), blob.type) });
  registerPlatformClass({ name: 'DOMException', is: isDOMException, clone: cloneException });
  registerPlatformClass({ name: 'the global object', is: (value) => value === globalThis });
  const streams = { ReadableStream, WritableStream, TransformStream };
  for (const [name, Class] of Object.entries(streams)) {
    registerPlatformClass({ name, is: (value) => value instanceof Class });
  }
}
