// The text form of keys: RFC 7468, and the labels that OpenSSL has for older encodings.
const natives = require('./natives.js');
const { Buffer } = require('./bytes.js');

/** Encodings: `type` in Node.js, the label, the native that reads it, the one that writes it if it is not kept so. */
const FORMATS = [
  { type: 'pkcs8', label: 'PRIVATE KEY', isPrivate: true, read: 'pkcs8' },
  { type: 'pkcs1', label: 'RSA PRIVATE KEY', isPrivate: true, read: 'pkcs1-private', native: 'pkcs1-private' },
  { type: 'sec1', label: 'EC PRIVATE KEY', isPrivate: true, read: 'sec1', native: 'sec1' },
  { type: 'spki', label: 'PUBLIC KEY', isPrivate: false, read: 'spki' },
  { type: 'pkcs1', label: 'RSA PUBLIC KEY', isPrivate: false, read: 'pkcs1-public', native: 'pkcs1-public' },
];

const LABELS = [...FORMATS, { label: 'CERTIFICATE', isPrivate: false, read: 'certificate' }];
const LINE_CHARS = 64;

/** `{ isPrivate, data }` of the first key in a text; `null` if there is none that can be read. */
function decodePem(text) {
  for (const [, label, body] of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g)) {
    if (label === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED')) {
      throw new Error('encrypted keys cannot be read here: decrypt it with `openssl pkey`');
    }
    const format = LABELS.find(it => it.label === label);
    const data = format === undefined ? null : natives.keyDecode(format.read, Buffer.from(body, 'base64'));
    if (data !== null) return { isPrivate: format.isPrivate, data };
  }
  return null;
}

function encodePem(label, der) {
  const lines = der.toString('base64').match(new RegExp(`.{1,${LINE_CHARS}}`, 'g'));
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

module.exports = { FORMATS, decodePem, encodePem };
