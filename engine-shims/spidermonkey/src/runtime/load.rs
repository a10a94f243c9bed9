//! Loading an application: evaluate its entry module to the end, on virtual time.

use super::bundle::{self, Export};
use super::engine::{context, set_async_stacks};
use super::errors::{self, Description};
use super::host::{self, Phase};
use super::native::Thrown;
use super::warm_up::{self, NotAnswered};
use super::{environment, interpreter, jobs, modules, operations, pending, quiesce, serve};
use engine_abi::{Application, Kind, Level};
use mozjs::jsapi::{GetPromiseState, JSContext, JSObject, PromiseState};
use mozjs::jsval::ObjectValue;
use mozjs::rooted;

/// Why an application could not be loaded. Each is reported before it is returned.
pub struct NotLoaded;

/// Evaluate `application` until nothing is left to do, and get ready to be captured.
pub fn load(application: &Application<'_>) -> Result<(), NotLoaded> {
    let cx = context();
    host::set_phase(Phase::Load);
    set_async_stacks(cx, true);
    environment::capture(&application.env);
    modules::compile(cx, application).map_err(|Thrown| report_exception(cx, Kind::SyntaxError))?;
    let promise = modules::evaluate_entry(cx).map_err(|Thrown| report_exception(cx, Kind::Exception))?;
    rooted!(in(cx) let promise = promise);
    settle(cx, promise.handle(), application)?;
    if jobs::report_unhandled(cx) > 0 || operations::was_forbidden() {
        return Err(NotLoaded);
    }
    announce(cx)?;
    set_async_stacks(cx, false);
    interpreter::prepare_scripts(cx);
    warm_up::warm_up(&application.warm_up).map_err(|NotAnswered| NotLoaded)?;
    quiesce::quiesce(cx);
    host::set_phase(Phase::Serve);
    Ok(())
}

/// Run jobs and timers until the entry module has finished. Timers that it does not wait for do not fire.
fn settle(
    cx: *mut JSContext,
    promise: mozjs::rust::Handle<'_, *mut JSObject>,
    application: &Application<'_>,
) -> Result<(), NotLoaded> {
    loop {
        jobs::drain(cx);
        // SAFETY: `promise` is the promise of the entry module's evaluation, rooted.
        match unsafe { GetPromiseState(promise.into()) } {
            PromiseState::Fulfilled => return Ok(()),
            PromiseState::Rejected => {
                jobs::mark_handled(promise.get());
                if !operations::was_forbidden() {
                    jobs::describe_rejection(cx, promise.get()).report(Level::Error, Kind::Exception);
                }
                return Err(NotLoaded);
            }
            PromiseState::Pending => {}
        }
        let Some(timer) = operations::next_virtual_timer() else {
            if jobs::report_unhandled(cx) == 0 {
                report_never_settles(cx, application);
            }
            return Err(NotLoaded);
        };
        serve::fire(cx, timer).map_err(|Thrown| report_exception(cx, Kind::Exception))?;
    }
}

fn report_never_settles(cx: *mut JSContext, application: &Application<'_>) {
    let stack = pending::stack(cx, application);
    let message = match stack.lines().count() {
        0 => "a top-level await never settles: nothing is left that could resolve its promise",
        1 => "a top-level await never settles: nothing is left that could resolve what is waited for here",
        _ => {
            "a top-level await never settles: nothing is left that could resolve what is waited for in one of these places"
        }
    };
    let mut description = Description::at_stack(message, &stack);
    if description.file.is_empty() {
        description.file = application.modules[0].name.to_owned();
    }
    description.report(Level::Error, Kind::NeverSettles);
}

/// Tell the bundle about the entry module's exports, and hear whether there is anything to run.
fn announce(cx: *mut JSContext) -> Result<(), NotLoaded> {
    let report = |Thrown| report_exception(cx, Kind::Exception);
    rooted!(in(cx) let namespace = modules::entry_namespace(cx).map_err(report)?);
    let found = bundle::call(cx, Export::Loaded, &[ObjectValue(namespace.get())]).map_err(report)?;
    jobs::drain(cx);
    if found.is_boolean() && found.to_boolean() {
        return Ok(());
    }
    let message = "the application has no handler: call addEventListener('fetch', …), or export default { fetch(request, env, ctx) { … } }";
    Description { message: message.to_owned(), ..Description::default() }.report(Level::Error, Kind::NoHandler);
    Err(NotLoaded)
}

fn report_exception(cx: *mut JSContext, kind: Kind) -> NotLoaded {
    match errors::describe_pending(cx) {
        Some(_) if operations::was_forbidden() => {}
        Some(description) => description.report(Level::Error, kind),
        None => Description { message: String::from("the script was terminated"), ..Description::default() }
            .report(Level::Error, Kind::Internal),
    }
    NotLoaded
}
