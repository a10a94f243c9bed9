//! What a specifier names. Purely about names: no file is looked at.

use std::fmt;

/// What a specifier names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A file, by its name relative to the entry's folder.
    File(String),
    /// Something that cannot be imported here.
    Refused(Refusal),
}

/// Why a specifier cannot be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Package,
    NodeBuiltin,
    Remote,
    Absolute,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Package => "npm packages are not supported yet; bundle the application into one file first",
            Self::NodeBuiltin => "modules of Node.js do not exist here; use the Web APIs",
            Self::Remote => "modules are not fetched; keep a copy beside the entry and import that",
            Self::Absolute => "an absolute path names something else on every machine; import it by a relative one",
        })
    }
}

/// Modules that Node.js has without `node:` and that code for it imports most.
const NODE_BUILTINS: [&str; 24] = [
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "crypto",
    "dns",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "module",
    "net",
    "os",
    "path",
    "process",
    "querystring",
    "stream",
    "timers",
    "tls",
    "url",
    "util",
    "zlib",
];

/// What `specifier` names in the module called `importer`.
pub(super) fn resolve(importer: &str, specifier: &str) -> Target {
    if is_relative(specifier) {
        return Target::File(join(importer, specifier));
    }
    let package = specifier.split('/').next().unwrap_or_default();
    Target::Refused(if specifier.starts_with('/') || specifier.starts_with("file:") {
        Refusal::Absolute
    } else if specifier.starts_with("node:") || NODE_BUILTINS.contains(&package) {
        Refusal::NodeBuiltin
    } else if ["http:", "https:", "data:", "blob:", "npm:", "jsr:"].iter().any(|scheme| specifier.starts_with(scheme)) {
        Refusal::Remote
    } else {
        Refusal::Package
    })
}

fn is_relative(specifier: &str) -> bool {
    specifier == "." || specifier == ".." || specifier.starts_with("./") || specifier.starts_with("../")
}

/// The name of what `specifier` names from the folder of `importer`, without `.` and needless `..`.
fn join(importer: &str, specifier: &str) -> String {
    let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(specifier.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Target, resolve};

    fn file(importer: &str, specifier: &str) -> String {
        match resolve(importer, specifier) {
            Target::File(name) => name,
            Target::Refused(refusal) => format!("refused: {refusal:?}"),
        }
    }

    #[test]
    fn names_are_relative_to_the_entrys_folder() {
        assert_eq!(file("app.js", "./x.js"), "x.js");
        assert_eq!(file("lib/a.js", "./x.js"), "lib/x.js");
        assert_eq!(file("lib/a.js", "../x.js"), "x.js");
        assert_eq!(file("app.js", "../../x.js"), "../../x.js");
        assert_eq!(file("../a.js", "../x.js"), "../../x.js");
        assert_eq!(file("../a/b.js", "../x.js"), "../x.js");
        assert_eq!(file("app.js", "./lib/.././/x.js"), "x.js");
    }

    #[test]
    fn what_is_not_relative_is_refused() {
        for (specifier, refusal) in [
            ("hono", Refusal::Package),
            ("@scope/name/sub", Refusal::Package),
            ("", Refusal::Package),
            (".hidden", Refusal::Package),
            ("node:fs", Refusal::NodeBuiltin),
            ("fs/promises", Refusal::NodeBuiltin),
            ("https://example.com/x.js", Refusal::Remote),
            ("/x.js", Refusal::Absolute),
            ("file:///x.js", Refusal::Absolute),
        ] {
            assert_eq!(resolve("app.js", specifier), Target::Refused(refusal), "{specifier}");
        }
    }
}
