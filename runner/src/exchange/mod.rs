//! One request, from its first byte to the reset of the instance that handled it, and the ways it can end.

mod line;
mod message;
mod url;

use crate::host::App;
use crate::instance::{self, Entry, Instance, pool};
use crate::operations::Finished;
use crate::outcome::Outcome;
use crate::state::{RequestState, Waiting};
use crate::stream::{Body, BodySource, BoxError, PipeWriter, plain_text};
use bytes::Bytes;
use engine_abi::{Completions, Message, State};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::Body as HttpBody;
use line::Line;
use message::message;
use std::future::Future;
use std::pin::Pin;
use std::task::{Poll, Waker};
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;
use url::url;

/// Guest calls in a row that found their operations done, after which other tasks have a turn.
const CALLS_WITHOUT_WAITING_MAX: u32 = 16;

impl App {
    /// Answer a request: a pristine instance handles it. It never fails: what goes wrong in a guest is a response with
    /// the status of its [`Outcome`], which is among the response's extensions, a log line and a counter.
    ///
    /// Runs on any tokio runtime; fastest on [`crate::runtime`].
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: HttpBody + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let (head, body) = request.into_parts();
        handle(self, head, BodySource::new(body)).await
    }

    /// The response that stands for an outcome, which is among its extensions.
    fn error_response(&self, outcome: &Outcome, reports: &[String]) -> Response<Body> {
        let reason = outcome.status().canonical_reason().unwrap_or_default();
        let text = match self.0.context.dev {
            true => format!("{reason}: {outcome}\n{}", reports.concat()),
            false => format!("{reason}\n"),
        };
        let mut response = plain_text(outcome.status(), text);
        response.extensions_mut().insert(outcome.clone());
        response
    }
}

async fn handle(app: &App, head: Parts, mut body: BodySource) -> Response<Body> {
    let received = Instant::now();
    let Some(url) = url(&head) else {
        return plain_text(StatusCode::BAD_REQUEST, Bytes::from_static(b"the Host header is not a host\n"));
    };
    let (context, image) = (&app.0.context, &app.0.image);
    let shared = &context.shared;
    let whole = body.arrived_whole(shared.limits.inline_body_bytes).await;
    let Some(slot) = shared.admission.slot().await else {
        let outcome = Outcome::NoInstance;
        let line = Line { app: context, head: &head, received, sent: None };
        line.ended(&outcome);
        return app.error_response(&outcome, &[]);
    };
    let message = message(context, &head, &url, whole.as_ref(), received);
    let instance = match pool::acquire(&app.0.host.idle, image, context) {
        Ok(instance) => instance,
        Err(error) => {
            let outcome = Outcome::Trapped(format!("no instance could be made: {error:#}"));
            Line { app: context, head: &head, received, sent: None }.ended(&outcome);
            return app.error_response(&outcome, &[]);
        }
    };
    let source = if whole.is_some() { BodySource::empty() } else { body };
    Exchange::begin(app.clone(), instance, head, source, received, slot).answer(message).await
}

/// A request being handled.
struct Exchange {
    app: App,
    /// `None` while the guest runs, and when the request has ended.
    instance: Option<Box<Instance>>,
    has_ended: bool,
    head: Parts,
    received: Instant,
    /// Status of the response, once its head was handed on.
    sent: Option<StatusCode>,
    /// Set when the guest first has to be waited for.
    alarm: Option<Pin<Box<Sleep>>>,
    calls_without_waiting: u32,
    _slot: OwnedSemaphorePermit,
}

/// What a waiting request was woken by.
enum Event {
    Finished(Vec<Finished>),
    Deadline,
    ClientGone,
    ClientSlow,
}

/// A client that is waited for.
struct Slow {
    waiting: Waiting,
    /// When it was level with the rate that is expected of it, or would have been.
    level: Instant,
    /// Bytes of the response that it had taken.
    taken_bytes: u64,
}

impl Slow {
    fn wait(state: &mut RequestState, waker: &Waker) -> Self {
        let level = state.client.waits(Instant::now());
        let taken_bytes = state.streaming.as_ref().map_or(0, PipeWriter::taken_bytes);
        Self { waiting: state.app.shared.admission.waits_for_client(level, waker), level, taken_bytes }
    }

    /// What it was waited for has come.
    fn end(self, state: &mut RequestState, finished: &[Finished]) {
        let sent: usize = finished.iter().map(Finished::bytes).sum();
        let taken = state.streaming.as_ref().map_or(0, |pipe| pipe.taken_bytes() - self.taken_bytes);
        state.client.moved(Instant::now(), sent as u64 + taken);
    }
}

impl Exchange {
    fn begin(
        app: App,
        mut instance: Box<Instance>,
        head: Parts,
        body: BodySource,
        received: Instant,
        slot: OwnedSemaphorePermit,
    ) -> Self {
        instance.state_mut().begin(&head.method, body, received);
        let instance = Some(instance);
        Self {
            app,
            instance,
            has_ended: false,
            head,
            received,
            sent: None,
            alarm: None,
            calls_without_waiting: 0,
            _slot: slot,
        }
    }

    /// The response: as soon as its head is there, while the rest goes on by itself. Dropped before, it ends the request.
    async fn answer(mut self, message: Vec<u8>) -> Response<Body> {
        let mut ended = self.call(Entry::HandleRequest, message).await;
        loop {
            let answer = self.instance.as_mut().and_then(|instance| instance.state_mut().take_answer());
            self.sent = answer.as_ref().map(Response::status);
            match (answer, ended) {
                (Some(response), Some(outcome)) => {
                    self.end(outcome);
                    return response;
                }
                (Some(response), None) => {
                    tokio::spawn(self.run_to_end());
                    return response;
                }
                (None, Some(outcome)) => {
                    let reports =
                        self.instance.as_mut().map(|instance| std::mem::take(&mut instance.state_mut().reports));
                    let response = self.app.error_response(&outcome, &reports.unwrap_or_default());
                    self.end(outcome);
                    return response;
                }
                (None, None) => ended = self.advance().await,
            }
        }
    }

    async fn run_to_end(mut self) {
        loop {
            if let Some(outcome) = self.advance().await {
                return self.end(outcome);
            }
        }
    }

    /// Run the guest once; how the request ended, if it did.
    async fn call(&mut self, entry: Entry, message: Vec<u8>) -> Option<Outcome> {
        let (instance, result) = instance::call(self.instance.take()?, entry, message).await;
        self.instance = instance;
        match result {
            Ok(State::Pending) => None,
            Ok(State::Done) => self.instance.as_ref().map(|instance| instance.state().finished()),
            Ok(State::Failed) => Some(Outcome::Failed),
            Ok(State::Stalled) => Some(Outcome::Stalled),
            Err(outcome) => Some(outcome),
        }
    }

    /// Wait for something that the guest waits for, and tell it.
    async fn advance(&mut self) -> Option<Outcome> {
        match self.event().await? {
            Event::Deadline => Some(Outcome::TimedOut),
            Event::ClientGone => Some(Outcome::ClientGone),
            Event::ClientSlow => Some(Outcome::ClientSlow),
            Event::Finished(finished) if finished.is_empty() => Some(Outcome::Stalled),
            Event::Finished(finished) => {
                if finished.iter().any(|each| each.bytes() > 0) {
                    self.instance.as_mut()?.state_mut().progressed();
                }
                let message = Completions(finished.iter().map(Finished::message).collect()).encode();
                self.call(Entry::Resume, message).await
            }
        }
    }

    /// What happens next. An empty list of what has finished: nothing ever will.
    async fn event(&mut self) -> Option<Event> {
        self.calls_without_waiting += 1;
        if self.calls_without_waiting > CALLS_WITHOUT_WAITING_MAX {
            self.calls_without_waiting = 0;
            tokio::task::yield_now().await;
        }
        let state = self.instance.as_mut()?.state_mut();
        if Instant::now() >= state.deadline {
            // First of all: a guest may always have something that is done already.
            return Some(Event::Deadline);
        }
        let client_time = state.limits().client_time;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(state.deadline.into())));
        let calls = &mut self.calls_without_waiting;
        let mut slow: Option<Slow> = None;
        let event = std::future::poll_fn(|cx| {
            if state.streaming.as_ref().is_some_and(|pipe| pipe.poll_closed(cx).is_ready()) {
                return Poll::Ready(Event::ClientGone);
            }
            if state.operations.outstanding() == 0 {
                return Poll::Ready(Event::Finished(Vec::new()));
            }
            if let Poll::Ready(finished) = state.operations.poll(cx, state.streaming.as_ref()) {
                return Poll::Ready(Event::Finished(finished));
            }
            *calls = 0;
            if slow.is_none() && state.operations.wait_for_client() {
                slow = Some(Slow::wait(state, cx.waker()));
            }
            if slow.as_ref().is_some_and(|slow| slow.waiting.has_to_end()) {
                return Poll::Ready(Event::ClientSlow);
            }
            // A guest that set a timer has said itself how long it waits.
            let patience =
                slow.as_ref().filter(|_| !state.operations.wait_for_time()).map(|slow| slow.level + client_time);
            let (at, event) = match patience {
                Some(patience) if patience < state.deadline => (patience, Event::ClientSlow),
                _ => (state.deadline, Event::Deadline),
            };
            if alarm.deadline() != at.into() {
                alarm.as_mut().reset(at.into());
            }
            alarm.as_mut().poll(cx).map(|()| event)
        })
        .await;
        if let (Some(slow), Event::Finished(finished)) = (slow, &event) {
            slow.end(state, finished);
        }
        Some(event)
    }

    fn end(&mut self, outcome: Outcome) {
        self.has_ended = true;
        let line = Line { app: &self.app.0.context, head: &self.head, received: self.received, sent: self.sent };
        line.ended(&outcome);
        let (context, image, idle) = (&self.app.0.context, &self.app.0.image, &self.app.0.host.idle);
        match self.instance.take() {
            Some(instance) => pool::release(idle, image, context, instance, outcome.leaves_instance_usable()),
            None => context.shared.metrics.instances_dropped.add_one(),
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.has_ended {
            // The server drops a request when its connection is gone. A guest that runs is stopped wherever it is.
            self.end(Outcome::ClientGone);
        }
    }
}
