//! The wall clock while anything is initialized.

/// The time that the wall clock shows during initialization unless `SOURCE_DATE_EPOCH` or the caller says otherwise:
/// 2000-01-01T00:00:00Z, in seconds since 1970. It is after every date that code takes for "unset", late enough for code
/// that subtracts time zones, and recognizable when it turns up in a page.
pub const FIXED_S: u64 = 946_684_800;
