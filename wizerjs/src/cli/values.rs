//! Values of options that only this program has. Times, sizes and variables are in `option_values`, for both programs.

use std::path::PathBuf;

/// The library's default for the time of a build, as text.
pub(crate) const BUILD_TIMEOUT: &str = "30s";
/// The library's default for the time of a module's initialization, as text.
pub(crate) const SNAPSHOT_TIMEOUT: &str = "5m";
/// The library's default for memory of a module's initialization, as text.
pub(crate) const SNAPSHOT_MEMORY: &str = "4GiB";

/// `NAME=VALUE`
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((left, right)) if !left.is_empty() && !right.is_empty() => Ok((left.to_string(), right.to_string())),
        _ => Err("expected two names with `=` between them".to_string()),
    }
}

/// `HOST[::GUEST]`
pub(crate) fn folder(text: &str) -> Result<(PathBuf, String), String> {
    let (host, guest) = text.split_once("::").unwrap_or((text, text));
    if host.is_empty() || guest.is_empty() {
        return Err("expected HOST or HOST::GUEST".to_string());
    }
    Ok((host.into(), guest.to_string()))
}

/// `GUEST::HOST`
pub(crate) fn mapped_folder(text: &str) -> Result<(PathBuf, String), String> {
    match text.split_once("::") {
        Some((guest, host)) if !guest.is_empty() && !host.is_empty() => Ok((host.into(), guest.to_string())),
        _ => Err("expected GUEST::HOST".to_string()),
    }
}

/// Variables without those that a later one of the same name replaces.
pub(crate) fn last_of_each(variables: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for (name, value) in variables {
        kept.retain(|(known, _)| *known != name);
        kept.push((name, value));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_library() {
        assert_eq!(option_values::duration(BUILD_TIMEOUT), Ok(wizerjs::application::INIT_TIMEOUT));
        assert_eq!(option_values::duration(SNAPSHOT_TIMEOUT), Ok(wizerjs::initialize::DEFAULT_TIMEOUT));
        assert_eq!(option_values::bytes(SNAPSHOT_MEMORY), Ok(wizerjs::initialize::DEFAULT_MAX_MEMORY_BYTES));
    }

    #[test]
    fn pairs_and_folders() {
        assert_eq!(pair("_start=main"), Ok(("_start".to_string(), "main".to_string())));
        assert!(pair("main").is_err());
        assert_eq!(folder("/tmp/a"), Ok(("/tmp/a".into(), "/tmp/a".to_string())));
        assert_eq!(folder("/tmp/a::/b"), Ok(("/tmp/a".into(), "/b".to_string())));
        assert_eq!(mapped_folder("/b::/tmp/a"), Ok(("/tmp/a".into(), "/b".to_string())));
        assert!(mapped_folder("/b").is_err());
    }
}
