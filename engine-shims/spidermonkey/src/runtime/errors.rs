//! Exceptions: throwing them from Rust, and describing them to the host.

use super::bundle::{self, Export};
use super::host::{self, Phase};
use super::native::{Thrown, new_string};
use super::strings;
use ::std::ffi::{CStr, CString};
use ::std::ptr::{self, NonNull};
use engine_abi::{Diagnostic, Kind, Level};
use mozjs::glue::PendingExceptionStackInfo;
use mozjs::jsapi::{
    BuildStackString, CaptureCurrentStack, Construct1, CurrentGlobalOrNull, ExceptionStackBehavior,
    ExceptionStackOrNull, HandleValueArray, JS_ClearPendingException, JS_ErrorFromException, JS_GetPendingException,
    JS_GetProperty, JS_IsExceptionPending, JS_SetPendingException, JS_StackCapture_MaxFrames, JSContext, JSObject,
    JSString, StackFormat,
};
use mozjs::jsval::{JSVal, ObjectValue, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::HandleValue;

/// Sources whose name begins with this are ours; their frames mean nothing to the author of an application.
pub const BUILTIN_PREFIX: &str = "builtin:";

/// What the engine throws when the heap is exhausted: a string, an error object would need memory.
const OUT_OF_MEMORY: &str = "out of memory";

/// Frames kept of a stack.
const STACK_FRAMES: usize = 32;
/// Links of a `cause` chain that are described.
const CAUSES_MAX: usize = 8;

/// Throw a new error, made by the global's constructor `class`.
pub fn throw(cx: *mut JSContext, class: &str, message: &str) -> Thrown {
    throw_new(cx, class, &[message])
}

fn throw_new(cx: *mut JSContext, class: &str, arguments: &[&str]) -> Thrown {
    // If anything here throws by itself (no memory, say), that is what stays pending.
    let _ = try_throw_new(cx, class, arguments);
    Thrown
}

fn try_throw_new(cx: *mut JSContext, class: &str, arguments: &[&str]) -> Result<(), Thrown> {
    rooted!(in(cx) let mut values = Vec::<JSVal>::new());
    for argument in arguments {
        let value = new_string(cx, argument)?;
        values.push(value);
    }
    // SAFETY: everything passed is rooted.
    unsafe {
        rooted!(in(cx) let global = CurrentGlobalOrNull(cx));
        rooted!(in(cx) let constructor = property(cx, global.get(), class)?);
        rooted!(in(cx) let mut error = ptr::null_mut::<JSObject>());
        let arguments = HandleValueArray { length_: values.len(), elements_: values[..].as_ptr() };
        if !Construct1(cx, constructor.handle().into(), &arguments, error.handle_mut().into()) {
            return Err(Thrown);
        }
        rooted!(in(cx) let value = ObjectValue(error.get()));
        JS_SetPendingException(cx, value.handle().into(), ExceptionStackBehavior::Capture);
    }
    Ok(())
}

/// Property `name` of `object`.
pub fn property(cx: *mut JSContext, object: *mut JSObject, name: &str) -> Result<JSVal, Thrown> {
    rooted!(in(cx) let object = object);
    rooted!(in(cx) let mut value = UndefinedValue());
    let name = CString::new(name).map_err(|_| Thrown)?;
    // SAFETY: everything passed is rooted.
    let found = unsafe { JS_GetProperty(cx, object.handle().into(), name.as_ptr(), value.handle_mut().into()) };
    if found { Ok(value.get()) } else { Err(Thrown) }
}

/// Take the pending exception off the context and describe it. `None` for what cannot be caught: the engine is terminating
/// the script.
pub fn describe_pending(cx: *mut JSContext) -> Option<Description> {
    describe_pending_with(cx, visible_frames)
}

/// [`describe_pending`] for defects of the builtins themselves: their frames are shown.
pub fn describe_pending_all_frames(cx: *mut JSContext) -> Option<Description> {
    describe_pending_with(cx, str::to_owned)
}

fn describe_pending_with(cx: *mut JSContext, frames: fn(&str) -> String) -> Option<Description> {
    rooted!(in(cx) let mut value = UndefinedValue());
    // SAFETY: `value` is rooted.
    let taken = unsafe { JS_IsExceptionPending(cx) && JS_GetPendingException(cx, value.handle_mut().into()) };
    let thrown_at = if taken && !is_out_of_memory(cx, value.handle()) { place_of_pending(cx) } else { None };
    // SAFETY: only clears what was taken.
    unsafe { JS_ClearPendingException(cx) };
    taken.then(|| {
        let mut description = describe_with(cx, value.handle(), frames);
        description.place_at(thrown_at.as_deref());
        description
    })
}

/// Where the pending exception was thrown, as a frame: what a value other than an error does not know itself.
fn place_of_pending(cx: *mut JSContext) -> Option<String> {
    unsafe extern "C" fn keep(text: *const ::std::ffi::c_char, length: usize, target: *mut ::std::ffi::c_void) {
        // SAFETY: the callee passes a text of this length, and what it was given as its target.
        unsafe {
            let text = ::std::slice::from_raw_parts(text.cast::<u8>(), length);
            *target.cast::<String>() = String::from_utf8_lossy(text).into_owned();
        }
    }
    rooted!(in(cx) let mut value = UndefinedValue());
    let (mut message, mut file, mut line, mut column) = (String::new(), String::new(), 0, 0);
    // SAFETY: the targets outlive the call.
    let known = unsafe {
        PendingExceptionStackInfo(
            cx,
            Some(keep),
            (&raw mut message).cast(),
            (&raw mut file).cast(),
            &mut line,
            &mut column,
            value.handle_mut().into(),
        )
    };
    (known && !file.is_empty()).then(|| format!("@{file}:{line}:{column}"))
}

fn is_out_of_memory(cx: *mut JSContext, value: HandleValue<'_>) -> bool {
    value.is_string() && to_text(cx, value) == OUT_OF_MEMORY
}

/// What is known of an exception.
#[derive(Debug, Default, Clone)]
pub struct Description {
    /// `Name: message`.
    pub message: String,
    /// Module.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Frames, and those of causes.
    pub stack: String,
}

impl Description {
    /// `message`, with the place of the first frame of `stack` that belongs to the application.
    pub fn at_stack(message: &str, stack: &str) -> Self {
        let stack = visible_frames(stack);
        let mut description = Self { message: message.to_owned(), ..Self::default() };
        if let Some(place) = stack.lines().next().and_then(Place::of_frame) {
            description.take_place(place);
        }
        description.stack = stack;
        description
    }

    /// Send it to the host.
    pub fn report(&self, level: Level, kind: Kind) {
        let kind = if self.message == OUT_OF_MEMORY { Kind::OutOfMemory } else { kind };
        host::report(&Diagnostic {
            level,
            kind,
            message: &self.message,
            file: &self.file,
            line: self.line,
            column: self.column,
            stack: &self.stack,
        });
    }

    /// Take place and stack from `frames` if none are known, unless they are the builtins'.
    pub fn place_at(&mut self, frames: Option<&str>) {
        let Some(frames) = frames.filter(|_| self.file.is_empty()) else { return };
        let located = Self::at_stack("", frames);
        (self.file, self.line, self.column) = (located.file, located.line, located.column);
        if self.stack.is_empty() {
            self.stack = located.stack;
        }
    }

    fn take_place(&mut self, place: Place<'_>) {
        self.file = place.file.to_owned();
        self.line = place.line;
        self.column = place.column;
    }
}

/// Describe any thrown value, with its causes. Runs getters of the value, and swallows what they throw.
pub fn describe(cx: *mut JSContext, value: HandleValue<'_>) -> Description {
    describe_with(cx, value, visible_frames)
}

fn describe_with(cx: *mut JSContext, value: HandleValue<'_>, frames: fn(&str) -> String) -> Description {
    let mut description = describe_one(cx, value, frames);
    rooted!(in(cx) let mut current = value.get());
    for _ in 0..CAUSES_MAX {
        let Some(cause) = cause_of(cx, current.get()) else { break };
        current.set(cause);
        let link = describe_one(cx, current.handle(), frames);
        description.stack.push_str("Caused by: ");
        description.stack.push_str(&link.message);
        description.stack.push('\n');
        description.stack.push_str(&link.stack);
    }
    description
}

fn cause_of(cx: *mut JSContext, value: JSVal) -> Option<JSVal> {
    let cause = value.is_object().then(|| quietly(cx, |cx| property(cx, value.to_object(), "cause")))??;
    (!cause.is_undefined()).then_some(cause)
}

fn describe_one(cx: *mut JSContext, value: HandleValue<'_>, frames: fn(&str) -> String) -> Description {
    if !value.is_object() {
        let text = to_text(cx, value);
        let message = if text == OUT_OF_MEMORY { text } else { format!("Uncaught {text}") };
        return Description { message, ..Description::default() };
    }
    rooted!(in(cx) let error = value.to_object());
    let mut description = Description { message: headline(cx, error.get(), value), ..Description::default() };
    let stack = native_stack(cx, error.get()).or_else(|| text_property(cx, error.get(), "stack"));
    description.stack = frames(&stack.unwrap_or_default());
    let frame = description.stack.lines().next().and_then(Place::of_frame).map(|place| place.to_owned_parts());
    match report_place(cx, error.get()) {
        Some((file, line, column)) if !file.starts_with(BUILTIN_PREFIX) => {
            description.take_place(Place { file: &file, line, column });
        }
        _ => {
            if let Some((file, line, column)) = frame {
                description.take_place(Place { file: &file, line, column });
            }
        }
    }
    description
}

/// `Name: message`, from the properties rather than `toString`, which applications override for display.
fn headline(cx: *mut JSContext, error: *mut JSObject, value: HandleValue<'_>) -> String {
    rooted!(in(cx) let error = error);
    let name = text_property(cx, error.get(), "name");
    let message = text_property(cx, error.get(), "message");
    match (name, message) {
        (Some(name), Some(message)) if message.is_empty() => name,
        (Some(name), Some(message)) => format!("{name}: {message}"),
        _ => format!("Uncaught {}", shown(cx, value)),
    }
}

/// An object as the console shows it, on one line; as its own text if that fails.
fn shown(cx: *mut JSContext, value: HandleValue<'_>) -> String {
    rooted!(in(cx) let text = quietly(cx, |cx| bundle::call(cx, Export::Show, &[value.get()])).unwrap_or(UndefinedValue()));
    to_text(cx, if text.is_string() { text.handle() } else { value })
}

fn text_property(cx: *mut JSContext, object: *mut JSObject, name: &str) -> Option<String> {
    rooted!(in(cx) let value = quietly(cx, |cx| property(cx, object, name))?);
    value.is_string().then(|| to_text(cx, value.handle()))
}

/// Where the engine says that a native error object was made: the only place a SyntaxError has.
fn report_place(cx: *mut JSContext, error: *mut JSObject) -> Option<(String, u32, u32)> {
    rooted!(in(cx) let error = error);
    // SAFETY: `report` borrows from `error`, which stays rooted.
    unsafe {
        let mut report: mozjs::jsapi::BorrowedErrorReport = ::std::mem::zeroed();
        rooted!(in(cx) let mut owner = ptr::null_mut::<JSObject>());
        let _ = &mut owner;
        let found = JS_ErrorFromException(cx, error.handle().into(), &mut report);
        let data = NonNull::new(report.report_)?;
        if !found || data.as_ref()._base.filename.data_.is_null() {
            return None;
        }
        let file = CStr::from_ptr(data.as_ref()._base.filename.data_).to_string_lossy().into_owned();
        Some((file, data.as_ref()._base.lineno, data.as_ref()._base.column._base))
    }
}

fn native_stack(cx: *mut JSContext, error: *mut JSObject) -> Option<String> {
    rooted!(in(cx) let error = error);
    // SAFETY: `error` is rooted.
    rooted!(in(cx) let stack = unsafe { ExceptionStackOrNull(error.handle().into()) });
    stack_text(cx, stack.get())
}

fn stack_text(cx: *mut JSContext, stack: *mut JSObject) -> Option<String> {
    if stack.is_null() {
        return None;
    }
    rooted!(in(cx) let stack = stack);
    rooted!(in(cx) let mut text = ptr::null_mut::<JSString>());
    // SAFETY: everything passed is rooted.
    let built = unsafe {
        BuildStackString(
            cx,
            ptr::null_mut(),
            stack.handle().into(),
            text.handle_mut().into(),
            0,
            StackFormat::SpiderMonkey,
        )
    };
    if !built {
        // SAFETY: only clears what building the string left behind.
        unsafe { JS_ClearPendingException(cx) };
        return None;
    }
    strings::to_utf8(cx, NonNull::new(text.get())?, str::to_owned).ok()
}

/// The frames that belong to the application.
fn visible_frames(stack: &str) -> String {
    let hidden = format!("@{BUILTIN_PREFIX}");
    let frames = stack.lines().filter(|line| !line.is_empty() && !line.contains(&hidden));
    frames.take(STACK_FRAMES).flat_map(|line| [line, "\n"]).collect()
}

/// Run something that may throw, and forget what it threw.
fn quietly<R>(cx: *mut JSContext, body: impl FnOnce(*mut JSContext) -> Result<R, Thrown>) -> Option<R> {
    match body(cx) {
        Ok(result) => Some(result),
        Err(Thrown) => {
            // SAFETY: clears what `body` left behind.
            unsafe { JS_ClearPendingException(cx) };
            None
        }
    }
}

/// The stack of the call that rejected `promise`, if the engine kept it: while loading.
pub fn rejection_stack(cx: *mut JSContext, promise: *mut JSObject) -> Option<String> {
    unsafe extern "C" {
        // Part of the engine's interface, but not of its bindings.
        #[link_name = "_ZN2JS24GetPromiseResolutionSiteENS_6HandleIP8JSObjectEE"]
        fn promise_resolution_site(promise: mozjs::jsapi::HandleObject) -> *mut JSObject;
    }
    rooted!(in(cx) let promise = promise);
    // SAFETY: `promise` is a promise, rooted.
    stack_text(cx, unsafe { promise_resolution_site(promise.handle().into()) })
}

/// Any value as text for a message.
fn to_text(cx: *mut JSContext, value: HandleValue<'_>) -> String {
    // SAFETY: `value` is rooted.
    let string =
        unsafe { if value.is_string() { value.to_string() } else { mozjs::jsapi::ToStringSlow(cx, value.into()) } };
    let text = NonNull::new(string).and_then(|string| strings::to_utf8(cx, string, str::to_owned).ok());
    // SAFETY: a symbol, or an object whose toString throws, leaves an exception that nobody asked for.
    unsafe { JS_ClearPendingException(cx) };
    text.unwrap_or_else(|| String::from("value that cannot be shown"))
}

/// A place in a source.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Module.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl<'a> Place<'a> {
    /// The place in a frame as the engine prints it, `function@file:line:column`.
    fn of_frame(frame: &'a str) -> Option<Self> {
        let (_, place) = frame.split_once('@')?;
        let (place, column) = place.rsplit_once(':')?;
        let (file, line) = place.rsplit_once(':')?;
        Some(Self { file, line: line.parse().ok()?, column: column.parse().ok()? })
    }

    fn to_owned_parts(self) -> (String, u32, u32) {
        (self.file.to_owned(), self.line, self.column)
    }
}

/// Where the application's code stands now, as a description with that place, a stack and `message`.
pub fn describe_caller(cx: *mut JSContext, message: &str) -> Description {
    rooted!(in(cx) let mut stack = ptr::null_mut::<JSObject>());
    // SAFETY: `capture` is filled by the engine before it is used; `stack` is rooted.
    let captured = unsafe {
        let mut capture = ::std::mem::MaybeUninit::uninit();
        JS_StackCapture_MaxFrames(STACK_FRAMES as u32, capture.as_mut_ptr());
        CaptureCurrentStack(cx, stack.handle_mut().into(), capture.as_mut_ptr(), mozjs::jsapi::HandleObject::null())
    };
    let text = if captured { stack_text(cx, stack.get()) } else { None }.unwrap_or_default();
    Description::at_stack(message, &text)
}

/// Tell the build that something was read whose value every request would share, if that is so: `what` was read, which is of
/// these kinds while loading (`None`: not worth telling) and in a warm-up request.
pub fn note_read(cx: *mut JSContext, what: &str, loading: Option<Kind>, warming_up: Kind) {
    let (kind, message) = match (host::phase(), loading) {
        (Phase::Load, Some(kind)) => (kind, format!("{what} was read while loading: the value is part of the build")),
        (Phase::WarmUp, _) => (warming_up, format!("a warm-up request read {what}")),
        (Phase::Load | Phase::Start | Phase::Serve, _) => return,
    };
    describe_caller(cx, &message).report(Level::Warn, kind);
}
