//! Nesting of a source: a parser's recursion takes some kilobytes of stack a level.

/// Deepest nesting of brackets that is parsed. Real code stays below a hundred.
pub(super) const MAX: usize = 20_000;

/// The same where stacks are the 2 MiB that threads have by default.
pub(super) const MAX_ON_SMALL_STACKS: usize = 256;

/// The offset in bytes of the first bracket beyond `max` levels. Brackets in strings and comments count: that errs on the
/// safe side.
pub(super) fn beyond(text: &str, max: usize) -> Option<usize> {
    let mut depth = 0usize;
    text.bytes().position(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > max
    })
}

#[cfg(test)]
mod tests {
    use super::beyond;

    #[test]
    fn the_first_bracket_too_deep_is_found() {
        assert_eq!(beyond("([{}])", 3), None);
        assert_eq!(beyond("([{}])", 2), Some(2));
        assert_eq!(beyond(")))(", 1), None);
        assert_eq!(beyond("", 0), None);
    }
}
