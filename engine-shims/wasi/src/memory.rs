//! A guest's memory. Every pointer and length may be wrong.

use crate::errno::Errno;
use crate::world::World;
use std::ops::Range;
use wasmtime::Caller;

/// Most buffers that one write gathers; Linux has the same limit (`UIO_MAXIOV`).
const BUFFERS_MAX: usize = 1024;

/// Most bytes that one write takes; a guest with more calls again. Overlapping buffers could name the whole memory a thousand
/// times.
const WRITE_MAX_BYTES: usize = 64 << 10;

/// Bytes of a buffer's description: pointer and length.
const DESCRIPTION_BYTES: usize = 8;

/// Write to the guest.
pub(crate) fn write<W: World>(guest: &mut Caller<'_, W>, pointer: i32, bytes: &[u8]) -> Result<(), Errno> {
    let memory = W::memory(guest).ok_or(Errno::Fault)?;
    memory.write(guest, pointer.cast_unsigned() as usize, bytes).map_err(|_| Errno::Fault)
}

/// The first bytes of several buffers of the guest, one after the other.
pub(crate) fn gather<W: World>(guest: &mut Caller<'_, W>, buffers: i32, count: i32) -> Result<Vec<u8>, Errno> {
    let memory = W::memory(guest).ok_or(Errno::Fault)?;
    gathered(memory.data(guest), buffers.cast_unsigned(), count.cast_unsigned()).ok_or(Errno::Fault)
}

fn gathered(memory: &[u8], buffers: u32, count: u32) -> Option<Vec<u8>> {
    let descriptions = memory.get(range(buffers, 0).start..)?;
    let descriptions = descriptions.get(..(count as usize).min(BUFFERS_MAX) * DESCRIPTION_BYTES)?;
    let mut all = Vec::new();
    for description in descriptions.as_chunks::<DESCRIPTION_BYTES>().0 {
        let [a, b, c, d, e, f, g, h] = *description;
        let buffer = memory.get(range(u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h])))?;
        let room = WRITE_MAX_BYTES - all.len();
        all.extend_from_slice(&buffer[..buffer.len().min(room)]);
    }
    Some(all)
}

/// Addresses of `len` bytes from `pointer` on. Both have 32 bits, so their sum is an address of the host.
fn range(pointer: u32, len: u32) -> Range<usize> {
    pointer as usize..pointer as usize + len as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scattered_write_is_gathered_within_bounds() {
        let mut memory = vec![0; 64];
        memory[..8].copy_from_slice(&[32, 0, 0, 0, 2, 0, 0, 0]);
        memory[8..16].copy_from_slice(&[40, 0, 0, 0, 1, 0, 0, 0]);
        memory[32..34].copy_from_slice(b"ab");
        memory[40] = b'c';
        assert_eq!(gathered(&memory, 0, 2).as_deref(), Some(&b"abc"[..]));
        memory[12..16].fill(0xff);
        assert_eq!(gathered(&memory, 0, 2), None, "beyond the end");
        assert_eq!(gathered(&memory, 60, 1), None, "a description beyond the end");
        assert_eq!(gathered(&memory, u32::MAX, 1), None, "far beyond it");
    }

    #[test]
    fn a_write_takes_no_more_than_its_share() {
        let mut memory = vec![b'a'; 100_000];
        // Two times nearly all of the memory.
        for at in [0, 8] {
            memory[at..at + 8].copy_from_slice(&[16, 0, 0, 0, 0, 0x80, 1, 0]);
        }
        assert_eq!(gathered(&memory, 0, 2).map(|all| all.len()), Some(WRITE_MAX_BYTES));
    }
}
