//! `THIRD-PARTY.md` names everything of others that the two programs hold, with its licence, and has the licences' texts.
//!
//! `BLESS=1` writes it: from the crates that cargo resolves for the programs, from the engine's manifest, and from the lock
//! files of what the engine is built from. The check needs no crate of the engine's workspace, which an ordinary build never
//! downloads: of those, the names and versions are compared.

use anyhow::{Context, Result, ensure};
use end_to_end::program::repository;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The file that is checked.
const FILE: &str = "THIRD-PARTY.md";

/// Where the part about the engine begins.
const ENGINE_HEADING: &str = "# The engine\n";

/// What the part about the programs says first.
const PREFACE: &str = "# The programs

Written by `BLESS=1 cargo test --release --workspace --test third_party`, and checked by it. `wizerjs` and `runner` hold the
crates of this table, and the engine, which the second half is about. Where a licence can be chosen, it is Apache-2.0, whose text
is in [LICENSE](LICENSE); texts of the other licences follow the table.

";

/// The licence that packages name when they bring no text of it.
const MIT: &str =
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the \"Software\"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.";

#[test]
fn the_programs_parts_are_named() -> Result<()> {
    let programs = format!("{PREFACE}{}", section(&crates_of_programs()?)?);
    let path = repository().join(FILE);
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, format!("{programs}{ENGINE_HEADING}{}", engine()?))?;
        return Ok(());
    }
    let written = fs::read_to_string(&path).context(FILE)?;
    let (written, _) = written.split_once(ENGINE_HEADING).context("no part about the engine")?;
    let first = written.lines().zip(programs.lines()).find(|(written, now)| written != now);
    ensure!(written == programs, "{FILE} is old (BLESS=1 writes it anew), first at {first:?}");
    Ok(())
}

#[test]
fn the_engines_parts_are_named() -> Result<()> {
    let written = fs::read_to_string(repository().join(FILE)).context(FILE)?;
    let (_, written) = written.split_once(ENGINE_HEADING).context("no part about the engine")?;
    for component in &engine_prebuilt::spidermonkey()?.manifest().components {
        ensure!(written.contains(&row(&component.name, &component.source, &component.licence)), "{}", component.name);
    }
    let rows: BTreeSet<(String, String)> = written.lines().filter_map(row_start).collect();
    for (name, version) in locked_crates()?.into_iter().chain(npm_packages()?.into_keys()) {
        ensure!(
            rows.contains(&(name.clone(), version.clone())),
            "{FILE} lacks {name} {version} (BLESS=1 writes it anew)"
        );
    }
    Ok(())
}

#[test]
fn a_licence_that_can_be_chosen_needs_no_text() {
    for chosen in ["Apache-2.0", "MIT OR Apache-2.0", "MIT/Apache-2.0", "Apache-2.0 WITH LLVM-exception OR MIT"] {
        assert!(!needs_text(chosen), "{chosen}");
    }
    for given in ["MIT", "(MIT OR Apache-2.0) AND Unicode-3.0", "BSD-3-Clause", "Unlicense OR MIT"] {
        assert!(needs_text(given), "{given}");
    }
}

/// A crate as cargo describes it.
struct Package {
    name: String,
    version: String,
    licence: String,
    authors: Vec<String>,
    folder: String,
}

impl Package {
    fn of(json: &Value) -> Self {
        let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
        let authors = json["authors"].as_array().into_iter().flatten();
        let folder = Path::new(json["manifest_path"].as_str().unwrap_or_default()).parent();
        Self {
            name: text("name"),
            version: text("version"),
            licence: text("license"),
            authors: authors.filter_map(|author| Some(author.as_str()?.to_owned())).collect(),
            folder: folder.unwrap_or(Path::new("")).display().to_string(),
        }
    }
}

/// What cargo knows of the workspace at `folder`.
fn metadata(folder: &Path, more: &[&str]) -> Result<Value> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--locked", "--format-version", "1"]).args(more);
    let output = command.current_dir(folder).output().context("cannot run cargo")?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Crates of others that `wizerjs` and `runner` are linked from: neither tests' nor build scripts'.
fn crates_of_programs() -> Result<Vec<Package>> {
    let metadata = metadata(repository(), &["--filter-platform", "x86_64-unknown-linux-gnu"])?;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"]).into_iter().map(|package| (package["id"].to_string(), package)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|node| (node["id"].to_string(), node)).collect();
    let is_ours = |package: &Value| package["source"].is_null();
    let is_program =
        |package: &Value| is_ours(package) && (package["name"] == "wizerjs" || package["name"] == "runner");
    let mut waiting: Vec<&String> =
        packages.iter().filter(|(_, package)| is_program(package)).map(|(id, _)| id).collect();
    let mut reached = BTreeSet::new();
    let mut ids = Vec::new();
    for (id, node) in &nodes {
        for dependency in list(&node["deps"]) {
            let is_linked = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
            if is_linked {
                ids.push((id, dependency["pkg"].to_string()));
            }
        }
    }
    while let Some(id) = waiting.pop() {
        if reached.insert(id) {
            waiting.extend(ids.iter().filter(|(from, _)| *from == id).map(|(_, to)| to));
        }
    }
    let of_others = reached.into_iter().filter_map(|id| packages.get(id)).filter(|package| !is_ours(package));
    Ok(sorted(of_others.map(Package::of).collect()))
}

fn sorted(mut packages: Vec<Package>) -> Vec<Package> {
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    packages
}

/// What the engine consists of.
fn engine() -> Result<String> {
    let mut text = "\nWhat `engine-shims/prebuilt/spidermonkey` was built from; sources with their digests are named in
`engine-shims/spidermonkey`. SpiderMonkey and the crates `mozjs` and `mozjs_sys` are under the Mozilla Public License 2.0,
<https://mozilla.org/MPL/2.0/>: their source is what crates.io has, with the patches of `engine-shims/spidermonkey/patches`.

| what | from | licence |\n|---|---|---|\n"
        .to_owned();
    for component in &engine_prebuilt::spidermonkey()?.manifest().components {
        text.push_str(&row(&component.name, &component.source, &component.licence));
    }
    text.push_str("\nPackages of npm:\n\n| package | version | licence |\n|---|---|---|\n");
    for ((name, version), licence) in npm_packages()? {
        text.push_str(&row(&name, &version, &licence));
    }
    text.push_str("\nCrates, those of build scripts and of other platforms among them:\n\n");
    let metadata = metadata(&guest(), &[])?;
    let crates = metadata["packages"].as_array().into_iter().flatten().filter(|package| !package["source"].is_null());
    text.push_str(&section(&sorted(crates.map(Package::of).collect()))?);
    Ok(text)
}

fn guest() -> std::path::PathBuf {
    repository().join("engine-shims/spidermonkey")
}

/// Names and versions of the guest's crates that come from a registry.
fn locked_crates() -> Result<Vec<(String, String)>> {
    let lock = fs::read_to_string(guest().join("Cargo.lock"))?;
    let value = |package: &str, key: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")))?;
        Some(line.trim_matches('"').to_owned())
    };
    let packages = lock.split("[[package]]").skip(1).filter(|package| value(package, "source").is_some());
    packages.map(|package| value(package, "name").zip(value(package, "version")).context("Cargo.lock")).collect()
}

/// Packages of npm that are in the engine or in the build tool, with their licences.
fn npm_packages() -> Result<BTreeMap<(String, String), String>> {
    let lock: Value = serde_json::from_slice(&fs::read(guest().join("src/builtins/package-lock.json"))?)?;
    let packages = lock["packages"].as_object().context("package-lock.json")?;
    let used = packages.iter().filter(|(path, package)| !path.is_empty() && package["dev"] != true);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: BTreeMap<(String, String), String> = used
        .map(|(path, package)| {
            let name = path.trim_start_matches("node_modules/").to_owned();
            ((name, text(&package["version"])), text(&package["license"]))
        })
        .collect();
    let pack = fs::read_to_string(repository().join("wizerjs/node/pack.sh"))?;
    let polyfills = pack.lines().find_map(|line| line.strip_prefix("package='")).context("pack.sh names no package")?;
    let (name, version) = polyfills.trim_end_matches('\'').rsplit_once('@').context("a package without a version")?;
    found.insert((name.to_owned(), version.to_owned()), "Apache-2.0".to_owned());
    Ok(found)
}

/// A table of crates, and the texts of their licences.
fn section(packages: &[Package]) -> Result<String> {
    let mut text = "| crate | version | licence |\n|---|---|---|\n".to_owned();
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    for package in packages {
        text.push_str(&row(&package.name, &package.version, &package.licence));
        for licence in licences(package)? {
            match texts.iter_mut().find(|(known, _)| words(known) == words(&licence)) {
                Some((_, users)) => users.push(package.name.clone()),
                None => texts.push((licence, vec![package.name.clone()])),
            }
        }
    }
    for (licence, users) in texts {
        write!(text, "\n## {}\n\n````text\n{}\n````\n", users.join(", "), licence.trim_end())?;
    }
    text.push('\n');
    Ok(text)
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// The texts that have to go with a crate: notices always, licences where there is no choice of Apache-2.0.
fn licences(package: &Package) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(&package.folder).with_context(|| package.folder.clone())? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let upper = name.to_uppercase();
        let is_licence = ["LICEN", "COPY", "UNLICENSE"].iter().any(|start| upper.starts_with(start));
        if upper.starts_with("NOTICE") || is_licence && needs_text(&package.licence) {
            names.push(name);
        }
    }
    names.sort_unstable();
    let mut texts = Vec::new();
    for path in names.iter().map(|name| Path::new(&package.folder).join(name)).filter(|path| path.is_file()) {
        let text = String::from_utf8_lossy(&fs::read(&path)?).replace('\r', "");
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        texts.push(lines.join("\n"));
    }
    if texts.is_empty() && package.licence == "MIT" {
        let authors = if package.authors.is_empty() { "its authors".to_owned() } else { package.authors.join(", ") };
        texts.push(format!("Copyright (c) {authors}\n\n{MIT}"));
    }
    Ok(texts)
}

/// Whether Apache-2.0 cannot be chosen.
fn needs_text(licence: &str) -> bool {
    let alternatives = licence.split(['/', '(', ')']).flat_map(|part| part.split(" OR ")).map(str::trim);
    let mut alternatives = alternatives.filter(|part| !part.is_empty());
    licence.contains(" AND ") || !alternatives.any(|part| part.starts_with("Apache-2.0"))
}

/// A row of a table.
fn row(name: &str, second: &str, licence: &str) -> String {
    format!("| {name} | {second} | {licence} |\n")
}

/// The first two cells of a row.
fn row_start(line: &str) -> Option<(String, String)> {
    let (name, rest) = line.strip_prefix("| ")?.split_once(" | ")?;
    Some((name.to_owned(), rest.split_once(" | ")?.0.to_owned()))
}
