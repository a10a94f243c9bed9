// Generators and async functions: entered and resumed in every way there is. What is expected is what Node.js prints.
export async function main() {
  const log = [];
  const show = (name, value) => console.log(`${name}: ${JSON.stringify(value)}`);
  const caught = (f) => { try { return f(); } catch (e) { return `threw ${e instanceof Error ? e.name : e}`; } };

  function* count(a, b, c = a + b) { const x = yield a; const y = yield [b, x]; return [c, x, y, arguments.length]; }
  {
    const g = count(1, 2);
    show("next", [g.next("ignored"), g.next("x"), g.next("y"), g.next(), g.next()]);
  }
  {
    const g = count(1);
    show("missing arguments", [g.next(), g.next(5), g.next(6)]);
  }
  function* many(a, b, c, d, e, f) { for (const v of [a, b, c, d, e, f]) yield v; }
  show("more formals than actuals", [...many(1, 2)]);
  show("more actuals than formals", [...many(1, 2, 3, 4, 5, 6, 7, 8)]);

  function* guarded() {
    try { yield 1; yield 2; } catch (e) { yield `caught ${e}`; } finally { yield "finally"; log.push("left"); }
    yield "after";
  }
  {
    const g = guarded();
    show("throw inside", [g.next(), g.throw("T"), g.next(), g.next(), g.next()]);
  }
  {
    const g = guarded();
    show("return inside", [g.next(), g.return("R"), g.next(), g.next()]);
  }
  {
    const g = guarded();
    show("return before start", [g.return("R"), g.next()]);
  }
  {
    const g = guarded();
    show("throw before start", caught(() => g.throw(new TypeError("early"))));
    show("then closed", g.next());
  }
  function* overriding() { try { yield 1; } finally { return "overridden"; } }
  { const g = overriding(); show("finally overrides return", [g.next(), g.return("R")]); }
  { const g = overriding(); show("finally overrides throw", [g.next(), g.throw("T")]); }

  function* inner() { try { const x = yield "i1"; yield `i2 ${x}`; return "inner result"; } finally { log.push("inner left"); } }
  function* outer() { const r = yield* inner(); yield `o ${r}`; yield* [10, 20]; yield* "ab"; return yield* inner(); }
  {
    const g = outer();
    const out = []; let step = g.next(); let n = 0;
    while (!step.done) { out.push(step.value); step = g.next(n++); }
    show("delegation", [out, step.value]);
  }
  { const g = outer(); show("delegated return", [g.next(), g.return("R"), g.next()]); }
  { const g = outer(); g.next(); show("delegated throw", caught(() => g.throw(new RangeError("through")))); }

  function* reentrant() { yield caught(() => self.next()); yield 2; }
  const self = reentrant();
  show("reentrant", [self.next(), self.next()]);

  function* throwing() { yield 1; throw new Error("from the body"); }
  { const g = throwing(); g.next(); show("throw from body", [caught(() => g.next()), g.next()]); }

  for (const v of guarded()) { show("break", v); break; }
  show("log", log);
  const [p, , q = "default", ...rest] = many(1, 2, undefined, 4, 5, 6);
  show("destructuring", [p, q, rest]);

  function* tree(n) { if (n > 0) { yield* tree(n - 1); yield n; yield* tree(n - 1); } }
  show("recursion", [...tree(5)].join(""));
  function* fib() { let [a, b] = [0, 1]; for (;;) { yield a; [a, b] = [b, a + b]; } }
  { let sum = 0; for (const v of fib()) { if (v > 100000) break; sum += v; } show("fibonacci", sum); }

  const obj = { *method(x) { yield this.name; yield x; yield new.target; }, name: "obj", async amethod(x) { await null; return [this.name, x]; } };
  show("method", [...obj.method(3)]);
  class Base { constructor(x) { this.x = x; } *values() { yield this.x; } async get() { await 0; return this.x; } }
  class Derived extends Base { constructor(a, b, c) { super(a); this.c = c; } *values() { yield* super.values(); yield this.c; } async get() { return [await super.get(), this.c]; } }
  show("super", [...new Derived(1, 2).values()]);
  function* closures() { const fs = []; for (let i = 0; i < 3; i++) { fs.push(() => i); yield i; } yield fs.map((f) => f()); }
  show("closures", [...closures()]);
  function* usesArguments(a) { "use strict"; a = 9; yield arguments[0]; arguments[0] = 7; yield a; yield [...arguments]; }
  show("strict arguments", [...usesArguments(1, 2)]);
  function* usesEval(a) { var z = 5; yield eval("a + z"); }
  function* mapped(a) { a = 9; yield arguments[0]; arguments[0] = 7; yield a; }
  show("eval", caught(() => [...usesEval(1)]));
  show("mapped arguments", [...Function("return function* (a) { a = 9; yield arguments[0]; arguments[0] = 7; yield a; }")()(1)]);
  show("expression stack", (() => { function* g() { return [1, yield 2, 3 + (yield 4), `t${yield 5}`, Math.max(6, yield 7)]; } const i = g(); const r = []; let s = i.next(); while (!s.done) { r.push(s.value); s = i.next(s.value * 10); } return [r, s.value]; })());
  function* big() { let a0 = 0, a1 = 1, a2 = 2, a3 = 3, a4 = 4, a5 = 5, a6 = 6, a7 = 7, a8 = 8, a9 = 9; yield a0; a9 = yield a1 + a2; yield a3 + a4 + a5 + a6 + a7 + a8 + a9; }
  { const g = big(); show("locals", [g.next(), g.next(), g.next(100)]); }
  show("deep", caught(() => { let g = (function* () { yield "bottom"; })(); for (let i = 0; i < 300; i++) { const h = g; g = (function* () { yield* h; })(); } return [...g]; }));
  function* labels() { outer: for (let i = 0; i < 3; i++) { for (let j = 0; j < 3; j++) { if (j === 2) continue outer; if (i === 2) break outer; yield [i, j]; } } }
  show("labels", [...labels()]);
  function* switches(x) { switch (x) { case 1: yield "one"; case 2: yield "two"; break; default: yield "other"; } }
  show("switch", [[...switches(1)], [...switches(2)], [...switches(3)]]);
  function* nested() { try { try { yield 1; } finally { yield 2; } } catch (e) { yield `c${e}`; } finally { yield 3; } }
  { const g = nested(); show("nested try", [g.next(), g.throw("X"), g.next(), g.next(), g.next()]); }
  { const g = nested(); show("nested return", [g.next(), g.return("X"), g.next(), g.next()]); }

  // Async.
  const order = [];
  const sleep = (n) => new Promise((resolve) => setTimeout(resolve, n));
  async function add(a, b = 10, ...c) { const x = await a; await null; return x + (await b) + c.length; }
  async function failing(x) { await null; throw new Error(`failed ${x}`); }
  async function handles() { try { await failing(1); return "no"; } catch (e) { order.push("caught"); return e.message; } finally { await null; order.push("finally"); } }
  async function* ticks(n) { try { for (let i = 0; i < n; i++) { await null; const x = yield i; if (x) yield `got ${x}`; } } finally { order.push("ticks left"); } }
  async function interleaved(name) { for (let i = 0; i < 3; i++) { order.push(`${name}${i}`); await null; } }
  async function thenable() { return await { then(resolve) { resolve("thenable"); } }; }
  async function deepAwait(n) { return n === 0 ? 0 : 1 + (await deepAwait(n - 1)); }
  const arrow = async (x) => { const y = await x; return () => y + x.constructor.name.length; };

    show("async", await add(Promise.resolve(1), 2, 3, 4));
    show("defaults", await add(5));
    show("rejection", [await handles(), order.splice(0)]);
    await Promise.all([interleaved("a"), interleaved("b"), interleaved("c")]);
    show("order", order.splice(0));
    const seen = []; for await (const v of ticks(3)) seen.push(v);
    show("async generator", [seen, order.splice(0)]);
    for await (const v of ticks(3)) { if (v === 1) break; }
    show("async break", order.splice(0));
    const t = ticks(5); show("async next", [await t.next(), await t.next("x"), await t.return("r"), await t.next()]);
    const u = ticks(5); await u.next(); show("async throw", [await u.throw(new Error("T")).catch((e) => e.message), await u.next()]);
    const queued = ticks(3); show("queued", await Promise.all([queued.next(), queued.next(), queued.next(), queued.next()]));
    show("thenable", await thenable());
    show("deep await", await deepAwait(200));
    show("async arrow", (await arrow("abc"))());
    show("method", await obj.amethod(4));
    show("super", await new Derived(1, 2, 3).get());
    show("all settled", (await Promise.allSettled([failing(2), add(1)])).map((r) => r.status === "fulfilled" ? r.value : r.reason.message));
    show("race", await Promise.race([sleep(5).then(() => "slow"), sleep(1).then(() => "fast")]));
    const results = []; for await (const v of [Promise.resolve(1), 2, sleep(1).then(() => 3)]) results.push(v);
    show("for await", results);
    show("uncaught inside", await (async () => { try { await (async () => { await null; null.x; })(); } catch (e) { return e.constructor.name; } })());
    show("microtasks", await new Promise((resolve) => { const o = []; setTimeout(() => { o.push("timer"); resolve(o); }); queueMicrotask(() => o.push("micro")); Promise.resolve().then(() => o.push("then")); (async () => { o.push("sync"); await 0; o.push("await"); })(); o.push("end"); }));
    let sum = 0; for (let i = 0; i < 2000; i++) sum += await i; show("many awaits", sum);
    let total = 0; for (let i = 0; i < 300; i++) for (const v of tree(4)) total += v; show("many generators", total);
  }
