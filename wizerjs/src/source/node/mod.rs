//! Modules of Node.js that applications can import: polyfills, and stand-ins that say what does not exist.
//!
//! Their files are packed by `wizerjs/node/pack.sh`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// What `pack.mjs` printed, compressed.
const PACKED: &[u8] = include_bytes!("../../../node/modules.json.zst");

#[derive(Default, Deserialize)]
struct Modules {
    /// Source of each file of a polyfill, by name.
    files: BTreeMap<String, String>,
    /// The file of each module that is polyfilled.
    polyfills: BTreeMap<String, String>,
    /// What each module exports in Node.js.
    exports: BTreeMap<String, Vec<String>>,
}

static MODULES: LazyLock<Modules> = LazyLock::new(|| {
    let json = zstd::decode_all(PACKED).unwrap_or_default();
    // Part of this program, and a test reads it.
    serde_json::from_slice(&json).unwrap_or_default()
});

/// A module of Node.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builtin<'a> {
    /// It works here, more or less.
    Polyfilled(&'a str),
    /// What it is for does not exist here.
    Refused(&'a str),
}

impl<'a> Builtin<'a> {
    /// Its name without `node:`.
    pub(super) fn name(self) -> &'a str {
        match self {
            Self::Polyfilled(name) | Self::Refused(name) => name,
        }
    }
}

/// The module of Node.js that a specifier means: one with `node:` surely, one without only if no package is called so.
pub(super) fn find(specifier: &str) -> Option<Builtin<'_>> {
    let name = specifier.strip_prefix("node:").unwrap_or(specifier);
    // What a package writes to mean the package, not the module: `punycode/`.
    let name = if name == specifier { name.strip_suffix('/').unwrap_or(name) } else { name };
    // Most specifiers are not names of modules of Node.js; those need no look into the table, which has to be unpacked.
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'/')) {
        return specifier.starts_with("node:").then_some(Builtin::Refused(name));
    }
    if MODULES.polyfills.contains_key(name) {
        Some(Builtin::Polyfilled(name))
    } else if MODULES.exports.contains_key(name) || specifier.starts_with("node:") {
        Some(Builtin::Refused(name))
    } else {
        None
    }
}

/// Source of a file of a polyfill.
pub(super) fn file(name: &str) -> Option<&'static str> {
    MODULES.files.get(name).map(String::as_str)
}

/// Source, in CommonJS, of a module of Node.js: what its polyfill has, and for each other name that it exports in Node.js
/// a function that says that it does not exist here. `importer` is named by those of a module that is refused.
pub(super) fn module(name: &str, importer: &str) -> String {
    let mut source = match MODULES.polyfills.get(name) {
        Some(file) => format!("const polyfill = require('./{file}');\nconst it = polyfill.default ?? polyfill;\n"),
        None => "const it = {};\n".to_owned(),
    };
    let whose = if importer.is_empty() { String::new() } else { format!(" ({importer})") };
    // Strings of JSON are strings of JavaScript.
    let message = serde_json::Value::from(format!("does not exist here{whose}"));
    let _ = writeln!(
        source,
        "const refuse = name => function () {{ throw new Error(`{name}.${{name}} ${{{message}}}`); }};"
    );
    for export in MODULES.exports.get(name).into_iter().flatten() {
        // `in` and not a value: a polyfill's `undefined` is its answer.
        let _ = writeln!(source, "if (!({export:?} in it)) it.{export} = refuse({export:?});");
    }
    source.push_str("module.exports = it;\n");
    source
}

/// What to use instead of a module that is refused.
pub(super) fn remedy(name: &str) -> &'static str {
    match name.split('/').next().unwrap_or_default() {
        "fs" => "there are no files: `import text from './file.txt'` puts one into the application",
        "http" | "https" | "http2" => "use fetch for requests, and the application's handler to answer them",
        "net" | "tls" | "dgram" | "dns" => "there are no sockets: use fetch",
        "child_process" | "cluster" => "there are no processes",
        "worker_threads" => "there are no threads",
        "readline" | "repl" | "tty" => "there is no terminal",
        _ => "use the Web APIs",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_with_and_without_their_prefix() {
        assert_eq!(find("node:buffer"), Some(Builtin::Polyfilled("buffer")));
        assert_eq!(find("util/types"), Some(Builtin::Polyfilled("util/types")));
        assert_eq!(find("punycode/"), Some(Builtin::Polyfilled("punycode")));
        assert_eq!(find("fs/promises"), Some(Builtin::Refused("fs/promises")));
        assert_eq!(find("node:sqlite"), Some(Builtin::Refused("sqlite")));
        assert_eq!(find("node:A-b"), Some(Builtin::Refused("A-b")));
        for other in ["hono", "./buffer", "@scope/buffer", "", "sqlite", "string-decoder"] {
            assert_eq!(find(other), None, "{other}");
        }
    }

    #[test]
    fn every_polyfill_is_packed_with_what_it_imports() {
        assert!(MODULES.polyfills.len() > 20, "{:?}", MODULES.polyfills.keys());
        for (module, file_name) in &MODULES.polyfills {
            assert!(file(file_name).is_some(), "{module}: {file_name}");
            assert!(MODULES.exports.contains_key(module), "{module}");
        }
        assert!(module("fs", "p/a.js").contains(r#"${"does not exist here (p/a.js)"}"#), "{}", module("fs", "p/a.js"));
    }

    #[test]
    fn every_name_can_follow_a_dot() {
        let names = MODULES.exports.values().flatten();
        let wrong: Vec<_> =
            names.filter(|name| !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
