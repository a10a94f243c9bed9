//! The engine loads the application: what is called and what comes of it.

use super::BuildError;
use super::baked::{self, Read};
use super::judge::{self, Ending};
use super::options::BuildOptions;
use super::places::{self, Mapped};
use super::warm_up::WarmUp;
use crate::engine::BaseModule;
use crate::guest::{self, Guest, Noticed, Surroundings};
use crate::progress::Observer;
use crate::source::Sources;
use engine_abi::export;
use engine_artifact::StateDelta;
use engine_code_cache::{CodeCache, Origin};
use std::sync::Arc;

/// What loading an application gave.
pub(super) struct Loaded {
    pub(super) delta: StateDelta,
    /// What was noticed, none of it a failure.
    pub(super) remarks: Vec<Noticed>,
    /// How many more of them there were.
    pub(super) dropped_remarks: u64,
    /// What warm-up requests read, all of it allowed, and how often.
    pub(super) baked: Vec<Read>,
    /// The first place where a warm-up request read the environment.
    pub(super) environment_read: Option<Noticed>,
    /// Whether the engine had to be compiled.
    pub(super) compiled: bool,
}

/// Have the engine load the application.
pub(super) fn load(
    base: &BaseModule,
    sources: &Sources,
    options: &BuildOptions,
    cache: &CodeCache,
    observer: &Arc<dyn Observer>,
) -> Result<Loaded, BuildError> {
    let engine = guest::runtime().map_err(broken)?;
    let (module, origin) = cache
        .module(&engine, &base.digest, || {
            observer.compiling(&base.name);
            base.wasm()
        })
        .map_err(BuildError::Engine)?;
    if origin != Origin::Cached {
        observer.compiled();
    }
    let around = Surroundings {
        observer: Arc::new(Mapped { observer: Arc::clone(observer), map: sources.map.clone() }),
        clock_s: options.clock_s,
        memory_max_bytes: options.memory_max_bytes,
        timeout: options.init_timeout,
    };
    let mut guest = Guest::new(&engine, &module, &around).map_err(broken)?;
    let urls: Vec<String> = options.warm_up.iter().map(WarmUp::url).collect();
    let warm_up = options.warm_up.iter().zip(&urls).map(|(request, url)| request.message(url)).collect();
    let message = sources.message(&options.env, warm_up);
    let ending = guest.run(|guest| call(guest, &message));
    places::map(&mut guest.host_mut().diagnostics, &sources.map);
    judge::judge(ending, guest.host(), sources, options)?;
    let delta = guest.delta().map_err(BuildError::Engine)?;
    let dropped_remarks = guest.host().dropped_warnings;
    let baked = if options.warm_up.is_empty() { Vec::new() } else { baked::of(guest.host()) };
    let environment_read = baked::environment(guest.host());
    let mut remarks = guest.take_noticed();
    remarks.retain(|noticed| !baked::is_told(noticed.kind));
    Ok(Loaded { delta, remarks, dropped_remarks, baked, environment_read, compiled: origin != Origin::Cached })
}

/// Hand the application over and let it be evaluated.
fn call(guest: &mut Guest, message: &[u8]) -> wasmtime::Result<Ending> {
    let Ok(len) = i32::try_from(message.len()) else { return Ok(Ending::TooLarge) };
    let pointer: i32 = guest.call(export::ALLOCATE, (len, 1))?;
    if pointer == 0 {
        return Ok(Ending::TooLarge);
    }
    guest.write(pointer, message)?;
    Ok(Ending::Returned(guest.call(export::LOAD_APPLICATION, (pointer, len))?))
}

fn broken(error: wasmtime::Error) -> BuildError {
    BuildError::Engine(anyhow::Error::from(error).context("the engine cannot be used"))
}
