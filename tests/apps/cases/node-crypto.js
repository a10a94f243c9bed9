// Calls of `node:crypto`: what each gives, or the error that it throws.
import * as crypto from 'node:crypto';

const { constants } = crypto;
const EC = {
  kty: 'EC', crv: 'P-256', x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0', y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
  d: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo',
};
const ED = { crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo', kty: 'OKP' };
const RSA = `-----BEGIN RSA PRIVATE KEY-----
MIICXAIBAAKBgQC0vRB2VSDzjVQS6Dl5GJ3fSMWMHpN4u2KexEwm89g4d8ZE9Bkv
QAwYGtXBns/JjFS0Cvtu9qmFm3fRTj2HkBzEAa6tcx296il+fCKPWvDkTmgd+XhY
QMFZe11esdXmMt1g1lKgms/bo6B4e8I4M/RYC2jkijOKY8iy6lY/wUPFnQIDAQAB
AoGATXx1D1Zl3yTrM4PuB/W+0ViAoRcGwI8Ns+WShGyseWEYVr2UAobh6H+wvubY
TJ9mPR4sN6F2gjpp/wkdJf5p5gEnicv2Agl+HmW6RGooYL4rxO/gmN+xpunQ3Ln0
tkeTpwJBWHaaMQSS/9NxrEC6VpuT1FcPMM4foowLbkX12sECQQDun0HY/cugn3F+
P/I2qq3KV1SuzoBoKGUU+qS6QjuxOueuaHbBrygA63f6HUsUZ7Q9dKYQzdF6DxIp
53HzFEpNAkEAweaoJrISyF32UwGG86rbcYmjM1fArrnumdR+hH9ILLfQ0Qaz3dK9
ZVn3p8LnucerOyF20cf6z+ZSY2zJlVRwkQJBAMTpFMx8esmcaWp2WGk2JV3A/TeX
Xq0VEHzkbITrXRjedAsfV0hzQv6nUQVLoQZAoaLJHLTnMwKXZzS/MfAWgU0CQCxn
RdqWrPZ1jhM0JlNmrRozCsyXK+jXa2yO3Oo6u6yB66/yeP4zZGvxTmV8nNROhUfl
QfCIe0dg1z0tjHxF+gECQDE/7A6nYbMx+JUZA6w5qRBPwoVoXCHyPC+BcZXOJ3rN
ZyjOILN0dDCO+a0h+K4eVOWMBOoDFxU+t5e13zeObI4=
-----END RSA PRIVATE KEY-----
`;

const hex = (value) => Buffer.from(value).toString('hex');
const rsa = () => crypto.createPrivateKey(RSA);
const ec = () => crypto.createPrivateKey({ key: EC, format: 'jwk' });
const ed = () => crypto.createPrivateKey({ key: ED, format: 'jwk' });
const later = (call) => new Promise((resolve, reject) => call((error, value) => (error ? reject(error) : resolve(value))));
const signed = (key, hash = 'sha256') => crypto.createVerify(hash).update('data').verify(
  'key' in key ? { ...key, key: crypto.createPublicKey(key.key) } : crypto.createPublicKey(key),
  crypto.createSign(hash).update('da').update('ta').sign(key),
);

const CALLS = {
  'hashes that both have': () => ['md5', 'sha1', 'sha512-256', 'RSA-SHA256', 'ripemd160'].every((it) => crypto.getHashes().includes(it)),
  ...Object.fromEntries(
    ['md5', 'ripemd160', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256', 'SHA256', 'RSA-SHA1', 'sha-256']
      .flatMap((name) => [
        [`hash ${name}`, () => crypto.createHash(name).update('The quick brown fox').digest('hex')],
        [`hmac ${name}`, () => crypto.createHmac(name, 'key').update('The quick brown fox').digest('base64')],
      ]),
  ),
  'hash in pieces': () => crypto.createHash('sha256').update('a'.repeat(63)).update(Buffer.alloc(130, 7)).update('ÿ', 'latin1').digest('base64url'),
  'hash copied': () => { const one = crypto.createHash('sha1').update('a'); return [one.copy().update('b').digest('hex'), one.digest('hex')]; },
  'hash of hex': () => crypto.createHash('sha1').update('00ff', 'hex').digest('latin1').length,
  'hash of views': () => crypto.createHash('sha1').update(new Uint16Array([1, 2])).update(new DataView(new ArrayBuffer(3))).digest('hex'),
  'hash to Buffer': () => { const it = crypto.createHash('md5').digest(); return [Buffer.isBuffer(it), it.length]; },
  'hash unknown': () => crypto.createHash('nope'),
  'hash of nothing': () => crypto.createHash('sha1').update(),
  'hash of a number': () => crypto.createHash('sha1').update(1),
  'hash without a name': () => crypto.createHash(),
  'hash twice': () => { const it = crypto.createHash('sha1'); it.digest(); return it.digest(); },
  'hash after its end': () => { const it = crypto.createHash('sha1'); it.digest(); return it.update('a'); },
  'hash written to': () => new Promise((resolve) => {
    const it = crypto.createHash('sha1');
    it.setEncoding('hex');
    it.on('readable', () => { const value = it.read(); if (value) resolve(value); });
    it.write('a');
    it.end('b');
  }),
  'hmac long key': () => crypto.createHmac('sha1', Buffer.alloc(100, 1)).update('a').digest('hex'),
  'hmac of a KeyObject': () => crypto.createHmac('sha512', crypto.createSecretKey(Buffer.from('key'))).digest('hex'),
  'hmac twice': () => { const it = crypto.createHmac('sha1', 'a'); it.digest(); return it.digest('hex'); },
  'hmac unknown': () => crypto.createHmac('nope', 'a'),
  'hmac without key': () => crypto.createHmac('sha1'),
  'hmac with a private key': () => crypto.createHmac('sha1', ec()),
  'random sizes': () => [crypto.randomBytes(70000).length, crypto.randomFillSync(new Uint8Array(3)).length, crypto.randomUUID().length],
  'random later': async () => (await later((done) => crypto.randomBytes(4, done))).length,
  'random size wrong': () => crypto.randomBytes(-1),
  'random size text': () => crypto.randomBytes('a'),
  'random integers': () => { const it = Array.from({ length: 99 }, () => crypto.randomInt(3, 6)); return [Math.min(...it) >= 3, Math.max(...it) < 6]; },
  'random integer empty': () => crypto.randomInt(5, 2),
  'random integer text': () => crypto.randomInt('a'),
  'same': () => [crypto.timingSafeEqual(Buffer.from('ab'), Buffer.from('ab')), crypto.timingSafeEqual(new Uint8Array(1), new Uint8Array([1]))],
  'same lengths': () => crypto.timingSafeEqual(Buffer.from('a'), Buffer.from('ab')),
  'same texts': () => crypto.timingSafeEqual('a', 'b'),
  'pbkdf2': () => crypto.pbkdf2Sync('password', 'salt', 100, 40, 'sha512').toString('hex'),
  'pbkdf2 later': async () => hex(await later((done) => crypto.pbkdf2('password', Buffer.from('salt'), 2, 20, 'sha1', done))),
  'pbkdf2 unknown': () => crypto.pbkdf2Sync('a', 'b', 1, 10, 'nope'),
  'pbkdf2 without hash': () => crypto.pbkdf2Sync('a', 'b', 1, 10),
  'pbkdf2 no rounds': () => crypto.pbkdf2Sync('a', 'b', 0, 10, 'sha1'),
  'scrypt': () => crypto.scryptSync('password', 'salt', 64, { N: 1024 }).toString('hex'),
  'scrypt by long names': () => crypto.scryptSync('p', 's', 10, { cost: 16, blockSize: 2, parallelization: 3 }).toString('hex'),
  'scrypt later': async () => hex(await later((done) => crypto.scrypt('p', 's', 20, { N: 16 }, done))),
  'scrypt wrong cost': () => crypto.scryptSync('a', 'b', 10, { N: 3 }),
  'scrypt memory': () => crypto.scryptSync('a', 'b', 10, { N: 1 << 20 }),
  'hkdf': () => { const it = crypto.hkdfSync('sha256', 'key', 'salt', 'info', 50); return [hex(it), it instanceof ArrayBuffer]; },
  'hkdf later': async () => hex(await later((done) => crypto.hkdf('sha512', 'key', Buffer.alloc(0), '', 5, done))),
  'hkdf too long': () => crypto.hkdfSync('sha1', 'a', 'b', 'c', 100000),
  'hkdf unknown': () => crypto.hkdfSync('nope', 'a', 'b', 'c', 10),
  'secret key': () => { const it = crypto.createSecretKey('key', 'utf8'); return [it.type, it.symmetricKeySize, it.export().toString(), it.export({ format: 'jwk' })]; },
  'secret keys equal': () => crypto.createSecretKey(Buffer.from('a')).equals(crypto.createSecretKey('a', 'utf8')),
  'secret key missing': () => crypto.createSecretKey(),
  'RSA key': () => { const it = rsa(); return [it.type, it.asymmetricKeyType, it.asymmetricKeyDetails.modulusLength, `${it.asymmetricKeyDetails.publicExponent}`]; },
  'RSA pkcs1': () => rsa().export({ type: 'pkcs1', format: 'pem' }) === RSA,
  'RSA pkcs8': () => rsa().export({ type: 'pkcs8', format: 'pem' }),
  'RSA spki': () => crypto.createPublicKey(RSA).export({ type: 'spki', format: 'pem' }),
  'RSA public pkcs1': () => crypto.createPublicKey(rsa()).export({ type: 'pkcs1', format: 'der' }).toString('base64'),
  'RSA jwk': () => rsa().export({ format: 'jwk' }),
  'RSA from jwk': () => crypto.createPrivateKey({ key: rsa().export({ format: 'jwk' }), format: 'jwk' }).equals(rsa()),
  'RSA from der': () => crypto.createPrivateKey({ key: rsa().export({ type: 'pkcs8', format: 'der' }), format: 'der', type: 'pkcs8' }).equals(rsa()),
  'RSA signature': () => crypto.createSign('RSA-SHA256').update('data').sign(RSA, 'base64'),
  'RSA signature sha1': () => crypto.sign('sha1', Buffer.from('data'), rsa()).toString('hex'),
  'RSA signed': () => signed(rsa(), 'sha512'),
  'RSA-PSS signed': () => signed({ key: rsa(), padding: constants.RSA_PKCS1_PSS_PADDING }),
  'RSA-PSS salt': () => signed({ key: rsa(), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }),
  'RSA forged': () => crypto.verify('sha256', Buffer.from('date'), crypto.createPublicKey(RSA), crypto.sign('sha256', Buffer.from('data'), RSA)),
  'EC key': () => { const it = ec(); return [it.type, it.asymmetricKeyType, it.asymmetricKeyDetails]; },
  'EC sec1': () => ec().export({ type: 'sec1', format: 'pem' }),
  'EC pkcs8': () => ec().export({ type: 'pkcs8', format: 'pem' }),
  'EC spki': () => crypto.createPublicKey(ec()).export({ type: 'spki', format: 'pem' }),
  'EC jwk': () => [ec().export({ format: 'jwk' }), crypto.createPublicKey(ec()).export({ format: 'jwk' })],
  'EC from sec1': () => crypto.createPrivateKey(ec().export({ type: 'sec1', format: 'pem' })).equals(ec()),
  'EC signed': () => signed(ec()),
  'EC signed raw': () => signed({ key: ec(), dsaEncoding: 'ieee-p1363' }, 'sha384'),
  'EC raw length': () => crypto.sign('sha256', Buffer.from('a'), { key: ec(), dsaEncoding: 'ieee-p1363' }).length,
  'Ed25519': () => crypto.sign(null, Buffer.alloc(0), ed()).toString('hex'),
  'Ed25519 verified': () => crypto.verify(null, Buffer.from('a'), crypto.createPublicKey(ed()), crypto.sign(null, Buffer.from('a'), ed())),
  'Ed25519 pkcs8': () => ed().export({ type: 'pkcs8', format: 'pem' }),
  'key that is none': () => crypto.createPrivateKey('x'),
  'key missing': () => crypto.createPrivateKey(),
  'public key of a secret one': () => crypto.createPublicKey(crypto.createSecretKey('a', 'utf8')),
  'sign unknown': () => crypto.createSign('nope'),
  'sign without key': () => crypto.createSign('sha256').sign(),
  'sign with a public key': () => crypto.createSign('sha256').sign(crypto.createPublicKey(ec())),
  'verify garbage': () => crypto.createVerify('sha256').update('a').verify(crypto.createPublicKey(ec()), 'zz', 'hex'),
  'export without options': () => crypto.createPublicKey(ec()).export(),
  'export wrong type': () => crypto.createPublicKey(ec()).export({ type: 'pkcs8', format: 'pem' }),
  'webcrypto': async () => hex(await crypto.webcrypto.subtle.digest('SHA-256', Buffer.from('a'))),
};

export default {
  async fetch() {
    const answers = {};
    for (const [name, call] of Object.entries(CALLS)) {
      try {
        answers[name] = await call();
      } catch (error) {
        answers[name] = [error.name, error.code, error.message];
      }
    }
    return new Response(JSON.stringify(answers, null, 1));
  },
};
