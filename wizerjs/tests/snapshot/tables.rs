//! Every table that was written to is captured, which no other tool does.

use crate::harness::{print, refusal, refusal_with, runs, snapshot};
use wizerjs::initialize::{Options, Preload};

/// Functions that give their number, a table, and an exported `call` of each of its entries.
fn module(table: &str, initialize: &str) -> String {
    format!(
        r#"(module
          (type $fn (func (result i32)))
          {table}
          (elem $passive func $one $two $three)
          (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
          (func $three (result i32) (i32.const 3))
          (func (export "wizer-initialize") {initialize})
          (func (export "size") (result i32) (table.size $t))
          (func (export "0") (result i32) (call_indirect $t (type $fn) (i32.const 0)))
          (func (export "1") (result i32) (call_indirect $t (type $fn) (i32.const 1)))
          (func (export "2") (result i32) (call_indirect $t (type $fn) (i32.const 2)))
          (func (export "3") (result i32) (call_indirect $t (type $fn) (i32.const 3))))"#
    )
}

const TABLE: &str = "(table $t 3 9 funcref) (elem (table $t) (i32.const 0) func $one $two)";
const NULL: &str = "wasm trap: uninitialized element";
const OUTSIDE: &str = "wasm trap: undefined element: out of bounds table access";

#[test]
fn table_set() {
    runs(
        &module(TABLE, "(table.set $t (i32.const 2) (ref.func $three)) (table.set $t (i32.const 0) (ref.null func))"),
        &[("size", "3"), ("0", NULL), ("1", "2"), ("2", "3"), ("3", OUTSIDE)],
    );
}

#[test]
fn table_grow() {
    let output = runs(
        &module(TABLE, "(drop (table.grow $t (ref.func $three) (i32.const 1)))"),
        &[("size", "4"), ("0", "1"), ("1", "2"), ("2", NULL), ("3", "3")],
    );
    assert!(print(&output).contains("(table $t (;0;) 4 9 funcref)"), "{}", print(&output));
}

#[test]
fn table_fill() {
    runs(
        &module(TABLE, "(table.fill $t (i32.const 1) (ref.func $three) (i32.const 2))"),
        &[("0", "1"), ("1", "3"), ("2", "3")],
    );
}

#[test]
fn table_copy() {
    runs(
        &module(TABLE, "(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 2))"),
        &[("0", "1"), ("1", "1"), ("2", "2")],
    );
}

#[test]
fn table_init() {
    runs(
        &module(TABLE, "(table.init $t $passive (i32.const 0) (i32.const 1) (i32.const 2))"),
        &[("0", "2"), ("1", "3"), ("2", NULL)],
    );
}

#[test]
fn several_tables_of_which_one_was_written_to() {
    let output = runs(
        r#"(module
          (type $fn (func (result i32)))
          (table $a 2 funcref) (table $b 2 funcref) (table $c i64 2 funcref)
          (elem (table $a) (i32.const 0) func $one) (elem (table $b) (i32.const 0) func $one)
          (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
          (elem declare func $two)
          (func (export "wizer-initialize")
            (table.set $b (i32.const 1) (ref.func $two)) (table.set $c (i64.const 1) (ref.func $two)))
          (func (export "a") (result i32) (call_indirect $a (type $fn) (i32.const 0)))
          (func (export "b0") (result i32) (call_indirect $b (type $fn) (i32.const 0)))
          (func (export "b1") (result i32) (call_indirect $b (type $fn) (i32.const 1)))
          (func (export "c1") (result i32) (call_indirect $c (type $fn) (i64.const 1))))"#,
        &[("a", "1"), ("b0", "1"), ("b1", "2"), ("c1", "2")],
    );
    assert!(print(&output).contains("(elem (;0;) (table $a) (i32.const 0) func $one)"), "{}", print(&output));
}

#[test]
fn tables_of_typed_references_that_cannot_be_null() {
    runs(
        r#"(module
          (type $fn (func (result i32)))
          (table $t 1 4 (ref $fn) (ref.func $one))
          (table $n 2 (ref null $fn))
          (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
          (elem declare func $two)
          (func (export "wizer-initialize")
            (drop (table.grow $t (ref.func $two) (i32.const 1)))
            (table.set $n (i32.const 1) (ref.func $two)))
          (func (export "0") (result i32) (call_ref $fn (table.get $t (i32.const 0))))
          (func (export "1") (result i32) (call_ref $fn (table.get $t (i32.const 1))))
          (func (export "n0") (result i32) (ref.is_null (table.get $n (i32.const 0))))
          (func (export "n1") (result i32) (call_ref $fn (table.get $n (i32.const 1)))))"#,
        &[("0", "1"), ("1", "2"), ("n0", "1"), ("n1", "2")],
    );
}

#[test]
fn an_imported_function_in_a_table() {
    let output = snapshot(
        r#"(module
          (import "env" "one" (func $one)) (import "env" "two" (func $two))
          (table $t 2 funcref)
          (elem declare func $one $two)
          (func (export "wizer-initialize") (table.set $t (i32.const 1) (ref.func $two))))"#,
    );
    assert!(print(&output).contains("(elem (;1;) (i32.const 1) func $two)"), "{}", print(&output));
}

#[test]
fn a_function_that_only_the_removed_export_declared_stays_declared() {
    runs(
        r#"(module
          (table $t 1 funcref)
          (func $init (export "wizer-initialize"))
          (func (export "get") (result i32) (ref.is_null (ref.func $init))))"#,
        &[("get", "0")],
    );
}

#[test]
fn null_and_unboxed_integers_in_tables_of_other_references() {
    runs(
        r#"(module
          (table $x 2 externref) (table $a 2 anyref)
          (func (export "wizer-initialize")
            (drop (table.grow $x (ref.null extern) (i32.const 1)))
            (table.set $a (i32.const 1) (ref.i31 (i32.const 5))))
          (func (export "x") (result i32) (table.size $x))
          (func (export "a") (result i32) (i31.get_u (ref.cast i31ref (table.get $a (i32.const 1))))))"#,
        &[("x", "3"), ("a", "5")],
    );
}

#[test]
fn non_null_externref_is_refused_while_it_is_there() {
    let module = |at_the_end: &str| {
        format!(
            r#"(module
              (table $x (export "held") 4 externref)
              (func (export "wizer-initialize")
                (table.set $x (i32.const 2) (extern.convert_any (ref.i31 (i32.const 1))))
                {at_the_end}))"#
        )
    };
    assert_eq!(
        refusal(&module("")),
        "entry 2 of table 0 (exported as `held`) holds a non-null externref at the snapshot point: \
         clear it before initialization ends"
    );
    snapshot(&module("(table.set $x (i32.const 2) (ref.null extern))"));
}

#[test]
fn functions_of_other_modules_are_refused() {
    let preload = wat::parse_str(
        r#"(module (func $own) (func (export "own") (result funcref) (ref.func $own)) (elem declare func $own))"#,
    );
    let preload = Preload { name: "other".to_string(), bytes: preload.expect("valid text format") };
    let wat = r#"(module
      (import "other" "own" (func $own (result funcref)))
      (table $t 1 funcref)
      (func (export "wizer-initialize") (table.set $t (i32.const 0) (call $own))))"#;
    assert_eq!(
        refusal_with(wat, &Options { preload: vec![preload], ..Options::default() }),
        "entry 0 of table 0 holds a function of another module at the snapshot point: clear it first"
    );
}
