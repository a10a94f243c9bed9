//! Every mutable global is captured, of every type that a constant can have.

use crate::harness::{print, refusal, runs, snapshot};

#[test]
fn numbers_and_vectors() {
    runs(
        r#"(module
          (global $i (mut i32) (i32.const 1)) (global $l (mut i64) (i64.const 1))
          (global $f (mut f32) (f32.const 1)) (global $d (mut f64) (f64.const 1))
          (global $v (mut v128) (v128.const i64x2 0 0))
          (func (export "wizer-initialize")
            (global.set $i (i32.const -2147483648)) (global.set $l (i64.const 9223372036854775807))
            (global.set $f (f32.const 1.5)) (global.set $d (f64.const -2.25))
            (global.set $v (v128.const i64x2 0x0123456789abcdef 0x1122334455667788)))
          (func (export "i") (result i32) (global.get $i)) (func (export "l") (result i64) (global.get $l))
          (func (export "f") (result f32) (global.get $f)) (func (export "d") (result f64) (global.get $d))
          (func (export "v") (result v128) (global.get $v)))"#,
        &[
            ("i", "-2147483648"),
            ("l", "9223372036854775807"),
            ("f", "1.5"),
            ("d", "-2.25"),
            ("v", "0x11223344556677880123456789abcdef"),
        ],
    );
}

#[test]
fn function_references() {
    runs(
        r#"(module
          (type $fn (func (result i32)))
          (global $f (mut funcref) (ref.func $one))
          (global $typed (mut (ref null $fn)) (ref.null $fn))
          (global $some (mut (ref $fn)) (ref.func $one))
          (table $t 3 funcref)
          (elem declare func $one $two)
          (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
          (func (export "wizer-initialize")
            (global.set $f (ref.func $two))
            (global.set $typed (ref.func $two))
            (global.set $some (ref.func $two)))
          (func (export "f") (result i32)
            (table.set $t (i32.const 0) (global.get $f))
            (call_indirect $t (result i32) (i32.const 0)))
          (func (export "typed") (result i32) (call_ref $fn (global.get $typed)))
          (func (export "some") (result i32) (call_ref $fn (global.get $some))))"#,
        &[("f", "2"), ("typed", "2"), ("some", "2")],
    );
}

#[test]
fn a_reference_that_became_null() {
    runs(
        r#"(module
          (global $f (mut funcref) (ref.func $one)) (global $x (mut externref) (ref.null extern))
          (func $one)
          (func (export "wizer-initialize") (global.set $f (ref.null func)) (global.set $x (ref.null extern)))
          (func (export "f") (result i32) (ref.is_null (global.get $f)))
          (func (export "x") (result i32) (ref.is_null (global.get $x))))"#,
        &[("f", "1"), ("x", "1")],
    );
}

#[test]
fn unboxed_integers() {
    runs(
        r#"(module
          (global $a (mut anyref) (ref.null any)) (global $i (mut (ref i31)) (ref.i31 (i32.const 1)))
          (func (export "wizer-initialize")
            (global.set $a (ref.i31 (i32.const -1))) (global.set $i (ref.i31 (i32.const 77))))
          (func (export "a") (result i32) (i31.get_s (ref.cast i31ref (global.get $a))))
          (func (export "i") (result i32) (i31.get_u (global.get $i))))"#,
        &[("a", "-1"), ("i", "77")],
    );
}

#[test]
fn globals_that_did_not_change_are_left_alone() {
    let output = snapshot(
        r#"(module
          (global $base i32 (i32.const 40))
          (global (export "sum") (mut i32) (i32.add (global.get $base) (i32.const 2)))
          (func (export "wizer-initialize")))"#,
    );
    assert!(print(&output).contains("global.get $base"), "{}", print(&output));
}

#[test]
fn non_null_externref_is_refused_while_it_is_there() {
    let module = |at_the_end: &str| {
        format!(
            r#"(module
              (global $x (export "held") (mut externref) (ref.null extern))
              (func (export "wizer-initialize")
                (global.set $x (extern.convert_any (ref.i31 (i32.const 1))))
                {at_the_end}))"#
        )
    };
    assert_eq!(
        refusal(&module("")),
        "global 0 (exported as `held`) holds a non-null externref at the snapshot point: \
         clear it before initialization ends"
    );
    snapshot(&module("(global.set $x (ref.null extern))"));
}

#[test]
fn gc_objects_are_refused_while_they_are_there() {
    let module = |at_the_end: &str| {
        format!(
            r#"(module
              (type $s (struct (field (mut i32))))
              (global $x (mut (ref null $s)) (ref.null $s))
              (func (export "wizer-initialize") (global.set $x (struct.new $s (i32.const 1))) {at_the_end}))"#
        )
    };
    assert_eq!(
        refusal(&module("")),
        "global 0 holds a non-null anyref at the snapshot point: clear it before initialization ends"
    );
    snapshot(&module("(global.set $x (ref.null $s))"));
}

#[test]
fn objects_of_initializers_are_made_again_unless_they_were_changed() {
    let module = |set: &str| {
        format!(
            r#"(module
              (type $s (struct (field (mut i32))))
              (global $x (ref $s) (struct.new $s (i32.const 5)))
              (func (export "wizer-initialize") {set})
              (func (export "get") (result i32) (struct.get $s 0 (global.get $x)))
              (func (export "set") (struct.set $s 0 (global.get $x) (i32.const 1))))"#
        )
    };
    runs(&module(""), &[("get", "5"), ("set", ""), ("get", "1")]);
    assert_eq!(
        refusal(&module("(struct.set $s 0 (global.get $x) (i32.const 6))")),
        "global 0 holds GC objects and initialization ran `struct.set`: changed objects cannot be captured"
    );
}
