//! Programs that cannot be stopped at the call, or whose frames cannot be captured: one clear error each.

use crate::harness::assemble;
use crate::resume_law::{HOST, snapshot_at};
use wizerjs::snapshot::MAX_FRAMES;

/// Why `main` of a module cannot be snapshotted at a call.
#[track_caller]
fn refusal(call: &str, fields: &str) -> String {
    match snapshot_at(&assemble(&format!("(module {HOST} {fields})")), "main", call) {
        Ok(_) => panic!("was snapshotted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_call_that_is_never_made() {
    assert_eq!(
        refusal(
            "host.i32",
            r#"(func (export "main") (call $nothing) (call $nothing) (drop (call $i64 (f64.const 1))))"#
        ),
        "did not make the call `host.i32`, but `host.nothing` (2) and `host.i64` (1), and returned: name one of those, or \
         another COUNT"
    );
    assert_eq!(
        refusal("host.i32:2", r#"(func (export "main") (drop (call $i32 (i32.const 1))) unreachable)"#),
        "did not make the call `host.i32:2`, but `host.i32` (1): failed during initialization: wasm trap: wasm \
         `unreachable` instruction executed\n  at <function 6>"
    );
    assert_eq!(
        refusal("host.i32", r#"(func (export "main"))"#),
        "did not make the call `host.i32`, and no other by name, and returned: name another call"
    );
}

#[test]
fn a_call_of_nothing_that_is_imported() {
    assert_eq!(
        refusal("host.i33", r#"(func (export "main"))"#),
        "imports no function for `host.i33`: name MODULE.NAME[:COUNT], wasi:NAME[:COUNT] or fd_NAME:FD; it imports \
         `host.nothing`, `host.i32`, `host.two`, `host.v128`, `host.i64`, `host.function`"
    );
    for call in ["host.i32:0", "host.i32:x", "host.i32:-1", "host.i32:99999999999999999999"] {
        assert_eq!(
            refusal(call, r#"(func (export "main"))"#),
            format!("there is no call `{call}`: a COUNT is a number from 1 on, and an FD is a number")
        );
    }
}

#[test]
fn references_to_anything_but_functions_by_name() {
    for (make, local, kind) in [
        ("(struct.new $o)", "(ref null $o)", "anyref"),
        ("(struct.new $o)", "(ref $o)", "reference"),
        ("(extern.convert_any (struct.new $o))", "externref", "externref"),
    ] {
        let fields = format!(
            r#"(type $o (struct))
              (func (export "main") (local $n i32) (local $x {local})
                (local.set $x {make}) (call $nothing) (drop (local.get $x)))"#
        );
        assert_eq!(
            refusal("host.nothing", &fields),
            format!(
                "local 1 of function 6 (exported as `main`) holds a non-null {kind} at the snapshot point: clear it before \
                 initialization ends"
            )
        );
    }
    let fields = r#"(type $o (struct)) (func (export "main") (i32.const 3) (struct.new $o) (call $nothing) drop drop)"#;
    assert_eq!(
        refusal("host.nothing", fields),
        "operand 1 of function 6 (exported as `main`) holds a non-null anyref at the snapshot point: clear it before \
         initialization ends"
    );
}

#[test]
fn a_stack_of_a_hundred_thousand_frames() {
    let fields = r#"
      (func $down (param $n i32)
        (if (local.get $n) (then (call $down (i32.sub (local.get $n) (i32.const 1)))) (else (call $nothing)))
        (call $nothing))
      (func (export "main") (call $down (i32.const 100000)))"#;
    assert_eq!(
        refusal("host.nothing", fields),
        format!("more than {MAX_FRAMES} functions are on the call stack: stop at a call that is made less deep")
    );
}

#[test]
fn a_stack_without_end() {
    let fields = r#"(func $down (param $n i64) (call $down (local.get $n)) (call $nothing))
      (func (export "main") (call $down (i64.const 1)))"#;
    let refusal = refusal("host.nothing", fields);
    assert!(refusal.starts_with("did not make the call `host.nothing`, and no other by name: failed"), "{refusal}");
    assert!(refusal.contains("call stack exhausted"), "{refusal}");
}
