//! rolldown's plugin that decides what an import names and gives its text: files, modules of Node.js, and modules that
//! throw in place of those that cannot be had.

use super::project::{Project, is_packages, package_of};
use super::{nesting, refusals, threads};
use crate::source::node::{self, Builtin};
use crate::source::scan::{self, Form};
use crate::source::{Located, Remark, kinds};
use engine_source_map::position_of;
use rolldown_common::side_effects::HookSideEffects;
use rolldown_common::{ImportKind, ModuleType};
use rolldown_plugin::{
    HookLoadArgs, HookLoadOutput, HookLoadReturn, HookResolveIdArgs, HookResolveIdOutput, HookResolveIdReturn,
    HookUsage, Plugin, PluginContext, PluginContextResolveOptions, SharedLoadPluginContext,
};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Largest total of sources, in bytes: the engine holds them in a 32-bit memory, as text and parsed.
const TOTAL_MAX_BYTES: u64 = 256 << 20;

/// Ids of modules that are no files begin so, by convention of bundlers.
const VIRTUAL: char = '\0';

/// A file of a polyfill: what follows is its name.
const POLYFILL: &str = "\0polyfill/";

/// A module of Node.js: what follows is its name, and for one that does not exist here `?` and who imports it.
const NODE: &str = "\0node:";

/// A module that throws: what follows is the message.
const ABSENT: &str = "\0absent/";

/// Decides what an import names, gives its text, and keeps what is to be said about it.
#[derive(Debug)]
pub(super) struct Importer {
    pub(super) project: Project,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// Sizes of the files that were read, by id.
    bytes: BTreeMap<String, u64>,
    total_bytes: u64,
    failures: Vec<Located>,
    /// What is worth knowing if the module of this id is part of the bundle.
    remarks: Vec<(String, Remark)>,
}

/// Globals of browsers that there are not, and what to use instead.
const MISSING_GLOBALS: [(&str, &str); 3] = [
    ("WebSocket", "a function answers one request: use fetch, whose body may be a stream"),
    ("EventSource", "use fetch, and read its body"),
    ("caches", "nothing lasts from request to request: use a server for it"),
];

impl Importer {
    pub(super) fn new(project: Project) -> Self {
        Self { project, kept: Mutex::default() }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands in the way of a bundle, in an order that does not depend on threads.
    pub(super) fn take_failures(&self) -> Vec<Located> {
        let mut failures = std::mem::take(&mut self.kept().failures);
        failures.sort_by(|a, b| (&a.file, a.position, &a.message).cmp(&(&b.file, b.position, &b.message)));
        failures.dedup();
        failures
    }

    /// What is worth knowing about a bundle with the modules of these ids: a message once for each file.
    pub(super) fn remarks(&self, ids: &HashSet<&str>) -> Vec<Remark> {
        let kept = self.kept();
        let mut remarks: Vec<Remark> =
            kept.remarks.iter().filter(|(id, _)| ids.contains(id.as_str())).map(|(_, remark)| remark.clone()).collect();
        remarks.sort_by(|a, b| (&a.file, a.position, &a.message).cmp(&(&b.file, b.position, &b.message)));
        let mut said = HashSet::new();
        remarks.retain(|remark| said.insert(remark.message.clone()));
        remarks
    }

    /// Size of a module's file in bytes; `None` if it is no file.
    pub(super) fn bytes(&self, id: &str) -> Option<u64> {
        self.kept().bytes.get(id).copied()
    }

    /// Name of a module for people: of a file the project's name for it.
    pub(super) fn name<'a>(&self, id: &'a str) -> Cow<'a, str> {
        if let Some(file) = id.strip_prefix(POLYFILL) {
            return Cow::Owned(format!("node:{file}"));
        }
        match id.strip_prefix(VIRTUAL) {
            Some(rest) => Cow::Borrowed(rest),
            None => Cow::Owned(self.project.name(Path::new(id))),
        }
    }

    async fn resolve(
        &self,
        ctx: &PluginContext,
        args: &HookResolveIdArgs<'_>,
    ) -> anyhow::Result<Option<HookResolveIdOutput>> {
        let Some(importer) = args.importer else { return Ok(None) };
        let specifier = args.specifier;
        if specifier.starts_with(VIRTUAL) || importer.starts_with(ABSENT) {
            return Ok(None);
        }
        if let Some(file) = polyfill_file(importer, specifier) {
            return Ok(Some(HookResolveIdOutput::from_id(format!("{POLYFILL}{file}"))));
        }
        if let Some(refusal) = refusals::by_form(specifier) {
            return Ok(Some(self.absent(args, importer, format!("cannot import '{specifier}': {refusal}"))));
        }
        let builtin = node::find(specifier);
        if let Some(builtin) = builtin
            && (specifier.starts_with("node:") || importer.starts_with(VIRTUAL))
        {
            return Ok(Some(self.builtin(args, importer, builtin)));
        }
        let options = PluginContextResolveOptions { import_kind: args.kind, ..Default::default() };
        let error = match ctx.resolve(specifier, Some(importer), Some(options)).await? {
            Ok(resolved) if resolved.external.is_external() => {
                return Ok(Some(self.absent(
                    args,
                    importer,
                    format!("cannot import '{specifier}': it is outside of the bundle"),
                )));
            }
            Ok(resolved) => {
                let refusal = kinds::refuse_import(kinds::ending(Path::new(resolved.id.as_str())));
                return Ok(Some(match refusal {
                    Some(refusal) => self.absent(args, importer, format!("cannot import '{specifier}': {refusal}")),
                    None => HookResolveIdOutput::from_resolved_id(resolved),
                }));
            }
            Err(error) => error,
        };
        if let Some(builtin) = builtin {
            return Ok(Some(self.builtin(args, importer, builtin)));
        }
        let message = refusals::unresolved(&error, specifier, Path::new(importer), &self.name(importer));
        Ok(message.map(|message| self.absent(args, importer, message)))
    }

    /// A module of Node.js; for one that does not exist here a stand-in, if it is a package that imports it.
    fn builtin(&self, args: &HookResolveIdArgs<'_>, importer: &str, builtin: Builtin<'_>) -> HookResolveIdOutput {
        let name = builtin.name();
        if let Builtin::Polyfilled(_) = builtin {
            return HookResolveIdOutput::from_id(format!("{NODE}{name}"));
        }
        let importer_name = self.name(importer);
        if !importer.starts_with(VIRTUAL) && !is_packages(&importer_name) {
            let remedy = node::remedy(name);
            return self.absent(args, importer, format!("node:{name} does not exist here; {remedy}"));
        }
        let whose = importer_name.strip_prefix("node_modules/").unwrap_or(&importer_name);
        let id = format!("{NODE}{name}?{whose}");
        if !importer.starts_with(VIRTUAL) {
            let message = format!(
                "the package '{}' imports node:{name}, which does not exist here; what it calls of it throws",
                package_of(whose)
            );
            let position = self.place(args, importer).map(|(text, found)| position_of(&text, found.offset));
            self.remark(importer, position, &id, message);
        }
        HookResolveIdOutput::from_id(id)
    }

    /// A module that throws `message`. It fails the build, unless the importing code expects that it may be missing.
    fn absent(&self, args: &HookResolveIdArgs<'_>, importer: &str, message: String) -> HookResolveIdOutput {
        let id = format!("{ABSENT}{message}");
        let found = self.place(args, importer);
        let position = found.as_ref().map(|(text, found)| position_of(text, found.offset));
        if args.kind == ImportKind::DynamicImport {
            self.remark(importer, position, &id, format!("this import() will be rejected: {message}"));
        } else if args.kind == ImportKind::Require && found.as_ref().is_some_and(|(_, found)| found.in_try) {
            self.remark(importer, position, &id, format!("this require() will throw: {message}"));
        } else {
            let name = self.name(importer);
            self.kept().failures.push(match found {
                Some((text, found)) => Located::at(&name, &text, found.offset, message),
                None => Located::whole_file(&name, &message),
            });
        }
        HookResolveIdOutput::from_id(id)
    }

    fn remark(&self, importer: &str, position: Option<(u32, u32)>, id: &str, message: String) {
        let file = self.name(importer).into_owned();
        let position = position.unwrap_or((1, 1));
        self.kept().remarks.push((id.to_owned(), Remark { file, position, message }));
    }

    /// The text of the importing file and the place of the import in it.
    fn place(&self, args: &HookResolveIdArgs<'_>, importer: &str) -> Option<(String, scan::Found)> {
        let path = Path::new(importer);
        let text = std::fs::read_to_string(path).ok()?;
        if nesting::beyond(&text, threads::nesting_max()).is_some() {
            return None;
        }
        let form = match args.kind {
            ImportKind::DynamicImport => Form::Dynamic,
            ImportKind::Require => Form::Require,
            _ => Form::Static,
        };
        let found = scan::find(path, &text, args.specifier, form)?;
        Some((text, found))
    }

    /// The text of a module, or what stands in for one that cannot be read.
    fn source(&self, id: &str) -> HookLoadOutput {
        if let Some(name) = id.strip_prefix(POLYFILL) {
            return virtual_module(node::file(name).unwrap_or_default().to_owned());
        }
        if let Some(rest) = id.strip_prefix(NODE) {
            let (name, importer) = rest.split_once('?').unwrap_or((rest, ""));
            return virtual_module(node::module(name, importer));
        }
        if let Some(message) = id.strip_prefix(ABSENT) {
            // Strings of JSON are strings of JavaScript.
            let message = serde_json::Value::from(message);
            return HookLoadOutput {
                code: format!("throw new Error({message});").into(),
                module_type: Some(ModuleType::Js),
                ..Default::default()
            };
        }
        match self.read(Path::new(id)) {
            Ok(text) => {
                self.kept().bytes.insert(id.to_owned(), text.len() as u64);
                self.note_missing_globals(id, &text);
                HookLoadOutput { code: text.into(), ..Default::default() }
            }
            Err(failure) => {
                self.kept().failures.push(*failure);
                HookLoadOutput { module_type: Some(ModuleType::Empty), ..Default::default() }
            }
        }
    }

    /// Say which globals of browsers an application's own file uses that do not exist here. Packages ask before they do.
    fn note_missing_globals(&self, id: &str, text: &str) {
        let path = Path::new(id);
        if is_packages(&self.name(id)) || kinds::TEXTS.contains(&kinds::ending(path)) || kinds::ending(path) == "json" {
            return;
        }
        let names = MISSING_GLOBALS.map(|(name, _)| name);
        for (index, offset) in scan::uses(path, text, &names) {
            let (name, remedy) = MISSING_GLOBALS[index];
            self.remark(id, Some(position_of(text, offset)), id, format!("{name} does not exist here; {remedy}"));
        }
    }

    fn read(&self, path: &Path) -> Result<String, Box<Located>> {
        let name = self.project.name(path);
        let cannot = |cause: String| Box::new(Located::whole_file(&name, &format!("cannot be read: {cause}")));
        let metadata = std::fs::metadata(path).map_err(|error| cannot(error.to_string()))?;
        if !metadata.is_file() {
            return Err(cannot("it is not a file".to_owned()));
        }
        let total_bytes = {
            let mut kept = self.kept();
            kept.total_bytes += metadata.len();
            kept.total_bytes
        };
        if total_bytes > TOTAL_MAX_BYTES {
            return Err(cannot(format!("the sources take more than {} MB", TOTAL_MAX_BYTES >> 20)));
        }
        let bytes = std::fs::read(path).map_err(|error| cannot(error.to_string()))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| cannot(format!("it is not UTF-8 text (byte {})", error.utf8_error().valid_up_to())))?;
        // A byte order mark is not part of the text: https://encoding.spec.whatwg.org/#utf-8-decode
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let nesting_max = threads::nesting_max();
        match nesting::beyond(&text, nesting_max).filter(|_| !kinds::TEXTS.contains(&kinds::ending(path))) {
            Some(offset) => {
                let message = format!("SyntaxError: nested more than {nesting_max} levels deep");
                Err(Box::new(Located::at(&name, &text, offset, message)))
            }
            None => Ok(text),
        }
    }

    /// Path of a file by a name that rolldown shows, which is relative to the project.
    pub(super) fn path(&self, shown: &str) -> PathBuf {
        self.project.root().join(shown)
    }
}

/// Whether a module stands in for one that cannot be had.
pub(super) fn is_absent(id: &str) -> bool {
    id.starts_with(ABSENT)
}

/// A module that is only part of the bundle if something of it is used.
fn virtual_module(code: String) -> HookLoadOutput {
    HookLoadOutput {
        code: code.into(),
        module_type: Some(ModuleType::Js),
        side_effects: Some(HookSideEffects::False),
        ..Default::default()
    }
}

/// The polyfill's file that a relative specifier names in another one.
fn polyfill_file(importer: &str, specifier: &str) -> Option<String> {
    if !refusals::is_relative(specifier) {
        return None;
    }
    let file = match importer.strip_prefix(POLYFILL) {
        Some(file) => file,
        None => importer.strip_prefix(NODE).map(|_| "")?,
    };
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in specifier.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

impl Plugin for Importer {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed("wizerjs")
    }

    async fn resolve_id(&self, ctx: &PluginContext, args: &HookResolveIdArgs<'_>) -> HookResolveIdReturn {
        self.resolve(ctx, args).await
    }

    async fn load(&self, _: SharedLoadPluginContext, args: &HookLoadArgs<'_>) -> HookLoadReturn {
        let ours = [POLYFILL, NODE, ABSENT].iter().any(|prefix| args.id.starts_with(prefix));
        // Other modules that are no files are rolldown's own.
        Ok((ours || Path::new(args.id).is_absolute()).then(|| self.source(args.id)))
    }

    fn register_hook_usage(&self) -> HookUsage {
        HookUsage::ResolveId | HookUsage::Load
    }
}

#[cfg(test)]
mod tests {
    use super::polyfill_file;

    #[test]
    fn polyfills_import_each_other_by_relative_names() {
        let found = |importer: &str, specifier| polyfill_file(importer, specifier);
        assert_eq!(found("\0polyfill/own/util.js", "../util.js").as_deref(), Some("util.js"));
        assert_eq!(found("\0polyfill/stream.js", "./chunk-a.js").as_deref(), Some("chunk-a.js"));
        assert_eq!(found("\0node:stream/web", "./own/stream-web.js").as_deref(), Some("own/stream-web.js"));
        assert_eq!(found("\0polyfill/stream.js", "buffer"), None);
        assert_eq!(found("/app/a.js", "./b.js"), None);
    }
}
