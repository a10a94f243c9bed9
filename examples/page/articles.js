// What a database would hold: a hundred and five articles.
const subjects = ["Snapshots", "Linear memory & you", "Inline caches", "Cold starts", "Engines < 1 ms", "Isolation"];
const authors = ["Ada", "Grace", "Edsger", "Barbara"];
const tags = ["wasm", "javascript", "edge", "memory", "latency"];

export const articles = Array.from({ length: 105 }, (_, index) => ({
  id: index + 1,
  title: `${subjects[index % subjects.length]}, part ${Math.floor(index / subjects.length) + 1}`,
  author: authors[index % authors.length],
  words: 400 + (index * 137) % 2600,
  tags: tags.filter((_, tag) => (index + tag) % 3 === 0),
}));
