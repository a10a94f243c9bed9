//! The functions of WASI preview 1, in terms of a [`World`].

use crate::MODULE;
use crate::errno::{Errno, code};
use crate::memory::{gather, write};
use crate::world::{Clock, Stream, World};
use wasmtime::{Caller, ExternType, FuncType, Linker, Module, Result, Val};

/// Most bytes of entropy that are drawn at once; more would keep the host from its other work, and nobody needs more.
const RANDOM_MAX_BYTES: usize = 64 << 10;

/// File type of standard streams, character device:
/// <https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#filetype>
const FILETYPE_CHARACTER_DEVICE: u8 = 2;

/// Size of a `fdstat` in bytes.
const FDSTAT_BYTES: usize = 24;

/// Standard input, output and error.
const STREAMS: std::ops::RangeInclusive<i32> = 0..=2;

/// Define what `module` imports of WASI preview 1. What it imports and this crate has not answers with an error.
///
/// # Errors
/// The linker cannot take a function.
pub fn define<W: World>(linker: &mut Linker<W>, module: &Module) -> Result<()> {
    linker.allow_shadowing(true);
    refuse_everything(linker, module)?;
    define_values(linker)?;
    define_streams(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// What is not defined afterwards answers with an error, and is noted if it reaches outside.
fn refuse_everything<W: World>(linker: &mut Linker<W>, module: &Module) -> Result<()> {
    for import in module.imports().filter(|import| import.module() == MODULE) {
        let ExternType::Func(ty) = import.ty() else { continue };
        if !returns_errno(&ty) {
            continue;
        }
        let name = import.name().to_owned();
        linker.func_new(MODULE, import.name(), ty, move |mut guest, _, results| {
            if reaches_outside(&name) {
                guest.data_mut().refused(&name);
            }
            results[0] = Val::I32(errno_of(&name) as i32);
            Ok(())
        })?;
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
    if name.starts_with("fd_") { Errno::BadDescriptor } else { Errno::NotImplemented }
}

/// Functions that give a guest something of its world.
fn define_values<W: World>(linker: &mut Linker<W>) -> Result<()> {
    linker.func_wrap(MODULE, "random_get", random_get::<W>)?;
    linker.func_wrap(MODULE, "clock_time_get", |mut guest: Caller<'_, W>, id: i32, _precision: i64, out: i32| {
        let now = clock(id).map(|clock| guest.data_mut().clock_ns(clock));
        code(now.and_then(|now| write(&mut guest, out, &now.to_le_bytes())))
    })?;
    linker.func_wrap(MODULE, "clock_res_get", |mut guest: Caller<'_, W>, id: i32, out: i32| {
        code(clock(id).and_then(|_| write(&mut guest, out, &W::CLOCK_RESOLUTION_NS.to_le_bytes())))
    })?;
    linker.func_wrap(MODULE, "environ_sizes_get", |mut guest: Caller<'_, W>, count: i32, bytes: i32| {
        let strings = guest.data().environment();
        code(write_sizes(&mut guest, &strings, count, bytes))
    })?;
    linker.func_wrap(MODULE, "environ_get", |mut guest: Caller<'_, W>, pointers: i32, bytes: i32| {
        let strings = guest.data().environment();
        code(write_strings(&mut guest, &strings, pointers, bytes))
    })?;
    linker.func_wrap(MODULE, "args_sizes_get", |mut guest: Caller<'_, W>, count: i32, bytes: i32| {
        let strings = guest.data().arguments();
        code(write_sizes(&mut guest, &strings, count, bytes))
    })?;
    linker.func_wrap(MODULE, "args_get", |mut guest: Caller<'_, W>, pointers: i32, bytes: i32| {
        let strings = guest.data().arguments();
        code(write_strings(&mut guest, &strings, pointers, bytes))
    })?;
    linker.func_wrap(MODULE, "sched_yield", || 0)?;
    linker.func_wrap(MODULE, "proc_exit", |mut guest: Caller<'_, W>, status: i32| -> Result<()> {
        Err(guest.data_mut().exit(status))
    })?;
    Ok(())
}

/// Functions on descriptors, of which there are the standard streams.
fn define_streams<W: World>(linker: &mut Linker<W>) -> Result<()> {
    linker.func_wrap(MODULE, "fd_write", fd_write::<W>)?;
    linker.func_wrap(MODULE, "fd_read", |mut guest: Caller<'_, W>, fd: i32, _: i32, _: i32, out: i32| match fd {
        // Standard input has ended. An engine that reads it does so by other means.
        0 => code(write(&mut guest, out, &0u32.to_le_bytes())),
        _ => Errno::BadDescriptor as i32,
    })?;
    linker.func_wrap(MODULE, "fd_close", |fd: i32| code(stream(fd)))?;
    linker.func_wrap(MODULE, "fd_seek", |fd: i32, _: i64, _: i32, _: i32| {
        code(stream(fd).and(Err(Errno::NotSeekable)))
    })?;
    linker.func_wrap(MODULE, "fd_fdstat_get", |mut guest: Caller<'_, W>, fd: i32, out: i32| {
        // No flags and no rights: a stream with the right to seek is taken for a file, and buffered as one.
        let mut stat = [0; FDSTAT_BYTES];
        stat[0] = FILETYPE_CHARACTER_DEVICE;
        code(stream(fd).and_then(|()| write(&mut guest, out, &stat)))
    })?;
    Ok(())
}

fn clock(id: i32) -> Result<Clock, Errno> {
    match id {
        0 => Ok(Clock::Realtime),
        1..=3 => Ok(Clock::Monotonic),
        _ => Err(Errno::Invalid),
    }
}

/// Whether a descriptor is a standard stream.
fn stream(fd: i32) -> Result<(), Errno> {
    if STREAMS.contains(&fd) { Ok(()) } else { Err(Errno::BadDescriptor) }
}

fn random_get<W: World>(mut guest: Caller<'_, W>, pointer: i32, len: i32) -> i32 {
    let len = len.cast_unsigned() as usize;
    if len > RANDOM_MAX_BYTES {
        return Errno::Invalid as i32;
    }
    // Not into the guest's memory: a kernel cannot write to pages whose writes are noted.
    let mut bytes = vec![0; len];
    let drawn = guest.data_mut().entropy(&mut bytes);
    code(drawn.and_then(|()| write(&mut guest, pointer, &bytes)))
}

fn fd_write<W: World>(mut guest: Caller<'_, W>, fd: i32, buffers: i32, count: i32, out: i32) -> i32 {
    let stream = match fd {
        1 => Stream::Output,
        2 => Stream::Error,
        _ => return Errno::BadDescriptor as i32,
    };
    let written = gather(&mut guest, buffers, count).and_then(|bytes| {
        guest.data_mut().output(stream, &bytes)?;
        write(&mut guest, out, &(bytes.len() as u32).to_le_bytes())
    });
    code(written)
}

fn write_sizes<W: World>(guest: &mut Caller<'_, W>, strings: &[String], count: i32, bytes: i32) -> Result<(), Errno> {
    let total: usize = strings.iter().map(|string| string.len() + 1).sum();
    write(guest, count, &(strings.len() as u32).to_le_bytes())?;
    write(guest, bytes, &(total as u32).to_le_bytes())
}

/// Write strings, each ended by a 0, and pointers to them.
fn write_strings<W: World>(
    guest: &mut Caller<'_, W>,
    strings: &[String],
    mut pointers: i32,
    mut bytes: i32,
) -> Result<(), Errno> {
    for string in strings {
        let terminated = [string.as_bytes(), b"\0"].concat();
        write(guest, pointers, &bytes.to_le_bytes())?;
        write(guest, bytes, &terminated)?;
        pointers = pointers.wrapping_add(4);
        bytes = bytes.wrapping_add(terminated.len() as i32);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Engine, Store, TypedFunc};

    /// A world in which everything is known.
    #[derive(Default)]
    struct Known {
        written: Vec<(Stream, Vec<u8>)>,
        refused: Vec<String>,
    }

    impl World for Known {
        const CLOCK_RESOLUTION_NS: u64 = 7;

        fn clock_ns(&mut self, clock: Clock) -> u64 {
            if clock == Clock::Realtime { 1000 } else { 2000 }
        }

        fn entropy(&mut self, bytes: &mut [u8]) -> Result<(), Errno> {
            bytes.fill(9);
            Ok(())
        }

        fn environment(&self) -> Vec<String> {
            vec!["A=1".to_owned(), "B=".to_owned()]
        }

        fn arguments(&self) -> Vec<String> {
            vec!["program".to_owned()]
        }

        fn output(&mut self, stream: Stream, bytes: &[u8]) -> Result<(), Errno> {
            self.written.push((stream, bytes.to_vec()));
            Ok(())
        }

        fn exit(&mut self, code: i32) -> wasmtime::Error {
            wasmtime::Error::msg(format!("exit {code}"))
        }

        fn refused(&mut self, function: &str) {
            self.refused.push(function.to_owned());
        }
    }

    /// What a guest that makes these calls answers, one number a call; the memory after them; its world.
    fn run(imports: &str, calls: &[&str]) -> (Vec<i32>, Vec<u8>, Known) {
        let functions: String =
            (0..).zip(calls).map(|(index, call)| format!(r#"(func (export "{index}") (result i32) {call})"#)).collect();
        let wat = format!(
            r#"(module {imports} (memory (export "memory") 3) (data (i32.const 0) "\40\00\00\00\02\00\00\00")
              (data (i32.const 64) "hi") {functions})"#
        );
        let engine = Engine::default();
        let module = Module::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
        let mut linker = Linker::new(&engine);
        define(&mut linker, &module).unwrap();
        let mut store = Store::new(&engine, Known::default());
        let instance = linker.instantiate(&mut store, &module).unwrap();
        let answers = (0..calls.len()).map(|index| {
            let function: TypedFunc<(), i32> = instance.get_typed_func(&mut store, &index.to_string()).unwrap();
            function.call(&mut store, ()).unwrap()
        });
        let answers = answers.collect();
        let memory = instance.get_memory(&mut store, "memory").unwrap().data(&store).to_vec();
        (answers, memory, store.into_data())
    }

    /// An import of WASI with so many `i32` parameters.
    fn import(name: &str, parameters: &str) -> String {
        format!(r#"(import "{MODULE}" "{name}" (func ${name} (param {parameters}) (result i32)))"#)
    }

    fn number(memory: &[u8], at: usize) -> u32 {
        u32::from_le_bytes(*memory[at..].first_chunk().unwrap())
    }

    #[test]
    fn values_are_those_of_the_world() {
        let imports = [
            import("clock_time_get", "i32 i64 i32"),
            import("clock_res_get", "i32 i32"),
            import("random_get", "i32 i32"),
            import("environ_sizes_get", "i32 i32"),
            import("environ_get", "i32 i32"),
        ];
        let (answers, memory, _) = run(
            &imports.concat(),
            &[
                "(call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 1000))",
                "(call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 1008))",
                "(call $clock_time_get (i32.const 4) (i64.const 0) (i32.const 1008))",
                "(call $clock_res_get (i32.const 0) (i32.const 1016))",
                "(call $random_get (i32.const 1024) (i32.const 4))",
                "(call $random_get (i32.const 1024) (i32.const 65537))",
                "(call $random_get (i32.const -1) (i32.const 4))",
                "(call $environ_sizes_get (i32.const 1032) (i32.const 1036))",
                "(call $environ_get (i32.const 1040) (i32.const 1048))",
            ],
        );
        let (invalid, fault) = (Errno::Invalid as i32, Errno::Fault as i32);
        assert_eq!(answers, [0, 0, invalid, 0, 0, invalid, fault, 0, 0]);
        let numbers = [1000, 1008, 1016, 1024, 1028, 1032, 1036, 1040, 1044].map(|at| number(&memory, at));
        assert_eq!(numbers, [1000, 2000, 7, 0x0909_0909, 0, 2, 7, 1048, 1052]);
        assert_eq!(&memory[1048..1055], b"A=1\0B=\0");
    }

    #[test]
    fn standard_streams_are_all_that_is_open() {
        let imports = [
            import("fd_write", "i32 i32 i32 i32"),
            import("fd_read", "i32 i32 i32 i32"),
            import("fd_close", "i32"),
            import("fd_seek", "i32 i64 i32 i32"),
            import("fd_fdstat_get", "i32 i32"),
        ];
        let (answers, memory, world) = run(
            &imports.concat(),
            &[
                "(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 1000))",
                "(call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 1000))",
                "(call $fd_write (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 1000))",
                "(call $fd_write (i32.const 1) (i32.const -1) (i32.const 1) (i32.const 1000))",
                "(call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1004))",
                "(call $fd_read (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 1004))",
                "(call $fd_close (i32.const 2))",
                "(call $fd_close (i32.const 3))",
                "(call $fd_seek (i32.const 1) (i64.const 0) (i32.const 0) (i32.const 1004))",
                "(call $fd_fdstat_get (i32.const 1) (i32.const 1008))",
            ],
        );
        let (descriptor, fault) = (Errno::BadDescriptor as i32, Errno::Fault as i32);
        assert_eq!(answers, [0, 0, descriptor, fault, 0, descriptor, 0, descriptor, Errno::NotSeekable as i32, 0]);
        assert_eq!((number(&memory, 1000), number(&memory, 1008)), (2, 2));
        assert_eq!(world.written, [(Stream::Output, b"hi".to_vec()), (Stream::Error, b"hi".to_vec())]);
    }

    #[test]
    fn what_there_is_not_answers_with_an_error_and_what_reaches_outside_is_noted() {
        let imports = [import("path_unlink_file", "i32"), import("fd_sync", "i32"), import("poll_oneoff", "i32")];
        let (answers, _, world) = run(
            &imports.concat(),
            &[
                "(call $path_unlink_file (i32.const 3))",
                "(call $fd_sync (i32.const 1))",
                "(call $poll_oneoff (i32.const 0))",
            ],
        );
        let missing = Errno::NotImplemented as i32;
        assert_eq!(answers, [missing, Errno::BadDescriptor as i32, missing]);
        assert_eq!(world.refused, ["path_unlink_file"]);
    }
}
