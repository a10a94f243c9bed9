//! What is served: the last application that could be built, and why a later one could not.

use super::super::log::DEV;
use super::super::style::Style;
use super::advice::Advice;
use super::page;
use http::request::Parts;
use http::{Method, Request, Response};
use runner::{App, Body, IncomingBody};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What is served. Cheap to clone.
#[derive(Clone)]
pub(super) struct Latest(Arc<watch::Sender<State>>);

/// How the builds went.
#[derive(Clone, Default)]
pub(super) struct State {
    /// How many there were.
    pub(super) builds: u64,
    /// The last that went well, with its number.
    pub(super) app: Option<(u64, App)>,
    /// Why the last one failed, if it did.
    pub(super) failure: Option<Arc<str>>,
}

impl Default for Latest {
    fn default() -> Self {
        Self(Arc::new(watch::channel(State::default()).0))
    }
}

impl Latest {
    /// Serve another application from now on.
    pub(super) fn built(&self, app: App) {
        self.0.send_modify(|state| {
            state.builds += 1;
            *state = State { builds: state.builds, app: Some((state.builds, app)), failure: None };
        });
    }

    /// Keep what is served, and say why; whether that is news.
    pub(super) fn failed(&self, message: &str) -> bool {
        self.0.send_if_modified(|state| {
            let is_news = state.failure.as_deref() != Some(message);
            if is_news {
                state.builds += 1;
                state.failure = Some(message.into());
            }
            is_news
        })
    }

    /// How the builds went, once there were more than `seen`.
    pub(super) async fn after(&self, seen: u64) -> State {
        // The sender is in `self`.
        let mut state = self.0.subscribe();
        let after = state.wait_for(|state| state.builds > seen).await;
        after.map(|state| state.clone()).unwrap_or_default()
    }

    /// How they went so far.
    pub(super) fn now(&self) -> State {
        self.0.borrow().clone()
    }
}

/// Answer a request, and say so.
pub(super) async fn answer(latest: Latest, advice: Advice, request: Request<IncomingBody>) -> Response<Body> {
    if let Some(response) = page::own(&latest, request.uri()).await {
        return response;
    }
    // There is nothing to be served before.
    let state = latest.after(0).await;
    let received = Instant::now();
    let (head, body) = request.into_parts();
    let (method, uri) = (head.method.clone(), head.uri.clone());
    let is_page = page::is_asked_for(&head);
    let response = respond(&state, head, body, is_page).await;
    let took = received.elapsed();
    say(&method, uri.path(), response.status().as_u16(), took);
    advice.consider(&method, &uri, response.status(), took);
    response
}

async fn respond(state: &State, head: Parts, body: IncomingBody, is_page: bool) -> Response<Body> {
    match &state.app {
        Some((build, app)) => {
            let response = app.handle(Request::from_parts(head, body)).await;
            if is_page { page::reloading(response, *build).await } else { response }
        }
        None => page::failed(state.failure.as_deref().unwrap_or_default(), is_page),
    }
}

fn say(method: &Method, path: &str, status: u16, took: Duration) {
    let ms = took.as_secs_f64() * 1e3;
    let style = Style::of_stderr();
    let path = wizerjs::neutral_line(path);
    let (shown, time) = (style.status(status), style.dim(format_args!("{ms:.1} ms")));
    tracing::info!(target: DEV, method = method.as_str(), path, status, ms, "{method} {path} {shown} {time}");
}
