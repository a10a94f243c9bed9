//! Programs of WASI preview 1 behind HTTP, as CGI.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use runner::{Body, IncomingBody, Limits, Program, Surroundings};
use std::time::Duration;

/// A program whose `$main` has `$print (ptr len)`, `$env`, which prints all variables, and `$copy`, which prints standard input.
fn program(main: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
      (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 4)
      (data (i32.const 100) "Status: 201 Created\r\nX-One: 1\n\n")
      (data (i32.const 200) "0")
      (func $print (param $at i32) (param $len i32)
        (loop $more
          (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $len))
          (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (call $exit (i32.const 9))))
          (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
          (br_if $more (local.tee $len (i32.sub (local.get $len) (i32.load (i32.const 8)))))))
      (func $head (call $print (i32.const 100) (i32.const 31)))
      (func $env
        (drop (call $sizes (i32.const 16) (i32.const 20)))
        (drop (call $environ (i32.const 1024) (i32.const 8192)))
        (call $print (i32.const 8192) (i32.load (i32.const 20))))
      (func $copy
        (loop $more
          (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 65536))
          (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)))
          (if (i32.load (i32.const 12))
            (then (call $print (i32.const 65536) (i32.load (i32.const 12))) (br $more)))))
      (func (export "_start") {main}))"#
    );
    wat::parse_str(text).expect("valid text format")
}

fn load(main: &str, limits: Limits) -> (Program, tempfile::TempDir) {
    let cache = tempfile::tempdir().expect("a folder");
    let surroundings = Surroundings {
        env: vec![("OWN".to_owned(), "value".to_owned())],
        limits,
        cache_dir: Some(cache.path().join("cache")),
        ..Surroundings::default()
    };
    (Program::load("test", &program(main), surroundings).expect("loaded"), cache)
}

fn request(body: impl Into<Bytes>) -> Request<IncomingBody> {
    let body = Full::new(body.into())
        .map_err(|never| -> Box<dyn std::error::Error + Send + Sync> { match never {} })
        .boxed_unsync();
    Request::post("/a/b?c=d").header("host", "localhost").header("x-two", "2").body(body).expect("a request")
}

async fn text(response: Response<Body>) -> String {
    let bytes = response.into_body().collect().await.expect("whole").to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_its_environment_and_input() {
    let (program, _cache) = load("(call $head) (call $env) (call $copy)", Limits::default());
    let long = "0123456789".repeat(100_000);
    let response = program.answer(request(long.clone())).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["x-one"], "1");
    let text = text(response).await;
    for variable in ["REQUEST_METHOD=POST\0", "PATH_INFO=/a/b\0", "QUERY_STRING=c=d\0", "HTTP_X_TWO=2\0", "OWN=value\0"]
    {
        assert!(text.contains(variable), "{variable}");
    }
    assert!(text.ends_with(&long), "the whole input comes back");
}

#[tokio::test(flavor = "multi_thread")]
async fn scgi_gives_variables_through_standard_input() {
    let cache = tempfile::tempdir().expect("a folder");
    let surroundings =
        Surroundings { is_scgi: true, cache_dir: Some(cache.path().join("cache")), ..Surroundings::default() };
    let program = Program::load("test", &program("(call $head) (call $copy)"), surroundings).expect("loaded");
    let text = text(program.answer(request("body")).await).await;
    let (length, rest) = text.split_once(':').expect("a netstring");
    let (headers, body) = rest.split_at(length.parse().expect("a number"));
    assert!(headers.starts_with("CONTENT_LENGTH\x004\0SCGI\x001\0"), "{headers:?}");
    assert!(headers.contains("\0PATH_INFO\0/a/b\0"), "{headers:?}");
    assert_eq!(body, ",body");
}

#[tokio::test(flavor = "multi_thread")]
async fn scgi_that_lacks_a_length_is_refused_and_takes_no_place() {
    let cache = tempfile::tempdir().expect("a folder");
    let limits = Limits { instances: 1, ..Limits::default() };
    let cache_dir = Some(cache.path().join("cache"));
    let surroundings = Surroundings { is_scgi: true, limits, cache_dir, ..Surroundings::default() };
    let program = Program::load("test", &program("(call $head) (call $copy)"), surroundings).expect("loaded");
    for _ in 0..2 {
        // Mapped, it does not say how long it is.
        let mut chunked = request("body").map(|body| body.map_frame(|frame| frame).boxed_unsync());
        chunked.headers_mut().insert("transfer-encoding", "chunked".parse().expect("a value"));
        assert_eq!(program.answer(chunked).await.status(), StatusCode::LENGTH_REQUIRED);
    }
    assert_eq!(program.answer(request("body")).await.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_finds_a_fresh_instance() {
    let main = "(i32.store8 (i32.const 200) (i32.add (i32.load8_u (i32.const 200)) (i32.const 1)))
      (call $head) (call $print (i32.const 200) (i32.const 1))";
    let (program, _cache) = load(main, Limits { instances: 1, ..Limits::default() });
    for _ in 0..5 {
        assert_eq!(text(program.answer(request("")).await).await, "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_do_not_answer_do_not_stop_the_others() {
    let limits = Limits { instances: 1, wall_time: Duration::from_millis(200), ..Limits::default() };
    for (main, status) in [
        ("(call $exit (i32.const 3))", StatusCode::BAD_GATEWAY),
        ("unreachable", StatusCode::BAD_GATEWAY),
        ("(call $print (i32.const 200) (i32.const 1))", StatusCode::BAD_GATEWAY),
        ("(call $env) (call $env)", StatusCode::BAD_GATEWAY),
        ("(loop $l (br $l))", StatusCode::GATEWAY_TIMEOUT),
    ] {
        let (program, _cache) = load(main, limits.clone());
        // The place of an instance that failed is free again.
        for _ in 0..2 {
            assert_eq!(program.answer(request("")).await.status(), status, "{main}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_no_whole_one() {
    let (program, _cache) = load("(call $head) unreachable", Limits::default());
    let response = program.answer(request("")).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    response.into_body().collect().await.expect_err("it broke off");
}

#[test]
fn what_is_not_wasi_is_refused_when_it_is_loaded() {
    let wasm = wat::parse_str(r#"(module (import "env" "f" (func)) (func (export "_start")))"#).expect("valid");
    let error = Program::load("test", &wasm, Surroundings::default()).expect_err("refused");
    assert_eq!(
        format!("{error:#}"),
        "only WASI preview 1 is provided, without threads and shared memory: unknown import: `env::f` has not been defined"
    );
}
