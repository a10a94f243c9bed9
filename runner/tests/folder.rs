//! Many applications in one process: loaded on first use, bounded, found by host or path, and their instances apart.

mod guest;

use guest::{host, response, wat};
use http::Request;
use http_body_util::{BodyExt, Empty};
use runner::{Config, Folder, Router};

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
