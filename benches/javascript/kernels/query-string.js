// Query strings parsed into nested objects and written again.
const queries = Array.from({ length: 50 }, (_, i) => `q=caf%C3%A9+${i}&page=${i}&filter[color]=red&filter[size]=${i % 5}&tag=a&tag=b`);

function parse(query) {
  const result = {};
  for (const pair of query.split("&")) {
    const [key, value = ""] = pair.split("=").map((part) => decodeURIComponent(part.replace(/\+/g, " ")));
    const [, outer, inner] = /^(\w+)(?:\[(\w+)\])?$/.exec(key) ?? [, key];
    if (inner) (result[outer] ??= {})[inner] = value;
    else if (outer in result) result[outer] = [].concat(result[outer], value);
    else result[outer] = value;
  }
  return result;
}

function write(object, prefix = "") {
  return Object.entries(object).flatMap(([key, value]) => {
    const name = prefix ? `${prefix}[${key}]` : key;
    if (Array.isArray(value)) return value.map((one) => `${name}=${encodeURIComponent(one)}`);
    return typeof value === "object" ? write(value, name) : `${name}=${encodeURIComponent(value)}`;
  });
}

export function run() {
  return queries.map((query) => write(parse(query)).join("&")).join("\n");
}
