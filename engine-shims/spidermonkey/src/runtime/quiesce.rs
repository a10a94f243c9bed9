//! Getting ready to be captured: no pending work, an empty nursery, no secret. And laid out so that what a request
//! writes is close together: every page that it writes has to be restored after it.

use super::{exchange, jobs, operations, random};
use mozjs::jsapi::{ClearKeptObjects, GCOptions, GCReason, IsIncrementalGCInProgress, JSContext, NonIncrementalGC, PrepareForFullGC};

/// Before the warm-up: throw away everything that can be made again, move the rest together, and have what the
/// warm-up makes allocated in one place.
pub fn compact(cx: *mut JSContext) {
    collect(cx, GCOptions::Shrink);
    plug_holes();
}

/// Collect what is dead, keeping inline caches, and forget what belongs to the phase that ends.
pub fn quiesce(cx: *mut JSContext) {
    exchange::reset();
    operations::reset();
    random::reset();
    collect(cx, GCOptions::Normal);
    plug_holes();
    assert_eq!(jobs::report_unhandled(cx), 0, "a promise was rejected while collecting");
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

unsafe extern "C" {
    fn malloc(size: usize) -> *mut u8;
    fn free(ptr: *mut u8);
}

/// A hole of the C heap of at least this size may stay: allocations out of it are next to each other.
const LARGE_HOLE_BYTES: usize = 64 * 1024;
/// What the allocator adds to a block, in bytes.
const HEADER_BYTES: usize = 8;

/// Fill the small holes of the C heap, for good. They are all over it, and the allocator prefers them: a request that
/// allocates thirty blocks would write thirty pages. What is filled stays untouched, so it costs nothing but its place
/// in the shared image.
fn plug_holes() {
    let mut size = LARGE_HOLE_BYTES;
    while size >= 16 {
        plug_holes_of(size);
        // Sizes in steps of an eighth: what is left of a hole afterwards is small beside it.
        size = (size - (size / 8).max(8)) & !7;
    }
}

/// Allocate blocks of `size` until a run of them comes out of one large hole, and give that run back.
fn plug_holes_of(size: usize) {
    let run_len = LARGE_HOLE_BYTES / size + 1;
    let mut run: Vec<*mut u8> = Vec::with_capacity(run_len);
    while run.len() < run_len {
        // SAFETY: a plain allocation; never freed unless it is part of the last run.
        let block = unsafe { malloc(size) };
        if block.is_null() {
            break;
        }
        let follows = run.last().is_some_and(|&last| block.addr().wrapping_sub(last.addr()) <= size + 2 * HEADER_BYTES);
        if !follows {
            run.clear();
        }
        run.push(block);
    }
    for block in run {
        // SAFETY: allocated above, freed once.
        unsafe { free(block) };
    }
}
