//! The command line: what goes in, what comes out, and with which exit code.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const WAT: &str = r#"(module
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
  (import "other" "five" (func $five (result i32)))
  (memory (export "memory") 1)
  (global $n (mut i32) (i32.const 0))
  (func (export "wizer-initialize") (global.set $n (i32.const 1)))
  (func (export "env")
    (drop (call $sizes (i32.const 0) (i32.const 4))) (drop (call $environ (i32.const 8) (i32.const 64))))
  (func (export "five") (global.set $n (call $five))))"#;

/// A folder with modules in it, in which the program is run.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        folder.put("in.wat", WAT.as_bytes());
        folder
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(name), bytes).expect("written");
    }

    pub(crate) fn get(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).expect("there")
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.run_with(args, b"")
    }

    pub(crate) fn run_with(&self, args: &[&str], stdin: &[u8]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wizerjs"))
            .args(args)
            .current_dir(self.path())
            .env("XDG_CACHE_HOME", self.path())
            .env("SECRET_OF_THE_HOST", "hunter2")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        // A child that refuses its arguments does not read: that the pipe is closed is no failure.
        let _ = child.stdin.take().expect("piped").write_all(stdin);
        child.wait_with_output().expect("finished")
    }

    #[track_caller]
    pub(crate) fn ok(&self, args: &[&str]) -> Output {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// Exit code and everything that was said.
    pub(crate) fn fails(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = self.run(args);
        assert!(output.stdout.is_empty());
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn text_binary_and_stdin_give_the_same_on_stdout_and_in_a_file() {
    let folder = Folder::new();
    folder.put("in.wasm", &wat::parse_str(WAT).expect("valid text format"));
    folder.ok(&["snapshot", "in.wat", "-o", "from-text.wasm"]);
    folder.ok(&["snapshot", "in.wasm", "-o", "from-binary.wasm"]);
    let expected = folder.get("from-text.wasm");
    assert_eq!(expected, folder.get("from-binary.wasm"));
    assert_eq!(expected, folder.ok(&["snapshot", "in.wat"]).stdout);
    assert_eq!(expected, folder.run_with(&["snapshot", "-"], WAT.as_bytes()).stdout);
    assert_eq!(expected, folder.run_with(&["snapshot", "-", "-o", "-"], &folder.get("in.wasm")).stdout);
    assert_eq!(expected, folder.ok(&["snapshot", "in.wat", "--no-cache"]).stdout);
}

#[test]
fn the_function_can_be_chosen_kept_and_replaced() {
    let folder = Folder::new();
    folder.put(
        "in.wat",
        br#"(module (global (export "n") (mut i32) (i32.const 0))
          (func (export "a") (global.set 0 (i32.const 1))) (func (export "b") (unreachable)))"#,
    );
    let text = |args: &[&str]| {
        let output = folder.ok(&[&["snapshot", "in.wat"], args].concat()).stdout;
        wasmprinter::print_bytes(&output).expect("valid")
    };
    let plain = text(&["-f", "a"]);
    assert!(plain.contains("(mut i32) i32.const 1") && !plain.contains(r#"(export "a""#), "{plain}");
    for keep in ["--keep-init-func", "--keep-init-func=true"] {
        assert!(text(&["--init-func", "a", keep]).contains(r#"(export "a" (func 0))"#));
    }
    assert!(!text(&["--init-func=a", "--keep-init-func=false"]).contains(r#"(export "a""#));
    for rename in ["-r", "--rename-func", "--func-rename"] {
        assert!(text(&["-f", "a", rename, "c=b"]).contains(r#"(export "c" (func 1))"#));
    }
}

#[test]
fn environment_is_granted_by_name_and_reported() {
    let folder = Folder::new();
    let args = ["snapshot", "in.wat", "-f", "env", "-o", "out.wasm", "--report", "report.json", "--allow-wasi"];
    let contains = |what: &str| folder.get("out.wasm").windows(what.len()).any(|bytes| bytes == what.as_bytes());
    let names = || {
        let report: serde_json::Value = serde_json::from_slice(&folder.get("report.json")).expect("JSON");
        report["initialization"]["reads"]["environment"].clone()
    };
    folder.ok(&args);
    assert!(!contains("hunter2"));
    assert_eq!(names(), serde_json::json!([]));
    folder.ok(&[&args[..], &["--env", "A=b", "--env", "SECRET_OF_THE_HOST"]].concat());
    assert!(contains("A=b\0") && contains("SECRET_OF_THE_HOST=hunter2\0"));
    assert_eq!(names(), serde_json::json!(["A", "SECRET_OF_THE_HOST"]));
    folder.ok(&[&args[..], &["--inherit-env"]].concat());
    assert!(contains("SECRET_OF_THE_HOST=hunter2\0"));
    folder.ok(&[&args[..], &["--inherit-env=false"]].concat());
    assert!(!contains("hunter2"));
}

#[test]
fn files_and_streams_are_granted() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("data")).expect("made");
    folder.put("data/file", b"contents of the file");
    // Opens `file` in the first granted folder, reads it, and copies it to stdout.
    folder.put(
        "in.wat",
        br#"(module
          (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 1)
          (data (i32.const 0) "file") (data (i32.const 16) "\80\00\00\00\14\00\00\00")
          (func $check (param i32) (if (local.get 0) (then (unreachable))))
          (func (export "wizer-initialize")
            (call $check (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 0)
              (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
            (call $check (call $read (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i32.const 36)))
            (call $check (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 36)))))"#,
    );
    let has_file = |bytes: &[u8]| bytes.windows(20).any(|bytes| bytes == b"contents of the file");
    for dir in [["--dir", "data"], ["--dir", "data::/guest"], ["--mapdir", "/guest::data"]] {
        let output = folder.ok(&[&["snapshot", "in.wat", "--allow-wasi", "-o", "out.wasm"], &dir[..]].concat());
        assert!(has_file(&folder.get("out.wasm")));
        assert_eq!(output.stdout, b"");
    }
    let output =
        folder.ok(&["snapshot", "in.wat", "-o", "out.wasm", "--allow-wasi", "--dir", "data", "--inherit-stdio"]);
    assert_eq!(output.stdout, b"contents of the file");
    assert_eq!(folder.fails(&["snapshot", "in.wat", "--allow-wasi"]).0, Some(1));
    let (code, message) = folder.fails(&["snapshot", "in.wat", "--allow-wasi", "--dir", "missing"]);
    assert_eq!(code, Some(1));
    assert_eq!(message, "error: in.wat: cannot open the folder missing: No such file or directory (os error 2)\n");
}

#[test]
fn other_modules_can_be_loaded_first() {
    let folder = Folder::new();
    folder.put("five.wat", br#"(module (func (export "five") (result i32) (i32.const 5)))"#);
    let output = folder.ok(&["snapshot", "in.wat", "-f", "five", "--preload", "other=five.wat"]);
    assert!(wasmprinter::print_bytes(&output.stdout).expect("valid").contains("(mut i32) i32.const 5"));
    let (code, message) = folder.fails(&["snapshot", "in.wat", "-f", "five", "--trap-unknown-imports"]);
    assert_eq!(code, Some(1));
    assert_eq!(
        message,
        "error: in.wat: called the import `other`.`five` during initialization, which nothing provides\n  at <function 5>\n"
    );
}

#[test]
fn a_failure_is_one_error_with_exit_code_one_and_writes_nothing() {
    let folder = Folder::new();
    folder.put("out.wasm", b"before");
    folder.put("trap.wat", br#"(module (func $oops (export "wizer-initialize") unreachable))"#);
    folder.put("loop.wat", br#"(module (func (export "wizer-initialize") (loop $l (br $l))))"#);
    folder.put("grow.wat", br#"(module (memory 17) (func (export "wizer-initialize")))"#);
    folder.put("text.wat", b"(module (func");
    folder.put("bytes.wasm", b"\0asm\x01\0\0\0\xff");
    folder.put("component.wasm", b"\0asm\x0d\0\x01\0");
    for (args, message) in [
        (
            &["trap.wat"][..],
            "error: trap.wat: failed during initialization: wasm trap: wasm `unreachable` instruction executed\n  at oops\n",
        ),
        (
            &["loop.wat", "--init-timeout", "100ms"],
            "error: loop.wat: was not initialized within 100ms of processor time: raise --init-timeout\n",
        ),
        (
            &["grow.wat", "--max-memory", "1MiB"],
            "error: grow.wat: failed during initialization: memory minimum size of 17 pages exceeds memory limits\n  \
             wanted 1114112 bytes of memory during initialization, of 1048576 allowed: raise --max-memory\n",
        ),
        (&["in.wat", "-f", "nothing"], "error: in.wat: exports no function `nothing`: name one with --init-func\n"),
        (&["bytes.wasm"], "error: bytes.wasm: is not a valid module: malformed section id (at offset 0x8)\n"),
        (&["component.wasm"], "error: component.wasm: is a component: only core modules can be snapshotted\n"),
        (&["missing.wasm"], "error: cannot read missing.wasm: No such file or directory (os error 2)\n"),
        (&["in.wat", "-r", "a=missing"], "error: in.wat: has no export `missing` to rename to `a`\n"),
    ] {
        let (code, said) = folder.fails(&[&["snapshot", "-o", "out.wasm"], args].concat());
        assert_eq!((code, said.as_str()), (Some(1), message));
        assert_eq!(folder.get("out.wasm"), b"before");
    }
    let (code, said) = folder.fails(&["snapshot", "-o", "out.wasm", "text.wat"]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("error: text.wat: not valid text format: "), "{said}");
    let (code, said) = folder.fails(&["snapshot", "in.wat", "-o", "no/such/folder.wasm"]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("error: cannot write no/such/folder.wasm: "), "{said}");
}

#[test]
fn a_command_line_that_makes_no_sense_has_exit_code_two() {
    let folder = Folder::new();
    for args in [
        &["snapshot"][..],
        &["snapshot", "in.wat", "--no-such-option"],
        &["snapshot", "in.wat", "--env", "A=b"],
        &["snapshot", "in.wat", "--dir", "."],
        &["snapshot", "in.wat", "--inherit-env"],
        &["snapshot", "in.wat", "--inherit-stdio"],
        &["snapshot", "in.wat", "--rename-func", "a"],
        &["snapshot", "in.wat", "--init-timeout", "5d"],
        &["snapshot", "in.wat", "--max-memory", "lots"],
        &["snapshot", "in.wat", "--keep-init-func=maybe"],
        &["snapshot", "in.wat", "--wasm-simd=false"],
        &["snapshot", "in.wat", "--allow-wasi", "--env", "NOT_SET_ANYWHERE"],
        &["nonsense"],
    ] {
        let (code, said) = folder.fails(args);
        assert_eq!(code, Some(2), "{args:?}: {said}");
        assert!(said.starts_with("error: ") || said.contains("\nerror: "), "{args:?}: {said}");
    }
}

#[test]
fn switches_of_other_tools_for_what_is_always_on_are_accepted() {
    Folder::new().ok(&["snapshot", "in.wat", "--wasm-bulk-memory=true", "--wasm-multi-memory", "--wasm-simd=true"]);
}

#[test]
fn an_image_that_would_be_copied_is_worth_a_warning() {
    let folder = Folder::new();
    folder.put(
        "sparse.wat",
        br#"(module (memory 1000)
          (func (export "wizer-initialize")
            (i32.store (i32.const 0) (i32.const 1)) (i32.store (i32.const 60000000) (i32.const 1))))"#,
    );
    let args = ["snapshot", "sparse.wat", "-o", "out.wasm"];
    let warning = "warning: sparse.wat: memory 0 is 0 % full: Wasmtime copies an image below 50 % for every instance \
                   instead of mapping it; raise `memory_guaranteed_dense_image_size` \
                   (-O memory-guaranteed-dense-image-size) above 60000001, or keep data closer together\n";
    assert_eq!(String::from_utf8_lossy(&folder.ok(&args).stderr), warning);
    assert_eq!(folder.ok(&[&args[..], &["--quiet"]].concat()).stderr, b"");
}

#[test]
fn memory_that_was_refused_is_worth_a_warning() {
    let folder = Folder::new();
    folder.put(
        "grow.wat",
        br#"(module (memory 1) (func (export "wizer-initialize") (drop (memory.grow (i32.const 16)))))"#,
    );
    let said =
        folder.ok(&["snapshot", "grow.wat", "-o", "out.wasm", "--max-memory", "1MiB", "--init-timeout", "30"]).stderr;
    assert_eq!(
        String::from_utf8_lossy(&said),
        "warning: grow.wat: wanted 1114112 bytes of memory during initialization, of 1048576 allowed: the snapshot may be \
         another with more (--max-memory)\n"
    );
}

#[test]
fn a_snapshot_can_be_inspected() {
    let folder = Folder::new();
    folder.ok(&["snapshot", "in.wat", "-f", "env", "--allow-wasi", "--env", "A=b", "-o", "out.wasm"]);
    let json: serde_json::Value =
        serde_json::from_slice(&folder.ok(&["inspect", "out.wasm", "--json"]).stdout).expect("JSON");
    assert_eq!(json["initialization"]["host_calls"][1]["name"], "environ_get");
    assert_eq!(json["initialization"]["reads"]["environment"], serde_json::json!(["A"]));
    assert_eq!(json["memories"][0]["bytes"], 65536);
    assert_eq!(json["counts"]["imported_functions"], 3);
    let text = String::from_utf8(folder.ok(&["inspect", "out.wasm"]).stdout).expect("text");
    assert!(text.contains("calls of wasi_snapshot_preview1.environ_get\n"), "{text}");
    folder.ok(&["inspect", "out.wasm", "--html", "map.html"]);
    let page = String::from_utf8(folder.get("map.html")).expect("text");
    assert!(page.contains("<title>out.wasm — wizerjs inspect</title>"));
    assert!(!page.contains("{{"), "a placeholder is left");
    for outside in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "the page needs something else: {outside}");
    }
}

#[test]
fn an_application_of_an_engine_can_be_inspected() {
    use engine_artifact::{MANIFEST_SECTION, Manifest};
    let manifest = Manifest {
        engine_digest: [0xab; 32],
        engine_name: "an engine 1".to_owned(),
        entry: "app.js".to_owned(),
        memory_pages: 200,
        globals: Vec::new(),
        env_names: vec!["MODE".to_owned()],
        map_id: String::new(),
    };
    let section: String = manifest.encode().iter().map(|byte| format!("\\{byte:02x}")).collect();
    let folder = Folder::new();
    let wat = format!(
        r#"(module (import "engine" "memory" (memory 1000)) (data (i32.const 60000000) "a") (data (i32.const 0) "a")
          (@custom "{MANIFEST_SECTION}" (after last) "{section}"))"#
    );
    folder.put("app.wat", wat.as_bytes());
    let json: serde_json::Value =
        serde_json::from_slice(&folder.ok(&["inspect", "app.wat", "--json"]).stdout).expect("JSON");
    assert_eq!(json["application"]["engine"], "an engine 1");
    assert_eq!(json["application"]["engine_digest"], "ab".repeat(32));
    assert_eq!(json["application"]["environment"], serde_json::json!(["MODE"]));
    assert_eq!(json["memories"][0]["is_imported"], true);
    let text = String::from_utf8(folder.ok(&["inspect", "app.wat"]).stdout).expect("text");
    assert!(text.contains("\napplication app.js of an engine 1\n"), "{text}");
    assert!(text.contains("copied over an imported memory\n") && !text.contains("warning"), "{text}");
}

#[test]
fn reports_are_the_same_but_for_times() {
    let folder = Folder::new();
    let report = |name: &str| {
        folder.ok(&["snapshot", "in.wat", "-o", "out.wasm", "--report", name]);
        let mut report: serde_json::Value = serde_json::from_slice(&folder.get(name)).expect("JSON");
        report.as_object_mut().expect("an object").remove("milliseconds").expect("times");
        report
    };
    assert_eq!(report("a.json"), report("b.json"));
}
