// A pipeline of generators, pulled by for-of and spread.
function* numbers(n) { for (let i = 0; i < n; i++) yield i; }
function* map(items, f) { for (const item of items) yield f(item); }
function* filter(items, f) { for (const item of items) if (f(item)) yield item; }
function* take(items, n) { for (const item of items) { if (n-- <= 0) return; yield item; } }
function* tree(depth) { if (depth > 0) { yield* tree(depth - 1); yield depth; yield* tree(depth - 1); } }

export function run() {
  const squares = [...take(filter(map(numbers(2000), (x) => x * x), (x) => x % 3 === 1), 200)];
  let sum = 0;
  for (const depth of tree(6)) sum += depth;
  return `${squares.at(-1)} ${sum}`;
}
