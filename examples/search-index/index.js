// An inverted index with BM25: https://en.wikipedia.org/wiki/Okapi_BM25

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

const terms = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Where each term is: two lists a term, documents and how often it is in them. */
export function build(documents) {
  const postings = new Map();
  const lengths = [];
  for (const { id, title, text } of documents) {
    // A title counts three times.
    const all = [...terms(text), ...terms(title), ...terms(title), ...terms(title)];
    lengths[id] = all.length;
    const counts = new Map();
    for (const term of all) counts.set(term, (counts.get(term) ?? 0) + 1);
    for (const [term, count] of counts) {
      let posting = postings.get(term);
      if (!posting) postings.set(term, (posting = { documents: [], counts: [] }));
      posting.documents.push(id);
      posting.counts.push(count);
    }
  }
  const average = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  return { postings, lengths, average };
}

/** The best documents for a query: ids and scores. */
export function search({ postings, lengths, average }, query, limit) {
  const scores = new Map();
  for (const term of new Set(terms(query))) {
    const posting = postings.get(term);
    if (!posting) continue;
    const found = posting.documents.length;
    const rarity = Math.log(1 + (lengths.length - found + 0.5) / (found + 0.5));
    posting.documents.forEach((id, index) => {
      const count = posting.counts[index];
      const long = 1 - LENGTH_WEIGHT + (LENGTH_WEIGHT * lengths[id]) / average;
      const score = (rarity * count * (SATURATION + 1)) / (count + SATURATION * long);
      scores.set(id, (scores.get(id) ?? 0) + score);
    });
  }
  const best = [...scores].sort(([one, a], [other, b]) => b - a || one - other).slice(0, limit);
  return best.map(([id, score]) => ({ id, score }));
}
