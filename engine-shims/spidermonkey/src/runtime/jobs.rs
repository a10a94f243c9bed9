//! The microtask queue, and promises that were rejected with nobody to hear it.

use super::async_context;
use super::bundle::{self, Export};
use super::errors::{self, Description};
use super::native::Thrown;
use ::std::cell::RefCell;
use ::std::ffi::c_void;
use ::std::ptr;
use engine_abi::{Kind, Level};
use mozjs::gc::RootedTraceableBox;
use mozjs::glue::{JS_DequeueNextMicroTask, JS_GetPromiseResult};
use mozjs::jsapi::{
    HandleObject, HasAnyMicroTasks, Heap, JSContext, JSObject, PromiseRejectionHandlingState,
    SetPromiseRejectionTrackerCallback, UseInternalJobQueues,
};
use mozjs::jsval::{JSVal, ObjectValue, UndefinedValue};
use mozjs::rooted;

type RootedPromise = RootedTraceableBox<Heap<*mut JSObject>>;

thread_local! {
    /// Rejected promises without a handler, oldest first. Empty in every snapshot.
    static UNHANDLED: RefCell<Vec<RootedPromise>> = const { RefCell::new(Vec::new()) };
    /// Those of which the application or the host was told, in case somebody handles one after all.
    static TOLD: RefCell<Vec<RootedPromise>> = const { RefCell::new(Vec::new()) };
    /// Those of which that came true, and the application was not told yet. Empty in every snapshot.
    static HANDLED_LATE: RefCell<Vec<RootedPromise>> = const { RefCell::new(Vec::new()) };
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
    if state == PromiseRejectionHandlingState::Handled {
        let told = TOLD.with_borrow_mut(|told| {
            told.iter().position(|known| known.get() == promise.get()).map(|position| told.remove(position))
        });
        HANDLED_LATE.with_borrow_mut(|late| late.extend(told));
    }
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
            if !async_context::run_microtask(cx, job.get()) {
                report_failed_job(cx);
            }
        }
    }
}

/// A reaction's exception rejects its promise; what arrives here is exhaustion, or termination.
fn report_failed_job(cx: *mut JSContext) {
    if let Some(description) = errors::describe_pending(cx) {
        description.report(Level::Error, Kind::Exception);
    }
}

/// Tell of every rejection that is still unhandled now that the queue is empty: the application's listeners, else the
/// host. How many the host was told of.
pub fn report_unhandled(cx: *mut JSContext) -> usize {
    let mut reported = 0;
    loop {
        let unhandled = UNHANDLED.take();
        let late = HANDLED_LATE.take();
        if unhandled.is_empty() && late.is_empty() {
            return reported;
        }
        for promise in late {
            tell_application(cx, Export::RejectionHandled, promise.get());
        }
        for promise in unhandled {
            if !tell_application(cx, Export::UnhandledRejection, promise.get()) {
                describe_rejection(cx, promise.get()).report(Level::Error, Kind::UnhandledRejection);
                reported += 1;
            }
            TOLD.with_borrow_mut(|told| told.push(promise));
        }
        // Listeners may have left work, and more rejections.
        drain(cx);
    }
}

/// Whether the application says that it dealt with it.
fn tell_application(cx: *mut JSContext, export: Export, promise: *mut JSObject) -> bool {
    rooted!(in(cx) let promise = ObjectValue(promise));
    rooted!(in(cx) let reason = promise_result(cx, promise.to_object()));
    match bundle::call(cx, export, &[promise.get(), reason.get()]) {
        Ok(value) => value.is_boolean() && value.to_boolean(),
        Err(Thrown) => {
            report_failed_job(cx);
            false
        }
    }
}

/// Forget what the tracker knows about `promise`: its rejection is reported by whoever waits for it.
pub fn mark_handled(promise: *mut JSObject) {
    UNHANDLED.with_borrow_mut(|unhandled| unhandled.retain(|known| known.get() != promise));
}

/// The reason of a rejected promise, described.
pub fn describe_rejection(cx: *mut JSContext, promise: *mut JSObject) -> Description {
    rooted!(in(cx) let promise = promise);
    rooted!(in(cx) let reason = promise_result(cx, promise.get()));
    let mut description = errors::describe(cx, reason.handle());
    description.place_at(errors::rejection_stack(cx, promise.get()).as_deref());
    description
}

/// The value or reason of a settled promise.
pub fn promise_result(cx: *mut JSContext, promise: *mut JSObject) -> JSVal {
    rooted!(in(cx) let promise = promise);
    rooted!(in(cx) let mut result = UndefinedValue());
    // SAFETY: `promise` is a promise, rooted.
    unsafe { JS_GetPromiseResult(promise.handle().into(), result.handle_mut().into()) };
    result.get()
}
