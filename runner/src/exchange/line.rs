//! The log line and the counters of a request that has ended.

use crate::neutral::neutralized;
use crate::outcome::Outcome;
use crate::state::AppContext;
use http::StatusCode;
use http::request::Parts;
use std::time::Instant;

/// What a log line about a request needs.
pub(super) struct Line<'a> {
    pub(super) app: &'a AppContext,
    pub(super) head: &'a Parts,
    pub(super) received: Instant,
    /// The status that the client has got already, if its response had begun.
    pub(super) sent: Option<StatusCode>,
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
            Outcome::ClientGone | Outcome::ClientSlow => {
                tracing::info!(target: "runner", app, method, path = path(), ms, "{outcome}")
            }
            _ => {
                let status = self.sent.unwrap_or_else(|| outcome.status()).as_u16();
                let begun = if self.sent.is_some() { ", after its response had begun" } else { "" };
                let text = neutralized(&format!("{outcome}{begun}"));
                tracing::error!(target: "runner", app, method, path = path(), ms, status, "{text}");
            }
        }
    }
}
