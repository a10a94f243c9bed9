//! The guest's memory, as the functions it imports see it. Every pointer and length may be wrong.

use super::host::Host;
use wasmtime::{Caller, Extern, Memory};

/// Errors of WASI preview 1.
/// <https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#errno>
#[derive(Clone, Copy, Debug)]
#[repr(i32)]
pub(super) enum Errno {
    BadDescriptor = 8,
    Fault = 21,
    NotSupported = 58,
}

/// Most buffers of one gathering write; Linux has the same limit (`UIO_MAXIOV`).
const IOV_MAX: i32 = 1024;

/// Size of a buffer's description in bytes: pointer and length.
const IOV_BYTES: usize = 8;

fn memory(guest: &mut Caller<'_, Host>) -> Option<Memory> {
    guest.get_export(engine_abi::export::MEMORY).and_then(Extern::into_memory)
}

fn range(pointer: i32, len: i32) -> std::ops::Range<usize> {
    let start = pointer.cast_unsigned() as usize;
    start..start + len.cast_unsigned() as usize
}

/// Bytes of the guest.
pub(super) fn bytes<'a>(guest: &'a mut Caller<'_, Host>, pointer: i32, len: i32) -> Option<&'a [u8]> {
    memory(guest)?.data(guest).get(range(pointer, len))
}

/// Give bytes to the guest: 0, or an error.
pub(super) fn answer(guest: &mut Caller<'_, Host>, pointer: i32, bytes: &[u8]) -> i32 {
    let written = memory(guest).and_then(|memory| memory.write(guest, pointer.cast_unsigned() as usize, bytes).ok());
    if written.is_some() { 0 } else { Errno::Fault as i32 }
}

/// Have the host fill a buffer of the guest: 0, or an error.
pub(super) fn fill(
    guest: &mut Caller<'_, Host>,
    pointer: i32,
    len: i32,
    with: impl FnOnce(&mut Host, &mut [u8]),
) -> i32 {
    let Some(memory) = memory(guest) else { return Errno::Fault as i32 };
    let (data, host) = memory.data_and_store_mut(guest);
    match data.get_mut(range(pointer, len)) {
        Some(buffer) => {
            with(host, buffer);
            0
        }
        None => Errno::Fault as i32,
    }
}

/// The contents of several buffers of the guest, one after the other.
pub(super) fn gather(guest: &mut Caller<'_, Host>, iovs: i32, count: i32) -> Option<Vec<u8>> {
    let data = memory(guest)?.data(guest);
    let count = usize::try_from(count).ok()?;
    let start = iovs.cast_unsigned() as usize;
    let mut all = Vec::new();
    for iov in data.get(start..start + count.min(IOV_MAX as usize) * IOV_BYTES)?.chunks_exact(IOV_BYTES) {
        let (pointer, len) = iov.split_first_chunk::<4>()?;
        let len = len.first_chunk::<4>()?;
        let contents = data.get(range(i32::from_le_bytes(*pointer), i32::from_le_bytes(*len)))?;
        // Overlapping buffers could name the whole memory a thousand times.
        if all.len() + contents.len() > data.len() {
            return None;
        }
        all.extend_from_slice(contents);
    }
    Some(all)
}
