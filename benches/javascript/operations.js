// Operations of the language, each in a loop of its own: nanoseconds of one. The loop is in the number; that of `counting
// loop` alone is the first of them.

const array = Array.from({ length: 100 }, (_, i) => i);
const object = { a: 1, b: 2, c: 3, d: 4 };
const four = [1, 2, 3, 4];
const map = new Map(array.map((i) => [`k${i}`, i]));
const text = "The quick brown fox";
const json = JSON.stringify({ id: 1, name: "x", tags: ["a", "b"], ok: true });
const bytes = new Uint8Array(100).map((_, i) => i);

class Base { constructor(x) { this.x = x; } get() { return this.x; } }
class Derived extends Base { constructor(x) { super(x); this.y = 1; } }
class Private { #x; constructor(x) { this.#x = x; } get() { return this.#x; } }
const base = new Base(1), hidden = new Private(1);
const add = (a, b) => a + b;
function* three() { yield 1; yield 2; yield 3; }
const later = async (x) => x;

/** What came out, so that nothing is left out. */
let sink = 0;

/** By name: does it `n` times, and gives how many operations that were if not `n`. */
const operations = {
  "counting loop": (n) => { let s = 0; for (let i = 0; i < n; i++) s += i; sink = s; },
  "array by index": (n) => { let s = 0; for (let j = 0; j < n; j += 100) for (let i = 0; i < array.length; i++) s += array[i]; sink = s; },
  "for-of array": (n) => { let s = 0; for (let j = 0; j < n; j += 100) for (const x of array) s += x; sink = s; },
  "forEach": (n) => { let s = 0; for (let j = 0; j < n; j += 100) array.forEach((x) => { s += x; }); sink = s; },
  "map": (n) => { for (let j = 0; j < n; j += 100) sink = array.map((x) => x + 1); },
  "filter": (n) => { for (let j = 0; j < n; j += 100) sink = array.filter((x) => x & 1); },
  "reduce": (n) => { for (let j = 0; j < n; j += 100) sink = array.reduce((s, x) => s + x, 0); },
  "for-of Map": (n) => { let s = 0; for (let j = 0; j < n; j += 100) for (const [, x] of map) s += x; sink = s; },
  "typed array": (n) => { let s = 0; for (let j = 0; j < n; j += 100) for (let i = 0; i < bytes.length; i++) s += bytes[i]; sink = s; },
  "generator, a value": (n) => { let s = 0; for (let j = 0; j < n; j += 3) for (const x of three()) s += x; sink = s; },
  "function call": (n) => { let s = 0; for (let i = 0; i < n; i++) s = add(s, i); sink = s; },
  "method call": (n) => { let s = 0; for (let i = 0; i < n; i++) s += base.get(); sink = s; },
  "private field": (n) => { let s = 0; for (let i = 0; i < n; i++) s += hidden.get(); sink = s; },
  "closure made and called": (n) => { let s = 0; for (let i = 0; i < n; i++) s = ((x) => x + i)(s) & 1023; sink = s; },
  "new class": (n) => { for (let i = 0; i < n; i++) sink = new Base(i); },
  "new derived class": (n) => { for (let i = 0; i < n; i++) sink = new Derived(i); },
  "object literal": (n) => { for (let i = 0; i < n; i++) sink = { a: i, b: 1, c: "x" }; },
  "object destructured": (n) => { let s = 0; for (let i = 0; i < n; i++) { const { a, b, ...rest } = object; s += a + b + rest.c; } sink = s; },
  "array destructured": (n) => { let s = 0; for (let i = 0; i < n; i++) { const [a, b] = array; s += a + b; } sink = s; },
  "object spread": (n) => { for (let i = 0; i < n; i++) sink = { ...object, e: i }; },
  "array spread": (n) => { for (let i = 0; i < n; i++) sink = [...four, i]; },
  "template": (n) => { for (let i = 0; i < n; i++) sink = `a${i & 7}b${text}c`; },
  "concatenation": (n) => { let s = ""; for (let i = 0; i < n; i++) { s += "x"; if ((i & 255) === 255) s = ""; } sink = s; },
  "charCodeAt": (n) => { let s = 0; for (let i = 0; i < n; i++) s += text.charCodeAt(i & 15); sink = s; },
  "replace, function": (n) => { for (let i = 0; i < n; i++) sink = text.replace(/[aeiou]/, (c) => c); },
  "regular expression": (n) => { let s = 0; for (let i = 0; i < n; i++) if (/qu(i|a)ck/.test(text)) s++; sink = s; },
  "split and join": (n) => { for (let i = 0; i < n; i++) sink = text.split(" ").join("-"); },
  "Map get": (n) => { let s = 0; for (let i = 0; i < n; i++) s += map.get("k7"); sink = s; },
  "JSON.parse": (n) => { for (let i = 0; i < n; i++) sink = JSON.parse(json); },
  "JSON.stringify": (n) => { for (let i = 0; i < n; i++) sink = JSON.stringify(object); },
  "try and throw": (n) => { for (let i = 0; i < n; i++) try { throw base; } catch (e) { sink = e; } },
  "await": async (n) => { for (let i = 0; i < n; i++) sink = await i; },
  "async call": async (n) => { for (let i = 0; i < n; i++) sink = await later(i); },
};


/** Times taken of each, of which the least counts. */
const TURNS = 3;

/** Nanoseconds of each operation, measured in loops of at least so many milliseconds. */
globalThis.benchmark = async ({ milliseconds }) => {
  const result = {};
  for (const [name, operation] of Object.entries(operations)) {
    let n = 300;
    let least = Infinity;
    for (let turn = 0; turn < TURNS; ) {
      const start = performance.now();
      const promise = operation(n);
      if (promise) await promise;
      const elapsed = performance.now() - start;
      if (elapsed < milliseconds) {
        n *= 2;
      } else {
        least = Math.min(least, (elapsed * 1e6) / n);
        turn++;
      }
    }
    result[name] = least;
  }
  return result;
};
