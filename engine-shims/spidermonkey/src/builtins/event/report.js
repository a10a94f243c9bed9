// "Report an exception": https://html.spec.whatwg.org/#report-an-exception
import { ErrorEvent } from './event.js';
import { dispatch, hasListeners } from './target.js';
import { formatError } from '../console/format.js';

const LOG_ERROR = 3;
let reporting = false;

/** Tell the application's `error` listeners, else the log. */
export function reportException(error) {
  if (!reporting && hasListeners(globalThis, 'error')) {
    reporting = true;
    try {
      const event = new ErrorEvent('error', { cancelable: true, error, ...place(error) });
      if (!dispatch(globalThis, event, true)) return;
    } finally {
      reporting = false;
    }
  }
  host.log(LOG_ERROR, `Uncaught ${formatError(error)}`);
}

function place(error) {
  if (!Error.isError?.(error)) return { message: `uncaught exception: ${safeString(error)}` };
  const { fileName = '', lineNumber = 0, columnNumber = 0 } = error;
  return {
    message: `${safeString(error)}`,
    filename: typeof fileName === 'string' ? fileName : '',
    lineno: lineNumber,
    colno: columnNumber,
  };
}

function safeString(value) {
  try {
    return String(value);
  } catch {
    return 'an object that cannot be converted to a string';
  }
}
