//! Reads of randomness and of the wall clock that the engine reports no place of: another engine need not tell. Ours reports a
//! read of randomness before it asks for some, and one of the clock after it was asked.

use engine_abi::Kind;

/// How often either was read without a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unreported {
    pub(crate) random: u64,
    pub(crate) clock: u64,
    /// Whether randomness was reported since it was last read.
    is_random_reported: bool,
}

impl Unreported {
    /// Randomness was read.
    pub(super) fn random(&mut self) {
        if !std::mem::take(&mut self.is_random_reported) {
            self.random += 1;
        }
    }

    /// The wall clock was read.
    pub(super) fn clock(&mut self) {
        self.clock += 1;
    }

    /// The engine reported something.
    pub(super) fn reported(&mut self, kind: Kind) {
        match kind {
            Kind::RandomRead | Kind::WarmUpRandom => self.is_random_reported = true,
            Kind::ClockRead | Kind::WarmUpClock => self.clock = self.clock.saturating_sub(1),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reported_does_not_count() {
        let mut reads = Unreported::default();
        reads.reported(Kind::RandomRead);
        reads.random();
        reads.clock();
        reads.reported(Kind::ClockRead);
        // `performance.now` is reported, and reads no wall clock.
        reads.reported(Kind::ClockRead);
        assert_eq!((reads.random, reads.clock), (0, 0));
        reads.random();
        reads.clock();
        reads.clock();
        assert_eq!((reads.random, reads.clock), (1, 2));
    }
}
