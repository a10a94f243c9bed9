//! Imports that are neither WASI nor the caller's: preloaded modules, and those that nobody provides.

use super::Host;
use super::error::Error;
use std::fmt;
use wasmtime::{ExternType, Func, Linker, Module, Store};

/// A module to instantiate before the one that is initialized.
#[derive(Clone, Debug)]
pub struct Preload {
    /// Import module name under which its exports are found.
    pub name: String,
    /// The module.
    pub bytes: Vec<u8>,
}

/// The error of calling an import that nobody provides.
#[derive(Clone, Debug)]
pub(super) struct UnprovidedImport {
    pub(super) module: String,
    pub(super) name: String,
}

impl fmt::Display for UnprovidedImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "import `{}`.`{}` is not provided", self.module, self.name)
    }
}

impl std::error::Error for UnprovidedImport {}

/// Instantiate modules, in order; each sees the exports of those before it.
pub(super) fn preload<T: Send + 'static>(
    store: &mut Store<Host<T>>,
    linker: &mut Linker<Host<T>>,
    modules: &[Preload],
) -> Result<(), Error> {
    for Preload { name, bytes } in modules {
        let in_preload = |error: wasmtime::Error| {
            Error::Other(anyhow::Error::from(error).context(format!("preloaded module `{name}`")))
        };
        let module = Module::new(store.engine(), bytes).map_err(in_preload)?;
        trap_unknown(store, linker, &module)?;
        linker.module(&mut *store, name, &module).map_err(in_preload)?;
    }
    Ok(())
}

/// Define every function that `module` imports and nobody provides so that calling it fails.
pub(super) fn trap_unknown<T: Send + 'static>(
    store: &mut Store<Host<T>>,
    linker: &mut Linker<Host<T>>,
    module: &Module,
) -> Result<(), Error> {
    for import in module.imports() {
        if linker.get_by_import(&mut *store, &import).is_some() {
            continue;
        }
        let (module, name) = (import.module().to_string(), import.name().to_string());
        match import.ty() {
            ExternType::Func(ty) => {
                let unprovided = UnprovidedImport { module: module.clone(), name: name.clone() };
                let function =
                    Func::new(&mut *store, ty, move |_, _, _| Err(wasmtime::Error::from(unprovided.clone())));
                linker.define(&mut *store, &module, &name, function).map_err(|error| Error::Other(error.into()))?;
            }
            ExternType::Tag(ty) => {
                let tag = wasmtime::Tag::new(&mut *store, &ty).map_err(|error| Error::Other(error.into()))?;
                linker.define(&mut *store, &module, &name, tag).map_err(|error| Error::Other(error.into()))?;
            }
            _ => {}
        }
    }
    Ok(())
}
