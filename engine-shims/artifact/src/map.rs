//! The source map in an artifact, which is no part of what it is.

use crate::manifest::MAP_SECTION;
use crate::sections::damaged;
use anyhow::Result;
use std::borrow::Cow;
use wasmparser::{Parser, Payload};

/// An uncompressed artifact without its source map: two that differ in nothing else are the same application.
///
/// # Errors
/// It is damaged.
pub fn without_map(wasm: &[u8]) -> Result<Cow<'_, [u8]>> {
    // Where the section before ends, its own header begins.
    let mut end = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(damaged)?;
        let range = match &payload {
            Payload::Version { range, .. } => range.clone(),
            other => match other.as_section() {
                Some((_, range)) => range,
                None => continue,
            },
        };
        if matches!(&payload, Payload::CustomSection(section) if section.name() == MAP_SECTION) {
            return Ok(Cow::Owned([&wasm[..end], &wasm[range.end..]].concat()));
        }
        end = range.end;
    }
    Ok(Cow::Borrowed(wasm))
}
