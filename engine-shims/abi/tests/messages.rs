//! The laws of every message: decoding what was encoded gives it back; no bytes make decoding panic or allocate
//! much more than they are; every strict prefix and every extension of a message is refused.

use engine_abi::*;
use proptest::prelude::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

fn pairs() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>)>> {
    prop::collection::vec((bytes(), bytes()), 0..5)
}

fn texts() -> impl Strategy<Value = Vec<(String, String)>> {
    prop::collection::vec((".{0,12}", ".{0,12}"), 0..4)
}

fn borrow(pairs: &[(Vec<u8>, Vec<u8>)]) -> Headers<'_> {
    pairs.iter().map(|(name, value)| (&name[..], &value[..])).collect()
}

fn borrow_text(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (&name[..], &value[..])).collect()
}

fn body(tag: u8, bytes: &[u8]) -> Body<'_> {
    match tag % 3 {
        0 => Body::Empty,
        1 => Body::Complete(bytes),
        _ => Body::Streaming,
    }
}

/// Round trip, prefixes and extension.
fn obeys<'a, M: Message<'a> + PartialEq + std::fmt::Debug>(message: &M, encoded: &'a [u8]) {
    assert_eq!(M::decode(encoded).as_ref(), Ok(message));
    for end in 0..encoded.len() {
        assert!(M::decode(&encoded[..end]).is_err(), "a prefix of {end} bytes was accepted");
    }
}

fn refuses_extension<'a, M: Message<'a> + std::fmt::Debug>(longer: &'a [u8]) {
    assert_eq!(M::decode(longer).map(|_| ()), Err(Malformed("bytes after the end")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn requests(method in ".{0,8}", url in ".{0,30}", headers in pairs(), tag: u8, content in bytes(), received_ns: u64,
                env in texts()) {
        let message = Request { method: &method, url: &url, headers: borrow(&headers), body: body(tag, &content),
                                received_ns, env: borrow_text(&env) };
        let mut encoded = message.encode();
        obeys(&message, &encoded);
        encoded.push(0);
        refuses_extension::<Request>(&encoded);
    }

    #[test]
    fn responses(status in 200u16..=599, reason in bytes(), headers in pairs(), tag: u8, content in bytes()) {
        let message = Response { status, reason: &reason, headers: borrow(&headers), body: body(tag, &content) };
        obeys(&message, &message.encode());
    }

    #[test]
    fn operations(which in 0..4, method in ".{0,8}", url in ".{0,30}", headers in pairs(), tag: u8, content in bytes(),
                  number: u64, id: u32, last: bool) {
        let message = match which {
            0 => Operation::Timer { delay_ns: number },
            1 => Operation::ReadBody { fetch: id, max_bytes: number as u32 },
            2 => Operation::Fetch { method: &method, url: &url, headers: borrow(&headers), body: body(tag, &content) },
            _ => Operation::WriteFetchBody { fetch: id, bytes: &content, last },
        };
        obeys(&message, &message.encode());
    }

    #[test]
    fn completions(items in prop::collection::vec((any::<u32>(), 0..5, bytes(), ".{0,20}", pairs()), 0..4)) {
        let message = Completions(items.iter().map(|(operation, which, content, text, headers)| Completion {
            operation: *operation,
            outcome: match which {
                0 => Outcome::Ready,
                1 => Outcome::Chunk(content),
                2 => Outcome::End,
                3 => Outcome::Head { status: 200, reason: content, headers: borrow(headers) },
                _ => Outcome::Error(text),
            },
        }).collect());
        obeys(&message, &message.encode());
    }

    #[test]
    fn diagnostics(message in ".{0,30}", file in ".{0,10}", line: u32, column: u32, stack in ".{0,30}") {
        for &kind in Kind::ALL {
            let message = Diagnostic { level: Level::Error, kind, message: &message, file: &file, line, column, stack: &stack };
            obeys(&message, &message.encode());
        }
    }

    #[test]
    fn applications(sources in prop::collection::vec((".{1,10}", ".{0,40}", ".{0,8}"), 1..5), env in texts()) {
        let count = sources.len() as u32;
        let modules = sources.iter().enumerate().map(|(index, (name, source, specifier))| Module {
            name, source, imports: vec![(specifier, (index as u32 + 1) % count)],
        }).collect();
        let warm_up = env.iter().map(|(method, url)| Request {
            method, url, headers: vec![(b"a", b"b")], body: Body::Empty, received_ns: 7, env: vec![],
        }).collect();
        let message = Application { modules, env: borrow_text(&env), warm_up };
        obeys(&message, &message.encode());
    }

    #[test]
    fn noise_is_an_error_or_a_message(noise in prop::collection::vec(any::<u8>(), 0..200)) {
        // Whatever decodes encodes to the same bytes: there is one encoding of a message.
        if let Ok(message) = Request::decode(&noise) { prop_assert_eq!(message.encode(), &noise[..]); }
        if let Ok(message) = Response::decode(&noise) { prop_assert_eq!(message.encode(), &noise[..]); }
        if let Ok(message) = Operation::decode(&noise) { prop_assert_eq!(message.encode(), &noise[..]); }
        if let Ok(message) = Completions::decode(&noise) { prop_assert_eq!(message.encode(), &noise[..]); }
        if let Ok(message) = Diagnostic::decode(&noise) { prop_assert_eq!(message.encode(), &noise[..]); }
        if let Ok(message) = Application::decode(&noise) { prop_assert_eq!(message.encode(), &noise[..]); }
    }
}

#[test]
fn a_count_larger_than_the_message_is_refused_before_allocating() {
    let mut message = vec![0xc8, 0x00, 0, 0, 0, 0];
    message.extend(u32::MAX.to_le_bytes());
    assert_eq!(Response::decode(&message), Err(Malformed("header count")));
}

#[test]
fn statuses_outside_of_http_are_refused() {
    for status in [0u16, 100, 199, 600, u16::MAX] {
        let message = Response { status, reason: b"", headers: vec![], body: Body::Empty };
        assert_eq!(Response::decode(&message.encode()), Err(Malformed("status")));
    }
}

#[test]
fn an_import_that_points_outside_of_the_application_is_refused() {
    let module = Module { name: "a.js", source: "", imports: vec![("./b.js", 1)] };
    let message = Application { modules: vec![module], env: vec![], warm_up: vec![] };
    assert_eq!(Application::decode(&message.encode()), Err(Malformed("import index")));
}

#[test]
fn codes_have_one_meaning_each() {
    for &state in State::ALL {
        assert_eq!(State::from_code(state.code()), Some(state));
    }
    for &error in HostError::ALL {
        assert!(error.code() < 0);
        assert_eq!(HostError::from_code(error.code()), Some(error));
    }
    assert_eq!(State::from_code(4), None);
}

/// One of every message, every field different from every other.
fn specimens() -> Vec<Vec<u8>> {
    let request = Request {
        method: "PUT",
        url: "http://a/",
        headers: vec![(b"b", b"c")],
        body: Body::Complete(b"d"),
        received_ns: 0x0102_0304_0506_0708,
        env: vec![("e", "f")],
    };
    let module = Module { name: "g", source: "h", imports: vec![("i", 0)] };
    let application = Application { modules: vec![module], env: vec![("j", "k")], warm_up: vec![request.clone()] };
    let response = Response { status: 299, reason: b"l", headers: vec![(b"m", b"n")], body: Body::Streaming };
    let mut messages = vec![request.encode(), application.encode(), response.encode()];
    messages.extend(
        [
            Operation::Timer { delay_ns: 9 },
            Operation::ReadBody { fetch: 10, max_bytes: 11 },
            Operation::Fetch { method: "o", url: "p", headers: vec![(b"q", b"r")], body: Body::Empty },
            Operation::WriteFetchBody { fetch: 12, bytes: b"s", last: true },
        ]
        .map(|operation| operation.encode()),
    );
    let outcomes = [
        Outcome::Ready,
        Outcome::Chunk(b"t"),
        Outcome::End,
        Outcome::Head { status: 13, reason: b"u", headers: vec![(b"v", b"w")] },
        Outcome::Error("x"),
    ];
    let completions = outcomes.map(|outcome| Completion { operation: 14, outcome });
    messages.push(Completions(completions.to_vec()).encode());
    messages.extend(Kind::ALL.iter().map(|&kind| {
        let (message, file, stack) = ("y", "z", "0");
        Diagnostic { level: Level::Warn, kind, message, file, line: 15, column: 16, stack }.encode()
    }));
    messages
}

/// Everything that both sides have to agree on, as one number: FNV-1a of the specimens and of all names and codes.
fn digest() -> u64 {
    let codes = [
        Load::ALL.iter().map(|each| each.code()).collect::<Vec<_>>(),
        State::ALL.iter().map(|each| each.code()).collect(),
        HostError::ALL.iter().map(|each| each.code()).collect(),
        Level::ALL.iter().map(|each| each.code()).collect(),
        Kind::ALL.iter().map(|each| each.code()).collect(),
    ];
    let names = import::ALL.iter().chain(&[
        export::INITIALIZE_ENGINE,
        export::LOAD_APPLICATION,
        export::ALLOCATE,
        export::HANDLE_REQUEST,
        export::RESUME,
        export::RUN_MAIN,
    ]);
    let text = format!("{:?} {codes:?} {:?}", specimens(), names.collect::<Vec<_>>());
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn a_change_of_a_layout_raises_the_version() {
    assert_eq!(HOST_MODULE, format!("wizerjs-host-v{ABI_VERSION}"));
    // Whoever changes the second number raises the first.
    assert_eq!((ABI_VERSION, format!("{:016x}", digest())), (2, String::from("4d6990e2aba5ca6b")));
}
