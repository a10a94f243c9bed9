//! Instructions: what small handlers, and operations in them, cost without any clock.

use super::Context;
use crate::measure::instructions::Counter;
use crate::report::{Column, Samples, Suite};
use anyhow::Result;

/// Handlers, each a whole application.
const HANDLERS: [(&str, &str); 14] = [
    ("hello", "export default { fetch: () => new Response('Hello!') };"),
    ("new Response(null)", "export default { fetch: () => new Response(null) };"),
    (
        "with headers",
        "export default { fetch: () => new Response('x', { headers: { 'content-type': 'text/plain' } }) };",
    ),
    ("async handler", "export default { async fetch() { return new Response('x'); } };"),
    ("fetch event", "addEventListener('fetch', (event) => event.respondWith(new Response('x')));"),
    ("Response.json", "export default { fetch: () => Response.json({ a: 1, b: [1, 2, 3] }) };"),
    ("Uint8Array as body", "export default { fetch: () => new Response(new Uint8Array(100)) };"),
    ("request.url", "export default { fetch: (request) => new Response(request.url) };"),
    ("request.headers.get", "export default { fetch: (request) => new Response(request.headers.get('accept')) };"),
    ("new URL", "export default { fetch: (request) => new Response(new URL(request.url).pathname) };"),
    (
        "searchParams",
        "export default { fetch: (request) => new Response(new URL(request.url).searchParams.get('a')) };",
    ),
    ("request.text()", "export default { fetch: async (request) => new Response(await request.text()) };"),
    (
        "ReadableStream as body",
        "export default { fetch: () => new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(9)); c.close(); } })) };",
    ),
    (
        "URLPattern-like router",
        "const routes = Array.from({ length: 20 }, (_, i) => [new RegExp(`^/r${i}/([^/]+)$`), i]);\nexport default { fetch: (request) => { const path = new URL(request.url).pathname; for (const [route, i] of routes) if (route.test(path)) return new Response(String(i)); return new Response('none'); } };",
    ),
];

/// Operations: what has to be there, and what is done once.
const OPERATIONS: [(&str, &str, &str); 17] = [
    ("a turn of a counting loop", "", ""),
    ("function call", "const f = (a, b) => a + b;", "sink = f(i, 1);"),
    (
        "method call",
        "class A { constructor() { this.x = 1; } get() { return this.x; } } const a = new A();",
        "sink = a.get();",
    ),
    ("new class", "class A { constructor(x) { this.x = x; } }", "sink = new A(i);"),
    (
        "new derived class",
        "class A { constructor(x) { this.x = x; } } class B extends A { constructor(x) { super(x); } }",
        "sink = new B(i);",
    ),
    ("closure", "", "sink = ((x) => x + i)(1);"),
    ("for-of over 10", "const a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];", "for (const x of a) sink = x;"),
    ("map over 10", "const a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];", "sink = a.map((x) => x + 1);"),
    ("object spread", "const o = { a: 1, b: 2 };", "sink = { ...o, c: i };"),
    ("array destructured", "const a = [1, 2];", "const [x, y] = a; sink = x + y;"),
    ("template", "const t = 'text';", "sink = `a${t}b${i & 7}`;"),
    ("replace with a function", "const t = 'The quick brown fox';", "sink = t.replace(/q/, (c) => c);"),
    ("Map get and set", "const m = new Map();", "m.set(i & 7, i); sink = m.get(i & 7);"),
    ("JSON.parse", "const t = '{\"id\":1,\"tags\":[\"a\",\"b\"]}';", "sink = JSON.parse(t);"),
    ("generator of 3", "function* g() { yield 1; yield 2; yield 3; }", "for (const x of g()) sink = x;"),
    ("await", "", "sink = await i;"),
    ("new Headers", "", "sink = new Headers({ a: 'b' });"),
];

const KEPT: &str = "kept";
const WARMED_UP: &str = "warmed up";
/// What a sample of an operation is.
const OPERATION: &str = "operation";

/// Count for every engine.
pub(super) fn measure(context: &mut Context) -> Result<Suite> {
    let mut samples = Samples::default();
    for engine in context.engines.clone() {
        let counter = Counter::new(engine.clone())?;
        let mut note = |case: &str, quantity: &str, count: Result<u64>| match count {
            Ok(count) => samples.add(case, &engine.name, quantity, "instructions", count as f64),
            Err(error) => samples.fail(case, &engine.name, &error),
        };
        for (name, source) in HANDLERS.iter().filter(|case| context.wants("instructions", case.0)) {
            note(name, KEPT, counter.request(source, false));
            note(name, WARMED_UP, counter.request(source, true));
        }
        for (name, setup, body) in OPERATIONS.iter().filter(|case| context.wants("instructions", case.0)) {
            note(name, OPERATION, counter.turn(setup, body, true));
        }
    }
    let columns = |quantities: &[&str]| -> Vec<Column> {
        let engines = context.engines.iter();
        let pairs = engines.flat_map(|engine| quantities.iter().map(move |quantity| (engine, *quantity)));
        pairs
            .map(|(engine, quantity)| Column::new(&format!("{}, {quantity}", engine.name), &engine.name, quantity))
            .collect()
    };
    let tables = vec![
        samples.table("A request, instructions", &samples.cases(KEPT), &columns(&[KEPT, WARMED_UP])),
        samples.table(
            "An operation of a warmed up handler, instructions",
            &samples.cases(OPERATION),
            &columns(&[OPERATION]),
        ),
    ];
    let about = vec![
        "Wasm instructions that a request runs in a kept instance, counted by Wasmtime (`Config::consume_fuel`). The number is the same every time and on every machine, or the row is an error. An operation is the difference between 600 and 100 turns of a loop, by 500; the loop is in it."
            .to_owned(),
    ];
    Ok(Suite { name: "instructions", title: "Instructions", about, headline: None, tables, plots: Vec::new(), samples })
}
