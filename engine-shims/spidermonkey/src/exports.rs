//! What the host calls. Names and meanings are those of `engine_abi::export`.

use crate::runtime;
use engine_abi::{Application, Completions, Diagnostic, Kind, Level, Load, Malformed, Message, Reader, Request, State};
use std::alloc::Layout;
use std::io::Read;
use std::sync::Once;

/// Alignment of every message buffer, in bytes.
const MESSAGE_ALIGN: usize = 16;

unsafe extern "C" {
    /// Made by the linker: all constructors. Referring to it keeps the linker from wrapping every export in a call of it.
    fn __wasm_call_ctors();
}

#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    static ONCE: Once = Once::new();
    // SAFETY: called once, before anything else runs.
    ONCE.call_once(|| unsafe { __wasm_call_ctors() });
    std::panic::set_hook(Box::new(|panic| report_defect(&panic.to_string())));
}

#[unsafe(no_mangle)]
extern "C" fn initialize_engine() -> i32 {
    match runtime::start() {
        Ok(()) => Load::Ready.code(),
        Err(()) => Load::Failed.code(),
    }
}

#[unsafe(no_mangle)]
extern "C" fn load_application(ptr: *mut u8, len: usize) -> i32 {
    let bytes = take_message(ptr, len);
    let load = load_message(&bytes);
    drop(bytes);
    load.code()
}

fn load_message(bytes: &[u8]) -> Load {
    match Application::decode(bytes) {
        Ok(application) if runtime::load(&application).is_ok() => Load::Ready,
        Ok(_) => Load::Failed,
        Err(error) => {
            report_defect(&error.to_string());
            Load::Failed
        }
    }
}

#[unsafe(export_name = "wizer-initialize")]
extern "C" fn wizer_initialize() {
    let mut message = Vec::new();
    std::io::stdin().read_to_end(&mut message).expect("the application is on standard input");
    assert_eq!(initialize_engine(), Load::Ready.code(), "the engine did not start");
    assert_eq!(load_message(&message), Load::Ready, "the application was not loaded");
}

#[unsafe(no_mangle)]
extern "C" fn allocate(len: usize, align: usize) -> *mut u8 {
    match message_layout(len) {
        // SAFETY: the layout is not empty.
        Some(layout) if align <= MESSAGE_ALIGN => unsafe { std::alloc::alloc(layout) },
        _ => std::ptr::null_mut(),
    }
}

fn message_layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.max(1), MESSAGE_ALIGN).ok()
}

/// A message buffer that the host has filled.
struct Buffer {
    ptr: *mut u8,
    len: usize,
}

impl std::ops::Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the host passes what `allocate` returned, filled.
        unsafe { std::slice::from_raw_parts(self.ptr, self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(layout) = message_layout(self.len) {
            // SAFETY: allocated with this layout, and freed once.
            unsafe { std::alloc::dealloc(self.ptr, layout) };
        }
    }
}

fn take_message(ptr: *mut u8, len: usize) -> Buffer {
    assert!(!ptr.is_null(), "a message has an address");
    Buffer { ptr, len }
}

#[unsafe(no_mangle)]
extern "C" fn handle_request(ptr: *mut u8, len: usize) -> i32 {
    // The instance ends with the request, so its message is never freed: everything may borrow from it.
    let bytes: &'static Buffer = Box::leak(Box::new(take_message(ptr, len)));
    or_defect(Request::decode(bytes).map(runtime::handle))
}

#[unsafe(no_mangle)]
extern "C" fn resume(ptr: *mut u8, len: usize) -> i32 {
    let bytes = take_message(ptr, len);
    or_defect(Completions::decode(&bytes).map(|completions| runtime::resume(&completions)))
}

#[unsafe(no_mangle)]
extern "C" fn run_main(ptr: *mut u8, len: usize) -> i32 {
    let bytes = take_message(ptr, len);
    or_defect(read_arguments(&bytes).map(|arguments| runtime::run(&arguments)))
}

fn read_arguments(bytes: &[u8]) -> Result<Vec<&str>, Malformed> {
    let mut input = Reader::new(bytes);
    // An argument takes at least its length.
    let count = input.count(4, "argument count")?;
    (0..count).map(|_| input.text("argument")).collect()
}

#[unsafe(no_mangle)]
extern "C" fn _start() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if runtime::run_alone(&arguments) != State::Done {
        runtime::wasi::exit(1);
    }
}

fn or_defect(state: Result<State, Malformed>) -> i32 {
    let state = state.unwrap_or_else(|error| {
        report_defect(&error.to_string());
        State::Failed
    });
    state.code()
}

/// Tell the host about something that must not happen.
fn report_defect(message: &str) {
    runtime::host::report(&Diagnostic {
        level: Level::Error,
        kind: Kind::Internal,
        message,
        file: "",
        line: 0,
        column: 0,
        stack: "",
    });
}

/// SpiderMonkey's profiler hooks ask for it; WASI has no processes.
#[unsafe(no_mangle)]
extern "C" fn getpid() -> i32 {
    1
}
