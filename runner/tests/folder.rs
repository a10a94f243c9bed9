//! Many applications in one process: loaded on first use, bounded, found by host or path, and their instances apart.

mod guest;

use guest::{host, response, wat};
use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use runner::{Config, Folder, Found, Router};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// A folder with applications `app0` … that each answer with their own name.
fn folder(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..count {
        let answer = vec![("ok", response(200, &format!("I am app{number}")))];
        let wat = wat(&answer, "(call $head (global.get $ok) (global.get $ok_len))", "(unreachable)");
        let wasm = wat::parse_str(wat).expect("valid WAT");
        std::fs::write(folder.path().join(format!("app{number}.wasm")), wasm).expect("written");
    }
    folder
}

async fn get(router: &Router, host: &str, path: &str) -> (u16, String) {
    let request = Request::get(path).header("host", host).body(Empty::<bytes::Bytes>::new()).expect("a request");
    let response = router.handle(request).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn applications_are_found_and_bounded() {
    let folder = folder(9);
    std::fs::write(folder.path().join("broken.wasm"), b"\0asm\x01\0\0\0\x0a\xff").expect("written");
    let loaded = Folder::open(host(Config::default()), folder.path(), 4).expect("a folder");
    let router = Router::from(loaded.clone());
    assert_eq!(loaded.loaded(), 0);
    for round in 0..2 {
        for number in 0..9 {
            let expected = (200, format!("I am app{number}"));
            assert_eq!(get(&router, "localhost", &format!("/app{number}/x")).await, expected, "round {round}");
            assert_eq!(get(&router, &format!("app{number}.localhost:80"), "/x").await, expected, "round {round}");
            assert!(loaded.loaded() <= 4);
        }
    }
    for nothing in ["/", "/nothing/", "/../app1.wasm", "/app1.wasm", "/app%31/"] {
        assert_eq!(get(&router, "localhost", nothing).await, (404, "no such application\n".to_owned()), "{nothing}");
    }
    assert_eq!(get(&router, "localhost", "/broken/").await.0, 500);
    assert_eq!(get(&router, "localhost", "/app1/").await.0, 200);
}

#[test]
fn a_folder_without_artifacts_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Folder::open(host(Config::default()), folder.path(), 1).err().expect("an error").to_string();
    assert!(error.ends_with("no artifacts in it; `wizerjs build app.js` makes one"), "{error}");
}

/// An application of an engine of its own that takes seconds to compile.
fn slow_to_compile() -> Vec<u8> {
    let answer = vec![("ok", response(200, "at last"))];
    let module = wat(&answer, "(call $head (global.get $ok) (global.get $ok_len))", "(unreachable)");
    let mut functions = String::new();
    for number in 0..9000 {
        write!(functions, "(func (param i64) (result i64) (local.get 0)").expect("written");
        (0..300).for_each(|step| {
            write!(functions, "(i64.const {})(i64.mul)(local.tee 0)", number * step).expect("written")
        });
        functions += ")";
    }
    wat::parse_str(format!("{} {functions})", module.strip_suffix(')').expect("a module"))).expect("valid WAT")
}

#[tokio::test]
async fn loaded_applications_do_not_wait_for_others_to_be_compiled() {
    let folder = folder(2);
    std::fs::write(folder.path().join("slow.wasm"), slow_to_compile()).expect("written");
    let router = Router::from(Folder::open(host(Config::default()), folder.path(), 9).expect("a folder"));
    assert_eq!(get(&router, "localhost", "/app0/").await.0, 200);
    let started = Instant::now();
    let slow = {
        let router = router.clone();
        tokio::spawn(async move {
            let request = Request::get("/slow/").header("host", "localhost").body(Empty::<bytes::Bytes>::new());
            router.handle(request.expect("a request")).await
        })
    };
    let mut longest = Duration::ZERO;
    while !slow.is_finished() {
        let asked = Instant::now();
        assert_eq!(get(&router, "localhost", "/app0/").await.0, 200);
        longest = longest.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let told_to_wait = started.elapsed();
    let response = slow.await.expect("an answer");
    assert_eq!(response.status(), 503, "compiled within {told_to_wait:?}: make it slower to compile");
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    // It is small, and its engine compiled beside the other.
    assert_eq!(get(&router, "localhost", "/app1/").await.0, 200);
    while get(&router, "localhost", "/slow/").await.0 == 503 {}
    assert_eq!(get(&router, "localhost", "/slow/").await, (200, "at last".to_owned()));
    assert!(
        longest < told_to_wait / 4,
        "{longest:?} for a loaded application, {told_to_wait:?} for one that is compiled"
    );
}

#[tokio::test]
async fn a_file_that_is_no_application_is_looked_at_again_when_it_was_replaced() {
    let folder = folder(1);
    let path = folder.path().join("broken.wasm");
    std::fs::write(&path, b"\0asm\x01\0\0\0\x0a\xff").expect("written");
    let applications = Folder::open(host(Config::default()), folder.path(), 4).expect("a folder");
    let broken = || async { matches!(applications.get("broken").await, Found::Broken) };
    assert!(broken().await);
    // Not even looked at: it is known for a moment.
    std::fs::copy(folder.path().join("app0.wasm"), &path).expect("copied");
    assert!(broken().await);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(!broken().await);
    assert_eq!(applications.loaded(), 1);
}
