// A catalogue that stands for data you would read from a file at build time.
const TAGS = ["tea", "coffee", "cocoa", "mate"];

export const products = Array.from({ length: 1000 }, (_, index) => ({
  id: index + 1,
  name: `Product ${index + 1}`,
  tag: TAGS[index % TAGS.length],
  cents: 100 + (index * 37) % 900,
}));
