//! A narrow WASI preview 1: no network, and no environment, files or terminal but what is granted by name. Clocks stand
//! still and entropy is always the same, so that the same module gives the same snapshot.
//!
//! Not `engine-wasi`: what is initialized here is any module, which may be granted folders, files to read from and a terminal.
//! `wasmtime-wasi` has all of these; `engine-wasi` has what engines use, and nothing to be granted.

use super::Host;
use super::error::Error;
use super::last_words::LastWords;
use super::reads::Counters;
use crate::clock;
use anyhow::Context;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Linker;
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::MemoryInputPipe;
use wasmtime_wasi::{FsPerms, HostMonotonicClock, HostWallClock, WasiCtxBuilder};

/// How far the monotonic clock goes with each reading, in nanoseconds: loops that wait for it must end.
const MONOTONIC_STEP_NS: u64 = 1_000;

/// Entropy is the extended output of this seed. Nothing secret may be derived during initialization.
const ENTROPY_SEED: &[u8] = b"wizerjs: entropy during initialization is not random";

/// What a module gets through WASI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wasi {
    /// Folders: path on this machine, path that the module sees.
    pub dirs: Vec<(PathBuf, String)>,
    /// Environment variables.
    pub env: Vec<(String, String)>,
    /// Arguments, the program's name first.
    pub args: Vec<String>,
    /// Standard input, output and error.
    pub stdio: Stdio,
}

/// Standard streams of a module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stdio {
    /// Empty input. Output goes nowhere, but if the run fails the last of standard error is in [`Error::Said`].
    #[default]
    Closed,
    /// These bytes as input; output as above.
    Input(Vec<u8>),
    /// Those of this process.
    Inherited,
}

impl Wasi {
    /// # Ambient Authority
    /// Opens the folders, and this process's standard streams where they are inherited.
    pub(super) fn context(&self, reads: &Arc<Counters>, last_words: &LastWords) -> Result<WasiP1Ctx, Error> {
        let mut builder = WasiCtxBuilder::new();
        builder
            .wall_clock(WallClock(Arc::clone(reads)))
            .monotonic_clock(MonotonicClock(Arc::clone(reads)))
            .secure_random(Entropy::new(reads))
            .insecure_random(Entropy::new(reads))
            .insecure_random_seed(0)
            .allow_blocking_current_thread(true)
            .args(&self.args)
            .envs(&self.env);
        match &self.stdio {
            Stdio::Closed => drop(builder.stderr(last_words.clone())),
            Stdio::Input(bytes) => {
                builder.stdin(MemoryInputPipe::new(bytes.clone())).stderr(last_words.clone());
            }
            Stdio::Inherited => drop(builder.inherit_stdio()),
        }
        for (host, guest) in &self.dirs {
            builder
                .preopened_dir(host, guest, FsPerms::ReadWrite)
                .map_err(anyhow::Error::from)
                .with_context(|| format!("cannot open the folder {}", host.display()))
                .map_err(Error::Other)?;
        }
        Ok(builder.build_p1())
    }
}

/// Define WASI preview 1. To be used with a host whose `wasi` is there.
pub(super) fn link<T: Send + 'static>(linker: &mut Linker<Host<T>>) -> Result<(), Error> {
    p1::add_to_linker_sync(linker, |host: &mut Host<T>| host.wasi.as_mut().expect("linked only where it is granted"))
        .map_err(|error| Error::Other(error.into()))
}

struct WallClock(Arc<Counters>);

impl HostWallClock for WallClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Counters::add(&self.0.wall_clock, 1);
        Duration::from_secs(clock::FIXED_S)
    }
}

struct MonotonicClock(Arc<Counters>);

impl HostMonotonicClock for MonotonicClock {
    fn resolution(&self) -> u64 {
        MONOTONIC_STEP_NS
    }

    fn now(&self) -> u64 {
        Counters::add(&self.0.monotonic_clock, 1) * MONOTONIC_STEP_NS
    }
}

struct Entropy {
    bytes: blake3::OutputReader,
    reads: Arc<Counters>,
}

impl Entropy {
    fn new(reads: &Arc<Counters>) -> Self {
        let bytes = blake3::Hasher::new().update(ENTROPY_SEED).finalize_xof();
        Self { bytes, reads: Arc::clone(reads) }
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        self.bytes.fill(&mut taken);
        taken
    }
}

impl rand_core::TryRng for Entropy {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        // `random_get` takes one byte of a word.
        Counters::add(&self.reads.random_bytes, 1);
        Ok(u32::from_le_bytes(self.take()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Counters::add(&self.reads.random_bytes, 8);
        Ok(u64::from_le_bytes(self.take()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        Counters::add(&self.reads.random_bytes, out.len() as u64);
        self.bytes.fill(out);
        Ok(())
    }
}
