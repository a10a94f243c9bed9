//! What warm-up requests read of the world. What the handler keeps of it is the same in every instance, for everybody who
//! has the artifact.

use crate::guest::{Host, Noticed};
use engine_abi::Kind;

/// Something that differs from one instance to another, and that a snapshot fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baked {
    /// `Math.random`, `crypto.getRandomValues`, `crypto.randomUUID`, keys.
    Random,
    /// `Date`.
    Clock,
}

impl Baked {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Clock => "clock",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Random => "randomness",
            Self::Clock => "the clock",
        }
    }
}

/// That it was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) baked: Baked,
    /// How often.
    pub(super) count: u64,
    /// The first place; `None` if the engine named none.
    pub(super) place: Option<Noticed>,
}

impl Read {
    /// What is to be said about it where it is allowed.
    pub(super) fn remark(&self) -> String {
        let what = self.baked.description();
        format!("a warm-up request read {what}: what the handler keeps of it is the same in every instance")
    }

    /// What is to be said about it where it is not; `names`: all that would have to be.
    fn refusal(&self, names: &str) -> String {
        let what = self.baked.description();
        let times = if self.count > 1 { format!(" ({} times)", self.count) } else { String::new() };
        format!(
            "a warm-up request read {what}{times}: what the handler keeps of it would be the same in every instance, a secret \
             too; if it keeps nothing of it, or that is meant, say --allow-baked={names}"
        )
    }
}

/// What was read, in the order of the names.
pub(super) fn of(host: &Host) -> Vec<Read> {
    let all = [
        (Baked::Random, Kind::WarmUpRandom, host.unreported.random),
        (Baked::Clock, Kind::WarmUpClock, host.unreported.clock),
    ];
    let reads = all.into_iter().map(|(baked, kind, unreported)| {
        let reported = || host.diagnostics.iter().filter(|noticed| noticed.kind == kind);
        let count = unreported + reported().map(|noticed| noticed.count).sum::<u64>();
        Read { baked, count, place: reported().next().cloned() }
    });
    reads.filter(|read| read.count > 0).collect()
}

/// The first place where the environment was read. That is no error: a handler that reads it anew has what is there then.
pub(super) fn environment(host: &Host) -> Option<Noticed> {
    host.diagnostics.iter().find(|noticed| noticed.kind == Kind::WarmUpEnvironment).cloned()
}

/// Whether a diagnostic is one of those that are told here.
pub(super) fn is_told(kind: Kind) -> bool {
    matches!(kind, Kind::WarmUpClock | Kind::WarmUpRandom | Kind::WarmUpEnvironment)
}

/// Those that were not allowed, each with what is to be said about it.
pub(super) fn refused<'a>(reads: &'a [Read], allowed: &[Baked]) -> Vec<(&'a Read, String)> {
    let refused: Vec<&Read> = reads.iter().filter(|read| !allowed.contains(&read.baked)).collect();
    let names: Vec<&str> = refused.iter().map(|read| read.baked.name()).collect();
    let names = names.join(",");
    refused.into_iter().map(|read| (read, read.refusal(&names))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(baked: Baked, count: u64) -> Read {
        Read { baked, count, place: None }
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        let reads = [read(Baked::Random, 2), read(Baked::Clock, 1)];
        assert!(refused(&reads, &[Baked::Clock, Baked::Random]).is_empty());
        assert!(refused(&[], &[]).is_empty());
        let both = refused(&reads, &[]);
        assert!(both[0].1.starts_with("a warm-up request read randomness (2 times): "), "{both:?}");
        assert!(both[1].1.starts_with("a warm-up request read the clock: "), "{both:?}");
        assert!(both.iter().all(|(_, message)| message.ends_with("--allow-baked=random,clock")), "{both:?}");
        let one = refused(&reads, &[Baked::Random]);
        assert!(one.len() == 1 && one[0].1.ends_with("--allow-baked=clock"), "{one:?}");
    }
}
