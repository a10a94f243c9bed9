//! What requests of one application have in common.

use super::pace::Pace;
use super::places::Places;
use super::shared::Shared;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// What requests of one application have in common.
#[derive(Debug)]
pub(crate) struct AppContext {
    /// Name in logs.
    pub(crate) name: String,
    /// Variables of the run-time environment.
    pub(crate) env: Vec<(String, String)>,
    /// Whether error responses say what happened.
    pub(crate) dev: bool,
    pub(crate) pace: Pace,
    /// Bytes that its instances, and what the host holds for them, have of the host's budget.
    pub(crate) memory_bytes: Arc<AtomicUsize>,
    pub(crate) places: Places,
    pub(crate) shared: Arc<Shared>,
}

impl AppContext {
    pub(crate) fn new(name: &str, env: Vec<(String, String)>, dev: bool, places: Places, shared: Arc<Shared>) -> Self {
        Self { name: name.to_owned(), env, dev, pace: Pace::default(), memory_bytes: Arc::default(), places, shared }
    }
}
