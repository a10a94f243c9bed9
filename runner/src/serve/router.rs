//! Which application a request is for.

use super::deployed::Deployed;
use super::folder::{Folder, Found};
use crate::host::{App, Host};
use crate::state::Shared;
use crate::stream::{Body, BoxError, IncomingBody, incoming, plain_text};
use bytes::Bytes;
use http::uri::{PathAndQuery, Uri};
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::Body as HttpBody;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Domain whose names are all of this machine (RFC 6761): `name.localhost` is the application `name`.
const LOCAL_DOMAIN: &str = "localhost";

/// When a client may ask again for an application that is being loaded, in seconds.
const RETRY_AFTER_S: &str = "1";

/// Finds the application of a request.
#[derive(Clone)]
pub struct Router(Kind);

#[derive(Clone)]
enum Kind {
    /// One for everything.
    One(App),
    /// One for everything, whose file is followed.
    Deployed(Deployed),
    /// By `Host: NAME.localhost`, else by the first part of the path, which the application does not see.
    Folder(Folder),
    /// Somebody else decides.
    Answering(Host, Arc<Answer>),
}

/// Answers a request.
type Answer = dyn Fn(Request<IncomingBody>) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> + Send + Sync;

impl From<App> for Router {
    fn from(app: App) -> Self {
        Self(Kind::One(app))
    }
}

impl From<Deployed> for Router {
    fn from(deployed: Deployed) -> Self {
        Self(Kind::Deployed(deployed))
    }
}

impl From<Folder> for Router {
    fn from(folder: Folder) -> Self {
        Self(Kind::Folder(folder))
    }
}

impl Router {
    /// Every request is answered by `answer`, which may hand it on to an [`App`] of `host`, as it is or changed. The limits
    /// are those of `host`.
    pub fn answering<F, R>(host: &Host, answer: F) -> Self
    where
        F: Fn(Request<IncomingBody>) -> R + Send + Sync + 'static,
        R: Future<Output = Response<Body>> + Send + 'static,
    {
        Self(Kind::Answering(host.clone(), Arc::new(move |request| Box::pin(answer(request)))))
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        match &self.0 {
            Kind::One(app) => app.0.context.shared.clone(),
            Kind::Deployed(deployed) => deployed.host().shared(),
            Kind::Folder(folder) => folder.host().shared(),
            Kind::Answering(host, _) => host.shared(),
        }
    }

    /// Answer a request with the application it is for.
    pub async fn handle<B>(&self, mut request: Request<B>) -> Response<Body>
    where
        B: HttpBody + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let folder = match &self.0 {
            Kind::One(app) => return app.handle(request).await,
            Kind::Deployed(deployed) => return deployed.app().handle(request).await,
            Kind::Folder(folder) => folder,
            Kind::Answering(_, answer) => return answer(request.map(incoming)).await,
        };
        let found = match by_host(&request) {
            Some(name) => folder.get(&name).await,
            None => match by_path(request.uri()) {
                Some((name, rest)) => {
                    *request.uri_mut() = rest;
                    folder.get(&name).await
                }
                None => Found::Nothing,
            },
        };
        match found {
            Found::App(app) => app.handle(request).await,
            Found::Loading => come_again(),
            Found::Nothing => plain_text(StatusCode::NOT_FOUND, Bytes::from_static(b"no such application\n")),
            Found::Broken => {
                plain_text(StatusCode::INTERNAL_SERVER_ERROR, Bytes::from_static(b"Internal Server Error\n"))
            }
        }
    }
}

/// The answer for an application that is not there yet.
fn come_again() -> Response<Body> {
    let text = Bytes::from_static(b"the application is being loaded\n");
    let mut response = plain_text(StatusCode::SERVICE_UNAVAILABLE, text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
    response
}

/// `name` of `Host: name.localhost:8080`, in lower case: in names of hosts case means nothing.
fn by_host<B>(request: &Request<B>) -> Option<String> {
    let host = match request.uri().host() {
        Some(host) => host,
        None => {
            let host = request.headers().get(header::HOST)?.to_str().ok()?;
            host.rsplit_once(':').map_or(host, |(host, _)| host)
        }
    };
    let (name, domain) = host.strip_suffix('.').unwrap_or(host).rsplit_once('.')?;
    domain.eq_ignore_ascii_case(LOCAL_DOMAIN).then(|| name.to_ascii_lowercase())
}

/// `name` and `/rest` of `/name/rest`.
fn by_path(uri: &Uri) -> Option<(String, Uri)> {
    let whole = uri.path_and_query()?.as_str();
    let name = uri.path().strip_prefix('/')?.split('/').next()?;
    let rest = &whole[1 + name.len()..];
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Some((name.to_owned(), Uri::from_parts(parts).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(uri: &str) -> Option<(String, String)> {
        by_path(&uri.parse().unwrap()).map(|(name, rest)| (name, rest.to_string()))
    }

    #[test]
    fn the_first_part_of_the_path_is_the_name() {
        let pair = |name: &str, rest: &str| Some((name.to_owned(), rest.to_owned()));
        assert_eq!(route("/app/a/b?c"), pair("app", "/a/b?c"));
        assert_eq!(route("/app/"), pair("app", "/"));
        assert_eq!(route("/app"), pair("app", "/"));
        assert_eq!(route("/app?c"), pair("app", "/?c"));
        assert_eq!(route("/"), pair("", "/"));
        assert_eq!(route("http://x/app//b"), pair("app", "http://x//b"));
    }

    #[test]
    fn names_of_the_local_domain_are_names() {
        let name = |host: &str| {
            let request = Request::get("/").header("host", host).body(()).unwrap();
            by_host(&request)
        };
        assert_eq!(name("app.localhost:8080").as_deref(), Some("app"));
        assert_eq!(name("app.localhost").as_deref(), Some("app"));
        assert_eq!(name("App.LocalHost:8080").as_deref(), Some("app"));
        assert_eq!(name("app.localhost.").as_deref(), Some("app"));
        assert_eq!(name("app.localhost.:8080").as_deref(), Some("app"));
        assert_eq!(name("localhost:8080"), None);
        assert_eq!(name("app.notlocalhost"), None);
        assert_eq!(name("[::1]:8080"), None);
    }
}
