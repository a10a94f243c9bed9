//! Answering a request: call the handler, run its jobs, say how far it is.

use super::bundle::{self, Export};
use super::engine::context;
use super::errors::{self, Description};
use super::exchange::{self, Progress};
use super::native::{Thrown, new_latin1_string, new_string, new_uint8_array};
use super::{command, jobs, operations};
use engine_abi::{Completion, Completions, Kind, Level, Outcome, Request, State};
use mozjs::jsapi::{HandleValueArray, JSContext, NewArrayObject};
use mozjs::jsval::{Int32Value, JSVal, ObjectValue, UndefinedValue};
use mozjs::rooted;

/// Call the handler with `request`.
pub fn handle(request: Request<'static>) -> State {
    let cx = context();
    exchange::begin(request);
    let called = bundle::call(cx, Export::Dispatch, &[]);
    after(cx, called.map(drop))
}

/// Deliver what the host has finished.
pub fn resume(completions: &Completions<'_>) -> State {
    let cx = context();
    for completion in &completions.0 {
        if !operations::settle(completion.operation) {
            continue;
        }
        if let Err(Thrown) = deliver(cx, completion) {
            report_exception(cx);
            break;
        }
        jobs::drain(cx);
    }
    after(cx, Ok(()))
}

fn deliver(cx: *mut JSContext, completion: &Completion<'_>) -> Result<(), Thrown> {
    rooted!(in(cx) let mut first = UndefinedValue());
    rooted!(in(cx) let mut second = UndefinedValue());
    rooted!(in(cx) let mut third = UndefinedValue());
    let outcome = match &completion.outcome {
        Outcome::Ready => 0,
        Outcome::Chunk(bytes) => {
            first.set(ObjectValue(new_uint8_array(cx, bytes)?));
            1
        }
        Outcome::End => 2,
        Outcome::Head { status, reason, headers } => {
            first.set(Int32Value((*status).into()));
            third.set(new_latin1_string(cx, reason)?);
            second.set(header_array(cx, headers.iter().flat_map(|&(name, value)| [name, value]))?);
            3
        }
        Outcome::Error(message) => {
            first.set(new_string(cx, message)?);
            4
        }
    };
    let arguments =
        [Int32Value(completion.operation as i32), Int32Value(outcome), first.get(), second.get(), third.get()];
    bundle::call(cx, Export::Complete, &arguments).map(drop)
}

fn header_array<'a>(cx: *mut JSContext, parts: impl Iterator<Item = &'a [u8]>) -> Result<JSVal, Thrown> {
    rooted!(in(cx) let mut values = Vec::<JSVal>::new());
    for part in parts {
        let value = new_latin1_string(cx, part)?;
        values.push(value);
    }
    let elements = HandleValueArray { length_: values.len(), elements_: values[..].as_ptr() };
    // SAFETY: the values are rooted.
    let array = unsafe { NewArrayObject(cx, &elements) };
    if array.is_null() { Err(Thrown) } else { Ok(ObjectValue(array)) }
}

/// Have a timer that was kept here fire.
pub(super) fn fire(cx: *mut JSContext, timer: u32) -> Result<(), Thrown> {
    let arguments = [Int32Value(timer as i32), Int32Value(0), UndefinedValue(), UndefinedValue()];
    bundle::call(cx, Export::Complete, &arguments).map(drop)
}

/// Run what the call left to run; how far the handler is then.
pub(super) fn settle(cx: *mut JSContext, called: Result<(), Thrown>) -> Progress {
    if let Err(Thrown) = called {
        report_exception(cx);
    }
    jobs::drain(cx);
    command::claim_rejection();
    jobs::report_unhandled(cx);
    command::poll(cx);
    exchange::progress()
}

/// Run what the call left to run, and say where things stand.
pub(super) fn after(cx: *mut JSContext, called: Result<(), Thrown>) -> State {
    match settle(cx, called) {
        Progress::Finished => State::Done,
        Progress::Failed => State::Failed,
        Progress::Running if operations::any_outstanding() => State::Pending,
        Progress::Running => {
            let message = "the handler never settles: nothing is left that could finish the response";
            Description { message: message.to_owned(), ..Description::default() }
                .report(Level::Error, Kind::NeverSettles);
            State::Stalled
        }
    }
}

fn report_exception(cx: *mut JSContext) {
    exchange::set_failed();
    let Some(description) = errors::describe_pending(cx) else {
        let message = String::from("the script was terminated");
        return Description { message, ..Description::default() }.report(Level::Error, Kind::Internal);
    };
    description.report(Level::Error, Kind::Exception);
}
