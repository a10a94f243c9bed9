//! How far a client is behind: the time it was waited for, less the time that the bytes it sent or took may have taken.

use std::time::{Duration, Instant};

/// A client that is waited for now and then.
#[derive(Debug)]
pub(crate) struct Behind {
    owed: Duration,
    waiting_since: Option<Instant>,
    bytes_per_s: u32,
}

impl Behind {
    /// A client that has to move so many bytes a second while it is waited for.
    pub(crate) fn new(bytes_per_s: u32) -> Self {
        Self { owed: Duration::ZERO, waiting_since: None, bytes_per_s: bytes_per_s.max(1) }
    }

    /// It is waited for, from `now` on at the latest. When it was level, or would have been: the longer ago, the slower it is.
    pub(crate) fn waits(&mut self, now: Instant) -> Instant {
        let since = *self.waiting_since.get_or_insert(now);
        since.checked_sub(self.owed).unwrap_or(since)
    }

    /// It is not waited for any more, and so many bytes have moved. Being fast is no credit for being slow later.
    pub(crate) fn moved(&mut self, now: Instant, bytes: u64) {
        let waited = self.waiting_since.take().map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let worth = Duration::from_nanos(bytes.saturating_mul(1_000_000_000 / u64::from(self.bytes_per_s)));
        self.owed = (self.owed + waited).saturating_sub(worth);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_pay_for_time() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut client = Behind::new(100);
        client.moved(at(0), 1_000_000);
        assert_eq!(client.waits(at(10)), at(10));
        assert_eq!(client.waits(at(12)), at(10));
        client.moved(at(15), 200);
        assert_eq!(client.waits(at(20)), at(17), "5 s for 200 bytes: 3 s behind");
        client.moved(at(21), 0);
        assert_eq!(client.waits(at(30)), at(26));
        client.moved(at(30), u64::MAX);
        assert_eq!(client.waits(at(40)), at(40));
    }
}
