// Words of a text counted and ranked: split, `Map`, `toLowerCase`, sort of entries.
const text = Array.from({ length: 80 }, (_, i) => `The quick brown fox number ${i % 9} jumps over the lazy dog, again and again; word${i % 13} ends.`).join("\n");

export function run() {
  const counts = new Map();
  for (const word of text.toLowerCase().split(/[^a-z0-9]+/)) {
    if (word) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ranked.slice(0, 12).map(([word, count]) => `${word}=${count}`).join(" ");
}
