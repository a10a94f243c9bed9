//! Places in a source text, and showing them to people.

/// What ECMAScript takes for the end of a line, besides CR LF which is one end.
/// <https://tc39.es/ecma262/#sec-line-terminators>
const LINE_ENDS: [char; 4] = ['\n', '\r', '\u{2028}', '\u{2029}'];

/// Longest part of a line that is shown, in characters: a minified file is one line.
const SHOWN_MAX_CHARS: usize = 120;

/// Characters of a long line that are shown before the place in question.
const SHOWN_BEFORE_CHARS: usize = 60;

/// Line and column, from 1, of a byte offset; the column in UTF-16 code units, as in JavaScript stacks.
pub fn position_of(text: &str, offset: usize) -> (u32, u32) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = &text[..offset];
    let mut line = 1;
    let mut start = 0;
    for (at, length) in line_ends(before) {
        line += 1;
        start = at + length;
    }
    let column = before[start..].encode_utf16().count() + 1;
    (line, u32::try_from(column).unwrap_or(u32::MAX))
}

/// The text of a line, counted from 1, without its end.
fn line_at(text: &str, line: u32) -> Option<&str> {
    let mut start = 0;
    let mut current = 1;
    for (at, length) in line_ends(text) {
        if current == line {
            return Some(&text[start..at]);
        }
        current += 1;
        start = at + length;
    }
    (current == line).then(|| &text[start..])
}

/// Offset and length in bytes of every line end.
fn line_ends(text: &str) -> impl Iterator<Item = (usize, usize)> {
    text.match_indices(LINE_ENDS).filter_map(|(at, end)| match end {
        // Counted with the CR before it.
        "\n" if text[..at].ends_with('\r') => None,
        "\r" if text[at + 1..].starts_with('\n') => Some((at, 2)),
        _ => Some((at, end.len())),
    })
}

/// A line between its neighbours, with their numbers and a caret under a column:
/// ```text
///   2 | let b = 1;
///   3 | let a = ;
///     |         ^
///   4 | f(a);
/// ```
/// Empty if the text has no such line, or nothing is on it.
pub fn excerpt(text: &str, line: u32, column: u32) -> String {
    let Some(shown) = line_at(text, line).filter(|line| !line.trim().is_empty()) else { return String::new() };
    let caret = chars_before(shown, column);
    let skipped = if shown.chars().count() > SHOWN_MAX_CHARS { caret.saturating_sub(SHOWN_BEFORE_CHARS) } else { 0 };
    let width = line.saturating_add(1).to_string().len();
    let numbered = |number: u32, text: &str, skipped: usize| {
        let shown: String = text.chars().skip(skipped).take(SHOWN_MAX_CHARS).map(printable).collect();
        format!("  {number:width$} | {}", shown.trim_end()).trim_end().to_owned()
    };
    let neighbour = |number: u32| {
        let text = line_at(text, number).filter(|text| !text.trim().is_empty())?;
        Some(numbered(number, text, 0))
    };
    // Tabs stay tabs, so that the caret stands where the terminal puts the character.
    let indent: String =
        shown.chars().skip(skipped).take(caret - skipped).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let caret = format!("  {:width$} | {indent}^", "");
    let lines =
        [neighbour(line - 1), Some(numbered(line, shown, skipped)), Some(caret), neighbour(line.saturating_add(1))];
    lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// How many characters stand before a column of UTF-16 code units.
fn chars_before(line: &str, column: u32) -> usize {
    let mut units = 1;
    line.chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= column as usize
        })
        .count()
}

/// Control characters of a source must not reach the terminal.
fn printable(c: char) -> char {
    if c.is_control() && c != '\t' { '\u{fffd}' } else { c }
}

#[cfg(test)]
mod tests {
    use super::{excerpt, line_at, position_of};

    #[test]
    fn positions_count_lines_as_javascript_does_and_columns_in_utf16() {
        let text = "a\r\nb\rc\u{2028}😀d\n";
        let at = |needle: char| position_of(text, text.find(needle).unwrap_or_default());
        assert_eq!(at('a'), (1, 1));
        assert_eq!(at('b'), (2, 1));
        assert_eq!(at('c'), (3, 1));
        assert_eq!(at('d'), (4, 3));
        assert_eq!(position_of(text, 1000), (5, 1));
        assert_eq!(position_of("😀", 2), (1, 1));
    }

    #[test]
    fn lines_come_without_their_ends() {
        let lines: Vec<_> = (0..6).map(|line| line_at("a\r\nb\rc\u{2028}\n", line)).collect();
        assert_eq!(lines, [None, Some("a"), Some("b"), Some("c"), Some(""), Some("")]);
    }

    #[test]
    fn the_caret_stands_under_the_column() {
        assert_eq!(excerpt("\tlet a = ;", 1, 10), "  1 | \tlet a = ;\n    | \t        ^");
        assert_eq!(excerpt("a\u{1b}[31m", 1, 99), "  1 | a\u{fffd}[31m\n    |       ^");
    }

    #[test]
    fn a_line_stands_between_its_neighbours() {
        let text = (1..=10).map(|line| format!("line {line}\n")).collect::<String>();
        assert_eq!(excerpt(&text, 9, 2), "   8 | line 8\n   9 | line 9\n     |  ^\n  10 | line 10");
        assert_eq!(excerpt("\n  \nhere\n\n", 3, 1), "  3 | here\n    | ^", "empty ones are not shown");
        for (text, line) in [("a", 2), ("a", 0), ("a\n\nb", 2), ("a", u32::MAX)] {
            assert_eq!(excerpt(text, line, 1), "", "{text:?} {line}");
        }
    }

    #[test]
    fn of_a_long_line_the_part_around_the_caret_is_shown() {
        let line = format!("{}!{}", "a".repeat(1000), "b".repeat(1000));
        let shown = excerpt(&line, 1, 1001);
        let expected = format!("  1 | {}!{}\n    | {}^", "a".repeat(60), "b".repeat(59), " ".repeat(60));
        assert_eq!(shown, expected);
    }
}
