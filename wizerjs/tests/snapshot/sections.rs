//! Sections: rewritten only where something in them changed, and still right.

use crate::harness::{assemble, print, rewritten, runs, snapshot, snapshot_with};
use wizerjs::initialize::Options;
use wizerjs::snapshot::Rewrite;

fn custom_sections(wasm: &[u8]) -> Vec<(String, Vec<u8>)> {
    wasmparser::Parser::new(0)
        .parse_all(wasm)
        .filter_map(|payload| match payload.expect("valid") {
            wasmparser::Payload::CustomSection(custom) => Some((custom.name().to_string(), custom.data().to_vec())),
            _ => None,
        })
        .collect()
}

#[test]
fn a_module_that_nothing_changed_stays_the_same_byte_for_byte() {
    let wasm = assemble(
        r#"(module
          (import "env" "f" (func $f (param i32)))
          (table 3 funcref) (memory 1 2) (global $g (mut i32) (i32.const 1))
          (elem (i32.const 0) func $f $init)
          (func $init (export "wizer-initialize"))
          (@custom "something" (after code) "else")
          (@producers (language "wat" "1")))"#,
    );
    assert_eq!(snapshot_with(&wasm, &Options::default(), Rewrite::default()).expect("snapshotted"), wasm);
}

#[test]
fn the_start_function_runs_once_and_is_gone() {
    let output = runs(
        r#"(module
          (global $n (mut i32) (i32.const 0))
          (func $more (global.set $n (i32.add (global.get $n) (i32.const 1))))
          (start $more)
          (func (export "wizer-initialize") (call $more))
          (func (export "n") (result i32) (global.get $n)))"#,
        &[("n", "2")],
    );
    assert!(!print(&output).contains("(start"));
}

#[test]
fn constructors_run_once_before_initialization_and_are_gone() {
    let output = runs(
        r#"(module
          (global $n (mut i32) (i32.const 0))
          (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 1))))
          (func (export "wizer.initialize") (global.set $n (i32.mul (global.get $n) (i32.const 10))))
          (func (export "n") (result i32) (global.get $n)))"#,
        &[("n", "10")],
    );
    assert!(!print(&output).contains("_initialize"));
}

#[test]
fn names_stay_and_those_of_segments_that_are_gone_go() {
    let output = snapshot(
        r#"(module $named
          (memory $heap 1) (global $counter (mut i32) (i32.const 0))
          (data $.rodata (i32.const 0) "abc")
          (func $work (export "wizer-initialize") (local $x i32) (global.set $counter (i32.const 1))))"#,
    );
    let text = print(&output);
    for name in ["$named", "$heap", "$counter", "$work", "$x"] {
        assert!(text.contains(name), "{name} is lost: {text}");
    }
    assert!(!text.contains("$.rodata"), "{text}");
}

#[test]
fn other_custom_sections_stay_where_they_were() {
    let wasm = assemble(
        r#"(module
          (@custom "first" (before first) "1")
          (memory 1)
          (func (export "wizer-initialize") (i32.store (i32.const 0) (i32.const 1)))
          (@custom "middle" (after code) "2")
          (@producers (language "wat" "1") (processed-by "by hand" "2"))
          (@custom "target_features" (after last) "\00"))"#,
    );
    let output = snapshot_with(&wasm, &Options::default(), Rewrite::default()).expect("snapshotted");
    assert_eq!(custom_sections(&output), custom_sections(&wasm));
}

#[test]
fn debug_information_can_be_left_out() {
    let wasm = assemble(
        r#"(module $named
          (func (export "wizer-initialize"))
          (@custom ".debug_info" (after last) "1") (@custom ".debug_line" (after last) "2")
          (@custom "sourceMappingURL" (after last) "3") (@custom "other" (after last) "4"))"#,
    );
    let rewriting = Rewrite { strip_debug: true, ..Rewrite::default() };
    let output = snapshot_with(&wasm, &Options::default(), rewriting).expect("snapshotted");
    let names: Vec<String> = custom_sections(&output).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["other", "name"]);
}

#[test]
fn an_export_takes_the_place_of_another() {
    let wasm = assemble(
        r#"(module
          (func (export "_start") (unreachable)) (func (export "main"))
          (func (export "wizer-initialize")))"#,
    );
    let rename = |pairs: &[(&str, &str)]| Rewrite {
        rename_exports: pairs.iter().map(|(new, old)| (new.to_string(), old.to_string())).collect(),
        ..Rewrite::default()
    };
    let output = snapshot_with(&wasm, &Options::default(), rename(&[("_start", "main")])).expect("snapshotted");
    assert!(print(&output).contains(r#"(export "_start" (func 1))"#));
    assert!(!print(&output).contains(r#""main""#));
    let swapped = rename(&[("_start", "main"), ("main", "_start")]);
    let output = snapshot_with(&wasm, &Options::default(), swapped).expect("snapshotted");
    assert!(
        print(&output).contains("(export \"main\" (func 0))\n  (export \"_start\" (func 1))"),
        "{}",
        print(&output)
    );
    let refused = |pairs: &[(&str, &str)]| {
        snapshot_with(&wasm, &Options::default(), rename(pairs)).expect_err("refused").to_string()
    };
    assert_eq!(refused(&[("a", "missing")]), "has no export `missing` to rename to `a`");
    assert_eq!(refused(&[("a", "main"), ("a", "_start")]), "two exports are to be renamed to `a`");
    assert_eq!(refused(&[("a", "main"), ("b", "main")]), "export `main` is to be renamed twice");
}

#[test]
fn a_snapshot_can_be_snapshotted_again() {
    let once = snapshot(
        r#"(module
          (memory 1) (table $t 2 funcref) (data $d "abc") (global $n (mut i32) (i32.const 0))
          (func $f)
          (func (export "wizer-initialize")
            (global.set $n (i32.const 1)) (data.drop $d) (table.set $t (i32.const 0) (ref.func $f))
            (i32.store (i32.const 100) (i32.const 1)))
          (elem declare func $f)
          (func (export "again")
            (global.set $n (i32.add (global.get $n) (i32.const 1)))
            (table.set $t (i32.const 1) (ref.func $f))
            (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (i32.const 1)))))"#,
    );
    let rename =
        Rewrite { rename_exports: vec![("wizer-initialize".to_string(), "again".to_string())], ..Rewrite::default() };
    let module = wizerjs::snapshot::parse(&once).expect("valid");
    let mut initialized = crate::harness::initializer()
        .run(&module, &Options::default(), (), |_| Ok(()), |running| running.call::<(), ()>("again", ()))
        .expect("initialized");
    let twice = rewritten(&once, &mut initialized, &rename).expect("rewritten");
    let text = print(&twice);
    assert!(text.contains("(mut i32) i32.const 2"), "{text}");
    assert!(text.contains(r#"(i32.const 100) "\02""#), "{text}");
    assert!(text.contains("(i32.const 0) func $f $f"), "{text}");
}
