//! Requests that are answered before a snapshot is taken, so that what answering makes once (inline caches, lazily made
//! objects, what the application itself keeps) is part of the snapshot instead of every request. Their responses go nowhere.

use super::bundle::{self, Export};
use super::engine::context;
use super::errors::Description;
use super::exchange::{self, Progress};
use super::host::{self, Phase};
use super::{operations, quiesce, serve};
use engine_abi::{Kind, Level, Message, Request};
use mozjs::jsapi::JSContext;

/// How often each is answered. Ten calls of a function make the engine give it inline caches; some of those take a few more
/// until they have met all that they will meet.
pub const ROUNDS: i32 = 24;

/// A handler failed. It was reported.
pub struct NotAnswered;

/// Have the application's handler answer `requests`.
pub fn warm_up(requests: &[Request<'_>]) -> Result<(), NotAnswered> {
    if requests.is_empty() {
        return Ok(());
    }
    let cx = context();
    host::set_phase(Phase::WarmUp);
    for _ in 0..ROUNDS {
        for request in requests {
            answer(cx, request)?;
        }
    }
    bundle::call(cx, Export::ForgetRequests, &[]).map(drop).map_err(|_| NotAnswered)
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
    let message = format!("the handler did not answer the warm-up request {} {}: {cause}", request.method, request.url);
    Description { message, ..Description::default() }.report(Level::Error, Kind::Exception);
    Err(NotAnswered)
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
