//! Values of locals and operands, and the instructions that make them.

use crate::snapshot::value::{Reference, Value};
use wasm_encoder::{AbstractHeapType, HeapType, Ieee32, Ieee64, Instruction};

/// A value that one of these instructions makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::snapshot) struct Constant {
    pub(super) value: Value,
    /// If the value is null: what `ref.null` names so that it fits where the value is.
    pub(super) null: AbstractHeapType,
}

impl Constant {
    /// Whether a local that was never set has this value.
    pub(super) fn is_default(self) -> bool {
        match self.value {
            Value::I32(value) => value == 0,
            Value::I64(value) => value == 0,
            Value::F32(bits) => bits == 0,
            Value::F64(bits) => bits == 0,
            Value::V128(bits) => bits == 0,
            Value::Ref(reference) => reference == Reference::Null,
        }
    }

    /// The function that is referred to.
    pub(super) fn function(self) -> Option<u32> {
        match self.value {
            Value::Ref(Reference::Function(function)) => Some(function),
            _ => None,
        }
    }

    /// Append the instructions that make the value.
    pub(super) fn make(self, function: &mut wasm_encoder::Function) {
        function.instruction(&match self.value {
            Value::I32(value) => Instruction::I32Const(value),
            Value::I64(value) => Instruction::I64Const(value),
            Value::F32(bits) => Instruction::F32Const(Ieee32::new(bits)),
            Value::F64(bits) => Instruction::F64Const(Ieee64::new(bits)),
            Value::V128(bits) => Instruction::V128Const(bits.cast_signed()),
            Value::Ref(Reference::Null) => Instruction::RefNull(HeapType::Abstract { shared: false, ty: self.null }),
            Value::Ref(Reference::Function(index)) => Instruction::RefFunc(index),
            Value::Ref(Reference::I31(value)) => Instruction::I32Const(value.cast_signed()),
        });
        if let Value::Ref(Reference::I31(_)) = self.value {
            function.instruction(&Instruction::RefI31);
        }
    }
}
