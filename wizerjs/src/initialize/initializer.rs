//! The initializer: the runtime that modules are initialized under, and their machine code.

use super::error::Error;
use super::facts;
use crate::snapshot::{Instrumentation, Module, parse, parse_known};
use engine_code_cache::{CodeCache, Origin};
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use wasmtime::{Config, Engine, OptLevel};

/// Stack that wasm may use, in bytes: interpreters recurse deeply while they parse.
const WASM_STACK_BYTES: usize = 4 << 20;

/// The same where call stacks can be read: all locals and operands are on the stack then, so that it has to be many times as
/// large.
const READABLE_WASM_STACK_BYTES: usize = 64 << 20;

/// Stack that host functions need above what wasm uses, in bytes.
const HOST_STACK_BYTES: usize = 4 << 20;

/// Prepares and runs modules; shared by any number of runs.
#[derive(Clone, Debug)]
pub struct Initializer {
    engine: Engine,
    /// Of runs whose call stacks can be read; made when there is the first one.
    readable: Arc<OnceLock<Engine>>,
    cache: Option<CodeCache>,
}

/// Where the machine code of a module came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiled {
    /// From the cache.
    Cached,
    /// It was compiled for this run.
    Now,
}

impl Initializer {
    /// Make an initializer. Machine code is kept in `cache`, if there is one.
    ///
    /// # Errors
    /// This machine cannot run Wasmtime.
    pub fn new(cache: Option<CodeCache>) -> Result<Self, Error> {
        Ok(Self { engine: engine(&config(WASM_STACK_BYTES))?, readable: Arc::default(), cache })
    }

    /// The engine of runs whose call stacks can be read, or of others.
    pub(super) fn engine(&self, is_readable: bool) -> Result<&Engine, Error> {
        if !is_readable {
            return Ok(&self.engine);
        }
        if let Some(engine) = self.readable.get() {
            return Ok(engine);
        }
        let engine = engine(config(READABLE_WASM_STACK_BYTES).guest_debug(true))?;
        Ok(self.readable.get_or_init(|| engine))
    }

    /// Bytes of stack of the thread of a run.
    pub(super) fn thread_stack_bytes(is_readable: bool) -> usize {
        HOST_STACK_BYTES + if is_readable { READABLE_WASM_STACK_BYTES } else { WASM_STACK_BYTES }
    }

    /// Validate `bytes` and lay out the module's index spaces; code that was validated before is not validated again.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn parse<'a>(&self, bytes: &'a [u8]) -> Result<Module<'a>, Error> {
        let Some(cache) = &self.cache else { return Ok(parse(bytes)?) };
        let digest = digest(bytes);
        if let Some(facts) = facts::load(cache, &digest) {
            return Ok(parse_known(bytes, facts)?.with_digest(digest));
        }
        let module = parse(bytes)?.with_digest(digest);
        facts::store(cache, &digest, module.facts());
        Ok(module)
    }

    pub(super) fn compile(
        &self,
        engine: &Engine,
        module: &Module<'_>,
        instrumentation: &Instrumentation,
    ) -> Result<(wasmtime::Module, Compiled), Error> {
        let not_compiled = |error: anyhow::Error| Error::Compile(format!("{error:#}"));
        let Some(cache) = &self.cache else {
            let compiled = wasmtime::Module::new(engine, instrumentation.apply(module)?);
            return Ok((compiled.map_err(|error| not_compiled(error.into()))?, Compiled::Now));
        };
        let digest = module.digest().unwrap_or_else(|| digest(module.bytes()));
        let digest = instrumented(digest, instrumentation);
        let wasm = || Ok(Cow::Owned(instrumentation.apply(module)?));
        let (compiled, origin) = cache.module(engine, &digest, wasm).map_err(not_compiled)?;
        Ok((compiled, if origin == Origin::Cached { Compiled::Cached } else { Compiled::Now }))
    }
}

/// Key of an instrumented module in the cache: a digest of the original bytes, and of how they are instrumented.
fn digest(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(concat!("wizerjs ", env!("CARGO_PKG_VERSION"), " instrumented 1\0").as_bytes());
    hasher.update_rayon(bytes);
    *hasher.finalize().as_bytes()
}

/// Key of a module that is instrumented in another way than most are.
fn instrumented(digest: [u8; 32], instrumentation: &Instrumentation) -> [u8; 32] {
    let key = instrumentation.key();
    if key.is_empty() {
        return digest;
    }
    *blake3::Hasher::new().update(&digest).update(key.as_bytes()).finalize().as_bytes()
}

fn engine(config: &Config) -> Result<Engine, Error> {
    Engine::new(config).map_err(|error| Error::Other(error.into()))
}

/// Settings that decide what initialization can observe, and so what is in a snapshot.
fn config(wasm_stack_bytes: usize) -> Config {
    let mut config = Config::new();
    // The result must not depend on the machine: bits of NaNs and relaxed SIMD are the only places where wasm allows it.
    config.cranelift_nan_canonicalization(true);
    config.relaxed_simd_deterministic(true);
    // Initialization runs once; most of the time of a first snapshot is compilation.
    config.cranelift_opt_level(OptLevel::None);
    config.generate_address_map(false);
    config.epoch_interruption(true);
    // Data is then copied into fresh memory, so pages that were never written to are zero and need not be searched.
    config.memory_init_cow(false);
    config.max_wasm_stack(wasm_stack_bytes);
    config.async_stack_size(wasm_stack_bytes + HOST_STACK_BYTES);
    config.wasm_multi_memory(true);
    config.wasm_memory64(true);
    config.wasm_custom_page_sizes(true);
    config.wasm_wide_arithmetic(true);
    config.wasm_function_references(true);
    config.wasm_gc(true);
    config.wasm_exceptions(true);
    config
}
