//! The code section of an instrumented module, and the way back to where its instructions stand in the original.

use super::Plan;
use super::watched::{Moment, TABLE_POSITION};
use crate::snapshot::bodies::bodies;
use crate::snapshot::error::Error;
use crate::snapshot::facts::{Marker, Site};
use crate::snapshot::leb;
use crate::snapshot::module::{Module, section};
use std::collections::BTreeMap;
use std::ops::Range;

/// Instructions that are added at one place of a module.
struct Insertion {
    /// The place, in bytes from the start of the original module.
    at: usize,
    instructions: Vec<u8>,
}

/// What is added to the code of a module.
struct Insertions<'a> {
    module: &'a Module<'a>,
    plan: &'a Plan,
    counters: BTreeMap<Marker, Vec<u8>>,
}

impl<'a> Insertions<'a> {
    fn of(module: &'a Module<'a>, plan: &'a Plan) -> Self {
        let counters = plan
            .markers
            .iter()
            .enumerate()
            .map(|(position, &marker)| (marker, increment(module.globals.len() + position)))
            .collect();
        Self { module, plan, counters }
    }

    /// What is added at a site, in order: a counter, and what tells the host of a call.
    fn at(&self, site: Site) -> Result<Vec<Insertion>, Error> {
        let mut before = self.counters[&site.marker].clone();
        let mut insertions = Vec::new();
        if let (Marker::Called(function), Some(watched)) = (site.marker, &self.plan.watched) {
            if watched.before.contains(&function) {
                self.tell(&mut before, Moment::Before(function));
            }
            if let Some(at) = self.end_of_call(site)?.filter(|_| watched.after.contains(&function)) {
                let mut instructions = Vec::new();
                self.tell(&mut instructions, Moment::After(function));
                insertions.push(Insertion { at, instructions });
            }
        }
        insertions.insert(0, Insertion { at: site.offset, instructions: before });
        Ok(insertions)
    }

    /// Where the instruction after a call stands; `None` after a tail call, which none follows.
    fn end_of_call(&self, site: Site) -> Result<Option<usize>, Error> {
        const CALL: u8 = 0x10;
        let mut reader = wasmparser::BinaryReader::new(&self.module.bytes[site.offset..], site.offset);
        let opcode = reader.read_u8()?;
        reader.read_var_u32()?;
        Ok((opcode == CALL).then(|| reader.original_position()))
    }

    /// Append instructions that call the host's function.
    fn tell(&self, out: &mut Vec<u8>, moment: Moment) {
        const I32_CONST: u8 = 0x41;
        const CALL_INDIRECT: u8 = 0x11;
        out.push(I32_CONST);
        leb::signed(out, i64::from(moment.encode()));
        out.push(I32_CONST);
        leb::signed(out, i64::from(TABLE_POSITION));
        out.push(CALL_INDIRECT);
        leb::unsigned(out, self.plan.host_type(self.module) as u64);
        leb::unsigned(out, self.plan.host_table_index(self.module) as u64);
    }

    /// What is added to the function body that stands at `range`.
    fn within(&self, range: Range<usize>) -> Result<Vec<Insertion>, Error> {
        let sites = &self.module.facts.sites;
        let first = sites.partition_point(|site| site.offset < range.start);
        let mut insertions = Vec::new();
        for site in sites[first..].iter().take_while(|site| site.offset < range.end) {
            insertions.extend(self.at(*site)?);
        }
        Ok(insertions)
    }
}

/// The code section with what is added at every site.
pub(super) fn code(out: &mut Vec<u8>, module: &Module<'_>, plan: &Plan) -> Result<(), Error> {
    let Some(original) = module.section(section::CODE) else { return Ok(()) };
    if module.facts.sites.is_empty() {
        out.extend_from_slice(module.slice(&original.whole));
        return Ok(());
    }
    let insertions = Insertions::of(module, plan);
    let bodies = module.bodies()?;
    let mut contents = Vec::with_capacity(original.contents.len() + module.facts.sites.len() * 16);
    leb::unsigned(&mut contents, bodies.len() as u64);
    for range in bodies {
        let mut body = Vec::with_capacity(range.len());
        let mut copied = range.start;
        for Insertion { at, instructions } in insertions.within(range.clone())? {
            body.extend_from_slice(&module.bytes[copied..at]);
            body.extend_from_slice(&instructions);
            copied = at;
        }
        body.extend_from_slice(&module.bytes[copied..range.end]);
        if body.len() > MAX_FUNCTION_BYTES {
            return Err(Error::Instrumentation(format!(
                "the function at offset {:#x} would have {} bytes, more than engines take",
                range.start,
                body.len()
            )));
        }
        leb::bytes(&mut contents, &body);
    }
    out.push(section::CODE);
    leb::bytes(out, &contents);
    Ok(())
}

/// Where what stands in the instrumented code of a module stands in its own.
pub(in crate::snapshot) struct Origins<'a> {
    insertions: Insertions<'a>,
    own: Vec<Range<usize>>,
    instrumented: Vec<Range<usize>>,
}

impl<'a> Origins<'a> {
    pub(in crate::snapshot) fn of(module: &'a Module<'a>, plan: &'a Plan) -> Result<Self, Error> {
        let instrumented = bodies(&super::instrument(module, plan)?)?;
        Ok(Self { insertions: Insertions::of(module, plan), own: module.bodies()?, instrumented })
    }

    /// The place in the original module, in bytes from its start, of what stands at `position` of the instrumented one, in the
    /// body with this index. Added instructions stand where the instruction after them does.
    pub(in crate::snapshot) fn find(&self, body: usize, position: usize) -> Result<usize, Error> {
        let missing = || Error::Defect("a frame is not in the module's code".to_string());
        let (own, instrumented) = self.own.get(body).zip(self.instrumented.get(body)).ok_or_else(missing)?;
        let position = position.checked_sub(instrumented.start).ok_or_else(missing)? + own.start;
        let mut added = 0;
        for Insertion { at, instructions } in self.insertions.within(own.clone())? {
            if position <= at + added + instructions.len() {
                return Ok((position - added).min(at));
            }
            added += instructions.len();
        }
        Ok(position - added)
    }
}

/// Bytes of a function body that engines accept (the limit all of them share, in wasmparser `MAX_WASM_FUNCTION_SIZE`).
pub(in crate::snapshot) const MAX_FUNCTION_BYTES: usize = 7_654_321;

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
