//! Getting ready to be captured: no pending work, an empty nursery, no secret, and as little else as possible.

use super::{exchange, host, jobs, operations, random};
use mozjs::jsapi::{ClearKeptObjects, GCOptions, GCReason, IsIncrementalGCInProgress, JSContext, NonIncrementalGC, PrepareForFullGC};

/// Collect everything that can be collected and forget what belongs to the phase that ends.
pub fn quiesce(cx: *mut JSContext) {
    exchange::reset();
    operations::reset();
    random::reset();
    // SAFETY: no JavaScript is running.
    unsafe {
        ClearKeptObjects(cx);
        PrepareForFullGC(cx);
        let options = if host::phase() == host::Phase::Start { GCOptions::Shrink } else { GCOptions::Normal };
        NonIncrementalGC(cx, options, GCReason::API);
        assert!(!IsIncrementalGCInProgress(cx), "a collection is unfinished");
    }
    assert_eq!(jobs::report_unhandled(cx), 0, "a promise was rejected while collecting");
}
