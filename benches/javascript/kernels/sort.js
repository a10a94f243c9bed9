// Rows sorted by two keys with a comparator, then searched.
const rows = Array.from({ length: 400 }, (_, i) => ({ id: i, group: (i * 31) % 17, name: `n${(i * 7919) % 400}` }));

export function run() {
  const sorted = rows.slice().sort((a, b) => a.group - b.group || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return `${sorted[0].name} ${sorted.at(-1).name} ${sorted.findIndex((row) => row.id === 200)}`;
}
