//! Running a module up to the snapshot point, under Wasmtime and within limits.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! use wizerjs::initialize::{Initializer, Options};
//! use wizerjs::snapshot::{Rewrite, rewrite};
//!
//! let bytes = std::fs::read("module.wasm")?;
//! let initializer = Initializer::new(None)?;
//! let module = initializer.parse(&bytes)?;
//! let mut initialized = initializer.run(
//!     &module,
//!     &Options::default(),
//!     (),                        // the host's own state
//!     |_linker| Ok(()),          // more imports
//!     |running| Ok(running.call::<(), ()>("wizer-initialize", ())?),
//! )?;
//! let snapshot = initialized.stopped.capture(&module)?;
//! let output = rewrite(&module, &snapshot, &Rewrite::default())?.to_vec();
//! # Ok(()) }
//! ```

mod call_point;
mod descriptors;
mod error;
mod facts;
mod function;
mod imports;
mod initializer;
mod last_words;
mod limits;
mod live;
mod reads;
mod stack;
mod wasi;
mod watch;

pub use call_point::CallPoint;
pub use error::Error;
pub use function::{INIT_FUNCTIONS, InitFunction, find_init_function};
pub use imports::Preload;
pub use initializer::{Compiled, Initializer};
pub use limits::RefusedMemory;
pub use reads::Reads;
pub use stack::StackError;
pub use wasi::{Stdio, Wasi};

use crate::deadline::Deadline;
use crate::snapshot::{Instrumentation, Module, Snapshot, capture, import_calls};
use last_words::LastWords;
use limits::Limits;
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::{Instance, Linker, Store, WasmParams, WasmResults};
use wasmtime_wasi::p1::WasiP1Ctx;
use watch::Watch;

/// What a run may use and how long it may take.
#[derive(Clone, Debug)]
pub struct Options {
    /// WASI preview 1, as far as it is granted; `None`: a call of any of its functions fails the run.
    pub wasi: Option<Wasi>,
    /// Modules to instantiate first, whose exports the module may import. Their state is not captured.
    pub preload: Vec<Preload>,
    /// Processor time that the module may take. One that waits ends after some twenty times as long.
    pub timeout: Duration,
    /// Bytes that all memories together may take; beyond it `memory.grow` gives -1.
    pub max_memory_bytes: u64,
    /// A call at which the run is stopped, before it is made; the snapshot then makes it. `None`: the run is over when what it
    /// calls has returned.
    pub at: Option<CallPoint>,
}

/// Time that initialization may take if nobody says otherwise: an interpreter that loads its library takes seconds.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);

/// Bytes of memory that initialization may use if nobody says otherwise: all that one 32-bit memory can have.
pub const DEFAULT_MAX_MEMORY_BYTES: u64 = 4 << 30;

impl Default for Options {
    fn default() -> Self {
        Self {
            wasi: None,
            preload: Vec::new(),
            timeout: DEFAULT_TIMEOUT,
            max_memory_bytes: DEFAULT_MAX_MEMORY_BYTES,
            at: None,
        }
    }
}

/// What a store holds while a module is initialized: `data` is the caller's.
pub struct Host<T> {
    /// The caller's own state, for the imports it links.
    pub data: T,
    wasi: Option<WasiP1Ctx>,
    limits: Limits,
    watch: Option<Watch>,
}

/// A running instance, between instantiation and the snapshot point.
pub struct Running<'a, T: 'static> {
    /// The store of [`Running::instance`].
    pub store: &'a mut Store<Host<T>>,
    /// The instance. Its start function has run, nothing else.
    pub instance: Instance,
}

impl<T: Send + 'static> Running<'_, T> {
    /// Call an exported function.
    ///
    /// # Errors
    /// There is no such function of this type, or the ways in which it can end without returning.
    pub fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, params: P) -> Result<R, Error> {
        let function = self
            .instance
            .get_typed_func::<P, R>(&mut *self.store, name)
            .map_err(|error| Error::FunctionType { name: name.to_string(), cause: format!("{error:#}") })?;
        function.call(&mut *self.store, params).map_err(Error::from_run)
    }
}

/// A module that reached the snapshot point.
#[derive(Debug)]
pub struct Initialized<T: 'static> {
    /// The instance at the snapshot point.
    pub stopped: Stopped<T>,
    /// How the run went that brought it there.
    pub run: Run,
}

/// An instance that stands at the snapshot point.
pub struct Stopped<T: 'static> {
    live: live::Live<Host<T>>,
    instrumentation: Instrumentation,
}

impl<T> std::fmt::Debug for Stopped<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stopped").finish_non_exhaustive()
    }
}

impl<T> Stopped<T> {
    /// The caller's own state.
    pub fn data(&self) -> &T {
        &self.live.store.data().data
    }

    /// Read the state of the instance, which is one of `module`.
    ///
    /// # Errors
    /// State that no module can be initialized with, naming where it is.
    pub fn capture(&mut self, module: &Module<'_>) -> Result<Snapshot<'_>, Error> {
        Ok(capture(module, &self.instrumentation, &mut self.live)?)
    }
}

/// How a run went.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// What the module read of the world.
    pub reads: Reads,
    /// The first memory that the module asked for and did not get: the snapshot depends on the limit.
    pub refused_memory: Option<RefusedMemory>,
    /// Where the machine code came from.
    pub compiled: Compiled,
    /// Where the time went.
    pub timing: Timing,
}

/// Where the time of a run went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// Instrumenting, compiling or loading machine code.
    pub prepare: Duration,
    /// Instantiation and everything the module did.
    pub run: Duration,
}

impl Initializer {
    /// Instantiate `module` and let `run` bring it to the snapshot point. `link` adds imports of the caller's; where
    /// `options.wasi` provides the same function, the caller's wins. Imports that nobody provides fail the run when they
    /// are called. With `options.at` the run has to make that call, and is ended by it: `run` has to return the error that
    /// [`Running::call`] then gives.
    ///
    /// # Errors
    /// [`Error`]: everything that can keep the module from reaching the snapshot point.
    pub fn run<T, L, R>(
        &self,
        module: &Module<'_>,
        options: &Options,
        data: T,
        link: L,
        run: R,
    ) -> Result<Initialized<T>, Error>
    where
        T: Send + 'static,
        L: FnOnce(&mut Linker<Host<T>>) -> anyhow::Result<()> + Send,
        R: FnOnce(&mut Running<'_, T>) -> Result<(), Error> + Send,
    {
        let started = Instant::now();
        let watch = options.at.as_ref().map(|call| Watch::of(module, call)).transpose()?;
        let is_readable = watch.is_some();
        let instrumentation = match &watch {
            Some(watch) => Instrumentation::watching(module, watch.watched()),
            None => Instrumentation::of(module),
        };
        let engine = self.engine(is_readable)?;
        let (compiled_module, compiled) = self.compile(engine, module, &instrumentation)?;
        let prepare = started.elapsed();

        let reads = Arc::new(reads::Counters::default());
        let last_words = LastWords::default();
        let wasi = options.wasi.as_ref().map(|wasi| wasi.context(&reads, &last_words)).transpose()?;
        let limits = Limits::new(options.max_memory_bytes);
        let mut store = Store::new(engine, Host { data, wasi, limits, watch });
        store.limiter(|host| &mut host.limits);
        if let Some(watch) = &mut store.data_mut().watch {
            watch.layout.module = Some(compiled_module.clone());
        }
        let mut linker = Linker::new(engine);
        if options.wasi.is_some() {
            wasi::link(&mut linker)?;
        }
        linker.allow_shadowing(true);
        link(&mut linker).map_err(Error::Other)?;

        let deadline = Deadline::start(engine, &mut store, options.timeout).map_err(no_thread)?;
        let mut instance = None;
        let outcome = on_large_stack(Self::thread_stack_bytes(is_readable), || {
            imports::preload(&mut store, &mut linker, &options.preload)?;
            imports::trap_unknown(&mut store, &mut linker, &compiled_module)?;
            let made = linker.instantiate(&mut store, &compiled_module).map_err(Error::from_run)?;
            instance = Some(made);
            watch::start(&mut store, made, module, &instrumentation)?;
            run(&mut Running { store: &mut store, instance: made })
        });
        drop(deadline);
        let ended = End { outcome, instance, store, instrumentation };
        let (live, instrumentation) = ended.at_the_point(module).map_err(|error| last_words.add_to(error))?;
        let timing = Timing { prepare, run: started.elapsed() - prepare };
        let refused_memory = live.store.data().limits.refused();
        let run = Run { reads: reads.read(), refused_memory, compiled, timing };
        Ok(Initialized { stopped: Stopped { live, instrumentation }, run })
    }
}

/// A run that is over, in one way or another.
struct End<T: 'static> {
    outcome: Result<(), Error>,
    /// `None` if the module could not be instantiated.
    instance: Option<Instance>,
    store: Store<Host<T>>,
    instrumentation: Instrumentation,
}

impl<T> End<T> {
    /// The instance, if it stands at the snapshot point.
    fn at_the_point(self, module: &Module<'_>) -> Result<(live::Live<Host<T>>, Instrumentation), Error> {
        let Self { outcome, instance, store, instrumentation } = self;
        let host = store.data();
        let (Some(instance), Some(watch)) = (instance, &host.watch) else {
            return match (outcome, instance) {
                (Ok(()), Some(instance)) => Ok((live::Live::new(store, instance, Vec::new()), instrumentation)),
                (Err(error), _) => Err(host.limits.add_to(error)),
                (Ok(()), None) => Err(Error::Other(anyhow::anyhow!("nothing was instantiated"))),
            };
        };
        if let Some(frames) = watch.frames() {
            if let Some((descriptor, path)) = watch.descriptors.open() {
                return Err(Error::OpenDescriptor { call: watch.call.clone(), descriptor, path: path.to_string() });
            }
            let frames = frames.to_vec();
            return Ok((live::Live::new(store, instance, frames), instrumentation));
        }
        let call = watch.call.clone();
        let cause = match outcome {
            Ok(()) => None,
            Err(error @ Error::Stack(_)) => return Err(error),
            Err(error) => Some(Box::new(host.limits.add_to(error))),
        };
        let mut live = live::Live::new(store, instance, Vec::new());
        let calls = import_calls(module, &instrumentation, &mut live);
        Err(Error::NotCalled { call, cause, calls })
    }
}

fn no_thread(error: std::io::Error) -> Error {
    Error::Other(anyhow::Error::from(error).context("cannot start a thread"))
}

/// Run `work` on a thread whose stack has room for all of the stack that the engine lets wasm use.
fn on_large_stack<R: Send>(stack_bytes: usize, work: impl FnOnce() -> Result<R, Error> + Send) -> Result<R, Error> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("initialize".to_string())
            .stack_size(stack_bytes)
            .spawn_scoped(scope, work)
            .map_err(no_thread)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
