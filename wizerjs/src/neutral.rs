//! Text of applications and modules on its way to a terminal: without characters that steer it.

/// `text` with a replacement character for each one that steers a terminal. Tabs stay.
pub fn neutral_line(text: &str) -> String {
    text.chars().map(|c| if steers(c) && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// [`neutral_line`] of text with several lines, which stay lines.
pub(crate) fn neutral(text: &str) -> String {
    text.chars().map(|c| if steers(c) && c != '\t' && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Whether a character is a control, or changes the direction of the text after it:
/// <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_replaced() {
        assert_eq!(neutral_line("a\u{1b}[31m\tb\n\u{9b}\u{202e}é"), "a\u{fffd}[31m\tb\u{fffd}\u{fffd}\u{fffd}é");
        assert_eq!(neutral("a\r\n\tb\u{2066}"), "a\u{fffd}\n\tb\u{fffd}");
    }
}
