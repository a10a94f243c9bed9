//! Getting ready to be captured: no pending work, an empty nursery, no secret. And laid out so that what a request
//! writes is close together: every page that it writes has to be restored after it.

use super::host::{self, Phase};
use super::{exchange, heap, jobs, operations, random};
use ::std::cell::Cell;
use mozjs::jsapi::mozilla::TimeDuration;
use mozjs::jsapi::{
    ClearKeptObjects, GCOptions, GCReason, IsIncrementalGCInProgress, JS_AtomizeString, JS_GetGCParameter,
    JS_GetRuntime, JSContext, JSGCParamKey, NonIncrementalGC, PrepareForFullGC, RunNurseryCollection,
};

/// Loading an application is followed by a full collection if its heap is larger by this than the engine's own. One that
/// made little garbage keeps it: a collection writes to every page of the base image that has a live object.
const GARBAGE_MIN_BYTES: u32 = 1024 * 1024;

thread_local! {
    /// Size of the JavaScript heap in the base image; 0 before there is one.
    static BASE_HEAP_BYTES: Cell<u32> = const { Cell::new(0) };
}

/// Before the warm-up: throw away everything that can be made again, move the rest together, and have what the
/// warm-up makes allocated in one place.
pub fn compact(cx: *mut JSContext) {
    collect(cx, GCOptions::Shrink);
    heap::plug_holes();
}

/// Collect what is dead, keeping inline caches, and forget what belongs to the phase that ends.
pub fn quiesce(cx: *mut JSContext) {
    exchange::reset();
    operations::reset();
    random::reset();
    empty_nursery(cx);
    if heap_bytes(cx) > BASE_HEAP_BYTES.get() + GARBAGE_MIN_BYTES {
        collect(cx, GCOptions::Normal);
        fill_atom_cache(cx);
    }
    if host::phase() == Phase::Start {
        BASE_HEAP_BYTES.set(heap_bytes(cx));
    }
    heap::plug_holes();
    heap::clear_stack();
    assert_eq!(jobs::report_unhandled(cx), 0, "a promise was rejected while collecting");
}

/// Move what is alive in the nursery out of it.
pub fn empty_nursery(cx: *mut JSContext) {
    // The engine wants to know how long ago the last time must have been: any time.
    let any_time = TimeDuration { mValue: i64::MIN };
    // SAFETY: no JavaScript is running.
    unsafe {
        ClearKeptObjects(cx);
        RunNurseryCollection(JS_GetRuntime(cx), GCReason::API, any_time);
    }
}

fn collect(cx: *mut JSContext, options: GCOptions) {
    // SAFETY: no JavaScript is running.
    unsafe {
        ClearKeptObjects(cx);
        PrepareForFullGC(cx);
        NonIncrementalGC(cx, options, GCReason::API);
        assert!(!IsIncrementalGCInProgress(cx), "a collection is unfinished");
    }
}

/// Have the engine allocate its cache of atoms, 128 KiB, which every full collection drops and the next new property name
/// makes again: in the image rather than in every request.
fn fill_atom_cache(cx: *mut JSContext) {
    // SAFETY: a plain allocation, of a name that nothing else uses.
    let atom = unsafe { JS_AtomizeString(cx, c"(fill the atom cache)".as_ptr()) };
    assert!(!atom.is_null(), "out of memory while loading");
}

/// Size of the JavaScript heap without the nursery, in bytes.
pub fn heap_bytes(cx: *mut JSContext) -> u32 {
    // SAFETY: a plain reading.
    unsafe { JS_GetGCParameter(cx, JSGCParamKey::JSGC_BYTES) }
}
