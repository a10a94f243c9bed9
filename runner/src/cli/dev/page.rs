//! Pages: one that is shown in a browser says why a build failed, and loads itself again when one went well.

use super::latest::{Latest, State};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt;
use runner::{Body, BodyError, Outcome};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Where paths begin that are not the application's.
const OWN: &str = "/__runner/";

/// The script that a page loads.
const CLIENT: &str = include_str!("client.js");

/// How long somebody who asks waits for another build before the answer is that there was none: shorter than anybody on the
/// way gives up.
const STATE_PATIENCE: Duration = Duration::from_secs(20);

/// What an own path is answered; `None` if it is the application's.
pub(super) async fn own(latest: &Latest, uri: &Uri) -> Option<Response<Body>> {
    match uri.path().strip_prefix(OWN)? {
        "client.js" => Some(response(StatusCode::OK, "text/javascript; charset=utf-8", CLIENT)),
        "state" => {
            let seen = uri.query().and_then(|query| query.strip_prefix("seen=")?.parse().ok()).unwrap_or(0);
            let state = tokio::time::timeout(STATE_PATIENCE, latest.after(seen)).await;
            Some(response(StatusCode::OK, "application/json", state.unwrap_or_else(|_| latest.now()).json()))
        }
        _ => None,
    }
}

impl State {
    fn json(&self) -> String {
        let app = self.app.as_ref().map_or(0, |(build, _)| *build);
        let failure = self.failure.as_deref();
        serde_json::json!({ "builds": self.builds, "app": app, "failure": failure }).to_string()
    }
}

/// Whether a request is that of a browser for a page, not for a part of one.
pub(super) fn is_asked_for(head: &Parts) -> bool {
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let is_shown = match text("sec-fetch-dest") {
        Some(destination) => destination == "document",
        None => text("accept").is_some_and(|accept| accept.contains("text/html")),
    };
    head.method == Method::GET && is_shown
}

/// The page for an application that could not be built.
pub(super) fn failed(failure: &str, is_page: bool) -> Response<Body> {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    match is_page {
        true => response(status, "text/html; charset=utf-8", page("The build failed", failure, 0)),
        false => response(status, "text/plain; charset=utf-8", format!("the build failed: {failure}\n")),
    }
}

/// The same response for a browser: a page with the script, an error as a page. What is no page stays as it is.
pub(super) async fn reloading(response: Response<Body>, build: u64) -> Response<Body> {
    if response.extensions().get::<Outcome>().is_some() {
        return error_page(response, build).await;
    }
    if !is_html(response.headers()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::new(Followed { body, then: Some(script(build).into()) }))
}

/// What the host says instead of an application, as a page.
async fn error_page(response: Response<Body>, build: u64) -> Response<Body> {
    let (head, body) = response.into_parts();
    // It is text, and all of it is there.
    let text = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let title = head.status.canonical_reason().unwrap_or_default();
    let page = page(title, &String::from_utf8_lossy(&text), build);
    self::response(head.status, "text/html; charset=utf-8", page)
}

fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/html") && !headers.contains_key(header::CONTENT_ENCODING)
}

fn script(build: u64) -> String {
    format!("\n<script src=\"{OWN}client.js\" data-build=\"{build}\"></script>\n")
}

fn page(title: &str, text: &str, build: u64) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <style>body{{margin:2rem;font:14px/1.5 monospace}}h1{{font-size:18px}}pre{{white-space:pre-wrap}}</style>\n\
         <h1>{title}</h1>\n<pre>{text}</pre>{}",
        script(build)
    )
}

fn response(status: StatusCode, kind: &'static str, text: impl Into<String>) -> Response<Body> {
    let mut response = Response::new(Body::from(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A body, and something behind it.
struct Followed {
    body: Body,
    then: Option<Bytes>,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
            Some(frame) => Poll::Ready(Some(frame)),
            None => Poll::Ready(self.then.take().map(|bytes| Ok(Frame::data(bytes)))),
        }
    }
}
