//! The law on generated modules, always the same ones.

use crate::law::{MAX_WASM_STACK_BYTES, Outcome, check, generate};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::BTreeMap;

/// How many modules.
const CASES: u64 = 20_000;

/// Cases at a time for each processor: each waits now and then for the thread that runs its module, and for the kernel.
const CASES_PER_CPU: usize = 2;

/// Bytes of stack of a thread: for what a module may use, and for another case that the thread takes up meanwhile.
const STACK_BYTES: usize = 4 * MAX_WASM_STACK_BYTES;

/// Bytes that a module is made from.
const BYTES_PER_CASE: usize = 3_000;

/// Variable with other cases to try, `FIRST..END`, for longer runs.
const CASES_VARIABLE: &str = "WIZERJS_LAW_CASES";

/// The cases that `variable` names, or the first ones.
pub(crate) fn cases(variable: &str, default: u64) -> std::ops::Range<u64> {
    let Ok(range) = std::env::var(variable) else { return 0..default };
    let parsed = range.split_once("..").and_then(|(first, end)| Some(first.parse().ok()?..end.parse().ok()?));
    parsed.unwrap_or_else(|| panic!("{variable}={range}: expected FIRST..END"))
}

/// Bytes that a case is made of.
pub(crate) fn bytes_of(law: &str, case: u64) -> Vec<u8> {
    let mut bytes = vec![0; BYTES_PER_CASE];
    let seed = format!("wizerjs {law} {case}");
    blake3::Hasher::new().update(seed.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

/// How a case ends; `None` if no module can be made of it.
fn outcome(case: u64) -> Option<Outcome> {
    let wasm = generate(&bytes_of("law", case))?;
    match std::panic::catch_unwind(|| check(&wasm)) {
        Ok(outcome) => Some(outcome),
        Err(panic) => {
            let text = wasmprinter::print_bytes(&wasm).unwrap_or_default();
            eprintln!("case {case} breaks the law:\n{text}");
            std::panic::resume_unwind(panic)
        }
    }
}

/// Threads for cases.
pub(crate) fn pool() -> rayon::ThreadPool {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    rayon::ThreadPoolBuilder::new().num_threads(cpus * CASES_PER_CPU).stack_size(STACK_BYTES).build().expect("a pool")
}

#[test]
fn snapshot_and_run_is_initialize_and_run() {
    let cases = cases(CASES_VARIABLE, CASES);
    let count = cases.end - cases.start;
    let outcomes: Vec<Option<Outcome>> = pool().install(|| cases.into_par_iter().map(outcome).collect());
    let mut counts: BTreeMap<Option<Outcome>, u64> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    for (outcome, count) in &counts {
        println!("{count:>6} {outcome:?}");
    }
    let same: u64 =
        counts.iter().filter(|(outcome, _)| matches!(outcome, Some(Outcome::Same { .. }))).map(|(_, n)| n).sum();
    let by_peer = counts.get(&Some(Outcome::Same { peer: true })).copied().unwrap_or(0);
    assert!(same >= count * 2 / 5, "only {same} of {count} modules reached a snapshot");
    assert!(by_peer >= count / 100, "only {by_peer} of {count} modules were compared with the peer's");
}
