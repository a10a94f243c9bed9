//! An application: loaded once, then asked for responses.

use crate::artifact::Artifact;
use crate::base::Base;
use crate::body::{Body, BodySource, BoxError};
use crate::host::{Host, HostInner};
use crate::image::Delta;
use crate::instance::wasm_pages_bytes;
use crate::outcome::Outcome;
use crate::request;
use crate::state::AppContext;
use anyhow::{Context, Result, ensure};
use engine_abi::GlobalValue;
use http::{Request, Response};
use http_body::Body as HttpBody;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use wasmtime::Val;

/// An application of a [`Host`]. Cheap to clone.
#[derive(Clone)]
pub struct App(pub(crate) Arc<AppInner>);

pub(crate) struct AppInner {
    /// Keeps what instances refer to, and the engines for further applications, alive.
    _host: Arc<HostInner>,
    pub(crate) context: Arc<AppContext>,
    pub(crate) image: Image,
}

/// What every request of an application starts from.
pub(crate) struct Image {
    /// Different for every image of the process.
    pub(crate) id: u64,
    pub(crate) base: Arc<Base>,
    pub(crate) delta: Delta,
    /// Values of the base's exported mutable globals.
    pub(crate) globals: Vec<Val>,
    /// Size of memory in pages of 64 KiB.
    pub(crate) memory_pages: u64,
}

impl Image {
    fn new(base: Arc<Base>, delta: Delta, changed: &[(String, GlobalValue)], memory_pages: u64) -> Result<Self> {
        static IDS: AtomicU64 = AtomicU64::new(1);
        let base_bytes = base.pristine.image().len();
        let memory_pages = memory_pages.max((base_bytes / wasm_pages_bytes(1)) as u64);
        ensure!(delta.end() <= wasm_pages_bytes(memory_pages), "damaged: it has data beyond the end of its memory");
        let mut globals = base.pristine.globals.clone();
        for (name, value) in changed {
            let index = base.exports.globals.iter().position(|(global, _)| global == name);
            let global = &mut globals[index.with_context(|| format!("its engine has no global {name}"))?];
            let value = val(*value);
            let same_type = std::mem::discriminant(global) == std::mem::discriminant(&value);
            ensure!(same_type, "its engine's global {name} has another type");
            *global = value;
        }
        Ok(Self { id: IDS.fetch_add(1, Relaxed), base, delta, globals, memory_pages })
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        wasm_pages_bytes(self.memory_pages)
    }

    /// Make `part`, which is `run` of memory, what it is to be.
    pub(crate) fn fill(&self, run: &Range<usize>, part: &mut [u8]) {
        let pristine = self.base.pristine.image();
        let from_base = pristine.get(run.start..run.end.min(pristine.len())).unwrap_or_default();
        let (head, tail) = part.split_at_mut(from_base.len());
        head.copy_from_slice(from_base);
        // Not for nothing: a masked store of no bytes, as memset does it, to the protected page that follows takes 0.15 µs.
        if !tail.is_empty() {
            tail.fill(0);
        }
        self.delta.apply_within(run, part);
    }
}

fn val(value: GlobalValue) -> Val {
    match value {
        GlobalValue::I32(bits) => Val::I32(bits as i32),
        GlobalValue::I64(bits) => Val::I64(bits as i64),
        GlobalValue::F32(bits) => Val::F32(bits),
        GlobalValue::F64(bits) => Val::F64(bits),
        GlobalValue::V128(bits) => Val::V128(bits.into()),
    }
}

impl App {
    /// Load the artifact at `path` into a host of its own, with default limits.
    ///
    /// # Errors
    /// As [`Host::new`] and [`Host::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        Host::new(crate::Config::default())?.load(path)
    }

    pub(crate) fn from_artifact(host: Arc<HostInner>, name: &str, artifact: Artifact) -> Result<Self> {
        let image = match artifact {
            Artifact::Thin { manifest, delta } => {
                let base = host.base(&manifest)?;
                Image::new(base, delta, &manifest.globals, manifest.memory_pages)?
            }
            Artifact::SelfContained { wasm, manifest } => {
                let (base, delta) = host.split(&wasm, manifest.as_ref())?;
                // A base of its own has these globals already.
                let manifest = manifest.as_ref();
                let globals = manifest.map_or(&[][..], |manifest| &manifest.globals);
                Image::new(base, delta, globals, manifest.map_or(0, |manifest| manifest.memory_pages))?
            }
        };
        let context = Arc::new(AppContext::new(name, &host));
        Ok(Self(Arc::new(AppInner { _host: host, context, image })))
    }

    /// Its name in logs.
    pub fn name(&self) -> &str {
        &self.0.context.name
    }

    /// Bytes of memory that the application takes beyond its engine, without instances.
    pub fn memory_bytes(&self) -> usize {
        size_of::<AppInner>() + size_of::<AppContext>() + self.0.image.delta.heap_bytes()
    }

    /// Answer a request: a pristine instance handles it. It never fails: what goes wrong in a guest is a response with
    /// the status of its [`Outcome`], a log line and a counter.
    ///
    /// Runs on any tokio runtime; fastest on [`crate::runtime`].
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: HttpBody + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (head, body) = request.into_parts();
        request::handle(self, head, BodySource::new(body)).await
    }

    /// The response that stands for an outcome.
    pub(crate) fn error_response(&self, outcome: &Outcome, reports: &[String]) -> Response<Body> {
        let reason = outcome.status().canonical_reason().unwrap_or_default();
        let text = match self.0.context.dev {
            true => format!("{reason}: {outcome}\n{}", reports.concat()),
            false => format!("{reason}\n"),
        };
        let mut response = Response::new(text.into());
        *response.status_mut() = outcome.status();
        let text_plain = http::HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(http::header::CONTENT_TYPE, text_plain);
        response
    }
}

/// Calls that run on a fiber before an application is trusted to be quick.
const FIBER_CALLS_AT_FIRST: u32 = 8;

/// Calls that run on a fiber after one that was slow.
const FIBER_CALLS_AFTER_SLOW: u32 = 1024;

/// How far an application is from running inline.
#[derive(Debug)]
pub(crate) struct Trust(AtomicU32);

impl Default for Trust {
    fn default() -> Self {
        Self(AtomicU32::new(FIBER_CALLS_AT_FIRST))
    }
}

impl AppContext {
    /// Whether a call may run on the thread that serves: a call that turns out to be slow there keeps that thread from
    /// everything else until it ends.
    pub(crate) fn runs_inline(&self) -> bool {
        self.trust.0.load(Relaxed) == 0
    }

    pub(crate) fn ran_on_fiber(&self) {
        let _ = self.trust.0.fetch_update(Relaxed, Relaxed, |calls| calls.checked_sub(1));
    }

    pub(crate) fn was_slow(&self) {
        self.trust.0.store(FIBER_CALLS_AFTER_SLOW, Relaxed);
    }
}
