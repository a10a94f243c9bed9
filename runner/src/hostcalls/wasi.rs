//! The part of WASI preview 1 that an engine uses: clocks, entropy, standard streams, arguments. No files, no sockets.

use super::log::log;
use crate::outcome::Exit;
use crate::state::{RequestState, Sink};
use engine_abi::Level;
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};
use wasmtime::{Caller, Linker};

const SUCCESS: i32 = 0;
const EBADF: i32 = 8;
const EFAULT: i32 = 21;
const EINVAL: i32 = 28;
const EIO: i32 = 29;
const ESPIPE: i32 = 70;

/// `CLOCK_REALTIME`, `CLOCK_MONOTONIC` and the CPU-time clocks, which we answer with the monotonic one.
const CLOCK_REALTIME: i32 = 0;
const CLOCKS: i32 = 4;

/// Resolution that clocks are said to have, in nanoseconds.
const CLOCK_RESOLUTION_NS: u64 = 1_000;

/// Most bytes that are drawn from the system's entropy at once; nobody needs more in one call.
const RANDOM_MAX_BYTES: usize = 64 << 10;

/// Most pieces of one scattered write.
const PIECES_MAX: u32 = 1024;

/// `FILETYPE_CHARACTER_DEVICE`, and the size of `fdstat`.
const CHARACTER_DEVICE: u8 = 2;
const FDSTAT_BYTES: usize = 24;

type Guest<'a> = Caller<'a, RequestState>;

pub(super) fn add_to(linker: &mut Linker<RequestState>) -> wasmtime::Result<()> {
    let module = super::WASI_MODULE;
    linker.func_wrap(module, "random_get", random_get)?;
    linker.func_wrap(module, "clock_time_get", clock_time_get)?;
    linker.func_wrap(module, "clock_res_get", |mut guest: Guest<'_>, clock: i32, out: i32| {
        if !(0..CLOCKS).contains(&clock) {
            return EINVAL;
        }
        store(&mut guest, out, &CLOCK_RESOLUTION_NS.to_le_bytes())
    })?;
    linker.func_wrap(module, "environ_sizes_get", |mut guest: Guest<'_>, count: i32, bytes: i32| {
        let strings = environment(&guest);
        sizes(&mut guest, &strings, count, bytes)
    })?;
    linker.func_wrap(module, "environ_get", |mut guest: Guest<'_>, pointers: i32, bytes: i32| {
        let strings = environment(&guest);
        put_strings(&mut guest, &strings, pointers, bytes)
    })?;
    linker.func_wrap(module, "args_sizes_get", |mut guest: Guest<'_>, count: i32, bytes: i32| {
        let strings = guest.data().arguments.clone();
        sizes(&mut guest, &strings, count, bytes)
    })?;
    linker.func_wrap(module, "args_get", |mut guest: Guest<'_>, pointers: i32, bytes: i32| {
        let strings = guest.data().arguments.clone();
        put_strings(&mut guest, &strings, pointers, bytes)
    })?;
    linker.func_wrap(module, "fd_write", fd_write)?;
    linker.func_wrap(module, "fd_read", |mut guest: Guest<'_>, fd: i32, _: i32, _: i32, out: i32| match fd {
        // Standard input is read with an operation; here it has ended.
        0 => store(&mut guest, out, &0u32.to_le_bytes()),
        _ => EBADF,
    })?;
    linker.func_wrap(module, "fd_close", |fd: i32| if (0..=2).contains(&fd) { SUCCESS } else { EBADF })?;
    linker.func_wrap(
        module,
        "fd_seek",
        |fd: i32, _: i64, _: i32, _: i32| {
            if (0..=2).contains(&fd) { ESPIPE } else { EBADF }
        },
    )?;
    linker.func_wrap(module, "fd_fdstat_get", |mut guest: Guest<'_>, fd: i32, out: i32| {
        if !(0..=2).contains(&fd) {
            return EBADF;
        }
        let mut stat = [0; FDSTAT_BYTES];
        stat[0] = CHARACTER_DEVICE;
        // Rights, in the second half: all of them.
        stat[8..].fill(0xff);
        store(&mut guest, out, &stat)
    })?;
    linker.func_wrap(module, "fd_prestat_get", |_: i32, _: i32| EBADF)?;
    linker.func_wrap(module, "sched_yield", || SUCCESS)?;
    linker.func_wrap(module, "proc_exit", |code: i32| -> wasmtime::Result<()> {
        Err(wasmtime::Error::new(Exit(code)))
    })?;
    Ok(())
}

/// Write `bytes` at `ptr`.
fn store(guest: &mut Guest<'_>, ptr: i32, bytes: &[u8]) -> i32 {
    let Some(memory) = guest.data().memory else { return EFAULT };
    memory.write(guest, ptr as u32 as usize, bytes).map_or(EFAULT, |()| SUCCESS)
}

fn random_get(mut guest: Guest<'_>, ptr: i32, len: i32) -> i32 {
    let len = len as u32 as usize;
    if len > RANDOM_MAX_BYTES {
        return EINVAL;
    }
    // Not into memory: the kernel cannot write to pages that are watched.
    let mut bytes = vec![0; len];
    match getrandom::fill(&mut bytes) {
        Ok(()) => store(&mut guest, ptr, &bytes),
        Err(_) => EIO,
    }
}

fn clock_time_get(mut guest: Guest<'_>, clock: i32, _precision: i64, out: i32) -> i32 {
    let now = match clock {
        CLOCK_REALTIME => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64),
        1..CLOCKS => guest.data().app.shared.monotonic_ns(std::time::Instant::now()),
        _ => return EINVAL,
    };
    store(&mut guest, out, &now.to_le_bytes())
}

fn environment(guest: &Guest<'_>) -> Vec<String> {
    guest.data().app.env.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

fn sizes(guest: &mut Guest<'_>, strings: &[String], count: i32, bytes: i32) -> i32 {
    let total: usize = strings.iter().map(|string| string.len() + 1).sum();
    match store(guest, count, &(strings.len() as u32).to_le_bytes()) {
        SUCCESS => store(guest, bytes, &(total as u32).to_le_bytes()),
        error => error,
    }
}

fn put_strings(guest: &mut Guest<'_>, strings: &[String], mut pointers: i32, mut bytes: i32) -> i32 {
    for string in strings {
        let terminated = [string.as_bytes(), b"\0"].concat();
        for error in [store(guest, pointers, &bytes.to_le_bytes()), store(guest, bytes, &terminated)] {
            if error != SUCCESS {
                return error;
            }
        }
        pointers = pointers.wrapping_add(4);
        bytes = bytes.wrapping_add(terminated.len() as i32);
    }
    SUCCESS
}

fn fd_write(mut guest: Guest<'_>, fd: i32, pieces: i32, count: i32, out: i32) -> i32 {
    if fd != 1 && fd != 2 {
        return EBADF;
    }
    let Some(memory) = guest.data().memory else { return EFAULT };
    let limit = guest.data().limits().log_bytes;
    let Some(text) = gather(memory.data(&guest), pieces as u32, count as u32, limit) else { return EFAULT };
    let state = guest.data_mut();
    match (&state.sink, fd) {
        (Sink::Stdout { .. }, _) => {
            let written = if fd == 1 { std::io::stdout().write_all(&text) } else { std::io::stderr().write_all(&text) };
            if written.is_err() {
                return EIO;
            }
        }
        (_, 1) => log(&text, Level::Info, state),
        _ => log(&text, Level::Error, state),
    }
    store(&mut guest, out, &(text.len() as u32).to_le_bytes())
}

/// The bytes of a scattered write, as many of them as a limit allows.
fn gather(memory: &[u8], pieces: u32, count: u32, max_bytes: usize) -> Option<Vec<u8>> {
    let word =
        |at: usize| -> Option<usize> { Some(u32::from_le_bytes(*memory.get(at..)?.first_chunk::<4>()?) as usize) };
    let mut text = Vec::new();
    for index in 0..count.min(PIECES_MAX) as usize {
        let entry = pieces as usize + 8 * index;
        let (start, len) = (word(entry)?, word(entry + 4)?);
        let piece = memory.get(start..start.checked_add(len)?)?;
        text.extend_from_slice(&piece[..len.min(max_bytes.saturating_sub(text.len()))]);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::gather;

    #[test]
    fn a_scattered_write_is_gathered_within_bounds() {
        let mut memory = vec![0; 64];
        memory[..8].copy_from_slice(&[32, 0, 0, 0, 2, 0, 0, 0]);
        memory[8..16].copy_from_slice(&[40, 0, 0, 0, 1, 0, 0, 0]);
        memory[32..34].copy_from_slice(b"ab");
        memory[40] = b'c';
        assert_eq!(gather(&memory, 0, 2, 10).as_deref(), Some(&b"abc"[..]));
        assert_eq!(gather(&memory, 0, 2, 1).as_deref(), Some(&b"a"[..]));
        memory[12..16].fill(0xff);
        assert_eq!(gather(&memory, 0, 2, 10), None);
        assert_eq!(gather(&memory, 60, 1, 10), None);
    }
}
