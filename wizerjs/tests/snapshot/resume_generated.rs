//! The law of stopping at a call on generated modules, always the same ones.

use crate::generated::{bytes_of, cases, pool};
use crate::resume_law::{Outcome, check, generate};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use std::collections::BTreeMap;

/// How many modules.
const CASES: u64 = 300;

/// Variable with other cases to try, `FIRST..END`, for longer runs.
const CASES_VARIABLE: &str = "WIZERJS_RESUME_CASES";

/// How a case ends; `None` if no program can be made of it.
fn outcome(case: u64) -> Option<Outcome> {
    let wasm = generate(&bytes_of("resume", case))?;
    match std::panic::catch_unwind(|| check(&wasm, "main")) {
        Ok(outcome) => Some(outcome),
        Err(panic) => {
            let text = wasmprinter::print_bytes(&wasm).unwrap_or_default();
            eprintln!("case {case} breaks the law:\n{text}");
            std::panic::resume_unwind(panic)
        }
    }
}

#[test]
fn resume_is_running_on() {
    let cases = cases(CASES_VARIABLE, CASES);
    let count = cases.end - cases.start;
    let outcomes: Vec<Outcome> = pool().install(|| cases.into_par_iter().filter_map(outcome).collect());
    let mut counts: BTreeMap<Outcome, u64> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome).or_default() += 1;
    }
    for (outcome, count) in &counts {
        println!("{count:>6} {outcome:?}");
    }
    let stops: u64 = counts
        .iter()
        .map(|(outcome, programs)| if let Outcome::Same(stops) = outcome { *stops as u64 * programs } else { 0 })
        .sum();
    assert!(stops >= count * 2, "only {stops} calls of {count} modules were stopped at");
}
