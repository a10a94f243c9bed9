//! What the host knows about one request while its guest runs: the data of a Wasmtime store, replaced as a whole when
//! the instance is brought back.

mod admission;
mod app_context;
mod behind;
mod computing;
mod pace;
pub(crate) mod places;
mod shared;

pub(crate) use admission::Waiting;
pub(crate) use app_context::AppContext;
pub(crate) use behind::Behind;
pub(crate) use pace::LONG_CALL;
pub(crate) use shared::Shared;

use crate::limits::Limits;
use crate::memory::Share;
use crate::operations::Operations;
use crate::outcome::{EXIT_FAILURE, Exit, Outcome};
use crate::stream::{Body, BodySource, PipeWriter};
use http::{Method, Response};
use std::sync::Arc;
use std::time::Instant;
use wasmtime::{Memory, UpdateDeadline};

/// What the guest answers: nothing yet, a head to be taken by the host, or a head that was taken.
#[derive(Debug, Default)]
pub(crate) enum Answer {
    #[default]
    None,
    Given(Response<Body>),
    Taken,
}

/// Where the guest's output goes.
#[derive(Debug)]
pub(crate) enum Sink {
    /// An HTTP response; whether it answers a HEAD request.
    Http { head_request: bool },
    /// Standard output of a command, and standard error for the rest of what it says.
    Stdout {
        /// Why something did not get there.
        lost: Option<std::io::Error>,
    },
}

impl Sink {
    /// Stop a command whose output goes nowhere, as programs are stopped that write to a closed pipe.
    ///
    /// # Errors
    /// [`Exit`], which ends the guest; the user is told what happened where it is seen.
    pub(crate) fn check(&self) -> wasmtime::Result<()> {
        match self {
            Self::Stdout { lost: Some(_) } => Err(wasmtime::Error::new(Exit(i32::from(EXIT_FAILURE)))),
            Self::Stdout { lost: None } | Self::Http { .. } => Ok(()),
        }
    }
}

/// Data of a store.
#[derive(Debug)]
pub(crate) struct RequestState {
    /// The guest's memory, once there is an instance.
    pub(crate) memory: Option<Memory>,
    pub(crate) app: Arc<AppContext>,
    pub(crate) sink: Sink,
    pub(crate) answer: Answer,
    /// A streaming body that is being written.
    pub(crate) streaming: Option<PipeWriter>,
    /// Whether the guest gave up a streaming body before its end.
    pub(crate) cut_off: bool,
    pub(crate) operations: Operations,
    /// When the guest is stopped.
    pub(crate) deadline: Instant,
    /// When it is stopped however much moves.
    last_deadline: Instant,
    /// How slow the client is.
    pub(crate) client: Behind,
    /// Whether a call of this request ran for longer than a tick.
    pub(crate) was_slow: bool,
    /// Bytes that may still be logged.
    pub(crate) log_bytes: usize,
    /// What the guest reported, for developers' eyes.
    pub(crate) reports: Vec<String>,
    /// Arguments of a command.
    pub(crate) arguments: Vec<String>,
    /// Memory that the instance and its request may use.
    pub(crate) share: Share,
}

/// Reports kept for a development error page.
const REPORTS_MAX: usize = 8;

impl RequestState {
    pub(crate) fn new(app: Arc<AppContext>, memory: Option<Memory>, share: Share) -> Self {
        let limits: &Limits = &app.shared.limits;
        let now = Instant::now();
        Self {
            memory,
            sink: Sink::Http { head_request: false },
            answer: Answer::None,
            streaming: None,
            cut_off: false,
            operations: Operations::new(BodySource::empty(), limits),
            deadline: now + limits.wall_time,
            last_deadline: now + limits.wall_time.max(limits.total_time),
            client: Behind::new(limits.client_bytes_per_s),
            was_slow: false,
            log_bytes: limits.log_bytes,
            reports: Vec::new(),
            arguments: Vec::new(),
            share,
            app,
        }
    }

    /// Begin an HTTP request that arrived at `received`.
    pub(crate) fn begin(&mut self, method: &Method, body: BodySource, received: Instant) {
        let limits = &self.app.shared.limits;
        self.deadline = received + limits.wall_time;
        self.last_deadline = received + limits.wall_time.max(limits.total_time);
        self.sink = Sink::Http { head_request: *method == Method::HEAD };
        self.operations = Operations::new(body, limits);
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.app.shared.limits
    }

    /// Body bytes have moved: the time limit starts anew.
    pub(crate) fn progressed(&mut self) {
        self.deadline = self.last_deadline.min(Instant::now() + self.limits().wall_time);
    }

    pub(crate) fn keep_report(&mut self, report: String) {
        if self.app.dev && self.reports.len() < REPORTS_MAX {
            self.reports.push(report);
        }
    }

    /// The head of the response, if there is one that was not taken yet.
    pub(crate) fn take_answer(&mut self) -> Option<Response<Body>> {
        match std::mem::replace(&mut self.answer, Answer::Taken) {
            Answer::Given(response) => Some(response),
            other => {
                self.answer = other;
                None
            }
        }
    }

    /// What a guest that says it is done has achieved.
    pub(crate) fn finished(&self) -> Outcome {
        match (&self.sink, &self.answer) {
            (Sink::Http { .. }, Answer::None) => Outcome::NoResponse,
            // The body was neither ended nor aborted.
            (Sink::Http { .. }, _) if self.streaming.is_some() => Outcome::NoResponse,
            _ if self.cut_off => Outcome::CutOff,
            _ => Outcome::Done,
        }
    }

    /// Called every tick while wasm runs.
    pub(crate) fn on_tick(&mut self) -> UpdateDeadline {
        if Instant::now() >= self.deadline {
            return UpdateDeadline::Interrupt;
        }
        if !self.was_slow {
            self.was_slow = true;
            self.app.shared.metrics.slow_calls.add_one();
            self.app.pace.was_long();
        }
        // Others of this thread have their turn, and whoever runs the call can move it to another thread.
        UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now()))
    }
}
