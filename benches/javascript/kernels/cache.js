// A least-recently-used cache in a `Map`, 1,000 turns.
class Cache {
  #entries = new Map();
  #limit;
  hits = 0;
  constructor(limit) { this.#limit = limit; }
  get(key, make) {
    if (this.#entries.has(key)) {
      const value = this.#entries.get(key);
      this.#entries.delete(key);
      this.#entries.set(key, value);
      this.hits++;
      return value;
    }
    const value = make(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value);
    return value;
  }
}

export function run() {
  const cache = new Cache(50);
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += cache.get(`key${(i * i) % 83}`, (key) => ({ key, length: key.length })).length;
  return `${cache.hits} ${sum}`;
}
