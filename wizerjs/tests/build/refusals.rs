//! What engines may not do while they load an application, and what the build says then.

use crate::engines::Mock;
use anyhow::Result;
use std::time::Duration;
use wizerjs::application::BuildError;

fn failure(behaviour: char) -> Result<String> {
    Mock::new(behaviour)?.failure()
}

#[test]
fn an_endless_loop_is_stopped_at_the_limit() -> Result<()> {
    let mock = Mock::new('l')?;
    let mut options = mock.options();
    options.init_timeout = Duration::from_millis(50);
    let error = wizerjs::build(&options).err();
    assert!(matches!(error, Some(BuildError::Timeout { .. })), "{error:?}");
    assert_eq!(
        error.map(|error| error.to_string()).unwrap_or_default(),
        "app.js: the top level was still running after 0.05 s of processor time; look for an endless loop, or raise --init-timeout"
    );
    Ok(())
}

#[test]
fn what_reaches_outside_is_named() -> Result<()> {
    assert_eq!(
        failure('f')?,
        "app.js: fetch: GET http://x/ cannot be done while the application is loaded; move it into the handler"
    );
    assert_eq!(
        failure('o')?,
        "app.js: path_open cannot be done while the application is loaded; move it into the handler"
    );
    Ok(())
}

#[test]
fn a_reported_error_has_its_place_and_line() -> Result<()> {
    assert_eq!(failure('e')?, "app.js:1:5: Error: no\n  1 | $$$e;\n    |     ^");
    Ok(())
}

#[test]
fn a_crash_of_the_engine_is_told_from_a_failure_of_the_application() -> Result<()> {
    assert_eq!(
        failure('t')?,
        "the engine crashed while loading the application: wasm trap: wasm `unreachable` instruction executed"
    );
    assert_eq!(failure('x')?, "the engine crashed while loading the application: exit with code 3");
    assert_eq!(failure('n')?, "app.js: the engine could not load it and gave no reason");
    assert_eq!(failure('z')?, "the engine answered with a code that has no meaning");
    assert_eq!(
        failure('b')?,
        "the engine crashed while loading the application: the engine's report: malformed message: stack"
    );
    assert_eq!(
        failure('m')?,
        "the engine crashed while loading the application: the engine reported something outside of its memory"
    );
    assert_eq!(failure('s')?, "the engine did not put its stack pointer back: it gave up in the middle of a call");
    Ok(())
}

#[test]
fn sources_that_do_not_fit_are_refused() -> Result<()> {
    let mock = Mock::new('k')?;
    std::fs::write(mock.path("app.js"), format!("$$$k(\"{}\")", " ".repeat(70_000)))?;
    assert_eq!(mock.failure()?, "app.js: the sources do not fit into the engine's memory");
    Ok(())
}

#[test]
fn growing_beyond_the_limit_fails_in_the_engine() -> Result<()> {
    let mock = Mock::new('g')?;
    let mut options = mock.options();
    options.memory_max_bytes = 2 << 16;
    let error = wizerjs::build(&options).err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error, "the engine crashed while loading the application: wasm trap: out of bounds memory access");
    Ok(())
}

#[test]
fn an_engine_with_state_that_cannot_be_read_is_refused() -> Result<()> {
    let mock = include_str!("mock.wat");
    for (what, with, message) in [
        (
            "(export \"loads\") ",
            "",
            "its code changes global 1 (no exported number), which a snapshot of its memory would lose",
        ),
        (
            "(func $one (result i32)",
            "(func $one (result i32) (table.set (i32.const 0) (ref.null func))",
            "its code changes table 0",
        ),
        ("(func $one (result i32)", "(func $one (result i32) (data.drop 0)", "whether data segment 0 is there"),
        ("(data (i32.const 1024)", "(data $passive", "passive data segments"),
        ("(table 1 funcref)", "(table 1 funcref) (start $start) (func $start)", "its start function"),
        ("(export \"handle_request\")", "", "it exports no function handle_request"),
        ("(export \"memory\")", "", "it exports no memory"),
        ("wizerjs-host-v2", "wizerjs-host-v9", "it speaks the interface wizerjs-host-v9"),
        ("\"wizerjs-host-v2\" \"log\"", "\"env\" \"log\"", "it imports env.log"),
    ] {
        let changed = mock.replace(what, with);
        assert_ne!(changed, mock, "{what}");
        let error = Mock::with_engine(&changed, 'k')?.failure()?;
        assert!(error.contains(message), "{what}: {error}");
    }
    Ok(())
}
