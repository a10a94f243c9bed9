// The polyfill, and the encoding that it lacks.
const polyfill = require('../buffer.js');

const { Buffer } = polyfill;
const isUrl = encoding => typeof encoding === 'string' && encoding.toLowerCase() === 'base64url';
const { byteLength, from, isEncoding } = Buffer;
const { toString, write } = Buffer.prototype;

const plain = text => text.replaceAll('-', '+').replaceAll('_', '/');

Buffer.from = function (value, encoding, length) {
  return typeof value === 'string' && isUrl(encoding) ? from(plain(value), 'base64') : from(value, encoding, length);
};
Buffer.byteLength = function (value, encoding) {
  return isUrl(encoding) ? byteLength(typeof value === 'string' ? plain(value) : value, 'base64') : byteLength(value, encoding);
};
Buffer.isEncoding = encoding => isUrl(encoding) || isEncoding(encoding);
Buffer.prototype.toString = function (encoding, start, end) {
  if (!isUrl(encoding)) return toString.apply(this, arguments);
  return toString.call(this, 'base64', start, end).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};
Buffer.prototype.write = function (text, offset, length, encoding) {
  const last = [encoding, length, offset].find(argument => typeof argument === 'string');
  if (!isUrl(last)) return write.apply(this, arguments);
  const numbers = [offset, length].filter(argument => typeof argument === 'number');
  return write.call(this, plain(text), ...numbers, 'base64');
};

module.exports = { ...polyfill, ...polyfill.default, Buffer };
