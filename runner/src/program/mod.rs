//! Programs: commands of WASI preview 1, which know nothing of our interface. A snapshot that `wizerjs snapshot --at` made is
//! one too.
//!
//! As a command a program has this process's standard streams. Behind HTTP it speaks CGI (RFC 3875): every request gets an
//! instance of its own.

mod cgi;
mod instance;
mod served;

pub use instance::Folder;

use crate::limits::Limits;
use crate::load::ticker;
use anyhow::{Context, Result};
use engine_code_cache::{CodeCache, codegen_config};
use instance::State;
use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use wasmtime::{Engine, InstancePre, Linker, Module};
use wasmtime_wasi::{WasiCtxBuilder, p1};

/// Stack that a program may use, in bytes: interpreters recurse deeply.
const WASM_STACK_BYTES: usize = 4 << 20;

/// Stack that host functions need above it, in bytes.
const HOST_STACK_BYTES: usize = 1 << 20;

/// What a program finds around it.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Arguments, without the program's name.
    pub arguments: Vec<String>,
    /// Environment variables.
    pub env: Vec<(String, String)>,
    /// Folders, in the order of their descriptors.
    pub folders: Vec<Folder>,
    /// Behind HTTP, what CGI has in the environment stands at the beginning of standard input, as in SCGI: for a snapshot, which
    /// has read its environment already.
    pub is_scgi: bool,
    /// Bounds on memory, time, and instances.
    pub limits: Limits,
    /// Folder for compiled code; `None` is the user's cache folder.
    pub cache_dir: Option<PathBuf>,
}

/// A program. Cheap to clone.
#[derive(Clone)]
pub struct Program(Arc<Loaded>);

struct Loaded {
    name: String,
    /// The instance that every run makes.
    instance: InstancePre<State>,
    surroundings: Surroundings,
    /// Instances that may be made.
    permits: Arc<Semaphore>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Program").field(&self.0.name).finish()
    }
}

impl Program {
    /// Load a program; its code is compiled, or taken from the cache.
    ///
    /// # Errors
    /// It is not valid, or imports what WASI preview 1 does not have.
    pub fn load(name: &str, wasm: &[u8], surroundings: Surroundings) -> Result<Self> {
        let mut config = codegen_config();
        config.max_wasm_stack(WASM_STACK_BYTES);
        config.async_stack_size(WASM_STACK_BYTES + HOST_STACK_BYTES);
        let engine = Engine::new(&config)?;
        ticker::start(engine.weak()).context("cannot start a thread")?;
        let cache = CodeCache::open_chosen(surroundings.cache_dir.as_deref())?;
        let digest = *blake3::hash(wasm).as_bytes();
        let (module, _) = cache.module(&engine, &digest, || Ok(Cow::Borrowed(wasm)))?;
        let mut linker = Linker::new(&engine);
        p1::add_to_linker_async(&mut linker, |state: &mut State| &mut state.wasi)?;
        let instance = linker.instantiate_pre(&module).map_err(anyhow::Error::from);
        let instance = instance.context("only WASI preview 1 is provided, without threads and shared memory")?;
        warn_of_sockets(name, &module);
        let permits = Arc::new(Semaphore::new(surroundings.limits.instances));
        Ok(Self(Arc::new(Loaded { name: name.to_owned(), instance, surroundings, permits })))
    }

    /// Run the program once with this process's standard streams; its exit code.
    ///
    /// # Ambient authority
    /// Uses standard input, output and error.
    ///
    /// # Errors
    /// It trapped, or did not end in time.
    pub async fn run(&self, limit: Duration) -> Result<u8> {
        let Loaded { name, instance, surroundings, .. } = &*self.0;
        let mut builder = WasiCtxBuilder::new();
        builder.inherit_stdio().arg(name).args(&surroundings.arguments).envs(&surroundings.env);
        let state = instance::state(builder, surroundings).with_context(|| name.clone())?;
        let code = instance::run(instance, state, limit).await.with_context(|| name.clone())?;
        // WASI's exit codes are those of the system: the low 8 bits.
        Ok(code as u8)
    }
}

/// What a program asks for and never gets is said before it runs.
fn warn_of_sockets(name: &str, module: &Module) {
    if let Some(import) = module.imports().find(|import| import.name().starts_with("sock_")) {
        tracing::warn!(target: "runner", app = name, "there are no sockets: `{}` and its like give an error", import.name());
    }
}
