// Edit distances of words: nested loops over arrays of small integers.
const words = ["kitten", "sitting", "saturday", "sunday", "rosettacode", "raisethysword", "levenshtein", "meilenstein"];

function distance(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      current[j] = Math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost);
    }
    previous = current;
  }
  return previous[b.length];
}

export function run() {
  let sum = 0;
  for (const a of words) for (const b of words) sum += distance(a, b);
  return String(sum);
}
