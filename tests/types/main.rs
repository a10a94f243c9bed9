//! What `wizerjs types` writes: TypeScript accepts it, and it names what the engine has, no more and no less. TypeScript
//! comes from npm; where the registries cannot be reached the tests are reported as ignored, with the reason.

use anyhow::{Context, Result, ensure};
use end_to_end::node::Node;
use end_to_end::program::{program, repository};
use end_to_end::server::Server;
use libtest_mimic::{Arguments, Failed, Trial};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

/// A test and its name.
type Test = (&'static str, fn(&Node) -> Result<()>);

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let tools = match Node::fetch(&repository().join("tests/types"), "types")? {
        Ok(tools) => Arc::new(tools),
        Err(reason) => {
            let name = format!("declarations, whose compiler cannot be fetched: {reason}");
            let trial = Trial::test(name, || Ok(())).with_ignored_flag(true);
            libtest_mimic::run(&arguments, vec![trial]).exit()
        }
    };
    let tests: [Test; 4] = [
        ("a_strict_compiler_accepts_the_declarations_and_the_sample", compiles),
        ("the_compiler_finds_mistakes", finds_mistakes),
        ("names_are_those_of_the_engine_and_of_the_sample", names_agree),
        ("the_sample_runs", sample_runs),
    ];
    let trials = tests.map(|(name, test)| {
        let tools = Arc::clone(&tools);
        Trial::test(name, move || test(&tools).map_err(|error| Failed::from(format!("{error:#}"))))
    });
    libtest_mimic::run(&arguments, trials.into()).exit()
}

/// A folder with the declarations, the sample and what compiles them, and the compiler's verdict.
fn compile(tools: &Node, change: impl Fn(String) -> String) -> Result<(tempfile::TempDir, Output)> {
    let project = tempfile::tempdir_in(tools.folder())?;
    write_declarations(project.path())?;
    fs::copy(source("tsconfig.json"), project.path().join("tsconfig.json"))?;
    let sample = fs::read_to_string(source("app.js"))?;
    fs::write(project.path().join("app.js"), change(sample))?;
    let compiler = tools.folder().join("node_modules/typescript/bin/tsc");
    let output = tools.command().arg(compiler).arg("-p").arg(project.path()).output()?;
    Ok((project, output))
}

fn source(name: &str) -> PathBuf {
    repository().join("tests/types").join(name)
}

fn write_declarations(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("wizerjs.d.ts");
    let output = program("wizerjs")?.args(["types", "-o"]).arg(&path).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = program("wizerjs")?.arg("types").output()?;
    ensure!(printed.status.success() && printed.stdout == fs::read(&path)?, "standard output has something else");
    Ok(path)
}

fn compiles(tools: &Node) -> Result<()> {
    let (_project, output) = compile(tools, |sample| sample)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// The test above can fail: one mistake for each way of going wrong.
fn finds_mistakes(tools: &Node) -> Result<()> {
    const MISTAKES: [(&str, &str); 3] = [
        ("new WebSocket('ws://x')", "Cannot find name 'WebSocket'"),
        ("new Response('').statusCode", "Property 'statusCode' does not exist on type 'Response'"),
        ("new CompressionStream('zip')", "is not assignable to parameter of type 'CompressionFormat'"),
    ];
    let (_project, output) =
        compile(tools, |sample| MISTAKES.iter().fold(sample, |sample, (mistake, _)| format!("{sample}{mistake};\n")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    for (mistake, complaint) in MISTAKES {
        ensure!(said.contains(complaint), "{mistake} is accepted: {said}");
    }
    Ok(())
}

fn names_agree(tools: &Node) -> Result<()> {
    let folder = tempfile::tempdir_in(tools.folder())?;
    write_declarations(folder.path())?;
    let answer = Server::start(&source("globals.js"), &[])?.get("/")?;
    ensure!(answer.status == 200, "{}", answer.text());
    fs::write(folder.path().join("engine.json"), &answer.body)?;
    fs::copy(source("compare.mjs"), folder.path().join("compare.mjs"))?;
    let output = tools
        .command()
        .current_dir(folder.path())
        .args(["compare.mjs", "wizerjs.d.ts", "engine.json"])
        .arg(source("app.js"))
        .output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}{errors}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

/// What type-checks does also work: each part of the sample answers with its own name.
fn sample_runs(_: &Node) -> Result<()> {
    let server = Server::start(&source("app.js"), &[])?;
    let answer = server.get("/")?;
    ensure!(answer.status == 200, "{}", server.stop()?.1);
    let results: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&answer.body).context("the answer")?;
    ensure!(!results.is_empty() && results.values().all(|result| result == "ok"), "{}", answer.text());
    Ok(())
}
