//! A live engine: what it finds around it, what it is asked, what can be read from it afterwards.

mod capture;
mod host;
mod memory;
mod wasi;
mod watchdog;

pub(crate) use host::{Host, Noticed};

use crate::build::Observer;
use crate::format::Delta;
use engine_abi::export;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::{Engine, Instance, Module, Result, Store, WasmParams, WasmResults};
use watchdog::Watchdog;

/// What an engine finds around it.
#[derive(Clone)]
pub(crate) struct Surroundings {
    /// Who is told what it writes.
    pub(crate) observer: Arc<dyn Observer>,
    /// What its clock says, in seconds since 1970.
    pub(crate) clock_s: u64,
    /// Limit on its memory, in bytes.
    pub(crate) memory_max_bytes: u64,
    /// Limit on the time that it runs.
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

    /// Let it run, within the limit of time.
    pub(crate) fn run<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let _watchdog = Watchdog::start(self.store.engine(), self.timeout)?;
        work(self)
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

    /// What it noticed; nothing is left.
    pub(crate) fn take_noticed(&mut self) -> Vec<Noticed> {
        std::mem::take(&mut self.store.data_mut().diagnostics)
    }

    /// What running changed.
    ///
    /// # Errors
    /// It stopped in the middle of something, or holds what no snapshot can.
    pub(crate) fn delta(&mut self) -> anyhow::Result<Delta> {
        capture::delta(&mut self.store, &self.module, &self.untouched, &self.instance)
    }
}
