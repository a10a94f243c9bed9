// What the engine's build options took from the language, and that the rest is there: one line a feature. The guest's
// README lists what is absent; a line that changes here changes there.
const features = {
  // Absent: no threads, so nothing to share and nobody to wait for.
  SharedArrayBuffer: () => typeof SharedArrayBuffer,
  "Atomics.wait": () => Atomics.wait(new Int32Array(4), 0, 0, 1),
  "Atomics.add": () => Atomics.add(new Int32Array(4), 0, 5),
  Worker: () => typeof Worker,
  // Absent: no compiler inside of WebAssembly.
  "WebAssembly.validate": () => WebAssembly.validate(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])),

  // What depends on Intl.
  Intl: () => typeof Intl,
  "toLocaleString of a number": () => (1234567.891).toLocaleString("de-DE"),
  "toLocaleString of a date": () => typeof new Date(0).toLocaleString("de-DE", { timeZone: "UTC" }),
  localeCompare: () => ["b", "a", "ä"].sort((one, other) => one.localeCompare(other)).join(""),
  normalize: () => "e\u0301".normalize("NFC").length,
  toLocaleUpperCase: () => "i".toLocaleUpperCase("tr"),
  "time zone": () => new Date(0).getTimezoneOffset(),
  "Unicode properties": () => evaluate("/\\p{Lu}/u.test('Ä')"),
  "Unicode sets": () => evaluate("/[\\p{L}--[a-z]]/v.test('Ä')"),
  "case folding": () => /ä/iu.test("Ä"),
  Temporal: () => typeof Temporal,

  // Slower without a compiler to machine code, not absent.
  eval: () => evaluate("1 + 1"),
  Function: () => new Function("a", "b", "return a + b")(1, 2),
  "a million steps": () => {
    let sum = 0;
    for (let at = 0; at < 1_000_000; at++) sum += at;
    return sum;
  },

  // The language up to its newest edition.
  "optional chaining": () => evaluate("({})?.a?.b ?? 1"),
  "class fields": () => evaluate("new (class { #a = 1; static { this.b = 2; } get a() { return this.#a; } })().a"),
  "private in": () => evaluate("(class { #a; static has(o) { return #a in o; } }).has({})"),
  "async iteration": async () => {
    const seen = [];
    for await (const each of (async function* () { yield 1; yield 2; })()) seen.push(each);
    return seen.join();
  },
  "logical assignment": () => evaluate("let a = null; a ??= 3; a"),
  BigInt: () => 2n ** 64n,
  "named groups": () => "2026-01".replace(/(?<year>\d+)-(?<month>\d+)/, "$<month>/$<year>"),
  lookbehind: () => /(?<=a)b/.test("ab"),
  "inline flags": () => evaluate("/(?i:A)b/.test('ab')"),
  "error cause": () => new Error("m", { cause: 1 }).cause,
  AggregateError: () => new AggregateError([1, 2]).errors.length,
  WeakRef: () => new WeakRef({}).deref() !== undefined,
  FinalizationRegistry: () => typeof new FinalizationRegistry(() => {}),
  "array by copy": () => [3, 1].toSorted().with(0, 9).join(),
  "array grouping": () => JSON.stringify(Object.groupBy([1, 2, 3], (each) => (each % 2 ? "odd" : "even"))),
  "array from async": async () => (await Array.fromAsync([Promise.resolve(1)])).join(),
  "set methods": () => [...new Set([1, 2]).union(new Set([3]))].join(),
  "iterator helpers": () => [1, 2, 3].values().map((each) => each * 2).take(2).toArray().join(),
  "Promise.withResolvers": () => typeof Promise.withResolvers().resolve,
  "Promise.try": () => Promise.try(() => 7),
  "ArrayBuffer transfer": () => new ArrayBuffer(8).transfer(4).byteLength,
  "resizable ArrayBuffer": () => {
    const buffer = new ArrayBuffer(1, { maxByteLength: 8 });
    buffer.resize(8);
    return buffer.byteLength;
  },
  Float16Array: () => new Float16Array([1.5])[0],
  "Uint8Array base64": () => typeof Uint8Array.fromBase64,
  "RegExp.escape": () => RegExp.escape("a.b"),
  "Error.isError": () => Error.isError(new Error()),
  "Math.sumPrecise": () => typeof Math.sumPrecise,
  "explicit resource management": () => evaluate("{ using a = { [Symbol.dispose]() {} }; } 1"),
  "import attributes": () => typeof import.meta,
  "well-formed strings": () => "\ud800".toWellFormed().codePointAt(0).toString(16),
};

/** Apart, so that what the engine cannot parse is absent and not an error of this file. */
function evaluate(source) {
  return (0, eval)(source);
}

export default {
  async fetch() {
    const lines = [];
    for (const [name, feature] of Object.entries(features)) {
      try {
        lines.push(`${name}: ${await feature()}`);
      } catch (error) {
        lines.push(`${name}: ${error.name}: ${error.message}`);
      }
    }
    return new Response(lines.join("\n"));
  },
};
