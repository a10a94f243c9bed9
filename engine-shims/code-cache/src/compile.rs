//! Compiling: on threads of its own, which can give way to others.

use anyhow::{Context, Result};
use wasmtime::{Engine, Module};

/// How much compiling threads give way (`nice(2)`).
const NICENESS: i32 = 5;

/// Machine code that this process made.
pub(crate) struct Code(Vec<u8>);

/// Compile a module with as many threads as there are processors.
pub(crate) fn compile(engine: &Engine, wasm: &[u8], gives_way: bool) -> Result<Code> {
    let compile = || engine.precompile_module(wasm).map(Code).map_err(anyhow::Error::from);
    if !gives_way {
        return compile();
    }
    let threads = rayon::ThreadPoolBuilder::new().thread_name(|_| "compiling".to_owned()).start_handler(|_| {
        // Where it is not allowed, they do not give way.
        let _ = rustix::process::nice(NICENESS);
    });
    threads.build().context("cannot start threads")?.install(compile)
}

impl Code {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The module, in memory of this process.
    pub(crate) fn module(&self, engine: &Engine) -> Result<Module> {
        // SAFETY: Wasmtime asks that the bytes are what `precompile_module` made; nothing but `compile` makes a `Code`, and
        // nothing changes one.
        unsafe { Module::deserialize(engine, &self.0) }.map_err(anyhow::Error::from)
    }
}
