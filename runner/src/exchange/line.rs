//! The log line and the counters of a request that has ended.

use crate::neutral::neutralized;
use crate::outcome::Outcome;
use crate::state::AppContext;
use http::request::Parts;
use std::time::Instant;

/// What a log line about a request needs.
pub(super) struct Line<'a> {
    pub(super) app: &'a AppContext,
    pub(super) head: &'a Parts,
    pub(super) received: Instant,
}

impl Line<'_> {
    /// Count and log how the request ended.
    pub(super) fn ended(&self, outcome: &Outcome) {
        let elapsed = self.received.elapsed();
        self.app.shared.metrics.ended(outcome, elapsed);
        let (app, method) = (self.app.name.as_str(), self.head.method.as_str());
        let ms = elapsed.as_millis() as u64;
        let path = || neutralized(self.head.uri.path());
        match outcome {
            Outcome::Done => tracing::debug!(target: "runner", app, method, path = path(), ms, "{outcome}"),
            Outcome::ClientGone => tracing::info!(target: "runner", app, method, path = path(), ms, "{outcome}"),
            _ => {
                let status = outcome.status().as_u16();
                let text = neutralized(&outcome.to_string());
                tracing::error!(target: "runner", app, method, path = path(), ms, status, "{text}");
            }
        }
    }
}
