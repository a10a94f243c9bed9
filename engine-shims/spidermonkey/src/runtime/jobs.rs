//! The microtask queue, and promises that were rejected with nobody to hear it.

use super::errors::{self, Description};
use engine_abi::{Kind, Level};
use mozjs::gc::RootedTraceableBox;
use mozjs::glue::{JS_DequeueNextMicroTask, JS_GetPromiseResult};
use mozjs::jsapi::{
    HandleObject, HasAnyMicroTasks, Heap, JSContext, JSObject, PromiseRejectionHandlingState, RunJSMicroTask,
    SetPromiseRejectionTrackerCallback, UseInternalJobQueues,
};
use mozjs::jsval::{JSVal, UndefinedValue};
use mozjs::rooted;
use ::std::cell::RefCell;
use ::std::ffi::c_void;
use ::std::ptr;

type RootedPromise = RootedTraceableBox<Heap<*mut JSObject>>;

thread_local! {
    /// Rejected promises without a handler, oldest first. Empty in every snapshot.
    static UNHANDLED: RefCell<Vec<RootedPromise>> = const { RefCell::new(Vec::new()) };
}

/// Give the context its job queue.
pub fn install(cx: *mut JSContext) {
    // SAFETY: called once, right after the context was made.
    unsafe {
        assert!(UseInternalJobQueues(cx), "out of memory while starting");
        SetPromiseRejectionTrackerCallback(cx, Some(track_rejection), ptr::null_mut());
    }
}

unsafe extern "C" fn track_rejection(
    _cx: *mut JSContext,
    _muted_errors: bool,
    promise: HandleObject,
    state: PromiseRejectionHandlingState,
    _data: *mut c_void,
) {
    UNHANDLED.with_borrow_mut(|unhandled| match state {
        PromiseRejectionHandlingState::Unhandled => {
            unhandled.push(RootedTraceableBox::from_box(Heap::boxed(promise.get())));
        }
        PromiseRejectionHandlingState::Handled => unhandled.retain(|known| known.get() != promise.get()),
    });
}

/// Run microtasks until there are none.
pub fn drain(cx: *mut JSContext) {
    rooted!(in(cx) let mut task = UndefinedValue());
    rooted!(in(cx) let mut job = ptr::null_mut::<JSObject>());
    // SAFETY: everything passed is rooted. There is one realm, so a job's own realm is the current one.
    unsafe {
        while HasAnyMicroTasks(cx) {
            JS_DequeueNextMicroTask(cx, task.handle_mut().into());
            if !task.is_object() {
                continue;
            }
            job.set(task.to_object());
            if !RunJSMicroTask(cx, job.handle().into()) {
                report_failed_job(cx);
            }
        }
    }
}

/// A reaction's exception rejects its promise; what arrives here is exhaustion, or termination.
fn report_failed_job(cx: *mut JSContext) {
    let Some(value) = errors::take_pending(cx) else { return };
    rooted!(in(cx) let value = value);
    errors::describe(cx, value.handle()).report(Level::Error, Kind::Exception);
}

/// Report every rejection that is still unhandled now that the queue is empty; how many there were.
pub fn report_unhandled(cx: *mut JSContext) -> usize {
    let unhandled = UNHANDLED.take();
    for promise in &unhandled {
        describe_rejection(cx, promise.get()).report(Level::Error, Kind::UnhandledRejection);
    }
    unhandled.len()
}

/// Forget what the tracker knows about `promise`: its rejection is reported by whoever waits for it.
pub fn mark_handled(promise: *mut JSObject) {
    UNHANDLED.with_borrow_mut(|unhandled| unhandled.retain(|known| known.get() != promise));
}

/// The reason of a rejected promise, described.
pub fn describe_rejection(cx: *mut JSContext, promise: *mut JSObject) -> Description {
    rooted!(in(cx) let reason = promise_result(cx, promise));
    errors::describe(cx, reason.handle())
}

/// The value or reason of a settled promise.
pub fn promise_result(cx: *mut JSContext, promise: *mut JSObject) -> JSVal {
    rooted!(in(cx) let promise = promise);
    rooted!(in(cx) let mut result = UndefinedValue());
    // SAFETY: `promise` is a promise, rooted.
    unsafe { JS_GetPromiseResult(promise.handle().into(), result.handle_mut().into()) };
    result.get()
}
