// SHA: https://w3c.github.io/webcrypto/#sha
import { register } from './algorithm.js';

/** Bits of a block, which is the length of a generated HMAC key. */
export const BLOCK_BITS = { 'SHA-1': 512, 'SHA-256': 512, 'SHA-384': 1024, 'SHA-512': 1024 };

/** As JWK algorithm names end. */
export const JWK_SUFFIX = { 'SHA-1': '1', 'SHA-256': '256', 'SHA-384': '384', 'SHA-512': '512' };

for (const name of Object.keys(BLOCK_BITS)) register('digest', name, (data) => host.digest(name, data));
