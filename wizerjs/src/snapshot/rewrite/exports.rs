//! Export section: removals and renamings.

use super::{RESUMING_EXPORT, Rewrite, Vector};
use crate::snapshot::error::Error;
use crate::snapshot::leb;
use crate::snapshot::module::Module;
use std::collections::BTreeMap;
use wasmparser::{Export, ExternalKind};

/// The exports of the rewritten module: new names, and which were there before.
pub(super) struct Exports<'a> {
    kept: Vec<(String, Export<'a>)>,
    is_changed: bool,
}

/// Decide which exports stay, and under which names. `entry` is a function that goes on where the instance was stopped.
pub(super) fn plan<'a>(module: &Module<'a>, options: &Rewrite, entry: Option<u32>) -> Result<Exports<'a>, Error> {
    let renames = renames(module, options)?;
    let mut kept = Vec::with_capacity(module.exports.len());
    let mut is_changed = false;
    for export in &module.exports {
        let is_removed = options.remove_exports.iter().any(|name| name == export.name);
        let new_name = renames.get(export.name).copied();
        let is_replaced = new_name.is_none() && renames.values().any(|&name| name == export.name);
        if is_removed || is_replaced {
            is_changed = true;
            continue;
        }
        is_changed |= new_name.is_some();
        kept.push((new_name.unwrap_or(export.name).to_string(), *export));
    }
    if let Some(index) = entry {
        is_changed = true;
        kept.retain(|(name, _)| name != RESUMING_EXPORT);
        let export = Export { name: RESUMING_EXPORT, kind: ExternalKind::Func, index };
        kept.push((RESUMING_EXPORT.to_string(), export));
    }
    Ok(Exports { kept, is_changed })
}

/// New name by old name.
fn renames<'o>(module: &Module<'_>, options: &'o Rewrite) -> Result<BTreeMap<&'o str, &'o str>, Error> {
    let mut renames: BTreeMap<&str, &str> = BTreeMap::new();
    for (new, old) in &options.rename_exports {
        let is_there = module.has_export(old) && !options.remove_exports.contains(old);
        if !is_there {
            return Err(Error::Exports(format!("has no export `{old}` to rename to `{new}`")));
        }
        if renames.values().any(|&name| name == new) {
            return Err(Error::Exports(format!("two exports are to be renamed to `{new}`")));
        }
        if renames.insert(old, new).is_some() {
            return Err(Error::Exports(format!("export `{old}` is to be renamed twice")));
        }
    }
    Ok(renames)
}

impl Exports<'_> {
    /// New contents, if anything changed.
    pub(super) fn contents(&self, module: &Module<'_>) -> Option<Vec<u8>> {
        debug_assert!(self.is_changed || self.kept.len() == module.exports.len());
        self.is_changed.then(|| {
            let mut exports = Vector::default();
            for (name, export) in &self.kept {
                exports.push(|out| {
                    leb::bytes(out, name.as_bytes());
                    out.push(kind(export.kind));
                    leb::unsigned(out, u64::from(export.index));
                });
            }
            exports.finish()
        })
    }

    /// Functions that are exported.
    pub(super) fn functions(&self) -> impl Iterator<Item = u32> {
        self.kept.iter().filter(|(_, export)| export.kind == ExternalKind::Func).map(|(_, export)| export.index)
    }
}

fn kind(kind: ExternalKind) -> u8 {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => 0,
        ExternalKind::Table => 1,
        ExternalKind::Memory => 2,
        ExternalKind::Global => 3,
        ExternalKind::Tag => 4,
    }
}
