//! Values of options, as people write them.

use std::time::Duration;

/// Units of time in milliseconds, the larger before those whose name ends theirs.
const TIME_UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// A whole number and a unit: `500ms`, `30s`, `5m`, `1h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a number and a unit, as 500ms, 30s, 5m or 1h".to_owned();
    let (unit, milliseconds) = TIME_UNITS.into_iter().find(|(unit, _)| text.ends_with(unit)).ok_or_else(expected)?;
    let number: u64 = text[..text.len() - unit.len()].trim().parse().map_err(|_| expected())?;
    Ok(Duration::from_millis(number.checked_mul(milliseconds).filter(|&ms| ms > 0).ok_or_else(expected)?))
}

/// Units of size in bytes, the longer before those that they end with.
const BYTE_UNITS: [(&str, usize); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("", 1)];

/// Bytes, or a whole number and a unit: `65536`, `512MiB`, `1GiB`.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let expected = || "expected bytes, or a number and a unit, as 65536, 512MiB or 1GiB".to_owned();
    let (unit, factor) = BYTE_UNITS.into_iter().find(|(unit, _)| text.ends_with(unit)).ok_or_else(expected)?;
    let number: usize = text[..text.len() - unit.len()].trim().parse().map_err(|_| expected())?;
    number.checked_mul(factor).ok_or_else(expected)
}

/// `NAME=VALUE`, or `NAME` for the value it has here.
pub(crate) fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (text, std::env::var(text).map_err(|_| format!("{text} is not set here; write {text}=VALUE"))?),
    };
    if name.is_empty() || name.contains('\0') || value.contains('\0') {
        return Err("expected NAME or NAME=VALUE".to_owned());
    }
    Ok((name.to_owned(), value))
}

/// A whole number above zero.
pub(crate) fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&count| count > 0).ok_or_else(|| "expected a whole number above zero".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        assert_eq!(duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
        assert!(["", "5", "s", "0s", "-1s", "99999999999999999999h"].iter().all(|text| duration(text).is_err()));
        assert_eq!(bytes("64MiB"), Ok(64 << 20));
        assert_eq!(bytes("7"), Ok(7));
        assert!(["", "MiB", "1.5GiB", "99999999999999GiB"].iter().all(|text| bytes(text).is_err()));
        assert_eq!(variable("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(variable("=b").is_err());
    }
}
