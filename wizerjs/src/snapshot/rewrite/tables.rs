//! Table section: tables that were written to start at the size they had, and element segments fill them.

use super::Vector;
use crate::snapshot::capture::Snapshot;
use crate::snapshot::leb;
use crate::snapshot::module::{Module, Table};
use crate::snapshot::value::reference_type;
use wasmparser::TableInit;

/// New contents, if a table was written to.
pub(super) fn contents(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Option<Vec<u8>> {
    if snapshot.tables.iter().all(Option::is_none) {
        return None;
    }
    let mut tables = Vector::default();
    for (table, image) in module.tables.iter().zip(&snapshot.tables) {
        tables.push(|out| match image {
            Some(image) => table_type(out, module, table, image.entries.len() as u64),
            None => out.extend_from_slice(module.slice(&table.whole)),
        });
    }
    Some(tables.finish())
}

fn table_type(out: &mut Vec<u8>, module: &Module<'_>, table: &Table<'_>, entries: u64) {
    /// Prefix of a table with an initializer.
    const WITH_INITIALIZER: [u8; 2] = [0x40, 0];
    const HAS_MAXIMUM: u8 = 1;
    const IS_64_BIT: u8 = 4;
    let initializer = kept_initializer(module, table);
    if initializer.is_some() {
        out.extend_from_slice(&WITH_INITIALIZER);
    }
    reference_type(out, table.ty.element_type);
    out.push(if table.ty.maximum.is_some() { HAS_MAXIMUM } else { 0 } | if table.ty.table64 { IS_64_BIT } else { 0 });
    leb::unsigned(out, entries);
    if let Some(maximum) = table.ty.maximum {
        leb::unsigned(out, maximum);
    }
    out.extend_from_slice(initializer.unwrap_or_default());
}

/// The initializer of a table that was written to: nullable entries start as null, others have to start as something.
fn kept_initializer<'a>(module: &Module<'a>, table: &Table<'a>) -> Option<&'a [u8]> {
    match &table.init {
        TableInit::Expr(init) if !table.ty.element_type.is_nullable() => {
            Some(&module.bytes[init.get_binary_reader().original_position()..table.whole.end])
        }
        _ => None,
    }
}
