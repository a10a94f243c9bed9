//! One request, from its first byte to the reset of the instance that handled it, and the ways it can end.

use crate::app::App;
use crate::body::{Body, BodySource};
use crate::instance::{Entry, Instance};
use crate::operations::Finished;
use crate::outcome::Outcome;
use anyhow::Result;
use bytes::Bytes;
use engine_abi::{Completions, Message, State, Writer};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, Response, StatusCode, Version, header};
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Instant;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Sleep;

/// Guest calls in a row that found their operations done, after which other tasks have a turn.
const CALLS_WITHOUT_WAITING_MAX: u32 = 16;

/// Bytes of a request message beyond those of its parts, at most: lengths, tags, the clock.
const MESSAGE_OVERHEAD_BYTES: usize = 1024;

pub(crate) async fn handle(app: &App, head: Parts, mut body: BodySource) -> Response<Body> {
    let received = Instant::now();
    let Some(url) = url(&head) else { return bad_request("the Host header is not a host\n") };
    let shared = &app.0.context.shared;
    let whole = body.arrived_whole(shared.limits.inline_body_bytes).await;
    let Some(slot) = shared.slot().await else {
        let outcome = Outcome::NoInstance;
        let line = Line { app, head: &head, received };
        line.ended(&outcome);
        return app.error_response(&outcome, &[]);
    };
    let message = message(app, &head, &url, whole.as_ref(), received);
    let instance = match take(app) {
        Ok(instance) => instance,
        Err(error) => {
            let outcome = Outcome::Trapped(format!("no instance could be made: {error:#}"));
            Line { app, head: &head, received }.ended(&outcome);
            return app.error_response(&outcome, &[]);
        }
    };
    let source = if whole.is_some() { BodySource::empty() } else { body };
    Exchange::begin(app.clone(), instance, head, source, received, slot).answer(&message).await
}

fn bad_request(text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The absolute URL of a request, `None` if it names no valid host.
fn url(head: &Parts) -> Option<String> {
    let host = match (head.uri.authority(), head.headers.get(header::HOST)) {
        (Some(authority), _) => authority.as_str(),
        (None, Some(host)) => host.to_str().ok().filter(|host| host.parse::<Authority>().is_ok())?,
        (None, None) if head.version == Version::HTTP_11 => return None,
        (None, None) => "localhost",
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    // `OPTIONS *` is about the server as a whole; URLs have no such path.
    let path = if path.starts_with('/') { path } else { "/" };
    Some(format!("http://{host}{path}"))
}

fn message(app: &App, head: &Parts, url: &str, whole: Option<&Bytes>, received: Instant) -> Vec<u8> {
    let context = &app.0.context;
    let request = engine_abi::Request {
        method: head.method.as_str(),
        url,
        headers: head.headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())).collect(),
        body: match whole {
            Some(bytes) if bytes.is_empty() => engine_abi::Body::Empty,
            Some(bytes) => engine_abi::Body::Complete(bytes),
            None => engine_abi::Body::Streaming,
        },
        received_ns: context.shared.monotonic_ns(received),
        env: context.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
    };
    let body_bytes = whole.map_or(0, Bytes::len);
    let mut writer = Writer::new(Vec::with_capacity(MESSAGE_OVERHEAD_BYTES + body_bytes));
    request.write(&mut writer);
    writer.into_bytes()
}

/// An instance that is as the application's image says.
pub(crate) fn take(app: &App) -> Result<Box<Instance>> {
    let (context, image) = (&app.0.context, &app.0.image);
    let shared = &context.shared;
    if let Some(instance) = image.base.take_idle(image.id) {
        shared.metrics.instances_reused.add_one();
        return Ok(instance);
    }
    shared.metrics.instances_created.add_one();
    let keep = shared.keeps_instances && image.base.hidden_state.is_none();
    Ok(Box::new(Instance::new(image, context.clone(), keep)?))
}

/// Bring an instance back and keep it, or throw it away.
pub(crate) fn recycle(app: &App, mut instance: Box<Instance>, usable: bool) {
    let (context, image) = (&app.0.context, &app.0.image);
    let shared = &context.shared;
    if usable && shared.keeps_instances && image.base.hidden_state.is_none() {
        match instance.restore(image, context.clone()) {
            Ok(report) => {
                shared.metrics.reset_pages.record(report.pages as u64);
                if image.base.keep_idle(instance, shared.limits.kept_instances).is_none() {
                    return;
                }
            }
            Err(reason) => tracing::debug!(target: "runner", app = app.name(), "instance not kept: {reason:#}"),
        }
    }
    shared.metrics.instances_dropped.add_one();
}

/// What a log line about a request needs.
struct Line<'a> {
    app: &'a App,
    head: &'a Parts,
    received: Instant,
}

impl Line<'_> {
    /// Count and log how the request ended.
    fn ended(&self, outcome: &Outcome) {
        let elapsed = self.received.elapsed();
        self.app.0.context.shared.metrics.ended(outcome, elapsed);
        let (app, method) = (self.app.name(), self.head.method.as_str());
        let (path, ms) = (self.head.uri.path(), elapsed.as_millis() as u64);
        match outcome {
            Outcome::Done => tracing::debug!(target: "runner", app, method, path, ms, "{outcome}"),
            Outcome::ClientGone => tracing::info!(target: "runner", app, method, path, ms, "{outcome}"),
            _ => {
                let status = outcome.status().as_u16();
                let text = crate::hostcalls::neutralized(&outcome.to_string());
                tracing::error!(target: "runner", app, method, path, ms, status, "{text}");
            }
        }
    }
}

/// A request being handled.
struct Exchange {
    app: App,
    /// `None` when the request has ended.
    instance: Option<Box<Instance>>,
    head: Parts,
    received: Instant,
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
        Self { app, instance: Some(instance), head, received, alarm: None, calls_without_waiting: 0, _slot: slot }
    }

    /// The response: as soon as its head is there, while the rest goes on by itself. Dropped before, it ends the request.
    async fn answer(mut self, message: &[u8]) -> Response<Body> {
        let mut ended = self.call(Entry::HandleRequest, message).await;
        loop {
            let answer = self.instance.as_mut().and_then(|instance| instance.state_mut().take_answer());
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
    async fn call(&mut self, entry: Entry, message: &[u8]) -> Option<Outcome> {
        let instance = self.instance.as_mut()?;
        match instance.call(entry, message).await {
            Ok(State::Pending) => None,
            Ok(State::Done) => Some(instance.state().finished()),
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
            Event::Finished(finished) if finished.is_empty() => Some(Outcome::Stalled),
            Event::Finished(finished) => {
                if finished.iter().any(|each| each.bytes() > 0) {
                    self.instance.as_mut()?.state_mut().progressed();
                }
                let message = Completions(finished.iter().map(Finished::message).collect()).encode();
                self.call(Entry::Resume, &message).await
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
        let deadline = tokio::time::Instant::from_std(state.deadline);
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if alarm.deadline() != deadline {
            alarm.as_mut().reset(deadline);
        }
        let calls = &mut self.calls_without_waiting;
        Some(
            std::future::poll_fn(|cx| {
                if alarm.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Event::Deadline);
                }
                if state.streaming.as_ref().is_some_and(|pipe| pipe.poll_closed(cx).is_ready()) {
                    return Poll::Ready(Event::ClientGone);
                }
                if state.operations.outstanding() == 0 {
                    return Poll::Ready(Event::Finished(Vec::new()));
                }
                let polled = state.operations.poll(cx, state.streaming.as_ref()).map(Event::Finished);
                if polled.is_pending() {
                    *calls = 0;
                }
                polled
            })
            .await,
        )
    }

    fn end(&mut self, outcome: Outcome) {
        Line { app: &self.app, head: &self.head, received: self.received }.ended(&outcome);
        if let Some(instance) = self.instance.take() {
            recycle(&self.app, instance, outcome.leaves_instance_usable());
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.instance.is_some() {
            // The server drops a request when its connection is gone. The guest may have been suspended anywhere.
            self.end(Outcome::ClientGone);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(uri: &str, host: Option<&str>, version: Version) -> Option<String> {
        let mut request = http::Request::builder().uri(uri).version(version);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        url(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn urls_are_absolute() {
        let v11 = Version::HTTP_11;
        assert_eq!(url_of("/a?b", Some("x:1"), v11).as_deref(), Some("http://x:1/a?b"));
        assert_eq!(url_of("http://y/a", Some("x"), v11).as_deref(), Some("http://y/a"));
        assert_eq!(url_of("*", Some("x"), v11).as_deref(), Some("http://x/"));
        assert_eq!(url_of("/", None, Version::HTTP_10).as_deref(), Some("http://localhost/"));
        assert_eq!(url_of("/", None, v11), None);
        assert_eq!(url_of("/", Some("a b"), v11), None);
        assert_eq!(url_of("/", Some("a/b"), v11), None);
    }
}
