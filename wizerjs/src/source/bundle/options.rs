//! What rolldown is told: how packages are resolved, what stands for what, how the bundle is printed.

use super::project::Project;
use crate::source::{BundleOptions, kinds};
use rolldown::{
    AttachDebugInfo, BundlerOptions, CodeSplittingMode, CommentsOptions, ExperimentalOptions, InjectImport, InputItem,
    LogLevel, ModuleType, OutputFormat, Platform, RawMinifyOptions, ResolveOptions, SourceMapType,
};
use std::path::Path;

/// Conditions that packages choose a file by; a package's own order decides between them. `import` or `require`, and
/// `default`, are added as they apply. With those of edge platforms, packages leave out what only Node.js has.
const CONDITIONS: [&str; 5] = ["workerd", "worker", "edge-light", "browser", "module"];

/// Fields of `package.json` that name the file of a package without `exports`.
const MAIN_FIELDS: [&str; 3] = ["browser", "module", "main"];

/// Globals of Node.js, the module that exports each, and its name there. Imported where a file names them.
const GLOBALS: [(&str, &str, &str); 4] = [
    ("Buffer", "node:buffer", "Buffer"),
    ("process", "node:process", "default"),
    ("setImmediate", "node:timers", "setImmediate"),
    ("clearImmediate", "node:timers", "clearImmediate"),
];

/// What rolldown is told about the bundle of `entry`.
pub(super) fn rolldown(entry: &Path, project: &Project, options: &BundleOptions) -> BundlerOptions {
    let root = project.root();
    BundlerOptions {
        input: Some(vec![InputItem { name: Some("bundle".to_owned()), import: entry.display().to_string() }]),
        cwd: Some(root.to_path_buf()),
        dir: Some(root.display().to_string()),
        platform: Some(Platform::Neutral),
        format: Some(OutputFormat::Esm),
        code_splitting: Some(CodeSplittingMode::Bool(false)),
        keep_names: Some(true),
        sourcemap: Some(SourceMapType::Hidden),
        comments: Some(CommentsOptions { legal: false, annotation: false, jsdoc: false }),
        // Else the bundle has comments with paths of this machine.
        experimental: Some(ExperimentalOptions {
            attach_debug_info: Some(AttachDebugInfo::None),
            ..Default::default()
        }),
        minify: options.minify.then_some(RawMinifyOptions::Bool(true)),
        module_types: Some(kinds::TEXTS.iter().map(|ending| ((*ending).to_owned(), ModuleType::Text)).collect()),
        define: Some(define(options).collect()),
        inject: Some(GLOBALS.iter().map(|(global, module, name)| inject(global, module, name)).collect()),
        resolve: Some(resolve(options)),
        log_level: Some(LogLevel::Silent),
        ..Default::default()
    }
}

/// The mode that packages ask `process.env.NODE_ENV` for.
fn mode(options: &BundleOptions) -> &'static str {
    if options.development { "development" } else { "production" }
}

/// What is replaced; the user's own comes last and wins.
fn define(options: &BundleOptions) -> impl Iterator<Item = (String, String)> {
    let usual = [
        ("process.env.NODE_ENV".to_owned(), format!("{:?}", mode(options))),
        ("global".to_owned(), "globalThis".to_owned()),
    ];
    usual.into_iter().chain(options.define.iter().cloned())
}

fn inject(global: &str, module: &str, name: &str) -> InjectImport {
    InjectImport::named(name.to_owned(), Some(global.to_owned()), module.to_owned())
}

fn resolve(options: &BundleOptions) -> ResolveOptions {
    let conditions = CONDITIONS.into_iter().chain([mode(options)]).map(str::to_owned);
    ResolveOptions {
        condition_names: Some(conditions.chain(options.conditions.iter().cloned()).collect()),
        main_fields: Some(MAIN_FIELDS.map(str::to_owned).to_vec()),
        alias_fields: Some(vec![vec!["browser".to_owned()]]),
        ..Default::default()
    }
}
