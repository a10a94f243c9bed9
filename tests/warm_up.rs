//! `wizerjs build --warm-up`: the handler answers before its state is captured, and nothing of those requests but what it
//! keeps on purpose is in a later one.

use anyhow::{Result, ensure};
use end_to_end::program::{program, repository};
use end_to_end::server::Server;
use std::path::Path;
use std::process::Output;

fn build(source: &Path, artifact: &Path, requests: &[&str]) -> Result<Output> {
    let warm_up: Vec<&str> = requests.iter().flat_map(|request| ["--warm-up", request]).collect();
    build_with(source, artifact, &warm_up)
}

fn build_with(source: &Path, artifact: &Path, options: &[&str]) -> Result<Output> {
    Ok(program("wizerjs")?.arg("build").arg(source).arg("-o").arg(artifact).args(options).output()?)
}

/// Build `source`, the text of an application, and have it fail: what is said.
fn refused(source: &str, request: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let (entry, artifact) = (folder.path().join("app.js"), folder.path().join("app.wasm"));
    std::fs::write(&entry, source)?;
    let output = build(&entry, &artifact, &[request])?;
    ensure!(!artifact.exists(), "nothing is written");
    ensure!(matches!(output.status.code(), Some(1 | 2)), "{:?}", output.status);
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn what_the_handler_keeps_is_captured_and_nothing_else() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (entry, artifact) = (folder.path().join("app.js"), folder.path().join("app.wasm"));
    std::fs::write(
        &entry,
        "let template, counted = 0;
         export default {
           async fetch(request, env, context) {
             template ??= `made for ${new URL(request.url).pathname}`;
             counted += 1;
             setInterval(() => {}, 1000);
             await new Promise((resolve) => setTimeout(resolve, 1));
             context.waitUntil(Promise.resolve());
             console.log(`request ${counted}`);
             return Response.json([template, counted, env.NAME ?? null, request.headers.get('user-agent')]);
           },
         };",
    )?;
    let output = build(&entry, &artifact, &["GET /first", "HEAD /second"])?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("warmed up with GET /first, HEAD /second"), "{said}");
    assert!(said.contains("which read the environment at app.js:10:"), "{said}");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));

    let server = Server::start(&artifact, &["--env", "NAME=of the host"])?;
    for _ in 0..3 {
        let answer: serde_json::Value = serde_json::from_str(&server.get("/other")?.text())?;
        assert_eq!(answer[0], "made for /first", "the first request of the build made it");
        // Two requests, as often as the engine took to know its way, and this one.
        let counted = answer[1].as_u64().unwrap_or_default();
        assert!(counted % 2 == 1 && (2 * 4 + 1..=2 * 24 + 1).contains(&counted), "{answer}");
        assert_eq!(answer[2], "of the host", "the environment is that of the request");
        assert_eq!(answer[3], serde_json::Value::Null, "no header of the build's requests is left");
    }
    Ok(())
}

#[test]
fn requests_have_methods_headers_and_bodies() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (entry, artifact) = (folder.path().join("app.js"), folder.path().join("app.wasm"));
    std::fs::write(
        &entry,
        "const seen = new Set();
         export default {
           async fetch(request) {
             const text = await request.text();
             seen.add([request.method, request.headers.get('accept'), request.headers.get('x-tag'), text].join());
             return Response.json([...seen]);
           },
         };",
    )?;
    let body = folder.path().join("body.txt");
    std::fs::write(&body, "from a file")?;
    let file = format!("@{}", body.display());
    let options = [
        ["--warm-up", "POST /a"],
        ["--warm-up-header", "X-Tag: first"],
        ["--warm-up-body", &file],
        ["--warm-up", "GET /b"],
        ["--warm-up-header", "accept: text/html"],
        ["--warm-up", "PUT /c"],
        ["--warm-up-body", "as it is"],
    ];
    let output = build_with(&entry, &artifact, options.as_flattened())?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let server = Server::start(&artifact, &[])?;
    let answer: serde_json::Value = serde_json::from_str(&server.get("/")?.text())?;
    assert_eq!(answer[0], "POST,*/*,first,from a file");
    assert_eq!(answer[1], "GET,text/html,,");
    assert_eq!(answer[2], "PUT,*/*,,as it is");
    Ok(())
}

#[test]
fn what_belongs_to_no_request_is_refused() -> Result<()> {
    for (options, cause) in [
        (&["--warm-up-header", "a: b", "--warm-up", "GET /"][..], "--warm-up-header: it belongs behind a --warm-up"),
        (&["--warm-up-body", "x"], "--warm-up-body: it belongs behind a --warm-up"),
        (&["--warm-up", "GET /", "--warm-up-body", "x"], "--warm-up-body: a GET request has no body"),
        (&["--warm-up", "GET /", "--warm-up-header", "a"], "--warm-up-header: expected a header, as 'content-type: "),
        (&["--warm-up", "PUT /", "--warm-up-body", "@/no/such"], "cannot read /no/such: No such file"),
    ] {
        let output = program("wizerjs")?.args(["build", "app.js"]).args(options).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(cause), "{said}");
    }
    Ok(())
}

#[test]
fn the_time_limit_names_the_requests() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (entry, artifact) = (folder.path().join("app.js"), folder.path().join("app.wasm"));
    std::fs::write(&entry, "export default { fetch() { for (;;); } };")?;
    let options = ["--init-timeout", "500ms", "--warm-up", "GET /a", "--warm-up", "GET /b"];
    let output = build_with(&entry, &artifact, &options)?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let running =
        "the top level and the warm-up requests (GET /a, GET /b) were still running after 0.5 s of processor time";
    assert!(said.contains(running), "{said}");
    Ok(())
}

#[test]
fn randomness_and_clocks_are_fresh_all_the_same() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let artifact = folder.path().join("fresh.wasm");
    let options = ["--warm-up", "GET /", "--allow-baked", "random,clock"];
    let output = build_with(&repository().join("tests/apps/fresh/app.js"), &artifact, &options)?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let server = Server::start(&artifact, &[])?;
    let answers = (0..10).map(|_| Ok(server.get("/")?.text())).collect::<Result<Vec<_>>>()?;
    let answers: Vec<serde_json::Value> =
        answers.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
    for name in ["random", "uuid", "bytes"] {
        let mut distinct: Vec<String> = answers.iter().map(|answer| answer[name].to_string()).collect();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), answers.len(), "{name} was repeated");
    }
    Ok(())
}

#[test]
fn a_handler_that_fails_fails_the_build() -> Result<()> {
    let throws = refused("export default {\n  fetch() { throw new RangeError('no'); },\n};\n", "GET /a?b")?;
    assert!(throws.contains("app.js:2:19: RangeError: no"), "{throws}");
    assert!(throws.contains("the handler did not answer the warm-up request GET /a?b: it failed"), "{throws}");
    let fetches = refused("export default { fetch: () => fetch('http://127.0.0.1:9/') };", "GET /")?;
    assert!(fetches.contains("fetch of http://127.0.0.1:9/ is not possible"), "{fetches}");
    let waits = refused("export default { fetch: () => new Promise(() => {}) };", "GET /")?;
    assert!(waits.contains("request GET /: it never settles"), "{waits}");
    let usage = refused("export default { fetch: () => new Response() };", "get /")?;
    assert!(usage.contains("expected a method and a path, as 'GET /'"), "{usage}");
    Ok(())
}

#[test]
fn what_a_snapshot_would_fix_has_to_be_allowed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (entry, artifact) = (folder.path().join("app.js"), folder.path().join("app.wasm"));
    std::fs::write(
        &entry,
        "let secret, since;
         export default {
           fetch(request) {
             const { pathname } = new URL(request.url);
             if (pathname === '/secret') secret ??= crypto.randomUUID();
             if (pathname === '/since') since ??= Date.now();
             return Response.json([secret ?? null, since ?? null]);
           },
         };",
    )?;
    for (path, allowed, refused) in [
        ("/", "", None),
        ("/secret", "", Some(("randomness", "random"))),
        ("/since", "", Some(("the clock", "clock"))),
        ("/secret", "--allow-baked=clock", Some(("randomness", "random"))),
        ("/since", "--allow-baked=random", Some(("the clock", "clock"))),
        ("/secret", "--allow-baked=random", None),
        ("/since", "--allow-baked=clock", None),
    ] {
        let request = format!("GET {path}");
        let mut options = vec!["--warm-up", &request];
        options.extend((!allowed.is_empty()).then_some(allowed));
        let output = build_with(&entry, &artifact, &options)?;
        let said = String::from_utf8_lossy(&output.stderr);
        match refused {
            Some((what, name)) => {
                assert_eq!(output.status.code(), Some(1), "{path} {allowed}: {said}");
                let line = if what == "randomness" { 5 } else { 6 };
                assert!(said.contains(&format!("error: app.js:{line}:")), "{said}");
                assert!(said.contains(&format!("a warm-up request read {what}")), "{said}");
                assert!(said.contains(&format!("say --allow-baked={name}")), "{said}");
            }
            None => {
                assert!(output.status.success(), "{path} {allowed}: {said}");
                assert_eq!(said.contains("warning: a warm-up request read "), !allowed.is_empty(), "{said}");
            }
        }
    }
    Ok(())
}
