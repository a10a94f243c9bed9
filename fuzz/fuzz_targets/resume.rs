//! The law of stopping at a call on generated programs: to run to the end is to run up to a call, snapshot, and resume.

#![no_main]

#[allow(dead_code)]
#[path = "../../wizerjs/tests/snapshot/law.rs"]
mod law;
#[path = "../../wizerjs/tests/snapshot/resume_law.rs"]
mod resume_law;
#[path = "../../wizerjs/tests/snapshot/resume_program.rs"]
mod resume_program;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some(wasm) = resume_law::generate(bytes) {
        resume_law::check(&wasm, "main");
    }
});
