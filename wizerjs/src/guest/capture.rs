//! What loading an application changed, read from the live instance.

use super::host::Host;
use crate::written;
use anyhow::{Context, Result, ensure};
use engine_abi::export;
use engine_artifact::{ChangedGlobal, GlobalValue, StateDelta, WASM_PAGE_BYTES, difference_within};
use wasmtime::{ExternType, Instance, Module, Mutability, Store, Val};

/// The difference between an instance and one in which nothing was done.
pub(super) fn delta(
    store: &mut Store<Host>,
    module: &Module,
    untouched: &Instance,
    instance: &Instance,
) -> Result<StateDelta> {
    let globals = changed_globals(store, module, untouched, instance)?;
    let stack = globals.iter().find(|global| global.export == export::STACK_POINTER);
    ensure!(stack.is_none(), "the engine did not put its stack pointer back: it gave up in the middle of a call");
    let before = untouched.get_memory(&mut *store, export::MEMORY).context("no memory")?;
    let after = instance.get_memory(&mut *store, export::MEMORY).context("no memory")?;
    let image = after.data(&*store);
    Ok(StateDelta {
        memory: difference_within(before.data(&*store), image, written::ranges(image).into_iter())?,
        globals,
        memory_pages: image.len() as u64 / WASM_PAGE_BYTES,
    })
}

fn changed_globals(
    store: &mut Store<Host>,
    module: &Module,
    untouched: &Instance,
    instance: &Instance,
) -> Result<Vec<ChangedGlobal>> {
    let mut changed = Vec::new();
    for exported in module.exports() {
        let ExternType::Global(ty) = exported.ty() else { continue };
        if ty.mutability() != Mutability::Var {
            continue;
        }
        let name = exported.name();
        let before = global(store, untouched, name)?;
        let after = global(store, instance, name)?;
        if before != after {
            changed.push(ChangedGlobal { export: name.to_owned(), value: after });
        }
    }
    Ok(changed)
}

fn global(store: &mut Store<Host>, instance: &Instance, name: &str) -> Result<GlobalValue> {
    let global = instance.get_global(&mut *store, name).with_context(|| format!("no global {name}"))?;
    Ok(match global.get(&mut *store) {
        Val::I32(value) => GlobalValue::I32(value.cast_unsigned()),
        Val::I64(value) => GlobalValue::I64(value.cast_unsigned()),
        Val::F32(bits) => GlobalValue::F32(bits),
        Val::F64(bits) => GlobalValue::F64(bits),
        Val::V128(value) => GlobalValue::V128(value.as_u128()),
        _ => anyhow::bail!("global {name} is a reference, which no snapshot can hold"),
    })
}
