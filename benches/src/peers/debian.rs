//! Packages of Debian, unpacked into a folder: the system stays as it is, and nobody has to be root.

use anyhow::{Context, Result, ensure};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where libraries of 64-bit processors of Intel's kind are.
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";

/// A folder with what is in a package and in those that it needs and the system lacks. It is complete when it is there.
pub(super) fn install(folder: &Path, name: &str) -> Result<PathBuf> {
    let folder = folder.join("debian");
    let complete = folder.join(name);
    if complete.is_dir() {
        return Ok(complete);
    }
    std::fs::create_dir_all(&folder)?;
    let partial = tempfile::tempdir_in(&folder)?;
    let simulated = run(Command::new("apt-get").args(["install", "--simulate", "--no-install-recommends", name]))
        .with_context(|| format!("no package {name} (`apt-get update` once?)"))?;
    // `Inst NAME (VERSION …)`
    let listed = String::from_utf8_lossy(&simulated.stdout).into_owned();
    let mut needed: Vec<&str> =
        listed.lines().filter_map(|line| line.strip_prefix("Inst ")?.split(' ').next()).collect();
    if !needed.contains(&name) {
        // It is installed already.
        needed.push(name);
    }
    run(Command::new("apt-get").arg("download").args(&needed).current_dir(partial.path()))?;
    let root = partial.path().join("root");
    for entry in std::fs::read_dir(partial.path())? {
        let package = entry?.path();
        if package.extension().is_some_and(|ending| ending == "deb") {
            run(Command::new("dpkg-deb").arg("--extract").arg(&package).arg(&root))?;
            if package.file_name().is_some_and(|file| file.to_string_lossy().starts_with(&format!("{name}_"))) {
                let version = run(Command::new("dpkg-deb").arg("--field").arg(&package).arg("Version"))?;
                std::fs::write(version_file(&root, name), version.stdout)?;
            }
        }
    }
    std::fs::rename(&root, &complete)?;
    Ok(complete)
}

/// The version of an unpacked package.
pub(super) fn version(root: &Path, name: &str) -> String {
    std::fs::read_to_string(version_file(root, name)).unwrap_or_default().trim().to_owned()
}

fn version_file(root: &Path, name: &str) -> PathBuf {
    root.join(format!("{name}.version"))
}

/// Words of the command line of a program in an unpacked package.
pub(super) fn command(root: &Path, name: &str) -> Vec<OsString> {
    let libraries = root.join(LIBRARIES);
    let variable = |name: &str, value: String| OsString::from(format!("{name}={value}"));
    let types = libraries.join("girepository-1.0");
    let own_types = libraries.join(name).join("girepository-1.0");
    vec![
        "env".into(),
        variable("LD_LIBRARY_PATH", libraries.display().to_string()),
        variable("GI_TYPELIB_PATH", format!("{}:{}", types.display(), own_types.display())),
        root.join("usr/bin").join(name).into(),
    ]
}

fn run(command: &mut Command) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot start {name}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    let reason = errors.lines().find(|line| line.starts_with("E: ")).or_else(|| errors.lines().next_back());
    ensure!(output.status.success(), "{name}: {}", reason.unwrap_or("no reason"));
    Ok(output)
}
