//! What warm-up requests read of the world. What the handler keeps of it is the same in every instance, for everybody who
//! has the artifact.

use crate::guest::Unreported;
use std::fmt::Write;

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
}

/// What was read, each with how often, in the order of the names.
pub(super) fn of(unreported: Unreported) -> Vec<(Baked, u64)> {
    let all = [(Baked::Random, unreported.random), (Baked::Clock, unreported.clock)];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// What is to be said about reads that were not allowed; `None` if there are none.
pub(super) fn refusal(read: &[(Baked, u64)], allowed: &[Baked]) -> Option<String> {
    let refused: Vec<_> = read.iter().filter(|(baked, _)| !allowed.contains(baked)).collect();
    if refused.is_empty() {
        return None;
    }
    let mut message = "a warm-up request read ".to_owned();
    for (index, (baked, count)) in refused.iter().enumerate() {
        let and = if index > 0 { " and " } else { "" };
        let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
        // Writing to a text cannot fail.
        let _ = write!(message, "{and}{}{times}", description(*baked));
    }
    let names: Vec<&str> = refused.iter().map(|(baked, _)| baked.name()).collect();
    let _ = write!(
        message,
        ": what the handler keeps of it would be the same in every instance, a secret too; if it keeps nothing of it, or that is \
         meant, say --allow-baked={}",
        names.join(",")
    );
    Some(message)
}

/// The remark about reads that were allowed.
pub(super) fn remark(baked: Baked) -> String {
    format!("a warm-up request read {}: what the handler keeps of it is the same in every instance", description(baked))
}

fn description(baked: Baked) -> &'static str {
    match baked {
        Baked::Random => "randomness",
        Baked::Clock => "the clock",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_allowed_is_named() {
        let read = [(Baked::Random, 2), (Baked::Clock, 1)];
        assert_eq!(refusal(&read, &[Baked::Clock, Baked::Random]), None);
        assert_eq!(refusal(&[], &[]), None);
        let both = refusal(&read, &[]).unwrap();
        assert!(both.starts_with("a warm-up request read randomness (2 times) and the clock: "), "{both}");
        assert!(both.ends_with("--allow-baked=random,clock"), "{both}");
        let one = refusal(&read, &[Baked::Random]).unwrap();
        assert!(one.contains("read the clock: ") && one.ends_with("--allow-baked=clock"), "{one}");
    }
}
