// UTF-8 and base64 by hand, there and back, over a typed array.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const text = Array.from({ length: 60 }, (_, i) => `käse ${i} – 日本 `).join("");

function bytes(text) {
  const out = new Uint8Array(text.length * 3);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x80) out[n++] = c;
    else if (c < 0x800) { out[n++] = 0xc0 | (c >> 6); out[n++] = 0x80 | (c & 63); }
    else { out[n++] = 0xe0 | (c >> 12); out[n++] = 0x80 | ((c >> 6) & 63); out[n++] = 0x80 | (c & 63); }
  }
  return out.subarray(0, n);
}

function encode(data) {
  let out = "";
  for (let i = 0; i < data.length; i += 3) {
    const word = (data[i] << 16) | ((data[i + 1] ?? 0) << 8) | (data[i + 2] ?? 0);
    out += alphabet[word >> 18] + alphabet[(word >> 12) & 63];
    out += i + 1 < data.length ? alphabet[(word >> 6) & 63] : "=";
    out += i + 2 < data.length ? alphabet[word & 63] : "=";
  }
  return out;
}

function decode(text) {
  const out = [];
  for (let i = 0; i < text.length; i += 4) {
    const word = [0, 1, 2, 3].reduce((word, j) => (word << 6) | Math.max(0, alphabet.indexOf(text[i + j])), 0);
    out.push((word >> 16) & 255, (word >> 8) & 255, word & 255);
  }
  return out;
}

export function run() {
  const encoded = encode(bytes(text));
  return encoded + decode(encoded).reduce((sum, byte) => sum + byte, 0);
}
