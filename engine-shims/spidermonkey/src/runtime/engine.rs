//! Starting the engine: context, limits, realm, builtins, warm-up.

use super::bundle::{self, Export};
use super::native::Thrown;
use super::{clock, errors, exchange, heap, interpreter, jobs, modules, operations, quiesce, random, warm_up};
use ::std::cell::Cell;
use ::std::ptr;
use engine_abi::{Body, Kind, Level, Request};
use mozjs::gc::trace_traceables;
use mozjs::jsapi::glue::JS_Init;
use mozjs::jsapi::{
    ContextOptionsRef, InitSelfHostedCode, JS_AddExtraGCRootsTracer, JS_NewContext, JS_NewGlobalObject,
    JS_SetGCParameter, JS_SetGlobalJitCompilerOption, JSAutoRealm, JSContext, JSGCParamKey, JSJitCompilerOption,
    OnNewGlobalHookOption, SetStackFormat, StackFormat,
};
use mozjs::jsval::Int32Value;
use mozjs::rooted;
use mozjs::rust::{RealmOptions, SIMPLE_GLOBAL_CLASS};

const KIB: u32 = 1024;

/// A request allocates from the start of the nursery, so its size costs nothing until it is used. One that is
/// never filled by an ordinary request means no collection in one.
const NURSERY_MIN_BYTES: u32 = 1024 * KIB;
const NURSERY_MAX_BYTES: u32 = 4096 * KIB;

/// Memory that is there before anything needs it: growing costs the host two system calls, so ordinary requests must not
/// need to.
const HEADROOM_BYTES: usize = 20 * 1024 * 1024;

/// Upper limit of the JavaScript heap. The host limits memory as a whole; this keeps a heap that the host would let
/// grow without end within what 32-bit addresses can hold with room left for everything else.
const HEAP_MAX_BYTES: u32 = 1024 * 1024 * KIB;

thread_local! {
    static CONTEXT: Cell<*mut JSContext> = const { Cell::new(ptr::null_mut()) };
}

/// The engine's context.
pub fn context() -> *mut JSContext {
    let cx = CONTEXT.get();
    assert!(!cx.is_null(), "the engine was not started");
    cx
}

/// Start the engine and get it ready for an application.
pub fn start() -> Result<(), ()> {
    // There is one time zone, and this is the name by which it is known; without it, dates are in `GMT+00:00`.
    // SAFETY: there are no threads, and nobody has read the environment yet.
    unsafe { ::std::env::set_var("TZ", "UTC") };
    let cx = new_context();
    CONTEXT.set(cx);
    set_async_stacks(cx, false);
    clock::watch();
    enter_new_realm(cx);
    replace_math_random(cx);
    let ready = bundle::evaluate(cx).and_then(|()| {
        quiesce::compact(cx);
        // Compacting takes away what this gives.
        interpreter::prepare_scripts(cx);
        walk_hot_paths(cx)
    });
    if let Err(Thrown) = ready {
        report_start_failure(cx);
        return Err(());
    }
    quiesce::quiesce(cx);
    heap::reserve(HEADROOM_BYTES);
    Ok(())
}

/// A context with its limits and queues, as far as the engine needs them before its own JavaScript is initialized.
fn new_context() -> *mut JSContext {
    // SAFETY: called once. The context is never destroyed.
    unsafe {
        assert!(JS_Init(), "the engine's statics were not initialized");
        let cx = JS_NewContext(HEAP_MAX_BYTES, ptr::null_mut());
        assert!(!cx.is_null(), "out of memory while starting");
        // Traces what `RootedTraceableBox` roots.
        assert!(JS_AddExtraGCRootsTracer(cx, Some(trace_traceables), ptr::null_mut()), "out of memory while starting");
        limit(cx);
        // Packages parse `Error.stack`, and know V8's form. What is reported to the host keeps the engine's own.
        SetStackFormat(cx, StackFormat::V8);
        jobs::install(cx);
        modules::install(cx);
        assert!(InitSelfHostedCode(cx, Default::default(), None), "the engine's own JavaScript was not initialized");
        cx
    }
}

/// Limits, but for those of the stacks: they are the engine's own, see `patches/`.
fn limit(cx: *mut JSContext) {
    // SAFETY: plain settings.
    unsafe {
        let parameters = [
            (JSGCParamKey::JSGC_MAX_NURSERY_BYTES, NURSERY_MAX_BYTES),
            (JSGCParamKey::JSGC_MIN_NURSERY_BYTES, NURSERY_MIN_BYTES),
            // Incremental slices are for programs with a main loop. A request is over before one would help.
            (JSGCParamKey::JSGC_INCREMENTAL_GC_ENABLED, 0),
            (JSGCParamKey::JSGC_COMPACTING_ENABLED, 1),
            // A first collection only when the heap has doubled beyond a size that short requests do not reach.
            (JSGCParamKey::JSGC_ALLOCATION_THRESHOLD, 32),
        ];
        for (key, value) in parameters {
            JS_SetGCParameter(cx, key, value);
        }
        let options = [
            (JSJitCompilerOption::JSJITCOMPILER_PORTABLE_BASELINE_ENABLE, 1),
            // From the first call of a function: the other interpreter has no inline caches.
            (JSJitCompilerOption::JSJITCOMPILER_PORTABLE_BASELINE_WARMUP_THRESHOLD, 0),
        ];
        for (option, value) in options {
            JS_SetGlobalJitCompilerOption(cx, option, value);
        }
    }
}

/// Whether promises remember the stack that made them. It makes the stacks of errors longer, and every promise
/// dearer by a stack walk and a reading of the clock: for the build, not for requests.
pub fn set_async_stacks(cx: *mut JSContext, enabled: bool) {
    // SAFETY: the options live as long as the context.
    unsafe { (*ContextOptionsRef(cx)).set_asyncStack_(enabled) };
}

fn enter_new_realm(cx: *mut JSContext) {
    let mut options = RealmOptions::default();
    options.creationOptions_.preserveJitCode_ = true;
    // Atomics work on any buffer; there is nobody to share one with.
    options.creationOptions_.sharedMemoryAndAtomics_ = true;
    options.creationOptions_.defineSharedArrayBufferConstructor_ = false;
    // `Maybe<RTPCallerTypeToken>`, opaque to bindgen: a token (of no meaning to us) and that there is one. Without it the
    // engine may not call back about reads of the clock.
    options.behaviors_.rtpCallerType.0 = [0, 1];
    // SAFETY: the class is static; the realm is entered for good.
    unsafe {
        rooted!(in(cx) let global = JS_NewGlobalObject(
            cx, &SIMPLE_GLOBAL_CLASS, ptr::null_mut(), OnNewGlobalHookOption::FireOnNewGlobalHook, &*options
        ));
        assert!(!global.is_null(), "out of memory while starting");
        ::std::mem::forget(JSAutoRealm::new(cx, global.get()));
        assert!(mozjs::jsapi::JS_EnumerateStandardClasses(cx, global.handle().into()), "out of memory while starting");
    }
}

fn replace_math_random(cx: *mut JSContext) {
    // SAFETY: in the realm entered above.
    rooted!(in(cx) let global = unsafe { mozjs::jsapi::CurrentGlobalOrNull(cx) });
    let math = errors::property(cx, global.get(), "Math").expect("the realm has Math");
    rooted!(in(cx) let math = math.to_object());
    random::install_math_random(cx, math.handle());
}

/// Have the bundle walk its hot paths on a made-up request, so that what they create lazily is in the base image.
fn walk_hot_paths(cx: *mut JSContext) -> Result<(), Thrown> {
    for round in 0..warm_up::ROUNDS_MAX {
        exchange::begin(Request {
            method: "GET",
            url: "http://localhost/",
            headers: vec![(b"host", b"localhost"), (b"user-agent", b"warm-up"), (b"accept", b"*/*")],
            body: Body::Empty,
            received_ns: 0,
            env: Vec::new(),
        });
        bundle::call(cx, Export::WarmUp, &[Int32Value(round)])?;
        jobs::drain(cx);
    }
    bundle::call(cx, Export::ResetAfterWarmUp, &[])?;
    jobs::drain(cx);
    exchange::reset();
    operations::reset();
    if jobs::report_unhandled(cx) > 0 {
        return Err(errors::throw(cx, "Error", "the warm-up left rejected promises"));
    }
    Ok(())
}

fn report_start_failure(cx: *mut JSContext) {
    let mut description = errors::describe_pending_all_frames(cx).unwrap_or_default();
    description.message = format!("the engine did not start: {}", description.message);
    description.report(Level::Error, Kind::Internal);
}
