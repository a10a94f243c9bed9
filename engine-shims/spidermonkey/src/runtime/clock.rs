//! Clocks. What is read while loading is fixed by the build, so the build's report says where.

use super::native::{Call, Natives, Thrown};
use super::{errors, exchange, host, operations, wasi};
use engine_abi::Kind;
use mozjs::jsapi::{JSContext, RTPCallerTypeToken, SetReduceMicrosecondTimePrecisionCallback};

const NS_PER_MS: f64 = 1e6;
/// What `performance.now` is rounded down to: <https://w3c.github.io/hr-time/#dfn-coarsen-time>
const RESOLUTION_NS: u64 = 5_000;

/// Have the engine tell about reads of the clock by `Date`.
pub fn watch() {
    // SAFETY: a plain function pointer.
    unsafe { SetReduceMicrosecondTimePrecisionCallback(Some(on_date_read)) };
}

/// Called with every reading of the wall clock in microseconds; returns what JavaScript sees.
unsafe extern "C" fn on_date_read(time_us: f64, _caller: RTPCallerTypeToken, cx: *mut JSContext) -> f64 {
    note_read(cx);
    time_us
}

/// Note that JavaScript read a clock.
pub fn note_read(cx: *mut JSContext) {
    errors::note_read(cx, "the clock", Some(Kind::ClockRead), Kind::WarmUpClock);
}

/// Define the natives of this module.
pub fn install(natives: &mut Natives<'_>) {
    natives.function("now", 0, now);
    natives.function("timeOrigin", 0, time_origin);
}

/// Milliseconds since the request arrived.
fn elapsed_ms() -> f64 {
    match exchange::received_ns() {
        Some(received_ns) if host::phase() == host::Phase::Serve => {
            let elapsed_ns = wasi::monotonic_ns().saturating_sub(received_ns);
            (elapsed_ns - elapsed_ns % RESOLUTION_NS) as f64 / NS_PER_MS
        }
        _ => operations::virtual_now_ms(),
    }
}

fn now(call: &mut Call<'_>) -> Result<(), Thrown> {
    note_read(call.cx());
    call.return_number(elapsed_ms());
    Ok(())
}

fn time_origin(call: &mut Call<'_>) -> Result<(), Thrown> {
    note_read(call.cx());
    call.return_number(wasi::realtime_ns() as f64 / NS_PER_MS - elapsed_ms());
    Ok(())
}
