//! An application's files and packages brought together in one module, by rolldown.

mod diagnostics;
mod importer;
mod nesting;
mod options;
mod project;
mod refusals;
mod threads;

use super::{BundleOptions, Located, SourceFile, Sources, kinds};
use engine_source_map::SourceMap;
use importer::Importer;
use project::Project;
use rolldown::{BundleOutput, BundlerBuilder};
use rolldown_common::{Output, OutputChunk};
use rolldown_error::BatchedBuildDiagnostic;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Read the module in file `entry` and everything that it imports, and make one module of it.
///
/// # Ambient authority
/// Reads files: the entry, what its imports lead to, `package.json` and `tsconfig.json` of the folders on the way.
///
/// # Errors
/// A file is missing, unreadable or not a module, or imports something that cannot be had; each with its place.
pub fn bundle(entry: &Path, options: &BundleOptions) -> Result<Sources, Vec<Located>> {
    let whole = |message: &str| vec![Located::whole_file(&entry.display().to_string(), message)];
    let path = check_entry(entry).map_err(|cause| whole(&cause))?;
    let importer = Arc::new(Importer::new(Project::of(&path)));
    let bundled = threads::run(generate(&path, options, &importer))
        .map_err(|cause| whole(&format!("no thread to bundle it with: {cause}")))?;
    let mut failures = importer.take_failures();
    let output = match bundled {
        Ok(output) if failures.is_empty() => output,
        Ok(_) => return Err(failures),
        Err(errors) => {
            let errors = errors.into_vec();
            // What a module that is absent does not export is said already.
            let own = errors.iter().filter(|error| !error.exporter().is_some_and(|id| importer::is_absent(&id)));
            failures.extend(own.map(|error| diagnostics::located(error, &importer)));
            return Err(failures);
        }
    };
    sources(&path, &output, &importer).ok_or_else(|| whole("the bundler gave nothing"))
}

async fn generate(
    entry: &Path,
    options: &BundleOptions,
    importer: &Arc<Importer>,
) -> Result<BundleOutput, BatchedBuildDiagnostic> {
    let options = options::rolldown(entry, &importer.project, options);
    let plugin = Arc::<Importer>::clone(importer);
    BundlerBuilder::default().with_options(options).with_plugins(vec![plugin]).build()?.generate().await
}

/// The absolute path of an entry that can be one, or why it cannot.
fn check_entry(entry: &Path) -> Result<PathBuf, String> {
    let cannot = |cause: &str| format!("cannot be built: {cause}");
    let metadata = match std::fs::metadata(entry) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err("no such file".to_owned()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(cannot("permission denied")),
        Err(error) => return Err(cannot(&error.to_string())),
    };
    if metadata.is_dir() {
        return Err("is a folder; name the entry file in it".to_owned());
    }
    if let Some(refusal) = kinds::refuse_entry(kinds::ending(entry)) {
        return Err(cannot(refusal));
    }
    if !metadata.is_file() {
        return Err(cannot("it is not a file"));
    }
    let path = entry.canonicalize().map_err(|error| cannot(&error.to_string()))?;
    if path.to_str().is_none() {
        return Err("not the name of a file in UTF-8".to_owned());
    }
    Ok(path)
}

/// The bundle and what is to be said about it.
fn sources(entry: &Path, output: &BundleOutput, importer: &Importer) -> Option<Sources> {
    let chunk = output.assets.iter().find_map(|asset| match asset {
        Output::Chunk(chunk) => Some(chunk),
        Output::Asset(_) => None,
    })?;
    let ids: HashSet<&str> = chunk.modules.keys.iter().map(|id| id.as_str()).collect();
    let mut remarks = importer.remarks(&ids);
    remarks.extend(output.warnings.iter().filter_map(|warning| diagnostics::remark(warning, importer)));
    let name = importer.name(&entry.to_string_lossy()).into_owned();
    Some(Sources {
        files: files(chunk, importer, &name),
        entry: name,
        text: chunk.code.clone(),
        map: map(chunk, importer),
        remarks,
    })
}

/// The files that are part of the bundle: the entry, then by name.
fn files(chunk: &OutputChunk, importer: &Importer, entry: &str) -> Vec<SourceFile> {
    let named = |id: &str| Some(SourceFile { name: importer.name(id).into_owned(), bytes: importer.bytes(id)? });
    let mut files: Vec<_> = chunk.modules.keys.iter().filter_map(|id| named(id.as_str())).collect();
    files.sort_by(|a, b| (a.name != entry, &a.name).cmp(&(b.name != entry, &b.name)));
    files
}

/// The map with the names that this program shows: rolldown's are relative to the folder of the output, with `\0` for
/// what is no file.
fn map(chunk: &OutputChunk, importer: &Importer) -> SourceMap {
    let Some(map) = &chunk.map else { return SourceMap::default() };
    let mut map = map.clone();
    let names: Vec<String> = map.get_sources().map(|source| source_name(source, importer)).collect();
    map.set_sources(names);
    SourceMap::new(map.into_owned())
}

fn source_name(source: &str, importer: &Importer) -> String {
    // A virtual module's id has a NUL in front of it, which paths are normalized around.
    match source.find('\0') {
        Some(at) => importer.name(&source[at..]).into_owned(),
        None => importer.name(&importer.path(source).to_string_lossy()).into_owned(),
    }
}
