//! HTTP/1.1 over TCP: connections in, requests to the router, a graceful end.

use super::connection::Connection;
use super::router::Router;
use anyhow::{Context, Result};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Connections open at the same time; further ones wait in the listener's queue.
const CONNECTIONS_MAX: usize = 10_000;

/// Bytes that hyper buffers of a connection: bounds the head of a request.
const BUFFER_MAX_BYTES: usize = 64 << 10;

/// How long accepting is paused when the process has run out of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serve until `shutdown` is ready, then let open requests end, for as long as a request may take. Bind the listener and read its address before.
///
/// # Errors
/// The listener cannot be used.
pub async fn serve(listener: TcpListener, router: impl Into<Router>, shutdown: impl Future<Output = ()>) -> Result<()> {
    listener.local_addr().context("cannot use the listener")?;
    let router = Arc::new(router.into());
    let graceful = GracefulShutdown::new();
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut shutdown => break,
        };
        let Some((stream, permit)) = accepted else { continue };
        let connection = graceful.watch(connection(stream, router.clone()));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(target: "runner", "connection ended: {error}");
            }
            drop(permit);
        });
    }
    drop(listener);
    let shared = router.shared();
    let drained = async {
        graceful.shutdown().await;
        shared.admission.idle().await;
    };
    // No request takes longer, unless it streams.
    if tokio::time::timeout(shared.limits.wall_time, drained).await.is_err() {
        tracing::warn!(target: "runner", "stopped with requests still open");
    }
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = connections.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Responses are written whole; waiting to fill a packet only delays them. Failing here means it is gone.
            let _ = stream.set_nodelay(true);
            Some((stream, permit))
        }
        Err(error) => {
            tracing::warn!(target: "runner", "cannot accept a connection: {error}");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

fn connection(
    stream: TcpStream,
    router: Arc<Router>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send + 'static {
    let limits = &router.shared().limits;
    let (client_time, stream) = (limits.client_time, Connection::new(stream, limits));
    let service = service_fn(move |request| {
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.handle(request).await) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(client_time)
        .max_buf_size(BUFFER_MAX_BYTES)
        .serve_connection(TokioIo::new(stream), service)
}
