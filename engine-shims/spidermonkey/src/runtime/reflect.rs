//! Natives that look at values, at the phase, or say something.

use super::native::{Call, Natives, Thrown};
use super::{host, jobs};
use engine_abi::Level;
use mozjs::jsapi::{GetPromiseState, IsPromiseObject, JSObject, PromiseState};
use mozjs::rooted;

/// Define the natives of this module.
pub fn install(natives: &mut Natives<'_>) {
    natives.function("phase", 0, phase);
    natives.function("log", 2, log);
    natives.function("promiseState", 1, promise_state);
    natives.function("promiseResult", 1, promise_result);
}

fn phase(call: &mut Call<'_>) -> Result<(), Thrown> {
    call.return_number(f64::from(host::phase() as u8));
    Ok(())
}

fn log(call: &mut Call<'_>) -> Result<(), Thrown> {
    let level = Level::from_code(call.integer(0)? as i32).unwrap_or(Level::Info);
    call.with_str(1, |text| host::log(level, text))
}

/// Argument 0 if it is a promise of this realm.
fn promise(call: &mut Call<'_>) -> Result<*mut JSObject, Thrown> {
    let cx = call.cx();
    rooted!(in(cx) let object = call.object(0).unwrap_or(::std::ptr::null_mut()));
    // SAFETY: `object` is rooted, and looked at only if it is one.
    if !object.is_null() && unsafe { IsPromiseObject(object.handle().into()) } {
        return Ok(object.get());
    }
    Err(call.type_error("expected a promise"))
}

fn promise_state(call: &mut Call<'_>) -> Result<(), Thrown> {
    let state = state_of(call)?;
    call.return_number(match state {
        PromiseState::Pending => 0.0,
        PromiseState::Fulfilled => 1.0,
        PromiseState::Rejected => 2.0,
    });
    Ok(())
}

fn state_of(call: &mut Call<'_>) -> Result<PromiseState, Thrown> {
    let cx = call.cx();
    rooted!(in(cx) let promise = promise(call)?);
    // SAFETY: `promise` is a promise, rooted.
    Ok(unsafe { GetPromiseState(promise.handle().into()) })
}

fn promise_result(call: &mut Call<'_>) -> Result<(), Thrown> {
    if state_of(call)? == PromiseState::Pending {
        return Err(call.type_error("the promise is pending"));
    }
    let promise = promise(call)?;
    let result = jobs::promise_result(call.cx(), promise);
    call.return_value(result);
    Ok(())
}
