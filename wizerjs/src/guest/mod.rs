//! A live engine: what it finds around it, what it is asked, what can be read from it afterwards.

mod capture;
mod host;
mod unreported;
mod wasi;

pub(crate) use host::{Host, Noticed};

use crate::deadline::Deadline;
use crate::progress::Observer;
use engine_abi::export;
use engine_artifact::StateDelta;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::{Engine, Instance, Module, Result, Store, WasmParams, WasmResults};

/// Stack that wasm code may use, in bytes: what JavaScript's own limit on recursion, which gives an error that can be
/// caught, counts on (`patches/` of the guest).
const WASM_STACK_BYTES: usize = 21 << 20;

/// Stack of a thread that runs wasm, in bytes: that, and room for what the wasm calls.
const THREAD_STACK_BYTES: usize = WASM_STACK_BYTES + (2 << 20);

/// The runtime in which engines run while something is built. Its machine code is the function host's.
pub(crate) fn runtime() -> Result<Engine> {
    let mut config = engine_code_cache::codegen_config();
    config.max_wasm_stack(WASM_STACK_BYTES);
    // Host calls that may wait have a stack of their own, which must be the larger one; here none does.
    config.async_stack_size(THREAD_STACK_BYTES);
    Engine::new(&config)
}

/// What an engine finds around it.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// Who is told what it writes.
    pub(crate) observer: Arc<dyn Observer>,
    /// What its clock says, in seconds since 1970.
    pub(crate) clock_s: u64,
    /// Limit on its memory, in bytes.
    pub(crate) memory_max_bytes: u64,
    /// Limit on the processor time that it takes.
    pub(crate) timeout: Duration,
}

/// Two instances of an engine: one that runs, and one that shows what there was before.
pub(crate) struct Guest {
    store: Store<Host>,
    module: Module,
    untouched: Instance,
    instance: Instance,
    timeout: Duration,
}

impl Guest {
    /// Instantiate the engine, which runs nothing.
    pub(crate) fn new(engine: &Engine, module: &Module, around: &Surroundings) -> Result<Self> {
        let pre = host::linker(engine, module)?.instantiate_pre(module)?;
        let host = Host::new(Arc::clone(&around.observer), around.clock_s, around.memory_max_bytes);
        let mut store = Store::new(engine, host);
        store.limiter(|host| host);
        store.set_epoch_deadline(1);
        Ok(Self {
            untouched: pre.instantiate(&mut store)?,
            instance: pre.instantiate(&mut store)?,
            module: module.clone(),
            store,
            timeout: around.timeout,
        })
    }

    /// Let it run, within the limit of time, on a stack of its own.
    pub(crate) fn run<T: Send>(&mut self, work: impl FnOnce(&mut Self) -> Result<T> + Send) -> Result<T> {
        let engine = self.store.engine().clone();
        let _deadline = Deadline::start(&engine, &mut self.store, self.timeout)?;
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("engine".to_owned()).stack_size(THREAD_STACK_BYTES);
            let thread = thread.spawn_scoped(scope, || work(self))?;
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Call an exported function.
    pub(crate) fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, parameters: P) -> Result<R> {
        let function = self.instance.get_typed_func::<P, R>(&mut self.store, name)?;
        function.call(&mut self.store, parameters)
    }

    /// Write to its memory.
    pub(crate) fn write(&mut self, pointer: i32, bytes: &[u8]) -> Result<()> {
        let Some(memory) = self.instance.get_memory(&mut self.store, export::MEMORY) else {
            wasmtime::bail!("it exports no memory");
        };
        Ok(memory.write(&mut self.store, pointer.cast_unsigned() as usize, bytes)?)
    }

    /// What it said and asked for.
    pub(crate) fn host(&self) -> &Host {
        self.store.data()
    }

    pub(crate) fn host_mut(&mut self) -> &mut Host {
        self.store.data_mut()
    }

    /// What it noticed; nothing is left.
    pub(crate) fn take_noticed(&mut self) -> Vec<Noticed> {
        std::mem::take(&mut self.store.data_mut().diagnostics)
    }

    /// What running changed.
    ///
    /// # Errors
    /// It stopped in the middle of something, or holds what no snapshot can.
    pub(crate) fn delta(&mut self) -> anyhow::Result<StateDelta> {
        capture::delta(&mut self.store, &self.module, &self.untouched, &self.instance)
    }
}
