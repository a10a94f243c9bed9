// The natives that `node:crypto` of applications is made of, outside of this bundle. Not an interface for anybody else.
const NATIVES = [
  'hashStart', 'hashUpdate', 'hashFinish', 'hkdf', 'pbkdf2', 'scrypt', 'keyAlgorithm', 'keyDecode', 'keyEncode',
  'rsaPublic', 'rsaFromPublic', 'rsaFromPrivate', 'rsaComponents', 'rsaSign', 'rsaVerify',
  'ecPublic', 'ecPoint', 'ecFromSpki', 'ecFromPkcs8', 'ecToSpki', 'ecToPkcs8', 'ecSign', 'ecVerify', 'ecSignatureToDer',
  'ecSignatureFromDer', 'okpFromSpki', 'okpFromPkcs8', 'okpToSpki', 'okpToPkcs8', 'ed25519Public', 'ed25519Sign',
  'ed25519Verify', 'x25519Public',
];

export function install() {
  const value = Object.freeze(Object.fromEntries(NATIVES.map((name) => [name, host[name]])));
  Object.defineProperty(globalThis, Symbol.for('wizerjs.crypto'), { value });
}
