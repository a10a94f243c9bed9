//! The instructions of a function, by number.

use crate::snapshot::error::Error;
use std::ops::Range;
use wasmparser::{FunctionBody, Operator};

/// The instructions of a function body, in order.
pub(super) struct Code<'a> {
    instructions: Vec<(Operator<'a>, Range<usize>)>,
}

impl<'a> Code<'a> {
    pub(super) fn of(body: &FunctionBody<'a>) -> Result<Self, Error> {
        let mut operators = body.get_operators_reader()?;
        let mut instructions = Vec::new();
        while !operators.eof() {
            let (operator, start) = operators.read_with_offset()?;
            instructions.push((operator, start..operators.original_position()));
        }
        Ok(Self { instructions })
    }

    /// An instruction and where it stands in the module.
    pub(super) fn get(&self, number: usize) -> Option<&(Operator<'a>, Range<usize>)> {
        self.instructions.get(number)
    }

    /// The instruction that begins at this place of the module.
    pub(super) fn starting_at(&self, place: usize) -> Option<usize> {
        self.instructions.binary_search_by_key(&place, |(_, range)| range.start).ok()
    }

    /// The call that a frame has made which is said to stand at this place of the module: after the call, as return addresses
    /// are. Where exceptions are handled Wasmtime 48 says where the call itself stands: there the call is what ends a block
    /// of machine code, and places are not noted for those.
    pub(super) fn call_made_at(&self, place: usize) -> Option<usize> {
        let after = self.instructions.binary_search_by_key(&place, |(_, range)| range.end).ok();
        let after = after.filter(|&number| self.is_call(number) && !self.is_handled(number));
        after.or_else(|| self.starting_at(place).filter(|&number| self.is_call(number) && self.is_handled(number)))
    }

    fn is_call(&self, number: usize) -> bool {
        let operator = self.get(number).map(|(operator, _)| operator);
        matches!(operator, Some(Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::CallRef { .. }))
    }

    /// Whether an exception that is thrown in this instruction may be caught in this function.
    pub(super) fn is_handled(&self, number: usize) -> bool {
        let mut handled = Vec::new();
        for (operator, _) in self.instructions.iter().take(number) {
            match operator {
                Operator::TryTable { try_table } => handled.push(!try_table.catches.is_empty()),
                Operator::End => drop(handled.pop()),
                _ if opens(operator) => handled.push(false),
                _ => {}
            }
        }
        handled.contains(&true)
    }

    /// The instructions from this one on.
    pub(super) fn from(&self, number: usize) -> &[(Operator<'a>, Range<usize>)] {
        self.instructions.get(number..).unwrap_or_default()
    }
}

/// Whether an instruction begins a block, which an `end` ends.
pub(super) fn opens(operator: &Operator<'_>) -> bool {
    matches!(operator, Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } | Operator::TryTable { .. })
}
