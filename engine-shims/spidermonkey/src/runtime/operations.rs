//! Operations: what JavaScript waits for. The host runs them while serving; while loading there are only timers, and
//! they run here on virtual time: when nothing else can happen, the earliest one fires at once. So a top level that
//! sleeps builds instantly, and in the same order on every machine.

use super::native::{Call, Natives, Thrown};
use super::{errors, exchange, host};
use ::std::cell::{Cell, RefCell};
use engine_abi::{Body, HostError, Kind, Level, Operation};

/// Ids of virtual timers begin here, so that they can never be taken for one of the host's.
const FIRST_VIRTUAL_ID: u32 = 1 << 30;

struct VirtualTimer {
    id: u32,
    due_ms: f64,
}

thread_local! {
    /// Ids of the host's operations that have not completed.
    static OUTSTANDING: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    static TIMERS: RefCell<Vec<VirtualTimer>> = const { RefCell::new(Vec::new()) };
    static NEXT_VIRTUAL_ID: Cell<u32> = const { Cell::new(FIRST_VIRTUAL_ID) };
    static VIRTUAL_NOW_MS: Cell<f64> = const { Cell::new(0.0) };
    /// Whether timers are kept here while serving too: there is no host to run them.
    static ALONE: Cell<bool> = const { Cell::new(false) };
    /// Whether something was asked for that may not be asked for while loading.
    static FORBIDDEN: Cell<bool> = const { Cell::new(false) };
}

/// Define the natives of this module.
pub fn install(natives: &mut Natives<'_>) {
    natives.function("startTimer", 1, start_timer);
    natives.function("readBody", 2, read_body);
    natives.function("startFetch", 4, start_fetch);
    natives.function("writeFetchBody", 3, write_fetch_body);
    natives.function("cancel", 1, cancel);
}

/// Whether anything is left to complete: by the host, or by us where we are alone.
pub fn any_outstanding() -> bool {
    let any_timer = ALONE.get() && TIMERS.with_borrow(|timers| !timers.is_empty());
    any_timer || OUTSTANDING.with_borrow(|ids| !ids.is_empty())
}

/// Note that the host will complete `id`.
pub fn expect(id: u32) {
    OUTSTANDING.with_borrow_mut(|ids| ids.push(id));
}

/// Note that the host has completed `id`; false if it was not waited for (cancelled in the meantime).
pub fn settle(id: u32) -> bool {
    OUTSTANDING.with_borrow_mut(|ids| {
        let position = ids.iter().position(|&known| known == id);
        position.map(|position| ids.swap_remove(position)).is_some()
    })
}

/// Advance virtual time to the earliest timer; its id.
pub fn next_virtual_timer() -> Option<u32> {
    TIMERS.with_borrow_mut(|timers| {
        // Ids grow with time, so they break ties in the order of the calls.
        let (position, _) =
            timers.iter().enumerate().min_by(|(_, a), (_, b)| a.due_ms.total_cmp(&b.due_ms).then(a.id.cmp(&b.id)))?;
        let timer = timers.remove(position);
        VIRTUAL_NOW_MS.set(timer.due_ms);
        Some(timer.id)
    })
}

/// Virtual milliseconds since loading began.
pub fn virtual_now_ms() -> f64 {
    VIRTUAL_NOW_MS.get()
}

/// Keep timers here from now on.
pub fn set_alone() {
    ALONE.set(true);
}

/// Whether the application asked for something forbidden while loading. It was reported then.
pub fn was_forbidden() -> bool {
    FORBIDDEN.get()
}

/// Forget timers that never needed to fire, and everything else that belongs to the phase that ends.
pub fn reset() {
    TIMERS.take();
    OUTSTANDING.take();
    NEXT_VIRTUAL_ID.set(FIRST_VIRTUAL_ID);
    VIRTUAL_NOW_MS.set(0.0);
}

fn start(call: &mut Call<'_>, operation: &Operation<'_>) -> Result<(), Thrown> {
    if ALONE.get() {
        return Err(refused(call, HostError::Unsupported));
    }
    let started = host::start_operation(operation);
    started_as(call, started)
}

/// Return the id of an operation that was started, or throw why it was not.
fn started_as(call: &mut Call<'_>, started: Result<u32, HostError>) -> Result<(), Thrown> {
    match started {
        Ok(id) => {
            expect(id);
            call.return_number(f64::from(id));
            Ok(())
        }
        Err(error) => Err(refused(call, error)),
    }
}

/// The host's refusal as an exception.
pub fn refused(call: &mut Call<'_>, error: HostError) -> Thrown {
    call.type_error(match error {
        HostError::Malformed => "the host could not read the message",
        HostError::WrongState => "not possible in this state",
        HostError::Forbidden => "not allowed by the host",
        HostError::Limit => "a limit of the host was reached: operations outstanding, or the size of what is sent",
        HostError::Busy => "as many requests are open as the host allows",
        HostError::Closed => "the other end is gone",
        HostError::Unsupported => "not supported by the host",
    })
}

/// Report that the application did `what` while loading, and throw.
pub fn forbid(call: &mut Call<'_>, what: &str) -> Thrown {
    FORBIDDEN.set(true);
    let message = format!("{what} is not possible while the application is loaded, only in a request");
    errors::describe_caller(call.cx(), &message).report(Level::Error, Kind::Forbidden);
    call.type_error(&message)
}

fn start_timer(call: &mut Call<'_>) -> Result<(), Thrown> {
    let delay_ms = call.number(0)?.max(0.0);
    if host::phase() == host::Phase::Serve && !ALONE.get() {
        // Saturates, and NaN is 0.
        return start(call, &Operation::Timer { delay_ns: (delay_ms * 1e6) as u64 });
    }
    let id = NEXT_VIRTUAL_ID.get();
    NEXT_VIRTUAL_ID.set(id + 1);
    let delay_ms = if delay_ms.is_nan() { 0.0 } else { delay_ms };
    TIMERS.with_borrow_mut(|timers| timers.push(VirtualTimer { id, due_ms: VIRTUAL_NOW_MS.get() + delay_ms }));
    call.return_number(f64::from(id));
    Ok(())
}

fn read_body(call: &mut Call<'_>) -> Result<(), Thrown> {
    let (fetch, max_bytes) = (call.integer(0)? as u32, call.integer(1)? as u32);
    if host::phase() != host::Phase::Serve {
        return Err(forbid(call, "reading a body from the host"));
    }
    start(call, &Operation::ReadBody { fetch, max_bytes })
}

fn start_fetch(call: &mut Call<'_>) -> Result<(), Thrown> {
    let (method, url) = (call.string(0)?, call.string(1)?);
    if host::phase() != host::Phase::Serve {
        return Err(forbid(call, &format!("fetch of {url}")));
    }
    let headers = exchange::header_list(call, 2)?;
    let headers = exchange::borrow_headers(&headers);
    exchange::with_body(call, 3, |call, body| {
        let operation = Operation::Fetch { method: &method, url: &url, headers, body };
        if ALONE.get() {
            return Err(refused(call, HostError::Unsupported));
        }
        match host::start_operation(&operation) {
            Err(HostError::Busy) => {
                call.return_number(0.0);
                Ok(())
            }
            started => started_as(call, started),
        }
    })
}

fn write_fetch_body(call: &mut Call<'_>) -> Result<(), Thrown> {
    let fetch = call.integer(0)? as u32;
    let last = call.boolean(2);
    exchange::with_body(call, 1, |call, body| {
        let bytes = if let Body::Complete(bytes) = body { bytes } else { &[] };
        start(call, &Operation::WriteFetchBody { fetch, bytes, last })
    })
}

fn cancel(call: &mut Call<'_>) -> Result<(), Thrown> {
    let id = call.integer(0)? as u32;
    if id >= FIRST_VIRTUAL_ID {
        TIMERS.with_borrow_mut(|timers| timers.retain(|timer| timer.id != id));
    } else if host::phase() == host::Phase::Serve && id != 0 {
        // A fetch that has its head is no longer outstanding here, but the host still holds its body.
        settle(id);
        host::cancel_operation(id);
    }
    Ok(())
}
