// Doubles in a loop, results in a typed array.
export function run() {
  const size = 40, limit = 50;
  const counts = new Uint8Array(size * size);
  for (let py = 0; py < size; py++) {
    for (let px = 0; px < size; px++) {
      const cx = (px / size) * 3 - 2, cy = (py / size) * 2 - 1;
      let x = 0, y = 0, n = 0;
      while (x * x + y * y <= 4 && n < limit) {
        const next = x * x - y * y + cx;
        y = 2 * x * y + cy;
        x = next;
        n++;
      }
      counts[py * size + px] = n;
    }
  }
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum = (sum * 31 + counts[i]) | 0;
  return String(sum);
}
