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

use super::error::Error;
use super::facts::Marker;
use super::leb;
use super::module::{HEADER, Hierarchy, Module, section};
use super::parse::custom_name;
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
}

impl Plan {
    pub(super) fn of(module: &Module<'_>) -> Self {
        let markers: BTreeSet<Marker> = module.facts.sites.iter().map(|site| site.marker).collect();
        let captures_functions = markers.iter().any(|marker| matches!(marker, Marker::TableWritten(_)))
            || (0..module.globals.len() as u32).any(|index| is_function_global(module, index));
        Self {
            prefix: unused_prefix(module),
            functions: if captures_functions { referable_functions(module) } else { Vec::new() },
            markers: markers.into_iter().collect(),
        }
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
        Self { plan: Plan::of(module) }
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
        (section::TABLE, added_tables(plan)),
        (section::GLOBAL, added_globals(plan)),
        (section::EXPORT, added_exports(module, plan)),
        (section::ELEMENT, added_elements(module, plan)),
    ] {
        if addition.count > 0 {
            pending.insert(section::rank(id), extended(module, id, &addition)?);
        }
    }
    let mut bytes = module.bytes[..HEADER.len()].to_vec();
    for original in module.sections.iter().filter(|original| original.id != section::CUSTOM) {
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

/// Items to put at the end of a section.
#[derive(Default)]
struct Addition {
    count: u32,
    items: Vec<u8>,
}

fn added_tables(plan: &Plan) -> Addition {
    let mut addition = Addition::default();
    if !plan.functions.is_empty() {
        addition.count = 1;
        addition.items.extend_from_slice(&[FUNCREF, 0]);
        leb::unsigned(&mut addition.items, plan.functions.len() as u64);
    }
    addition
}

const FUNCREF: u8 = 0x70;
const I64: u8 = 0x7e;

fn added_elements(module: &Module<'_>, plan: &Plan) -> Addition {
    /// Kind of an element segment that is active, names its table by index, and lists function indices.
    const ACTIVE_WITH_TABLE: u8 = 2;
    const KIND_FUNCTION: u8 = 0;
    let mut addition = Addition::default();
    if !plan.functions.is_empty() {
        addition.count = 1;
        addition.items.push(ACTIVE_WITH_TABLE);
        leb::unsigned(&mut addition.items, module.tables.len() as u64);
        super::value::offset_expression(&mut addition.items, 0, false);
        addition.items.push(KIND_FUNCTION);
        leb::unsigned(&mut addition.items, plan.functions.len() as u64);
        for &function in &plan.functions {
            leb::unsigned(&mut addition.items, u64::from(function));
        }
    }
    addition
}

fn added_globals(plan: &Plan) -> Addition {
    /// `(mut i64) (i64.const 0)`
    const COUNTER: [u8; 5] = [I64, 1, 0x42, 0, 0x0b];
    Addition { count: plan.markers.len() as u32, items: COUNTER.repeat(plan.markers.len()) }
}

fn added_exports(module: &Module<'_>, plan: &Plan) -> Addition {
    const TABLE: u8 = 1;
    const MEMORY: u8 = 2;
    const GLOBAL: u8 = 3;
    let mut addition = Addition::default();
    let mut export = |name: String, kind: u8, index: usize| {
        addition.count += 1;
        leb::bytes(&mut addition.items, name.as_bytes());
        addition.items.push(kind);
        leb::unsigned(&mut addition.items, index as u64);
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

/// The section `id` of `module`, or a new one, with items added at its end.
fn extended(module: &Module<'_>, id: u8, addition: &Addition) -> Result<Vec<u8>, Error> {
    let mut contents = Vec::new();
    match module.section(id) {
        Some(original) => {
            let mut reader = wasmparser::BinaryReader::new(module.slice(&original.contents), original.contents.start);
            let count = reader.read_var_u32()?;
            leb::unsigned(&mut contents, u64::from(count) + u64::from(addition.count));
            contents.extend_from_slice(&module.bytes[reader.original_position()..original.contents.end]);
        }
        None => leb::unsigned(&mut contents, u64::from(addition.count)),
    }
    contents.extend_from_slice(&addition.items);
    let mut whole = vec![id];
    leb::bytes(&mut whole, &contents);
    Ok(whole)
}

/// The code section with a counter at every site.
fn code(out: &mut Vec<u8>, module: &Module<'_>, plan: &Plan) -> Result<(), Error> {
    let Some(original) = module.section(section::CODE) else { return Ok(()) };
    if module.facts.sites.is_empty() {
        out.extend_from_slice(module.slice(&original.whole));
        return Ok(());
    }
    let counters: BTreeMap<Marker, Vec<u8>> = plan
        .markers
        .iter()
        .enumerate()
        .map(|(position, &marker)| (marker, increment(module.globals.len() + position)))
        .collect();
    let mut reader = wasmparser::BinaryReader::new(module.slice(&original.contents), original.contents.start);
    let count = reader.read_var_u32()?;
    let mut contents = Vec::with_capacity(original.contents.len() + module.facts.sites.len() * 16);
    leb::unsigned(&mut contents, u64::from(count));
    let mut sites = module.facts.sites.iter().peekable();
    for _ in 0..count {
        let size = reader.read_var_u32()? as usize;
        let start = reader.original_position();
        reader.read_bytes(size)?;
        let end = start + size;
        let mut body = Vec::with_capacity(size);
        let mut copied = start;
        while let Some(site) = sites.next_if(|site| site.offset < end) {
            body.extend_from_slice(&module.bytes[copied..site.offset]);
            body.extend_from_slice(&counters[&site.marker]);
            copied = site.offset;
        }
        body.extend_from_slice(&module.bytes[copied..end]);
        if body.len() > MAX_FUNCTION_BYTES {
            return Err(Error::Instrumentation(format!(
                "the function at offset {start:#x} would have {} bytes, more than engines take",
                body.len()
            )));
        }
        leb::bytes(&mut contents, &body);
    }
    out.push(section::CODE);
    leb::bytes(out, &contents);
    Ok(())
}

/// Bytes of a function body that engines accept (the limit all of them share, in wasmparser `MAX_WASM_FUNCTION_SIZE`).
const MAX_FUNCTION_BYTES: usize = 7_654_321;

/// Instructions that add one to the global with this index.
fn increment(global: usize) -> Vec<u8> {
    const GLOBAL_GET: u8 = 0x23;
    const GLOBAL_SET: u8 = 0x24;
    const I64_CONST_1: [u8; 2] = [0x42, 1];
    const I64_ADD: u8 = 0x7c;
    let mut instructions = vec![GLOBAL_GET];
    leb::unsigned(&mut instructions, global as u64);
    instructions.extend_from_slice(&I64_CONST_1);
    instructions.extend_from_slice(&[I64_ADD, GLOBAL_SET]);
    leb::unsigned(&mut instructions, global as u64);
    instructions
}
