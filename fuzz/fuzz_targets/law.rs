//! The law on generated modules: to initialize and then run is to snapshot and then run.

#![no_main]

#[path = "../../wizerjs/tests/snapshot/law.rs"]
mod law;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(wasm) = law::generate(bytes) {
        law::check(&wasm);
    }
});
