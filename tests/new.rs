//! `wizerjs new`: the commands that it prints are run as they are, and what they start answers. Templates with packages need
//! Node.js and npm; where the registries cannot be reached they are reported as ignored, with the reason.

use anyhow::{Context, Result, ensure};
use end_to_end::http::Request;
use end_to_end::node::Node;
use end_to_end::program::{program, repository, shell};
use end_to_end::server::Server;
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

/// Files of a template, at most.
const FILES_MAX: usize = 5;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let node = Node::fetch(&repository().join("tests/types"), "types")?.map(Arc::new);
    let mut trials = vec![Trial::test("ts", || run(None, "ts", "Hello from GET /\n"))];
    trials.push(Trial::test("names_and_folders_are_checked", || check().map_err(failed)));
    for (template, answer) in [("hono", "Hello from Hono"), ("react", "from React, at ")] {
        trials.push(match &node {
            Ok(node) => {
                let node = Arc::clone(node);
                Trial::test(template, move || run(Some(&node), template, answer))
            }
            Err(reason) => Trial::test(format!("{template}, {reason}"), || Ok(())).with_ignored_flag(true),
        });
    }
    libtest_mimic::run(&arguments, trials).exit()
}

fn failed(error: anyhow::Error) -> Failed {
    Failed::from(format!("{error:#}"))
}

fn run(node: Option<&Node>, template: &str, answer: &str) -> Result<(), Failed> {
    start(node, template, answer).map_err(failed)
}

fn start(node: Option<&Node>, template: &str, answer: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut new = program("wizerjs")?;
    let made = new.args(["new", "my-app", "--template", template]).current_dir(folder.path()).output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let files = files(&folder.path().join("my-app"))?;
    ensure!((1..=FILES_MAX).contains(&files), "{files} files");
    let printed = String::from_utf8(made.stdout)?;
    let commands: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("  ")).collect();
    let (last, before) = commands.split_last().context("no commands")?;
    ensure!(*last == "runner dev" && before.first() == Some(&"cd my-app"), "{printed}");
    // The shell gives way to the server, so that it is the one that is stopped.
    let line = format!("set -e\n{{\n{}\n}} > npm.log 2>&1\nexec {last}", before.join("\n"));
    let mut command = shell(&["sh", "-c", &line])?;
    command.current_dir(folder.path()).env("RUNNER_ADDR", "127.0.0.1:0");
    if let Some(node) = node {
        let programs = programs(node, folder.path())?;
        let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path).unwrap_or_default();
        let paths = std::iter::once(programs).chain(std::env::split_paths(path)).collect::<Vec<_>>();
        command.env("PATH", std::env::join_paths(paths)?);
    }
    let server = match Server::of(command) {
        Ok((server, _)) => server,
        Err(error) => {
            let log = fs::read_to_string(folder.path().join("npm.log")).unwrap_or_default();
            return Err(error.context(log));
        }
    };
    let response = server.send(&Request::get("/"))?;
    ensure!(response.status == 200 && response.text().contains(answer), "{}: {}", response.status, response.text());
    let types = fs::read_to_string(folder.path().join("my-app/wizerjs.d.ts"))?;
    ensure!(types.contains("interface Env {\n  readonly GREETING: string;\n}"), "no Env");
    if let Some(node) = node {
        type_check(node, &folder.path().join("my-app"))?;
    }
    Ok(())
}

/// Whether TypeScript accepts what is in the template.
fn type_check(node: &Node, project: &Path) -> Result<()> {
    let compiler = node.folder().join("node_modules/typescript/bin/tsc");
    let output = node.command().arg(compiler).arg("-p").arg(project).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// A folder with `node` and `npm`.
fn programs(node: &Node, folder: &Path) -> Result<std::path::PathBuf> {
    let programs = folder.join("bin");
    fs::create_dir(&programs)?;
    let node = node.command().get_program().to_owned();
    let node = Path::new(&node).canonicalize()?;
    let npm = node.with_file_name("../lib/node_modules/npm/bin/npm-cli.js");
    for (name, line) in [
        ("node", format!("exec '{}' \"$@\"", node.display())),
        ("npm", format!("exec '{}' '{}' \"$@\"", node.display(), npm.display())),
    ] {
        let path = programs.join(name);
        fs::write(&path, format!("#!/bin/sh\n{line}\n"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(programs)
}

/// How many files there are in a folder and in those in it.
fn files(folder: &Path) -> Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        count += if path.is_dir() { files(&path)? } else { 1 };
    }
    Ok(count)
}

fn check() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::create_dir(folder.path().join("taken"))?;
    fs::write(folder.path().join("taken/file"), "")?;
    for (name, code, said) in [
        ("taken", 1, "error: taken: is not empty; name another folder\n"),
        ("My App", 2, "error: 'My App' cannot be the name of a project; "),
        ("..", 2, "error: '..' cannot be the name of a project; "),
        ("-x", 2, "error: "),
    ] {
        let output = program("wizerjs")?.args(["new", name]).current_dir(folder.path()).output()?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(code) && error.starts_with(said), "{name}: {:?} {error}", output.status);
    }
    Ok(())
}
