// node:crypto over the engine's natives. Ciphers and Diffie-Hellman are not there: the Web Crypto API has those, and what
// polyfills of them are is megabytes of JavaScript.
const { getHashes } = require('./crypto/algorithms.js');
const { KeyObject, createPrivateKey, createPublicKey, createSecretKey } = require('./crypto/keys.js');

module.exports = {
  ...require('./crypto/random.js'),
  ...require('./crypto/hash.js'),
  ...require('./crypto/derive.js'),
  ...require('./crypto/sign.js'),
  KeyObject,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  getHashes,
  subtle: crypto.subtle,
  webcrypto: crypto,
};
