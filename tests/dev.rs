//! `runner dev`: what is saved is served, what cannot be built is said and changes nothing, and what was said before.

use anyhow::{Context, Result, bail, ensure};
use end_to_end::http::{Request, Response};
use end_to_end::program::{program, shell};
use end_to_end::server::Server;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Savings that are measured.
const SAVINGS: usize = 9;

/// Time from saving a file to the new answer, at most, as multiples of a build in a process of its own.
const SAVING_MAX_BUILDS: f64 = 3.0;

fn app(text: &str) -> String {
    format!(
        "export default {{ fetch: () => new Response({text:?}, {{ headers: {{ 'content-type': 'text/html' }} }}) }};\n"
    )
}

/// Ask until the answer is of this kind.
fn wait_for(server: &Server, request: &Request, is_it: impl Fn(&Response) -> bool) -> Result<Response> {
    let start = Instant::now();
    let mut connection = server.connect()?;
    loop {
        let response = connection.send(request)?;
        if is_it(&response) {
            return Ok(response);
        }
        ensure!(start.elapsed() < PATIENCE, "{}: {}", response.status, response.text());
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn wait_for_text(server: &Server, text: &str) -> Result<()> {
    wait_for(server, &Request::get("/"), |response| response.text() == text).map(drop)
}

/// How the builds went, once there were more than `seen`.
fn state(server: &Server, seen: u64) -> Result<Value> {
    Ok(serde_json::from_slice(&server.get(&format!("/__runner/state?seen={seen}"))?.body)?)
}

fn page(path: &str) -> Request {
    Request::get(path).header("accept", "text/html,*/*")
}

#[test]
fn a_saved_file_is_served_and_a_broken_one_keeps_the_last_that_was_good() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let entry = folder.path().join("app.js");
    fs::write(&entry, app("one"))?;
    let server = Server::start_dev(folder.path(), &["app.js"])?;
    ensure!(server.get("/")?.text() == "one", "the first request waits for the first build");
    fs::write(&entry, app("two"))?;
    wait_for_text(&server, "two")?;
    let good = state(&server, 0)?;
    ensure!(good["app"] == good["builds"] && good["failure"].is_null(), "{good}");

    fs::write(&entry, "export default { fetch() { return new Response('three' }\n")?;
    let bad = state(&server, good["builds"].as_u64().context("builds")?)?;
    let failure = bad["failure"].as_str().context("a failure")?;
    ensure!(failure.starts_with("app.js:1:") && failure.contains("SyntaxError"), "{failure}");
    ensure!(bad["app"] == good["app"], "{bad}");
    ensure!(server.get("/")?.text() == "two", "the last good one is served");
    // Saved again, and as broken as before: nothing is said.
    fs::write(&entry, "export default { fetch() { return new Response('three' }\n")?;

    let shown = server.send(&page("/"))?;
    let script = format!("\n<script src=\"/__runner/client.js\" data-build=\"{}\"></script>\n", good["app"]);
    ensure!(shown.text() == format!("two{script}"), "{}", shown.text());
    let client = server.get("/__runner/client.js")?;
    ensure!(client.header("content-type") == Some("text/javascript; charset=utf-8"), "{:?}", client.headers);

    fs::write(&entry, app("three"))?;
    wait_for_text(&server, "three")?;
    let mended = state(&server, 0)?;
    ensure!(mended["app"].as_u64() > good["app"].as_u64() && mended["failure"].is_null(), "{mended}");
    let (status, log) = server.stop()?;
    ensure!(status.success(), "{status}");
    ensure!(log.matches("error: app.js:1:").count() == 1, "{log}");
    ensure!(log.matches("app.js changed: built in ").count() == 2, "{log}");
    ensure!(log.contains("GET / 200 ") && log.contains(" ms"), "{log}");
    ensure!(!log.contains("__runner"), "{log}");
    Ok(())
}

#[test]
fn an_application_that_never_built_says_so_until_it_is_mended() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(
        folder.path().join("app.js"),
        "import { text } from './parts/text.js';\nexport default { fetch: () => new Response(text) };\n",
    )?;
    let server = Server::start_dev(folder.path(), &["app.js"])?;
    let said = server.get("/")?;
    ensure!(said.status == 500 && said.text().starts_with("the build failed: app.js:1:"), "{}", said.text());
    let said = server.send(&page("/"))?;
    ensure!(said.status == 500 && said.text().contains("<h1>The build failed</h1>\n<pre>app.js:1:"), "{}", said.text());
    ensure!(said.text().contains("data-build=\"0\""), "{}", said.text());
    // In a folder that was not there.
    fs::create_dir(folder.path().join("parts"))?;
    fs::write(folder.path().join("parts/text.js"), "export const text = 'mended';\n")?;
    wait_for_text(&server, "mended")?;
    fs::write(folder.path().join("parts/text.js"), "export const text = 'again';\n")?;
    wait_for_text(&server, "again")?;
    // As editors do that write beside a file and rename.
    fs::write(folder.path().join("parts/.text"), "export const text = 'renamed';\n")?;
    fs::rename(folder.path().join("parts/.text"), folder.path().join("parts/text.js"))?;
    wait_for_text(&server, "renamed")
}

#[test]
fn what_a_handler_throws_is_a_page_that_loads_itself_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("app.js"), "export default {\n  fetch() { throw new RangeError('1 < 2'); },\n};\n")?;
    let server = Server::start_dev(folder.path(), &["app.js"])?;
    let said = server.send(&page("/"))?;
    ensure!(said.status == 500, "{}", said.status);
    ensure!(said.header("content-type") == Some("text/html; charset=utf-8"), "{:?}", said.headers);
    let text = said.text();
    ensure!(text.contains("app.js:2:19: RangeError: 1 &lt; 2") && text.contains("data-build=\"1\""), "{text}");
    let said = server.get("/")?;
    ensure!(said.header("content-type") == Some("text/plain; charset=utf-8"), "{:?}", said.headers);
    Ok(())
}

#[test]
fn variables_are_those_of_files_and_of_the_settings() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("wizerjs.toml"), "entry = 'app.js'\nenv = ['TOKEN', 'NO_SUCH_VARIABLE']\n")?;
    fs::write(
        folder.path().join("app.js"),
        "export default { fetch: (_, env) => Response.json([env.A, env.B, env.C, env.TOKEN]) };\n",
    )?;
    fs::write(folder.path().join(".env"), "A=1\nB=1\nC=1\n")?;
    fs::write(folder.path().join(".env.local"), "B=2\nC=2\n")?;
    let mut command = program("runner")?;
    command.args(["dev", "--addr", "127.0.0.1:0", "--env", "C=3"]).current_dir(folder.path()).env("TOKEN", "secret");
    let (server, stderr) = Server::of(command)?;
    wait_for_text(&server, r#"["1","2","3","secret"]"#)?;
    fs::write(folder.path().join(".env"), "A=changed\n")?;
    wait_for_text(&server, r#"["changed","2","3","secret"]"#)?;
    fs::write(folder.path().join(".env"), "A is no variable\n")?;
    let mut lines = BufReader::new(stderr).lines();
    let mut seen = Vec::new();
    while !seen.last().is_some_and(|line: &String| line.starts_with("error: .env: line 1 is no variable")) {
        seen.push(lines.next().with_context(|| seen.join("\n"))??);
    }
    let warned = seen.iter().filter(|line| *line == "without a value: NO_SUCH_VARIABLE; .env can give it").count();
    ensure!(warned == 1, "{seen:?}");
    Ok(())
}

#[test]
fn the_log_is_json_or_nothing_if_that_is_asked_for() -> Result<()> {
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("app.js"), app("one"))?;
    let log = |option: &[&str]| {
        let server = Server::start_dev(folder.path(), &[&["app.js"], option].concat())?;
        server.get("/a?b")?;
        Ok::<_, anyhow::Error>(server.stop()?.1)
    };
    let text = log(&["--log-format", "json"])?;
    let lines = text.lines().map(serde_json::from_str::<Value>).collect::<Result<Vec<_>, _>>().context(text)?;
    let request = lines.iter().find(|line| line["path"] == "/a").context("no request")?;
    ensure!(request["method"] == "GET" && request["status"] == 200 && request["ms"].is_f64(), "{request}");
    ensure!(lines.iter().any(|line| line["modules"] == 1 && line["bytes"].is_u64()), "{lines:?}");
    ensure!(log(&["--quiet"])?.is_empty(), "--quiet says something");
    Ok(())
}

#[test]
fn what_makes_no_sense_is_said_at_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let refused = |args: &[&str]| {
        let error = Server::start_dev(folder.path(), args).err().map(|error| error.to_string());
        error.context("it serves")
    };
    let said = refused(&[])?;
    ensure!(said.contains("error: no entry file is named; "), "{said}");
    fs::write(folder.path().join("wizerjs.toml"), "\nentri = 'app.js'\n")?;
    let said = refused(&[])?;
    ensure!(said.contains("error: wizerjs.toml:2:1: no key is called 'entri'; is it 'entry'?"), "{said}");
    Ok(())
}

#[test]
fn what_warming_up_would_bring_is_said_after_a_slow_request() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // It makes something on first use, as most frameworks do.
    fs::write(
        folder.path().join("app.js"),
        "let made;
         function make() {
           let sum = 0;
           for (let i = 0; i < 3e6; i++) sum = (sum * 31 + i) % 1000003;
           return sum;
         }
         export default { fetch: () => { made ??= make(); console.log('answered'); return new Response(`${made}`); } };",
    )?;
    let mut command = program("runner")?;
    command.args(["dev", "app.js", "--addr", "127.0.0.1:0"]).current_dir(folder.path());
    let (server, stderr) = Server::of(command)?;
    server.get("/?a=b")?;
    let mut said = 0;
    for line in BufReader::new(stderr).lines() {
        let line = line?;
        said += usize::from(line.contains("| answered"));
        if line.ends_with("in wizerjs.toml, [[warm-up]] request = \"GET /?a=b\"") {
            ensure!(line.starts_with("GET /?a=b takes ") && line.contains(" ms; warmed up it would take "), "{line}");
            ensure!(said == 1, "what is measured logs nothing: {said} lines");
            return Ok(());
        }
    }
    bail!("nothing was said")
}

/// `runner dev` on a terminal, that of `script`.
struct AtTerminal {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
}

impl AtTerminal {
    fn start(folder: &Path) -> Result<Self> {
        let line = "runner dev app.js --addr 127.0.0.1:0; echo ended with $?";
        let mut command = shell(&["script", "--quiet", "--flush", "--command", line, "/dev/null"])?;
        command.current_dir(folder).env_remove("NO_COLOR").env("BROWSER", folder.join("browser.sh"));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("script")?;
        let said = BufReader::new(child.stdout.take().context("piped")?);
        Ok(Self { child, said })
    }

    fn press(&mut self, keys: &str) -> Result<()> {
        let stdin = self.child.stdin.as_mut().context("piped")?;
        Ok(stdin.write_all(keys.as_bytes()).and_then(|()| stdin.flush())?)
    }

    /// Read until a line has this text.
    fn until(&mut self, text: &str) -> Result<String> {
        let mut seen = String::new();
        loop {
            let mut line = String::new();
            if self.said.read_line(&mut line)? == 0 {
                bail!("{text:?} was not said: {seen}");
            }
            seen.push_str(&line);
            if line.contains(text) {
                return Ok(seen);
            }
        }
    }
}

impl Drop for AtTerminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn keys_are_obeyed_on_a_terminal() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("app.js"), app("one"))?;
    let (browser, opened) = (folder.path().join("browser.sh"), folder.path().join("opened"));
    fs::write(&browser, format!("#!/bin/sh\necho \"$1\" > {0}.new && mv {0}.new {0}\n", opened.display()))?;
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755))?;
    let mut terminal = AtTerminal::start(folder.path())?;
    let first = terminal.until("http://127.0.0.1:")?;
    let url = first.lines().last().context("a line")?.trim().to_owned();
    terminal.until("q ends")?;
    let built = terminal.until("built in ")?;
    ensure!(built.contains("\u{1b}[2m"), "what matters less is dim: {built:?}");
    terminal.press("r")?;
    terminal.until("built in ")?;
    terminal.press("o")?;
    let start = Instant::now();
    while !opened.exists() {
        ensure!(start.elapsed() < PATIENCE, "no browser was opened");
        std::thread::sleep(Duration::from_millis(5));
    }
    ensure!(fs::read_to_string(&opened)?.trim() == url, "{url}");
    terminal.press("cq")?;
    let end = terminal.until("ended with 0")?;
    ensure!(end.contains("\u{1b}[2J"), "{end:?}");
    Ok(())
}

/// The middle of some times.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

#[test]
fn a_saved_file_is_served_in_the_time_of_a_few_builds() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let entry = folder.path().join("app.js");
    fs::write(&entry, app("0"))?;
    let server = Server::start_dev(folder.path(), &["app.js"])?;
    wait_for_text(&server, "0")?;
    let (mut builds, mut savings) = (Vec::new(), Vec::new());
    for saving in 1..=SAVINGS {
        let start = Instant::now();
        let output = program("wizerjs")?.args(["build", "-q", "app.js"]).current_dir(folder.path()).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        builds.push(start.elapsed());
        let start = Instant::now();
        let text = saving.to_string();
        fs::write(&entry, app(&text))?;
        wait_for_text(&server, &text)?;
        savings.push(start.elapsed());
    }
    let (build, saving) = (median(builds), median(savings));
    eprintln!("saved to served: {:.1} ms, a build: {:.1} ms", saving * 1e3, build * 1e3);
    ensure!(saving < build * SAVING_MAX_BUILDS, "{:.1} ms, a build takes {:.1} ms", saving * 1e3, build * 1e3);
    Ok(())
}
