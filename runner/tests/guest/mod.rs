//! Guests written by hand: the interface of an engine and nothing else, so that a test decides every call they make.

#![allow(dead_code, reason = "each test file uses a part of it")]

use bytes::Bytes;
use engine_abi::{Body, Message, Response};
use http_body_util::{BodyExt, Empty};
use runner::{App, Config, Host};

/// Where messages of a guest start in its memory; a third page is untouched at first.
pub(crate) const MESSAGES: usize = 0x1_0000;

/// A guest whose `handle_request` and `resume` have these bodies. `messages` are in its memory one after the other
/// and can be named: `(global.get $NAME)` and `(global.get $NAME_len)`.
pub(crate) fn wat(messages: &[(&str, Vec<u8>)], handle_request: &str, resume: &str) -> String {
    let mut names = String::new();
    let mut data = String::new();
    let mut at = MESSAGES;
    for (name, bytes) in messages {
        let escaped: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let length = bytes.len();
        names += &format!("(global ${name} i32 (i32.const {at})) (global ${name}_len i32 (i32.const {length}))\n");
        data += &format!("(data (i32.const {at}) \"{escaped}\")\n");
        at += length;
    }
    format!(
        r#"(module
  (import "wizerjs-host-v2" "response_head" (func $head (param i32 i32) (result i32)))
  (import "wizerjs-host-v2" "response_chunk" (func $chunk (param i32 i32) (result i32)))
  (import "wizerjs-host-v2" "response_end" (func $end (param i32) (result i32)))
  (import "wizerjs-host-v2" "start_operation" (func $start (param i32 i32) (result i32)))
  (import "wizerjs-host-v2" "cancel_operation" (func $cancel (param i32)))
  (import "wizerjs-host-v2" "log" (func $log (param i32 i32 i32)))
  (import "wizerjs-host-v2" "report" (func $report (param i32 i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 64)
  (global $top (export "__stack_pointer") (mut i32) (i32.const 0x200000))
  (global $count (export "count") (mut i64) (i64.const 7))
  {names}
  {data}
  (func (export "allocate") (param $len i32) (param $align i32) (result i32)
    (global.get $top)
    (global.set $top (i32.add (global.get $top) (local.get $len))))
  (func $handle (export "handle_request") (param $ptr i32) (param $len i32) (result i32)
    (local $i i32)
    {handle_request})
  (func $resume (export "resume") (param $ptr i32) (param $len i32) (result i32)
    (local $i i32)
    {resume})
)"#
    )
}

/// A response with this body, as a message.
pub(crate) fn response(status: u16, body: &str) -> Vec<u8> {
    let headers = vec![(&b"x-guest"[..], &b"by hand"[..])];
    let body = if body.is_empty() { Body::Empty } else { Body::Complete(body.as_bytes()) };
    Response { status, reason: b"", headers, body }.encode()
}

/// The head of a response whose body follows, as a message.
pub(crate) fn streaming() -> Vec<u8> {
    Response { status: 200, reason: b"", headers: vec![], body: Body::Streaming }.encode()
}

/// A host whose cache is its own, and nothing else is special.
pub(crate) fn host(config: Config) -> Host {
    let cache = std::env::temp_dir().join(format!("runner-tests-{}", std::process::id()));
    Host::new(Config { cache_dir: Some(cache), ..config }).expect("a host")
}

pub(crate) fn load(host: &Host, wat: &str) -> App {
    host.load_bytes("guest", wat::parse_str(wat).expect("valid WAT")).expect("a guest")
}

pub(crate) fn get(path: &str) -> http::Request<Empty<Bytes>> {
    http::Request::get(path).header("host", "test").body(Empty::new()).expect("a request")
}

/// GET; status and body, or why the body broke off.
pub(crate) async fn ask(app: &App) -> (u16, String) {
    let response = app.handle(get("/path")).await;
    let status = response.status().as_u16();
    match response.into_body().collect().await {
        Ok(body) => (status, String::from_utf8_lossy(&body.to_bytes()).into_owned()),
        Err(error) => (status, error.to_string()),
    }
}
