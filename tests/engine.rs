//! The committed base module is what this build tool makes of the committed engine: on any machine, the same bytes.

use anyhow::{Context, Result, ensure};
use end_to_end::program::program;

#[test]
fn preparing_the_embedded_engine_gives_the_embedded_base_module() -> Result<()> {
    let engine = engine_prebuilt::spidermonkey()?;
    let folder = tempfile::tempdir()?;
    let (linked, base) = (folder.path().join("engine.wasm"), folder.path().join("base.wasm"));
    std::fs::write(&linked, engine.engine_wasm()?)?;
    let output = program("wizerjs")?.arg("prepare").arg(&linked).arg("-o").arg(&base).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = std::fs::read(&base).context("base module")?;
    ensure!(made == engine.base_wasm()?, "it differs: run engine-shims/spidermonkey/build.sh and commit the result");
    Ok(())
}
