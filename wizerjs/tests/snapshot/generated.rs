//! The law on generated modules, always the same ones.

use crate::law::{Outcome, check, generate};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::BTreeMap;

/// How many modules.
const CASES: u64 = 20_000;

/// Bytes that a module is made from.
const BYTES_PER_CASE: usize = 3_000;

/// Of so many cases, one is given to the peer too.
const PEER_EVERY: u64 = 4;

fn bytes_of(case: u64) -> Vec<u8> {
    let mut bytes = vec![0; BYTES_PER_CASE];
    let seed = format!("wizerjs law {case}");
    blake3::Hasher::new().update(seed.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

#[test]
fn snapshot_and_run_is_initialize_and_run() {
    let outcomes: Vec<Option<Outcome>> = (0..CASES)
        .into_par_iter()
        .map(|case| {
            let wasm = generate(&bytes_of(case))?;
            let outcome = std::panic::catch_unwind(|| check(&wasm, case % PEER_EVERY == 0));
            match outcome {
                Ok(outcome) => Some(outcome),
                Err(panic) => {
                    let text = wasmprinter::print_bytes(&wasm).unwrap_or_default();
                    eprintln!("case {case} breaks the law:\n{text}");
                    std::panic::resume_unwind(panic)
                }
            }
        })
        .collect();
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
    assert!(same >= CASES / 2, "only {same} of {CASES} modules reached a snapshot");
    assert!(by_peer >= CASES / 100, "only {by_peer} of {CASES} modules were compared with the peer's");
}
