//! The original module with a snapshot as its initial state.
//!
//! Code is never touched, indices never change, and a section is only written anew where something in it changed.

mod data;
mod elements;
mod exports;
mod globals;
mod memories;
mod names;
mod tables;

use super::capture::Snapshot;
use super::error::Error;
use super::leb;
use super::module::{HEADER_BYTES, Module, Section, section};
use super::parse::{check_frame, custom_name};
use std::collections::BTreeMap;

pub(super) use data::kept_data_segments;
pub use globals::changed as changed_globals;

/// What to change besides state.
#[derive(Clone, Debug, Default)]
pub struct Rewrite {
    /// Exports to leave out, where they exist.
    pub remove_exports: Vec<String>,
    /// Exports to rename: `(new, old)`. An export that has the new name already is left out.
    pub rename_exports: Vec<(String, String)>,
    /// Leave out debug information (DWARF and source map references). Names stay.
    pub strip_debug: bool,
    /// Custom sections to put at the end, by name, in place of those that have these names.
    pub custom_sections: Vec<(String, Vec<u8>)>,
}

/// What becomes of a section.
enum Change {
    Removed,
    Contents(Vec<u8>),
}

/// Write `module` with `snapshot` as its initial state.
///
/// # Errors
/// [`Error::Exports`] for renamings that make no sense; [`Error::Defect`] if the result is not valid.
pub fn rewrite(module: &Module<'_>, snapshot: &Snapshot, options: &Rewrite) -> Result<Vec<u8>, Error> {
    let exports = exports::plan(module, options)?;
    let mut changes: BTreeMap<u8, (u8, Change)> = BTreeMap::new();
    let mut change = |id: u8, contents: Option<Vec<u8>>| {
        if let Some(contents) = contents {
            changes.insert(section::rank(id), (id, Change::Contents(contents)));
        }
    };
    change(section::TABLE, tables::contents(module, snapshot));
    change(section::MEMORY, memories::contents(module, snapshot));
    change(section::GLOBAL, globals::contents(module, snapshot));
    change(section::EXPORT, exports.contents(module));
    change(section::ELEMENT, elements::contents(module, snapshot, &exports)?);
    change(section::DATA_COUNT, data::count_contents(module, snapshot));
    changes.insert(section::rank(section::START), (section::START, Change::Removed));
    let data = data::contents(module, snapshot)?;
    changes.insert(section::rank(section::DATA), (section::DATA, data.map_or(Change::Removed, Change::Contents)));
    let bytes = assemble(module, changes, options)?;
    check_frame(&bytes).map_err(|error| Error::Defect(error.to_string()))?;
    Ok(bytes)
}

fn assemble(module: &Module<'_>, mut changes: BTreeMap<u8, (u8, Change)>, options: &Rewrite) -> Result<Vec<u8>, Error> {
    let changed_bytes: usize = changes
        .values()
        .map(|(_, change)| match change {
            Change::Removed => 0,
            Change::Contents(contents) => contents.len(),
        })
        .sum();
    let mut out = Vec::with_capacity(module.bytes.len() + changed_bytes);
    out.extend_from_slice(&module.bytes[..HEADER_BYTES]);
    // A section that is new goes after the last one that must come before it.
    let mut last_rank = 0;
    for original in &module.sections {
        if original.id == section::CUSTOM {
            if last_rank == module_last_rank(module) {
                flush(&mut out, &mut changes, u8::MAX)?;
            }
            custom(&mut out, module, original, options);
            continue;
        }
        let rank = section::rank(original.id);
        flush(&mut out, &mut changes, rank - 1)?;
        last_rank = rank;
        match changes.remove(&rank) {
            Some((id, change)) => put(&mut out, id, change)?,
            None => out.extend_from_slice(module.slice(&original.whole)),
        }
    }
    flush(&mut out, &mut changes, u8::MAX)?;
    for (name, data) in &options.custom_sections {
        let mut contents = Vec::with_capacity(data.len() + name.len() + 1);
        leb::bytes(&mut contents, name.as_bytes());
        contents.extend_from_slice(data);
        put(&mut out, section::CUSTOM, Change::Contents(contents))?;
    }
    Ok(out)
}

/// Rank of the last section that is not custom: custom sections after it stay at the end, where tools look for names.
fn module_last_rank(module: &Module<'_>) -> u8 {
    module.sections.iter().map(|original| section::rank(original.id)).max().unwrap_or(0)
}

/// Write the changed sections that come no later than `rank`.
fn flush(out: &mut Vec<u8>, changes: &mut BTreeMap<u8, (u8, Change)>, rank: u8) -> Result<(), Error> {
    while let Some(entry) = changes.first_entry().filter(|entry| *entry.key() <= rank) {
        let (id, change) = entry.remove();
        put(out, id, change)?;
    }
    Ok(())
}

fn put(out: &mut Vec<u8>, id: u8, change: Change) -> Result<(), Error> {
    if let Change::Contents(contents) = change {
        if u32::try_from(contents.len()).is_err() {
            return Err(Error::Defect(format!("section {id} would have {} bytes", contents.len())));
        }
        out.push(id);
        leb::bytes(out, &contents);
    }
    Ok(())
}

fn custom(out: &mut Vec<u8>, module: &Module<'_>, original: &Section, options: &Rewrite) {
    let name = custom_name(module, original).unwrap_or_default();
    let is_replaced = options.custom_sections.iter().any(|(replacement, _)| replacement == name);
    if is_replaced || (options.strip_debug && is_debug(name)) {
        return;
    }
    match (name == "name").then(|| names::contents(module, original)).flatten() {
        Some(contents) => {
            out.push(section::CUSTOM);
            leb::bytes(out, &contents);
        }
        None => out.extend_from_slice(module.slice(&original.whole)),
    }
}

fn is_debug(custom_section: &str) -> bool {
    custom_section.starts_with(".debug_")
        || matches!(custom_section, "external_debug_info" | "sourceMappingURL" | "build_id")
}

/// A vector: the count, then the items.
#[derive(Default)]
struct Vector {
    count: u32,
    items: Vec<u8>,
}

impl Vector {
    /// Append an item that `write` writes.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.count += 1;
        write(&mut self.items);
    }

    fn finish(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.items.len() + leb::unsigned_len(u64::from(self.count)));
        leb::unsigned(&mut out, u64::from(self.count));
        out.extend_from_slice(&self.items);
        out
    }
}
