//! Applications that use packages from npm: each of `cases/` is built and served, its answer is that of Node.js for the same
//! source, and its instance is kept from request to request without page faults; each of `refused/` fails, as it says. The
//! table in `README.md` is what was found: `BLESS=1` writes it. Where the registries cannot be reached the tests are reported
//! as ignored, with the reason.

mod table;

use anyhow::{Context, Result, bail, ensure};
use end_to_end::http::Request;
use end_to_end::node::Node;
use end_to_end::program::{engine_args, program, repository};
use end_to_end::server::Server;
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use table::{Row, Table};

/// How often an application is asked: the first answer comes from a fresh instance, the others from one that was reset.
/// Often enough for its instance to be looked at closely, and to have its pages noted anew if that is worth it.
const ASKED: usize = 100;

/// Of these, the last ones for which page faults are counted.
const COUNTED: usize = 8;

/// Page faults of the server in one of those requests, at most: writing the answer and the log has some, an instance made
/// anew has a thousand.
const FAULTS_MAX: usize = 10;

/// How the line begins that says why an application is refused.
const WHY: &str = "// why: ";

/// How the line begins that has a part of what is said then.
const SAYS: &str = "// says: ";

fn folder() -> PathBuf {
    repository().join("tests/apps")
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let node = match Node::fetch(&folder(), "packages")? {
        Ok(node) => Arc::new(node),
        Err(reason) => {
            let name = format!("applications, whose packages cannot be fetched: {reason}");
            let trial = Trial::test(name, || Ok(())).with_ignored_flag(true);
            libtest_mimic::run(&arguments, vec![trial]).exit()
        }
    };
    let table = Arc::new(Table::default());
    let trial = |path: PathBuf, test: fn(&Node, &Path) -> Result<Row>| {
        let (node, table) = (Arc::clone(&node), Arc::clone(&table));
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Trial::test(name.clone(), move || {
            let row = test(&node, &path).map_err(|error| Failed::from(format!("{error:#}")))?;
            table.add(name, row);
            Ok(())
        })
    };
    let mut trials: Vec<Trial> = entries("cases")?.into_iter().map(|path| trial(path, works)).collect();
    trials.extend(entries("refused")?.into_iter().map(|path| trial(path, is_refused)));
    let all = trials.len();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() {
        return Ok(conclusion.exit_code());
    }
    // Some of them say nothing about the table.
    if conclusion.num_passed as usize == all {
        table.check(&folder().join("README.md"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is in one of the folders beside this file.
fn entries(name: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder().join(name))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    ensure!(!paths.is_empty(), "nothing in {name}");
    paths.sort();
    Ok(paths)
}

/// An application in a folder of its own, from which its packages are found.
struct Case {
    folder: tempfile::TempDir,
    entry: PathBuf,
    text: String,
}

impl Case {
    /// A file, or a folder with `app.js` and a `prepare.mjs` that is run in it first.
    fn copied(node: &Node, path: &Path) -> Result<Self> {
        let folder = tempfile::tempdir_in(node.folder())?;
        let copy = |path: &Path| {
            let target = folder.path().join(path.file_name().context("a name")?);
            fs::copy(path, &target)?;
            Ok::<_, anyhow::Error>(target)
        };
        let entry = if path.is_dir() {
            for entry in fs::read_dir(path)? {
                copy(&entry?.path())?;
            }
            let output = node.command().arg("prepare.mjs").current_dir(folder.path()).output()?;
            ensure!(output.status.success(), "prepare.mjs: {}", String::from_utf8_lossy(&output.stderr));
            folder.path().join("app.js")
        } else {
            copy(path)?
        };
        let text = fs::read_to_string(&entry)?;
        Ok(Self { folder, entry, text })
    }

    /// What follows this at the beginning of a line of the source.
    fn said(&self, start: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix(start))
    }
}

/// Whether an application answers here what it answers in Node.js.
fn works(node: &Node, path: &Path) -> Result<Row> {
    let case = Case::copied(node, path)?;
    let expected = answer_of_node(node, &case)?;
    ensure!(!expected.is_empty(), "Node.js answers nothing");
    let artifact = build(&case)?;
    answers(&artifact, &expected)?;
    Row::new(&case.text, None, fs::metadata(artifact)?.len())
}

/// Whether an application that works in Node.js fails here, saying what it is said to say.
fn is_refused(node: &Node, path: &Path) -> Result<Row> {
    let case = Case::copied(node, path)?;
    let (why, says) = (case.said(WHY).context("no reason")?, case.said(SAYS).context("nothing is said")?);
    let failed = build(&case).and_then(|artifact| {
        // What Node.js answers, if it does, is not worth comparing: here it has to fail.
        answers(&artifact, "")
    });
    match failed {
        Ok(()) => bail!("it works; move it to cases"),
        Err(error) => {
            let error = format!("{error:#}");
            ensure!(error.contains(says), "{says:?} is not said: {error}");
        }
    }
    Row::new(&case.text, Some(why), 0)
}

fn answers(artifact: &Path, expected: &str) -> Result<()> {
    let server = Server::start(artifact, &["--log-level", "info,guest=debug,runner=debug"])?;
    let mut connection = server.connect()?;
    let mut faults_before = 0;
    for asked in 0..ASKED {
        if asked == ASKED - COUNTED {
            faults_before = minor_faults(server.id())?;
        }
        let response = connection.send(&Request::get("/"))?;
        if response.status != 200 {
            bail!("{}: {}", response.status, server.stop()?.1);
        }
        let found = response.text();
        ensure!(found == expected, "{}", difference(expected, &found));
    }
    let faults = (minor_faults(server.id())? - faults_before) / COUNTED;
    ensure!(faults <= FAULTS_MAX, "{faults} page faults a request, more than {FAULTS_MAX}");
    let log = server.stop()?.1;
    ensure!(!log.contains("instance not kept"), "{log}");
    Ok(())
}

/// Page faults of a process so far: the tenth field of its `stat`, the eighth behind its name in brackets.
fn minor_faults(process: u32) -> Result<usize> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields = stat.rsplit_once(')').context("no name")?.1;
    Ok(fields.split_whitespace().nth(7).context("too short")?.parse()?)
}

fn answer_of_node(node: &Node, case: &Case) -> Result<String> {
    let script = case.folder.path().join("ask.mjs");
    fs::copy(folder().join("ask.mjs"), &script).context("ask.mjs")?;
    let output = node.command().arg(script).arg(&case.entry).arg(case.folder.path()).output()?;
    ensure!(output.status.success(), "Node.js: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn build(case: &Case) -> Result<PathBuf> {
    let artifact = case.folder.path().join("app.wasm");
    let mut command = program("wizerjs")?;
    let output = command.arg("build").arg(&case.entry).arg("-o").arg(&artifact).args(engine_args()).output()?;
    ensure!(output.status.success(), "wizerjs: {}", String::from_utf8_lossy(&output.stderr));
    Ok(artifact)
}

/// Where two answers begin to differ.
fn difference(expected: &str, found: &str) -> String {
    const SHOWN_CHARS: usize = 200;
    let same = expected.chars().zip(found.chars()).take_while(|(one, other)| one == other).count();
    let around = |text: &str| text.chars().skip(same.saturating_sub(40)).take(SHOWN_CHARS).collect::<String>();
    format!("from character {same} on\nNode.js: …{}\nhere:    …{}", around(expected), around(found))
}
