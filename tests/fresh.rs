//! Randomness and clocks are new in every request, instance and process, whatever the snapshot holds.

use anyhow::{Context, Result, ensure};
use end_to_end::program::{program, repository};
use end_to_end::server::Server;
use std::collections::HashSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

fn now_ms() -> Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0)
}

fn answers(artifact: &Path, count: usize) -> Result<Vec<serde_json::Value>> {
    let server = Server::start(artifact, &[])?;
    (0..count).map(|_| Ok(serde_json::from_str(&server.get("/")?.text())?)).collect()
}

#[test]
fn nothing_random_is_seen_twice_and_time_goes_on() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let artifact = folder.path().join("fresh.wasm");
    let source = repository().join("tests/apps/fresh/app.js");
    let built = program("wizerjs")?.arg("build").arg(source).arg("-o").arg(&artifact).output()?;
    ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let started_ms = now_ms()?;
    let answers = [answers(&artifact, 20)?, answers(&artifact, 20)?].concat();
    let ended_ms = now_ms()?;

    for name in ["random", "uuid", "bytes"] {
        let distinct: HashSet<String> = answers.iter().map(|answer| answer[name].to_string()).collect();
        assert_eq!(distinct.len(), answers.len(), "{name} was repeated");
    }
    let at_build: HashSet<String> = answers.iter().map(|answer| answer["atBuild"].to_string()).collect();
    assert_eq!(at_build.len(), 1, "the top level ran once");

    let times: Vec<f64> = answers.iter().map(|answer| answer["now"].as_f64()).collect::<Option<_>>().context("now")?;
    assert!(times.is_sorted(), "{times:?}");
    // `Date.now` is in whole milliseconds.
    assert!(times[0] >= started_ms.floor() && times[times.len() - 1] <= ended_ms, "{started_ms} {times:?} {ended_ms}");
    for answer in &answers {
        let elapsed_ms = answer["elapsed"].as_f64().context("elapsed")?;
        assert!((0.0..60_000.0).contains(&elapsed_ms), "performance.now() counts from the request: {elapsed_ms}");
    }
    Ok(())
}

#[test]
fn two_builds_are_the_same_bytes_wherever_and_whenever() -> Result<()> {
    let folders = [tempfile::tempdir()?, tempfile::tempdir()?];
    let mut artifacts = Vec::new();
    for (folder, threads) in folders.iter().zip(["1", "2"]) {
        let deep = folder.path().join("some").join(threads.repeat(9));
        std::fs::create_dir_all(&deep)?;
        std::fs::copy(repository().join("tests/apps/fresh/app.js"), deep.join("app.js"))?;
        let artifact = folder.path().join("app.wasm");
        let built = program("wizerjs")?
            .current_dir(&deep)
            .env("RAYON_NUM_THREADS", threads)
            .env("SECRET_OF_THE_HOST", "do-not-capture-me")
            .args(["build", "app.js", "-o"])
            .arg(&artifact)
            .output()?;
        ensure!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        artifacts.push(std::fs::read(artifact)?);
    }
    assert!(artifacts[0] == artifacts[1], "the artifacts differ");
    let text = String::from_utf8_lossy(&artifacts[0]);
    assert!(!text.contains("do-not-capture-me") && !text.contains("SECRET_OF_THE_HOST"), "the host's environment");
    assert!(!text.contains("222222222"), "a path of the build machine");
    Ok(())
}
