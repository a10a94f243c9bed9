//! Snapshots of modules in text format, and what their functions then give.

use std::sync::OnceLock;
use wasmtime::{Config, Engine, Instance, Module, Store, Val};
use wizerjs::initialize::{Error, Initialized, Initializer, Options, find_init_function};
use wizerjs::snapshot::{Rewrite, parse, rewrite};

/// A binary module of `wat`.
pub(crate) fn assemble(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).expect("valid text format")
}

/// One initializer for all tests.
pub(crate) fn initializer() -> &'static Initializer {
    static INITIALIZER: OnceLock<Initializer> = OnceLock::new();
    INITIALIZER.get_or_init(|| Initializer::new(None).expect("an engine"))
}

/// Initialize as `wizerjs snapshot` does.
pub(crate) fn initialize(wasm: &[u8], options: &Options) -> Result<Initialized<()>, Error> {
    let module = parse(wasm)?;
    let function = find_init_function(&module, None)?;
    initializer().run(&module, options, (), |_| Ok(()), |running| function.call(running))
}

/// The snapshot of a binary module, without its initialization functions.
pub(crate) fn snapshot_with(wasm: &[u8], options: &Options, rewriting: Rewrite) -> Result<Vec<u8>, Error> {
    let output = rewritten(wasm, &mut initialize(wasm, options)?, &rewriting)?;
    wasmparser::Validator::new_with_features(wasmparser::WasmFeatures::all())
        .validate_all(&output)
        .expect("the snapshot is valid");
    Ok(output)
}

/// A binary module with the state of its instance that reached the snapshot point.
pub(crate) fn rewritten<T>(
    wasm: &[u8],
    initialized: &mut Initialized<T>,
    rewriting: &Rewrite,
) -> Result<Vec<u8>, Error> {
    let module = parse(wasm)?;
    let snapshot = initialized.stopped.capture(&module)?;
    Ok(rewrite(&module, &snapshot, rewriting)?.to_vec())
}

/// The snapshot of a module in text format, without its initialization functions.
pub(crate) fn snapshot(wat: &str) -> Vec<u8> {
    let gone = ["_initialize", "wizer-initialize", "wizer.initialize"];
    let rewriting = Rewrite { remove_exports: gone.map(String::from).to_vec(), ..Rewrite::default() };
    match snapshot_with(&assemble(wat), &Options::default(), rewriting) {
        Ok(output) => output,
        Err(error) => panic!("{error}"),
    }
}

/// Why a module in text format cannot be snapshotted.
#[track_caller]
pub(crate) fn refusal(wat: &str) -> String {
    refusal_with(wat, &Options::default())
}

/// Why a module in text format cannot be snapshotted with these options.
#[track_caller]
pub(crate) fn refusal_with(wat: &str, options: &Options) -> String {
    match snapshot_with(&assemble(wat), options, Rewrite::default()) {
        Ok(_) => panic!("was snapshotted"),
        Err(error) => error.to_string(),
    }
}

/// Text of a module.
pub(crate) fn print(wasm: &[u8]) -> String {
    wasmprinter::print_bytes(wasm).expect("a valid module")
}

/// Snapshot a module in text format and call exported functions of one instance of the snapshot: `(name, result)`, where the
/// result is the value of an integer, or the trap.
#[track_caller]
pub(crate) fn runs(wat: &str, expected: &[(&str, &str)]) -> Vec<u8> {
    let output = snapshot(wat);
    assert_eq!(
        calls(&output, expected.iter().map(|(name, _)| *name)),
        expected.iter().map(|(_, result)| result.to_string()).collect::<Vec<_>>()
    );
    output
}

/// Call exported functions of one instance.
pub(crate) fn calls<'a>(wasm: &[u8], names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let engine = engine();
    let module = Module::new(engine, wasm).expect("the snapshot compiles");
    let mut store = Store::new(engine, ());
    let instance = Instance::new(&mut store, &module, &[]).expect("the snapshot needs no imports");
    names
        .map(|name| {
            let function = instance.get_func(&mut store, name).expect("an exported function");
            let mut results = vec![Val::I32(0); function.ty(&store).results().len()];
            match function.call(&mut store, &[], &mut results) {
                Ok(()) => results.iter().map(text).collect::<Vec<_>>().join(" "),
                Err(error) => error.root_cause().to_string(),
            }
        })
        .collect()
}

fn text(value: &Val) -> String {
    match value {
        Val::I32(value) => value.to_string(),
        Val::I64(value) => value.to_string(),
        Val::F32(bits) => f32::from_bits(*bits).to_string(),
        Val::F64(bits) => f64::from_bits(*bits).to_string(),
        Val::V128(value) => format!("{:#x}", value.as_u128()),
        other => format!("{other:?}"),
    }
}

/// An engine for what comes out.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut config = Config::new();
        config.wasm_custom_page_sizes(true);
        config.wasm_wide_arithmetic(true);
        config.wasm_function_references(true);
        config.wasm_gc(true);
        config.wasm_exceptions(true);
        Engine::new(&config).expect("an engine")
    })
}
