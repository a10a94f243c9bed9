//! LEB128 integers, and lengths of them.

/// Append `value`, unsigned.
pub(super) fn unsigned(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

/// Append `value`, signed. The encoding of an `i32` is that of the `i64` with the same value.
pub(super) fn signed(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        let sign_is_told = (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0);
        if sign_is_told {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

/// Bytes that [`unsigned`] appends.
pub(super) fn unsigned_len(value: u64) -> usize {
    let bits = 64 - value.leading_zeros() as usize;
    bits.div_ceil(7).max(1)
}

/// Bytes that [`signed`] appends.
pub(super) fn signed_len(value: i64) -> usize {
    let magnitude = if value < 0 { !value } else { value };
    let bits = 65 - magnitude.leading_zeros() as usize;
    bits.div_ceil(7).max(1)
}

/// Append a name or other byte string: its length, its bytes.
pub(super) fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    unsigned(out, value.len() as u64);
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_encodings() {
        let shifts = (0..64).flat_map(|shift| [1u64 << shift, (1u64 << shift).wrapping_sub(1), !(1u64 << shift)]);
        for value in shifts {
            let mut out = Vec::new();
            unsigned(&mut out, value);
            assert_eq!(out.len(), unsigned_len(value), "unsigned {value:#x}");
            let mut out = Vec::new();
            signed(&mut out, value.cast_signed());
            assert_eq!(out.len(), signed_len(value.cast_signed()), "signed {value:#x}");
            let mut reader = wasmparser::BinaryReader::new(&out, 0);
            assert_eq!(reader.read_var_i64().expect("well-formed"), value.cast_signed());
        }
    }
}
