//! Any bytes: parsed, instrumented and inspected, or a typed error.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = wizerjs::inspect::Inspection::of(bytes);
    if let Ok(module) = wizerjs::snapshot::parse(bytes)
        && let Ok(instrumented) = wizerjs::snapshot::Instrumentation::of(&module).apply(&module)
    {
        wizerjs::snapshot::parse(&instrumented).expect("the instrumented module is valid");
    }
});
