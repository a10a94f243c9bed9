//! Names of files of artifacts and engines: `NAME.wasm`, compressed `NAME.wasm.zst`.

/// Ending of artifacts.
pub const ENDING: &str = ".wasm";

/// Ending of compressed artifacts.
pub const COMPRESSED_ENDING: &str = ".wasm.zst";

/// The name of a file without its ending, `None` if it does not end like an artifact or an engine.
pub fn application_name(file_name: &str) -> Option<&str> {
    file_name.strip_suffix(ENDING).or_else(|| file_name.strip_suffix(COMPRESSED_ENDING))
}

#[cfg(test)]
mod tests {
    use super::application_name;

    #[test]
    fn only_the_ending_goes() {
        assert_eq!(application_name("a.b.wasm"), Some("a.b"));
        assert_eq!(application_name("a.wasm.zst"), Some("a"));
        assert_eq!(application_name("a.zst"), None);
        assert_eq!(application_name("a.wasm.map"), None);
    }
}
