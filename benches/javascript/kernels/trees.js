// Binary trees made and counted: allocation of small objects.
const make = (depth) => (depth === 0 ? { left: null, right: null } : { left: make(depth - 1), right: make(depth - 1) });
const count = (tree) => (tree === null ? 0 : 1 + count(tree.left) + count(tree.right));

export function run() {
  let sum = 0;
  for (let i = 0; i < 4; i++) sum += count(make(9));
  return String(sum);
}
