//! The client of a host for outbound requests: connections are kept and shared, and go where the host's rules allow.

use super::outbound::{Outbound, Verdict, public};
use crate::stream::Body;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

/// How long an idle connection to another server is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long connecting to another server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Port of a URL without one.
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// A pool of connections.
pub(super) type Connections = legacy::Client<HttpsConnector<HttpConnector<Resolver>>, Body>;

/// Sends requests to where the rules of a host allow.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    outbound: Outbound,
    /// To wherever a name leads.
    everywhere: Connections,
    /// To public addresses. Of its own, or a connection that a rule allows to one port of a name were there for all.
    public: Connections,
}

impl Client {
    pub(crate) fn new(outbound: Outbound) -> Self {
        Self { outbound, everywhere: connections(false), public: connections(true) }
    }

    /// The connections for requests to this URL; `None`: no rule allows it.
    pub(super) fn connections(&self, url: &Uri) -> Option<&Connections> {
        let port = if url.scheme_str() == Some("https") { HTTPS_PORT } else { HTTP_PORT };
        match self.outbound.verdict(url.host()?, url.port_u16().unwrap_or(port)) {
            Verdict::Allowed => Some(&self.everywhere),
            Verdict::IfPublic => Some(&self.public),
            Verdict::Forbidden => None,
        }
    }
}

fn connections(only_public: bool) -> Connections {
    let mut http = HttpConnector::new_with_resolver(Resolver { system: GaiResolver::new(), only_public });
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_connect_timeout(Some(CONNECT_TIMEOUT));
    let connector =
        HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(http);
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build(connector)
}

/// The system's names, of which only public addresses may be seen.
#[derive(Clone, Debug)]
pub(super) struct Resolver {
    system: GaiResolver,
    only_public: bool,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, only_public) = (self.system.call(name), self.only_public);
        Box::pin(async move {
            let addresses = found.await?;
            match only_public {
                true => public(addresses),
                false => Ok(addresses.collect::<Vec<_>>().into_iter()),
            }
        })
    }
}
