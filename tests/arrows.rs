//! Imports point downwards: the rooms of a program are listed from top to bottom, and each uses only rooms below it.
//!
//! A room is a module at the top of a program's `src`, as `src/NAME.rs` or `src/NAME/`. An order of rooms leaves no way
//! for two of them to use each other, so there is no circle to look for.

use anyhow::{Context, Result, ensure};
use end_to_end::program::repository;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Rooms of a program.
struct Rooms {
    /// Its folder.
    program: &'static str,
    /// Every room, from top to bottom.
    top_to_bottom: &'static [&'static str],
}

const WIZERJS: Rooms = Rooms {
    program: "wizerjs",
    top_to_bottom: &[
        "cli",
        "settings",
        "application",
        "source",
        "engine",
        "guest",
        "report",
        "inspect",
        "record",
        "initialize",
        "snapshot",
        "written",
        "deadline",
        "neutral",
        "output",
        "progress",
        "clock",
    ],
};

const RUNNER: Rooms = Rooms {
    program: "runner",
    top_to_bottom: &[
        "cli",
        "serve",
        "run",
        "program",
        "exchange",
        "host",
        "instance",
        "hostcalls",
        "state",
        "operations",
        "stream",
        "load",
        "memory",
        "metrics",
        "outcome",
        "limits",
        "errors",
        "neutral",
        "system_memory",
        "threads",
        "units",
        "watch",
    ],
};

/// Folders, and crates that nothing in them may name: what the table "knows nothing of" in the README promises.
const UNKNOWN_TO: [(&str, &[&str]); 9] = [
    ("engine-shims/abi/src", &["wasmtime", "oxc_parser", "wizerjs", "runner"]),
    ("engine-shims/artifact/src", &["wasmtime", "oxc_parser", "engine_prebuilt", "wizerjs", "runner"]),
    ("engine-shims/code-cache/src", &["engine_abi", "engine_prebuilt", "wizerjs", "runner"]),
    ("engine-shims/source-map/src", &["wasmtime", "engine_abi", "engine_prebuilt", "wizerjs", "runner"]),
    ("engine-shims/wasi/src", &["engine_abi", "engine_artifact", "engine_prebuilt", "wizerjs", "runner"]),
    ("wizerjs/src/source", &["wasmtime", "wasmparser", "wasm_encoder"]),
    ("wizerjs/src/initialize", &["oxc_parser", "oxc_ast", "engine_abi", "engine_prebuilt"]),
    ("wizerjs/src/snapshot", &["wasmtime", "oxc_parser", "oxc_ast", "engine_abi", "engine_prebuilt"]),
    ("wizerjs/src", &["runner"]),
];

#[test]
fn rooms_of_wizerjs_use_only_rooms_below_them() -> Result<()> {
    check(&WIZERJS)
}

#[test]
fn rooms_of_runner_use_only_rooms_below_them() -> Result<()> {
    check(&RUNNER)
}

#[test]
fn crates_are_named_only_where_they_may_be_known() -> Result<()> {
    let mut wrong = Vec::new();
    for (folder, crates) in UNKNOWN_TO {
        for file in sources(&repository().join(folder))? {
            let code = code(&fs::read_to_string(&file)?);
            let named = crates.iter().filter(|name| paths(&code, name).next().is_some());
            wrong.extend(named.map(|name| format!("{} names the crate `{name}`", shown(&file))));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[test]
fn paths_are_found_in_every_form() {
    let source =
        "use crate::{a, b::{c, d}, r#e}; // crate::no\nuse crate::f::g;\nfn h() { crate::i::j(); xcrate::no }\n";
    let code = code(source);
    let found: Vec<_> = paths(&code, "crate").map(|(line, name)| (line, name.to_owned())).collect();
    let expected = [(1, "a"), (1, "b"), (1, "r#e"), (2, "f"), (3, "i")];
    assert_eq!(found, expected.map(|(line, name)| (line, name.to_owned())));
}

#[test]
fn an_arrow_up_is_found() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("low"))?;
    fs::write(folder.path().join("high.rs"), "use crate::low::A;\n")?;
    fs::write(folder.path().join("low/mod.rs"), "mod part;\n")?;
    fs::write(folder.path().join("low/part.rs"), "use super::super::high::B;\n")?;
    let wrong = arrows_up(folder.path(), "program", &["high", "low"])?;
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].ends_with("low/part.rs:1: `low` uses `high`, which is above it"), "{wrong:?}");
    fs::write(folder.path().join("low/part.rs"), "fn f() { program::high::g() }\n")?;
    assert_eq!(arrows_up(folder.path(), "program", &["high", "low"])?.len(), 1);
    assert_eq!(arrows_up(folder.path(), "program", &["low", "high"])?.len(), 1, "the other way round");
    Ok(())
}

/// Whether the rooms are those of the list, and no arrow points up.
fn check(rooms: &Rooms) -> Result<()> {
    let root = repository().join(rooms.program).join("src");
    let mut listed = rooms.top_to_bottom.to_vec();
    listed.sort_unstable();
    ensure!(rooms_of(&root)? == listed, "rooms of {}: {:?}, listed: {listed:?}", rooms.program, rooms_of(&root)?);
    let wrong = arrows_up(&root, rooms.program, rooms.top_to_bottom)?;
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Names of the rooms in `root`, sorted.
fn rooms_of(root: &Path) -> Result<Vec<String>> {
    let mut rooms = Vec::new();
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let is_room = path.join("mod.rs").is_file() || path.extension().is_some_and(|ending| ending == "rs");
        if is_room && name != "lib" && name != "main" {
            rooms.push(name);
        }
    }
    rooms.sort_unstable();
    Ok(rooms)
}

/// Every use of a room by one below it.
fn arrows_up(root: &Path, program: &str, top_to_bottom: &[&str]) -> Result<Vec<String>> {
    let height = |room: &str| top_to_bottom.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    for file in sources(root)? {
        let module = module_of(root, &file)?;
        let Some(room) = module.first() else { continue };
        let from = height(room).with_context(|| format!("{} is in no room", shown(&file)))?;
        let code = code(&fs::read_to_string(&file)?);
        // A line that begins with `use` is not in a nested module, so this many `super` lead to the top.
        let from_below = format!("\nuse {}", vec!["super"; module.len()].join("::"));
        let used = ["crate", program, &from_below].into_iter().flat_map(|prefix| paths(&code, prefix));
        for (line, name) in used {
            if height(name).is_some_and(|to| to < from) {
                wrong.push(format!("{}:{line}: `{room}` uses `{name}`, which is above it", shown(&file)));
            }
        }
    }
    Ok(wrong)
}

/// The module that a file is, as names below the top; empty for the top itself.
fn module_of(root: &Path, file: &Path) -> Result<Vec<String>> {
    let path = file.strip_prefix(root)?.with_extension("");
    let names: Vec<_> = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    Ok(names.into_iter().filter(|name| !["mod", "lib", "main"].contains(&name.as_str())).collect())
}

/// The first names that follow `prefix::` in `code`, each with its line from 1.
fn paths<'a>(code: &'a str, prefix: &str) -> impl Iterator<Item = (usize, &'a str)> {
    let wanted = format!("{prefix}::");
    let mut found = Vec::new();
    for (at, _) in code.match_indices(&wanted) {
        let before = code[..at].chars().next_back();
        let is_whole = wanted.starts_with('\n') || !before.is_some_and(|c| is_name(c) || c == ':' || c == '$');
        if is_whole {
            let line = code[..at + wanted.len()].matches('\n').count();
            found.extend(first_names(&code[at + wanted.len()..]).into_iter().map(|name| (line, name)));
        }
    }
    found.into_iter()
}

/// The name that `text` begins with, or those of a group `{a::b, c}`.
fn first_names(text: &str) -> Vec<&str> {
    let Some(group) = text.strip_prefix('{') else { return vec![name_at_start(text)] };
    let (mut names, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    let _ = group.char_indices().try_for_each(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(name_at_start(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
        if c == '}' && start == at + 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    names.retain(|name| !name.is_empty());
    names
}

fn name_at_start(text: &str) -> &str {
    &text[..text.find(|c| !is_name(c) && c != '#').unwrap_or(text.len())]
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `source` without comments, and with a line break in front, which [`paths`] counts as none.
fn code(source: &str) -> String {
    source.lines().map(|line| format!("\n{}", line.split("//").next().unwrap_or_default())).collect()
}

/// Every file of Rust in `folder`, sorted.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    path.strip_prefix(repository()).unwrap_or(path).display().to_string()
}
