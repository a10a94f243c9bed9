//! Puts a built engine into this crate: the last step of `engine-shims/spidermonkey/build.sh`.
//!
//!     pack-engine FOLDER ENGINE.wasm BASE.wasm NAME [TOOL=VERSION ...]

use anyhow::{Context, Result, bail};
use engine_prebuilt::{Component, Manifest, Stage, inputs};
use std::path::Path;

/// zstd's highest level: done once, read by everybody.
const LEVEL: i32 = 22;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, engine, base, name, tools @ ..] = &args[..] else {
        bail!("usage: pack-engine FOLDER ENGINE.wasm BASE.wasm NAME [TOOL=VERSION ...]");
    };
    let folder = Path::new(folder);
    let engine_shims = folder.ancestors().nth(2).context("FOLDER is engine-shims/prebuilt/NAME")?;
    let tools = tools.iter().map(|tool| tool.split_once('=').context("TOOL=VERSION")).collect::<Result<Vec<_>>>()?;
    let manifest = Manifest {
        name: name.clone(),
        abi_version: engine_abi::ABI_VERSION,
        engine: pack(engine, &folder.join("engine.wasm.zst"))?,
        base: pack(base, &folder.join("base.wasm.zst"))?,
        inputs_blake3: inputs::digest(engine_shims)?,
        tools: tools.into_iter().map(|(tool, version)| (tool.to_owned(), version.to_owned())).collect(),
        components: components(),
    };
    let json = serde_json::to_string_pretty(&manifest)? + "\n";
    std::fs::write(folder.join("manifest.json"), json).context("manifest.json")
}

fn pack(wasm: &str, to: &Path) -> Result<Stage> {
    let bytes = std::fs::read(wasm).context(wasm.to_owned())?;
    std::fs::write(to, zstd::bulk::compress(&bytes, LEVEL)?).with_context(|| to.display().to_string())?;
    Ok(Stage { bytes: bytes.len(), blake3: blake3::hash(&bytes).to_hex().to_string() })
}

/// What ends up in the module.
fn components() -> Vec<Component> {
    [
        (
            "SpiderMonkey 153",
            "MPL-2.0",
            "crates.io: mozjs_sys 153.6.0-2, folder mozjs, with engine-shims/spidermonkey/patches",
        ),
        (
            "ICU 78 and its data",
            "Unicode-3.0",
            "crates.io: mozjs_sys 153.6.0-2, folders mozjs/intl and mozjs/config/external/icu",
        ),
        ("Rust bindings of SpiderMonkey", "MPL-2.0", "crates.io: mozjs 0.26.14"),
        ("LLVM libc++, libc++abi and compiler-rt 19", "Apache-2.0 WITH LLVM-exception", "Debian: llvm-toolchain-19"),
        ("wasi-libc", "Apache-2.0 WITH LLVM-exception AND MIT", "Rust: target wasm32-wasip1"),
        ("the guest and its crates", "see its Cargo.lock", "engine-shims/spidermonkey"),
        ("the guest's npm packages", "see its package-lock.json", "engine-shims/spidermonkey/src/builtins"),
    ]
    .map(|(name, licence, source)| Component {
        name: name.to_owned(),
        licence: licence.to_owned(),
        source: source.to_owned(),
    })
    .into()
}
