//! The asynchronous context: an object that follows what runs through promises, microtasks and timers. What it holds is for
//! JavaScript to say; `AsyncLocalStorage` of Node.js is made of it. How it follows promises is in `patches/`.

use super::native::{Call, Natives, Thrown};
use ::std::ptr;
use mozjs::jsapi::{JSContext, JSObject};

mod raw {
    use super::{JSContext, JSObject};

    unsafe extern "C" {
        pub(super) fn GetAsyncContext() -> *mut JSObject;
        pub(super) fn SetAsyncContext(context: *mut JSObject);
        pub(super) fn RunMicroTaskInItsContext(cx: *mut JSContext, job: *mut JSObject) -> bool;
    }
}

/// Define the natives of this module.
pub fn install(natives: &mut Natives<'_>) {
    natives.function("asyncContext", 0, get);
    natives.function("setAsyncContext", 1, set);
}

/// Run a job in the context in which it was made; whether it ended without an exception.
///
/// # Safety
/// `job` is a microtask of `cx`.
pub unsafe fn run_microtask(cx: *mut JSContext, job: *mut JSObject) -> bool {
    // SAFETY: the caller's; the job is rooted there.
    unsafe { raw::RunMicroTaskInItsContext(cx, job) }
}

fn get(call: &mut Call<'_>) -> Result<(), Thrown> {
    // SAFETY: a plain reading of what the engine roots.
    let context = unsafe { raw::GetAsyncContext() };
    if context.is_null() {
        call.return_null();
        return Ok(());
    }
    call.return_object(context)
}

fn set(call: &mut Call<'_>) -> Result<(), Thrown> {
    let context = call.object(0).unwrap_or(ptr::null_mut());
    // SAFETY: an object of this context or none; the engine roots it.
    unsafe { raw::SetAsyncContext(context) };
    call.return_undefined();
    Ok(())
}
