//! Requests that are answered before a snapshot is taken, so that what answering makes once (inline caches, lazily made
//! objects, what the application itself keeps) is part of the snapshot instead of every request. Their responses go nowhere.

use super::bundle::{self, Export};
use super::engine::context;
use super::errors::Description;
use super::exchange::{self, Progress};
use super::host::{self, Phase};
use super::{interpreter, operations, quiesce, serve};
use engine_abi::{Kind, Level, Message, Request};
use mozjs::jsapi::JSContext;

/// How often each is answered at most. The first call of a function gives it inline caches; some of those take a few more
/// until they have met all that they will meet.
pub const ROUNDS_MAX: i32 = 24;
/// After so many rounds that made no inline cache and left nothing else, no other will.
const IDLE_ROUNDS: u32 = 3;

/// A handler failed. It was reported.
pub struct NotAnswered;

/// Have the application's handler answer `requests`.
pub fn warm_up(requests: &[Request<'_>]) -> Result<(), NotAnswered> {
    if requests.is_empty() {
        return Ok(());
    }
    let cx = context();
    host::set_phase(Phase::WarmUp);
    let (mut before, mut idle_rounds) = (left(cx), 0);
    for _ in 0..ROUNDS_MAX {
        for request in requests {
            answer(cx, request)?;
        }
        let after = left(cx);
        idle_rounds = if after == before { idle_rounds + 1 } else { 0 };
        if idle_rounds == IDLE_ROUNDS {
            break;
        }
        before = after;
    }
    bundle::call(cx, Export::ForgetRequests, &[]).map(drop).map_err(|_| NotAnswered)
}

/// What the rounds so far have left: inline caches, and bytes of the JavaScript heap.
fn left(cx: *mut JSContext) -> (u32, u32) {
    (interpreter::count_inline_caches(cx), quiesce::heap_bytes(cx))
}

fn answer(cx: *mut JSContext, request: &Request<'_>) -> Result<(), NotAnswered> {
    let message = Box::into_raw(request.encode().into_boxed_slice());
    // SAFETY: given back below, after the exchange has forgotten the request that borrows from it.
    let progress = Request::decode(unsafe { &*message }).map_or(Progress::Failed, |request| run(cx, request));
    exchange::reset();
    // SAFETY: from `into_raw`, and nothing borrows from it any more.
    drop(unsafe { Box::from_raw(message) });
    // What it left is garbage, which the next one is to overwrite: the snapshot holds all bytes that were ever written.
    quiesce::empty_nursery(cx);
    if progress == Progress::Finished {
        return Ok(());
    }
    let cause = if progress == Progress::Running { "it never settles" } else { "it failed" };
    let message =
        format!("the handler did not answer the warm-up request {} {}: {cause}", request.method, path(request.url));
    Description { message, ..Description::default() }.report(Level::Error, Kind::Exception);
    Err(NotAnswered)
}

/// What a URL names below its host, which is made up.
fn path(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    url[after_scheme..].find('/').map_or("/", |at| &url[after_scheme + at..])
}

/// Answer on virtual time: `Running` if nothing is left that could finish it.
fn run(cx: *mut JSContext, request: Request<'static>) -> Progress {
    exchange::begin(request);
    let mut called = bundle::call(cx, Export::Dispatch, &[]).map(drop);
    loop {
        let progress = serve::settle(cx, called);
        match operations::next_virtual_timer() {
            Some(timer) if progress == Progress::Running => called = serve::fire(cx, timer),
            _ => return progress,
        }
    }
}
