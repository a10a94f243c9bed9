//! What the module's code does that a snapshot must know of: found while the code is validated.

use super::leb;
use engine_artifact::hidden_state::{self, Change, ObjectChange};
use std::collections::BTreeSet;
use wasmparser::{BinaryReader, Operator};

/// Something that may happen during initialization and is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Marker {
    /// An imported function, by function index, was called.
    Called(u32),
    /// An instruction wrote to, or grew, this table.
    TableWritten(u32),
    /// A global of a reference type that is not a function type was set.
    GlobalWritten(u32),
    /// A data segment was dropped.
    DataDropped(u32),
    /// An element segment was dropped.
    ElementDropped(u32),
    /// This instruction changed a GC object.
    ObjectChanged(ObjectChange),
}

impl Marker {
    /// The kind and the index, for [`Facts::encode`].
    fn parts(self) -> (u8, u32) {
        match self {
            Self::Called(index) => (0, index),
            Self::TableWritten(index) => (1, index),
            Self::GlobalWritten(index) => (2, index),
            Self::DataDropped(index) => (3, index),
            Self::ElementDropped(index) => (4, index),
            Self::ObjectChanged(change) => {
                let index = ObjectChange::ALL.iter().position(|known| *known == change);
                (5, index.unwrap_or(ObjectChange::ALL.len()) as u32)
            }
        }
    }

    fn from_parts(kind: u8, index: u32) -> Option<Self> {
        Some(match kind {
            0 => Self::Called(index),
            1 => Self::TableWritten(index),
            2 => Self::GlobalWritten(index),
            3 => Self::DataDropped(index),
            4 => Self::ElementDropped(index),
            5 => Self::ObjectChanged(*ObjectChange::ALL.get(index as usize)?),
            _ => return None,
        })
    }
}

/// An instruction that a [`Marker`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Site {
    /// Where the instruction starts, in bytes from the start of the module.
    pub(super) offset: usize,
    pub(super) marker: Marker,
}

/// What code does: found by validating it, which takes longer than anything else that is done with a known module, and so
/// worth keeping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// In order of offset.
    pub(super) sites: Vec<Site>,
    /// Data segments that instructions name.
    pub(super) used_data: BTreeSet<u32>,
    /// Functions that `ref.func` instructions name; each must stay declared outside of code.
    pub(super) referenced_functions: BTreeSet<u32>,
}

/// What [`Facts::note`] needs to know of the index spaces.
pub(super) struct Context {
    /// Function indices below this are imports.
    pub(super) imported_functions: u32,
    /// For each global, whether it holds references to something else than functions.
    pub(super) object_globals: Vec<bool>,
}

impl Context {
    fn is_object_global(&self, index: u32) -> bool {
        self.object_globals.get(index as usize).is_some_and(|&is_object| is_object)
    }
}

impl Facts {
    /// Note what one instruction does that starts at `offset`.
    ///
    /// # Errors
    /// The proposal it belongs to, if nobody has decided yet what the instructions of that change.
    pub(super) fn note(
        &mut self,
        context: &Context,
        offset: usize,
        operator: &Operator<'_>,
    ) -> Result<(), &'static str> {
        self.note_uses(operator);
        let marker = match (operator, hidden_state::change(operator)) {
            (Operator::Call { function_index } | Operator::ReturnCall { function_index }, _)
                if *function_index < context.imported_functions =>
            {
                Marker::Called(*function_index)
            }
            (_, Some(Change::Global(index))) if context.is_object_global(index) => Marker::GlobalWritten(index),
            (_, Some(Change::Table(index))) => Marker::TableWritten(index),
            (_, Some(Change::DataSegment(index))) => Marker::DataDropped(index),
            (_, Some(Change::ElementSegment(index))) => Marker::ElementDropped(index),
            (_, Some(Change::Object(change))) => Marker::ObjectChanged(change),
            (_, Some(Change::Undecided(proposal))) => return Err(proposal),
            // Other globals are read at the snapshot point, whether they were set or not.
            (_, Some(Change::Global(_)) | None) => return Ok(()),
        };
        self.sites.push(Site { offset, marker });
        Ok(())
    }

    /// Note the data segments and functions that an instruction names.
    fn note_uses(&mut self, operator: &Operator<'_>) {
        match *operator {
            Operator::RefFunc { function_index } => drop(self.referenced_functions.insert(function_index)),
            Operator::MemoryInit { data_index, .. }
            | Operator::ArrayNewData { array_data_index: data_index, .. }
            | Operator::ArrayInitData { array_data_index: data_index, .. }
            | Operator::DataDrop { data_index } => drop(self.used_data.insert(data_index)),
            _ => {}
        }
    }

    /// The facts as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.sites.len() * 6);
        leb::unsigned(&mut out, self.sites.len() as u64);
        let mut last = 0;
        for site in &self.sites {
            leb::unsigned(&mut out, (site.offset - last) as u64);
            last = site.offset;
            let (kind, index) = site.marker.parts();
            out.push(kind);
            leb::unsigned(&mut out, u64::from(index));
        }
        for set in [&self.used_data, &self.referenced_functions] {
            leb::unsigned(&mut out, set.len() as u64);
            set.iter().for_each(|&index| leb::unsigned(&mut out, u64::from(index)));
        }
        out
    }

    /// The facts that [`Facts::encode`] gave these bytes for; `None` for other bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = BinaryReader::new(bytes, 0);
        let mut facts = Self::default();
        let mut offset = 0usize;
        for _ in 0..reader.read_var_u64().ok()? {
            offset = offset.checked_add(usize::try_from(reader.read_var_u64().ok()?).ok()?)?;
            let kind = reader.read_u8().ok()?;
            let marker = Marker::from_parts(kind, reader.read_var_u32().ok()?)?;
            facts.sites.push(Site { offset, marker });
        }
        for set in [&mut facts.used_data, &mut facts.referenced_functions] {
            for _ in 0..reader.read_var_u64().ok()? {
                set.insert(reader.read_var_u32().ok()?);
            }
        }
        reader.eof().then_some(facts)
    }

    /// Append the facts of code that follows the code of these.
    pub(super) fn append(&mut self, mut later: Self) {
        self.sites.append(&mut later.sites);
        self.used_data.append(&mut later.used_data);
        self.referenced_functions.append(&mut later.referenced_functions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back_from_their_bytes_and_from_no_others() {
        let markers = (0..5).filter_map(|kind| Marker::from_parts(kind, 1000 * u32::from(kind)));
        let changes = (0..6).filter_map(|index| Marker::from_parts(5, index));
        let sites: Vec<Site> =
            markers.chain(changes).enumerate().map(|(at, marker)| Site { offset: at * at * 100, marker }).collect();
        assert_eq!(sites.len(), 11);
        let facts = Facts { sites, used_data: [1, 500].into(), referenced_functions: [7].into() };
        let bytes = facts.encode();
        assert_eq!(Facts::decode(&bytes), Some(facts));
        for len in 0..bytes.len() {
            assert_eq!(Facts::decode(&bytes[..len]), None, "cut to {len} bytes");
        }
        assert_eq!(Facts::decode(&[&bytes[..], &[0]].concat()), None);
    }
}
