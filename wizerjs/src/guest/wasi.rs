//! A narrow WASI preview 1 for the time an application is loaded: a clock that stands still, entropy from a fixed seed,
//! output to the console; no environment, no arguments, no files, no network. The same on every machine.

use super::host::Host;
use super::memory::{self, Errno};
use engine_abi::Level;
use wasmtime::{Caller, ExternType, FuncType, Linker, Module, Result, Val};

/// Module name of WASI preview 1.
pub(super) const MODULE: &str = "wasi_snapshot_preview1";

/// Seed of the entropy that an application finds while it is loaded. At run time there is real entropy instead.
pub(super) const ENTROPY_CONTEXT: &str = "wizerjs 1 entropy while an application is loaded";

/// Resolution of the clocks, in nanoseconds: the least that can be said of a clock that stands still.
const CLOCK_RESOLUTION_NS: u64 = 1;

/// File type of standard streams: character device.
/// <https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#filetype>
const FILETYPE_CHARACTER_DEVICE: u8 = 2;

/// Size of a `fdstat` in bytes.
const FDSTAT_BYTES: usize = 24;

/// The process was ended by its own wish.
#[derive(Debug)]
struct Exit(i32);

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit with code {}", self.0)
    }
}

impl std::error::Error for Exit {}

type Guest<'a> = Caller<'a, Host>;

/// Define what `module` imports from WASI.
pub(super) fn define(linker: &mut Linker<Host>, module: &Module) -> Result<()> {
    refuse_everything(linker, module)?;
    linker.allow_shadowing(true);
    linker.func_wrap(MODULE, "args_sizes_get", none)?;
    linker.func_wrap(MODULE, "args_get", |_: i32, _: i32| 0)?;
    linker.func_wrap(MODULE, "environ_sizes_get", none)?;
    linker.func_wrap(MODULE, "environ_get", |_: i32, _: i32| 0)?;
    linker.func_wrap(MODULE, "clock_res_get", |mut guest: Guest<'_>, _: i32, result: i32| {
        memory::answer(&mut guest, result, &CLOCK_RESOLUTION_NS.to_le_bytes())
    })?;
    linker.func_wrap(MODULE, "clock_time_get", |mut guest: Guest<'_>, clock: i32, _: i64, result: i32| {
        let now = guest.data_mut().clock_ns(clock);
        memory::answer(&mut guest, result, &now.to_le_bytes())
    })?;
    linker.func_wrap(MODULE, "random_get", random)?;
    linker.func_wrap(MODULE, "fd_write", write)?;
    linker.func_wrap(MODULE, "fd_read", read)?;
    linker.func_wrap(MODULE, "fd_fdstat_get", fdstat)?;
    linker.func_wrap(MODULE, "sched_yield", || 0)?;
    linker.func_wrap(MODULE, "proc_exit", |code: i32| -> Result<()> { Err(Exit(code).into()) })?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What is not defined afterwards answers with an error, and is remembered if it reaches outside.
fn refuse_everything(linker: &mut Linker<Host>, module: &Module) -> Result<()> {
    for import in module.imports().filter(|import| import.module() == MODULE) {
        let ExternType::Func(ty) = import.ty() else { continue };
        if returns_errno(&ty) {
            let name = import.name().to_owned();
            linker.func_new(MODULE, import.name(), ty, move |mut guest, _, results| {
                if reaches_outside(&name) {
                    guest.data_mut().refused(&name);
                }
                results[0] = Val::I32(errno_of(&name) as i32);
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// Whether a function opens a file or a connection. The others, without anything open, have nothing to work on.
fn reaches_outside(name: &str) -> bool {
    name.starts_with("path_") || name.starts_with("sock_")
}

fn returns_errno(ty: &FuncType) -> bool {
    ty.results().len() == 1 && ty.results().all(|result| result.is_i32())
}

fn errno_of(name: &str) -> Errno {
    if name.starts_with("fd_") { Errno::BadDescriptor } else { Errno::NotSupported }
}

/// Sizes of an empty list.
fn none(mut guest: Guest<'_>, count: i32, bytes: i32) -> i32 {
    match memory::answer(&mut guest, count, &[0; 4]) {
        0 => memory::answer(&mut guest, bytes, &[0; 4]),
        errno => errno,
    }
}

fn random(mut guest: Guest<'_>, buffer: i32, len: i32) -> i32 {
    memory::fill(&mut guest, buffer, len, |host, bytes| host.entropy(bytes))
}

/// Standard input is empty, nothing else is open.
fn read(mut guest: Guest<'_>, descriptor: i32, _: i32, _: i32, result: i32) -> i32 {
    if descriptor == 0 {
        return memory::answer(&mut guest, result, &[0; 4]);
    }
    Errno::BadDescriptor as i32
}

/// Standard output and standard error go to the console.
fn write(mut guest: Guest<'_>, descriptor: i32, iovs: i32, count: i32, result: i32) -> i32 {
    let level = match descriptor {
        1 => Level::Info,
        2 => Level::Error,
        _ => return Errno::BadDescriptor as i32,
    };
    let Some(text) = memory::gather(&mut guest, iovs, count) else { return Errno::Fault as i32 };
    // Bounded by the guest's memory, whose addresses have 32 bits.
    let written = text.len() as u32;
    guest.data_mut().write(level, &text);
    memory::answer(&mut guest, result, &written.to_le_bytes())
}

fn fdstat(mut guest: Guest<'_>, descriptor: i32, result: i32) -> i32 {
    if !(0..=2).contains(&descriptor) {
        return Errno::BadDescriptor as i32;
    }
    let mut stat = [0; FDSTAT_BYTES];
    stat[0] = FILETYPE_CHARACTER_DEVICE;
    memory::answer(&mut guest, result, &stat)
}
