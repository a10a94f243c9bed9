//! Where a top-level await waits for a promise that nothing will ever settle. Only asked when a build has failed for it.
//!
//! A module that waits is a suspended generator, which knows by number where it is: its awaits are numbered in the order in
//! which code is emitted, operands first. Other constructs have numbers too; with one of those at the top level it is only
//! known that it is one of the module's awaits.

use super::errors::property;
use super::modules;
use super::native::{Thrown, new_array, new_string};
use super::strings;
use ::std::ffi::CStr;
use ::std::ptr::{self, NonNull};
use engine_abi::Application;
use mozjs::glue::JS_GetReservedSlot;
use mozjs::jsapi::{
    Evaluate2, JS_ClearPendingException, JS_InitReflectParse, JS_NewGlobalObject, JS_SetProperty, JSAutoRealm,
    JSContext, JSObject, OnNewGlobalHookOption,
};
use mozjs::jsval::{ObjectValue, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::{RealmOptions, SIMPLE_GLOBAL_CLASS, get_object_class, transform_str_to_source_text};

/// `waiting` has three entries a module: its name, its source, and the number of the resume point.
const SCRIPT: &str = r"
    const NUMBERED_TOO = /^(Switch|Try|ForOf)Statement$/;
    function* awaits(node, unknown) {
        if (!node || typeof node !== 'object' || /Function|Method|Class/.test(node.type)) return;
        if (NUMBERED_TOO.test(node.type)) unknown.push(node);
        for (const key of Object.keys(node)) if (key !== 'loc') yield* awaits(node[key], unknown);
        if (node.operator === 'await') yield node.loc.start;
    }
    let stack = '';
    for (let index = 0; index < waiting.length; index += 3) {
        const unknown = [];
        const places = [...awaits(Reflect.parse(waiting[index + 1], { target: 'module' }), unknown)];
        const here = unknown.length === 0 && places[waiting[index + 2]];
        for (const { line, column } of here ? [here] : places) stack += `@${waiting[index]}:${line}:${column}\n`;
    }
    stack;
";

/// Slot of a generator object that holds the number.
const RESUME_INDEX_SLOT: u32 = 4;

/// A frame for each module's await that waits, empty if that is not known.
pub fn stack(cx: *mut JSContext, application: &Application<'_>) -> String {
    places(cx, application).unwrap_or_else(|Thrown| {
        // SAFETY: the place is a help; that it was not found is not the failure to report.
        unsafe { JS_ClearPendingException(cx) };
        String::new()
    })
}

fn places(cx: *mut JSContext, application: &Application<'_>) -> Result<String, Thrown> {
    let mut waiting = Vec::new();
    for (index, module) in application.modules.iter().enumerate() {
        if let Some(point) = resume_point(cx, index)? {
            waiting.extend([module.name.to_owned(), module.source.to_owned(), point.to_string()]);
        }
    }
    evaluate(cx, &waiting)
}

/// The number of the resume point at which module `index` waits.
fn resume_point(cx: *mut JSContext, index: usize) -> Result<Option<i32>, Thrown> {
    let Some(environment) = modules::environment(cx, index) else { return Ok(None) };
    rooted!(in(cx) let generator = property(cx, environment, ".generator")?);
    if !generator.is_object() || !is_generator(generator.to_object()) {
        return Ok(None);
    }
    let mut point = UndefinedValue();
    // SAFETY: an object of this class has the slot.
    unsafe { JS_GetReservedSlot(generator.to_object(), RESUME_INDEX_SLOT, &mut point) };
    Ok(point.is_int32().then(|| point.to_int32()))
}

fn is_generator(object: *mut JSObject) -> bool {
    // SAFETY: every object has a class, and every class a name.
    let name = unsafe { CStr::from_ptr((*get_object_class(object)).name) };
    name == c"AsyncFunctionGenerator"
}

fn evaluate(cx: *mut JSContext, waiting: &[String]) -> Result<String, Thrown> {
    // SAFETY: everything passed is rooted. The parser is defined in a realm of its own: the application's stays as it is.
    unsafe {
        let options = RealmOptions::default();
        rooted!(in(cx) let global = JS_NewGlobalObject(
            cx, &SIMPLE_GLOBAL_CLASS, ptr::null_mut(), OnNewGlobalHookOption::FireOnNewGlobalHook, &*options
        ));
        if global.is_null() {
            return Err(Thrown);
        }
        let _realm = JSAutoRealm::new(cx, global.get());
        rooted!(in(cx) let waiting = ObjectValue(new_array(cx, waiting.iter().map(String::as_str), new_string)?));
        let ready = JS_InitReflectParse(cx, global.handle().into())
            && JS_SetProperty(cx, global.handle().into(), c"waiting".as_ptr(), waiting.handle().into());
        if !ready {
            return Err(Thrown);
        }
        let options = modules::eager_options(cx, "builtin:pending");
        let mut source = transform_str_to_source_text(SCRIPT);
        rooted!(in(cx) let mut result = UndefinedValue());
        if !Evaluate2(cx, options.ptr, &mut source, result.handle_mut().into()) || !result.is_string() {
            return Err(Thrown);
        }
        strings::to_utf8(cx, NonNull::new(result.to_string()).ok_or(Thrown)?, str::to_owned)
    }
}
