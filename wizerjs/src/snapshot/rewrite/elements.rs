//! Element section: contents of tables that were written to, and segments that were dropped.

use super::exports::Exports;
use super::{Vector, globals};
use crate::snapshot::MAX_TABLE_ENTRIES;
use crate::snapshot::capture::{Snapshot, TableImage};
use crate::snapshot::error::Error;
use crate::snapshot::instrument::named_functions;
use crate::snapshot::leb;
use crate::snapshot::module::Module;
use crate::snapshot::runs::{self, Run, Runs};
use crate::snapshot::value::{
    Reference, Value, offset_expression, offset_expression_len, reference_expression, reference_type,
};
use std::collections::BTreeSet;
use wasmparser::{Element, ElementItems, ElementKind, TableInit, TableType};

/// Element segments for captured tables at most, like [`crate::snapshot::MAX_DATA_SEGMENTS`].
const MAX_TABLE_SEGMENTS: usize = 10_000;

/// Flags that start a segment.
const ACTIVE: u8 = 0;
const ACTIVE_WITH_TABLE: u8 = 2;
const DECLARED: u8 = 3;
/// Added to the flags of a segment whose items are expressions.
const EXPRESSIONS: u8 = 4;
const KIND_FUNCTION: u8 = 0;

/// New contents, if a table was written to, a segment was dropped, or a function must be declared here from now on. `referenced`
/// are functions that added code refers to.
pub(super) fn contents(
    module: &Module<'_>,
    snapshot: &Snapshot<'_>,
    exports: &Exports<'_>,
    referenced: Option<&BTreeSet<u32>>,
) -> Result<Option<Vec<u8>>, Error> {
    let mut declared: BTreeSet<u32> = exports.functions().collect();
    declared.extend(globals_functions(module, snapshot));
    declared.extend(tables_functions(module, snapshot));
    let mut segments = Vector::default();
    let mut is_changed = false;
    for (index, element) in module.elements.iter().enumerate() {
        if is_gone(snapshot, index as u32, element) {
            segments.push(|out| empty(out, element));
            is_changed = true;
        } else {
            segments.push(|out| out.extend_from_slice(module.slice(&element.range)));
            declared.extend(element_functions(element)?);
        }
    }
    let images = (0u32..).zip(&module.tables).zip(&snapshot.tables);
    for ((index, table), image) in images.filter_map(|(table, image)| Some((table, image.as_ref()?))) {
        is_changed = true;
        fill(&mut segments, index, table.ty, image);
        declared.extend(image.entries.iter().filter_map(|entry| match entry {
            Reference::Function(function) => Some(*function),
            Reference::Null | Reference::I31(_) => None,
        }));
    }
    let mut undeclared = module.facts.referenced_functions.clone();
    undeclared.extend(referenced.into_iter().flatten());
    let undeclared: Vec<u32> = undeclared.difference(&declared).copied().collect();
    if !undeclared.is_empty() {
        is_changed = true;
        segments.push(|out| {
            out.extend_from_slice(&[DECLARED, KIND_FUNCTION]);
            functions(out, &undeclared);
        });
    }
    Ok(is_changed.then(|| segments.finish()))
}

/// Whether a segment that once had items has none at the snapshot point, or is part of a captured table.
fn is_gone(snapshot: &Snapshot<'_>, index: u32, element: &Element<'_>) -> bool {
    match &element.kind {
        ElementKind::Passive => snapshot.dropped_elements.contains(&index),
        ElementKind::Active { table_index, .. } => snapshot.tables[table_index.unwrap_or(0) as usize].is_some(),
        ElementKind::Declared => false,
    }
}

/// A segment of the same type without items. Declared segments are, by definition, dropped from the start.
fn empty(out: &mut Vec<u8>, element: &Element<'_>) {
    match &element.items {
        ElementItems::Functions(_) => out.extend_from_slice(&[DECLARED, KIND_FUNCTION]),
        ElementItems::Expressions(ty, _) => {
            out.push(DECLARED + EXPRESSIONS);
            reference_type(out, *ty);
        }
    }
    leb::unsigned(out, 0);
}

/// Segments that make the entries of `image`.
fn fill(segments: &mut Vector, index: u32, ty: TableType, image: &TableImage) {
    debug_assert!(image.entries.len() as u64 <= MAX_TABLE_ENTRIES);
    let mut found = Runs::new(|start| {
        // Flags, table and count of another segment, in bytes; a null takes three.
        const NULL_BYTES: usize = 3;
        const REST_BYTES: usize = 4;
        ((offset_expression_len(start, ty.table64) + REST_BYTES) / NULL_BYTES) as u64
    });
    for (position, _) in image.entries.iter().enumerate().filter(|(_, entry)| **entry != Reference::Null) {
        found.push(position as u64..position as u64 + 1);
    }
    let mut found = [found.finish()];
    runs::limit(&mut found, MAX_TABLE_SEGMENTS);
    let [found] = found;
    for run in found {
        segments.push(|out| segment(out, index, ty, &run, image));
    }
}

fn segment(out: &mut Vec<u8>, index: u32, ty: TableType, run: &Run, image: &TableImage) {
    let entries = &image.entries[run.start as usize..run.end as usize];
    let indices: Option<Vec<u32>> = entries
        .iter()
        .map(|entry| match entry {
            Reference::Function(function) if ty.element_type == wasmparser::RefType::FUNCREF => Some(*function),
            _ => None,
        })
        .collect();
    let flags = match (&indices, index) {
        (Some(_), 0) => ACTIVE,
        (Some(_), _) => ACTIVE_WITH_TABLE,
        (None, _) => ACTIVE_WITH_TABLE + EXPRESSIONS,
    };
    out.push(flags);
    if flags != ACTIVE {
        leb::unsigned(out, u64::from(index));
    }
    offset_expression(out, run.start, ty.table64);
    match indices {
        Some(indices) => {
            if flags != ACTIVE {
                out.push(KIND_FUNCTION);
            }
            functions(out, &indices);
        }
        None => {
            reference_type(out, ty.element_type);
            leb::unsigned(out, entries.len() as u64);
            for &entry in entries {
                reference_expression(out, entry, ty.element_type);
            }
        }
    }
}

fn functions(out: &mut Vec<u8>, indices: &[u32]) {
    leb::unsigned(out, indices.len() as u64);
    for &index in indices {
        leb::unsigned(out, u64::from(index));
    }
}

fn element_functions(element: &Element<'_>) -> Result<Vec<u32>, Error> {
    Ok(match &element.items {
        ElementItems::Functions(items) => items.clone().into_iter().collect::<Result<_, _>>()?,
        ElementItems::Expressions(_, items) => {
            let items: Vec<_> = items.clone().into_iter().collect::<Result<_, _>>()?;
            items.iter().flat_map(named_functions).collect()
        }
    })
}

/// Functions that globals of the rewritten module name.
fn globals_functions(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Vec<u32> {
    let mut found = Vec::new();
    for (global, changed) in module.globals.iter().zip(globals::changed(module, snapshot)) {
        match changed {
            Some(Value::Ref(Reference::Function(function))) => found.push(function),
            Some(_) => {}
            None => found.extend(named_functions(&global.init)),
        }
    }
    found
}

/// Functions that table initializers of the rewritten module name.
fn tables_functions(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Vec<u32> {
    let kept = module.tables.iter().zip(&snapshot.tables);
    kept.filter(|(table, image)| image.is_none() || !table.ty.element_type.is_nullable())
        .filter_map(|(table, _)| match &table.init {
            TableInit::Expr(init) => Some(named_functions(init)),
            TableInit::RefNull => None,
        })
        .flatten()
        .collect()
}
