//! The original module with a snapshot as its initial state.
//!
//! Code is never touched, indices never change, and a section is only written anew where something in it changed.

mod data;
mod elements;
mod exports;
mod globals;
mod memories;
mod names;
mod resumption;
mod tables;

use super::capture::Snapshot;
use super::error::Error;
use super::leb;
use super::module::{HEADER, Module, Section, section};
use super::parse::custom_name;
use super::pieces::Pieces;
use super::skeleton::SkeletonCheck;
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
    /// Where the instance was stopped at a call: the exported functions that were to be called, in order. The module goes on
    /// with the rest of the one that was left, and those after it, when [`RESUMING_EXPORT`] is called.
    pub entries: Vec<String>,
}

/// Name of the export that goes on where an instance was stopped.
pub const RESUMING_EXPORT: &str = "_start";

/// What becomes of a section.
enum Change<'a> {
    Removed,
    Contents(Vec<u8>),
    Data(data::Contents<'a>),
    /// The code section, and how many of its bodies are new.
    Code(Pieces<'a>, usize),
}

/// Changes by [`section::rank`].
type Changes<'a> = BTreeMap<u8, (u8, Change<'a>)>;

/// Write `module` with `snapshot` as its initial state.
///
/// # Errors
/// [`Error::Exports`] for renamings that make no sense; [`Error::Defect`] if the result is not valid.
pub fn rewrite<'a>(module: &Module<'a>, snapshot: &Snapshot<'a>, options: &Rewrite) -> Result<Pieces<'a>, Error> {
    let resumption = resumption::plan(module, snapshot, &options.entries)?;
    let exports = exports::plan(module, options, resumption.as_ref().map(|resumption| resumption.entry))?;
    let referenced = resumption.as_ref().map(|resumption| &resumption.referenced);
    let mut changes = Changes::new();
    let mut change = |id: u8, contents: Option<Vec<u8>>| {
        if let Some(contents) = contents {
            changes.insert(section::rank(id), (id, Change::Contents(contents)));
        }
    };
    change(section::TABLE, tables::contents(module, snapshot));
    change(section::MEMORY, memories::contents(module, snapshot));
    change(section::GLOBAL, globals::contents(module, snapshot));
    change(section::EXPORT, exports.contents(module));
    change(section::ELEMENT, elements::contents(module, snapshot, &exports, referenced)?);
    change(section::DATA_COUNT, data::count_contents(module, snapshot));
    changes.insert(section::rank(section::START), (section::START, Change::Removed));
    let data = data::contents(module, snapshot).map_or(Change::Removed, Change::Data);
    changes.insert(section::rank(section::DATA), (section::DATA, data));
    if let Some(resumption) = &resumption {
        let mut change = |id: u8, change: Change<'a>| drop(changes.insert(section::rank(id), (id, change)));
        change(section::TYPE, Change::Contents(resumption.types(module)?));
        change(section::FUNCTION, Change::Contents(resumption.functions(module)?));
        change(section::CODE, Change::Code(resumption.code(module)?, resumption.added()));
    }
    assemble(module, changes, options)
}

fn assemble<'a>(module: &Module<'a>, mut changes: Changes<'a>, options: &Rewrite) -> Result<Pieces<'a>, Error> {
    let mut output = Output::new()?;
    // A section that is new goes after the last one that must come before it.
    let mut last_rank = 0;
    for original in &module.sections {
        if original.id == section::CUSTOM {
            if last_rank == module_last_rank(module) {
                output.flush(&mut changes, u8::MAX)?;
            }
            custom(&mut output, module, original, options)?;
            continue;
        }
        let rank = section::rank(original.id);
        output.flush(&mut changes, rank - 1)?;
        last_rank = rank;
        match changes.remove(&rank) {
            Some((id, change)) => output.put(id, change)?,
            None => output.keep(module.slice(&original.whole))?,
        }
    }
    output.flush(&mut changes, u8::MAX)?;
    for (name, data) in &options.custom_sections {
        let mut contents = Vec::with_capacity(data.len() + name.len() + 1);
        leb::bytes(&mut contents, name.as_bytes());
        contents.extend_from_slice(data);
        output.put(section::CUSTOM, Change::Contents(contents))?;
    }
    output.finish()
}

/// Rank of the last section that is not custom: custom sections after it stay at the end, where tools look for names.
fn module_last_rank(module: &Module<'_>) -> u8 {
    module.sections.iter().map(|original| section::rank(original.id)).max().unwrap_or(0)
}

/// The new module, validated as it grows.
struct Output<'a> {
    pieces: Pieces<'a>,
    check: SkeletonCheck,
}

impl<'a> Output<'a> {
    fn new() -> Result<Self, Error> {
        let mut pieces = Pieces::default();
        pieces.borrow(&HEADER);
        Ok(Self { pieces, check: SkeletonCheck::new(&HEADER)? })
    }

    /// Append a section as it was.
    fn keep(&mut self, whole: &'a [u8]) -> Result<(), Error> {
        self.pieces.borrow(whole);
        self.check.section(whole)
    }

    /// Append a section with new contents.
    fn put(&mut self, id: u8, change: Change<'a>) -> Result<(), Error> {
        match change {
            Change::Removed => Ok(()),
            Change::Contents(contents) => {
                let whole = [&section_header(id, contents.len())?, contents.as_slice()].concat();
                self.pieces.push(|new| new.extend_from_slice(&whole));
                self.check.section(&whole)
            }
            Change::Data(data::Contents { contents, skeleton }) => {
                let header = section_header(id, contents.len())?;
                self.pieces.push(|new| new.extend_from_slice(&header));
                self.pieces.append(contents);
                self.check.section(&[section_header(id, skeleton.len())?, skeleton].concat())
            }
            Change::Code(contents, added) => {
                let header = section_header(id, contents.len())?;
                self.check.code(&[header.as_slice(), &contents.to_vec()].concat(), added)?;
                self.pieces.push(|new| new.extend_from_slice(&header));
                self.pieces.append(contents);
                Ok(())
            }
        }
    }

    /// Append the changed sections that come no later than `rank`.
    fn flush(&mut self, changes: &mut Changes<'a>, rank: u8) -> Result<(), Error> {
        while let Some(entry) = changes.first_entry().filter(|entry| *entry.key() <= rank) {
            let (id, change) = entry.remove();
            self.put(id, change)?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Pieces<'a>, Error> {
        self.check.finish()?;
        Ok(self.pieces)
    }
}

/// Id and size of a section.
fn section_header(id: u8, len: usize) -> Result<Vec<u8>, Error> {
    if u32::try_from(len).is_err() {
        return Err(Error::Defect(format!("section {id} would have {len} bytes")));
    }
    let mut header = vec![id];
    leb::unsigned(&mut header, len as u64);
    Ok(header)
}

fn custom<'a>(
    output: &mut Output<'a>,
    module: &Module<'a>,
    original: &Section,
    options: &Rewrite,
) -> Result<(), Error> {
    let name = custom_name(module, original).unwrap_or_default();
    let is_replaced = options.custom_sections.iter().any(|(replacement, _)| replacement == name);
    if is_replaced || (options.strip_debug && is_debug(name)) {
        return Ok(());
    }
    match (name == "name").then(|| names::contents(module, original)).flatten() {
        Some(contents) => output.put(section::CUSTOM, Change::Contents(contents)),
        None => output.keep(module.slice(&original.whole)),
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
