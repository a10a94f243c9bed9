//! Outbound requests go where the host's rules allow, and nowhere else.

mod guest;

use engine_abi::{Body, Message, Operation};
use guest::{ask, host, load, response, wat};
use runner::{Config, Rule};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::net::TcpListener;

/// A server on this machine that hangs up on everybody, and how often it did.
async fn server() -> (u16, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let connections = Arc::new(AtomicU64::new(0));
    let count = connections.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Relaxed);
        }
    });
    (port, connections)
}

/// Whether a fetch of `url` was started under these rules. It has ended.
async fn is_started(rules: &[&str], url: &str) -> bool {
    let rules: Vec<Rule> = rules.iter().map(|rule| rule.parse().expect("a rule")).collect();
    let host = host(Config { outbound: rules.into(), ..Config::default() });
    let fetch = Operation::Fetch { method: "GET", url, headers: vec![], body: Body::Empty };
    let messages =
        [("fetch", fetch.encode()), ("ended", response(200, "ended")), ("refused", response(200, "refused"))];
    let answer = |name: &str| format!("(call $head (global.get ${name}) (global.get ${name}_len))");
    let handle = format!(
        "(if (result i32) (i32.gt_s (call $start (global.get $fetch) (global.get $fetch_len)) (i32.const 0))
           (then (i32.const 1)) (else {}))",
        answer("refused")
    );
    match &ask(&load(&host, &wat(&messages, &handle, &answer("ended")))).await.1[..] {
        "ended" => true,
        "refused" => false,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn rules_are_kept_for_names_and_addresses() {
    let (port, connections) = server().await;
    let (address, name) = (format!("http://127.0.0.1:{port}/"), format!("http://localhost:{port}/"));
    let other_port = format!("127.0.0.1:{}", port ^ 1);
    for (rules, url) in
        [(["public"], &address), (["none"], &name), (["other.example"], &address), ([&other_port[..]], &address)]
    {
        assert!(!is_started(&rules, url).await, "{rules:?} {url}");
    }
    // Names are looked up first, in whatever form an address may be written as one.
    assert!(is_started(&["public"], &name).await);
    assert!(is_started(&["public"], &format!("http://0x7f.1:{port}/")).await);
    assert_eq!(connections.load(Relaxed), 0);
    for (rules, url) in [(["any"], &name), (["127.0.0.1"], &address), (["localhost"], &name)] {
        let before = connections.load(Relaxed);
        assert!(is_started(&rules, url).await, "{rules:?} {url}");
        assert!(connections.load(Relaxed) > before, "{rules:?} {url}");
    }
}
