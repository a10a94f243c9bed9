//! Hidden state: what an instance can change and nobody outside of it can read or restore.
//!
//! A snapshot of an instance, and the reset of one after a request, are its one memory and its exported mutable globals
//! that are numbers. Everything else that an instruction can change would be lost by a snapshot, and would be seen by
//! the next request. [`change`] is the one list of those instructions, [`find`] looks for them in a module.

use anyhow::{Context, Result};
use rayon::prelude::*;
use std::collections::HashSet;
use std::fmt;
use wasmparser::{ExternalKind, FunctionBody, GlobalType, Operator, Parser, Payload, TypeRef, ValType};

/// What an instruction changes besides memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The value of the global with this index.
    Global(u32),
    /// Entries, or the size, of the table with this index.
    Table(u32),
    /// The data segment with this index is dropped.
    DataSegment(u32),
    /// The element segment with this index is dropped.
    ElementSegment(u32),
    /// A GC object is changed in place.
    Object(ObjectChange),
    /// The instruction belongs to this proposal, and nobody has decided yet what its instructions change.
    Undecided(&'static str),
}

/// An instruction that changes a GC object in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectChange {
    /// `struct.set`
    StructSet,
    /// `array.set`
    ArraySet,
    /// `array.fill`
    ArrayFill,
    /// `array.copy`
    ArrayCopy,
    /// `array.init_data`
    ArrayInitData,
    /// `array.init_elem`
    ArrayInitElem,
}

impl ObjectChange {
    /// Every instruction of this kind.
    pub const ALL: [Self; 6] =
        [Self::StructSet, Self::ArraySet, Self::ArrayFill, Self::ArrayCopy, Self::ArrayInitData, Self::ArrayInitElem];

    /// The instruction as the text format writes it.
    pub fn instruction(self) -> &'static str {
        match self {
            Self::StructSet => "struct.set",
            Self::ArraySet => "array.set",
            Self::ArrayFill => "array.fill",
            Self::ArrayCopy => "array.copy",
            Self::ArrayInitData => "array.init_data",
            Self::ArrayInitElem => "array.init_elem",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global(index) => write!(f, "global {index} (no exported number)"),
            Self::Table(index) => write!(f, "table {index}"),
            Self::DataSegment(index) => write!(f, "whether data segment {index} is there"),
            Self::ElementSegment(index) => write!(f, "whether element segment {index} is there"),
            Self::Object(change) => write!(f, "GC objects ({})", change.instruction()),
            Self::Undecided(proposal) => write!(f, "what is not known (instructions of the proposal {proposal})"),
        }
    }
}

/// Whether all instructions of a proposal were looked at: those that change something besides memories are in
/// [`change`], and the test below counts the others. A proposal that is not named here is refused.
macro_rules! is_decided {
    (mvp) => {
        true
    };
    (sign_extension) => {
        true
    };
    (saturating_float_to_int) => {
        true
    };
    (bulk_memory) => {
        true
    };
    (reference_types) => {
        true
    };
    (tail_call) => {
        true
    };
    (simd) => {
        true
    };
    (relaxed_simd) => {
        true
    };
    // A memory that threads share is refused elsewhere; on any other these instructions are loads and stores.
    (threads) => {
        true
    };
    (wide_arithmetic) => {
        true
    };
    (function_references) => {
        true
    };
    // Exceptions are objects that nothing changes once they are thrown.
    (exceptions) => {
        true
    };
    (gc) => {
        true
    };
    ($undecided:ident) => {
        false
    };
}

/// Defines `undecided_proposal` over every instruction that wasmparser's validator knows.
macro_rules! define_undecided_proposal {
    ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        /// The proposal of an instruction, if its instructions were not looked at.
        fn undecided_proposal(operator: &Operator<'_>) -> Option<&'static str> {
            match operator {
                $(Operator::$op { .. } => (!is_decided!($proposal)).then_some(stringify!($proposal)),)*
                _ => Some("unknown"),
            }
        }
    };
}
wasmparser::for_each_operator!(define_undecided_proposal);

/// What an instruction changes besides memories; `None` for nothing. Memories are never hidden: whatever way their
/// contents and sizes change, both can be seen and restored.
pub fn change(operator: &Operator<'_>) -> Option<Change> {
    use Operator as Op;
    Some(match *operator {
        Op::GlobalSet { global_index } => Change::Global(global_index),
        Op::TableSet { table }
        | Op::TableGrow { table }
        | Op::TableFill { table }
        | Op::TableInit { table, .. }
        | Op::TableCopy { dst_table: table, .. } => Change::Table(table),
        Op::DataDrop { data_index } => Change::DataSegment(data_index),
        Op::ElemDrop { elem_index } => Change::ElementSegment(elem_index),
        Op::StructSet { .. } => Change::Object(ObjectChange::StructSet),
        Op::ArraySet { .. } => Change::Object(ObjectChange::ArraySet),
        Op::ArrayFill { .. } => Change::Object(ObjectChange::ArrayFill),
        Op::ArrayCopy { .. } => Change::Object(ObjectChange::ArrayCopy),
        Op::ArrayInitData { .. } => Change::Object(ObjectChange::ArrayInitData),
        Op::ArrayInitElem { .. } => Change::Object(ObjectChange::ArrayInitElem),
        _ => Change::Undecided(undecided_proposal(operator)?),
    })
}

/// The state of a module's instances that is hidden, as the end of "its code changes …" or "it has …"; `None`: there is
/// none. Of several the first in the code.
///
/// # Errors
/// The bytes are no module.
pub fn find(wasm: &[u8]) -> Result<Option<String>> {
    let mut memories = 0;
    let mut globals = Vec::new();
    let mut exported = HashSet::new();
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.context("not a wasm module")? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    match import?.ty {
                        TypeRef::Memory(_) => memories += 1,
                        TypeRef::Global(ty) => globals.push(ty),
                        _ => {}
                    }
                }
            }
            Payload::MemorySection(section) => memories += section.count(),
            Payload::GlobalSection(section) => {
                for global in section {
                    globals.push(global?.ty);
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.kind == ExternalKind::Global {
                        exported.insert(export.index);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body),
            _ => {}
        }
    }
    if memories != 1 {
        return Ok(Some(format!("it has {memories} memories, not one")));
    }
    let is_restored =
        |index: u32| exported.contains(&index) && globals.get(index as usize).is_some_and(|ty| is_number(*ty));
    let first =
        bodies.par_iter().map(|body| first_hidden(body, &is_restored)).find_first(|found| !matches!(found, Ok(None)));
    Ok(first.transpose()?.flatten().map(|change| format!("its code changes {change}")))
}

/// Whether the values of a global are numbers or vectors, which exist outside of an instance too.
fn is_number(ty: GlobalType) -> bool {
    !matches!(ty.content_type, ValType::Ref(_))
}

/// The first change in a function that is neither to a memory nor to a global that is restored.
fn first_hidden(body: &FunctionBody<'_>, is_restored: &(impl Fn(u32) -> bool + Sync)) -> Result<Option<Change>> {
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        match change(&operators.read()?) {
            Some(Change::Global(index)) if is_restored(index) => {}
            None => {}
            hidden => return Ok(hidden),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Every instruction that wasmparser knows: its proposal and its name.
    macro_rules! list {
        ($(@$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
            const INSTRUCTIONS: &[(&str, &str, bool)] =
                &[$((stringify!($proposal), stringify!($op), is_decided!($proposal))),*];
        };
    }
    wasmparser::for_each_operator!(list);

    /// A number that changes here is a new instruction: decide what it changes, and write that down in [`change`], before
    /// the number is set right.
    #[test]
    fn every_instruction_of_a_decided_proposal_was_looked_at() {
        let mut counts = BTreeMap::new();
        for (proposal, _, _) in INSTRUCTIONS.iter().filter(|(_, _, is_decided)| *is_decided) {
            *counts.entry(*proposal).or_insert(0) += 1;
        }
        let counts: Vec<_> = counts.into_iter().collect();
        let expected = [
            ("bulk_memory", 7),
            ("exceptions", 3),
            ("function_references", 5),
            ("gc", 32),
            ("mvp", 172),
            ("reference_types", 10),
            ("relaxed_simd", 20),
            ("saturating_float_to_int", 8),
            ("sign_extension", 5),
            ("simd", 236),
            ("tail_call", 2),
            ("threads", 67),
            ("wide_arithmetic", 4),
        ];
        assert_eq!(counts, expected);
    }

    #[test]
    fn instructions_of_other_proposals_are_refused() {
        let undecided: Vec<_> = INSTRUCTIONS.iter().filter(|(_, _, is_decided)| !is_decided).collect();
        assert!(undecided.iter().any(|(proposal, _, _)| *proposal == "stack_switching"), "{undecided:?}");
        let operators = [
            (Operator::MemoryDiscard { mem: 0 }, "memory_control"),
            (Operator::CatchAll, "legacy_exceptions"),
            (Operator::ContNew { cont_type_index: 0 }, "stack_switching"),
            (Operator::RefI31Shared, "shared_everything_threads"),
            (Operator::RefGetDesc { type_index: 0 }, "custom_descriptors"),
        ];
        for (operator, proposal) in operators {
            assert_eq!(change(&operator), Some(Change::Undecided(proposal)));
        }
    }

    /// What is hidden in a module with this function body and a part of everything that can be changed.
    fn hidden(body: &str) -> String {
        let module = format!(
            r#"(module
              (type $s (struct (field (mut i32)))) (type $a (array (mut i32))) (type $r (array (mut funcref)))
              (memory 1) (table $t 2 funcref) (elem $e func) (data $d "abc")
              (global $seen (export "seen") (mut i32) (i32.const 0))
              (global $hidden (mut i32) (i32.const 0))
              (global $reference (export "reference") (mut funcref) (ref.null func))
              (func {body}))"#
        );
        find(&wat::parse_str(module).unwrap()).unwrap().unwrap_or_default()
    }

    #[test]
    fn what_changes_outside_of_memory_and_exported_numbers_is_found() {
        let array = "(ref.null $a) (i32.const 0)";
        let cases = [
            ("(global.set $hidden (i32.const 1))".to_owned(), "its code changes global 1 (no exported number)"),
            ("(global.set $reference (ref.null func))".to_owned(), "its code changes global 2 (no exported number)"),
            ("(table.set $t (i32.const 0) (ref.null func))".to_owned(), "its code changes table 0"),
            ("(drop (table.grow $t (ref.null func) (i32.const 0)))".to_owned(), "its code changes table 0"),
            ("(table.fill $t (i32.const 0) (ref.null func) (i32.const 0))".to_owned(), "its code changes table 0"),
            ("(table.copy $t $t (i32.const 0) (i32.const 0) (i32.const 0))".to_owned(), "its code changes table 0"),
            ("(table.init $t $e (i32.const 0) (i32.const 0) (i32.const 0))".to_owned(), "its code changes table 0"),
            ("(elem.drop $e)".to_owned(), "its code changes whether element segment 0 is there"),
            ("(data.drop $d)".to_owned(), "its code changes whether data segment 0 is there"),
            ("(struct.set $s 0 (ref.null $s) (i32.const 1))".to_owned(), "its code changes GC objects (struct.set)"),
            (format!("(array.set $a {array} (i32.const 1))"), "its code changes GC objects (array.set)"),
            (
                format!("(array.fill $a {array} (i32.const 1) (i32.const 1))"),
                "its code changes GC objects (array.fill)",
            ),
            (format!("(array.copy $a $a {array} {array} (i32.const 1))"), "its code changes GC objects (array.copy)"),
            (
                format!("(array.init_data $a $d {array} (i32.const 0) (i32.const 1))"),
                "its code changes GC objects (array.init_data)",
            ),
            (
                "(array.init_elem $r $e (ref.null $r) (i32.const 0) (i32.const 0) (i32.const 1))".to_owned(),
                "its code changes GC objects (array.init_elem)",
            ),
        ];
        for (body, expected) in cases {
            assert_eq!(hidden(&body), expected, "{body}");
        }
    }

    #[test]
    fn what_can_be_restored_is_not_hidden() {
        let body = "(global.set $seen (i32.const 1)) (i32.store (i32.const 0) (i32.const 1)) (drop (memory.grow (i32.const 1)))
            (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (drop (table.get $t (i32.const 0)))
            (drop (struct.get $s 0 (struct.new $s (i32.const 1))))";
        assert_eq!(hidden(body), "");
    }

    #[test]
    fn more_than_one_memory_is_hidden_state() {
        let module = wat::parse_str(r#"(module (import "a" "b" (memory 1)) (memory 1))"#).unwrap();
        assert_eq!(find(&module).unwrap().as_deref(), Some("it has 2 memories, not one"));
    }
}
