// why: it signs with `createHmac` of `node:crypto`, which is not there yet; `jose` does the same with the web's own
// says: secretOrPrivateKey is not valid key material
import jwt from 'jsonwebtoken';

export default {
  fetch: () => Response.json(jwt.verify(jwt.sign({ sub: 'x' }, 'secret', { noTimestamp: true }), 'secret')),
};
