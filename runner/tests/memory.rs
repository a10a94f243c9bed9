//! Memory is one budget: memories and tables of an instance, all instances, and what the host holds for them.

mod guest;

use engine_abi::{Body, Message, Operation};
use guest::{ask, host, load, response, wat};
use runner::{Config, Host, Limits};

const MIB: usize = 1 << 20;

/// What the guest of these tests starts with: 64 pages.
const GUEST_BYTES: usize = 4 * MIB;

fn limited(memory_bytes: usize, total_memory_bytes: usize) -> Host {
    let total_memory_bytes = Some(total_memory_bytes);
    let limits = Limits { memory_bytes, total_memory_bytes, kept_bytes: Some(0), ..Limits::default() };
    host(Config { limits, ..Config::default() })
}

fn messages() -> Vec<(&'static str, Vec<u8>)> {
    let fetch = Operation::Fetch {
        method: "POST",
        url: "http://127.0.0.1:9/",
        headers: vec![],
        body: Body::Complete(&[b'x'; MIB / 2]),
    };
    vec![("ok", response(200, "grew")), ("full", response(200, "full")), ("fetch", fetch.encode())]
}

/// A guest with a part of its own that answers whether `attempt`, a condition, holds.
fn guest(part: &str, attempt: &str) -> String {
    let answer = |name: &str| format!("(call $head (global.get ${name}) (global.get ${name}_len))");
    let handle = format!("(if (result i32) {attempt} (then {}) (else {}))", answer("ok"), answer("full"));
    let module = wat(&messages(), &handle, "(unreachable)");
    format!("{} {part})", module.strip_suffix(')').expect("the end of the module"))
}

async fn answer(host: &Host, part: &str, attempt: &str) -> String {
    ask(&load(host, &guest(part, attempt))).await.1
}

/// The condition that a guest can grow this by so many units.
fn grows(what: &str, by: usize) -> String {
    let value = if what.starts_with("table") { "(ref.null func) " } else { "" };
    format!("(i32.ne (i32.const -1) ({what} {value}(i32.const {by})))")
}

#[tokio::test]
async fn memories_and_tables_of_an_instance_are_one_sum() {
    let host = limited(GUEST_BYTES + 8 * MIB, usize::MAX);
    let table = "(table $t 1 4000000000 funcref)";
    let elements = |mib: usize| mib * MIB / 8;
    assert_eq!(answer(&host, table, &grows("table.grow $t", 200_000_000)).await, "full");
    assert_eq!(answer(&host, table, &grows("table.grow $t", elements(7))).await, "grew");
    let both = format!("(i32.and {} {})", grows("table.grow $t", elements(5)), grows("memory.grow", 5 * 16));
    assert_eq!(answer(&host, table, &both).await, "full");
    let both = format!("(i32.and {} {})", grows("table.grow $t", elements(4)), grows("memory.grow", 3 * 16));
    assert_eq!(answer(&host, table, &both).await, "grew");
    let memories = "(memory $a 16 1000) (memory $b 16 1000)";
    let both = |mib: usize| format!("(i32.and {0} {0})", grows("memory.grow $a", mib * 16)).replacen("$a", "$b", 1);
    assert_eq!(answer(&host, memories, &both(3)).await, "grew");
    assert_eq!(answer(&host, memories, &both(4)).await, "full");
}

#[tokio::test]
async fn what_starts_with_more_is_refused_when_it_is_loaded() {
    let host = limited(GUEST_BYTES + 8 * MIB, usize::MAX);
    for part in ["(memory 64) (memory 64) (memory 64)", "(table 2000000 funcref)"] {
        let error = host.load_bytes("guest", wat::parse_str(guest(part, "(i32.const 1)")).expect("valid WAT"));
        let error = format!("{:#}", error.err().expect("refused"));
        assert!(
            error.starts_with("it starts with more memory and tables than the 12582912 bytes of an instance"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn all_instances_have_one_budget() {
    let host = limited(64 * MIB, 10 * MIB);
    let small = load(&host, &guest("", &grows("memory.grow", 6 * 16)));
    assert_eq!(ask(&small).await.1, "grew");
    // The instance that grew was dropped, and what it had was given back.
    assert_eq!(ask(&small).await.1, "grew");
    let other = load(&host, &guest("(memory $a 96 1000)", "(i32.const 1)"));
    let held = other.session().expect("an instance");
    assert_eq!(ask(&small).await.1, "full", "an instance of another application has 6 MiB");
    drop(held);
    assert_eq!(ask(&small).await.1, "grew");
    assert_eq!(answer(&host, "", &grows("memory.grow", 11 * 16)).await, "full");
}

#[tokio::test]
async fn bodies_that_the_host_holds_are_counted() {
    // A fetch is refused at the latest when its body does not fit; without a limit there are 32.
    let fetches = |count: usize| {
        let one = "(i32.gt_s (call $start (global.get $fetch) (global.get $fetch_len)) (i32.const 0))";
        (1..count).fold(one.to_owned(), |all, _| format!("(i32.and {all} {one})"))
    };
    for (own, total) in [(GUEST_BYTES + 3 * MIB, usize::MAX), (64 * MIB, 4 * MIB)] {
        let host = limited(own, total);
        assert_eq!(answer(&host, "", &fetches(5)).await, "grew");
        assert_eq!(answer(&host, "", &fetches(7)).await, "full");
        // They were given back.
        assert_eq!(answer(&host, "", &fetches(5)).await, "grew");
    }
}
