// JavaScript that comes back to itself by way of the engine's own functions goes as deep as programs do, and without an end
// it is an error that can be caught. Each way counts down from `n` and gives the depth it reached.
const ways = {
  call: function f(n) { return n && 1 + f.call(null, n - 1); },
  apply: function f(n) { return n && 1 + f.apply(null, [n - 1]); },
  bind: function f(n) { return n && 1 + f.bind(null)(n - 1); },
  "Reflect.apply": function f(n) { return n && 1 + Reflect.apply(f, null, [n - 1]); },
  "Reflect.construct": (n) => {
    function F(k) { this.depth = k && 1 + Reflect.construct(F, [k - 1]).depth; }
    return new F(n).depth;
  },
  "default argument": function f(n, deeper = n && 1 + f(n - 1)) { return deeper; },
  eval: function f(n) { return n && 1 + eval("f(n - 1)"); },
  "new Function": function f(n) { return n && 1 + new Function("f", "n", "return f(n)")(f, n - 1); },
  map: function f(n) { return n && 1 + [n - 1].map(f)[0]; },
  forEach: function f(n) { let r = 0; if (n) [n - 1].forEach((k) => { r = 1 + f(k); }); return r; },
  reduce: function f(n) { return n && 1 + [n - 1].reduce((_, k) => f(k), 0); },
  "Array.from": function f(n) { return n && 1 + Array.from([n - 1], (k) => f(k))[0]; },
  sort: function f(n) { let r = 0; if (n) [2, 1].sort(() => { r ||= 1 + f(n - 1); return 0; }); return r; },
  "typed sort": function f(n) { let r = 0; if (n) new Uint8Array(2).sort(() => { r ||= 1 + f(n - 1); return 0; }); return r; },
  replace: function f(n) { return n && 1 + Number("a".replace(/a/, () => f(n - 1))); },
  iterator: function f(n) {
    for (const r of { [Symbol.iterator]: () => ({ next: () => ({ value: n && 1 + f(n - 1) }) }) }) return r;
  },
  spread: function f(n) { return [...(function* () { yield n && 1 + f(n - 1); })()][0]; },
  getter: (n) => { const o = { get x() { return n-- && 1 + o.x; } }; return o.x; },
  setter: (n) => { let r = 0; const o = { set x(k) { if (k) { r++; o.x = k - 1; } } }; o.x = n; return r; },
  "Object.assign": (n) => { let r = 0; const o = { get x() { if (n--) { r++; Object.assign({}, o); } } }; Object.assign({}, o); return r; },
  "object spread": (n) => { let r = 0; const o = { get x() { if (n--) { r++; return { ...o }; } } }; void { ...o }; return r; },
  "proxy get": (n) => { const p = new Proxy({}, { get: () => n-- && 1 + p.x }); return p.x; },
  "proxy has": (n) => { let r = 0; const p = new Proxy({}, { has: () => n-- && (r++, "x" in p) }); void ("x" in p); return r; },
  "proxy set": (n) => { let r = 0; const p = new Proxy({}, { set: () => { if (n--) { r++; p.x = 1; } return true; } }); p.x = 1; return r; },
  "proxy apply": (n) => { const p = new Proxy(() => 0, { apply: (target, self, [k]) => k && 1 + p(k - 1) }); return p(n); },
  "proxy construct": (n) => { const p = new Proxy(class {}, { construct: (target, [k]) => ({ depth: k && 1 + new p(k - 1).depth }) }); return new p(n).depth; },
  instanceof: (n) => { let r = 0; class A { static [Symbol.hasInstance]() { return n-- && (r++, 1 instanceof A); } } void (1 instanceof A); return r; },
  valueOf: (n) => { const o = { valueOf: () => n-- && 1 + +o }; return +o; },
  toString: (n) => { const o = { toString: () => n-- && 1 + Number(`${o}`) }; return Number(`${o}`); },
  "Symbol.toPrimitive": (n) => { const o = { [Symbol.toPrimitive]: () => n-- && 1 + Number(o) }; return Number(o); },
  toJSON: (n) => { const o = { toJSON: () => n-- && 1 + Number(JSON.stringify(o)) }; return Number(JSON.stringify(o)); },
  reviver: function f(n) { return n && 1 + JSON.parse("1", () => f(n - 1)); },
  structuredClone: (n) => { let r = 0; const o = { get x() { if (n--) { r++; structuredClone(o); } } }; structuredClone(o); return r; },
  Headers: function f(n) { let r = 0; if (n) new Headers({ get a() { r = 1 + f(n - 1); return ""; } }); return r; },
  URLSearchParams: function f(n) { let r = 0; if (n) new URLSearchParams("a").forEach(() => { r = 1 + f(n - 1); }); return r; },
};

/** These take more stack a level: they go through three or four of the engine's functions. */
const STEEP = ["eval", "new Function", "replace", "spread", "reviver", "structuredClone", "URLSearchParams"];

// Ways through values and texts instead of calls: what is built is as deep as asked for, and no way needs an end.
const nest = (n) => { let value = []; while (--n > 0) value = [value]; return value; };
const values = {
  "JSON.stringify": (n) => JSON.stringify(nest(n)).length / 2,
  "Array toString": (n) => (String(nest(n)), n),
  flat: (n) => (nest(n).flat(Infinity), n),
  parentheses: (n) => (new Function(`${"(".repeat(n)}1${")".repeat(n)}`), n),
  "array literals": (n) => (new Function(`${"[".repeat(n)}${"]".repeat(n)}`), n),
  "regular expression": (n) => (new RegExp(`${"(?:".repeat(n)}a${")".repeat(n)}`).test("a"), n),
};

function attempt(way, n) {
  try {
    return way(n);
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    const lines = [];
    const [shown, most] = pathname === "/calls" ? [ways, Infinity] : [values, 100_000];
    for (const [name, way] of Object.entries(shown)) {
      const deep = STEEP.includes(name) ? 2000 : 4000;
      lines.push(`${name}: ${attempt(way, deep)}; ${attempt(way, most)}\n`);
    }
    return new Response(lines.join(""));
  },
};
