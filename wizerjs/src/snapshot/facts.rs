//! What the module's code does that a snapshot must know of: found while the code is validated.

use std::collections::BTreeSet;
use wasmparser::Operator;

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
    ObjectChanged(&'static str),
}

/// An instruction that a [`Marker`] stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    /// Where the instruction starts, in bytes from the start of the module.
    pub(super) offset: usize,
    pub(super) marker: Marker,
}

/// What code does.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
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

impl Facts {
    /// Take in one instruction that starts at `offset`.
    pub(super) fn note(&mut self, context: &Context, offset: usize, operator: &Operator<'_>) {
        use Operator as Op;
        let marker = match *operator {
            Op::Call { function_index } | Op::ReturnCall { function_index } => {
                if function_index >= context.imported_functions {
                    return;
                }
                Marker::Called(function_index)
            }
            Op::GlobalSet { global_index } => {
                if !context.object_globals.get(global_index as usize).is_some_and(|&is_object| is_object) {
                    return;
                }
                Marker::GlobalWritten(global_index)
            }
            Op::RefFunc { function_index } => {
                self.referenced_functions.insert(function_index);
                return;
            }
            Op::MemoryInit { data_index, .. } | Op::ArrayNewData { array_data_index: data_index, .. } => {
                self.used_data.insert(data_index);
                return;
            }
            Op::DataDrop { data_index } => {
                self.used_data.insert(data_index);
                Marker::DataDropped(data_index)
            }
            Op::ArrayInitData { array_data_index, .. } => {
                self.used_data.insert(array_data_index);
                Marker::ObjectChanged("array.init_data")
            }
            Op::ElemDrop { elem_index } => Marker::ElementDropped(elem_index),
            Op::TableSet { table }
            | Op::TableGrow { table }
            | Op::TableFill { table }
            | Op::TableInit { table, .. }
            | Op::TableCopy { dst_table: table, .. } => Marker::TableWritten(table),
            Op::StructSet { .. } => Marker::ObjectChanged("struct.set"),
            Op::ArraySet { .. } => Marker::ObjectChanged("array.set"),
            Op::ArrayFill { .. } => Marker::ObjectChanged("array.fill"),
            Op::ArrayCopy { .. } => Marker::ObjectChanged("array.copy"),
            Op::ArrayInitElem { .. } => Marker::ObjectChanged("array.init_elem"),
            _ => return,
        };
        self.sites.push(Site { offset, marker });
    }

    /// Take in the facts of code that comes after what is known so far.
    pub(super) fn append(&mut self, mut later: Self) {
        self.sites.append(&mut later.sites);
        self.used_data.append(&mut later.used_data);
        self.referenced_functions.append(&mut later.referenced_functions);
    }
}
