//! Constant expressions of one instruction: initial values of globals, places of data segments.

use crate::manifest::GlobalValue;
use wasmparser::{ConstExpr, Operator};

/// The number that an expression is, `None` if it is anything but one constant.
pub(crate) fn number(expression: &ConstExpr<'_>) -> Option<GlobalValue> {
    let mut operators = expression.get_operators_reader();
    let value = match operators.read().ok()? {
        Operator::I32Const { value } => GlobalValue::I32(value.cast_unsigned()),
        Operator::I64Const { value } => GlobalValue::I64(value.cast_unsigned()),
        Operator::F32Const { value } => GlobalValue::F32(value.bits()),
        Operator::F64Const { value } => GlobalValue::F64(value.bits()),
        Operator::V128Const { value } => GlobalValue::V128(value.i128().cast_unsigned()),
        _ => return None,
    };
    matches!(operators.read(), Ok(Operator::End)).then_some(value)
}

/// The address that an expression is, `None` if it has to be computed.
pub fn offset(expression: &ConstExpr<'_>) -> Option<u64> {
    match number(expression)? {
        GlobalValue::I32(address) => Some(address.into()),
        GlobalValue::I64(address) => Some(address),
        GlobalValue::F32(_) | GlobalValue::F64(_) | GlobalValue::V128(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmparser::BinaryReader;

    #[test]
    fn only_one_constant_is_a_number() {
        let number = |bytes: &[u8]| number(&ConstExpr::new(BinaryReader::new(bytes, 0)));
        assert_eq!(number(&[0x41, 0x7f, 0x0b]), Some(GlobalValue::I32(u32::MAX)));
        assert_eq!(number(&[0x42, 0x05, 0x0b]), Some(GlobalValue::I64(5)));
        assert_eq!(number(&[0x41, 0x05, 0x41, 0x03, 0x6a, 0x0b]), None, "5 + 3");
        assert_eq!(number(&[0x23, 0x00, 0x0b]), None, "a global's");
        assert_eq!(number(&[0x41]), None, "cut");
    }

    #[test]
    fn addresses_are_unsigned() {
        let offset = |bytes: &[u8]| offset(&ConstExpr::new(BinaryReader::new(bytes, 0)));
        assert_eq!(offset(&[0x41, 0x7f, 0x0b]), Some(u32::MAX.into()));
        assert_eq!(offset(&[0x43, 0, 0, 0, 0, 0x0b]), None, "f32");
    }
}
