//! The builtins bundle: evaluating it, and calling what it exports.

use super::native::{Natives, Thrown};
use super::{async_context, clock, environment, errors, exchange, modules, operations, random, reflect};
use ::std::cell::RefCell;
use mozjs::gc::RootedTraceableBox;
use mozjs::jsapi::{
    CompileFunctionUtf8, CurrentGlobalOrNull, EnvironmentChain, HandleValueArray, Heap, JS_CallFunctionValue,
    JS_GetFunctionObject, JS_NewPlainObject, JSContext, SupportUnscopables,
};
use mozjs::jsval::{JSVal, ObjectValue, UndefinedValue};
use mozjs::rooted;

/// Made by the build command from `builtins/index.js`.
const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/build/builtins.js"));

type RootedValue = RootedTraceableBox<Heap<JSVal>>;

/// What the bundle exports to the runtime.
struct Exports {
    loaded: RootedValue,
    dispatch: RootedValue,
    complete: RootedValue,
    main: RootedValue,
    warm_up: RootedValue,
    reset_after_warm_up: RootedValue,
    forget_requests: RootedValue,
    unhandled_rejection: RootedValue,
    rejection_handled: RootedValue,
    show: RootedValue,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// `loaded(namespace)`.
    Loaded,
    /// `dispatch()`.
    Dispatch,
    /// `complete(id, outcome, a, b)`.
    Complete,
    /// `main(args)`.
    Main,
    /// `warmUp(round)`.
    WarmUp,
    /// `resetAfterWarmUp()`.
    ResetAfterWarmUp,
    /// `forgetRequests()`.
    ForgetRequests,
    /// `unhandledRejection(promise, reason)`.
    UnhandledRejection,
    /// `rejectionHandled(promise, reason)`.
    RejectionHandled,
    /// `show(value)`.
    Show,
}

thread_local! {
    static EXPORTS: RefCell<Option<Exports>> = const { RefCell::new(None) };
}

/// Make the natives object and evaluate the bundle with it.
pub fn evaluate(cx: *mut JSContext) -> Result<(), Thrown> {
    // SAFETY: everything passed is rooted.
    unsafe {
        rooted!(in(cx) let object = JS_NewPlainObject(cx));
        if object.is_null() {
            return Err(Thrown);
        }
        install_natives(&mut Natives::new(cx, object.handle()));

        let options = modules::eager_options(cx, &format!("{}web", errors::BUILTIN_PREFIX));
        let parameters = [c"host".as_ptr()];
        let mut context = mozjs::context::JSContext::from_ptr(::std::ptr::NonNull::new_unchecked(cx));
        let scope = mozjs::rust::EnvironmentChain::new(&mut context, SupportUnscopables::No);
        let scope: *const EnvironmentChain = scope.get();
        rooted!(in(cx) let function = CompileFunctionUtf8(cx, scope, options.ptr, c"builtins".as_ptr(), 1, parameters.as_ptr(),
            SOURCE.as_ptr().cast(), SOURCE.len()));
        if function.is_null() {
            return Err(Thrown);
        }
        rooted!(in(cx) let function = ObjectValue(JS_GetFunctionObject(function.get())));
        rooted!(in(cx) let argument = ObjectValue(object.get()));
        rooted!(in(cx) let exports = call_value(cx, function.get(), &[argument.get()])?);
        if !exports.is_object() {
            return Err(errors::throw(cx, "TypeError", "the builtins bundle returned no exports"));
        }
        let export = |name| {
            errors::property(cx, exports.to_object(), name)
                .map(|value| RootedTraceableBox::from_box(Heap::boxed(value)))
        };
        EXPORTS.set(Some(Exports {
            loaded: export("loaded")?,
            dispatch: export("dispatch")?,
            complete: export("complete")?,
            main: export("main")?,
            warm_up: export("warmUp")?,
            reset_after_warm_up: export("resetAfterWarmUp")?,
            forget_requests: export("forgetRequests")?,
            unhandled_rejection: export("unhandledRejection")?,
            rejection_handled: export("rejectionHandled")?,
            show: export("show")?,
        }));
    }
    Ok(())
}

fn install_natives(natives: &mut Natives<'_>) {
    async_context::install(natives);
    operations::install(natives);
    exchange::install(natives);
    clock::install(natives);
    random::install(natives);
    environment::install(natives);
    reflect::install(natives);
    crate::builtins::install(natives);
}

/// Call an export of the bundle. A missing one returns undefined.
pub fn call(cx: *mut JSContext, export: Export, arguments: &[JSVal]) -> Result<JSVal, Thrown> {
    let function = EXPORTS.with_borrow(|exports| {
        exports.as_ref().map_or(UndefinedValue(), |exports| match export {
            Export::Loaded => exports.loaded.get(),
            Export::Dispatch => exports.dispatch.get(),
            Export::Complete => exports.complete.get(),
            Export::Main => exports.main.get(),
            Export::WarmUp => exports.warm_up.get(),
            Export::ResetAfterWarmUp => exports.reset_after_warm_up.get(),
            Export::ForgetRequests => exports.forget_requests.get(),
            Export::UnhandledRejection => exports.unhandled_rejection.get(),
            Export::RejectionHandled => exports.rejection_handled.get(),
            Export::Show => exports.show.get(),
        })
    });
    if function.is_undefined() { Ok(UndefinedValue()) } else { call_value(cx, function, arguments) }
}

/// Call any function value. The arguments are rooted here.
pub fn call_value(cx: *mut JSContext, function: JSVal, arguments: &[JSVal]) -> Result<JSVal, Thrown> {
    rooted!(in(cx) let function = function);
    rooted!(in(cx) let values = arguments.to_vec());
    rooted!(in(cx) let mut result = UndefinedValue());
    // SAFETY: everything passed is rooted.
    unsafe {
        rooted!(in(cx) let this = CurrentGlobalOrNull(cx));
        let arguments = HandleValueArray { length_: values.len(), elements_: values[..].as_ptr() };
        if JS_CallFunctionValue(
            cx,
            this.handle().into(),
            function.handle().into(),
            &arguments,
            result.handle_mut().into(),
        ) {
            Ok(result.get())
        } else {
            Err(Thrown)
        }
    }
}
