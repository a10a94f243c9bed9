//! What one guest does to others of the same process: it may take long, and they do not wait.

mod guest;

use guest::{ask, host, load, response, wat};
use runner::{App, Config, Host, Limits, OutcomeKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How long the guest computes that is not to be waited for.
const LONG: Duration = Duration::from_secs(1);

fn quick(host: &Host) -> App {
    load(
        host,
        &wat(&[("ok", response(200, "fine"))], "(call $head (global.get $ok) (global.get $ok_len))", "(unreachable)"),
    )
}

fn endless(host: &Host) -> App {
    load(host, &wat(&[], "(loop $again (br $again)) (i32.const 0)", "(unreachable)"))
}

/// Requests one after the other for so long; how many were answered.
async fn asked_for(app: App, time: Duration) -> u64 {
    let started = Instant::now();
    let mut answered = 0;
    while started.elapsed() < time {
        assert_eq!(ask(&app).await, (200, "fine".to_owned()));
        answered += 1;
        // As between two requests of a connection.
        tokio::task::yield_now().await;
    }
    answered
}

#[test]
fn computing_is_not_waited_for() {
    let limits = Limits { wall_time: LONG, ..Limits::default() };
    for workers in [1, 4] {
        let runtime = runner::runtime(workers).expect("threads");
        let host = host(Config { limits: limits.clone(), ..Config::default() });
        let (quick, endless) = (quick(&host), endless(&host));
        runtime.block_on(async {
            let control = tokio::spawn(asked_for(quick.clone(), LONG)).await.expect("answers");
            for _ in 0..2 {
                let endless = endless.clone();
                let computing = tokio::spawn(async move { ask(&endless).await });
                let beside = tokio::spawn(asked_for(quick.clone(), LONG)).await.expect("answers");
                assert!(
                    beside > control / 4,
                    "{workers} workers: {beside} answers beside a guest that computes, {control} without"
                );
                assert_eq!(computing.await.expect("an answer").0, 504);
            }
        });
        assert_eq!(host.metrics().ended_as(OutcomeKind::TimedOut), 2);
    }
}

#[test]
fn computing_ends_when_its_client_is_gone() {
    let runtime = runner::runtime(1).expect("threads");
    let host = host(Config::default());
    let endless = endless(&host);
    let answered = Arc::new(AtomicU64::new(0));
    runtime.block_on(async {
        for _ in 0..4 {
            let (endless, answered) = (endless.clone(), answered.clone());
            let client = async move {
                ask(&endless).await;
                answered.fetch_add(1, Relaxed);
            };
            assert!(tokio::time::timeout(Duration::from_millis(100), client).await.is_err());
        }
    });
    assert_eq!(answered.load(Relaxed), 0);
    assert_eq!(host.metrics().ended_as(OutcomeKind::ClientGone), 4);
    assert_eq!(host.metrics().instances_dropped.get(), 4);
}
