//! Programs that are stopped at calls, and resumed: one for each way in which a frame can stand.

use crate::harness::assemble;
use crate::resume_law::{HOST, Outcome, check};

/// Hold a program to the law: its `main`, which can be stopped in `stops` of the places that are tried.
#[track_caller]
fn holds(stops: usize, fields: &str) {
    let wasm = assemble(&format!("(module {HOST} {fields})"));
    assert_eq!(check(&wasm, "main"), Outcome::Same(stops));
}

#[test]
fn one_frame_and_what_comes_after_its_call() {
    holds(
        2,
        r#"(global $g (export "g") (mut i32) (i32.const 1))
          (func (export "main")
            (call $nothing)
            (global.set $g (i32.add (global.get $g) (i32.const 5)))
            (call $nothing)
            (global.set $g (i32.mul (global.get $g) (i32.const 3))))"#,
    );
}

#[test]
fn operands_below_a_call_and_its_arguments() {
    holds(
        4,
        r#"(global $a (export "a") (mut i32) (i32.const 0)) (global $b (export "b") (mut f64) (f64.const 0))
          (func (export "main") (local $x i64) (local $y f32)
            (local.set $x (i64.const -9)) (local.set $y (f32.const nan:0x200001))
            i32.const 1000
            i64.const 5
            f64.const 2.5
            (call $two (local.get $x) (local.get $y))
            (call $i32 (i32.const 77))
            i32.add
            global.set $a
            f64.add
            global.set $b
            (call $i64 (global.get $b))
            i64.add
            i32.wrap_i64
            i32.sub
            call $i32
            global.set $a)"#,
    );
}

#[test]
fn every_frame_of_a_stack_with_results_of_several_values() {
    holds(
        2,
        r#"(global $a (export "a") (mut i64) (i64.const 0))
          (func $inner (param $x i32) (param $y i64) (result i64 i32 f32)
            (local.set $y (i64.add (local.get $y) (i64.const 1)))
            (local.get $y) (call $i32 (local.get $x)) (f32.const 1.5))
          (func $middle (param $x f64) (result i64 i32)
            (i64.const 40)
            (call $inner (i32.trunc_f64_s (local.get $x)) (i64.const 100))
            i32.trunc_f32_s i32.add i64.extend_i32_s i64.add i64.add
            (call $i32 (i32.const 3)))
          (func (export "main")
            (call $middle (f64.const 12.0)) i64.extend_i32_u i64.xor global.set $a)"#,
    );
}

#[test]
fn loops_in_loops_run_on_from_the_middle() {
    holds(
        7,
        r#"(global $sum (export "sum") (mut i32) (i32.const 0))
          (func (export "main") (local $i i32) (local $j i32)
            (loop $outer
              (local.set $j (i32.const 0))
              (global.set $sum (i32.add (global.get $sum) (i32.const 1000)))
              (loop $inner
                (global.set $sum (i32.add (global.get $sum) (i32.mul (local.get $i) (local.get $j))))
                (block $out
                  (br_if $out (i32.and (call $i32 (global.get $sum)) (i32.const 1)))
                  (call $nothing))
                (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 4))))
              (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5)))))"#,
    );
}

#[test]
fn loops_with_parameters_and_results() {
    holds(
        3,
        r#"(global $g (export "g") (mut i64) (i64.const 0))
          (func (export "main") (local $n i32)
            (i32.const 7) (i64.const 1)
            (loop $again (param i32 i64) (result i64 i32)
              global.get $g
              i64.add
              global.set $g
              i64.extend_i32_u
              global.set $g
              (if (result i64 i32) (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 9))
                (then (call $i32 (local.get $n)) (i64.const 3) (br $again))
                (else (i64.const 5) (i32.const 6))))
            i64.extend_i32_u i64.add global.set $g)"#,
    );
}

#[test]
fn both_parts_of_an_if_and_a_table_of_branches_out_of_the_frame() {
    holds(
        4,
        r#"(global $g (export "g") (mut i32) (i32.const 0))
          (func $pick (param $n i32) (result i32)
            (block $d (block $c (block $b (block $a
              (i32.const 6)
              (if (result i32) (i32.and (local.get $n) (i32.const 1))
                (then (call $i32 (local.get $n)))
                (else (loop $l (result i32) (call $i32 (i32.const 50)) (br_if $l (i32.eqz (local.get $n))))))
              i32.const 4
              i32.rem_u
              br_table $a $b $c $d)
              (return (i32.const 10)))
              (return (i32.const 20)))
              (return (i32.const 30)))
            (i32.const 40))
          (func (export "main") (local $n i32)
            (loop $next
              (local.set $n (i32.add (local.get $n) (i32.const 1)))
              (global.set $g (i32.add (i32.mul (global.get $g) (i32.const 7)) (call $pick (local.get $n))))
              (br_if $next (i32.lt_u (local.get $n) (i32.const 40)))))"#,
    );
}

#[test]
fn parameters_of_an_if_are_there_once() {
    holds(
        3,
        r#"(global $g (export "g") (mut i32) (i32.const 0))
          (func $three (param i32 i32) (result i32) (call $nothing) (i32.sub (local.get 0) (local.get 1)))
          (func (export "main")
            i32.const 100 i32.const 20 i32.const 3
            (i32.const 1)
            (if (param i32 i32) (result i32)
              (then
                i32.const 7
                (call $i32 (i32.const 5))
                call $three
                (i32.const 0)
                (if (param i32) (result i32) (then (i32.const 1) i32.add) (else (call $three (i32.const 2))))
                i32.sub i32.mul)
              (else i32.add))
            i32.add
            global.set $g)"#,
    );
}

#[test]
fn handlers_on_the_way_catch_what_is_thrown_later() {
    holds(
        5,
        r#"(tag $t (param i32)) (tag $u)
          (global $g (export "g") (mut i32) (i32.const 0))
          (func $thrower (param $n i32)
            (call $nothing)
            (if (i32.gt_u (local.get $n) (i32.const 2)) (then (throw $t (local.get $n))))
            (if (i32.eqz (local.get $n)) (then (throw $u))))
          (func $catcher (param $n i32) (result i32)
            (block $all
              (i32.const 100)
              (block $one (result i32)
                (i32.const 50)
                (try_table (result i32) (catch $t $one) (catch_all $all)
                  (call $thrower (local.get $n))
                  (call $i32 (local.get $n)))
                i32.sub)
              i32.add
              return)
            (i32.const 3))
          (func (export "main") (local $n i32)
            (loop $next
              (global.set $g (i32.add (i32.mul (global.get $g) (i32.const 5)) (call $catcher (local.get $n))))
              (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 5)))))"#,
    );
}

#[test]
fn calls_that_touch_are_told_apart_with_and_without_handlers() {
    holds(
        5,
        r#"(tag $t) (global $g (export "g") (mut i32) (i32.const 0))
          (func $a (global.set $g (i32.add (global.get $g) (i32.const 1))) (call $nothing))
          (func $b (global.set $g (i32.mul (global.get $g) (i32.const 3))) (call $nothing) (throw $t))
          (func $c (result i32) (call $i32 (i32.const 4)))
          (func $twice
            (block $caught
              (try_table (catch_all $caught) (call $a) (call $a) (call $b) (call $a)))
            (call $a) (call $a)
            (try_table (call $a) (call $a))
            (call $c) (call $c) i32.add
            global.set $g)
          (func (export "main") (call $twice))"#,
    );
}

#[test]
fn tail_calls_leave_no_frame_and_can_be_the_call() {
    holds(
        4,
        r#"(type $s (func (param i32) (result i32)))
          (table 2 funcref) (elem (i32.const 0) $last $odd)
          (global $g (export "g") (mut i32) (i32.const 0))
          (func $last (param i32) (result i32) (return_call $i32 (i32.add (local.get 0) (i32.const 1))))
          (func $odd (param i32) (result i32) (return_call_indirect (type $s) (local.get 0) (i32.const 0)))
          (func $first (param i32) (result i32)
            (call $nothing)
            (return_call_indirect (type $s) (local.get 0) (i32.and (local.get 0) (i32.const 1))))
          (func (export "main") (local $n i32)
            (loop $next
              (global.set $g (i32.add (global.get $g) (call $first (local.get $n))))
              (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 4)))))"#,
    );
}

#[test]
fn calls_through_tables_and_references() {
    holds(
        2,
        r#"(type $s (func (param i32) (result i32)))
          (table 1 funcref) (elem (i32.const 0) $called)
          (global $g (export "g") (mut i32) (i32.const 0))
          (func $called (param i32) (result i32) (i32.add (i32.const 1) (call $i32 (local.get 0))))
          (elem declare func $called)
          (func (export "main") (local $f (ref null $s))
            (local.set $f (ref.func $called))
            (i32.const 5)
            (call_indirect (type $s) (i32.const 10) (i32.const 0))
            (call_ref $s (i32.const 20) (local.get $f))
            (call $i32 (i32.const 1))
            i32.add i32.add i32.sub global.set $g)"#,
    );
}

#[test]
fn vectors_and_references_to_functions_in_locals_and_operands() {
    holds(
        4,
        r#"(type $s (func (result i32)))
          (memory (export "m") 1)
          (global $g (export "g") (mut i32) (i32.const 0))
          (func $five (export "five") (result i32) (i32.const 5))
          (func $six (export "six") (result i32) (i32.const 6))
          (func (export "main")
              (local $v v128) (local $f funcref) (local $t (ref $s)) (local $unset (ref $s)) (local $e externref)
            (local.set $v (v128.const i32x4 1 -2 3 0x7fc00001))
            (local.set $f (ref.func $five))
            (local.set $t (ref.func $six))
            (local.get $v)
            (ref.func $five)
            (ref.null $s)
            (call $function (local.get $f))
            (call $function (ref.null func))
            ref.is_null
            drop
            call $function
            (call $v128 (local.get $v))
            i32x4.add
            local.set $v
            (v128.store (i32.const 16) (local.get $v))
            (v128.store (i32.const 32) (call $v128 (v128.load (i32.const 16))))
            (drop (ref.is_null (local.get $e)))
            (local.set $unset (local.get $t))
            (global.set $g (call_ref $s (local.get $unset))))"#,
    );
}

#[test]
fn recursion_has_a_frame_for_each_call() {
    holds(
        4,
        r#"(global $g (export "g") (mut i32) (i32.const 0))
          (func $down (param $n i32) (result i32)
            (if (result i32) (local.get $n)
              (then (i32.add (local.get $n) (call $down (i32.sub (local.get $n) (i32.const 1)))))
              (else (call $i32 (i32.const 1)))))
          (func (export "main") (local $n i32)
            (loop $next
              (global.set $g (i32.add (global.get $g) (call $down (local.get $n))))
              (br_if $next (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 30)))))"#,
    );
}

#[test]
fn branches_on_null_and_on_casts_find_their_blocks() {
    holds(
        2,
        r#"(type $s (func (result i32)))
          (global $g (export "g") (mut i32) (i32.const 0))
          (func $six (export "six") (result i32) (i32.const 6))
          (func $try (param $f (ref null $s)) (param $a anyref)
            (loop $l
              (block $none
                (block $is (result (ref i31))
                  (block $null
                    (call $nothing)
                    (br_on_null $null (local.get $f))
                    call_ref $s
                    (i32.add (global.get $g))
                    global.set $g
                    (br_on_cast $is anyref (ref i31) (local.get $a))
                    drop
                    (br $none))
                  (local.set $f (ref.func $six))
                  (br $l))
                i31.get_s
                (i32.add (global.get $g))
                global.set $g
                (local.set $a (ref.null any))
                (br $l))
              (global.set $g (i32.add (global.get $g) (i32.const 1000)))))
          (func (export "main") (call $try (ref.null $s) (ref.i31 (i32.const -5))))"#,
    );
}

#[test]
fn the_start_function_is_stopped_too_and_what_was_to_come_comes() {
    let wasm = assemble(&format!(
        r#"(module {HOST}
          (global $g (export "g") (mut i32) (i32.const 0))
          (func $start (call $nothing) (global.set $g (i32.const 4)))
          (start $start)
          (func (export "main") (global.set $g (i32.mul (global.get $g) (call $i32 (i32.const 2)))) (call $nothing)))"#
    ));
    assert_eq!(check(&wasm, "main"), Outcome::Same(3));
}
