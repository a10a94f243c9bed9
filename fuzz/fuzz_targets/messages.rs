//! Any bytes as every message of the host/guest interface, and as an artifact's manifest: an error, or one that encodes to the same bytes.

#![no_main]

use engine_abi::{Application, Completions, Diagnostic, Message, Operation, Request, Response};
use engine_artifact::Manifest;

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
    if let Ok(manifest) = Manifest::decode(bytes) {
        assert_eq!(manifest.encode(), bytes);
    }
});
