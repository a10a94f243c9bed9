// Randomness, from the platform's own.
const { Buffer, isSame, view } = require('./bytes.js');
const { coded, outOfRange, requireCallback, requireInteger, wrongType } = require('./errors.js');

/** Most bytes that `getRandomValues` gives in one call. */
const RANDOM_MAX_BYTES = 65536;

function fill(bytes) {
  for (let start = 0; start < bytes.length; start += RANDOM_MAX_BYTES) {
    crypto.getRandomValues(bytes.subarray(start, start + RANDOM_MAX_BYTES));
  }
  return bytes;
}

function randomFillSync(array, offset = 0, size = undefined) {
  const bytes = view(array);
  if (bytes === undefined) throw wrongType('buf', 'an instance of ArrayBuffer or ArrayBufferView', array);
  fill(bytes.subarray(offset, size === undefined ? undefined : offset + size));
  return array;
}

function randomFill(array, offset, size, callback) {
  if (typeof offset === 'function') return randomFill(array, 0, undefined, offset);
  if (typeof size === 'function') return randomFill(array, offset, undefined, size);
  requireCallback(callback);
  randomFillSync(array, offset, size);
  queueMicrotask(() => callback(null, array));
}

function randomBytes(size, callback) {
  requireInteger(size, 'size', 0);
  if (callback !== undefined) requireCallback(callback);
  const bytes = fill(Buffer.alloc(size));
  if (callback === undefined) return bytes;
  queueMicrotask(() => callback(null, bytes));
}

/** Bits of a random integer, at most: `max - min` is below 2 to the power of this. */
const INT_BITS = 48;

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') return randomInt(0, min, max);
  const isSafe = { min, max };
  for (const name of ['min', 'max']) {
    if (!Number.isSafeInteger(isSafe[name])) throw wrongType(name, 'a safe integer', isSafe[name]);
  }
  const range = max - min;
  if (range <= 0) throw outOfRange('max', `greater than the value of "min" (${min})`, max);
  if (range >= 2 ** INT_BITS) throw outOfRange('max - min', `<= ${2 ** INT_BITS - 1}`, range);
  // Values above the largest multiple of the range would make small ones likelier.
  const limit = 2 ** INT_BITS - (2 ** INT_BITS % range);
  let value;
  do {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2));
    value = (high & 0xffff) * 2 ** 32 + low;
  } while (value >= limit);
  const result = min + (value % range);
  if (callback === undefined) return result;
  queueMicrotask(() => callback(null, result));
}

function timingSafeEqual(a, b) {
  const views = [view(a), view(b)];
  for (const [at, found] of views.entries()) {
    if (found === undefined) {
      const message = `The "buf${at + 1}" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`;
      throw coded(TypeError, 'ERR_INVALID_ARG_TYPE', message);
    }
  }
  const [left, right] = views;
  if (left.length !== right.length) {
    throw coded(RangeError, 'ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH', 'Input buffers must have the same byte length');
  }
  return isSame(left, right);
}

module.exports = {
  getRandomValues: array => crypto.getRandomValues(array),
  randomBytes,
  pseudoRandomBytes: randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID: () => crypto.randomUUID(),
  timingSafeEqual,
};
