//! Labels of a continuation: which one a branch of the function goes to.

/// The labels that are in scope, of the function and of its continuation.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// For each label of the function, the outermost first, the one of the continuation, counted from its outermost.
    continuation: Vec<u32>,
    /// Labels of the continuation.
    height: u32,
}

impl Labels {
    /// A block begins that the function has too.
    pub(super) fn enter(&mut self) {
        self.continuation.push(self.height);
        self.height += 1;
    }

    /// The block that was entered last ends.
    pub(super) fn leave(&mut self) {
        self.continuation.pop();
        self.height -= 1;
    }

    /// A block begins that only the continuation has.
    pub(super) fn enter_added(&mut self) {
        self.height += 1;
    }

    /// A block that only the continuation has ends.
    pub(super) fn leave_added(&mut self) {
        self.height -= 1;
    }

    /// The label in the continuation for a label of the function, both counted from the innermost.
    pub(super) fn find(&self, depth: u32) -> Option<u32> {
        let position = self.continuation.len().checked_sub(depth as usize + 1)?;
        Some(self.height - 1 - self.continuation[position])
    }
}

#[cfg(test)]
mod tests {
    use super::Labels;

    #[test]
    fn added_blocks_are_passed_over() {
        let mut labels = Labels::default();
        labels.enter();
        labels.enter_added();
        labels.enter();
        labels.enter();
        assert_eq!([0, 1, 2, 3].map(|depth| labels.find(depth)), [Some(0), Some(1), Some(3), None]);
        labels.leave();
        labels.leave();
        labels.leave_added();
        assert_eq!(labels.find(0), Some(0));
    }
}
