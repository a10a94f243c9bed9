//! Programs, which are no applications of an engine: they have an entry of their own.

use engine_abi::export::HANDLE_REQUEST;
use wasmparser::{Parser, Payload};

/// Name of the export that is a program, in WASI preview 1.
pub const PROGRAM_ENTRY: &str = "_start";

/// Whether a wasm module is a program: it has code and an entry, and does not answer requests as engines do.
pub fn is_program(wasm: &[u8]) -> bool {
    let mut has_entry = false;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::ExportSection(exports)) => {
                let names: Vec<&str> = exports.into_iter().flatten().map(|export| export.name).collect();
                has_entry = names.contains(&PROGRAM_ENTRY) && !names.contains(&HANDLE_REQUEST);
            }
            Ok(Payload::CodeSectionStart { .. }) => return has_entry,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_program;

    #[test]
    fn a_program_has_an_entry_and_answers_no_requests() {
        let is = |wat: &str| is_program(&wat::parse_str(wat).expect("valid text format"));
        assert!(is(r#"(module (func (export "_start")))"#));
        assert!(!is(r#"(module (func (export "main")))"#));
        assert!(!is(r#"(module (func (export "_start")) (func (export "handle_request")))"#));
        assert!(!is(r#"(module (memory (export "_start") 1))"#), "without code");
        assert!(!is_program(b"_start"));
    }
}
