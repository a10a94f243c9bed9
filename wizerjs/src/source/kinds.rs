//! Kinds of files by the endings of their names: what can be an entry, what can be imported.

use std::path::Path;

/// Endings of modules: JavaScript, TypeScript, JSX, CommonJS.
pub const MODULES: [&str; 8] = ["tsx", "ts", "jsx", "js", "mts", "mjs", "cts", "cjs"];

/// Endings of files whose text is what an import of them gives.
pub(super) const TEXTS: [&str; 4] = ["txt", "html", "sql", "md"];

/// The ending of a file's name, without the dot; empty if it has none.
pub(super) fn ending(path: &Path) -> &str {
    path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()
}

/// Why a file with this ending cannot be the entry.
pub(super) fn refuse_entry(ending: &str) -> Option<&'static str> {
    Some(match ending {
        _ if MODULES.contains(&ending) => return None,
        "wasm" => "it is WebAssembly; `wizerjs snapshot` takes that",
        "json" => "it is data; name the module that uses it",
        _ => "only modules are built: .js, .mjs, .cjs, .jsx, .ts, .mts, .cts, .tsx",
    })
}

/// Why a file with this ending cannot be imported.
pub(super) fn refuse_import(ending: &str) -> Option<&'static str> {
    Some(match ending {
        "wasm" => "WebAssembly cannot be imported; it is code, and an application is data for the engine",
        "node" => "it is machine code for Node.js; look for a package in JavaScript",
        "css" | "scss" | "sass" | "less" => "styles cannot be imported; keep them in a file that you serve",
        "vue" | "svelte" | "astro" => "it has to be compiled first, by the framework's own build",
        "png" | "jpg" | "jpeg" | "gif" | "webp" | "avif" | "svg" | "ico" | "woff" | "woff2" | "ttf" => {
            "files of this kind cannot be imported; serve them from elsewhere"
        }
        _ => return None,
    })
}
