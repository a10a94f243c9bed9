//! What the other passes need to know of a module: its sections, and what each index space holds.

use super::error::Error;
use super::facts::Facts;
use super::stack::Types;
use std::collections::BTreeSet;
use std::ops::Range;
use wasmparser::{
    BinaryReader, ConstExpr, Data, Element, Export, ExternalKind, FunctionBody, GlobalType, HeapType, MemoryType,
    RefType, TableInit, TableType, UnpackedIndex, ValType,
};

/// Ids of sections, and the order in which they must come (custom sections stand anywhere).
pub(super) mod section {
    pub(crate) const CUSTOM: u8 = 0;
    pub(crate) const TYPE: u8 = 1;
    pub(crate) const FUNCTION: u8 = 3;
    pub(crate) const TABLE: u8 = 4;
    pub(crate) const MEMORY: u8 = 5;
    pub(crate) const GLOBAL: u8 = 6;
    pub(crate) const EXPORT: u8 = 7;
    pub(crate) const START: u8 = 8;
    pub(crate) const ELEMENT: u8 = 9;
    pub(crate) const CODE: u8 = 10;
    pub(crate) const DATA: u8 = 11;
    pub(crate) const DATA_COUNT: u8 = 12;
    pub(crate) const TAG: u8 = 13;

    /// Place of a section in a module; ids are not in order because two were invented later.
    pub(crate) fn rank(id: u8) -> u8 {
        match id {
            TAG => 11,
            GLOBAL..=ELEMENT => id * 2,
            DATA_COUNT => 19,
            _ => id * 2,
        }
    }
}

/// Magic number and version.
pub(super) const HEADER: [u8; 8] = *b"\0asm\x01\0\0\0";

/// A section as it stands in the bytes.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// Id of the kind.
    pub(super) id: u8,
    /// Everything, id and size included.
    pub(super) whole: Range<usize>,
    /// What comes after the size.
    pub(super) contents: Range<usize>,
}

/// A global that the module defines.
pub(super) struct Global<'a> {
    pub(super) ty: GlobalType,
    pub(super) init: ConstExpr<'a>,
    /// Where the definition stands in the module.
    pub(super) whole: Range<usize>,
}

/// A table that the module defines.
pub(super) struct Table<'a> {
    pub(super) ty: TableType,
    pub(super) init: TableInit<'a>,
    pub(super) whole: Range<usize>,
}

/// An imported function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportedFunction<'a> {
    /// Import module name.
    pub module: &'a str,
    /// Import name.
    pub name: &'a str,
}

/// What a reference type can refer to, as far as capturing is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hierarchy {
    /// Functions: capturable, by index.
    Function,
    /// Everything else: capturable while it is null or an `i31`.
    Other,
}

/// A type, as far as the passes need to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TypeKind {
    /// A function without parameters and results.
    PlainFunction,
    /// Any other function.
    Function,
    /// Something else.
    Other,
}

/// A valid module, its index spaces laid out.
pub struct Module<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) sections: Vec<Section>,
    pub(super) types: Vec<TypeKind>,
    pub(super) imported_functions: Vec<ImportedFunction<'a>>,
    /// For each function, its type.
    pub(super) functions: Vec<u32>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) data: Vec<Data<'a>>,
    pub(super) start: Option<u32>,
    pub(super) facts: Facts,
    /// A digest of the bytes, if somebody has computed one.
    pub(super) digest: Option<[u8; 32]>,
}

impl std::fmt::Debug for Module<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Module").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl<'a> Module<'a> {
    /// The bytes that were parsed.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The same module, its digest noted.
    #[must_use]
    pub(crate) fn with_digest(mut self, digest: [u8; 32]) -> Self {
        self.digest = Some(digest);
        self
    }

    /// The digest that was noted.
    pub(crate) fn digest(&self) -> Option<[u8; 32]> {
        self.digest
    }

    /// What validation found out about the code.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether there is an export of this name.
    pub fn has_export(&self, name: &str) -> bool {
        self.exports.iter().any(|export| export.name == name)
    }

    /// Whether a function is exported by this name.
    pub fn has_function_export(&self, name: &str) -> bool {
        let is_function = |kind| matches!(kind, ExternalKind::Func | ExternalKind::FuncExact);
        self.exports.iter().any(|export| export.name == name && is_function(export.kind))
    }

    /// Whether a function that takes and gives nothing is exported by this name.
    pub fn is_plain_function(&self, name: &str) -> bool {
        let export = self.exports.iter().find(|export| export.name == name);
        export.filter(|_| self.has_function_export(name)).is_some_and(|export| {
            let ty = self.functions[export.index as usize];
            self.types[ty as usize] == TypeKind::PlainFunction
        })
    }

    /// Imported functions, by function index.
    pub fn imported_functions(&self) -> &[ImportedFunction<'a>] {
        &self.imported_functions
    }

    /// Parameters of a function, by function index.
    ///
    /// # Errors
    /// None for a function of the module.
    pub fn params(&self, function: u32) -> Result<usize, Error> {
        let ty = self.functions.get(function as usize);
        let ty = ty.ok_or_else(|| Error::Defect(format!("there is no function {function}")))?;
        Ok(Types::of(self)?.get(*ty)?.params().len())
    }

    /// Locals whose types have no value that they hold at first, by the function's position among those defined and their own
    /// index; those of references to functions are left out.
    ///
    /// # Errors
    /// None for a module that was parsed.
    pub fn locals_without_default(&self) -> Result<BTreeSet<(u32, u32)>, Error> {
        let types = Types::of(self)?;
        let mut found = BTreeSet::new();
        let defined = self.functions.iter().skip(self.imported_functions.len());
        for ((body, range), ty) in (0u32..).zip(self.bodies()?).zip(defined) {
            let mut index = types.get(*ty)?.params().len() as u32;
            let reader = BinaryReader::new(self.slice(&range), range.start);
            for group in FunctionBody::new(reader).get_locals_reader()? {
                let (count, ty) = group?;
                if let ValType::Ref(ty) = ty
                    && !ty.is_nullable()
                    && self.hierarchy(ty) == Hierarchy::Other
                {
                    found.extend((index..index + count).map(|local| (body, local)));
                }
                index += count;
            }
        }
        Ok(found)
    }

    pub(super) fn section(&self, id: u8) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    pub(super) fn slice(&self, range: &Range<usize>) -> &'a [u8] {
        &self.bytes[range.clone()]
    }

    /// What references of this type refer to.
    pub(super) fn hierarchy(&self, ty: RefType) -> Hierarchy {
        use wasmparser::AbstractHeapType::{Func, NoFunc};
        let is_function = match ty.heap_type() {
            HeapType::Abstract { ty, .. } => matches!(ty, Func | NoFunc),
            HeapType::Concrete(UnpackedIndex::Module(index)) | HeapType::Exact(UnpackedIndex::Module(index)) => {
                self.types.get(index as usize).is_some_and(|kind| *kind != TypeKind::Other)
            }
            HeapType::Concrete(_) | HeapType::Exact(_) => false,
        };
        if is_function { Hierarchy::Function } else { Hierarchy::Other }
    }

    /// The reference type of a global, if it has one.
    pub(super) fn global_reference(&self, index: u32) -> Option<RefType> {
        match self.globals.get(index as usize)?.ty.content_type {
            ValType::Ref(ty) => Some(ty),
            _ => None,
        }
    }

    /// Whether a global holds references to something else than functions: objects, which can change while the global
    /// itself does not.
    pub(super) fn is_object_global(&self, index: u32) -> bool {
        self.global_reference(index).is_some_and(|ty| self.hierarchy(ty) == Hierarchy::Other)
    }

    fn place(&self, noun: &str, kind: ExternalKind, index: u32) -> String {
        let export = self.exports.iter().find(|export| export.kind == kind && export.index == index);
        match export {
            Some(export) => format!("{noun} {index} (exported as `{}`)", export.name),
            None => format!("{noun} {index}"),
        }
    }

    pub(super) fn function_place(&self, index: u32) -> String {
        self.place("function", ExternalKind::Func, index)
    }

    pub(super) fn global_place(&self, index: u32) -> String {
        self.place("global", ExternalKind::Global, index)
    }

    pub(super) fn table_place(&self, index: u32) -> String {
        self.place("table", ExternalKind::Table, index)
    }

    pub(super) fn memory_place(&self, index: u32) -> String {
        self.place("memory", ExternalKind::Memory, index)
    }

    /// Refuse what can never be captured: state from outside, and memory that other threads write to.
    pub(super) fn refuse_shared_memory(&self) -> Result<(), Error> {
        match self.memories.iter().position(|memory| memory.shared) {
            Some(index) => Err(Error::SharedMemory { place: self.memory_place(index as u32) }),
            None => Ok(()),
        }
    }
}
