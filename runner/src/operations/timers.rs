//! Timers of one request: one alarm for the earliest of them.

use super::{Ended, Finished};
use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// Longest delay, so that no sum of instants overflows: a request does not live that long.
const DELAY_MAX: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Default)]
pub(super) struct Timers {
    /// By deadline, then in the order they were started.
    due: BTreeSet<(Instant, u32)>,
    deadlines: HashMap<u32, Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Timers {
    pub(super) fn add(&mut self, id: u32, delay: Duration) {
        let deadline = Instant::now() + delay.min(DELAY_MAX);
        self.due.insert((deadline, id));
        self.deadlines.insert(id, deadline);
    }

    pub(super) fn remove(&mut self, id: u32) {
        if let Some(deadline) = self.deadlines.remove(&id) {
            self.due.remove(&(deadline, id));
        }
    }

    pub(super) fn contains(&self, id: u32) -> bool {
        self.deadlines.contains_key(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.due.len()
    }

    /// Take what is due; if nothing is, be woken when the first one will be.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, finished: &mut Vec<Finished>) {
        let Some(&(first, _)) = self.due.first() else { return };
        let now = Instant::now();
        if first > now {
            let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(first)));
            if alarm.deadline() != first {
                alarm.as_mut().reset(first);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return;
            }
        }
        let now = now.max(first);
        while let Some(&(deadline, operation)) = self.due.first()
            && deadline <= now
        {
            self.due.pop_first();
            self.deadlines.remove(&operation);
            finished.push(Finished { operation, ended: Ended::Ready });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn fire_in_order_of_their_deadlines_unless_removed() {
        let mut timers = Timers::default();
        timers.add(1, Duration::from_millis(3));
        timers.add(2, Duration::ZERO);
        timers.add(3, Duration::from_millis(2));
        timers.add(4, Duration::from_millis(1));
        timers.remove(4);
        timers.add(5, Duration::MAX);
        let mut order = Vec::new();
        while timers.len() > 1 {
            let fired = std::future::poll_fn(|cx| {
                let mut finished = Vec::new();
                timers.poll(cx, &mut finished);
                if finished.is_empty() { std::task::Poll::Pending } else { std::task::Poll::Ready(finished) }
            });
            order.extend(fired.await.into_iter().map(|each| each.operation));
        }
        assert_eq!(order, [2, 3, 1]);
    }
}
