// JSON Web Keys: https://w3c.github.io/webcrypto/#JsonWebKey-dictionary, RFC 7517
import { isObject, sequence } from '../webidl.js';
import { dataError } from './algorithm.js';

const TEXT_MEMBERS = ['alg', 'crv', 'd', 'dp', 'dq', 'e', 'k', 'kty', 'n', 'p', 'q', 'qi', 'use', 'x', 'y'];

/** The dictionary conversion. */
export function toJwk(value) {
  if (!isObject(value)) throw new TypeError('The key is not a JSON Web Key');
  const jwk = {};
  for (const name of TEXT_MEMBERS) {
    const member = value[name];
    if (member !== undefined) jwk[name] = `${member}`;
  }
  if (value.ext !== undefined) jwk.ext = !!value.ext;
  if (value.key_ops !== undefined) jwk.key_ops = sequence(value.key_ops, 'key_ops').map(String);
  if (value.oth !== undefined) jwk.oth = sequence(value.oth, 'oth');
  return jwk;
}

/** What holds for every kind of key. */
export function checkJwk(jwk, { kty, use, extractable, usages }) {
  if (jwk.kty !== kty) throw dataError(`kty is not ${kty}`);
  if (usages.length > 0 && jwk.use !== undefined && use !== undefined && jwk.use !== use) {
    throw dataError(`use is not ${use}`);
  }
  if (jwk.key_ops !== undefined) {
    if (new Set(jwk.key_ops).size !== jwk.key_ops.length) throw dataError('key_ops has a name twice');
    for (const usage of usages) if (!jwk.key_ops.includes(usage)) throw dataError(`key_ops has no ${usage}`);
  }
  if (jwk.ext === false && extractable) throw dataError('ext is false');
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;

export function fromBase64Url(text, what) {
  const bytes = text === undefined || !BASE64URL.test(text) ? null : host.base64UrlDecode(text);
  if (bytes === null) throw dataError(`${what} is missing or not base64url`);
  return bytes;
}

export function toBase64Url(bytes) {
  return host.base64UrlEncode(bytes);
}

export function keyOperations(key) {
  return { key_ops: [...key.usages], ext: key.extractable };
}
