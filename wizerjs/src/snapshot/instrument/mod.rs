//! A module whose whole state can be read from outside, and that counts what matters on the way.
//!
//! ```wat
//! ;; before                                  ;; after
//! (module                                    (module
//!   (table $t 1 funcref)                       (table $t 1 funcref)
//!                                              (table $functions 1 funcref) (elem (table $functions) (i32.const 0) func $f)
//!   (memory 1)                                 (memory 1)
//!   (global $g (mut i32) (i32.const 0))        (global $g (mut i32) (i32.const 0))
//!                                              (global $mark (mut i64) (i64.const 0))
//!                                              (export "wizerjs:memory:0" (memory 0)) …
//!   (func $f (table.set $t …)))                (func $f (global.set $mark (i64.add (global.get $mark) (i64.const 1)))
//!                                                (table.set $t …)))
//! ```
//!
//! Function references have no identity in WebAssembly, but an engine has one: what is in a captured table is compared
//! with the entries of `$functions`, which holds every function that a reference can be made to. Nothing of all this is
//! in the output: that is made from the original bytes.
//!
//! Where calls of imports are [watched](Watched), instructions around them call the one entry of a table, in which the host
//! puts a function of its own. A call by another instruction would not be in the caller's own frame, whose locals and operands
//! are then looked at.

mod code;
mod watched;

pub(super) use code::{MAX_FUNCTION_BYTES, Origins};
pub use watched::{Moment, Watched};

use super::addition::Addition;
use super::error::Error;
use super::facts::Marker;
use super::leb;
use super::module::{HEADER, Hierarchy, Module, section};
use super::parse::custom_name;
use code::code;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{ElementItems, ExternalKind, Operator};

/// How a module is instrumented, and so where the state of an instance is found.
#[derive(Debug)]
pub struct Instrumentation {
    pub(super) plan: Plan,
}

/// Names of added exports.
#[derive(Debug)]
pub(super) struct Plan {
    /// Prefix of every added export's name, which no export of the original module has.
    prefix: String,
    /// Functions that a reference can be made to, in the order of the added table; empty if no reference is captured.
    pub(super) functions: Vec<u32>,
    /// What is counted, in the order of the added globals.
    pub(super) markers: Vec<Marker>,
    /// `None` where the host is not told of any call.
    watched: Option<Watched>,
}

impl Plan {
    pub(super) fn of(module: &Module<'_>, watched: Option<Watched>) -> Self {
        let markers: BTreeSet<Marker> = module.facts.sites.iter().map(|site| site.marker).collect();
        // Locals and operands may hold functions too.
        let captures_functions = watched.is_some()
            || markers.iter().any(|marker| matches!(marker, Marker::TableWritten(_)))
            || (0..module.globals.len() as u32).any(|index| is_function_global(module, index));
        Self {
            prefix: unused_prefix(module),
            functions: if captures_functions { referable_functions(module) } else { Vec::new() },
            markers: markers.into_iter().collect(),
            watched,
        }
    }

    /// The type of the host's function.
    fn host_type(&self, module: &Module<'_>) -> usize {
        module.types.len()
    }

    /// The table that holds the host's function.
    fn host_table_index(&self, module: &Module<'_>) -> usize {
        module.tables.len() + usize::from(!self.functions.is_empty())
    }

    fn host_table(&self) -> String {
        format!("{}host", self.prefix)
    }

    fn start(&self) -> String {
        format!("{}start", self.prefix)
    }

    pub(super) fn memory(&self, index: u32) -> String {
        format!("{}memory:{index}", self.prefix)
    }

    pub(super) fn global(&self, index: u32) -> String {
        format!("{}global:{index}", self.prefix)
    }

    pub(super) fn table(&self, index: u32) -> String {
        format!("{}table:{index}", self.prefix)
    }

    pub(super) fn functions_table(&self) -> String {
        format!("{}functions", self.prefix)
    }

    pub(super) fn marker(&self, position: usize) -> String {
        format!("{}mark:{position}", self.prefix)
    }
}

fn is_function_global(module: &Module<'_>, index: u32) -> bool {
    module.globals[index as usize].ty.mutable
        && module.global_reference(index).is_some_and(|ty| module.hierarchy(ty) == Hierarchy::Function)
}

fn unused_prefix(module: &Module<'_>) -> String {
    let mut prefix = "wizerjs:".to_string();
    while module.exports.iter().any(|export| export.name.starts_with(&prefix)) {
        prefix.push(':');
    }
    prefix
}

/// Functions that code can get a reference to: `ref.func` in code may only name a function that is named outside of
/// code too.
fn referable_functions(module: &Module<'_>) -> Vec<u32> {
    let mut functions = BTreeSet::new();
    let exported = module.exports.iter().filter(|export| export.kind == ExternalKind::Func);
    functions.extend(exported.map(|export| export.index));
    for element in &module.elements {
        match &element.items {
            ElementItems::Functions(items) => functions.extend(items.clone().into_iter().flatten()),
            ElementItems::Expressions(_, items) => {
                for item in items.clone().into_iter().flatten() {
                    functions.extend(named_functions(&item));
                }
            }
        }
    }
    for global in &module.globals {
        functions.extend(named_functions(&global.init));
    }
    for table in &module.tables {
        if let wasmparser::TableInit::Expr(init) = &table.init {
            functions.extend(named_functions(init));
        }
    }
    functions.into_iter().collect()
}

/// Functions that a constant expression names.
pub(super) fn named_functions(expression: &wasmparser::ConstExpr<'_>) -> impl Iterator<Item = u32> {
    expression.get_operators_reader().into_iter().filter_map(|operator| match operator {
        Ok(Operator::RefFunc { function_index }) => Some(function_index),
        _ => None,
    })
}

impl Instrumentation {
    /// Decide what to add to `module`.
    pub fn of(module: &Module<'_>) -> Self {
        Self { plan: Plan::of(module, None) }
    }

    /// The same, and have the host told of calls. The module then has no start function: it is exported, because the host's
    /// function has to be there before it runs.
    pub fn watching(module: &Module<'_>, watched: Watched) -> Self {
        Self { plan: Plan::of(module, Some(watched)) }
    }

    /// Name of the export that is a table with one entry, for a function of the host's that takes a [`Moment`]; `None` if no
    /// call is watched.
    pub fn host_table(&self) -> Option<String> {
        self.plan.watched.as_ref().map(|_| self.plan.host_table())
    }

    /// What distinguishes this from other ways to instrument the same module.
    pub fn key(&self) -> String {
        self.plan.watched.as_ref().map_or_else(String::new, |watched| format!("{watched:?}"))
    }

    /// Name of the export that is the module's start function, if it has one that is to be called by the host.
    pub fn start(&self, module: &Module<'_>) -> Option<String> {
        self.plan.watched.as_ref().and(module.start).map(|_| self.plan.start())
    }

    /// `module` with exports for all state, and counters for what [`super::capture`] has to know.
    ///
    /// # Errors
    /// [`Error::Instrumentation`] for a module at the very limits of what engines take.
    pub fn apply(&self, module: &Module<'_>) -> Result<Vec<u8>, Error> {
        instrument(module, &self.plan)
    }
}

fn instrument(module: &Module<'_>, plan: &Plan) -> Result<Vec<u8>, Error> {
    let mut pending: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    for (id, addition) in [
        (section::TYPE, added_types(plan)),
        (section::TABLE, added_tables(plan)),
        (section::GLOBAL, added_globals(plan)),
        (section::EXPORT, added_exports(module, plan)),
        (section::ELEMENT, added_elements(module, plan)),
    ] {
        if !addition.is_empty() {
            let mut whole = vec![id];
            leb::bytes(&mut whole, &addition.contents(module, id)?);
            pending.insert(section::rank(id), whole);
        }
    }
    let is_kept = |id: u8| id != section::CUSTOM && !(id == section::START && plan.watched.is_some());
    let mut bytes = module.bytes[..HEADER.len()].to_vec();
    for original in module.sections.iter().filter(|original| is_kept(original.id)) {
        let rank = section::rank(original.id);
        flush(&mut bytes, &mut pending, rank - 1);
        if let Some(replacement) = pending.remove(&rank) {
            bytes.extend_from_slice(&replacement);
        } else if original.id == section::CODE {
            code(&mut bytes, module, plan)?;
        } else {
            bytes.extend_from_slice(module.slice(&original.whole));
        }
    }
    flush(&mut bytes, &mut pending, u8::MAX);
    // Names are for backtraces. Other custom sections may refer to places in code, which have moved.
    for names in module.sections.iter().filter(|&original| custom_name(module, original) == Some("name")) {
        bytes.extend_from_slice(module.slice(&names.whole));
    }
    Ok(bytes)
}

/// Write the sections that come no later than `rank`.
fn flush(bytes: &mut Vec<u8>, pending: &mut BTreeMap<u8, Vec<u8>>, rank: u8) {
    while let Some(entry) = pending.first_entry().filter(|entry| *entry.key() <= rank) {
        bytes.extend_from_slice(&entry.remove());
    }
}

const FUNCREF: u8 = 0x70;
const I32: u8 = 0x7f;
const I64: u8 = 0x7e;

fn added_types(plan: &Plan) -> Addition {
    /// `(func (param i32))`
    const HOST_FUNCTION: [u8; 4] = [0x60, 1, I32, 0];
    let mut addition = Addition::default();
    if plan.watched.is_some() {
        addition.push(|out| out.extend_from_slice(&HOST_FUNCTION));
    }
    addition
}

fn added_tables(plan: &Plan) -> Addition {
    let mut addition = Addition::default();
    let mut table = |entries: usize| {
        addition.push(|out| {
            out.extend_from_slice(&[FUNCREF, 0]);
            leb::unsigned(out, entries as u64);
        });
    };
    if !plan.functions.is_empty() {
        table(plan.functions.len());
    }
    if plan.watched.is_some() {
        table(1);
    }
    addition
}

fn added_elements(module: &Module<'_>, plan: &Plan) -> Addition {
    /// Kind of an element segment that is active, names its table by index, and lists function indices.
    const ACTIVE_WITH_TABLE: u8 = 2;
    const KIND_FUNCTION: u8 = 0;
    let mut addition = Addition::default();
    if !plan.functions.is_empty() {
        addition.push(|out| {
            out.push(ACTIVE_WITH_TABLE);
            leb::unsigned(out, module.tables.len() as u64);
            super::value::offset_expression(out, 0, false);
            out.push(KIND_FUNCTION);
            leb::unsigned(out, plan.functions.len() as u64);
            for &function in &plan.functions {
                leb::unsigned(out, u64::from(function));
            }
        });
    }
    addition
}

fn added_globals(plan: &Plan) -> Addition {
    /// `(mut i64) (i64.const 0)`
    const COUNTER: [u8; 5] = [I64, 1, 0x42, 0, 0x0b];
    let mut addition = Addition::default();
    for _ in &plan.markers {
        addition.push(|out| out.extend_from_slice(&COUNTER));
    }
    addition
}

fn added_exports(module: &Module<'_>, plan: &Plan) -> Addition {
    const FUNCTION: u8 = 0;
    const TABLE: u8 = 1;
    const MEMORY: u8 = 2;
    const GLOBAL: u8 = 3;
    let mut addition = Addition::default();
    let mut export = |name: String, kind: u8, index: usize| {
        addition.push(|out| {
            leb::bytes(out, name.as_bytes());
            out.push(kind);
            leb::unsigned(out, index as u64);
        });
    };
    for index in 0..module.memories.len() {
        export(plan.memory(index as u32), MEMORY, index);
    }
    for index in 0..module.tables.len() {
        export(plan.table(index as u32), TABLE, index);
    }
    if !plan.functions.is_empty() {
        export(plan.functions_table(), TABLE, module.tables.len());
    }
    if plan.watched.is_some() {
        export(plan.host_table(), TABLE, plan.host_table_index(module));
        if let Some(start) = module.start {
            export(plan.start(), FUNCTION, start as usize);
        }
    }
    for (index, global) in module.globals.iter().enumerate() {
        if global.ty.mutable || module.is_object_global(index as u32) {
            export(plan.global(index as u32), GLOBAL, index);
        }
    }
    for position in 0..plan.markers.len() {
        export(plan.marker(position), GLOBAL, module.globals.len() + position);
    }
    addition
}
