// pbkdf2, scrypt and hkdf. The forms with a callback compute at once as well: there is one thread.
const natives = require('./natives.js');
const { find } = require('./algorithms.js');
const { bytes, output } = require('./bytes.js');
const { coded, requireCallback, requireInteger, requireText } = require('./errors.js');
const { secretOf } = require('./keys.js');

function hashOf(digest) {
  const hash = find(requireText(digest, 'digest'));
  if (hash === undefined) throw coded(TypeError, 'ERR_CRYPTO_INVALID_DIGEST', `Invalid digest: ${digest}`);
  return hash;
}

/** The form with a callback of a function whose parameters are right. */
function later(compute, callback) {
  requireCallback(callback);
  const result = compute();
  queueMicrotask(() => callback(null, result));
}

function pbkdf2Sync(password, salt, iterations, size, digest) {
  requireText(digest, 'digest');
  const [key, salted] = [bytes(password, undefined, 'password'), bytes(salt, undefined, 'salt')];
  requireInteger(iterations, 'iterations', 1);
  requireInteger(size, 'keylen', 0);
  return output(natives.pbkdf2(hashOf(digest).native, key, salted, iterations, size));
}

function pbkdf2(password, salt, iterations, size, digest, callback) {
  if (typeof digest === 'function') return pbkdf2(password, salt, iterations, size, undefined, digest);
  later(() => pbkdf2Sync(password, salt, iterations, size, digest), callback);
}

/** Memory that scrypt may take if nothing else is said, in bytes. */
const SCRYPT_MEMORY_BYTES = 32 * 1024 * 1024;

function scryptSync(password, salt, size, options = {}) {
  const [key, salted] = [bytes(password, undefined, 'password'), bytes(salt, undefined, 'salt')];
  requireInteger(size, 'keylen', 0);
  const cost = options.cost ?? options.N ?? 16384;
  const blockSize = options.blockSize ?? options.r ?? 8;
  const parallelization = options.parallelization ?? options.p ?? 1;
  const wrong = why => coded(RangeError, 'ERR_CRYPTO_INVALID_SCRYPT_PARAMS', `Invalid scrypt params${why}`);
  const logarithm = Math.log2(cost);
  if (!Number.isInteger(logarithm) || logarithm < 1) throw wrong('');
  if (128 * cost * blockSize > (options.maxmem ?? SCRYPT_MEMORY_BYTES)) {
    throw wrong(': error:030000AC:digital envelope routines::memory limit exceeded');
  }
  if (size === 0) return output(new Uint8Array(0));
  const result = natives.scrypt(key, salted, logarithm, blockSize, parallelization, size);
  if (result === null) throw wrong('');
  return output(result);
}

function scrypt(password, salt, size, options, callback) {
  if (typeof options === 'function') return scrypt(password, salt, size, {}, options);
  later(() => scryptSync(password, salt, size, options), callback);
}

/** RFC 5869, section 2.3: so many blocks at most. */
const HKDF_BLOCKS_MAX = 255;

function hkdfSync(digest, key, salt, info, size) {
  requireText(digest, 'digest');
  const secret = secretOf(key) ?? bytes(key, undefined, 'ikm');
  const [salted, context] = [bytes(salt, undefined, 'salt'), bytes(info, undefined, 'info')];
  requireInteger(size, 'length', 0);
  const hash = hashOf(digest);
  if (size > HKDF_BLOCKS_MAX * hash.bytes) throw coded(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
  return natives.hkdf(hash.native, secret, salted, context, size);
}

function hkdf(digest, key, salt, info, size, callback) {
  later(() => hkdfSync(digest, key, salt, info, size), callback);
}

module.exports = { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync };
