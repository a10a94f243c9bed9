//! `wizerjs new`: a project to start from.

use super::{Common, Usage};
use anyhow::{Context, Result, ensure};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Start a project
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder to make; its last part is the project's name
    folder: PathBuf,
    /// What is in it
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Template::Ts)]
    template: Template,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Template {
    /// A handler in TypeScript; needs no package
    Ts,
    /// Routes and JSX with Hono
    Hono,
    /// React, rendered to a stream
    React,
}

/// A file of a template: its path, and its text.
type File = (&'static str, &'static str);

const IGNORED: File = (".gitignore", include_str!("templates/gitignore"));

const TS: &[File] = &[
    IGNORED,
    ("src/index.ts", include_str!("templates/ts/index.ts")),
    ("tsconfig.json", include_str!("templates/ts/tsconfig.json")),
    ("wizerjs.toml", include_str!("templates/ts/wizerjs.toml")),
];

const HONO: &[File] = &[
    IGNORED,
    ("package.json", include_str!("templates/hono/package.json")),
    ("src/index.tsx", include_str!("templates/hono/index.tsx")),
    ("tsconfig.json", include_str!("templates/hono/tsconfig.json")),
    ("wizerjs.toml", include_str!("templates/hono/wizerjs.toml")),
];

const REACT: &[File] = &[
    IGNORED,
    ("package.json", include_str!("templates/react/package.json")),
    ("src/index.tsx", include_str!("templates/react/index.tsx")),
    ("tsconfig.json", include_str!("templates/react/tsconfig.json")),
    ("wizerjs.toml", include_str!("templates/react/wizerjs.toml")),
];

/// What the name of a project stands for in a file.
const NAME: &str = "NAME";

impl Template {
    fn files(self) -> &'static [File] {
        match self {
            Self::Ts => TS,
            Self::Hono => HONO,
            Self::React => REACT,
        }
    }

    /// Whether packages have to be installed.
    fn has_packages(self) -> bool {
        self.files().iter().any(|(path, _)| *path == "package.json")
    }
}

pub(crate) fn run(args: Args, common: Common) -> Result<()> {
    let name = name(&args.folder)?;
    make(&args.folder)?;
    for (path, text) in args.template.files() {
        let path = args.folder.join(path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::write(&path, text.replace(NAME, &name)).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if common.quiet {
        return Ok(());
    }
    super::print(&format!("{}: a project; go on with\n", args.folder.display()))?;
    for command in commands(&args.folder, args.template) {
        super::print(&format!("  {command}"))?;
    }
    Ok(())
}

/// What to type next.
fn commands(folder: &Path, template: Template) -> impl Iterator<Item = String> {
    let install = template.has_packages().then(|| "npm install".to_owned());
    let types = "wizerjs types -o wizerjs.d.ts".to_owned();
    [format!("cd {}", quoted(folder))].into_iter().chain(install).chain([types, "runner dev".to_owned()])
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@".contains(&byte));
    if is_plain && !path.starts_with('-') { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

/// The project's name: one that a package can have. <https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name>
fn name(folder: &Path) -> Result<String, Usage> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte));
    if is_name && name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Ok(name.to_owned());
    }
    Err(Usage(format!(
        "'{}' cannot be the name of a project; take lower-case letters, digits, - and _, as my-app",
        folder.display()
    )))
}

/// Make the project's folder, unless it is there and empty.
fn make(folder: &Path) -> Result<()> {
    match std::fs::read_dir(folder) {
        Ok(mut entries) => ensure!(entries.next().is_none(), "{}: is not empty; name another folder", folder.display()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    }
    Ok(())
}
