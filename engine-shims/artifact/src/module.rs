//! `module`: self-contained, the engine's code with the application's whole image. It is the base module with other
//! initial values, and with a manifest.

use crate::delta::{Delta, StateDelta, difference};
use crate::manifest::{ChangedGlobal, Manifest};
use crate::sections::{Sections, damaged};
use crate::thin;
use crate::with_state::{State, encoder};
use anyhow::{Context, Result};
use wasmparser::{Parser, Payload};

/// The base module with an application in it: what that says about itself, what its memory has that its engine's has not, and
/// its source map, compressed, if that is to be in there.
///
/// # Errors
/// `base` is not a base module, the application is not one of its, or it is larger than [`crate::ARTIFACT_MAX_BYTES`].
pub fn write(base: &[u8], manifest: &Manifest, memory: &Delta, map: Option<&[u8]>) -> Result<Vec<u8>> {
    let state = State { memory, memory_pages: manifest.memory_pages, globals: &manifest.globals };
    thin::end(encoder(base, state, &[])?, manifest, map)
}

/// What a self-contained application has that a base module has not, `None` if they do not have the same code.
///
/// # Errors
/// One of them is not a module whose state can be read.
pub fn split(application: &[u8], base: &[u8]) -> Result<Option<StateDelta>> {
    if code_digest(application)? != code_digest(base)? {
        return Ok(None);
    }
    let (application, base) = (Sections::read(application)?, Sections::read(base).context("engine")?);
    let mut image = application.image()?;
    let base_image = base.image().context("engine")?;
    image.resize(image.len().max(base_image.len()), 0);
    let base_globals = base.global_values().context("engine")?;
    let changed = application.global_values()?.into_iter().filter(|global| !base_globals.contains(global));
    Ok(Some(StateDelta {
        memory: difference(&base_image, &image)?,
        memory_pages: application.memory.initial,
        globals: changed.map(|(export, value)| ChangedGlobal { export: export.to_owned(), value }).collect(),
    }))
}

/// Digest of a module's types, imports, tables, exports, elements and code: of everything but its state.
fn code_digest(wasm: &[u8]) -> Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(damaged)?;
        let is_state = matches!(
            payload,
            Payload::CustomSection(_)
                | Payload::DataSection(_)
                | Payload::DataCountSection { .. }
                | Payload::MemorySection(_)
                | Payload::GlobalSection(_)
        );
        if let Some((id, range)) = payload.as_section()
            && !is_state
        {
            hasher.update(&[id]).update(&(range.len() as u64).to_le_bytes()).update(&wasm[range]);
        }
    }
    Ok(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::GlobalValue;

    fn module(body: &str, data: &str, global: u32) -> Vec<u8> {
        let wat = format!(
            r#"(module (memory 1) (func {body}) (global (export "g") (mut i32) (i32.const {global}))
              (data (i32.const 5) "{data}"))"#
        );
        wat::parse_str(wat).unwrap()
    }

    #[test]
    fn what_differs_is_data_and_globals() {
        let base = module("nop", "abc", 1);
        let delta = split(&module("nop", "abd", 2), &base).unwrap().unwrap();
        assert_eq!(delta.memory.segments().collect::<Vec<_>>(), [(7, &b"d"[..])]);
        assert_eq!(delta.globals, [ChangedGlobal { export: "g".to_owned(), value: GlobalValue::I32(2) }]);
        let delta = split(&module("nop", "a", 1), &base).unwrap().unwrap();
        assert_eq!(delta.memory.segments().collect::<Vec<_>>(), [(6, &[0, 0][..])], "zeros beyond the application's");
    }

    #[test]
    fn other_code_is_another_engine() {
        assert_eq!(split(&module("unreachable", "abc", 1), &module("nop", "abc", 1)).unwrap(), None);
    }
}
