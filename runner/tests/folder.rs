//! Many applications in one process: loaded on first use, bounded, found by host or path, and their instances apart.

mod guest;

use guest::{host, response, wat};
use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use runner::{Config, Deployed, Folder, Found, Router};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A folder with applications `app0` … that each answer with their own name.
fn folder(count: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..count {
        deploy(&folder.path().join(format!("app{number}.wasm")), &format!("I am app{number}"));
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

/// An application that answers with `text`, where `path` says; written beside it first, then put in its place.
fn deploy(path: &Path, text: &str) {
    let answer = vec![("ok", response(200, text))];
    let wat = wat(&answer, "(call $head (global.get $ok) (global.get $ok_len))", "(unreachable)");
    put(path, &wat::parse_str(wat).expect("valid WAT"));
}

fn put(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes).expect("written");
    std::fs::rename(&beside, path).expect("renamed");
}

/// Ask until the answer is this one.
async fn until(router: &Router, path: &str, expected: (u16, &str)) {
    let started = Instant::now();
    loop {
        let answer = get(router, "localhost", path).await;
        if (answer.0, &answer.1[..]) == expected {
            return;
        }
        assert!(started.elapsed() < SOON, "{path}: {answer:?} instead of {expected:?}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// More than it takes to notice a file.
const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deploys_fail_no_request() {
    let folder = folder(1);
    let path = folder.path().join("app.wasm");
    deploy(&path, "0");
    let applications = Folder::open(host(Config::default()), folder.path(), 9).expect("a folder");
    applications.follow().expect("followed");
    let router = Router::from(applications);
    let (asking, is_over) = (router.clone(), Arc::new(AtomicBool::new(false)));
    let over = is_over.clone();
    let client = tokio::spawn(async move {
        let (mut last, mut versions) = (0_u32, 0);
        while !over.load(Relaxed) {
            let (status, text) = get(&asking, "localhost", "/app/").await;
            assert_eq!(status, 200, "{text}");
            let version: u32 = text.parse().expect("a number");
            assert!(version >= last, "{version} after {last}");
            versions += u32::from(version > last);
            last = version;
            tokio::task::yield_now().await;
        }
        versions
    });
    for version in 1..=20 {
        deploy(&path, &version.to_string());
        until(&router, "/app/", (200, &version.to_string())).await;
    }
    is_over.store(true, Relaxed);
    assert!(client.await.expect("no failure") > 10);
}

#[tokio::test]
async fn a_file_that_is_no_application_replaces_none() {
    let folder = folder(2);
    let path = folder.path().join("app0.wasm");
    let applications = Folder::open(host(Config::default()), folder.path(), 9).expect("a folder");
    applications.follow().expect("followed");
    let router = Router::from(applications.clone());
    assert_eq!(get(&router, "localhost", "/app0/").await.1, "I am app0");
    put(&path, b"\0asm\x01\0\0\0\x0a\xff");
    // Files are looked at in the order of the events, each by a task of its own.
    deploy(&folder.path().join("app1.wasm"), "after");
    until(&router, "/app1/", (200, "after")).await;
    assert_eq!(get(&router, "localhost", "/app0/").await.1, "I am app0");
    deploy(&path, "mended");
    until(&router, "/app0/", (200, "mended")).await;
    std::fs::remove_file(&path).expect("removed");
    until(&router, "/app0/", (404, "no such application\n")).await;
    // What was broken is read at once when another file is there.
    let broken = folder.path().join("broken.wasm");
    put(&broken, b"\0asm\x01\0\0\0\x0a\xff");
    assert_eq!(get(&router, "localhost", "/broken/").await.0, 500);
    deploy(&broken, "whole");
    until(&router, "/broken/", (200, "whole")).await;
}

#[tokio::test]
async fn files_are_looked_at_when_somebody_asks_for_it() {
    let folder = folder(1);
    let path = folder.path().join("app0.wasm");
    let applications = Folder::open(host(Config::default()), folder.path(), 9).expect("a folder");
    let router = Router::from(applications.clone());
    assert_eq!(get(&router, "localhost", "/app0/").await.1, "I am app0");
    deploy(&path, "new");
    assert_eq!(get(&router, "localhost", "/app0/").await.1, "I am app0");
    applications.look().expect("looked at");
    until(&router, "/app0/", (200, "new")).await;
}

#[tokio::test]
async fn one_application_is_followed() {
    let folder = folder(0);
    let path = folder.path().join("app.wasm");
    deploy(&path, "old");
    let router = Router::from(Deployed::open(host(Config::default()), &path).expect("an application"));
    assert_eq!(get(&router, "localhost", "/").await.1, "old");
    put(&path, b"\0asm\x01\0\0\0\x0a\xff");
    deploy(&path, "new");
    until(&router, "/", (200, "new")).await;
    std::fs::remove_file(&path).expect("removed");
    assert_eq!(get(&router, "localhost", "/").await.1, "new");
    deploy(&path, "newer");
    until(&router, "/", (200, "newer")).await;
}
