//! The response: its head, its body in pieces, its end.

use super::{answer, refuse};
use crate::state::{Answer, RequestState, Sink};
use crate::stream::headers::{self, Framing};
use crate::stream::{Body, Pushed, pipe};
use engine_abi::{HOST_MODULE, HostError, Message, import};
use http::{Response, StatusCode};
use hyper::ext::ReasonPhrase;
use std::io::Write;
use wasmtime::{Caller, Linker};

pub(super) fn add_to(linker: &mut Linker<RequestState>) -> wasmtime::Result<()> {
    linker.func_wrap(
        HOST_MODULE,
        import::RESPONSE_HEAD,
        |mut caller: Caller<'_, RequestState>, ptr: i32, len: i32| answer(&mut caller, ptr, len, head),
    )?;
    linker.func_wrap(
        HOST_MODULE,
        import::RESPONSE_CHUNK,
        |mut caller: Caller<'_, RequestState>, ptr: i32, len: i32| {
            let result = answer(&mut caller, ptr, len, chunk);
            caller.data().sink.check().map(|()| result)
        },
    )?;
    linker.func_wrap(HOST_MODULE, import::RESPONSE_END, |mut caller: Caller<'_, RequestState>, ok: i32| {
        end(caller.data_mut(), ok != 0).unwrap_or_else(|error| refuse(caller.data(), error))
    })?;
    Ok(())
}

fn head(bytes: &[u8], state: &mut RequestState) -> Result<i32, HostError> {
    let Sink::Http { head_request } = state.sink else { return Err(HostError::WrongState) };
    if !matches!(state.answer, Answer::None) {
        return Err(HostError::WrongState);
    }
    let message = engine_abi::Response::decode(bytes).map_err(|_| HostError::Malformed)?;
    let status = StatusCode::from_u16(message.status).map_err(|_| HostError::Malformed)?;
    let streaming = matches!(message.body, engine_abi::Body::Streaming);
    let framing = if streaming || head_request { Framing::Ours } else { Framing::Known };
    let headers = headers::checked(&message.headers, state.limits().header_bytes, framing)?;
    let body = match message.body {
        engine_abi::Body::Empty => Body::empty(),
        engine_abi::Body::Complete(bytes) => state.share.hold(bytes).ok_or(HostError::Limit)?.into(),
        engine_abi::Body::Streaming => {
            let (writer, reader) = pipe(state.limits().stream_buffer_bytes);
            state.streaming = Some(writer);
            Body::streaming(reader)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    // hyper gives a status without a phrase of its own an invented one; RFC 9112 §4 lets it be empty.
    let usual = response.status().canonical_reason();
    if usual.is_none() || !(message.reason.is_empty() || usual.map(str::as_bytes) == Some(message.reason)) {
        let reason = ReasonPhrase::try_from(message.reason).map_err(|_| HostError::Malformed)?;
        response.extensions_mut().insert(reason);
    }
    state.answer = Answer::Given(response);
    Ok(0)
}

fn chunk(bytes: &[u8], state: &mut RequestState) -> Result<i32, HostError> {
    if let Sink::Stdout { lost } = &mut state.sink {
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        return written.map(|()| 0).map_err(|error| {
            lost.get_or_insert(error);
            HostError::Closed
        });
    }
    let pipe = state.streaming.as_ref().ok_or(HostError::WrongState)?;
    if bytes.is_empty() {
        return Ok(0);
    }
    let pushed = pipe.push(state.share.hold(bytes).ok_or(HostError::Limit)?);
    if matches!(pushed, Pushed::Room | Pushed::Full) {
        state.progressed();
    }
    match pushed {
        Pushed::Room => Ok(0),
        Pushed::Full => Ok(state.operations.wait_for_room() as i32),
        Pushed::Ignored => Err(HostError::Limit),
        Pushed::Closed => Err(HostError::Closed),
    }
}

fn end(state: &mut RequestState, ok: bool) -> Result<i32, HostError> {
    if let Sink::Stdout { .. } = state.sink {
        return Ok(0);
    }
    let pipe = state.streaming.take().ok_or(HostError::WrongState)?;
    if ok {
        pipe.finish();
    } else {
        state.cut_off = true;
    }
    Ok(0)
}
