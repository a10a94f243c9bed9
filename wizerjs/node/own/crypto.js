// What random numbers and comparisons can do without a cipher: the Web Crypto API has those. Polyfills of the rest are
// megabytes of JavaScript.
const { Buffer } = require('../buffer.js');

/** Most bytes that `getRandomValues` gives in one call. */
const RANDOM_MAX_BYTES = 65536;

function fill(bytes) {
  for (let start = 0; start < bytes.length; start += RANDOM_MAX_BYTES) {
    crypto.getRandomValues(bytes.subarray(start, start + RANDOM_MAX_BYTES));
  }
  return bytes;
}

function view(array) {
  return ArrayBuffer.isView(array)
    ? new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    : new Uint8Array(array);
}

function randomFillSync(array, offset = 0, size = undefined) {
  const bytes = view(array);
  fill(bytes.subarray(offset, size === undefined ? undefined : offset + size));
  return array;
}

function randomFill(array, offset, size, callback) {
  if (typeof offset === 'function') return randomFill(array, 0, undefined, offset);
  if (typeof size === 'function') return randomFill(array, offset, undefined, size);
  randomFillSync(array, offset, size);
  queueMicrotask(() => callback(null, array));
}

function randomBytes(size, callback) {
  if (!Number.isInteger(size) || size < 0 || size > 0x7fffffff) {
    throw new RangeError(`The value of "size" is out of range. It must be >= 0 && <= 2147483647. Received ${size}`);
  }
  const bytes = fill(Buffer.alloc(size));
  if (callback === undefined) return bytes;
  queueMicrotask(() => callback(null, bytes));
}

/** Bits of a random integer, at most: `max - min` is below 2 to the power of this. */
const INT_BITS = 48;

function randomInt(min, max, callback) {
  if (max === undefined || typeof max === 'function') return randomInt(0, min, max);
  const range = max - min;
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) throw new TypeError('randomInt takes safe integers');
  if (!(range > 0 && range < 2 ** INT_BITS)) {
    throw new RangeError(`The value of "max" is out of range. It must be greater than the value of "min" (${min}). Received ${max}`);
  }
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
  const [left, right] = [view(a), view(b)];
  if (left.length !== right.length) throw new RangeError('Input buffers must have the same byte length');
  let difference = 0;
  for (let index = 0; index < left.length; index++) difference |= left[index] ^ right[index];
  return difference === 0;
}

module.exports = {
  getRandomValues: array => crypto.getRandomValues(array),
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID: () => crypto.randomUUID(),
  subtle: crypto.subtle,
  timingSafeEqual,
  webcrypto: crypto,
};
