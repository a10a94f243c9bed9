import * as jose from 'jose';

export default {
  async fetch() {
    const secret = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
    const jwt = await new jose.SignJWT({ a: 1 }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime(4102444800).sign(secret);
    const verified = await jose.jwtVerify(jwt, secret);
    const { privateKey, publicKey } = await jose.generateKeyPair('ES256', { extractable: true });
    const signed = await new jose.SignJWT({ b: 2 }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    const es = await jose.jwtVerify(signed, publicKey);
    const jwe = await new jose.EncryptJWT({ c: 3 }).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(secret);
    const decrypted = await jose.jwtDecrypt(jwe, secret);
    const wrong = await jose.jwtVerify(`${jwt}x`, secret).catch(error => error.code);
    const jwk = await jose.exportJWK(publicKey);
    return Response.json([jwt, verified, es.payload, decrypted.payload, wrong, Object.keys(jwk).sort()]);
  },
};
