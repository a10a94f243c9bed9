//! What the interpreter makes at the first call of a function, made before the snapshot instead: what it writes then would be
//! written by every request. The functions of the engine that do it are in `patches/`.

use mozjs::jsapi::JSContext;

mod raw {
    use super::JSContext;

    unsafe extern "C" {
        pub(super) fn PrepareScripts(cx: *mut JSContext) -> bool;
        pub(super) fn CountInlineCaches(cx: *mut JSContext) -> u32;
    }
}

/// Compile what is compiled at its first call, and give every function room for its inline caches.
pub fn prepare_scripts(cx: *mut JSContext) {
    // SAFETY: no JavaScript is running.
    assert!(unsafe { raw::PrepareScripts(cx) }, "out of memory while preparing functions");
}

/// How many inline caches there are.
pub fn count_inline_caches(cx: *mut JSContext) -> u32 {
    // SAFETY: no JavaScript is running.
    unsafe { raw::CountInlineCaches(cx) }
}
