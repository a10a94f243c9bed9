//! Calls of imported functions of which the host is told.

use std::collections::BTreeSet;

/// Imported functions, by function index, of whose calls the host is told; calls through tables go unnoticed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Before the call, with its arguments on the operand stack.
    pub before: BTreeSet<u32>,
    /// After it, with its results on the operand stack; tail calls are not told of.
    pub after: BTreeSet<u32>,
}

/// A call of which the host is told: the argument of its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before a call of the imported function with this index.
    Before(u32),
    /// After it.
    After(u32),
}

impl Moment {
    pub(super) fn encode(self) -> i32 {
        let (index, is_after) = match self {
            Self::Before(index) => (index, 0),
            Self::After(index) => (index, 1),
        };
        // Engines take 1,000,000 functions. It is not 0, so that it is told from the position in the table.
        (index << 2 | is_after << 1 | 1).cast_signed()
    }

    /// What the argument of the host's function stands for.
    pub fn decode(argument: i32) -> Self {
        let argument = argument.cast_unsigned();
        if argument & 2 == 0 { Self::Before(argument >> 2) } else { Self::After(argument >> 2) }
    }

    /// Operands above those of the watched call, when the host's function is called: its argument, and its position in the table
    /// where that is still there. `uppermost` is the value of the last operand.
    pub fn own_operands(uppermost: i32) -> usize {
        if uppermost == TABLE_POSITION { 2 } else { 1 }
    }
}

/// The position of the host's function in its table.
pub(super) const TABLE_POSITION: i32 = 0;
