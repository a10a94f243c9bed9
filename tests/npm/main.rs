//! Applications that use packages from npm: each of `cases/` is built and served, its answer is that of Node.js for the same
//! source, and its instance is kept from request to request without page faults. Where the registries cannot be reached the tests are reported as ignored, with the reason.

use anyhow::{Context, Result, ensure};
use end_to_end::http::Request;
use end_to_end::node::Node;
use end_to_end::program::{engine_args, program, repository};
use end_to_end::server::Server;
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How often an application is asked: the first answer comes from a fresh instance, the others from one that was reset.
/// Often enough for its instance to be looked at closely, and to have its pages noted anew if that is worth it.
const ASKED: usize = 100;

/// Of these, the last ones for which page faults are counted.
const COUNTED: usize = 8;

/// Page faults of the server in one of those requests, at most: writing the answer and the log has some, an instance made
/// anew has a thousand.
const FAULTS_MAX: usize = 10;

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let source = repository().join("tests/npm");
    let node = match Node::fetch(&source, "packages")? {
        Ok(node) => Arc::new(node),
        Err(reason) => {
            let name = format!("npm, whose packages cannot be fetched: {reason}");
            let trial = Trial::test(name, || Ok(())).with_ignored_flag(true);
            libtest_mimic::run(&arguments, vec![trial]).exit()
        }
    };
    let mut cases: Vec<_> =
        fs::read_dir(source.join("cases"))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    cases.sort();
    ensure!(!cases.is_empty(), "no cases");
    let trials = cases.into_iter().map(|case| {
        let node = Arc::clone(&node);
        let name = file_name(&case);
        Trial::test(name, move || compare(&node, &case).map_err(|error| Failed::from(format!("{error:#}"))))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether an application answers here what it answers in Node.js.
fn compare(node: &Node, case: &Path) -> Result<()> {
    // Packages are found from the file that imports them.
    let folder = tempfile::tempdir_in(node.folder())?;
    let entry = folder.path().join(file_name(case));
    fs::copy(case, &entry)?;
    let expected = answer_of_node(node, &entry, folder.path())?;
    ensure!(!expected.is_empty(), "Node.js answers nothing");

    let artifact = build(&entry, folder.path())?;
    let server = Server::start(&artifact, &["--log-level", "info,guest=debug,runner=debug"])?;
    let mut connection = server.connect()?;
    let mut faults_before = 0;
    for asked in 0..ASKED {
        if asked == ASKED - COUNTED {
            faults_before = minor_faults(server.id())?;
        }
        let response = connection.send(&Request::get("/"))?;
        if response.status != 200 {
            anyhow::bail!("{}: {}", response.status, server.stop()?.1);
        }
        let found = response.text();
        ensure!(found == expected, "{}", difference(&expected, &found));
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

fn answer_of_node(node: &Node, entry: &Path, folder: &Path) -> Result<String> {
    let script = folder.join("ask.mjs");
    fs::copy(repository().join("tests/npm/ask.mjs"), &script).context("ask.mjs")?;
    let output = node.command().arg(script).arg(entry).arg(folder).output()?;
    ensure!(output.status.success(), "Node.js: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

fn build(entry: &Path, folder: &Path) -> Result<PathBuf> {
    let artifact = folder.join("app.wasm");
    let output = program("wizerjs")?.arg("build").arg(entry).arg("-o").arg(&artifact).args(engine_args()).output()?;
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
