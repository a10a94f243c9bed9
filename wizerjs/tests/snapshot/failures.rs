//! Modules that cannot be initialized, and those that are refused before anything runs: one clear error each.

use crate::harness::{assemble, initialize, initializer, print, refusal, refusal_with, rewritten};
use std::time::Duration;
use wizerjs::initialize::{Options, Wasi};
use wizerjs::snapshot::{Error, Rewrite, parse};

#[test]
fn imported_state_is_refused_up_front() {
    for (import, kind) in [
        (r#"(import "env" "it" (memory 1))"#, "memory"),
        (r#"(import "env" "it" (table 1 funcref))"#, "table"),
        (r#"(import "env" "it" (global i32))"#, "global"),
    ] {
        assert_eq!(
            refusal(&format!(r#"(module {import} (func (export "wizer-initialize")))"#)),
            format!("imports the {kind} `env`.`it`: a snapshot can only hold state that the module defines itself")
        );
    }
}

#[test]
fn shared_memory_is_refused() {
    assert_eq!(
        refusal(r#"(module (memory (export "m") 1 1 shared) (func (export "wizer-initialize")))"#),
        "memory 0 (exported as `m`) is shared: other threads could change it while it is captured"
    );
}

#[test]
fn components_are_refused() {
    assert_eq!(parse(b"\0asm\x0d\0\x01\0").expect_err("refused"), Error::Component);
    assert_eq!(Error::Component.to_string(), "is a component: only core modules can be snapshotted");
}

#[test]
fn invalid_modules_are_refused_with_the_place() {
    let wasm = wat::parse_str("(module (func (result i32)))").expect("valid text format");
    assert_eq!(
        parse(&wasm).expect_err("refused").to_string(),
        "is not a valid module: type mismatch: expected i32 but nothing on stack (at offset 0x18)"
    );
}

#[test]
fn a_called_import_that_nothing_provides() {
    let module = |import: &str| {
        format!(
            r#"(module (import "{import}" "f" (func $f))
              (func $helper (call $f)) (func $init (export "wizer-initialize") (call $helper)))"#
        )
    };
    assert_eq!(
        refusal(&module("env")),
        "called the import `env`.`f` during initialization, which nothing provides\n  at helper\n  at init"
    );
    assert_eq!(
        refusal(&module("wasi_snapshot_preview1")),
        "called the import `wasi_snapshot_preview1`.`f` during initialization, which nothing provides (--allow-wasi does)\
         \n  at helper\n  at init"
    );
}

#[test]
fn a_trap_with_names() {
    assert_eq!(
        refusal(
            r#"(module
              (func $deep unreachable) (func $middle (call $deep))
              (func (export "wizer-initialize") (call $middle)))"#
        ),
        "failed during initialization: wasm trap: wasm `unreachable` instruction executed\
         \n  at deep\n  at middle\n  at <function 2>"
    );
}

#[test]
fn exit_is_no_way_to_return() {
    let wat = r#"(module
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "wizer-initialize") (call $exit (i32.const 3))))"#;
    let options = Options { wasi: Some(Wasi::default()), ..Options::default() };
    assert_eq!(refusal_with(wat, &options), "exited with code 3 during initialization instead of returning");
}

#[test]
fn what_the_module_said_before_is_told() {
    let wat = r#"(module
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "\10\00\00\00\21\00\00\00") (data (i32.const 16) "error: no library\n\1b[31m(path)\n...")
      (func $init (export "wizer-initialize")
        (if (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)) (then (return)))
        unreachable))"#;
    let options = Options { wasi: Some(Wasi::default()), ..Options::default() };
    assert_eq!(
        refusal_with(wat, &options),
        "failed during initialization: wasm trap: wasm `unreachable` instruction executed\n  at init\
         \n  standard error of the module:\n  | error: no library\n  | \u{fffd}[31m(path)\n  | ..."
    );
}

#[test]
fn a_loop_ends_at_the_timeout() {
    let options = Options { timeout: Duration::from_millis(200), ..Options::default() };
    assert_eq!(
        refusal_with(r#"(module (func (export "wizer-initialize") (loop $l (br $l))))"#, &options),
        "was not initialized within 200ms of processor time: raise --init-timeout"
    );
    assert_eq!(
        refusal_with(r#"(module (func $f (loop $l (br $l))) (start $f) (func (export "wizer-initialize")))"#, &options),
        "was not initialized within 200ms of processor time: raise --init-timeout"
    );
}

#[test]
fn waiting_takes_no_time() {
    let wat = r#"(module (import "host" "wait" (func $wait)) (func (export "wizer-initialize")
      (local $left i32) (call $wait) (local.set $left (i32.const 1000))
      (loop $l (br_if $l (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))"#;
    let wasm = assemble(wat);
    let module = parse(&wasm).expect("a module");
    let options = Options { timeout: Duration::from_millis(200), ..Options::default() };
    let link = |linker: &mut wasmtime::Linker<_>| {
        linker.func_wrap("host", "wait", || std::thread::sleep(Duration::from_millis(500)))?;
        Ok(())
    };
    let run = initializer().run(&module, &options, (), link, |running| running.call("wizer-initialize", ()));
    assert!(run.is_ok(), "{:?}", run.err());
}

#[test]
fn growing_beyond_the_memory_limit_gives_minus_one() {
    let options = Options { max_memory_bytes: 1 << 20, ..Options::default() };
    let grows = r#"(module (memory 1) (memory 1) (global (export "grown") (mut i32) (i32.const 0))
      (func (export "wizer-initialize") (global.set 0 (memory.grow 1 (i32.const 15))) {then}))"#;
    let lives_on = assemble(&grows.replace("{then}", ""));
    let mut initialized = initialize(&lives_on, &options).expect("it lives on");
    let refused = initialized.run.refused_memory.map(|refused| refused.to_string());
    let message = "wanted 1114112 bytes of memory during initialization, of 1048576 allowed";
    assert_eq!(refused.as_deref(), Some(message));
    let output = rewritten(&lives_on, &mut initialized, &Rewrite::default()).expect("a snapshot");
    assert!(print(&output).contains("(mut i32) i32.const -1"), "{}", print(&output));
    assert_eq!(
        refusal_with(&grows.replace("{then}", "unreachable"), &options),
        format!(
            "failed during initialization: wasm trap: wasm `unreachable` instruction executed\n  at <function 0>\n  \
             {message}: raise --max-memory"
        )
    );
}

#[test]
fn starting_beyond_the_memory_limit() {
    let options = Options { max_memory_bytes: 1 << 20, ..Options::default() };
    assert_eq!(
        refusal_with(r#"(module (memory 17) (func (export "wizer-initialize")))"#, &options),
        "failed during initialization: memory minimum size of 17 pages exceeds memory limits\n  wanted 1114112 bytes of \
         memory during initialization, of 1048576 allowed: raise --max-memory"
    );
}

#[test]
fn a_missing_or_ill_typed_initialization_function() {
    assert_eq!(
        refusal("(module)"),
        "exports no function `wizer-initialize` or `wizer.initialize`: name one with --init-func"
    );
    assert_eq!(
        refusal(r#"(module (memory (export "wizer-initialize") 1))"#),
        "exports no function `wizer-initialize` or `wizer.initialize`: name one with --init-func"
    );
    assert_eq!(
        refusal(r#"(module (func (export "wizer-initialize") (param i32)))"#),
        "the initialization function `wizer-initialize` takes parameters or gives results: it must have type [] -> []"
    );
}

#[test]
fn recursion_without_end() {
    assert_eq!(
        refusal(r#"(module (func $f (export "wizer-initialize") (call $f)))"#).lines().next(),
        Some("failed during initialization: wasm trap: call stack exhausted")
    );
}
