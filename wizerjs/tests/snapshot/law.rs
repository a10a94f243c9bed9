//! The law: to initialize and then run is to snapshot and then run.
//!
//! Shared by the tests and by the cargo-fuzz target in `fuzz/`.

use std::collections::HashMap;
use std::sync::OnceLock;
use wasmtime::{
    Config, Engine, Extern, Func, Instance, Module, OptLevel, Ref, RegallocAlgorithm, ResourceLimiter, RootScope,
    Store, Val,
};
use wizerjs::initialize::{Error, Initializer, Options, Running};
use wizerjs::snapshot::{Rewrite, parse, rewrite};

/// Fuel that wasm-smith's own counter starts with: enough for loops to be entered, little enough to be quick.
const FUEL: u32 = 3_000;

/// Calls that are made after initialization, at most.
const MAX_CALLS: usize = 8;

/// Bytes that one memory may grow to, and entries of a table. A case that wants more ends there: how much a machine has
/// is not what is looked for.
const MAX_MEMORY_BYTES: usize = 2 << 20;
const MAX_TABLE_ENTRIES: usize = 10_000;

/// The complaint of a case that wants more.
const TOO_LARGE: &str = "larger than cases may be";

/// Bytes that a snapshot's initialization may use: for three memories and a heap of objects, and so never less than the control has.
pub(crate) const SNAPSHOT_BYTES: u64 = 4 * MAX_MEMORY_BYTES as u64;

/// Limits of a case.
#[derive(Default)]
pub(crate) struct Limits;

impl ResourceLimiter for Limits {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        within(desired, maximum, MAX_MEMORY_BYTES)
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        within(desired, maximum, MAX_TABLE_ENTRIES)
    }
}

/// Objects live in a heap that asks the same limiter and gives its own complaint.
pub(crate) fn is_too_large(cause: &str) -> bool {
    cause == TOO_LARGE || cause.contains("GC heap out of memory")
}

fn within(desired: usize, maximum: Option<usize>, limit: usize) -> wasmtime::Result<bool> {
    if maximum.is_some_and(|maximum| desired > maximum) {
        return Ok(false);
    }
    if desired > limit { Err(wasmtime::Error::msg(TOO_LARGE)) } else { Ok(true) }
}

/// How a case ended. Whatever contradicts the law panics instead.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Both ways gave the same; whether the peer was asked and agreed.
    Same { peer: bool },
    /// The state could not be captured, for this reason, without numbers.
    Refused(String),
    /// Initialization failed both ways.
    Failed,
    /// It wants more memory than a case may have.
    TooLarge,
    /// Instantiation failed both ways, for this reason, or there is nothing to call.
    NotInstantiated(String),
}

/// A module made from `bytes`, the same for the same bytes.
pub(crate) fn generate(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut unstructured = arbitrary::Unstructured::new(bytes);
    let config = config(&mut unstructured).ok()?;
    let mut module = wasm_smith::Module::new(config, &mut unstructured).ok()?;
    module.ensure_termination(FUEL).ok()?;
    Some(module.to_bytes())
}

fn config(bytes: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<wasm_smith::Config> {
    let mut flag = || bytes.arbitrary::<bool>();
    Ok(wasm_smith::Config {
        export_everything: true,
        max_imports: 0,
        min_funcs: 2,
        max_funcs: 6,
        max_instructions: 60,
        min_memories: 1,
        max_memories: 3,
        max_memory32_bytes: 4 << 16,
        max_memory64_bytes: 4 << 16,
        min_tables: 1,
        max_tables: 3,
        max_table_elements: 100,
        max_elements: 12,
        min_element_segments: 1,
        max_element_segments: 6,
        min_data_segments: 1,
        max_data_segments: 6,
        min_globals: 1,
        max_globals: 8,
        min_types: 4,
        max_types: 12,
        min_exports: 1,
        max_tags: 2,
        max_nesting_depth: 4,
        limit_arrays_in_const_exprs: true,
        const_expr_fuel: 8,
        disallow_traps: flag()? || flag()? || flag()? || flag()?,
        gc_enabled: flag()? && flag()?,
        exceptions_enabled: flag()? && flag()?,
        memory64_enabled: flag()?,
        custom_page_sizes_enabled: flag()? && flag()?,
        simd_enabled: flag()?,
        relaxed_simd_enabled: false,
        wide_arithmetic_enabled: flag()?,
        allow_floats: flag()?,
        allow_start_export: flag()?,
        threads_enabled: false,
        ..wasm_smith::Config::default()
    })
}

/// Hold `wasm` to the law, and to the peer's result where the peer accepts it.
pub(crate) fn check(wasm: &[u8]) -> Outcome {
    let control = match Trace::of(wasm, true) {
        Ok(trace) => trace,
        Err(Stop::TooLarge) => return Outcome::TooLarge,
        Err(Stop::NotInstantiated(cause)) => {
            let outcome = snapshot(wasm);
            assert!(outcome.is_err(), "a module that cannot be instantiated was snapshotted");
            return Outcome::NotInstantiated(without_numbers(&cause));
        }
        Err(Stop::InitializationTrapped) => {
            let outcome = snapshot(wasm);
            assert!(
                matches!(outcome, Err(Error::Trap { .. } | Error::Snapshot(_) | Error::WithoutMemory { .. })),
                "initialization traps, but was snapshotted: {outcome:?}"
            );
            return Outcome::Failed;
        }
    };
    let by_peer = peer(wasm);
    let output = match snapshot(wasm) {
        Ok(output) => output,
        Err(Error::Snapshot(refusal)) => {
            assert!(by_peer.is_none(), "accepted by wasmtime-wizer, refused here: {refusal}");
            return Outcome::Refused(without_numbers(&refusal.to_string()));
        }
        Err(Error::WithoutMemory { .. }) => return Outcome::TooLarge,
        Err(error) => panic!("initialization only fails under instrumentation: {error}"),
    };
    validate(&output);
    let ours = Trace::of(&output, false).expect("the snapshot can be instantiated");
    assert_eq!(control, ours, "initialize and run != snapshot and run");
    if let Some(output) = &by_peer {
        let theirs = Trace::of(output, false).expect("the peer's snapshot can be instantiated");
        assert_eq!(theirs, ours, "the peer's snapshot behaves otherwise");
    }
    Outcome::Same { peer: by_peer.is_some() }
}

/// Check that a snapshot is valid.
pub(crate) fn validate(output: &[u8]) {
    wasmparser::Validator::new_with_features(features()).validate_all(output).expect("the snapshot is valid");
}

pub(crate) fn without_numbers(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

fn features() -> wasmparser::WasmFeatures {
    use wasmparser::WasmFeatures as Features;
    Features::default() | Features::CUSTOM_PAGE_SIZES | Features::WIDE_ARITHMETIC
}

fn initializer() -> &'static Initializer {
    static INITIALIZER: OnceLock<Initializer> = OnceLock::new();
    INITIALIZER.get_or_init(|| Initializer::new(None).expect("an engine"))
}

fn snapshot(wasm: &[u8]) -> Result<Vec<u8>, Error> {
    let module = parse(wasm)?;
    let run = |running: &mut Running<'_, ()>| {
        let calls = calls(running.store, running.instance);
        let (function, params) = calls.first().ok_or_else(|| anyhow::anyhow!("nothing can be called"))?;
        let mut results = vec![Val::I32(0); function.ty(&*running.store).results().len()];
        function.call(&mut *running.store, params, &mut results)?;
        Ok(())
    };
    let options = Options { max_memory_bytes: SNAPSHOT_BYTES, ..Options::default() };
    let mut initialized = initializer().run(&module, &options, (), |_| Ok(()), run)?;
    if let Some(refused) = initialized.run.refused_memory {
        // The control has another limit, and ends where it is reached.
        let cause = Box::new(Error::Other(anyhow::anyhow!("went on with less memory")));
        return Err(Error::WithoutMemory { cause, refused });
    }
    let snapshot = initialized.stopped.capture(&module)?;
    Ok(rewrite(&module, &snapshot, &Rewrite::default())?.to_vec())
}

/// wasmtime-wizer's snapshot, if it takes the module.
fn peer(wasm: &[u8]) -> Option<Vec<u8>> {
    let wizer = wasmtime_wizer::Wizer::new();
    let (context, instrumented) = wizer.instrument(wasm).ok()?;
    let (mut store, instance) = instantiate(&instrumented).ok()?;
    let calls = calls(&mut store, instance);
    let (function, params) = calls.first()?;
    let mut results = vec![Val::I32(0); function.ty(&store).results().len()];
    function.call(&mut store, params, &mut results).ok()?;
    let mut live = Peer { store, instance };
    let snapshot = std::pin::pin!(wizer.snapshot(&context, &mut live));
    match snapshot.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(output) => output.ok(),
        std::task::Poll::Pending => panic!("nothing here waits"),
    }
}

struct Peer {
    store: Store<Limits>,
    instance: Instance,
}

impl wasmtime_wizer::InstanceState for Peer {
    async fn global_get(&mut self, name: &str, _: wasmtime_wizer::ValType) -> wasmtime_wizer::SnapshotVal {
        use wasmtime_wizer::SnapshotVal;
        match self.instance.get_global(&mut self.store, name).expect("exported").get(&mut self.store) {
            Val::I32(value) => SnapshotVal::I32(value),
            Val::I64(value) => SnapshotVal::I64(value),
            Val::F32(bits) => SnapshotVal::F32(bits),
            Val::F64(bits) => SnapshotVal::F64(bits),
            Val::V128(value) => SnapshotVal::V128(value.as_u128()),
            other => panic!("the peer refuses globals like {other:?}"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        contents(self.instance.get_memory(&mut self.store, name).expect("exported").data(&self.store));
    }
}

/// Bytes of stack of a run, for as many calls as there is fuel.
pub(crate) const MAX_WASM_STACK_BYTES: usize = 4 << 20;

pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut config = Config::new();
        config.cranelift_nan_canonicalization(true);
        // Most of the time of a case is compilation.
        config.cranelift_opt_level(OptLevel::None);
        config.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
        config.generate_address_map(false);
        // So that recursion ends for want of fuel, which is part of a module, and not of stack, which is not. It has to fit into
        // the stack of the calling thread.
        config.max_wasm_stack(MAX_WASM_STACK_BYTES);
        config.async_stack_size(2 * MAX_WASM_STACK_BYTES);
        // Memories that are small are not given gigabytes of addresses, for which threads would wait for each other.
        config.memory_reservation(MAX_MEMORY_BYTES as u64);
        config.memory_guard_size(0);
        config.wasm_custom_page_sizes(true);
        config.wasm_wide_arithmetic(true);
        config.wasm_function_references(true);
        config.wasm_gc(true);
        config.wasm_exceptions(true);
        Engine::new(&config).expect("an engine")
    })
}

fn instantiate(wasm: &[u8]) -> wasmtime::Result<(Store<Limits>, Instance)> {
    let module = Module::new(engine(), wasm)?;
    let mut store = Store::new(engine(), Limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[])?;
    Ok((store, instance))
}

/// Everything that can be seen of a module from outside.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    initialized: Vec<String>,
    calls: Vec<String>,
    finally: Vec<String>,
}

#[derive(Debug)]
enum Stop {
    NotInstantiated(String),
    InitializationTrapped,
    TooLarge,
}

impl Trace {
    /// Instantiate, initialize if the module is not a snapshot yet, look, run, look again.
    fn of(wasm: &[u8], initialize: bool) -> Result<Self, Stop> {
        let (mut store, instance) = instantiate(wasm).map_err(|error| match error.root_cause().to_string() {
            cause if is_too_large(&cause) => Stop::TooLarge,
            cause => Stop::NotInstantiated(cause),
        })?;
        let calls = calls(&mut store, instance);
        let Some(first) = calls.first() else { return Err(Stop::NotInstantiated("nothing to call".to_string())) };
        if initialize {
            match call(&mut store, instance, first) {
                (cause, false) if is_too_large(&cause) => return Err(Stop::TooLarge),
                (_, false) => return Err(Stop::InitializationTrapped),
                (_, true) => {}
            }
        }
        let initialized = state(&mut store, instance);
        let calls = calls.iter().take(MAX_CALLS).map(|to_call| call(&mut store, instance, to_call).0).collect();
        Ok(Self { initialized, calls, finally: state(&mut store, instance) })
    }
}

/// Exported functions with parameters that can be made up.
fn calls<T: 'static>(store: &mut Store<T>, instance: Instance) -> Vec<(Func, Vec<Val>)> {
    let functions: Vec<Func> = instance.exports(&mut *store).filter_map(|export| export.into_func()).collect();
    let with_params = |function: Func| {
        let params: Option<Vec<Val>> = function.ty(&*store).params().map(|ty| Val::default_for_ty(&ty)).collect();
        Some((function, params?))
    };
    functions.into_iter().filter_map(with_params).collect()
}

/// Call a function; what came of it, and whether it returned.
fn call(store: &mut Store<Limits>, instance: Instance, (function, params): &(Func, Vec<Val>)) -> (String, bool) {
    let mut results = vec![Val::I32(0); function.ty(&*store).results().len()];
    match function.call(&mut *store, params, &mut results) {
        Ok(()) => {
            let functions = identities(store, instance);
            let mut scope = RootScope::new(&mut *store);
            (results.into_iter().map(|value| value_text(&mut scope, &functions, value)).collect(), true)
        }
        Err(error) => (error.root_cause().to_string(), false),
    }
}

/// Export name by identity.
fn identities<T: 'static>(store: &mut Store<T>, instance: Instance) -> HashMap<usize, String> {
    let exports: Vec<(String, Extern)> =
        instance.exports(&mut *store).map(|export| (export.name().to_string(), export.into_extern())).collect();
    let mut names = HashMap::new();
    for (name, export) in exports {
        if let Extern::Func(function) = export {
            names.entry(function.to_raw(&mut *store).addr()).or_insert(name);
        }
    }
    names
}

/// All state, a line for each export.
pub(crate) fn state<T: 'static>(store: &mut Store<T>, instance: Instance) -> Vec<String> {
    let functions = identities(store, instance);
    let exports: Vec<(String, Extern)> =
        instance.exports(&mut *store).map(|export| (export.name().to_string(), export.into_extern())).collect();
    let mut scope = RootScope::new(&mut *store);
    let mut lines = Vec::new();
    for (name, export) in exports {
        lines.push(match export {
            Extern::Memory(memory) => {
                let data = memory.data(&scope);
                format!("{name}: {} bytes, {}", data.len(), blake3::hash(data))
            }
            Extern::Global(global) => {
                let value = global.get(&mut scope);
                format!("{name}: {}", value_text(&mut scope, &functions, value))
            }
            Extern::Table(table) => {
                let len = table.size(&scope);
                let entries = (0..len).map(|index| {
                    let entry = table.get(&mut scope, index).expect("index is below the length");
                    reference_text(&mut scope, &functions, entry)
                });
                format!("{name}: {}", entries.collect::<Vec<_>>().join(" "))
            }
            _ => continue,
        });
    }
    lines
}

fn value_text(store: impl wasmtime::AsContextMut, functions: &HashMap<usize, String>, value: Val) -> String {
    match value {
        Val::I32(value) => format!("i32 {value} "),
        Val::I64(value) => format!("i64 {value} "),
        Val::F32(bits) => format!("f32 {bits:#x} "),
        Val::F64(bits) => format!("f64 {bits:#x} "),
        Val::V128(value) => format!("v128 {:#x} ", value.as_u128()),
        Val::FuncRef(reference) => reference_text(store, functions, Ref::Func(reference)),
        Val::ExternRef(reference) => reference_text(store, functions, Ref::Extern(reference)),
        Val::AnyRef(reference) => reference_text(store, functions, Ref::Any(reference)),
        Val::ExnRef(reference) => reference_text(store, functions, Ref::Exn(reference)),
        Val::ContRef(_) => "cont ".to_string(),
    }
}

fn reference_text(mut store: impl wasmtime::AsContextMut, functions: &HashMap<usize, String>, entry: Ref) -> String {
    match entry {
        Ref::Func(Some(function)) => {
            let name = functions.get(&function.to_raw(store.as_context_mut()).addr());
            name.cloned().expect("every function is exported")
        }
        Ref::Any(Some(any)) => match any.as_i31(store.as_context_mut()) {
            Ok(Some(value)) => format!("i31 {} ", value.get_u32()),
            _ => "object ".to_string(),
        },
        Ref::Extern(Some(_)) => "extern ".to_string(),
        Ref::Exn(Some(_)) => "exn ".to_string(),
        Ref::Func(None) | Ref::Any(None) | Ref::Extern(None) | Ref::Exn(None) => "null ".to_string(),
    }
}
