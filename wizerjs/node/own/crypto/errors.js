// Errors as Node.js words them: libraries and their tests look at `code`.

function coded(Type, code, message) {
  const error = new Type(message);
  error.code = code;
  return error;
}

function received(value) {
  if (value === undefined || value === null) return ` Received ${value}`;
  if (typeof value === 'function') return ` Received function ${value.name}`;
  if (typeof value === 'object') return ` Received an instance of ${value.constructor?.name ?? 'Object'}`;
  const text = typeof value === 'string' ? `'${value.length > 28 ? `${value.slice(0, 25)}...` : value}'` : String(value);
  return ` Received type ${typeof value} (${text})`;
}

/** An argument of the wrong type; `wanted` says what it is to be. */
function wrongType(name, wanted, value) {
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${wanted}.${received(value)}`);
}

function outOfRange(name, range, value) {
  return coded(RangeError, 'ERR_OUT_OF_RANGE', `The value of "${name}" is out of range. It must be ${range}. Received ${value}`);
}

function requireText(value, name) {
  if (typeof value !== 'string') throw wrongType(name, 'of type string', value);
  return value;
}

/** Largest number of bytes or rounds that Node.js takes. */
const INTEGER_MAX = 2 ** 31 - 1;

/** Check an integer from `least` on. */
function requireInteger(value, name, least) {
  if (typeof value !== 'number') throw wrongType(name, 'of type number', value);
  if (!Number.isInteger(value)) throw outOfRange(name, 'an integer', value);
  if (value < least || value > INTEGER_MAX) throw outOfRange(name, `>= ${least} && <= ${INTEGER_MAX}`, value);
  return value;
}

function requireCallback(value) {
  if (typeof value !== 'function') throw wrongType('callback', 'of type function', value);
  return value;
}

module.exports = { coded, outOfRange, requireCallback, requireInteger, requireText, wrongType };
