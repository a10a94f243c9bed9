// A 20 KB body as an API gets it: parsed, filtered, grouped, summed, written again.
const body = JSON.stringify(
  Array.from({ length: 120 }, (_, i) => ({
    id: i,
    name: `product ${i}`,
    price: (i * 7919) % 1000,
    tags: ["new", "sale", "old"].slice(i % 3),
    stock: { berlin: i % 7, paris: i % 11, rome: i % 5 },
  })),
);

export function run() {
  const products = JSON.parse(body).filter((product) => product.price > 100);
  const groups = {};
  for (const { name, price, tags, stock } of products) {
    const key = tags.join("+");
    const group = (groups[key] ??= { names: [], total: 0, stock: 0 });
    group.names.push(name.toUpperCase());
    group.total += price;
    group.stock += Object.values(stock).reduce((sum, count) => sum + count, 0);
  }
  return JSON.stringify(groups);
}
