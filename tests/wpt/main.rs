//! Web-platform tests (`*.any.js`) in our engine, by way of `wizerjs build` and `runner serve`: see `README.md` here.

mod application;
mod expectations;
mod fetch;
mod score;
mod suite;
mod web_server;

use anyhow::{Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use std::sync::Arc;
use suite::Suite;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let everything = arguments.include_ignored || arguments.ignored;
    let folder = match fetch::fetch()? {
        Ok(folder) => folder,
        Err(reason) => {
            ensure!(!everything, "web-platform-tests cannot be fetched: {reason}");
            let name = format!("web-platform-tests, which cannot be fetched: {reason}");
            let trial = Trial::test(name, || Ok(())).with_ignored_flag(true);
            libtest_mimic::run(&arguments, vec![trial]).exit()
        }
    };
    let suite = Arc::new(Suite::open(&folder)?);
    let mut trials = Vec::new();
    for case in suite.cases()? {
        let (name, fast) = (case.name(), case.is_fast());
        let suite = Arc::clone(&suite);
        let run = move || suite.run(&case).map_err(|error| Failed::from(format!("{error:#}")));
        trials.push(Trial::test(name, run).with_ignored_flag(!fast));
    }
    ensure!(!trials.is_empty(), "no tests in {}", folder.display());
    let conclusion = libtest_mimic::run(&arguments, trials);
    if !arguments.list {
        suite.finish()?;
    }
    conclusion.exit()
}
