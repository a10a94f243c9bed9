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
    fn responses(status in 200u16..=599, headers in pairs(), tag: u8, content in bytes()) {
        let message = Response { status, headers: borrow(&headers), body: body(tag, &content) };
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
                3 => Outcome::Head { status: 200, headers: borrow(headers) },
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
    fn manifests(engine_digest: [u8; 32], name in ".{0,10}", memory_pages: u64, bits: u128, env in texts()) {
        let globals = [GlobalValue::I32(bits as u32), GlobalValue::I64(bits as u64), GlobalValue::F32(bits as u32),
                       GlobalValue::F64(bits as u64), GlobalValue::V128(bits)];
        let message = Manifest {
            abi_version: ABI_VERSION, engine_digest, engine_name: &name, entry: &name, memory_pages,
            globals: globals.iter().map(|&value| ChangedGlobal { export: "g", value }).collect(),
            env_names: env.iter().map(|(name, _)| &name[..]).collect(),
            source_map: "",
        };
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
        if let Ok(message) = Manifest::decode(&noise) { prop_assert_eq!(message.encode(), &noise[..]); }
    }
}

#[test]
fn a_count_larger_than_the_message_is_refused_before_allocating() {
    let mut message = vec![0xc8, 0x00];
    message.extend(u32::MAX.to_le_bytes());
    assert_eq!(Response::decode(&message), Err(Malformed("header count")));
}

#[test]
fn statuses_outside_of_http_are_refused() {
    for status in [0u16, 100, 199, 600, u16::MAX] {
        let message = Response { status, headers: vec![], body: Body::Empty };
        assert_eq!(Response::decode(&message.encode()), Err(Malformed("status")));
    }
}

#[test]
fn a_manifest_of_another_version_is_refused_by_its_first_field() {
    let mut bytes = (ABI_VERSION + 1).to_le_bytes().to_vec();
    bytes.extend([0; 100]);
    assert_eq!(Manifest::decode(&bytes), Err(Malformed("abi version")));
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
