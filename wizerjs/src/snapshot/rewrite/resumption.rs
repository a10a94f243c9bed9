//! What is added to a module so that it goes on where its instance was stopped: a continuation for each frame, and what calls
//! the outermost one.

use crate::snapshot::addition::Addition;
use crate::snapshot::capture::Snapshot;
use crate::snapshot::error::Error;
use crate::snapshot::leb;
use crate::snapshot::module::{Module, section};
use crate::snapshot::pieces::Pieces;
use crate::snapshot::stack::{AddedTypes, Callee, Frame, Types, body};
use std::collections::BTreeSet;
use std::ops::Range;
use wasm_encoder::Instruction;

/// Functions added to a module.
pub(super) struct Resumption {
    types: Addition,
    functions: Addition,
    bodies: Vec<Vec<u8>>,
    /// Index of the function that goes on.
    pub(super) entry: u32,
    /// Functions that are referred to in what was added.
    pub(super) referenced: BTreeSet<u32>,
}

/// What resumes the frames of `snapshot`; `None` if there are none. `entries` are the exported functions that were to be called,
/// in order.
pub(super) fn plan(
    module: &Module<'_>,
    snapshot: &Snapshot<'_>,
    entries: &[String],
) -> Result<Option<Resumption>, Error> {
    let Some(outermost) = snapshot.frames.last() else { return Ok(None) };
    let (types, added) = (Types::of(module)?, AddedTypes::of(module));
    let mut writer = Writer { module, bodies: module.bodies()?, types, added, functions: Vec::new() };
    let mut callee = Callee::Own;
    let mut entry = 0;
    for frame in &snapshot.frames {
        entry = writer.continuation(frame, callee)?;
        callee = Callee::Continuation(entry);
    }
    let later = later_entries(module, outermost, entries)?;
    if !later.is_empty() {
        entry = writer.sequence(entry, &later)?;
    }
    let mut functions = Addition::default();
    for (ty, _) in &writer.functions {
        functions.push(|out| leb::unsigned(out, u64::from(*ty)));
    }
    Ok(Some(Resumption {
        types: writer.added.into_addition(),
        functions,
        bodies: writer.functions.into_iter().map(|(_, body)| body).collect(),
        entry,
        referenced: snapshot.frames.iter().flat_map(Frame::referenced_functions).collect(),
    }))
}

/// The functions that are called after the one that was left: all if that is the start function.
fn later_entries(module: &Module<'_>, outermost: &Frame, entries: &[String]) -> Result<Vec<u32>, Error> {
    let function = |name: &String| {
        let export = module.exports.iter().find(|export| export.name == name);
        let export = export.ok_or_else(|| Error::Exports(format!("has no export `{name}` to go on with")))?;
        Ok(export.index)
    };
    let entries = entries.iter().map(function).collect::<Result<Vec<u32>, Error>>()?;
    let left = entries.iter().position(|&index| index == outermost.function);
    Ok(match left {
        Some(left) => entries[left + 1..].to_vec(),
        None => entries,
    })
}

struct Writer<'a, 'b> {
    module: &'a Module<'b>,
    /// Where the bodies of the module's functions stand.
    bodies: Vec<Range<usize>>,
    types: Types,
    added: AddedTypes,
    /// Types and bodies of added functions.
    functions: Vec<(u32, Vec<u8>)>,
}

impl Writer<'_, '_> {
    /// Add the continuation of `frame`; its index.
    fn continuation(&mut self, frame: &Frame, callee: Callee) -> Result<u32, Error> {
        let own = frame.function as usize - self.module.imported_functions.len();
        let range = self.bodies.get(own);
        let range = range.ok_or_else(|| Error::Defect("a frame of a function that is not there".to_string()))?;
        let body = body(self.module, range, &self.types, &mut self.added, frame, callee)?;
        let ty = self.added.giving_results_of(&self.types, self.module.functions[frame.function as usize])?;
        Ok(self.add(ty, body))
    }

    /// Add a function that calls `first` and then the others, all without parameters and results; its index.
    fn sequence(&mut self, first: u32, others: &[u32]) -> Result<u32, Error> {
        let mut function = wasm_encoder::Function::new([]);
        for &index in [&first].into_iter().chain(others) {
            function.instruction(&Instruction::Call(index));
        }
        function.instruction(&Instruction::End);
        let ty = self.added.giving(&[])?;
        Ok(self.add(ty, function.into_raw_body()))
    }

    fn add(&mut self, ty: u32, body: Vec<u8>) -> u32 {
        self.functions.push((ty, body));
        (self.module.functions.len() + self.functions.len() - 1) as u32
    }
}

impl Resumption {
    /// New contents of the type section.
    pub(super) fn types(&self, module: &Module<'_>) -> Result<Vec<u8>, Error> {
        Ok(self.types.contents(module, section::TYPE)?)
    }

    /// New contents of the function section.
    pub(super) fn functions(&self, module: &Module<'_>) -> Result<Vec<u8>, Error> {
        Ok(self.functions.contents(module, section::FUNCTION)?)
    }

    /// New contents of the code section.
    pub(super) fn code<'a>(&self, module: &Module<'a>) -> Result<Pieces<'a>, Error> {
        let mut contents = Pieces::default();
        let own = module.bodies()?.len();
        contents.push(|out| leb::unsigned(out, (own + self.bodies.len()) as u64));
        if let Some(original) = module.section(section::CODE) {
            let mut reader = wasmparser::BinaryReader::new(module.slice(&original.contents), original.contents.start);
            reader.read_var_u32()?;
            contents.borrow(module.slice(&(reader.original_position()..original.contents.end)));
        }
        contents.push(|out| self.bodies.iter().for_each(|body| leb::bytes(out, body)));
        Ok(contents)
    }

    /// How many bodies are added.
    pub(super) fn added(&self) -> usize {
        self.bodies.len()
    }
}
