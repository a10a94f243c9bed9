//! Applications of the embedded engine: the same wherever they are built, and the same in every format.

use crate::cases::cache_home;
use anyhow::{Context, Result};
use engine_artifact::{Manifest, link, split};
use std::path::Path;
use wasmtime::{Engine, Linker, Module, Store};
use wizerjs::application::Format;
use wizerjs::application::{BuildOptions, BuildReport};
use wizerjs::engine::BaseModule;

/// An application with a table of its own and a second module.
fn write_application(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder.join("lib"))?;
    std::fs::write(
        folder.join("app.js"),
        "import { table } from './lib/table.js';\n\
         const id = Math.random(), started = Date.now(), seen = new Map([[{}, id], [Symbol('s'), started]]);\n\
         export default { fetch() { return new Response(JSON.stringify([...table, seen.size])); } };\n",
    )?;
    std::fs::write(
        folder.join("lib/table.js"),
        "export const table = Array.from({ length: 100 }, (_, n) => ({ n, name: `entry ${n}`, square: n * n }));\n",
    )?;
    Ok(())
}

fn options(folder: &Path, format: Format) -> BuildOptions {
    let mut options = BuildOptions::new(folder.join("app.js"));
    options.format = format;
    options.cache_dir = Some(cache_home().join("wizerjs"));
    options
}

fn built(folder: &Path, format: Format) -> Result<(Vec<u8>, BuildReport)> {
    let built = wizerjs::build(&options(folder, format))?;
    Ok((built.bytes, built.report))
}

fn base() -> Result<Vec<u8>> {
    engine_prebuilt::spidermonkey()?.base_wasm()
}

#[test]
fn the_embedded_engine_is_a_base_module() -> Result<()> {
    let embedded = engine_prebuilt::spidermonkey()?;
    let base = BaseModule::from_wasm(embedded.base_wasm()?, "embedded")?;
    assert_eq!(base.digest, embedded.manifest().base_digest()?);
    Ok(())
}

#[test]
fn the_same_sources_give_the_same_bytes_in_any_folder_and_thread() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (one, other) = (folder.path().join("one"), folder.path().join("another/with a longer name"));
    write_application(&one)?;
    write_application(&other)?;
    let first = wizerjs::build(&options(&one, Format::Thin))?;
    assert_eq!(first.report.modules.len(), 2);
    assert!(first.source_map.as_ref().is_some_and(|map| !map.is_empty()));
    let rest = std::thread::scope(|scope| {
        let build = || Ok(wizerjs::build(&options(&other, Format::Thin))?);
        let builds: Vec<_> = (0..3).map(|_| scope.spawn(build)).collect();
        builds.into_iter().map(|build| build.join().ok().context("panicked")?).collect::<Result<Vec<_>>>()
    })?;
    for built in rest {
        assert!(built.bytes == first.bytes, "{} and {} bytes differ", built.bytes.len(), first.bytes.len());
        assert!(built.source_map == first.source_map, "maps differ");
    }
    Ok(())
}

#[test]
fn every_format_is_the_same_application() -> Result<()> {
    let folder = tempfile::tempdir()?;
    write_application(folder.path())?;
    let (thin, _) = built(folder.path(), Format::Thin)?;
    let (module, _) = built(folder.path(), Format::Module)?;
    let base = base()?;
    assert!(link(thin.clone(), &base)? == module, "linking");
    assert!(split(module.clone(), &base)? == thin, "splitting");
    let memory = over_base(&thin)?;
    let image = image(&module)?;
    assert!(memory.starts_with(&image), "the image of the self-contained module");
    assert!(memory[image.len()..].iter().all(|byte| *byte == 0), "nothing behind it");
    Ok(())
}

/// The memory of a base instance over which a thin application was instantiated, by wasm's own means.
fn over_base(thin: &[u8]) -> Result<Vec<u8>> {
    let engine = Engine::new(&engine_code_cache::codegen_config()).map_err(anyhow::Error::from)?;
    let cache =
        engine_code_cache::CodeCache::open(&cache_home().join("wizerjs"), engine_code_cache::DEFAULT_MAX_BYTES)?;
    let digest = engine_prebuilt::spidermonkey()?.manifest().base_digest()?;
    let (module, _) = cache.module(&engine, &digest, || Ok(base()?.into()))?;
    let mut linker = Linker::new(&engine);
    linker.define_unknown_imports_as_traps(&module).map_err(anyhow::Error::from)?;
    let mut store = Store::new(&engine, ());
    store.set_epoch_deadline(1);
    let instance = linker.instantiate(&mut store, &module).map_err(anyhow::Error::from)?;
    let memory = instance.get_memory(&mut store, "memory").context("memory")?;
    linker.define(&store, "engine", "memory", memory).map_err(anyhow::Error::from)?;
    let thin = Module::new(&engine, thin).map_err(anyhow::Error::from)?;
    linker.instantiate(&mut store, &thin).map_err(anyhow::Error::from)?;
    Ok(memory.data(&store).to_vec())
}

/// The memory that a module's active data segments make.
fn image(module: &[u8]) -> Result<Vec<u8>> {
    let mut image = Vec::new();
    for payload in wasmparser::Parser::new(0).parse_all(module) {
        let wasmparser::Payload::DataSection(section) = payload? else { continue };
        for data in section {
            let data = data?;
            let wasmparser::DataKind::Active { offset_expr, .. } = data.kind else { continue };
            let wasmparser::Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else { continue };
            let start = value.cast_unsigned() as usize;
            image.resize(image.len().max(start + data.data.len()), 0);
            image[start..start + data.data.len()].copy_from_slice(data.data);
        }
    }
    Ok(image)
}

#[test]
fn names_are_relative_and_nothing_of_the_machine_is_captured() -> Result<()> {
    let folder = tempfile::tempdir()?;
    write_application(folder.path())?;
    let (thin, _) = built(folder.path(), Format::Thin)?;
    let holds = |text: &str| thin.windows(text.len()).any(|window| window == text.as_bytes());
    let path = folder.path().to_str().context("path")?;
    assert!(!holds(path), "the path of the folder");
    assert!(!holds(env!("CARGO_MANIFEST_DIR")), "the path of this crate");
    for payload in wasmparser::Parser::new(0).parse_all(&thin) {
        if let wasmparser::Payload::CustomSection(section) = payload? {
            let manifest = Manifest::decode(section.data())?;
            assert_eq!((&*manifest.entry, manifest.env_names.len()), ("app.js", 0));
        }
    }
    Ok(())
}
