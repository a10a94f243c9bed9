//! Values of command-line options, as people write them: the same in both programs.
//!
//! Every function is a value parser for `clap`, which puts the option's name and the text in front of the error.

use std::time::Duration;

/// Units of time in milliseconds, the longer before those that they end with. A bare number is seconds.
const TIME_UNITS: [(&str, f64); 5] = [("ms", 1.0), ("s", 1e3), ("m", 60e3), ("h", 3_600e3), ("", 1e3)];

/// Units of size in bytes, the longer before those that they end with.
const BYTE_UNITS: [(&str, u64); 7] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("", 1),
];

/// Longest time that an option takes: a hundred years, which no sum of times overflows.
const DURATION_MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// A number and a unit: `500ms`, `1.5s`, `5m`, `1h`; a number alone is seconds.
///
/// # Errors
/// It is no such text, zero, or more than a hundred years.
pub fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time above zero, as 500ms, 30s, 5m, 1h, or a number of seconds".to_owned();
    let (number, milliseconds) = split(text, &TIME_UNITS);
    // Numbers of floats have signs, exponents and names, too.
    if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(expected());
    }
    let number: f64 = number.parse().map_err(|_| expected())?;
    let duration = Duration::try_from_secs_f64(number * milliseconds / 1e3).map_err(|_| expected())?;
    if duration.is_zero() || duration > DURATION_MAX { Err(expected()) } else { Ok(duration) }
}

/// Bytes, or a whole number and a unit: `65536`, `512MiB`, `1GB`.
///
/// # Errors
/// It is no such text, or more than fits.
pub fn bytes(text: &str) -> Result<u64, String> {
    let expected = || "expected bytes, or a number and a unit, as 65536, 512MiB or 1GiB".to_owned();
    let (number, factor) = split(text, &BYTE_UNITS);
    let number: u64 = number.parse().map_err(|_| expected())?;
    number.checked_mul(factor).ok_or_else(expected)
}

/// A whole number from 1 to `MAX`.
///
/// # Errors
/// It is no such text.
pub fn count<const MAX: usize>(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=MAX).contains(count));
    count.ok_or_else(|| format!("expected a whole number from 1 to {MAX}"))
}

/// An environment variable, `NAME=VALUE`, or `NAME` for the value that it has in this process.
///
/// # Ambient authority
/// Reads this process's environment.
///
/// # Errors
/// It is no such text, or the variable is not set, or not Unicode.
pub fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, value.to_owned()),
        None => (text, std::env::var(text).map_err(|cause| format!("{cause}; write {text}=VALUE"))?),
    };
    if name.is_empty() || name.contains('\0') || value.contains('\0') {
        return Err("expected NAME or NAME=VALUE".to_owned());
    }
    Ok((name.to_owned(), value))
}

/// A number, and what one of its unit is worth. The last unit of `units` is none.
fn split<'a, T: Copy>(text: &'a str, units: &[(&str, T)]) -> (&'a str, T) {
    let unit = units.iter().find(|(unit, _)| text.ends_with(unit)).or(units.last());
    let Some(&(unit, worth)) = unit else { unreachable!("a table of units has the one without a name") };
    (text[..text.len() - unit.len()].trim_end(), worth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("30", 30_000),
            ("0.5", 500),
            ("1.5 s", 1_500),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for wrong in
            ["", "s", "0", "0s", "-1", "1e3", "inf", "NaN", "+1", "1.5.1", "5d", "99999999999999999999h", "1e99s", "."]
        {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("65536"), Ok(65536));
        assert_eq!(bytes("512MiB"), Ok(512 << 20));
        assert_eq!(bytes("1GB"), Ok(1_000_000_000));
        for wrong in ["", "GiB", "-1", "1.5GiB", "lots", "99999999999GiB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn counts_and_variables() {
        assert_eq!((count::<9>("1"), count::<9>("9")), (Ok(1), Ok(9)));
        assert!(["0", "10", "-1", "", "many", "18446744073709551616"].iter().all(|text| count::<9>(text).is_err()));
        assert_eq!(variable("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert_eq!(variable("A="), Ok(("A".to_owned(), String::new())));
        for wrong in ["=b", "", "A=\0", "WIZERJS_NOT_SET_ANYWHERE"] {
            assert!(variable(wrong).is_err(), "{wrong:?}");
        }
    }
}
