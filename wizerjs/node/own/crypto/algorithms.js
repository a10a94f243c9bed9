// Names of hashes as OpenSSL has them, and what the engine calls them.

const HASHES = {
  MD5: { native: 'MD5', bytes: 16, blockBytes: 64 },
  RIPEMD160: { native: 'RIPEMD-160', bytes: 20, blockBytes: 64 },
  SHA1: { native: 'SHA-1', bytes: 20, blockBytes: 64 },
  SHA224: { native: 'SHA-224', bytes: 28, blockBytes: 64 },
  SHA256: { native: 'SHA-256', bytes: 32, blockBytes: 64 },
  SHA384: { native: 'SHA-384', bytes: 48, blockBytes: 128 },
  SHA512: { native: 'SHA-512', bytes: 64, blockBytes: 128 },
  'SHA512/224': { native: 'SHA-512/224', bytes: 28, blockBytes: 128 },
  'SHA512/256': { native: 'SHA-512/256', bytes: 32, blockBytes: 128 },
};

const ALIASES = {
  RIPEMD: 'RIPEMD160', RMD160: 'RIPEMD160', 'RIPEMD-160': 'RIPEMD160', RIPEMD160WITHRSA: 'RIPEMD160',
  'RSA-SHA1-2': 'SHA1', 'SSL3-MD5': 'MD5', 'SSL3-SHA1': 'SHA1',
};

/** The hash of this name, in any case; `undefined` for one that there is not. */
function find(name) {
  const upper = name.toUpperCase();
  const short = ALIASES[upper] ?? upper.replace(/^RSA-/, '').replace(/WITHRSAENCRYPTION$/, '').replace(/^SHA2?-/, 'SHA');
  // OpenSSL writes SHA512/256 with a stroke of either kind.
  const known = short.replace(/^SHA512-/, 'SHA512/');
  return Object.hasOwn(HASHES, known) ? HASHES[known] : undefined;
}

/** The names of those hashes among the ones that Node.js 20 lists. */
function getHashes() {
  return [
    'RSA-MD5', 'RSA-RIPEMD160', 'RSA-SHA1', 'RSA-SHA1-2', 'RSA-SHA224', 'RSA-SHA256', 'RSA-SHA384', 'RSA-SHA512',
    'RSA-SHA512/224', 'RSA-SHA512/256', 'md5', 'md5WithRSAEncryption', 'ripemd', 'ripemd160', 'ripemd160WithRSA', 'rmd160',
    'sha1', 'sha1WithRSAEncryption', 'sha224', 'sha224WithRSAEncryption', 'sha256', 'sha256WithRSAEncryption', 'sha384',
    'sha384WithRSAEncryption', 'sha512', 'sha512-224', 'sha512-224WithRSAEncryption', 'sha512-256',
    'sha512-256WithRSAEncryption', 'sha512WithRSAEncryption', 'ssl3-md5', 'ssl3-sha1',
  ];
}

module.exports = { find, getHashes };
