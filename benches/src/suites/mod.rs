//! The suites: each measures one thing and makes its part of the report.

mod bundle;
mod component;
mod deploy;
mod growth;
mod instances;
mod instructions;
mod javascript;
mod lines;
mod serving;
mod start;
mod tenants;

use crate::measure::control::Control;
use crate::measure::engine::EngineUnderTest;
use crate::peers::Peers;
use crate::report::{Plot, Samples, Suite, Table};
use anyhow::Result;
use std::path::PathBuf;

/// What a suite is given.
#[derive(Debug)]
pub struct Context {
    /// Whether a few minutes have to be enough.
    pub quick: bool,
    /// How often every contender is measured, in turn with the others.
    pub rounds: usize,
    /// Only cases whose `PART/NAME` contains this.
    pub only: String,
    /// Engines of ours to measure.
    pub engines: Vec<EngineUnderTest>,
    /// What to compare with.
    pub peers: Peers,
    /// A folder for files, which may be left.
    pub work: PathBuf,
}

/// A suite's name, and what measures it.
pub type Measure = fn(&mut Context) -> Result<Suite>;

/// A part of a suite: nothing, if it was not asked for.
type Part = fn(&mut Context, &mut Samples) -> Result<(Vec<Table>, Vec<Plot>)>;

/// A suite of parts that know nothing of each other.
fn of_parts(
    context: &mut Context,
    name: &'static str,
    title: &'static str,
    about: Vec<String>,
    parts: &[Part],
) -> Result<Suite> {
    let mut samples = Samples::default();
    let (mut tables, mut plots) = (Vec::new(), Vec::new());
    for part in parts {
        let (more_tables, more_plots) = part(context, &mut samples)?;
        tables.extend(more_tables);
        plots.extend(more_plots);
    }
    Ok(Suite { name, title, about, headline: None, tables, plots, samples })
}

/// All suites.
pub const SUITES: [(&str, Measure); 7] = [
    ("serving", serving::measure),
    ("start", start::measure),
    ("deploy", deploy::measure),
    ("javascript", javascript::measure),
    ("instances", instances::measure),
    ("growth", growth::measure),
    ("instructions", instructions::measure),
];

impl Context {
    /// Whether a case is to be measured.
    fn wants(&self, part: &str, case: &str) -> bool {
        format!("{part}/{case}").contains(&self.only)
    }

    /// Measure all contenders `rounds` times, each round beginning with the control.
    fn rounds(
        &mut self,
        what: &str,
        samples: &mut Samples,
        mut round: impl FnMut(&mut Self, &mut Samples, usize) -> Result<()>,
    ) -> Result<()> {
        let control = Control::start()?;
        for at in 0..self.rounds {
            eprintln!("{what}, round {} of {}", at + 1, self.rounds);
            control.round(samples)?;
            round(self, samples, at)?;
        }
        Ok(())
    }
}
