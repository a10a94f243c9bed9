//! Where a top-level await waits for a promise that nothing will ever settle. Only asked when a build has failed for it:
//! while loading, promises remember where they were made, and the engine's debugger finds those that are still reachable.
//! One that nothing refers to any more is gone; then the top-level awaits of the modules that had begun are shown instead.

use super::native::{Thrown, new_array, new_string};
use super::strings;
use ::std::ptr::{self, NonNull};
use engine_abi::Application;
use mozjs::jsapi::{
    CurrentGlobalOrNull, Evaluate2, JS_ClearPendingException, JS_DefineDebuggerObject, JS_InitReflectParse,
    JS_NewGlobalObject, JS_SetProperty, JS_WrapObject, JSAutoRealm, JSContext, OnNewGlobalHookOption,
};
use mozjs::jsval::{ObjectValue, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::{RealmOptions, SIMPLE_GLOBAL_CLASS, transform_str_to_source_text};

/// Promises wait for each other; the one that all wait for was made deepest in the stack, or else furthest down. A promise
/// made at line 1, column 1 is that of a module's own evaluation.
const SCRIPT: &str = "
    const debug = new Debugger();
    debug.addDebuggee(application);
    const started = new Set();
    let deepest = { depth: 0, line: 0, column: 0, stack: '' };
    for (const promise of debug.findObjects({ class: 'Promise' })) {
        const site = promise.promiseState === 'pending' && promise.promiseAllocationSite;
        if (!site) continue;
        const frames = String(site).split('\\n').filter((frame) => frame && !frame.includes('@builtin:'));
        const [, file, line, column] = frames[0]?.match(/@(.*):([0-9]+):([0-9]+)$/) ?? [];
        if (line === '1' && column === '1') { started.add(file); continue; }
        const found = { depth: frames.length, line: +line, column: +column, stack: frames.join('\\n') };
        if ((found.depth - deepest.depth || found.line - deepest.line || found.column - deepest.column) > 0) deepest = found;
    }
    function* awaits(node) {
        if (!node || typeof node !== 'object') return;
        if (/Function|Method|ArrowFunction/.test(node.type)) return;
        if (node.operator === 'await') yield node.loc.start;
        for (const key of Object.keys(node)) if (key !== 'loc') yield* awaits(node[key]);
    }
    if (!deepest.stack) {
        for (let index = 0; index < sources.length; index += 2) {
            if (!started.has(sources[index])) continue;
            for (const { line, column } of awaits(Reflect.parse(sources[index + 1], { target: 'module' }))) {
                deepest.stack += `@${sources[index]}:${line}:${column}\\n`;
            }
        }
    }
    deepest.stack;
";

/// The stack that made the promise everything waits for, empty if it is not known.
pub fn stack(cx: *mut JSContext, application: &Application<'_>) -> String {
    evaluate(cx, application).unwrap_or_else(|Thrown| {
        // SAFETY: the place is a help; that it was not found is not the failure to report.
        unsafe { JS_ClearPendingException(cx) };
        String::new()
    })
}

fn evaluate(cx: *mut JSContext, application: &Application<'_>) -> Result<String, Thrown> {
    // SAFETY: everything passed is rooted. A debugger lives in a compartment other than what it looks at.
    unsafe {
        rooted!(in(cx) let mut debuggee = CurrentGlobalOrNull(cx));
        let options = RealmOptions::default();
        rooted!(in(cx) let global = JS_NewGlobalObject(
            cx, &SIMPLE_GLOBAL_CLASS, ptr::null_mut(), OnNewGlobalHookOption::FireOnNewGlobalHook, &*options
        ));
        if global.is_null() {
            return Err(Thrown);
        }
        let _realm = JSAutoRealm::new(cx, global.get());
        let sources = application.modules.iter().flat_map(|module| [module.name, module.source]);
        rooted!(in(cx) let sources = ObjectValue(new_array(cx, sources, new_string)?));
        let ready = JS_DefineDebuggerObject(cx, global.handle().into())
            && JS_InitReflectParse(cx, global.handle().into())
            && JS_WrapObject(cx, debuggee.handle_mut().into());
        rooted!(in(cx) let debuggee = ObjectValue(debuggee.get()));
        let ready = ready
            && JS_SetProperty(cx, global.handle().into(), c"application".as_ptr(), debuggee.handle().into())
            && JS_SetProperty(cx, global.handle().into(), c"sources".as_ptr(), sources.handle().into());
        if !ready {
            return Err(Thrown);
        }
        let options = super::modules::eager_options(cx, "builtin:pending");
        let mut source = transform_str_to_source_text(SCRIPT);
        rooted!(in(cx) let mut result = UndefinedValue());
        if !Evaluate2(cx, options.ptr, &mut source, result.handle_mut().into()) || !result.is_string() {
            return Err(Thrown);
        }
        strings::to_utf8(cx, NonNull::new(result.to_string()).ok_or(Thrown)?, str::to_owned)
    }
}
