//! Values of globals and table entries, and the constant expressions that make them.

use super::leb;
use super::module::Module;
use wasmparser::{AbstractHeapType, ConstExpr, HeapType, Operator, RefType, UnpackedIndex, ValType};

/// A value that a constant expression can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// `i32`.
    I32(i32),
    /// `i64`.
    I64(i64),
    /// `f32`, as bits.
    F32(u32),
    /// `f64`, as bits.
    F64(u64),
    /// `v128`, as bits.
    V128(u128),
    /// Any reference.
    Ref(Reference),
}

/// A reference that a constant expression can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Null.
    Null,
    /// The function with this index.
    Function(u32),
    /// An unboxed integer of 31 bits, zero-extended.
    I31(u32),
}

/// Opcodes of constant expressions.
mod op {
    pub(super) const END: u8 = 0x0b;
    pub(super) const I32_CONST: u8 = 0x41;
    pub(super) const I64_CONST: u8 = 0x42;
    pub(super) const F32_CONST: u8 = 0x43;
    pub(super) const F64_CONST: u8 = 0x44;
    pub(super) const REF_NULL: u8 = 0xd0;
    pub(super) const REF_FUNC: u8 = 0xd2;
    pub(super) const REF_I31: [u8; 2] = [0xfb, 0x1c];
    pub(super) const V128_CONST: [u8; 2] = [0xfd, 0x0c];
}

/// Bits of an `i31`.
pub(super) const I31_MASK: u32 = 0x7fff_ffff;

/// Prefixes of reference types that are not written as one byte.
const REF_NULLABLE: u8 = 0x63;
const REF_NON_NULL: u8 = 0x64;

/// Append the constant expression that makes `value`, which is of type `ty`.
pub(super) fn expression(out: &mut Vec<u8>, value: Value, ty: ValType) {
    match value {
        Value::I32(value) => constant_i32(out, value),
        Value::I64(value) => constant_i64(out, value),
        Value::F32(bits) => {
            out.push(op::F32_CONST);
            out.extend_from_slice(&bits.to_le_bytes());
        }
        Value::F64(bits) => {
            out.push(op::F64_CONST);
            out.extend_from_slice(&bits.to_le_bytes());
        }
        Value::V128(bits) => {
            out.extend_from_slice(&op::V128_CONST);
            out.extend_from_slice(&bits.to_le_bytes());
        }
        Value::Ref(reference) => {
            let heap = if let ValType::Ref(ty) = ty { ty.heap_type() } else { HeapType::FUNC };
            make_reference(out, reference, heap);
        }
    }
    out.push(op::END);
}

/// Append the constant expression that makes `reference`, which is of type `ty`.
pub(super) fn reference_expression(out: &mut Vec<u8>, reference: Reference, ty: RefType) {
    make_reference(out, reference, ty.heap_type());
    out.push(op::END);
}

/// Append the offset of an active segment: an `i64` for 64-bit memories and tables.
pub(super) fn offset_expression(out: &mut Vec<u8>, offset: u64, is_64_bit: bool) {
    if is_64_bit {
        constant_i64(out, offset.cast_signed());
    } else {
        constant_i32(out, (offset as u32).cast_signed());
    }
    out.push(op::END);
}

/// Bytes that [`offset_expression`] appends.
pub(super) fn offset_expression_len(offset: u64, is_64_bit: bool) -> usize {
    const OPCODE_AND_END: usize = 2;
    let value = if is_64_bit { offset.cast_signed() } else { i64::from((offset as u32).cast_signed()) };
    OPCODE_AND_END + leb::signed_len(value)
}

fn constant_i32(out: &mut Vec<u8>, value: i32) {
    out.push(op::I32_CONST);
    leb::signed(out, i64::from(value));
}

fn constant_i64(out: &mut Vec<u8>, value: i64) {
    out.push(op::I64_CONST);
    leb::signed(out, value);
}

fn make_reference(out: &mut Vec<u8>, reference: Reference, heap: HeapType) {
    match reference {
        Reference::Null => {
            out.push(op::REF_NULL);
            heap_type(out, heap);
        }
        Reference::Function(index) => {
            out.push(op::REF_FUNC);
            leb::unsigned(out, u64::from(index));
        }
        Reference::I31(value) => {
            constant_i32(out, value.cast_signed());
            out.extend_from_slice(&op::REF_I31);
        }
    }
}

/// Append a reference type.
pub(super) fn reference_type(out: &mut Vec<u8>, ty: RefType) {
    let one_byte = ty.is_nullable() && matches!(ty.heap_type(), HeapType::Abstract { shared: false, .. });
    if !one_byte {
        out.push(if ty.is_nullable() { REF_NULLABLE } else { REF_NON_NULL });
    }
    heap_type(out, ty.heap_type());
}

fn heap_type(out: &mut Vec<u8>, heap: HeapType) {
    match heap {
        HeapType::Abstract { ty, .. } => out.push(abstract_heap_type(ty)),
        HeapType::Concrete(UnpackedIndex::Module(index)) | HeapType::Exact(UnpackedIndex::Module(index)) => {
            leb::signed(out, i64::from(index));
        }
        // Types read from a module's sections are indices into that module.
        HeapType::Concrete(_) | HeapType::Exact(_) => out.push(abstract_heap_type(AbstractHeapType::Func)),
    }
}

fn abstract_heap_type(ty: AbstractHeapType) -> u8 {
    match ty {
        AbstractHeapType::Func => 0x70,
        AbstractHeapType::Extern => 0x6f,
        AbstractHeapType::Any => 0x6e,
        AbstractHeapType::None => 0x71,
        AbstractHeapType::NoExtern => 0x72,
        AbstractHeapType::NoFunc => 0x73,
        AbstractHeapType::Eq => 0x6d,
        AbstractHeapType::Struct => 0x6b,
        AbstractHeapType::Array => 0x6a,
        AbstractHeapType::I31 => 0x6c,
        AbstractHeapType::Exn => 0x69,
        AbstractHeapType::NoExn => 0x74,
        AbstractHeapType::Cont => 0x68,
        AbstractHeapType::NoCont => 0x75,
    }
}

/// What each global of `module` holds at first, as far as that is known without running anything.
pub(super) fn initial_globals(module: &Module<'_>) -> Vec<Option<Value>> {
    let mut known = Vec::with_capacity(module.globals.len());
    for global in &module.globals {
        known.push(evaluate(&known, &global.init));
    }
    known
}

/// What a constant expression makes, given the initial values of earlier globals.
pub(super) fn evaluate(globals: &[Option<Value>], expression: &ConstExpr<'_>) -> Option<Value> {
    let mut stack: Vec<Value> = Vec::new();
    for operator in expression.get_operators_reader() {
        let value = match operator.ok()? {
            Operator::I32Const { value } => Value::I32(value),
            Operator::I64Const { value } => Value::I64(value),
            Operator::F32Const { value } => Value::F32(value.bits()),
            Operator::F64Const { value } => Value::F64(value.bits()),
            Operator::V128Const { value } => Value::V128(value.i128().cast_unsigned()),
            Operator::RefNull { .. } => Value::Ref(Reference::Null),
            Operator::RefFunc { function_index } => Value::Ref(Reference::Function(function_index)),
            Operator::RefI31 => match stack.pop()? {
                Value::I32(value) => Value::Ref(Reference::I31(value.cast_unsigned() & I31_MASK)),
                _ => return None,
            },
            Operator::GlobalGet { global_index } => (*globals.get(global_index as usize)?)?,
            operator @ (Operator::I32Add | Operator::I32Sub | Operator::I32Mul) => {
                let (Value::I32(right), Value::I32(left)) = (stack.pop()?, stack.pop()?) else { return None };
                Value::I32(match operator {
                    Operator::I32Add => left.wrapping_add(right),
                    Operator::I32Sub => left.wrapping_sub(right),
                    _ => left.wrapping_mul(right),
                })
            }
            operator @ (Operator::I64Add | Operator::I64Sub | Operator::I64Mul) => {
                let (Value::I64(right), Value::I64(left)) = (stack.pop()?, stack.pop()?) else { return None };
                Value::I64(match operator {
                    Operator::I64Add => left.wrapping_add(right),
                    Operator::I64Sub => left.wrapping_sub(right),
                    _ => left.wrapping_mul(right),
                })
            }
            Operator::End => break,
            _ => return None,
        };
        stack.push(value);
    }
    stack.pop()
}
