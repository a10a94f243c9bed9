//! Running the application as a command: its `main(args)`.

use super::bundle::{self, Export};
use super::engine::context;
use super::exchange::{self, Progress};
use super::native::{Thrown, new_string};
use super::{jobs, operations, serve, wasi};
use ::std::cell::RefCell;
use ::std::time::Duration;
use engine_abi::{Body, Kind, Level, Request, State};
use mozjs::gc::RootedTraceableBox;
use mozjs::jsapi::{
    GetPromiseState, HandleValueArray, Heap, IsPromiseObject, JSContext, JSObject, NewArrayObject, PromiseState,
};
use mozjs::jsval::{JSVal, ObjectValue};
use mozjs::rooted;

thread_local! {
    /// The promise that `main` returned.
    static RUNNING: RefCell<Option<RootedTraceableBox<Heap<*mut JSObject>>>> = const { RefCell::new(None) };
}

/// Call `main(arguments)`.
pub fn run(arguments: &[&str]) -> State {
    let cx = context();
    // The instance ends with the command.
    let variables: &'static [String] = wasi::environment().leak();
    // A command has no request, but clocks and the environment hang on one.
    exchange::begin(Request {
        method: "",
        url: "",
        headers: Vec::new(),
        body: Body::Streaming,
        received_ns: wasi::monotonic_ns(),
        env: variables.iter().filter_map(|variable| variable.split_once('=')).collect(),
    });
    let called = call_main(cx, arguments).map(|result| take_result(cx, result));
    serve::after(cx, called)
}

/// [`run`] to the end, with nobody to wait for timers but ourselves.
pub fn run_alone(arguments: &[&str]) -> State {
    operations::set_alone();
    let mut state = run(arguments);
    let cx = context();
    let mut slept_ms = 0.0;
    while state == State::Pending {
        let Some(timer) = operations::next_virtual_timer() else { break };
        let wait_ms = operations::virtual_now_ms() - slept_ms;
        slept_ms += wait_ms;
        ::std::thread::sleep(Duration::from_secs_f64(wait_ms.max(0.0) / 1e3));
        state = serve::after(cx, serve::fire(cx, timer));
    }
    state
}

fn call_main(cx: *mut JSContext, arguments: &[&str]) -> Result<JSVal, Thrown> {
    rooted!(in(cx) let mut values = Vec::<JSVal>::new());
    for argument in arguments {
        let value = new_string(cx, argument)?;
        values.push(value);
    }
    let elements = HandleValueArray { length_: values.len(), elements_: values[..].as_ptr() };
    // SAFETY: the values are rooted.
    let array = unsafe { NewArrayObject(cx, &elements) };
    if array.is_null() {
        return Err(Thrown);
    }
    bundle::call(cx, Export::Main, &[ObjectValue(array)])
}

fn take_result(cx: *mut JSContext, result: JSVal) {
    if result.is_object() {
        rooted!(in(cx) let object = result.to_object());
        // SAFETY: `object` is rooted.
        if unsafe { IsPromiseObject(object.handle().into()) } {
            return RUNNING.set(Some(RootedTraceableBox::from_box(Heap::boxed(object.get()))));
        }
    }
    exit(result);
}

/// A rejection of the promise of `main` is reported by [`poll`].
pub fn claim_rejection() {
    if let Some(promise) = RUNNING.with_borrow(|running| running.as_ref().map(|promise| promise.get())) {
        jobs::mark_handled(promise);
    }
}

/// See whether the promise of `main` has settled.
pub fn poll(cx: *mut JSContext) {
    let Some(promise) = RUNNING.with_borrow(|running| running.as_ref().map(|promise| promise.get())) else { return };
    rooted!(in(cx) let promise = promise);
    // SAFETY: `promise` is a promise, rooted.
    match unsafe { GetPromiseState(promise.handle().into()) } {
        PromiseState::Pending => return,
        PromiseState::Fulfilled => exit(jobs::promise_result(cx, promise.get())),
        PromiseState::Rejected => {
            jobs::describe_rejection(cx, promise.get()).report(Level::Error, Kind::Exception);
            exchange::set_failed();
        }
    }
    RUNNING.take();
}

/// `main` returned `result`: an exit code, or nothing for 0.
fn exit(result: JSVal) {
    if exchange::progress() != Progress::Running {
        return;
    }
    exchange::set_finished();
    let code = if result.is_int32() { result.to_int32() } else { 0 };
    if code != 0 {
        wasi::exit(code as u32);
    }
}
