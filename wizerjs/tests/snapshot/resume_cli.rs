//! `wizerjs snapshot --at`: programs of WASI preview 1, from the command line to what their snapshots do.

use crate::cli::Folder;
use wasmtime::{Linker, Module, Store};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{I32Exit, WasiCtxBuilder};

/// Writes its second argument, then copies lines of standard input until there are no more, and exits with their number.
const ECHO: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func $copy (result i32) (local $reads i32)
    (loop $more
      (i32.store (i32.const 0) (i32.const 1024)) (i32.store (i32.const 4) (i32.const 4))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.load (i32.const 8))
        (then
          (i32.store (i32.const 4) (i32.load (i32.const 8)))
          (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
          (local.set $reads (i32.add (local.get $reads) (i32.const 1)))
          (br $more))))
    (local.get $reads))
  (func (export "_start")
    (drop (call $sizes (i32.const 16) (i32.const 20)))
    (drop (call $args (i32.const 32) (i32.const 64)))
    (drop (call $yield))
    (i32.store (i32.const 0) (i32.load (i32.const 36))) (i32.store (i32.const 4) (i32.const 3))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
    (call $exit (call $copy))))"#;

/// What a program writes to standard output and what it exits with, given this input and no arguments.
fn run(wasm: &[u8], input: &str) -> (String, i32) {
    let engine = crate::harness::engine();
    let output = MemoryOutputPipe::new(1 << 16);
    let wasi = WasiCtxBuilder::new().stdin(MemoryInputPipe::new(input.to_string())).stdout(output.clone()).build_p1();
    let mut store = Store::new(engine, wasi);
    let mut linker = Linker::new(engine);
    p1::add_to_linker_sync(&mut linker, |wasi: &mut WasiP1Ctx| wasi).expect("linked");
    let module = Module::new(engine, wasm).expect("valid");
    let instance = linker.instantiate(&mut store, &module).expect("instantiated");
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").expect("a command");
    let code = match start.call(&mut store, ()) {
        Ok(()) => 0,
        Err(error) => error.downcast_ref::<I32Exit>().expect("it exits").0,
    };
    (String::from_utf8_lossy(&output.contents()).into_owned(), code)
}

#[test]
fn a_program_goes_on_at_its_first_read() {
    let folder = Folder::new();
    folder.put("echo.wat", ECHO.as_bytes());
    folder.ok(&[
        "snapshot",
        "echo.wat",
        "--at",
        "fd_read:0",
        "-o",
        "out.wasm",
        "--report",
        "report.json",
        "--",
        "one",
        "two",
    ]);
    assert_eq!(
        run(&folder.get("out.wasm"), "0123456789"),
        ("0123456789".to_string(), 3),
        "what was written is written"
    );
    assert_eq!(run(&folder.get("out.wasm"), ""), (String::new(), 0));
    let report: serde_json::Value = serde_json::from_slice(&folder.get("report.json")).expect("JSON");
    assert_eq!(
        report["initialization"]["stopped_at"],
        serde_json::json!({ "call": "fd_read:0", "functions": [6, 7], "locals": 1, "operands": 4 })
    );
    folder.ok(&["snapshot", "echo.wat", "--at", "wasi:sched_yield", "-o", "early.wasm", "--", "one", "two"]);
    assert_eq!(run(&folder.get("early.wasm"), "01"), ("one01".to_string(), 1), "arguments are in the snapshot");
    folder.ok(&[
        "snapshot",
        "echo.wat",
        "--at",
        "wasi_snapshot_preview1.fd_read:1",
        "-o",
        "other.wasm",
        "--",
        "one",
        "two",
    ]);
    assert_eq!(
        folder.get("out.wasm").len() + 23,
        folder.get("other.wasm").len(),
        "the same but for the name of the call"
    );
    folder.ok(&["snapshot", "out.wasm", "--at", "fd_read:0", "-o", "again.wasm"]);
    assert_eq!(run(&folder.get("again.wasm"), "0123456789"), ("0123456789".to_string(), 3), "a snapshot of a snapshot");
}

#[test]
fn calls_that_do_not_come_say_what_came() {
    let folder = Folder::new();
    folder.put("echo.wat", ECHO.as_bytes());
    folder.put("loop.wat", ECHO.replace("(drop (call $yield))", "(loop $l (drop (call $yield)) (br $l))").as_bytes());
    let fails = |args: &[&str]| folder.fails(&[&["snapshot", "-o", "out.wasm"], args].concat());
    let called = "but `wasi_snapshot_preview1.args_sizes_get` (1), `wasi_snapshot_preview1.args_get` (1), \
                  `wasi_snapshot_preview1.fd_read` (1), `wasi_snapshot_preview1.fd_write` (1), \
                  `wasi_snapshot_preview1.sched_yield` (1) and `wasi_snapshot_preview1.proc_exit` (1)";
    assert_eq!(
        fails(&["echo.wat", "--at", "fd_read:7", "--", "one"]),
        (
            Some(1),
            format!(
                "error: echo.wat: did not make the call `fd_read:7`, {called}, and exited with code 0: name one of those, or \
                 another COUNT\n"
            )
        )
    );
    let (code, message) = fails(&["loop.wat", "--at", "fd_read:0", "--init-timeout", "100ms"]);
    assert_eq!(code, Some(1));
    let expected =
        "error: loop.wat: did not make the call `fd_read:0`, but `wasi_snapshot_preview1.args_sizes_get` (1), ";
    assert!(message.starts_with(expected), "{message}");
    assert!(
        message.ends_with("was not initialized within 100ms of processor time: raise --init-timeout\n"),
        "{message}"
    );
    assert!(!folder.path().join("out.wasm").exists());
    assert_eq!(
        fails(&["in.wat", "--at", "fd_read:0"]).1,
        "error: in.wat: exports no function `_start`: name one with --init-func\n"
    );
    assert_eq!(fails(&["echo.wat", "--", "argument"]).0, Some(2), "arguments are for programs");
}

#[test]
fn frames_of_other_modules_are_refused() {
    let folder = Folder::new();
    folder.put(
        "in.wat",
        br#"(module (import "env" "stop" (func $stop)) (import "app" "call" (func $call (param funcref)))
          (table (export "t") 1 funcref)
          (func $back (call $stop)) (elem declare func $back)
          (func (export "_start") (call $call (ref.func $back))))"#,
    );
    folder.put(
        "app.wat",
        br#"(module $app (type $f (func)) (table 1 funcref)
          (func (export "call") (param funcref) (table.set (i32.const 0) (local.get 0)) (call_indirect (i32.const 0))))"#,
    );
    assert_eq!(
        folder.fails(&["snapshot", "in.wat", "--at", "env.stop", "--preload", "app=app.wat"]),
        (
            Some(1),
            "error: in.wat: a function of the module `app` is on the call stack: only those of the module itself can be \
             captured\n"
                .to_string()
        )
    );
}

#[test]
fn a_file_that_is_open_at_the_call_is_refused_and_a_closed_one_is_not() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("data")).expect("made");
    folder.put("data/file", b"contents of the file");
    let program = |close: &str| {
        format!(
            r#"(module
          (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "file")
          (func $check (param i32) (if (local.get 0) (then (unreachable))))
          (func (export "_start")
            (block $caught (try_table (catch_all $caught)
            (call $check (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0)
              (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
            {close}
            (drop (call $read (i32.const 0) (i32.const 16) (i32.const 0) (i32.const 36)))))))"#
        )
    };
    folder.put("open.wat", program("").as_bytes());
    folder.put("closed.wat", program("(call $check (call $close (i32.load (i32.const 32))))").as_bytes());
    let (code, message) = folder.fails(&["snapshot", "open.wat", "--at", "fd_read:0", "--dir", "data"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        message,
        "error: open.wat: has `file` open at `fd_read:0`, as descriptor 4: close it first, or stop at another call\n"
    );
    folder.ok(&["snapshot", "closed.wat", "--at", "fd_read:0", "--dir", "data", "-o", "out.wasm"]);
}
