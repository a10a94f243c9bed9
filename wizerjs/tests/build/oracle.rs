//! The stock Wizer as a peer: it can snapshot our engine too, knowing nothing of its interface, and what it makes of an
//! application behaves as what `wizerjs build` makes.

use crate::cases::cache_home;
use anyhow::{Context, Result, ensure};
use engine_abi::{Application, Body, HOST_MODULE, Message, Module as Source, Request, State, export, import};
use engine_code_cache::{CodeCache, DEFAULT_MAX_BYTES};
use std::task::{Poll, Waker};
use wasmtime::{Caller, Config, Engine, Instance, Linker, Module, OptLevel, RegallocAlgorithm, Store, Val};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::{I32Exit, WasiCtxBuilder};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};
use wizerjs::application::BuildOptions;
use wizerjs::application::Format;

/// State of many kinds, made at the top level, and looked at afterwards.
const SOURCE: &str = r"
    const table = new Map(Array.from({ length: 500 }, (_, n) => [`key ${n}`, { n, square: n * n }]));
    class Counter { #count = 40; next() { return ++this.#count; } }
    const counter = new Counter();
    const bytes = new TextEncoder().encode('héllo');
    const settled = await Promise.all([1, 2, Promise.resolve(3)]);
    function* naturals() { for (let n = 0; ; n++) yield n; }
    const sequence = naturals();
    sequence.next();
    const look = () =>
      [counter.next(), table.get('key 30').square, bytes.length, settled, sequence.next().value, /h(.)/u.exec('hé')[1]];
    export async function main(args, { env, stdin }) {
      console.log(JSON.stringify([args, env, look()]));
      await new Promise((resolve) => setTimeout(resolve, 1));
      await stdin.getReader().read().catch((error) => console.log(error.message));
      console.error(JSON.stringify(look()));
      return 7;
    }
    export default {
      fetch: (request) => new Response(JSON.stringify([request.url, look()]), { headers: { 'x-looked': 'once' } }),
    };";

/// Stack that wasm may use: what the engine's own limit on recursion is tuned for.
const WASM_STACK_BYTES: usize = 21 << 20;

/// Stack of the thread that runs it.
const THREAD_STACK_BYTES: usize = WASM_STACK_BYTES + (4 << 20);

/// What the functions that an engine imports were told.
struct Told {
    wasi: WasiP1Ctx,
    lines: Vec<String>,
    response: Vec<u8>,
}

#[test]
fn what_the_stock_wizer_makes_of_an_application_behaves_as_ours() -> Result<()> {
    let thread = std::thread::Builder::new().stack_size(THREAD_STACK_BYTES);
    thread.spawn(compare)?.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn compare() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("app.js"), SOURCE)?;
    let mut options = BuildOptions::new(folder.path().join("app.js"));
    options.format = Format::Module;
    options.cache_dir = Some(cache_home().join("wizerjs"));
    let ours = wizerjs::build(&options)?.bytes;
    let engine = engine()?;
    let theirs = by_wizer(&engine, &engine_prebuilt::spidermonkey()?.engine_wasm()?)?;
    let [ours, theirs] = [ours, theirs].map(|wasm| compiled(&engine, &wasm));
    let (ours, theirs) = (ours?, theirs?);

    let expected = (
        [
            r#"[["one","two words"],{"NAME":"value"},[41,900,6,[1,2,3],1,"é"]]"#,
            "not supported by the host",
            r#"[42,900,6,[1,2,3],2,"é"]"#,
        ]
        .map(String::from)
        .to_vec(),
        7,
    );
    assert_eq!(run_as_command(&engine, &ours)?, expected);
    assert_eq!(run_as_command(&engine, &theirs)?, expected);

    let response = handle_request(&engine, &ours)?;
    let message = engine_abi::Response::decode(&response)?;
    assert_eq!(message.status, 200);
    assert!(
        matches!(message.body, Body::Complete(body) if body == r#"["http://host/path",[41,900,6,[1,2,3],1,"é"]]"#.as_bytes())
    );
    assert_eq!(handle_request(&engine, &theirs)?, response);
    Ok(())
}

fn engine() -> Result<Engine> {
    let mut config = Config::new();
    // Most of the time is compilation.
    config.cranelift_opt_level(OptLevel::None);
    config.cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    config.max_wasm_stack(WASM_STACK_BYTES);
    config.async_stack_size(THREAD_STACK_BYTES);
    Ok(Engine::new(&config)?)
}

fn compiled(engine: &Engine, wasm: &[u8]) -> Result<Module> {
    let cache = CodeCache::open(&cache_home().join("oracle"), DEFAULT_MAX_BYTES)?;
    Ok(cache.module(engine, blake3::hash(wasm).as_bytes(), || Ok(wasm.into()))?.0)
}

/// What an engine finds that knows of WASI, and of our interface as little as it can do with.
fn instantiate(engine: &Engine, module: &Module, wasi: &mut WasiCtxBuilder) -> Result<(Store<Told>, Instance)> {
    let told = Told { wasi: wasi.build_p1(), lines: Vec::new(), response: Vec::new() };
    let mut store = Store::new(engine, told);
    let mut linker: Linker<Told> = Linker::new(engine);
    p1::add_to_linker_sync(&mut linker, |told: &mut Told| &mut told.wasi)?;
    linker.func_wrap(HOST_MODULE, import::LOG, |mut caller: Caller<'_, Told>, _: i32, pointer: i32, len: i32| {
        let line = String::from_utf8_lossy(&bytes(&mut caller, pointer, len)).into_owned();
        caller.data_mut().lines.push(line);
    })?;
    linker.func_wrap(
        HOST_MODULE,
        import::RESPONSE_HEAD,
        |mut caller: Caller<'_, Told>, pointer: i32, len: i32| -> i32 {
            caller.data_mut().response = bytes(&mut caller, pointer, len);
            0
        },
    )?;
    linker.func_wrap(HOST_MODULE, import::REPORT, |mut caller: Caller<'_, Told>, pointer: i32, len: i32| {
        let diagnostic = String::from_utf8_lossy(&bytes(&mut caller, pointer, len)).into_owned();
        caller.data_mut().lines.push(format!("reported: {diagnostic}"));
    })?;
    linker.define_unknown_imports_as_traps(module)?;
    let instance = linker.instantiate(&mut store, module)?;
    Ok((store, instance))
}

fn bytes(caller: &mut Caller<'_, Told>, pointer: i32, len: i32) -> Vec<u8> {
    let memory = caller.get_export(export::MEMORY).and_then(wasmtime::Extern::into_memory).expect("a memory");
    memory.data(caller)[pointer as usize..][..len as usize].to_vec()
}

/// The snapshot that `wasmtime-wizer` makes of the engine with the application on its standard input.
fn by_wizer(engine: &Engine, wasm: &[u8]) -> Result<Vec<u8>> {
    let source = Source { name: "app.js", source: SOURCE, imports: Vec::new() };
    let application = Application { modules: vec![source], env: Vec::new(), warm_up: Vec::new() }.encode();
    let mut wizer = Wizer::new();
    wizer.init_func(export::WIZER_INITIALIZE);
    let (context, instrumented) = wizer.instrument(wasm)?;
    let module = compiled(engine, &instrumented)?;
    let mut wasi = WasiCtxBuilder::new();
    wasi.stdin(MemoryInputPipe::new(application)).inherit_stderr();
    let (mut store, instance) = instantiate(engine, &module, &mut wasi)?;
    for function in [export::INITIALIZE, export::WIZER_INITIALIZE] {
        instance.get_typed_func::<(), ()>(&mut store, function)?.call(&mut store, ())?;
    }
    let mut live = Live { store, instance };
    let snapshot = std::pin::pin!(wizer.snapshot(&context, &mut live));
    match snapshot.poll(&mut std::task::Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output?),
        Poll::Pending => anyhow::bail!("nothing here waits"),
    }
}

struct Live {
    store: Store<Told>,
    instance: Instance,
}

impl InstanceState for Live {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        match self.instance.get_global(&mut self.store, name).expect("exported").get(&mut self.store) {
            Val::I32(value) => SnapshotVal::I32(value),
            Val::I64(value) => SnapshotVal::I64(value),
            Val::F32(bits) => SnapshotVal::F32(bits),
            Val::F64(bits) => SnapshotVal::F64(bits),
            Val::V128(value) => SnapshotVal::V128(value.as_u128()),
            other => panic!("no global of an engine is a {other:?}"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        contents(self.instance.get_memory(&mut self.store, name).expect("exported").data(&self.store));
    }
}

/// Run `_start` as any WASI host would: what it wrote, and its exit code.
fn run_as_command(engine: &Engine, module: &Module) -> Result<(Vec<String>, i32)> {
    let mut wasi = WasiCtxBuilder::new();
    wasi.args(&["app", "one", "two words"]).env("NAME", "value").inherit_stderr();
    let (mut store, instance) = instantiate(engine, module, &mut wasi)?;
    let start = instance.get_typed_func::<(), ()>(&mut store, export::START)?;
    let code = match start.call(&mut store, ()) {
        Ok(()) => 0,
        Err(error) => error.downcast_ref::<I32Exit>().with_context(|| format!("{error:?}"))?.0,
    };
    Ok((std::mem::take(&mut store.data_mut().lines), code))
}

/// Have a request handled: the response, as the engine gave it.
fn handle_request(engine: &Engine, module: &Module) -> Result<Vec<u8>> {
    let (mut store, instance) = instantiate(engine, module, WasiCtxBuilder::new().inherit_stderr())?;
    let headers = Vec::new();
    let request =
        Request { method: "GET", url: "http://host/path", headers, body: Body::Empty, received_ns: 0, env: Vec::new() };
    let request = request.encode();
    let allocate = instance.get_typed_func::<(i32, i32), i32>(&mut store, export::ALLOCATE)?;
    let pointer = allocate.call(&mut store, (request.len() as i32, 8))?;
    let memory = instance.get_memory(&mut store, export::MEMORY).context("a memory")?;
    memory.write(&mut store, pointer as usize, &request)?;
    let handle = instance.get_typed_func::<(i32, i32), i32>(&mut store, export::HANDLE_REQUEST)?;
    let state = handle.call(&mut store, (pointer, request.len() as i32))?;
    ensure!(state == State::Done.code(), "it answered {state}");
    Ok(std::mem::take(&mut store.data_mut().response))
}
