// Iteration, calls, property access and collections: what the interpreter has short paths for, and every way out of them.
// What is expected is what Node.js prints.
export function main() {
  const show = (name, value) => console.log(`${name}: ${JSON.stringify(value, (k, v) => v === undefined ? "undefined" : typeof v === "bigint" ? `${v}n` : Number.isNaN(v) ? "NaN" : Object.is(v, -0) ? "-0" : v)}`);
  const caught = (f) => { try { return f(); } catch (e) { return `threw ${e.name}`; } };
  const times = (n, f) => { let r; for (let i = 0; i < n; i++) r = f(i); return r; };
  const sum = (xs) => { let s = 0; for (const x of xs) s += x; return s; };

  show("array", times(20, () => sum([1, 2, 3])));
  show("holes", times(20, () => { const r = []; for (const x of [1, , 3]) r.push(x === undefined); return r; }));
  show("growing", (() => { const a = [1, 2, 3], r = []; for (const x of a) { r.push(x); if (a.length < 8) a.push(x * 10); } return r; })());
  show("shrinking", (() => { const a = [1, 2, 3, 4, 5], r = []; for (const x of a) { r.push(x); a.pop(); } return r; })());
  show("typed", times(20, () => sum(new Float64Array([0.5, 1.5]))));
  show("string", (() => { const r = []; for (const c of "a\u{1F600}b") r.push(c.length); return r; })());
  show("entries", (() => { const r = []; for (const [i, x] of ["a", "b"].entries()) r.push(i + x); for (const k of ["a", "b"].keys()) r.push(k); return r; })());
  show("map", (() => { const m = new Map([["a", 1], ["b", 2]]), r = []; for (const [k, v] of m) { r.push(k + v); if (r.length < 4) m.set(k + "x", v * 10); } for (const k of m.keys()) r.push(k); for (const v of m.values()) r.push(v); m.delete("a"); return [r, m.size, m.has("a"), m.get("b"), m.get("nope")]; })());
  show("set", (() => { const s = new Set([1, 2, 2, 3, NaN, -0]), r = []; for (const x of s) r.push(x); s.delete(1); s.add(9).add(9); return [r, [...s], s.has(NaN), s.has(0), s.size]; })());
  show("keys of every kind", (() => { const o = {}, y = Symbol("y"), f = () => 1; const m = new Map(); const ks = ["s", 1, 1.5, NaN, true, null, undefined, o, y, 10n, f, "1"]; return times(10, () => { m.clear(); ks.forEach((k, i) => m.set(k, i)); return [ks.map((k) => m.get(k)), ks.map((k) => m.has(k)), m.get(10n), m.get("con" + "cat"), m.set("con" + "cat", 5).get("concat"), m.size]; }); })());
  show("weak", (() => { const k = {}, w = new WeakMap([[k, 1]]), s = new WeakSet([k]); return times(10, () => [w.get(k), w.has({}), s.has(k), s.has({}), w.get({})]); })());
  show("spread", times(20, (i) => [Math.max(...[1, i, 3]), [...[1, 2], ...new Set([3])], { ...{ a: 1 }, b: 2 }]));
  show("destructure", times(20, () => { const [a, b = 5, ...c] = [1, undefined, 3, 4]; const { x, y: { z = 7 } = {}, ...o } = { x: 1, q: 2, r: 3 }; return [a, b, c, x, z, o]; }));
  show("break closes", (() => { const r = []; const it = { [Symbol.iterator]: () => ({ i: 0, next() { return { value: this.i++, done: false }; }, return() { r.push("closed"); return {}; } }) }; for (const x of it) { r.push(x); if (x === 2) break; } return r; })());
  show("bad result", caught(() => { for (const x of { [Symbol.iterator]: () => ({ next: () => 5 }) }) x; }));

  const ArrayIterator = Object.getPrototypeOf([][Symbol.iterator]());
  const next = ArrayIterator.next;
  show("patched next", (() => { let calls = 0; ArrayIterator.next = function () { calls++; return next.call(this); }; const r = sum([1, 2, 3]); ArrayIterator.next = next; return [r, calls, sum([4, 5])]; })());
  show("own next", (() => { const it = [1, 2, 3][Symbol.iterator](); it.next = () => ({ done: true }); return [...it].length; })());
  show("shared iterator", (() => { const it = [1, 2, 3, 4, 5][Symbol.iterator](); const r = []; for (const x of it) { r.push(x); r.push(it.next().value); } return [r, it.next()]; })());
  show("array from another iterator's next", caught(() => next.call({})));
  show("proxy", (() => { const r = []; for (const x of new Proxy([1, 2], { get(t, k, p) { r.push(String(k)); return Reflect.get(t, k, p); } })) r.push(x); return r; })());

  function few(a, b, c) { return [a, b, c, arguments.length]; }
  function defaults(a, b = a, c = () => a + b) { a = 5; return [a, b, c()]; }
  class Point { #s; constructor(x, y, z) { this.x = x; this.y = y; this.z = z; this.#s = new.target?.name; } get sum() { return this.x + (this.y ?? 0); } set sum(v) { this.x = v; } secret() { return this.#s; } static of(...a) { return new this(...a); } }
  class Point3 extends Point { constructor(x, y) { super(x); this.w = y; } get sum() { return super.sum + 100; } toString() { return `P3(${this.x})`; } }
  show("missing arguments", times(20, () => [few(), few(1), few(1, 2, 3, 4), defaults(1), defaults(1, 2)]));
  show("functions in parameters", times(20, (i) => { const f = ({ a = () => 1, ...c }, b = () => a()) => [a(), b(), c]; const o = { g: (a = () => 1) => a }; return [f({}), f({ a: () => i, d: 2 }), o.g(3), caught(o.g())]; }));
  show("construct", times(20, () => { const p = new Point(1), q = new Point3(2), r = Point3.of(3, 4); p.sum = 7; return [p, p.sum, p.secret(), q.sum, q.secret(), r, `${q}`, r instanceof Point, caught(() => Point(1))]; }));
  show("constructor returns", times(20, () => { function A(x) { this.x = x; if (x) return { other: 1 }; } return [new A(), new A(1)]; }));
  show("elements", times(20, (i) => { const a = [1, 2, 3]; a[1] = i; a[3] = 4; a[10] = 5; a["2"] = 9; a[-1] = 8; a[1.5] = 7; const f = Object.freeze([1, 2]); const r = caught(() => { f[0] = 9; }); return [a.length, a[1], a[2], a[3], a[4] === undefined, a[-1], a[1.5], r, f]; }));
  show("accessor element", (() => { const a = [1, 2]; Object.defineProperty(a, 0, { get: () => 42, set(v) { a[1] = v; } }); return times(20, (i) => { a[0] = i; return [a[0], a[1]]; }); })());
  show("inherited element", (() => { Object.prototype[7] = "proto"; const a = [1, , 3]; const r = times(20, () => [a[7], a[1]]); delete Object.prototype[7]; return r; })());
  show("sealed", times(20, () => { const s = Object.seal([1]); s[0] = 2; return [s, caught(() => { s[1] = 1; })]; }));
  show("arguments object", times(20, () => (function (a) { "use strict"; arguments[0] = 5; return [a, arguments[0], arguments[1], arguments.length]; })(1, 2)));

  const shapes = [{ v: 1 }, { a: 0, v: 2 }, { b: 0, a: 0, v: 3 }, { c: 0, v: 4, d: 0 }, Object.create({ v: 5 }), { get v() { return 6; } }, { e: 1, v: 7 }, { f: 1, g: 1, v: 8 }, { h: 1, v: 9 }, { i: 1, j: 1, k: 1, l: 1, m: 1, n: 1, o: 1, v: 10 }, [11], "s", 5, { w: 1 }];
  const load = (o) => o.v, has = (o) => typeof o === "object" && "v" in o, store = (o) => { o.t = o.v; return o.t; };
  show("polymorphic", times(30, () => [shapes.map(load), shapes.map(has), shapes.map((o) => typeof o === "object" ? store({ ...o }) : 0)]));
  show("by key", times(30, (i) => ["v", "a", "zz", "to" + "String", Symbol.iterator, 0, "0"].map((k) => shapes.map((o) => typeof o[k]).join(","))));
  show("own", times(30, () => ["v", "a", "x".repeat(1)].map((k) => shapes.map((o) => Object.prototype.hasOwnProperty.call(o, k) ? 1 : 0).join(""))));
  show("constant methods", (() => { const before = times(20, () => [Math.floor(1.7), Math.round(2.5), Math.round(-0.5), "ab".charAt(1), [3, 1].join("-")]); const floor = Math.floor; Math.floor = () => "patched"; const during = times(5, () => Math.floor(1.7)); Math.floor = floor; String.prototype.added = function () { return this + "!"; }; const added = times(5, () => "x".added()); String.prototype.added = () => "second"; const second = times(5, () => "x".added()); delete String.prototype.added; return [before, during, times(5, () => Math.floor(1.7)), added, second, caught(() => "x".added())]; })());
  class Counter { count() { return 1; } } const counter = new Counter();
  show("replaced method", (() => { const r = times(20, () => counter.count()); Counter.prototype.count = () => 2; const s = times(20, () => counter.count()); counter.count = () => 3; const t = times(20, () => counter.count()); delete counter.count; delete Counter.prototype.count; return [r, s, t, caught(() => counter.count())]; })());
  globalThis.dynamic = globalThis.globalVariable = 1;
  show("globals", times(20, (i) => { globalThis.dynamic = i; globalVariable++; return [dynamic, globalVariable > i, typeof notDefined, caught(() => notDefined)]; }));
  show("same value", times(20, () => [Object.is(NaN, 0 / 0), Object.is(0, -0), Object.is("a" + 1, "a1"), Object.is(1, 1.0), Object.is({}, {})]));
  show("truthy", times(20, () => [0, -0, NaN, "", "0", null, undefined, {}, [], 0n, 1n, Symbol.iterator, () => 0].map((v) => v ? 1 : 0)));
  show("typeof", times(20, () => [1, "", {}, [], null, undefined, () => 1, Symbol(), 1n, class {}].map((v) => [typeof v === "object", typeof v === "function", typeof v])));
  show("function properties", times(20, () => [few.length, few.name, (() => 1).name, ((a, b) => 1).length, Point.length, Point.name, Math.max.length, few.bind(null, 1).length]));
  show("for in", times(20, () => { const r = []; for (const k in { a: 1, b: 2, __proto__: { c: 3 } }) r.push(k); for (const k in "ab") r.push(k); for (const k in null) r.push(k); for (const k in [7, , 9]) r.push(k); return r; }));
  show("closures", times(20, (i) => [1, 2, 3].map((x) => () => x * i).map((f) => f())));
  show("strings", times(20, (i) => ["abc".at(-1), "abc".at(i), "abc"[1], ("ab" + i + "c")[2], "a-b-c".replace(/-/g, (m, at) => at), "x,y".split(","), "abc".slice(-2), "AbC".toLowerCase(), ("rope" + "x".repeat(30) + i).indexOf("x")]));
  show("dates", times(20, () => [new Date(0).getTime(), new Date("2020-01-02T03:04:05Z").toISOString(), new Date(2020, 0, 1) instanceof Date, Date.now() > 1e12, Date.UTC(2000, 1), isNaN(new Date("x"))]));
  show("bigint", times(20, (i) => [2n ** 64n + BigInt(i), -7n / 2n, -7n % 2n, 5n & 3n, 5n == 5, 1n < 2, BigInt.asUintN(8, 257n)]));
  show("data view", times(20, (i) => { const d = new DataView(new ArrayBuffer(16)); d.setFloat64(0, i / 3); d.setInt16(8, -i, true); return [d.getFloat64(0), d.getInt16(8, true), d.getUint8(9)]; }));
  show("symbols", times(20, () => { const o = { [Symbol.toPrimitive]: (h) => h, get [Symbol.toStringTag]() { return "T"; } }; return [`${o}`, o + "", Object.prototype.toString.call(o)]; }));
  show("optional", times(20, (i) => { const o = i % 2 ? { a: { b: () => i } } : null; return [o?.a?.b?.(), o?.["a"], o ?? "none"]; }));
  show("exceptions", times(20, (i) => { const r = []; for (const x of [1, 2, 3]) { try { if (x === 2) throw x; r.push(x); } catch (e) { r.push(`c${e}`); continue; } finally { r.push("f"); } } return r; }));
  show("return from loop", times(20, () => { const f = () => { for (const x of [1, 2, 3]) { try { if (x === 2) return x; } finally { globalThis.dynamic = x; } } }; return [f(), dynamic]; }));
  show("recursion", (() => { const f = (n) => n < 2 ? n : f(n - 1) + f(n - 2); return f(18); })());
  show("overflow", caught(() => { const f = (a, b, c) => 1 + f(a); return f(1); }).startsWith("threw"));
}
