// Which of our classes can be cloned or transferred; an object of any other cannot.
// https://html.spec.whatwg.org/#serializable-objects https://html.spec.whatwg.org/#transferable-objects
import { isAbortSignal } from '../abort/abort.js';
import { bytesOfBlob, createBlob, createFile, isBlob, isFile } from '../blob/blob.js';
import { isEvent } from '../event/event.js';
import { isEventTarget } from '../event/target.js';
import { DOMException, isDOMException } from '../exception/exception.js';
import { isRequest } from '../request/request.js';
import { isResponse } from '../response/response.js';
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
  registerPlatformClass({ name: 'Request', is: isRequest });
  registerPlatformClass({ name: 'Response', is: isResponse });
  registerPlatformClass({ name: 'Event', is: isEvent });
  registerPlatformClass({ name: 'AbortSignal', is: isAbortSignal });
  // MessagePort, which is one too, was registered before.
  registerPlatformClass({ name: 'EventTarget', is: (value) => isEventTarget(value) || value === globalThis });
  const streams = { ReadableStream, WritableStream, TransformStream };
  for (const [name, Class] of Object.entries(streams)) {
    registerPlatformClass({ name, is: (value) => value instanceof Class });
  }
}
