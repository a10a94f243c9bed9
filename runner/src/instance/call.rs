//! A call of a guest: on the thread that serves for as long as it is short, then among those that compute.

use super::{Entry, Instance};
use crate::outcome::Outcome;
use crate::state::{LONG_CALL, Shared};
use engine_abi::State;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

/// What a call comes to: the instance, and what it answered. `None` in place of an instance that was lost.
pub(crate) type Called = (Option<Box<Instance>>, Result<State, Outcome>);

/// Hand a message to the guest and let it run until it gives control back. Dropped before, it drops the instance.
pub(crate) async fn call(instance: Box<Instance>, entry: Entry, message: Vec<u8>) -> Called {
    let shared: Arc<Shared> = instance.state().app.shared.clone();
    let is_quick = instance.state().app.pace.is_quick();
    let mut call = Box::pin(timed(instance, entry, message));
    if is_quick {
        // Nothing but a tick suspends a guest: it has run for long then, and goes on elsewhere.
        if let Poll::Ready(called) = poll_fn(|cx| Poll::Ready(call.as_mut().poll(cx))).await {
            return called;
        }
    }
    let lost = || (None, Err(Outcome::Trapped("the host failed while it ran".to_owned())));
    shared.computing.spawn(call).ended().await.unwrap_or_else(lost)
}

async fn timed(mut instance: Box<Instance>, entry: Entry, message: Vec<u8>) -> Called {
    let started = Instant::now();
    let result = instance.call(entry, &message).await;
    let pace = &instance.state().app.pace;
    if started.elapsed() < LONG_CALL {
        pace.was_short();
    } else {
        pace.was_long();
    }
    (Some(instance), result)
}
