//! Every way a request can end, by guests that do it on purpose: a status, a counter, and the next request meets an
//! instance that is in every byte as the image says.

mod guest;

use engine_abi::{Message, Operation};
use guest::{ask, host, load, response, streaming, wat};
use runner::{App, Config, Host, Limits, OutcomeKind};
use std::time::Duration;

/// Bytes of memory that a guest begins with.
const GUEST_MEMORY_BYTES: usize = 64 << 16;

/// What a guest does before it ends: changes memory in several pages, and both globals.
const SCRIBBLE: &str = "
    (i64.store (i32.const 0) (i64.const -1))
    (i64.store (i32.const 0x12345) (i64.const -1))
    (i64.store (i32.const 0x3ffff8) (i64.const -1))
    (memory.fill (i32.const 0x100000) (i32.const 0xff) (i32.const 0x5000))
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
";

struct Case {
    name: &'static str,
    messages: Vec<(&'static str, Vec<u8>)>,
    handle: &'static str,
    resume: &'static str,
    expected: (u16, &'static str),
    outcome: OutcomeKind,
}

fn case(name: &'static str, handle: &'static str, expected: (u16, &'static str), outcome: OutcomeKind) -> Case {
    let messages = vec![
        ("ok", response(200, "fine")),
        ("short", response(200, "fine")[..9].to_vec()),
        ("status", response(200, "x").into_iter().enumerate().map(|(i, b)| if i == 0 { 0x63 } else { b }).collect()),
        ("stream_status", streaming().into_iter().enumerate().map(|(i, b)| if i == 0 { 0x63 } else { b }).collect()),
        (
            "split",
            engine_abi::Response {
                status: 200,
                reason: b"",
                headers: vec![(b"a", b"b\r\nset-cookie: c")],
                body: engine_abi::Body::Empty,
            }
            .encode(),
        ),
        ("stream", streaming()),
        ("timer", Operation::Timer { delay_ns: 2_000_000 }.encode()),
        ("soon", Operation::Timer { delay_ns: 0 }.encode()),
        ("never", Operation::Timer { delay_ns: u64::MAX }.encode()),
        ("read", Operation::ReadBody { fetch: 0, max_bytes: 10 }.encode()),
        ("read_of_nothing", Operation::ReadBody { fetch: 9, max_bytes: 10 }.encode()),
    ];
    Case { name, messages, handle, resume: "(unreachable)", expected, outcome }
}

const ERROR: &str = "Internal Server Error\n";
const TIMEOUT: &str = "Gateway Timeout\n";

fn cases() -> Vec<Case> {
    use OutcomeKind::*;
    vec![
        case("answers", "(call $head (global.get $ok) (global.get $ok_len))", (200, "fine"), Done),
        case("says it failed", "(i32.const 2)", (500, ERROR), Failed),
        case("says it stalled", "(i32.const 3)", (504, TIMEOUT), Stalled),
        case("answers with a state that has no meaning", "(i32.const 42)", (500, ERROR), Trapped),
        case("traps", "(unreachable)", (500, ERROR), Trapped),
        case("traps after its head", "(drop (call $head (global.get $ok) (global.get $ok_len))) (unreachable)", (200, "fine"), Trapped),
        case("reads outside of its memory", "(i32.load (i32.const -8))", (500, ERROR), Trapped),
        case("runs forever", "(loop $again (br $again)) (i32.const 0)", (504, TIMEOUT), TimedOut),
        case("recurses forever", "(call $handle (local.get $ptr) (local.get $len))", (500, ERROR), Trapped),
        case("exits", "(call $exit (i32.const 3)) (i32.const 0)", (500, ERROR), Exited),
        case("is done without a response", "(i32.const 0)", (500, ERROR), NoResponse),
        case(
            "gives up its stream",
            "(drop (call $head (global.get $stream) (global.get $stream_len))) (call $end (i32.const 0))",
            (200, "the body was aborted before its end"),
            CutOff,
        ),
        case("leaves its stream open", "(call $head (global.get $stream) (global.get $stream_len))", (200, "the body was aborted before its end"), NoResponse),
        case(
            "grows its memory",
            "(drop (memory.grow (i32.const 1))) (call $head (global.get $ok) (global.get $ok_len))",
            (200, "fine"),
            Done,
        ),
        case(
            "cannot grow beyond the limit",
            "(if (i32.ne (memory.grow (i32.const 0x8000)) (i32.const -1)) (then (unreachable)))
             (call $head (global.get $ok) (global.get $ok_len))",
            (200, "fine"),
            Done,
        ),
        case(
            "gives two heads: the second is refused",
            "(drop (call $head (global.get $ok) (global.get $ok_len)))
             (i32.add (call $head (global.get $ok) (global.get $ok_len)) (i32.const 2))",
            (200, "fine"),
            Done,
        ),
        case(
            "sends a message that is cut short: refused as malformed",
            "(if (i32.ne (call $head (global.get $short) (global.get $short_len)) (i32.const -1)) (then (unreachable)))
             (i32.const 0)",
            (500, ERROR),
            NoResponse,
        ),
        case(
            "sends a message from outside of its memory",
            "(if (i32.ne (call $head (i32.const -16) (i32.const 32)) (i32.const -1)) (then (unreachable)))
             (i32.const 0)",
            (500, ERROR),
            NoResponse,
        ),
        case(
            "sends a status out of range",
            "(if (i32.ne (call $head (global.get $status) (global.get $status_len)) (i32.const -1)) (then (unreachable)))
             (i32.const 0)",
            (500, ERROR),
            NoResponse,
        ),
        case(
            "sends a head with a status out of range, whose body streams: there is nothing to write to",
            "(if (i32.ne (call $head (global.get $stream_status) (global.get $stream_status_len)) (i32.const -1))
               (then (unreachable)))
             (if (i32.ne (call $chunk (i32.const 0) (i32.const 8)) (i32.const -2)) (then (unreachable)))
             (i32.const 0)",
            (500, ERROR),
            NoResponse,
        ),
        case(
            "tries to split the response",
            "(if (i32.ne (call $head (global.get $split) (global.get $split_len)) (i32.const -1)) (then (unreachable)))
             (i32.const 0)",
            (500, ERROR),
            NoResponse,
        ),
        case(
            "sends a chunk before a head",
            "(if (i32.ne (call $chunk (i32.const 0) (i32.const 8)) (i32.const -2)) (then (unreachable)))
             (i32.const 0)",
            (500, ERROR),
            NoResponse,
        ),
        case(
            "reads two pieces at once, and of what was never fetched",
            "(if (i32.le_s (call $start (global.get $read) (global.get $read_len)) (i32.const 0)) (then (unreachable)))
             (if (i32.ne (call $start (global.get $read) (global.get $read_len)) (i32.const -2)) (then (unreachable)))
             (if (i32.ne (call $start (global.get $read_of_nothing) (global.get $read_of_nothing_len)) (i32.const -2))
               (then (unreachable)))
             (call $head (global.get $ok) (global.get $ok_len))",
            (200, "fine"),
            Done,
        ),
        case(
            "floods the host with operations",
            "(loop $again
               (local.set $i (i32.add (local.get $i) (i32.const 1)))
               (br_if $again (i32.gt_s (call $start (global.get $never) (global.get $never_len)) (i32.const 0))))
             (if (i32.ne (local.get $i) (i32.const 16385)) (then (unreachable)))
             (call $head (global.get $ok) (global.get $ok_len))",
            (200, "fine"),
            Done,
        ),
        case(
            "ignores backpressure",
            "(drop (call $head (global.get $stream) (global.get $stream_len)))
             (loop $again (br_if $again (i32.ge_s (call $chunk (i32.const 0) (i32.const 0x10000)) (i32.const 0))))
             (drop (call $end (i32.const 0)))
             (i32.const 0)",
            (200, "the body was aborted before its end"),
            CutOff,
        ),
        case("is pending with nothing outstanding", "(i32.const 1)", (504, TIMEOUT), Stalled),
        case(
            "waits longer than it may",
            "(drop (call $start (global.get $never) (global.get $never_len))) (i32.const 1)",
            (504, TIMEOUT),
            TimedOut,
        ),
        Case {
            // What `allocate` gave is free again: there is a message for every timer.
            resume: "(global.set $top (i32.const 0x200000))
                     (drop (call $start (global.get $soon) (global.get $soon_len))) (i32.const 1)",
            ..case(
                "waits for one timer after another, each of which is over at once",
                "(drop (call $start (global.get $soon) (global.get $soon_len))) (i32.const 1)",
                (504, TIMEOUT),
                TimedOut,
            )
        },
        case(
            "cancels what it waits for",
            "(call $cancel (call $start (global.get $never) (global.get $never_len)))
             (call $cancel (i32.const 77)) (i32.const 1)",
            (504, TIMEOUT),
            Stalled,
        ),
        Case {
            resume: "(call $head (global.get $ok) (global.get $ok_len))",
            ..case(
                "answers after a timer",
                "(drop (call $start (global.get $timer) (global.get $timer_len))) (i32.const 1)",
                (200, "fine"),
                Done,
            )
        },
        Case {
            resume: "(drop (call $head (global.get $ok) (global.get $ok_len)))
                     (drop (call $start (global.get $timer) (global.get $timer_len)))
                     (i32.ne (local.tee $i (i32.load (i32.const 0x8000))) (i32.const 3))
                     (i32.store (i32.const 0x8000) (i32.add (local.get $i) (i32.const 1)))",
            ..case(
                "goes on after its response",
                "(drop (call $start (global.get $timer) (global.get $timer_len))) (i32.const 1)",
                (200, "fine"),
                Done,
            )
        },
        case(
            "asks WASI for a file",
            "(if (i32.ne (call $path_open (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0)
                 (i64.const 0) (i32.const 0) (i32.const 0)) (i32.const 52)) (then (unreachable)))
             (call $head (global.get $ok) (global.get $ok_len))",
            (200, "fine"),
            Done,
        ),
        case(
            "logs and reports nonsense",
            "(call $log (i32.const 99) (i32.const 0x10000) (i32.const 0x10000))
             (call $log (i32.const 1) (i32.const -1) (i32.const -1))
             (call $report (i32.const 0) (i32.const 100))
             (call $head (global.get $ok) (global.get $ok_len))",
            (200, "fine"),
            Done,
        ),
    ]
}

fn configuration(outcome: OutcomeKind, fresh_instances: bool) -> Config {
    // What is meant to run into the limit is waited for; what is meant to end by itself may take as long as a busy machine.
    let wall_time = Duration::from_millis(if outcome == OutcomeKind::TimedOut { 300 } else { 30_000 });
    let limits = Limits { wall_time, ..Limits::default() };
    Config { limits, fresh_instances, ..Config::default() }
}

/// Wait until what goes on after the response has ended too.
async fn settled(host: &Host, requests: u64) {
    let ended = || OutcomeKind::ALL.iter().map(|kind| host.metrics().ended_as(*kind)).sum::<u64>();
    while ended() < requests {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn check(case: &Case, fresh_instances: bool) {
    let host = host(configuration(case.outcome, fresh_instances));
    let app = load(&host, &wat(&case.messages, &format!("{SCRIBBLE}{}", case.handle), case.resume));
    for request in 1..=3 {
        let (status, body) = ask(&app).await;
        assert_eq!((status, &body[..]), case.expected, "{}", case.name);
        settled(&host, request).await;
        assert_eq!(host.metrics().ended_as(case.outcome), request, "{}: {:?}", case.name, host.metrics());
        pristine(&app, case.name);
    }
    if case.name == "answers" {
        let reused = host.metrics().instances_reused.get();
        assert_eq!(reused > 0, !fresh_instances, "instances are kept unless they are not to be");
    }
}

/// The instance that the next request would get is as the image says.
fn pristine(app: &App, name: &str) {
    let mut session = app.session().expect("an instance");
    session.compare_with_image().unwrap_or_else(|difference| panic!("{name}: {difference}"));
}

#[test]
fn on_threads_that_serve() {
    let runtime = runner::runtime(2).expect("threads");
    for case in cases() {
        runtime
            .block_on(async { tokio::spawn(async move { check(&case, false).await }).await })
            .expect("the case to hold");
    }
}

#[test]
fn with_fresh_instances() {
    let runtime = runner::runtime(2).expect("threads");
    for case in cases() {
        runtime
            .block_on(async { tokio::spawn(async move { check(&case, true).await }).await })
            .expect("the case to hold");
    }
}

#[test]
fn on_any_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for case in cases() {
        runtime.block_on(check(&case, false));
    }
}

/// A guest with a part of its own, and a handler.
fn with(part: &str, handle: &str) -> Vec<u8> {
    let handle = format!("{handle} (call $head (global.get $ok) (global.get $ok_len))");
    let module = wat(&[("ok", response(200, "fine"))], &handle, "(unreachable)");
    let module = module.strip_suffix(')').expect("the end of the module");
    wat::parse_str(format!("{module} {part})")).expect("valid WAT")
}

#[test]
fn modules_with_state_that_no_host_can_restore_are_refused() {
    let host = host(Config::default());
    let load = |part: &str, handle: &str| match host.load_bytes("guest", with(part, handle)) {
        Ok(_) => panic!("loaded: {part}"),
        Err(error) => format!("{error:#}"),
    };
    let object = "(type $s (struct (field (mut i32)))) (global $g (ref $s) (struct.new $s (i32.const 48)))";
    let array = "(type $a (array (mut i32))) (global $g (ref $a) (array.new $a (i32.const 48) (i32.const 3)))";
    for (part, handle) in [
        (object, "(struct.set $s 0 (global.get $g) (i32.add (i32.const 1) (struct.get $s 0 (global.get $g))))"),
        (array, "(array.set $a (global.get $g) (i32.const 0) (i32.const 49))"),
    ] {
        let error = load(part, handle);
        assert!(error.contains("without the gc feature"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    let error = load("(global (export \"f\") (mut funcref) (ref.func $handle))", "");
    assert_eq!(
        error,
        "its engine exports the mutable global f, which holds references, not numbers: it could not be restored"
    );
}

#[test]
fn an_application_with_more_memory_than_it_may_have_is_refused() {
    let load = |memory_bytes: usize| {
        let host = host(Config { limits: Limits { memory_bytes, ..Limits::default() }, ..Config::default() });
        host.load_bytes("guest", with("", "")).map(drop).map_err(|error| format!("{error:#}"))
    };
    load(GUEST_MEMORY_BYTES).expect("as much as it has");
    let error = load(GUEST_MEMORY_BYTES - 1).expect_err("a byte less");
    assert!(error.ends_with("raise --max-memory"), "{error}");
}

#[test]
fn instances_with_state_that_is_hidden_are_not_kept() {
    let runtime = runner::runtime(2).expect("threads");
    let host = host(Config::default());
    let count = "(i32.add (i32.const 1) (global.get $hidden))";
    for (part, handle) in [
        (
            "(global $hidden (mut i32) (i32.const 0))",
            format!("(if (global.get $hidden) (then (unreachable))) (global.set $hidden {count})"),
        ),
        (
            "(table $t 1 funcref) (elem declare func $handle)",
            "(if (i32.eqz (ref.is_null (table.get $t (i32.const 0)))) (then (unreachable)))
          (table.set $t (i32.const 0) (ref.func $handle))"
                .to_owned(),
        ),
        ("(data $d \"a\")", "(memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)".to_owned()),
    ] {
        let app = host.load_bytes("guest", with(part, &handle)).expect("a guest");
        for _ in 0..3 {
            let (status, body) = runtime.block_on(ask(&app));
            assert_eq!((status, &body[..]), (200, "fine"), "{part}");
        }
    }
    assert_eq!(host.metrics().instances_reused.get(), 0);
}
