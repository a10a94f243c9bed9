//! The initializer: the runtime that modules are initialized under, and their machine code.

use super::error::Error;
use super::facts;
use crate::snapshot::{Instrumentation, Module, parse, parse_known};
use engine_code_cache::{CodeCache, Origin};
use std::borrow::Cow;
use wasmtime::{Config, Engine, OptLevel};

/// Stack that wasm may use, in bytes: interpreters recurse deeply while they parse.
const WASM_STACK_BYTES: usize = 4 << 20;

/// Stack of the thread that runs wasm, in bytes: host functions need some above what wasm uses.
pub(super) const THREAD_STACK_BYTES: usize = WASM_STACK_BYTES + (4 << 20);

/// Prepares and runs modules; shared by any number of runs.
#[derive(Clone, Debug)]
pub struct Initializer {
    engine: Engine,
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
        let engine = Engine::new(&config()).map_err(|error| Error::Other(error.into()))?;
        Ok(Self { engine, cache })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
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
        module: &Module<'_>,
        instrumentation: &Instrumentation,
    ) -> Result<(wasmtime::Module, Compiled), Error> {
        let not_compiled = |error: anyhow::Error| Error::Compile(format!("{error:#}"));
        let Some(cache) = &self.cache else {
            let compiled = wasmtime::Module::new(&self.engine, instrumentation.apply(module)?);
            return Ok((compiled.map_err(|error| not_compiled(error.into()))?, Compiled::Now));
        };
        let digest = module.digest().unwrap_or_else(|| digest(module.bytes()));
        let wasm = || Ok(Cow::Owned(instrumentation.apply(module)?));
        let (compiled, origin) = cache.module(&self.engine, &digest, wasm).map_err(not_compiled)?;
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

/// Settings that decide what initialization can observe, and so what is in a snapshot.
fn config() -> Config {
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
    config.max_wasm_stack(WASM_STACK_BYTES);
    config.async_stack_size(THREAD_STACK_BYTES);
    config.wasm_multi_memory(true);
    config.wasm_memory64(true);
    config.wasm_custom_page_sizes(true);
    config.wasm_wide_arithmetic(true);
    config.wasm_function_references(true);
    config.wasm_gc(true);
    config.wasm_exceptions(true);
    config
}
