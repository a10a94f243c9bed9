//! The committed engine is what its manifest and the sources say.

use engine_prebuilt::{inputs, spidermonkey};
use std::path::Path;

#[test]
fn it_was_built_from_these_sources() {
    let engine_shims = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("engine-shims");
    let now = inputs::digest(engine_shims).expect("the sources can be read");
    let then = &spidermonkey().expect("a manifest").manifest().inputs_blake3;
    assert_eq!(
        &now, then,
        "the engine's sources changed: run engine-shims/spidermonkey/build.sh and commit the result"
    );
}

#[test]
fn its_modules_have_the_digests_of_the_manifest() {
    let engine = spidermonkey().expect("a manifest");
    for wasm in [engine.engine_wasm().expect("engine"), engine.base_wasm().expect("base module")] {
        assert_eq!(wasm[..8], *b"\0asm\x01\0\0\0");
    }
}

#[test]
fn what_is_not_ours_names_its_licence_and_source() {
    let manifest = spidermonkey().expect("a manifest").manifest();
    assert!(manifest.components.iter().any(|component| component.licence == "MPL-2.0"));
    assert!(manifest.components.iter().all(|component| !component.source.is_empty()));
    assert!(!manifest.tools.is_empty());
}
