//! Runs of bytes or entries worth writing, and merging them where that makes the module smaller or keeps it acceptable.

use std::ops::Range;

/// A run of things that are not at their default value: half-open, in bytes or entries.
pub(super) type Run = Range<u64>;

/// Collects runs in order, joining two where the gap costs no more than another segment would.
pub(super) struct Runs<F> {
    runs: Vec<Run>,
    /// The largest gap to fill before a run that starts here.
    fills: F,
}

impl<F: Fn(u64) -> u64> Runs<F> {
    pub(super) fn new(fills: F) -> Self {
        Self { runs: Vec::new(), fills }
    }

    /// Add a run that starts at or after the end of the last one.
    pub(super) fn push(&mut self, run: Run) {
        match self.runs.last_mut() {
            Some(last) if run.start == last.end || run.start - last.end <= (self.fills)(run.start) => {
                last.end = run.end
            }
            _ => self.runs.push(run),
        }
    }

    pub(super) fn finish(self) -> Vec<Run> {
        self.runs
    }
}

/// A gap between two neighbouring runs, ordered so that the gap to fill first comes first. The order is total, so the
/// result does not depend on how it was sorted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Gap {
    len: u64,
    space: usize,
    /// Index of the run after the gap.
    before: usize,
}

/// Merge runs until there are at most `max` in all of `spaces`, filling the smallest gaps. Runs of different spaces
/// cannot be merged, so one run a space may remain however small `max` is.
pub(super) fn limit(spaces: &mut [Vec<Run>], max: usize) {
    let total: usize = spaces.iter().map(Vec::len).sum();
    let Some(excess) = total.checked_sub(max).filter(|&excess| excess > 0) else { return };
    let mut gaps: Vec<Gap> = Vec::with_capacity(total);
    for (space, runs) in spaces.iter().enumerate() {
        gaps.extend(runs.windows(2).enumerate().map(|(index, pair)| Gap {
            len: pair[1].start - pair[0].end,
            space,
            before: index + 1,
        }));
    }
    if excess < gaps.len() {
        gaps.select_nth_unstable(excess);
        gaps.truncate(excess);
    }
    let mut filled: Vec<Vec<bool>> = spaces.iter().map(|runs| vec![false; runs.len()]).collect();
    for gap in gaps {
        filled[gap.space][gap.before] = true;
    }
    for (runs, filled) in spaces.iter_mut().zip(filled) {
        let mut merged: Vec<Run> = Vec::with_capacity(runs.len());
        for (run, is_joined) in runs.drain(..).zip(filled) {
            match merged.last_mut() {
                Some(last) if is_joined => last.end = run.end,
                _ => merged.push(run),
            }
        }
        *runs = merged;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_filled_while_that_is_no_more_than_the_bound_at_the_next_run() {
        let mut runs = Runs::new(|start| if start < 100 { 4 } else { 5 });
        for run in [0..1, 5..6, 11..12, 200..201, 206..207] {
            runs.push(run);
        }
        assert_eq!(runs.finish(), [0..6, 11..12, 200..207]);
    }

    #[test]
    fn the_smallest_gaps_are_filled_first_and_equal_ones_in_order() {
        let mut spaces = vec![vec![0..1, 11..12, 22..23, 24..25], vec![0..1, 11..12]];
        limit(&mut spaces, 4);
        assert_eq!(spaces, [vec![0..12, 22..25], vec![0..1, 11..12]]);
    }

    #[test]
    fn spaces_are_never_merged() {
        let mut spaces = vec![vec![0..1, 9..10], vec![], vec![5..6, 7..8]];
        limit(&mut spaces, 1);
        let ends: Vec<_> = spaces.iter().map(|runs| (runs.len(), runs.first().map(|run| run.end))).collect();
        assert_eq!(ends, [(1, Some(10)), (0, None), (1, Some(8))]);
    }
}
