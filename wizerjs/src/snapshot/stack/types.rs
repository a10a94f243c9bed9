//! Function types of a module, and those that continuations need besides.

use crate::snapshot::addition::Addition;
use crate::snapshot::error::Error;
use crate::snapshot::module::{Module, section};
use std::collections::HashMap;
use wasm_encoder::Encode;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{BinaryReader, BlockType, CompositeInnerType, FuncType, TypeSectionReader, ValType};

/// The function types of a module, by type index.
pub(in crate::snapshot) struct Types(Vec<Option<FuncType>>);

impl Types {
    pub(in crate::snapshot) fn of(module: &Module<'_>) -> Result<Self, Error> {
        let Some(types) = module.section(section::TYPE) else { return Ok(Self(Vec::new())) };
        let reader = BinaryReader::new(module.slice(&types.contents), types.contents.start);
        let mut found = Vec::new();
        for group in TypeSectionReader::new(reader)? {
            found.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                CompositeInnerType::Func(function) => Some(function),
                _ => None,
            }));
        }
        Ok(Self(found))
    }

    /// The function type with this index; it was validated that there is one.
    pub(in crate::snapshot) fn get(&self, index: u32) -> Result<&FuncType, Error> {
        let found = self.0.get(index as usize).and_then(Option::as_ref);
        found.ok_or_else(|| Error::Defect(format!("type {index} is not of functions")))
    }

    /// What a block takes and gives.
    pub(super) fn block(&self, ty: BlockType) -> Result<(Vec<ValType>, Vec<ValType>), Error> {
        Ok(match ty {
            BlockType::Empty => (Vec::new(), Vec::new()),
            BlockType::Type(ty) => (Vec::new(), vec![ty]),
            BlockType::FuncType(index) => {
                let ty = self.get(index)?;
                (ty.params().to_vec(), ty.results().to_vec())
            }
        })
    }
}

/// Types of functions and blocks that take nothing, added to those of a module.
pub(in crate::snapshot) struct AddedTypes {
    first: u32,
    by_results: HashMap<Vec<ValType>, u32>,
    addition: Addition,
}

impl AddedTypes {
    /// None yet.
    pub(in crate::snapshot) fn of(module: &Module<'_>) -> Self {
        Self { first: module.types.len() as u32, by_results: HashMap::new(), addition: Addition::default() }
    }

    /// The index of the type that gives `results`.
    pub(in crate::snapshot) fn giving(&mut self, results: &[ValType]) -> Result<u32, Error> {
        if let Some(&index) = self.by_results.get(results) {
            return Ok(index);
        }
        let encoded = results.iter().map(|&ty| encoded(ty)).collect::<Result<Vec<_>, _>>()?;
        let position = self.addition.push(|out| {
            const FUNCTION: u8 = 0x60;
            out.extend_from_slice(&[FUNCTION, 0]);
            encoded.as_slice().encode(out);
        });
        self.by_results.insert(results.to_vec(), self.first + position);
        Ok(self.first + position)
    }

    /// The index of the type that takes nothing and gives what functions of type `index` give.
    pub(in crate::snapshot) fn giving_results_of(&mut self, types: &Types, index: u32) -> Result<u32, Error> {
        self.giving(types.get(index)?.results())
    }

    /// The type of a block that gives `results`.
    pub(super) fn block_giving(&mut self, results: &[ValType]) -> Result<wasm_encoder::BlockType, Error> {
        Ok(match results {
            [] => wasm_encoder::BlockType::Empty,
            &[result] => wasm_encoder::BlockType::Result(encoded(result)?),
            _ => wasm_encoder::BlockType::FunctionType(self.giving(results)?),
        })
    }

    /// What to add to the type section.
    pub(in crate::snapshot) fn into_addition(self) -> Addition {
        self.addition
    }
}

/// A type of a module's sections, for the same module.
pub(super) fn encoded(ty: ValType) -> Result<wasm_encoder::ValType, Error> {
    RoundtripReencoder.val_type(ty).map_err(|error| Error::Defect(error.to_string()))
}
