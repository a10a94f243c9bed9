const table = Array.from({ length: 1000 }, (_, n) => ({ n, square: n * n }));

export function main([n]) {
  console.log(table[n].square);
}
