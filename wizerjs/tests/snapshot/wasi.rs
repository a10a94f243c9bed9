//! What a module can see of the world: what was granted, and otherwise always the same.

use crate::harness::{assemble, initialize};
use wizerjs::initialize::{Options, Reads, Wasi};
use wizerjs::snapshot::parse;

const WAT: &str = r#"(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $unused (result i32)))
  (memory (export "memory") 1)
  (func (export "wizer-initialize")
    (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 0)))
    (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 8)))
    (drop (call $random (i32.const 16) (i32.const 8)))
    (drop (call $random (i32.const 24) (i32.const 8)))
    (drop (call $environ (i32.const 32) (i32.const 36)))))"#;

#[test]
fn clocks_and_entropy_are_fixed_counted_and_never_the_machines() {
    let wasm = assemble(WAT);
    let env = vec![("NAME".to_string(), "value".to_string())];
    let options = Options { wasi: Some(Wasi { env, ..Wasi::default() }), ..Options::default() };
    let module = parse(&wasm).expect("valid");
    let [mut first, mut second] = [(); 2].map(|()| initialize(&wasm, &options).expect("initialized"));
    assert_eq!(first.run.reads, Reads { wall_clock: 1, monotonic_clock: 1, random_bytes: 16 });
    let snapshot = first.stopped.capture(&module).expect("captured");
    assert_eq!(snapshot, second.stopped.capture(&module).expect("captured"));
    let mut memory = vec![0; 64];
    snapshot.memories[0].copy_to(&mut memory);
    let word = |at: usize| u64::from_le_bytes(memory[at..at + 8].try_into().expect("eight bytes"));
    assert_eq!(word(0), 946_684_800_000_000_000, "the wall clock stands at 2000-01-01");
    assert_ne!(word(16), word(24), "entropy goes on");
    assert_eq!(word(32), 1 | (11 << 32), "one variable of eleven bytes");
    let calls: Vec<(&str, u64)> = snapshot.import_calls.iter().map(|call| (call.name.as_str(), call.count)).collect();
    assert_eq!(calls, [("clock_time_get", 2), ("random_get", 2), ("environ_sizes_get", 1)]);
}

#[test]
fn nothing_is_granted_by_default() {
    let wasm = assemble(WAT);
    let options = Options { wasi: Some(Wasi::default()), ..Options::default() };
    let mut initialized = initialize(&wasm, &options).expect("initialized");
    let snapshot = initialized.stopped.capture(&parse(&wasm).expect("valid")).expect("captured");
    let mut memory = vec![0; 64];
    snapshot.memories[0].copy_to(&mut memory);
    assert_eq!(memory[32..40], [0; 8], "this process's environment is not there");
}
