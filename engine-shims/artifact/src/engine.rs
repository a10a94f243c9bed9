//! Engines: as they were linked, and as base modules.

use crate::sections::{check_is_wasm, damaged};
use anyhow::Result;
use engine_abi::export;
use wasmparser::{Parser, Payload};

/// Whether a module is past `initialize_engine`, if it is an engine at all.
///
/// # Errors
/// It is no module.
pub fn is_started(wasm: &[u8]) -> Result<bool> {
    check_is_wasm(wasm)?;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(exports) = payload.map_err(damaged)? {
            for export in exports {
                if export.map_err(damaged)?.name == export::INITIALIZE_ENGINE {
                    return Ok(false);
                }
            }
            break;
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::is_started;

    #[test]
    fn an_engine_that_was_not_started_says_so() {
        let module = |export: &str| wat::parse_str(format!(r#"(module (func (export "{export}")))"#)).unwrap();
        assert!(!is_started(&module("initialize_engine")).unwrap());
        assert!(is_started(&module("handle_request")).unwrap());
        assert!(is_started(b"text").is_err());
    }
}
