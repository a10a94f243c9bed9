//! ES modules: compiled from the application message, linked by its import table. Nothing is resolved here.

use super::errors;
use super::native::{Thrown, new_string};
use super::strings;
use ::std::cell::RefCell;
use ::std::ffi::CString;
use ::std::ptr::NonNull;
use engine_abi::Application;
use mozjs::gc::RootedTraceableBox;
use mozjs::glue::JS_GetScriptPrivate;
use mozjs::jsapi::{
    ColumnNumberOneOrigin, CompileModule1, DelazificationOption, FinishLoadingImportedModule,
    FinishLoadingImportedModuleFailedWithPendingException, GetModuleEnvironment, GetModuleNamespace,
    GetModuleRequestSpecifier, HandleObject, HandleScript, HandleValue, Heap, IsPromiseObject, JS_DefineProperty,
    JS_GetRuntime, JSContext, JSObject, JSPROP_ENUMERATE, LoadRequestedModules, ModuleEvaluate, ModuleLink,
    SetModuleLoadHook, SetModuleMetadataHook, SetModulePrivate,
};
use mozjs::jsval::{Int32Value, JSVal, UndefinedValue};
use mozjs::rooted;
use mozjs::rust::{CompileOptionsWrapper, transform_str_to_source_text};

struct Module {
    name: String,
    imports: Vec<(String, u32)>,
    record: RootedTraceableBox<Heap<*mut JSObject>>,
}

thread_local! {
    /// The application's modules, the entry first. Kept for `import()` at run time.
    static MODULES: RefCell<Vec<Module>> = const { RefCell::new(Vec::new()) };
}

/// Have the engine ask here for modules and their `import.meta`.
pub fn install(cx: *mut JSContext) {
    // SAFETY: the hooks live as long as the program.
    unsafe {
        SetModuleLoadHook(JS_GetRuntime(cx), Some(load_hook));
        SetModuleMetadataHook(JS_GetRuntime(cx), Some(metadata_hook));
    }
}

/// Compile options for a source of this name: everything is parsed at once, so that no request has to.
pub fn eager_options(cx: *mut JSContext, name: &str) -> CompileOptionsWrapper {
    let name = CString::new(name.replace('\0', "\u{fffd}")).unwrap_or_default();
    // SAFETY: the context is valid, and nothing is collected while the wrapper is alive.
    let context = unsafe { mozjs::context::JSContext::from_ptr(NonNull::new_unchecked(cx)) };
    let options = CompileOptionsWrapper::new(&context, name, 1);
    // SAFETY: the wrapper owns the options.
    unsafe { (*options.ptr)._base.eagerDelazificationStrategy_ = DelazificationOption::ParseEverythingEagerly };
    options
}

/// Compile every module of the application.
pub fn compile(cx: *mut JSContext, application: &Application<'_>) -> Result<(), Thrown> {
    for (index, module) in application.modules.iter().enumerate() {
        let options = eager_options(cx, module.name);
        let mut source = transform_str_to_source_text(module.source);
        // SAFETY: the source outlives the call; the engine keeps a copy.
        rooted!(in(cx) let record = unsafe { CompileModule1(cx, options.ptr, &mut source) });
        if record.is_null() {
            return Err(Thrown);
        }
        // SAFETY: `record` is a module.
        unsafe { SetModulePrivate(record.get(), &Int32Value(index as i32)) };
        let imports = module.imports.iter().map(|&(specifier, index)| (specifier.to_owned(), index)).collect();
        let record = RootedTraceableBox::from_box(Heap::boxed(record.get()));
        MODULES.with_borrow_mut(|modules| modules.push(Module { name: module.name.to_owned(), imports, record }));
    }
    Ok(())
}

fn record(index: u32) -> Option<*mut JSObject> {
    MODULES.with_borrow(|modules| modules.get(index as usize).map(|module| module.record.get()))
}

/// Link and evaluate the entry module: the promise of its evaluation.
pub fn evaluate_entry(cx: *mut JSContext) -> Result<*mut JSObject, Thrown> {
    rooted!(in(cx) let entry = record(0).ok_or(Thrown)?);
    rooted!(in(cx) let mut result = UndefinedValue());
    let entry = entry.handle().into();
    // SAFETY: everything passed is rooted.
    let evaluated = load_imports_of(cx, entry)
        && unsafe { ModuleLink(cx, entry) && ModuleEvaluate(cx, entry, result.handle_mut().into()) };
    if evaluated && result.is_object() { Ok(result.to_object()) } else { Err(Thrown) }
}

/// The entry module's namespace object.
pub fn entry_namespace(cx: *mut JSContext) -> Result<*mut JSObject, Thrown> {
    rooted!(in(cx) let entry = record(0).ok_or(Thrown)?);
    // SAFETY: `entry` is a module, rooted.
    let namespace = unsafe { GetModuleNamespace(cx, entry.handle().into()) };
    if namespace.is_null() { Err(Thrown) } else { Ok(namespace) }
}

/// The environment of module `index`: what its top-level names are bound in.
pub fn environment(cx: *mut JSContext, index: usize) -> Option<*mut JSObject> {
    rooted!(in(cx) let module = record(u32::try_from(index).ok()?)?);
    // SAFETY: `module` is a module, rooted.
    let environment = unsafe { GetModuleEnvironment(cx, module.handle().into()) };
    (!environment.is_null()).then_some(environment)
}

unsafe extern "C" fn on_loaded(_cx: *mut JSContext, _host_defined: HandleValue) -> bool {
    true
}

unsafe extern "C" fn on_load_failed(cx: *mut JSContext, _host_defined: HandleValue, error: HandleValue) -> bool {
    // SAFETY: `error` is rooted by the caller.
    unsafe { mozjs::jsapi::JS_SetPendingException(cx, error, mozjs::jsapi::ExceptionStackBehavior::DoNotCapture) };
    true
}

unsafe extern "C" fn load_hook(
    cx: *mut JSContext,
    referrer: HandleScript,
    request: HandleObject,
    _host_defined: HandleValue,
    payload: HandleValue,
    _line: u32,
    _column: ColumnNumberOneOrigin,
) -> bool {
    // SAFETY: everything passed was rooted by the engine, or is here.
    unsafe {
        match find_import(cx, referrer, request) {
            Ok(found) => {
                rooted!(in(cx) let found = found);
                let found = found.handle().into();
                // For an import() the engine expects the host to have loaded the module's own imports.
                rooted!(in(cx) let waiting = payload.get().to_object());
                if IsPromiseObject(waiting.handle().into()) && !load_imports_of(cx, found) {
                    return FinishLoadingImportedModuleFailedWithPendingException(cx, payload);
                }
                FinishLoadingImportedModule(cx, referrer, request, payload, found, false)
            }
            Err(Thrown) => FinishLoadingImportedModuleFailedWithPendingException(cx, payload),
        }
    }
}

/// Load what `module` imports; false leaves an exception pending.
fn load_imports_of(cx: *mut JSContext, module: HandleObject) -> bool {
    rooted!(in(cx) let nothing = UndefinedValue());
    // SAFETY: everything passed is rooted. The load hook answers synchronously, so the graph is complete afterwards.
    unsafe {
        LoadRequestedModules(cx, module, nothing.handle().into(), Some(on_loaded), Some(on_load_failed))
            && !mozjs::jsapi::JS_IsExceptionPending(cx)
    }
}

/// The module that `request` names in `referrer`.
unsafe fn find_import(
    cx: *mut JSContext,
    referrer: HandleScript,
    request: HandleObject,
) -> Result<*mut JSObject, Thrown> {
    rooted!(in(cx) let mut private = UndefinedValue());
    // SAFETY: everything passed is rooted; a module request has a specifier.
    let specifier = unsafe {
        if !referrer.get().is_null() {
            JS_GetScriptPrivate(referrer.get(), private.handle_mut().into());
        }
        NonNull::new(GetModuleRequestSpecifier(cx, request)).ok_or(Thrown)?
    };
    let specifier = strings::to_utf8(cx, specifier, str::to_owned)?;
    let index = private.is_int32().then(|| private.to_int32() as usize);
    let target = MODULES.with_borrow(|modules| {
        let imports = &modules.get(index?)?.imports;
        imports.iter().find(|(name, _)| *name == specifier).map(|&(_, target)| target)
    });
    target.and_then(record).ok_or_else(|| {
        errors::throw(cx, "TypeError", &format!("module \"{specifier}\" is not part of the application"))
    })
}

unsafe extern "C" fn metadata_hook(cx: *mut JSContext, module: HandleObject, meta: HandleObject) -> bool {
    rooted!(in(cx) let mut private = UndefinedValue());
    // SAFETY: `module` is a module; its private value was set when it was compiled.
    unsafe { mozjs::glue::JS_GetModulePrivate(module.get(), private.handle_mut().into()) };
    let index = if private.is_int32() { private.to_int32() as usize } else { 0 };
    let name = MODULES.with_borrow(|modules| modules.get(index).map(|module| module.name.clone())).unwrap_or_default();
    let Ok(url) = new_string(cx, &format!("file:///{name}")) else { return false };
    rooted!(in(cx) let url: JSVal = url);
    // SAFETY: everything passed is rooted.
    unsafe { JS_DefineProperty(cx, meta, c"url".as_ptr(), url.handle().into(), JSPROP_ENUMERATE.into()) }
}
