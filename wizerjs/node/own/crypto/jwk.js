// Keys as JSON: RFC 7517, RFC 7518 and RFC 8037.
const natives = require('./natives.js');
const { Buffer, output } = require('./bytes.js');

const decode = text => Buffer.from(text ?? '', 'base64url');
const encode = bytes => output(bytes, 'base64url');
const der = buffer => (buffer === null ? null : new Uint8Array(buffer));
/** First byte of a point that is not compressed: SEC 1, section 2.3.3. */
const UNCOMPRESSED = 4;

/** `{ isPrivate, data }`; `null` for what is not a key. */
function fromJwk(jwk) {
  const isPrivate = jwk?.d !== undefined;
  const data = { RSA: fromRsa, EC: fromEc, OKP: fromOkp }[jwk?.kty]?.(jwk, isPrivate) ?? null;
  return data === null ? null : { isPrivate, data };
}

function fromRsa({ n, e, d, p, q }, isPrivate) {
  const numbers = (isPrivate ? [n, e, d, p, q] : [n, e]).map(decode);
  return isPrivate ? natives.rsaFromPrivate(...numbers) : natives.rsaFromPublic(...numbers);
}

function fromEc({ crv, x, y, d }, isPrivate) {
  if (isPrivate) return der(natives.ecToPkcs8(crv, decode(d)));
  const point = natives.ecPoint(crv, Uint8Array.of(UNCOMPRESSED, ...decode(x), ...decode(y)));
  return point === null ? null : der(natives.ecToSpki(crv, point));
}

function fromOkp({ crv, x, d }, isPrivate) {
  return der(isPrivate ? natives.okpToPkcs8(crv, decode(d)) : natives.okpToSpki(crv, decode(x)));
}

function toJwk(algorithm, isPrivate, data) {
  if (algorithm === 'RSA') {
    const [n, e, d, p, q, dp, dq, qi] = natives.rsaComponents(isPrivate, data);
    return isPrivate ? { kty: 'RSA', n, e, d, p, q, dp, dq, qi } : { kty: 'RSA', n, e };
  }
  if (algorithm.startsWith('P-')) {
    const scalar = isPrivate ? natives.ecFromPkcs8(algorithm, data) : undefined;
    const point = isPrivate ? natives.ecPublic(algorithm, scalar) : natives.ecFromSpki(algorithm, data);
    const half = (point.length - 1) / 2;
    const jwk = { kty: 'EC', x: encode(point.slice(1, 1 + half)), y: encode(point.slice(1 + half)), crv: algorithm };
    return isPrivate ? { ...jwk, d: encode(scalar) } : jwk;
  }
  const seed = isPrivate ? natives.okpFromPkcs8(algorithm, data) : undefined;
  const pointOf = algorithm === 'Ed25519' ? natives.ed25519Public : natives.x25519Public;
  const point = isPrivate ? pointOf(seed) : natives.okpFromSpki(algorithm, data);
  return isPrivate
    ? { crv: algorithm, d: encode(seed), x: encode(point), kty: 'OKP' }
    : { crv: algorithm, x: encode(point), kty: 'OKP' };
}

module.exports = { fromJwk, toJwk };
