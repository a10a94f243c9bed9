//! Source maps of applications: where a place in a bundle was written.
//!
//! An engine evaluates the bundle as a module named [`BUNDLE`] and knows no other name; the map stays outside of it and
//! costs an application nothing. Whoever shows a place to people maps it first.

mod text;

pub use text::{excerpt, position_of};

use anyhow::{Context, Result};
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Name of the module that the engine evaluates: all of an application's files in one.
pub const BUNDLE: &str = "bundle.js";

/// How names of the engine's own JavaScript begin.
const ENGINES_OWN: &str = "builtin:";

/// What an engine calls the file of code that has none.
const NO_FILE: &str = "undefined";

/// What an artifact's name is followed by in that of its map.
const ENDING: &str = ".map";

/// Path of the map of an artifact: beside it.
pub fn beside(artifact: &Path) -> PathBuf {
    let mut path = artifact.as_os_str().to_os_string();
    path.push(ENDING);
    PathBuf::from(path)
}

/// A source map, version 3: <https://tc39.es/ecma426/>. Cheap to clone.
#[derive(Clone, Default)]
pub struct SourceMap(Option<Arc<Map>>);

struct Map {
    map: oxc_sourcemap::SourceMap<'static>,
    /// Index of the first token of each line of the bundle, and behind the last line the number of tokens.
    lines: Vec<u32>,
}

/// A map as it is written. Its id ties it to its artifact: a map of another build leads to places that are wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Debug id, the same for the same map: <https://github.com/tc39/ecma426/blob/main/proposals/debug-id.md>
    pub id: String,
    /// The map in JSON, with its id.
    pub json: String,
}

/// A UUID of what a map says (version 8, RFC 9562).
fn debug_id(json: &str) -> String {
    let digest = blake3::hash(json.as_bytes());
    let mut bytes: [u8; 16] = std::array::from_fn(|index| digest.as_bytes()[index]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// A place in a file that somebody wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of the file.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
    /// Column in UTF-16 code units, from 1.
    pub column: u32,
}

impl SourceMap {
    /// A map that a bundler made.
    pub fn new(map: oxc_sourcemap::SourceMap<'static>) -> Self {
        let lines = first_tokens(&map);
        Self(Some(Arc::new(Map { map, lines })))
    }

    /// Read a map in JSON. A place that leads nowhere in it is left out when it is asked for.
    ///
    /// # Errors
    /// It is not a source map.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        let json = std::str::from_utf8(json).context("a source map is UTF-8 text")?;
        let map = oxc_sourcemap::SourceMap::from_json_string(json).context("not a source map")?;
        Ok(Self::new(map.into_owned()))
    }

    /// The map in JSON; empty if there is none.
    pub fn to_json(&self) -> String {
        self.0.as_ref().map(|inner| inner.map.to_json_string()).unwrap_or_default()
    }

    /// The map with an id of its own, as it is written; `None` if there is none.
    pub fn identified(&self) -> Option<Identified> {
        let mut json = self.to_json();
        let id = debug_id(&json);
        // The members of an object: behind the last one.
        json.truncate(json.trim_end().strip_suffix('}')?.len());
        json.push_str(&format!(",\"debugId\":\"{id}\"}}"));
        Some(Identified { id, json })
    }

    /// The id that the map was written with; empty if with none.
    pub fn id(&self) -> &str {
        self.0.as_ref().and_then(|inner| inner.map.get_debug_id()).unwrap_or_default()
    }

    /// Whether there is no map, so that nothing is mapped.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Where `line` and `column` of the bundle, both from 1, were written; `None` for what no file is the source of.
    pub fn original(&self, line: u32, column: u32) -> Option<Place<'_>> {
        let inner = self.0.as_ref()?;
        let line = line.checked_sub(1)?;
        let tokens = inner.tokens(line)?;
        let column = column.saturating_sub(1);
        // The last token at or before the column; tokens of a line are in the order of their columns.
        let (mut low, mut high) = (tokens.start, tokens.end);
        while low < high {
            let middle = low + (high - low) / 2;
            if inner.map.get_token(middle)?.get_dst_col() <= column { low = middle + 1 } else { high = middle }
        }
        let token = inner.map.get_token(low.checked_sub(1).filter(|index| *index >= tokens.start)?)?;
        let file = inner.map.get_source(token.get_source_id()?)?;
        Some(Place { file, line: token.get_src_line() + 1, column: token.get_src_col() + 1 })
    }

    /// A few lines around a place in a file, with a caret under it; empty if the map does not have the file's text.
    pub fn excerpt(&self, file: &str, line: u32, column: u32) -> String {
        self.text(file).map(|text| excerpt(text, line, column)).unwrap_or_default()
    }

    /// The text of a file, if the map has it.
    pub fn text(&self, file: &str) -> Option<&str> {
        let map = &self.0.as_ref()?.map;
        let index = map.get_sources().position(|source| source == file)?;
        map.get_source_content(u32::try_from(index).ok()?)
    }

    /// `text` with every place in the bundle, as `bundle.js:12:34`, replaced by the one where it was written. Frames of the
    /// engine's own JavaScript are left out.
    pub fn mapped<'a>(&self, text: &'a str) -> Cow<'a, str> {
        if self.is_none() || !text.contains(BUNDLE) {
            return Cow::Borrowed(text);
        }
        if text.lines().any(is_frame_of_engine) {
            let rest: String = text.split_inclusive('\n').filter(|line| !is_frame_of_engine(line)).collect();
            return Cow::Owned(self.places_mapped(&rest));
        }
        Cow::Owned(self.places_mapped(text))
    }

    fn places_mapped(&self, text: &str) -> String {
        let mut mapped = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(BUNDLE) {
            let behind = &rest[at + BUNDLE.len()..];
            let place = place(behind).filter(|_| !continues_a_name(&rest[..at]));
            let original = place.and_then(|(line, column, len)| Some((self.original(line, column)?, len)));
            mapped.push_str(&rest[..at]);
            match original {
                Some((place, len)) => {
                    mapped.push_str(&place.to_string());
                    rest = &behind[len..];
                }
                None => {
                    mapped.push_str(BUNDLE);
                    rest = behind;
                }
            }
        }
        mapped.push_str(rest);
        mapped
    }
}

impl Map {
    /// Indices of the tokens of a line, from 0.
    fn tokens(&self, line: u32) -> Option<std::ops::Range<u32>> {
        let line = line as usize;
        Some(*self.lines.get(line)?..*self.lines.get(line + 1)?)
    }
}

impl fmt::Debug for SourceMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = self.0.as_ref().map_or(0, |inner| inner.map.get_sources().len());
        write!(f, "SourceMap({files} files)")
    }
}

/// Where an error was thrown, as an engine reports it: places in the bundle, which nobody wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thrown {
    /// Name of the file, empty if unknown.
    pub file: String,
    /// Line from 1, 0 if unknown.
    pub line: u32,
    /// Column from 1, 0 if unknown.
    pub column: u32,
    /// The stack, a frame a line.
    pub stack: String,
}

impl SourceMap {
    /// The same in files that somebody wrote: frames of the bundler, of what it adds and of the engine are left out, and what
    /// was thrown there has the place of the first frame that is left.
    pub fn thrown(&self, thrown: Thrown) -> Thrown {
        if self.is_none() {
            return thrown;
        }
        let mapped = self.mapped(&thrown.stack);
        let bundlers = format!("{BUNDLE}:");
        let stack = mapped.lines().filter(|line| !line.contains(&bundlers)).collect::<Vec<_>>().join("\n");
        let written = if thrown.file == BUNDLE { self.original(thrown.line, thrown.column) } else { None };
        let (file, line, column) = match written {
            Some(place) => (place.file.to_owned(), place.line, place.column),
            None => stack.lines().find_map(frame_place).unwrap_or_else(|| match thrown.file.as_str() {
                BUNDLE | NO_FILE => Default::default(),
                file if file.starts_with(ENGINES_OWN) => Default::default(),
                // Another engine may know the names of files.
                file => (file.to_owned(), thrown.line, thrown.column),
            }),
        };
        Thrown { file, line, column, stack }
    }
}

/// Whether a line is a frame of a stack in a package's file: `    at function (node_modules/hono/x.js:1:2)`.
pub fn is_frame_of_package(line: &str) -> bool {
    frame_place(line).is_some_and(|(file, ..)| file.starts_with("node_modules/"))
}

/// Whether a line is a frame of a stack in the engine's own JavaScript.
fn is_frame_of_engine(line: &str) -> bool {
    line.contains(ENGINES_OWN) && frame_place(line).is_some_and(|(file, ..)| file.starts_with(ENGINES_OWN))
}

/// The place in a frame: `function@file:1:2`, or `    at function (file:1:2)`.
fn frame_place(frame: &str) -> Option<(String, u32, u32)> {
    let frame = frame.trim().trim_end_matches(')');
    let (rest, column) = frame.rsplit_once(':')?;
    let (rest, line) = rest.rsplit_once(':')?;
    let file = match rest.strip_prefix("at ") {
        Some(rest) => rest.rsplit_once('(').map_or(rest, |(_, file)| file),
        None => rest.split_once('@').map_or(rest, |(_, file)| file),
    };
    Some((file.to_owned(), line.parse().ok()?, column.parse().ok()?))
}

/// Equal if they say the same.
impl PartialEq for SourceMap {
    fn eq(&self, other: &Self) -> bool {
        self.to_json() == other.to_json()
    }
}

impl Eq for SourceMap {}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Index of the first token of each line, and behind the last line the number of tokens. A token whose line is not after
/// that of the one before it, as no bundler writes them, ends the table.
fn first_tokens(map: &oxc_sourcemap::SourceMap<'_>) -> Vec<u32> {
    let mut lines = vec![0];
    let mut index = 0;
    for token in map.get_tokens() {
        let line = token.get_dst_line() as usize;
        // A map of a few bytes can name a line of 4 thousand millions.
        if line >= map.get_tokens().len().saturating_mul(LINES_A_TOKEN_MAX).saturating_add(LINES_A_TOKEN_MAX) {
            break;
        }
        if line + 1 < lines.len() {
            break;
        }
        lines.resize(line + 1, index);
        index += 1;
    }
    lines.push(index);
    lines
}

/// Lines of a bundle for one token of its map, at most: real ones have several tokens a line.
const LINES_A_TOKEN_MAX: usize = 1000;

/// Whether the text before a name makes it the end of a longer one: `mybundle.js` is another file.
fn continues_a_name(before: &str) -> bool {
    before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_'))
}

/// Line and column in `:12:34`, with which the text begins, and its length in bytes.
fn place(text: &str) -> Option<(u32, u32, usize)> {
    let (line, line_len) = number(text)?;
    let (column, column_len) = number(&text[line_len..])?;
    Some((line, column, line_len + column_len))
}

/// The number in `:12`, with which the text begins, and its length in bytes with the colon.
fn number(text: &str) -> Option<(u32, usize)> {
    let digits = text.strip_prefix(':')?;
    let len = digits.bytes().take_while(u8::is_ascii_digit).count();
    Some((digits[..len].parse().ok()?, len + 1))
}

#[cfg(test)]
mod tests {
    use super::{SourceMap, Thrown, is_frame_of_package};

    /// Line 1 of the bundle is line 1 of a.ts; line 3 is, from column 5 on, line 2 of b.ts, column 3.
    const MAP: &str =
        r#"{"version":3,"sources":["a.ts","b.ts"],"sourcesContent":["a","x\ny"],"names":[],"mappings":"AAAA;;ICCE"}"#;

    fn map() -> SourceMap {
        SourceMap::from_json(MAP.as_bytes()).unwrap()
    }

    fn shown(line: u32, column: u32) -> Option<String> {
        map().original(line, column).map(|place| place.to_string())
    }

    #[test]
    fn a_place_in_the_bundle_leads_to_where_it_was_written() {
        assert_eq!(shown(1, 1).as_deref(), Some("a.ts:1:1"));
        assert_eq!(shown(1, 9).as_deref(), Some("a.ts:1:1"));
        assert_eq!(shown(3, 5).as_deref(), Some("b.ts:2:3"));
        assert_eq!(shown(3, 4), None, "before the first token of its line");
        assert_eq!(shown(2, 1), None, "a line without tokens");
        for (line, column) in [(0, 1), (4, 1), (u32::MAX, u32::MAX)] {
            assert_eq!(shown(line, column), None, "{line}:{column}");
        }
        assert_eq!(map().text("b.ts"), Some("x\ny"));
        assert_eq!(map().text("c.ts"), None);
    }

    #[test]
    fn texts_are_mapped_wherever_they_name_a_place() {
        let map = map();
        assert_eq!(map.mapped("f@bundle.js:3:7\ng@bundle.js:1:1"), "f@b.ts:2:3\ng@a.ts:1:1");
        let with_engines_own =
            "E\nr@builtin:url:9:9\n    at r (builtin:url:9:9)\n    at f (bundle.js:3:7)\nbuiltin: no frame";
        assert_eq!(map.mapped(with_engines_own), "E\n    at f (b.ts:2:3)\nbuiltin: no frame");
        for same in [
            "",
            "mybundle.js:1:1",
            "x/bundle.js:1:1",
            "bundle.js",
            "bundle.js:2:1",
            "bundle.js:1",
            "bundle.js:99999999999:1",
        ] {
            assert_eq!(map.mapped(same), same);
        }
        assert_eq!(SourceMap::default().mapped("bundle.js:1:1"), "bundle.js:1:1");
    }

    #[test]
    fn frames_of_packages_are_known() {
        assert!(is_frame_of_package("    at get (node_modules/@a/b/c.js:1:22)"));
        assert!(is_frame_of_package("get@node_modules/b/c.js:1:22"));
        for other in
            ["    at get (src/c.js:1:22)", "see node_modules/b/c.js", "cannot read node_modules/b/c.js:1:22 at all", ""]
        {
            assert!(!is_frame_of_package(other), "{other}");
        }
    }

    #[test]
    fn what_is_thrown_in_nobodys_code_is_placed_where_it_was_called() {
        let thrown = |line, stack: &str| {
            let file = if line == 9559 { "undefined" } else { "bundle.js" };
            let thrown = Thrown { file: file.to_owned(), line, column: 5, stack: stack.to_owned() };
            let Thrown { file, line, column, stack } = map().thrown(thrown);
            format!("{file}:{line}:{column} {stack}")
        };
        assert_eq!(thrown(3, "f@bundle.js:3:5"), "b.ts:2:3 f@b.ts:2:3");
        assert_eq!(thrown(2, "g@bundle.js:2:1\nf@bundle.js:3:5"), "b.ts:2:3 f@b.ts:2:3");
        assert_eq!(thrown(2, "    at g (bundle.js:2:1)\n    at f (bundle.js:3:5)"), "b.ts:2:3     at f (b.ts:2:3)");
        assert_eq!(thrown(2, "    at bundle.js:3:5"), "b.ts:2:3     at b.ts:2:3");
        assert_eq!(thrown(2, ""), ":0:0 ");
        assert_eq!(thrown(9559, "r@builtin:url:9:9\nf@bundle.js:3:5"), "b.ts:2:3 f@b.ts:2:3", "in the engine");
        assert_eq!(thrown(9559, ""), ":0:0 ");
    }

    #[test]
    fn a_map_survives_being_written() {
        assert_eq!(SourceMap::from_json(map().to_json().as_bytes()).unwrap(), map());
        assert_eq!(SourceMap::default().to_json(), "");
    }

    #[test]
    fn a_map_has_an_id_that_is_that_of_what_it_says() {
        let written = map().identified().unwrap();
        let read = SourceMap::from_json(written.json.as_bytes()).unwrap();
        assert_eq!((read.id(), map().id()), (&written.id[..], ""));
        assert_eq!(read.original(3, 5), map().original(3, 5));
        let other = SourceMap::from_json(MAP.replace("a.ts", "c.ts").as_bytes()).unwrap();
        assert_ne!(other.identified().unwrap().id, written.id);
        assert_eq!(written.id.len(), 36);
        assert_eq!(SourceMap::default().identified(), None);
    }

    #[test]
    fn what_is_no_map_is_refused_and_a_hostile_one_costs_little() {
        for wrong in [&b""[..], b"{}", b"[]", b"\xff", b"{\"version\":3}"] {
            assert!(SourceMap::from_json(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
        // Sources that are not there, and lines far away.
        for mappings in ["AAgggggBAA", &format!("{}AAAA", ";".repeat(100_000))] {
            let json = format!(r#"{{"version":3,"sources":[],"names":[],"mappings":"{mappings}"}}"#);
            if let Ok(map) = SourceMap::from_json(json.as_bytes()) {
                assert_eq!(map.original(1, 1), None);
                assert_eq!(map.original(100_001, 1), None);
            }
        }
    }
}
