//! Text of guests and clients on its way to a log: bounded, and without characters that steer a terminal.

/// Longest line that is logged, in bytes; what follows is dropped.
const LINE_MAX_BYTES: usize = 16 << 10;

/// `line` with control characters written out, so that a guest cannot steer the terminal of whoever reads the log.
pub(crate) fn neutralized(line: &str) -> String {
    let mut cut = line.len().min(LINE_MAX_BYTES);
    while !line.is_char_boundary(cut) {
        cut -= 1;
    }
    let line = &line[..cut];
    if !line.chars().any(steers) {
        return line.to_owned();
    }
    line.chars().fold(String::with_capacity(line.len() + 16), |mut text, char| {
        if steers(char) {
            text.extend(char.escape_default());
        } else {
            text.push(char);
        }
        text
    })
}

/// Control characters, and those that change the direction of the text after them.
fn steers(char: char) -> bool {
    (char.is_control() && char != '\t')
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(neutralized("a\u{1b}[31mb\r\u{9b}c\t\u{202e}é"), "a\\u{1b}[31mb\\r\\u{9b}c\t\\u{202e}é");
        assert_eq!(neutralized(&"é".repeat(LINE_MAX_BYTES)).len(), LINE_MAX_BYTES);
    }
}
