//! Passive segments stay, dropped ones stay dropped, and nothing that is left over is carried along.

use crate::harness::{print, runs, snapshot};

const OUT_OF_BOUNDS: &str = "wasm trap: out of bounds memory access";
const TABLE_OUT_OF_BOUNDS: &str = "wasm trap: undefined element: out of bounds table access";

fn data_module(initialize: &str) -> String {
    format!(
        r#"(module
          (memory 1)
          (data $active (i32.const 0) "active") (data $passive "pqrstuv") (data $unused "unused")
          (func (export "wizer-initialize") {initialize})
          (func (export "init-passive") (memory.init $passive (i32.const 100) (i32.const 0) (i32.const 7)))
          (func (export "init-active") (memory.init $active (i32.const 0) (i32.const 0) (i32.const 1)))
          (func (export "init-nothing") (memory.init $active (i32.const 0) (i32.const 0) (i32.const 0)))
          (func (export "get") (result i32) (i32.load8_u (i32.const 100))))"#
    )
}

#[test]
fn memory_init_of_a_passive_segment_works_as_before() {
    runs(
        &data_module(""),
        &[("get", "0"), ("init-passive", ""), ("get", "112"), ("init-active", OUT_OF_BOUNDS), ("init-nothing", "")],
    );
}

#[test]
fn a_dropped_data_segment_is_empty() {
    let output = runs(&data_module("(data.drop $passive)"), &[("init-passive", OUT_OF_BOUNDS), ("get", "0")]);
    assert!(!output.windows(7).any(|bytes| bytes == b"pqrstuv"));
}

#[test]
fn a_drop_that_was_not_reached_is_no_drop() {
    runs(&data_module("(if (i32.const 0) (then (data.drop $passive)))"), &[("init-passive", ""), ("get", "112")]);
}

#[test]
fn segments_that_no_instruction_names_are_left_out() {
    let output = snapshot(&data_module(""));
    let text = print(&output);
    assert!(!text.contains("unused"), "{text}");
    assert!(text.contains(r#"(data $passive (;1;) "pqrstuv")"#), "{text}");
    assert!(text.contains(r#"(data (;2;) (i32.const 0) "active")"#), "{text}");
}

#[test]
fn the_data_count_is_right_and_goes_only_with_a_reason() {
    let count = |wasm: &[u8]| {
        wasmparser::Parser::new(0).parse_all(wasm).find_map(|payload| match payload.expect("valid") {
            wasmparser::Payload::DataCountSection { count, .. } => Some(count),
            _ => None,
        })
    };
    assert_eq!(count(&snapshot(&data_module(""))), Some(3));
    let without = r#"(module (memory 1) (data (i32.const 0) "a") (func (export "wizer-initialize")))"#;
    assert_eq!(count(&snapshot(without)), None);
}

fn element_module(initialize: &str) -> String {
    format!(
        r#"(module
          (table $t 2 funcref) (elem $active (table $t) (i32.const 0) func $f) (elem $passive func $f)
          (func $f)
          (func (export "wizer-initialize") {initialize})
          (func (export "init-passive") (table.init $t $passive (i32.const 1) (i32.const 0) (i32.const 1)))
          (func (export "init-active") (table.init $t $active (i32.const 0) (i32.const 0) (i32.const 1)))
          (func (export "call") (call_indirect $t (i32.const 1))))"#
    )
}

#[test]
fn a_dropped_element_segment_is_empty() {
    runs(
        &element_module(""),
        &[
            ("call", "wasm trap: uninitialized element"),
            ("init-passive", ""),
            ("call", ""),
            ("init-active", TABLE_OUT_OF_BOUNDS),
        ],
    );
    runs(&element_module("(elem.drop $passive)"), &[("init-passive", TABLE_OUT_OF_BOUNDS)]);
}

#[test]
fn a_module_without_data_gets_its_segments_before_the_names() {
    let output = snapshot(
        r#"(module $named (memory 1)
          (func $init (export "wizer-initialize") (i32.store (i32.const 0) (i32.const 1))))"#,
    );
    let ids: Vec<u8> = wasmparser::Parser::new(0)
        .parse_all(&output)
        .filter_map(|payload| payload.expect("valid").as_section().map(|(id, _)| id))
        .collect();
    assert_eq!(ids, [1, 3, 5, 7, 10, 11, 0]);
}
