// A token signed and verified by `jose` (HS256, the platform's WebCrypto).
import { SignJWT, jwtVerify } from "jose";

const secret = new Uint8Array(32).map((_, i) => i * 7);

export async function run() {
  const token = await new SignJWT({ role: "admin", scope: ["read", "write"] })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("user-1")
    .setIssuedAt(1700000000)
    .setExpirationTime(4000000000)
    .sign(secret);
  const { payload } = await jwtVerify(token, secret, { algorithms: ["HS256"] });
  return token + JSON.stringify(payload);
}
