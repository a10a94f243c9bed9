// Random bytes for keys and boundaries.

export function randomBytes(length) {
  const bytes = new Uint8Array(length);
  host.randomBytes(bytes);
  return bytes;
}

/** Have the build report that a key is made while loading; the natives that make RSA and EC keys ask the host directly. */
export function noteRandomness() {
  randomBytes(1);
}
