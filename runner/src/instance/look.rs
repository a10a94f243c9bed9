//! A closer look at what an instance wrote: pages that it wrote once are restored after every request, until it turns out
//! that most requests leave them alone. Then all of its memory is watched anew.

use super::Image;
use crate::units::PAGE_BYTES;
use std::ops::Range;

/// Resets until the first look at a new instance.
const FIRST_AFTER: u32 = 64;

/// Resets between two looks, at most. What is noted anew faults again, 2.5 µs a page; a look in so many resets makes that little.
const AT_MOST_AFTER: u32 = 1024;

/// Pages that are restored without asking: fewer take some 3 µs.
const FEW_PAGES: usize = 32;

/// When the next look is due.
#[derive(Debug)]
pub(super) struct Look {
    resets_left: u32,
    /// Resets from the last look to the next.
    interval: u32,
}

impl Default for Look {
    fn default() -> Self {
        Self { resets_left: FIRST_AFTER, interval: FIRST_AFTER }
    }
}

impl Look {
    /// Whether this reset, of so many pages, is the one to look closer.
    pub(super) fn is_due(&mut self, pages: usize) -> bool {
        self.resets_left = self.resets_left.saturating_sub(1);
        if self.resets_left > 0 || pages < FEW_PAGES {
            return false;
        }
        self.interval = (self.interval * 2).min(AT_MOST_AFTER);
        self.resets_left = self.interval;
        true
    }
}

/// Restore the runs of `memory` to what `image` has there; how many pages were something else.
pub(super) fn restore(image: &Image, runs: &[Range<usize>], memory: &mut [u8]) -> usize {
    let mut before = [0; PAGE_BYTES];
    let mut changed = 0;
    for start in runs.iter().flat_map(|run| run.clone().step_by(PAGE_BYTES)) {
        let page = start..start + PAGE_BYTES;
        let part = &mut memory[page.clone()];
        before.copy_from_slice(part);
        image.fill(&page, part);
        changed += usize::from(before != *part);
    }
    changed
}

/// Whether so few of the noted pages were changed that noting them again costs less than restoring all of them.
pub(super) fn is_worth_forgetting(noted: usize, changed: usize) -> bool {
    changed * 2 < noted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_become_rare() {
        let mut look = Look::default();
        let due: Vec<u32> = (1..5000).filter(|_| look.is_due(FEW_PAGES)).collect();
        assert_eq!(due[..5], [64, 64 + 128, 64 + 128 + 256, 64 + 128 + 256 + 512, 64 + 128 + 256 + 512 + 1024]);
        assert_eq!(due[6] - due[5], AT_MOST_AFTER);
        let mut look = Look::default();
        assert!((0..5000).all(|_| !look.is_due(FEW_PAGES - 1)));
        assert!(look.is_due(FEW_PAGES), "as soon as there are many");
    }
}
