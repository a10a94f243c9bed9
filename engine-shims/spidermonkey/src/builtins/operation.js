// What the host is doing for us, by operation id.

const waiting = new Map();

/** Outcomes of an operation, as the host numbers them. */
export const READY = 0;
export const CHUNK = 1;
export const END = 2;
export const HEAD = 3;
export const ERROR = 4;

/** Call `callback(outcome, a, b, c)` when operation `id` ends. */
export function wait(id, callback) {
  waiting.set(id, callback);
}

export function cancel(id) {
  waiting.delete(id);
  host.cancel(id);
}

export function complete(id, outcome, a, b, c) {
  const callback = waiting.get(id);
  if (callback === undefined) return;
  waiting.delete(id);
  callback(outcome, a, b, c);
}

/** A promise for operation `id`; rejects with TypeError when it fails. */
export function settled(id) {
  return new Promise((resolve, reject) => {
    waiting.set(id, (outcome, a) => {
      if (outcome === ERROR) reject(new TypeError(a));
      else resolve(outcome === CHUNK ? a : null);
    });
  });
}
