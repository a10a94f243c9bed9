//! Every memory is captured, whatever it looks like.

use crate::harness::{assemble, initialize, print, rewritten, runs, snapshot};
use wizerjs::initialize::Options;
use wizerjs::snapshot::{MAX_DATA_SEGMENTS, Rewrite};

#[test]
fn several_memories() {
    runs(
        r#"(module
          (memory $a 1) (memory $b 1) (memory $c 1)
          (func (export "wizer-initialize")
            (i32.store $a (i32.const 8) (i32.const 1))
            (i32.store $c (i32.const 8) (i32.const 3)))
          (func (export "a") (result i32) (i32.load $a (i32.const 8)))
          (func (export "b") (result i32) (i32.load $b (i32.const 8)))
          (func (export "c") (result i32) (i32.load $c (i32.const 8))))"#,
        &[("a", "1"), ("b", "0"), ("c", "3")],
    );
}

#[test]
fn sixty_four_bit_memory() {
    runs(
        r#"(module
          (memory i64 1)
          (func (export "wizer-initialize") (i32.store (i64.const 65532) (i32.const -2)))
          (func (export "get") (result i32) (i32.load (i64.const 65532))))"#,
        &[("get", "-2")],
    );
}

#[test]
fn custom_page_size() {
    runs(
        r#"(module
          (memory 10 20 (pagesize 1))
          (func (export "wizer-initialize")
            (drop (memory.grow (i32.const 3)))
            (i32.store8 (i32.const 12) (i32.const 7)))
          (func (export "size") (result i32) (memory.size))
          (func (export "get") (result i32) (i32.load8_u (i32.const 12))))"#,
        &[("size", "13"), ("get", "7")],
    );
}

#[test]
fn growth_and_the_last_byte() {
    let output = runs(
        r#"(module
          (memory 1 9)
          (func (export "wizer-initialize")
            (drop (memory.grow (i32.const 2)))
            (i32.store8 (i32.const 196607) (i32.const 9)))
          (func (export "size") (result i32) (memory.size))
          (func (export "last") (result i32) (i32.load8_u (i32.const 196607)))
          (func (export "beyond") (result i32) (i32.load8_u (i32.const 196608)))
          (func (export "grow") (result i32) (memory.grow (i32.const 7))))"#,
        &[("size", "3"), ("last", "9"), ("beyond", "wasm trap: out of bounds memory access"), ("grow", "-1")],
    );
    assert!(print(&output).contains("(memory (;0;) 3 9)"));
}

#[test]
fn data_that_initialization_cleared_is_gone() {
    let output = runs(
        r#"(module
          (memory 1)
          (data (i32.const 100) "secret")
          (func (export "wizer-initialize") (memory.fill (i32.const 100) (i32.const 0) (i32.const 6)))
          (func (export "get") (result i32) (i32.load (i32.const 100))))"#,
        &[("get", "0")],
    );
    assert!(!output.windows(6).any(|bytes| bytes == b"secret"));
}

#[test]
fn holes_are_not_written() {
    let output = snapshot(
        r#"(module
          (memory 1)
          (func (export "wizer-initialize")
            (i32.store (i32.const 1000) (i32.const 0x01020304))
            ;; Four zero bytes cost less than another segment would.
            (i32.store (i32.const 1008) (i32.const 0x05060708))
            (i32.store (i32.const 40000) (i32.const 0x090a0b0c))))"#,
    );
    let text = print(&output);
    assert!(text.contains(r#"(data (;0;) (i32.const 1000) "\04\03\02\01\00\00\00\00\08\07\06\05")"#), "{text}");
    assert!(text.contains(r#"(data (;1;) (i32.const 40000) "\0c\0b\0a\09")"#), "{text}");
}

/// 16 bytes apart, so that no two are merged for size.
const SPARSE: &str = r#"(module
  (memory 40)
  (func (export "wizer-initialize") (local $at i32)
    (loop $next
      (i32.store8 (local.get $at) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      ;; One gap in a hundred is wider: those are kept.
      (if (i32.eqz (i32.rem_u (local.get $at) (i32.const 1600)))
        (then (local.set $at (i32.add (local.get $at) (i32.const 16)))))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 2621440)))))
  (func (export "sum") (result i32) (local $at i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 2621440))))
    (local.get $sum)))"#;

#[test]
fn there_are_never_more_than_ten_thousand_segments() {
    let output = runs(SPARSE, &[("sum", "162202")]);
    let mut segments = 0;
    for payload in wasmparser::Parser::new(0).parse_all(&output) {
        if let wasmparser::Payload::DataSection(data) = payload.expect("valid") {
            segments = data.count() as usize;
        }
    }
    assert_eq!(segments, MAX_DATA_SEGMENTS);
}

#[test]
fn the_same_bytes_with_any_number_of_threads() {
    let wasm = assemble(SPARSE);
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| {
            let mut initialized = initialize(&wasm, &Options::default()).expect("initialized");
            rewritten(&wasm, &mut initialized, &Rewrite::default()).expect("rewritten")
        })
    };
    let one = with_threads(1);
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(7));
}
