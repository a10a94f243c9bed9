import jwt from 'jsonwebtoken';
import { createPrivateKey, createPublicKey, createSign } from 'node:crypto';

const KEY = {
  kty: 'EC', crv: 'P-256', x: 'gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0', y: 'SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps',
  d: '0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo',
};

export default {
  fetch() {
    const token = jwt.sign({ sub: 'x', iat: 1 }, 'secret');
    const privateKey = createPrivateKey({ key: KEY, format: 'jwk' });
    const signed = jwt.sign({ sub: 'y', iat: 1 }, privateKey, { algorithm: 'ES256' });
    let refused;
    try { jwt.verify(token, 'other'); } catch (error) { refused = `${error}`; }
    return Response.json({
      token, verified: jwt.verify(token, 'secret'), decoded: jwt.decode(token, { complete: true }), refused,
      ec: jwt.verify(signed, createPublicKey(privateKey), { algorithms: ['ES256'] }),
      signer: typeof createSign,
    });
  },
};
