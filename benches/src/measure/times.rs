//! Times, in order.

use std::time::Duration;

/// A quantile of times, in microseconds. Sorts them.
pub fn quantile_us(times: &mut [Duration], quantile: f64) -> f64 {
    times.sort_unstable();
    let at = (times.len().saturating_sub(1) as f64 * quantile) as usize;
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
