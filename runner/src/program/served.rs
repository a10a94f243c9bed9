//! A program behind HTTP: one fresh instance a request, its bodies streamed both ways.

use super::{Loaded, Program, cgi, instance};
use crate::neutral::neutralized;
use crate::stream::{Body, BodyError, IncomingBody, plain_text};
use anyhow::{Context as _, Result, anyhow};
use bytes::{Buf, Bytes, BytesMut};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame};
use http_body_util::BodyExt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, duplex};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinHandle;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::cli::{AsyncStdinStream, AsyncStdoutStream};

/// Bytes that are under way between a program and its client, in each direction.
const STREAM_BYTES: usize = 64 << 10;

/// Bytes of a line of standard error that are shown.
const LINE_MAX_BYTES: u64 = 16 << 10;

impl Program {
    /// Answer a request: the program's answer, or why there is none.
    pub async fn answer(&self, request: Request<IncomingBody>) -> Response<Body> {
        let received = Instant::now();
        let (head, body) = request.into_parts();
        let answered = self.try_answer(&head, body).await;
        let (app, method, path) = (self.0.name.as_str(), head.method.as_str(), neutralized(head.uri.path()));
        let ms = received.elapsed().as_millis() as u64;
        match answered {
            Ok(response) => {
                tracing::debug!(target: "runner", app, method, path, ms, status = response.status().as_u16(), "answered");
                response
            }
            Err((status, error)) => {
                let text = neutralized(&format!("{error:#}"));
                tracing::error!(target: "runner", app, method, path, ms, status = status.as_u16(), "{text}");
                plain_text(status, status.canonical_reason().unwrap_or_default().to_owned())
            }
        }
    }

    async fn try_answer(
        &self,
        head: &Parts,
        body: IncomingBody,
    ) -> Result<Response<Body>, (StatusCode, anyhow::Error)> {
        let loaded = self.0.clone();
        let limits = &loaded.surroundings.limits;
        let busy = |error| (StatusCode::SERVICE_UNAVAILABLE, error);
        let permit = tokio::time::timeout(limits.queue_time, loaded.permits.clone().acquire_owned()).await;
        let permit = permit.map_err(|_| busy(anyhow!("no instance was free within {:?}", limits.queue_time)))?;
        // It is never closed.
        let permit = permit.map_err(|error| busy(error.into()))?;
        let variables = cgi::variables(head);
        let preface = if loaded.surroundings.is_scgi {
            let preface = cgi::scgi(&variables, body.size_hint().exact().or_else(|| cgi::body_bytes(head)));
            preface.ok_or_else(|| (StatusCode::LENGTH_REQUIRED, anyhow!("the length of the body is not known")))?
        } else {
            Vec::new()
        };
        let mut run = Run::start(&loaded, permit, &variables, preface, body);
        let deadline = tokio::time::timeout(limits.wall_time, run.head()).await;
        let failed = |error| (StatusCode::BAD_GATEWAY, error);
        let late = || (StatusCode::GATEWAY_TIMEOUT, anyhow!("no answer within {:?}", limits.wall_time));
        let answer = deadline.map_err(|_| late())?.map_err(failed)?;
        let mut response = Response::new(Body::new(run));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}

/// A program that runs for a request; dropped, it is stopped. As a body it is what the program writes after its head.
struct Run {
    output: DuplexStream,
    /// What was read and not passed on yet: behind the head, what was read with it.
    rest: BytesMut,
    program: JoinHandle<Result<i32>>,
    has_ended: bool,
}

impl Run {
    fn start(
        loaded: &Arc<Loaded>,
        permit: OwnedSemaphorePermit,
        variables: &[(String, String)],
        preface: Vec<u8>,
        body: IncomingBody,
    ) -> Self {
        let (input, stdin) = duplex(STREAM_BYTES);
        let (stdout, output) = duplex(STREAM_BYTES);
        let (stderr, errors) = duplex(STREAM_BYTES);
        let surroundings = &loaded.surroundings;
        let mut builder = WasiCtxBuilder::new();
        builder
            .stdin(AsyncStdinStream::new(stdin))
            .stdout(AsyncStdoutStream::new(STREAM_BYTES, stdout))
            .stderr(AsyncStdoutStream::new(STREAM_BYTES, stderr))
            .arg(&loaded.name)
            .args(&surroundings.arguments)
            .envs(&surroundings.env)
            .envs(variables);
        let running = loaded.clone();
        let program = tokio::spawn(async move {
            // Held for as long as there is an instance.
            let _permit = permit;
            let Loaded { instance, surroundings, .. } = &*running;
            instance::run(instance, instance::state(builder, surroundings)?, surroundings.limits.total_time).await
        });
        tokio::spawn(copy_body(preface, body, input));
        tokio::spawn(log_lines(loaded.name.clone(), errors));
        Self { output, rest: BytesMut::new(), program, has_ended: false }
    }

    /// The head of the answer.
    async fn head(&mut self) -> Result<cgi::Head> {
        loop {
            if let Some(head) = cgi::head(&self.rest) {
                let (head, len) = head.map_err(|cause| anyhow!("{cause}"))?;
                self.rest.advance(len);
                return Ok(head);
            }
            anyhow::ensure!(
                self.rest.len() <= cgi::HEAD_MAX_BYTES,
                "its head is longer than {} bytes",
                cgi::HEAD_MAX_BYTES
            );
            if self.output.read_buf(&mut self.rest).await? == 0 {
                let code = (&mut self.program).await.context("the program panicked")??;
                return Err(anyhow!("exited with code {code} before the head of an answer was written"));
            }
        }
    }

    /// What comes of a program whose output has ended.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let ended = std::task::ready!(Pin::new(&mut self.program).poll(cx));
        self.has_ended = true;
        match ended {
            Ok(Ok(0)) => Poll::Ready(None),
            _ => Poll::Ready(Some(Err(BodyError::Aborted))),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.program.abort();
    }
}

impl HttpBody for Run {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let run = &mut *self;
        if run.rest.is_empty() {
            run.rest.reserve(STREAM_BYTES);
            let read = std::task::ready!(pin!(run.output.read_buf(&mut run.rest)).poll(cx));
            if !matches!(read, Ok(1..)) {
                return run.poll_end(cx);
            }
        }
        Poll::Ready(Some(Ok(Frame::data(run.rest.split().freeze()))))
    }
}

/// The body of a request becomes standard input, as far as it is read.
async fn copy_body(preface: Vec<u8>, mut body: IncomingBody, mut input: DuplexStream) {
    if input.write_all(&preface).await.is_err() {
        return;
    }
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        if input.write_all(&data).await.is_err() {
            return;
        }
    }
}

/// Lines of standard error become lines of the log.
async fn log_lines(app: String, errors: DuplexStream) {
    let mut errors = BufReader::new(errors);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut errors).take(LINE_MAX_BYTES).read_until(b'\n', &mut line).await {
        let text = neutralized(String::from_utf8_lossy(line.trim_ascii_end()).as_ref());
        tracing::info!(target: "guest", app, "{text}");
        line.clear();
    }
}
