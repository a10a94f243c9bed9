// 100 paths matched against 40 routes with parameters, each a regular expression.
const routes = Array.from({ length: 40 }, (_, i) => {
  const pattern = `/api/v${i % 4}/area${i}/:id/part/:name`;
  const keys = [];
  const source = pattern.replace(/:(\w+)/g, (_, key) => { keys.push(key); return "([^/]+)"; });
  return { pattern, keys, regexp: new RegExp(`^${source}$`) };
});
const paths = Array.from({ length: 100 }, (_, i) => `/api/v${i % 4}/area${(i * 7) % 50}/${i}/part/n${i}`);

function match(path) {
  for (const { pattern, keys, regexp } of routes) {
    const found = regexp.exec(path);
    if (found) return { pattern, params: Object.fromEntries(keys.map((key, i) => [key, decodeURIComponent(found[i + 1])])) };
  }
  return null;
}

export function run() {
  return JSON.stringify(paths.map(match).filter(Boolean).map(({ params }) => params.id + params.name));
}
