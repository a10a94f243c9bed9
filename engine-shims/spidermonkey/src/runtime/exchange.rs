//! The request being answered and its response.

use super::native::{Call, Natives, Thrown};
use super::operations::refused;
use super::{errors, host, operations, strings};
use ::std::cell::{Cell, RefCell};
use ::std::ptr::NonNull;
use engine_abi::{Body, Headers, Kind, Level, Request, Response};
use mozjs::jsapi::{GetArrayLength, JS_GetElement};
use mozjs::jsval::UndefinedValue;
use mozjs::rooted;

/// How far the handler is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Not finished.
    Running,
    /// The response is complete and everything that was to be waited for has settled.
    Finished,
    /// It failed, and that was reported.
    Failed,
}

thread_local! {
    static REQUEST: RefCell<Option<Request<'static>>> = const { RefCell::new(None) };
    static PROGRESS: Cell<Progress> = const { Cell::new(Progress::Running) };
}

/// Begin answering `request`.
pub fn begin(request: Request<'static>) {
    REQUEST.set(Some(request));
    PROGRESS.set(Progress::Running);
}

/// How far it is.
pub fn progress() -> Progress {
    PROGRESS.get()
}

/// Note that everything is done.
pub fn set_finished() {
    if progress() == Progress::Running {
        PROGRESS.set(Progress::Finished);
    }
}

/// Note that the handler failed.
pub fn set_failed() {
    PROGRESS.set(Progress::Failed);
}

/// Forget the request.
pub fn reset() {
    REQUEST.take();
    PROGRESS.set(Progress::Running);
}

/// Look at the current request.
pub fn with_request<R>(body: impl FnOnce(Option<&Request<'static>>) -> R) -> R {
    REQUEST.with_borrow(|request| body(request.as_ref()))
}

/// When the current request arrived, in nanoseconds of the monotonic clock.
pub fn received_ns() -> Option<u64> {
    with_request(|request| request.map(|request| request.received_ns))
}

/// Define the natives of this module.
pub fn install(natives: &mut Natives<'_>) {
    natives.function("requestMethod", 0, request_method);
    natives.function("requestUrl", 0, request_url);
    natives.function("requestHeaders", 0, request_headers);
    natives.function("requestBodyKind", 0, request_body_kind);
    natives.function("requestBody", 0, request_body);
    natives.function("requestBodyText", 0, request_body_text);
    natives.function("respond", 4, respond);
    natives.function("responseChunk", 1, response_chunk);
    natives.function("responseEnd", 1, response_end);
    natives.function("finish", 0, finish);
    natives.function("fail", 2, fail);
}

fn request_method(call: &mut Call<'_>) -> Result<(), Thrown> {
    with_request(|request| request.map_or(Ok(()), |request| call.return_str(request.method)))
}

fn request_url(call: &mut Call<'_>) -> Result<(), Thrown> {
    with_request(|request| request.map_or(Ok(()), |request| call.return_str(request.url)))
}

fn request_headers(call: &mut Call<'_>) -> Result<(), Thrown> {
    with_request(|request| {
        let headers = request.iter().flat_map(|request| &request.headers);
        call.return_latin1_array(headers.flat_map(|&(name, value)| [name, value]))
    })
}

fn request_body_kind(call: &mut Call<'_>) -> Result<(), Thrown> {
    let kind = with_request(|request| match request.map(|request| &request.body) {
        None | Some(Body::Empty) => 0.0,
        Some(Body::Complete(_)) => 1.0,
        Some(Body::Streaming) => 2.0,
    });
    call.return_number(kind);
    Ok(())
}

fn complete_body(request: Option<&Request<'static>>) -> &'static [u8] {
    match request.map(|request| request.body) {
        Some(Body::Complete(bytes)) => bytes,
        _ => &[],
    }
}

fn request_body(call: &mut Call<'_>) -> Result<(), Thrown> {
    let bytes = with_request(complete_body);
    call.return_array_buffer(bytes)
}

fn request_body_text(call: &mut Call<'_>) -> Result<(), Thrown> {
    let bytes = with_request(complete_body);
    let text = String::from_utf8_lossy(bytes);
    call.return_str(text.strip_prefix('\u{feff}').unwrap_or(&text))
}

/// A flat header array argument, as alternating names and values. TypeError for anything HTTP cannot carry.
pub fn header_list(call: &mut Call<'_>, index: u32) -> Result<Vec<Vec<u8>>, Thrown> {
    let cx = call.cx();
    let Some(array) = call.object(index) else {
        return Err(call.type_error("headers must be an array"));
    };
    rooted!(in(cx) let array = array);
    rooted!(in(cx) let mut element = UndefinedValue());
    let mut len = 0;
    // SAFETY: everything passed is rooted.
    if !unsafe { GetArrayLength(cx, array.handle().into(), &mut len) } {
        return Err(Thrown);
    }
    let mut list = Vec::with_capacity(len as usize);
    for position in 0..len {
        // SAFETY: everything passed is rooted.
        if !unsafe { JS_GetElement(cx, array.handle().into(), position, element.handle_mut().into()) } {
            return Err(Thrown);
        }
        let string = element.is_string().then(|| NonNull::new(element.to_string())).flatten();
        let bytes = string.map(|string| strings::to_latin1(cx, string)).transpose()?.flatten();
        match bytes {
            Some(bytes) if is_valid_header_part(&bytes, position % 2 == 0) => list.push(bytes),
            _ => return Err(call.type_error("invalid header name or value")),
        }
    }
    Ok(list)
}

/// RFC 9110: a name is a token; a value has no NUL, CR or LF.
fn is_valid_header_part(bytes: &[u8], is_name: bool) -> bool {
    if is_name {
        !bytes.is_empty() && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
    } else {
        !bytes.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
    }
}

/// Pairs of what [`header_list`] returned.
pub fn borrow_headers(list: &[Vec<u8>]) -> Headers<'_> {
    list.as_chunks::<2>().0.iter().map(|[name, value]| (name.as_slice(), value.as_slice())).collect()
}

/// Use argument `index` as a body: string, bytes, null or undefined. `body` must not call into JavaScript
/// before it is done with the bytes.
pub fn with_body(
    call: &mut Call<'_>,
    index: u32,
    body: impl FnOnce(&mut Call<'_>, Body<'_>) -> Result<(), Thrown>,
) -> Result<(), Thrown> {
    let value = call.value(index);
    if value.is_undefined() {
        return body(call, Body::Streaming);
    }
    if value.is_null() {
        return body(call, Body::Empty);
    }
    if call.is_bytes(index) {
        let (data, len) = call.with_bytes(index, |bytes| (bytes.as_ptr(), bytes.len()))?;
        // SAFETY: the buffer is reachable from the arguments, and `body` runs nothing that could move or free it
        // before it has copied the bytes into a message.
        return body(call, Body::Complete(unsafe { ::std::slice::from_raw_parts(data, len) }));
    }
    let text = call.string(index)?;
    body(call, Body::Complete(text.as_bytes()))
}

fn respond(call: &mut Call<'_>) -> Result<(), Thrown> {
    let status = match u16::try_from(call.integer(0)?) {
        Ok(status @ 200..=599) => status,
        _ => return Err(call.range_error("the status must be from 200 to 599")),
    };
    let headers = header_list(call, 1)?;
    let reason = call.byte_string(3)?;
    with_body(call, 2, |call, body| {
        let headers = borrow_headers(&headers);
        host::response_head(&Response { status, reason: &reason, headers, body }).map_err(|error| refused(call, error))
    })
}

fn response_chunk(call: &mut Call<'_>) -> Result<(), Thrown> {
    with_body(call, 0, |call, body| {
        let Body::Complete(bytes) = body else { return Err(call.type_error("a chunk must be bytes")) };
        match host::response_chunk(bytes) {
            Ok(operation) => {
                if operation != 0 {
                    operations::expect(operation);
                }
                call.return_number(f64::from(operation));
                Ok(())
            }
            Err(error) => Err(refused(call, error)),
        }
    })
}

fn response_end(call: &mut Call<'_>) -> Result<(), Thrown> {
    let ok = call.boolean(0);
    host::response_end(ok).map_err(|error| refused(call, error))
}

fn finish(_call: &mut Call<'_>) -> Result<(), Thrown> {
    set_finished();
    Ok(())
}

fn fail(call: &mut Call<'_>) -> Result<(), Thrown> {
    let kind = Kind::from_code(call.integer(0)? as i32).unwrap_or(Kind::Exception);
    let cx = call.cx();
    rooted!(in(cx) let value = call.value(1));
    let mut description = errors::describe(cx, value.handle());
    if kind == Kind::NotAResponse {
        description.message =
            format!("the handler must give a Response, not {}", description.message.trim_start_matches("Uncaught "));
    }
    description.report(Level::Error, kind);
    set_failed();
    Ok(())
}
