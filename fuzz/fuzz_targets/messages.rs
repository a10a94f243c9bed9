//! Any bytes as every message of the host/guest interface: an error, or a message that encodes to the same bytes.

#![no_main]

use engine_abi::{Application, Completions, Diagnostic, Manifest, Message, Operation, Request, Response};

fn one_encoding<'a, M: Message<'a>>(bytes: &'a [u8]) {
    if let Ok(message) = M::decode(bytes) {
        assert_eq!(message.encode(), bytes);
    }
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    one_encoding::<Request>(bytes);
    one_encoding::<Response>(bytes);
    one_encoding::<Operation>(bytes);
    one_encoding::<Completions>(bytes);
    one_encoding::<Diagnostic>(bytes);
    one_encoding::<Application>(bytes);
    one_encoding::<Manifest>(bytes);
});
