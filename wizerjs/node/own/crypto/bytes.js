// Bytes as callers give them and get them.
const { Buffer } = require('../buffer.js');
const { wrongType } = require('./errors.js');

/** A view's or buffer's bytes, not copied; `undefined` for anything else. */
function view(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (Object.prototype.toString.call(value) === '[object ArrayBuffer]') return new Uint8Array(value);
  return undefined;
}

const VIEWS = 'Buffer, TypedArray, or DataView';

/** Bytes of a text in an encoding, or of a view or buffer. */
function bytes(value, encoding, name, wanted = `of type string or an instance of ArrayBuffer, ${VIEWS}`) {
  if (typeof value === 'string') return Buffer.from(value, encoding === 'buffer' ? 'utf8' : encoding);
  const found = view(value);
  if (found === undefined) throw wrongType(name, wanted, value);
  return found;
}

/** What is hashed or signed: `update`'s argument. */
function data(value, encoding) {
  return bytes(value, encoding, 'data', `of type string or an instance of ${VIEWS}`);
}

/** A result: a Buffer, or text in the encoding that was asked for. */
function output(value, encoding) {
  const buffer = Buffer.from(value.buffer ?? value, value.byteOffset, value.byteLength);
  return encoding === undefined || encoding === null || encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

/** Whether two views have the same bytes; takes as long wherever they differ. */
function isSame(left, right) {
  let difference = left.length ^ right.length;
  for (let index = 0; index < Math.min(left.length, right.length); index++) difference |= left[index] ^ right[index];
  return difference === 0;
}

module.exports = { Buffer, VIEWS, bytes, data, isSame, output, view };
