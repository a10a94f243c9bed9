//! What capturing asks of a live instance; the only seam between snapshots and an engine.

use std::ops::Range;

/// An instance of an instrumented module, stopped at the snapshot point. Names are those of added exports, which exist
/// and have the right kind.
pub trait LiveInstance {
    /// All bytes of a memory.
    fn memory(&self, export: &str) -> &[u8];

    /// Ranges of a memory outside of which every byte is zero, in order and apart from each other, their bounds multiples
    /// of 8 or the end of the memory. What is in a snapshot does not depend on how close they are.
    fn written(&self, export: &str) -> Vec<Range<usize>> {
        std::iter::once(0..self.memory(export).len()).collect()
    }

    /// The value of a global.
    fn global(&mut self, export: &str) -> LiveValue;

    /// Entries of a table.
    fn table_len(&mut self, export: &str) -> u64;

    /// An entry of a table; `index` is below [`LiveInstance::table_len`].
    fn table_entry(&mut self, export: &str, index: u64) -> LiveReference;

    /// The call stack at which the instance was stopped, the innermost frame first; none if its functions returned.
    fn frames(&mut self) -> Vec<LiveFrame> {
        Vec::new()
    }
}

/// A frame of the call stack of a live instance. The innermost one stands at the call of the host's function
/// ([`Instrumentation::host_table`](super::Instrumentation::host_table)) before a watched call, the others at the calls that they
/// made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFrame {
    /// The function: its position among those that the module defines.
    pub body: u32,
    /// Where the instruction after the call stands, in bytes from the start of the instrumented module.
    pub position: usize,
    /// All locals, parameters first.
    pub locals: Vec<LiveValue>,
    /// All operands, the lowest first. Those above the operands of the original function's call are ignored, and the parameters
    /// of an `if` are there twice until its `else`, as Wasmtime 48 shows them.
    pub operands: Vec<LiveValue>,
}

/// A value in a live instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveValue {
    /// `i32`.
    I32(i32),
    /// `i64`.
    I64(i64),
    /// `f32`, as bits.
    F32(u32),
    /// `f64`, as bits.
    F64(u64),
    /// `v128`, as bits.
    V128(u128),
    /// Any reference.
    Ref(LiveReference),
}

/// A reference in a live instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveReference {
    /// Null.
    Null,
    /// A function. Two references have the same identity exactly if they are to the same function of the same instance.
    Function(usize),
    /// An unboxed integer of 31 bits.
    I31(u32),
    /// Anything else, by name for messages: `externref`, `anyref`, `exnref`.
    Other(&'static str),
}
