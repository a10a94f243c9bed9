//! Values of options, as people write them.

use std::path::PathBuf;
use std::time::Duration;

/// The library's default for initialization time, as text.
pub(crate) const DEFAULT_TIMEOUT: &str = "5m";
/// The library's default for memory, as text.
pub(crate) const DEFAULT_MAX_MEMORY: &str = "4GiB";

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

/// Units of time, the larger before those whose name ends theirs.
const TIME_UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A whole number and a unit: `500ms`, `30s`, `5m`, `1h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a number and a unit, as 500ms, 30s, 5m or 1h".to_string();
    let (unit, milliseconds) = TIME_UNITS.into_iter().find(|(unit, _)| text.ends_with(unit)).ok_or_else(expected)?;
    let number: u64 = text[..text.len() - unit.len()].trim().parse().map_err(|_| expected())?;
    let milliseconds = number.checked_mul(milliseconds).ok_or_else(expected)?;
    Ok(Duration::from_millis(milliseconds))
}

const BYTE_UNITS: [(&str, u64); 6] =
    [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000)];

/// Bytes, or a whole number and a unit: `65536`, `512MiB`, `4GiB`.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let expected = || "expected bytes, or a number and a unit, as 65536, 512MiB or 4GiB".to_string();
    let (unit, factor) = BYTE_UNITS.into_iter().find(|(unit, _)| text.ends_with(unit)).unwrap_or(("", 1));
    let number: u64 = text[..text.len() - unit.len()].trim().parse().map_err(|_| expected())?;
    number.checked_mul(factor).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        for wrong in ["", "5", "s", "-1s", "1.5s", "99999999999999999999s", "18446744073709551615h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert_eq!(duration(DEFAULT_TIMEOUT), Ok(wizerjs::initialize::DEFAULT_TIMEOUT));
    }

    #[test]
    fn sizes_may_have_a_unit() {
        assert_eq!(bytes("65536"), Ok(65536));
        assert_eq!(bytes("512MiB"), Ok(512 << 20));
        assert_eq!(bytes("1GB"), Ok(1_000_000_000));
        for wrong in ["", "GiB", "-1", "1.5GiB", "99999999999GiB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
        assert_eq!(bytes(DEFAULT_MAX_MEMORY), Ok(wizerjs::initialize::DEFAULT_MAX_MEMORY_BYTES));
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
