//! What the example says when it is called wrongly. (That it answers requests is a test of the whole workspace.)

use std::process::Command;

#[test]
fn it_says_what_it_wants_and_what_is_wrong() {
    let embed = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_embed"))
            .args(args)
            .env_remove("RUST_BACKTRACE")
            .env_remove("RUST_LIB_BACKTRACE")
            .output()
            .expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(embed(&[]), (Some(1), "Error: usage: embed ARTIFACT [PATH]\n".to_owned()));
    let (code, error) = embed(&["no-such-file.wasm"]);
    assert_eq!((code, error.lines().next()), (Some(1), Some("Error: no-such-file.wasm")));
    assert!(error.contains("no such file"), "{error}");
}
