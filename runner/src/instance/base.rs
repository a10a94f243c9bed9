//! An engine's base module, compiled: what the applications of one engine share.

use crate::errors::one_line;
use crate::hostcalls;
use crate::load::wasmtime_engine;
use crate::memory::{Budget, Share};
use crate::state::RequestState;
use anyhow::{Context, Result, bail, ensure};
use engine_abi::export;
use std::ops::Range;
use std::sync::Arc;
use std::task::{self, Poll, Waker};
use wasmtime::{ExternType, InstancePre, Linker, Memory, Module, ModuleExport, Mutability, Store, Val};

/// Wait for what is asynchronous in order to have a stack of its own only, as deep as guests may go, whatever thread this is.
pub(super) fn on_own_stack<T>(call: impl Future<Output = T>) -> T {
    let mut call = std::pin::pin!(call);
    loop {
        if let Poll::Ready(done) = call.as_mut().poll(&mut task::Context::from_waker(Waker::noop())) {
            return done;
        }
    }
}

/// An engine, ready to be instantiated.
pub(crate) struct Base {
    pub(crate) pre: InstancePre<RequestState>,
    pub(crate) exports: Exports,
    pub(crate) pristine: Pristine,
    /// Reason why instances cannot be reset; `None` if they can.
    pub(crate) hidden_state: Option<String>,
}

/// Exports of the guest that every request uses, looked up once.
pub(crate) struct Exports {
    pub(crate) memory: ModuleExport,
    pub(crate) allocate: ModuleExport,
    pub(crate) handle_request: ModuleExport,
    pub(crate) resume: ModuleExport,
    /// Exported mutable globals, by name.
    pub(crate) globals: Vec<(String, ModuleExport)>,
}

/// An instance that nothing ever ran in: its memory is the base image, mapped and shared, and costs nothing.
pub(crate) struct Pristine {
    store: Store<Share>,
    memory: Memory,
    /// Values of [`Exports::globals`].
    pub(crate) globals: Vec<Val>,
}

impl Pristine {
    pub(crate) fn image(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// Make `part`, the memory in the range `run`, what it is in the base image.
    pub(crate) fn fill(&self, run: &Range<usize>, part: &mut [u8]) {
        let image = self.image();
        let from_base = image.get(run.start..run.end.min(image.len())).unwrap_or_default();
        let (head, tail) = part.split_at_mut(from_base.len());
        head.copy_from_slice(from_base);
        // Not for nothing: a masked store of no bytes, as memset does it, to the protected page that follows takes 0.15 µs.
        if !tail.is_empty() {
            tail.fill(0);
        }
    }
}

impl Base {
    /// Link `module`. `hidden_state` is the reason why instances of it cannot be reset, if there is one. An instance may have so
    /// many bytes of memories and tables.
    pub(crate) fn link(module: &Module, hidden_state: Option<String>, max_bytes: usize) -> Result<Self> {
        let mut linker = Linker::new(module.engine());
        hostcalls::add_to(&mut linker)?;
        hostcalls::complete(&mut linker, module)?;
        let pre = linker.instantiate_pre(module).map_err(one_line)?;
        let exports = Exports::of(module)?;
        Ok(Self { pristine: Pristine::of(module, &exports, max_bytes)?, hidden_state, pre, exports })
    }
}

impl Exports {
    fn of(module: &Module) -> Result<Self> {
        let function = |name: &str, parameters: usize| {
            let ty = module.get_export(name).with_context(|| format!("its engine does not export {name}"))?;
            let ExternType::Func(ty) = ty else { bail!("its engine's export {name} is not a function") };
            let is_i32 = |ty: wasmtime::ValType| ty.is_i32();
            if ty.params().len() != parameters
                || !ty.params().all(is_i32)
                || ty.results().len() != 1
                || !ty.results().all(is_i32)
            {
                bail!("its engine's function {name} has another type than this interface says");
            }
            module.get_export_index(name).with_context(|| format!("its engine does not export {name}"))
        };
        match module.get_export(export::MEMORY) {
            Some(ExternType::Memory(memory)) if !memory.is_shared() && !memory.is_64() => {}
            _ => bail!("its engine does not export a 32-bit {} of its own", export::MEMORY),
        }
        let mut globals = Vec::new();
        for export in module.exports() {
            let ExternType::Global(ty) = export.ty() else { continue };
            if ty.mutability() != Mutability::Var {
                continue;
            }
            // A reference belongs to the instance it was read from, and cannot be given to another.
            ensure!(
                !ty.content().is_ref(),
                "its engine exports the mutable global {}, which holds references, not numbers: it could not be restored",
                export.name()
            );
            let index = module.get_export_index(export.name()).context("no such export")?;
            globals.push((export.name().to_owned(), index));
        }
        Ok(Self {
            memory: module.get_export_index(export::MEMORY).context("no memory")?,
            allocate: function(export::ALLOCATE, 2)?,
            handle_request: function(export::HANDLE_REQUEST, 2)?,
            resume: function(export::RESUME, 2)?,
            globals,
        })
    }
}

impl Pristine {
    fn of(module: &Module, exports: &Exports, max_bytes: usize) -> Result<Self> {
        // Nothing is taken from the memory that instances are made of: all of them map this one.
        let mut store =
            Store::new(module.engine(), Share::new(&Budget::new(usize::MAX), &Arc::default(), max_bytes, 0));
        store.limiter(|share| share);
        wasmtime_engine::count_instructions(&mut store);
        // A start function would run here; it may, for no more than a tick.
        store.set_epoch_deadline(2);
        let mut linker = Linker::new(module.engine());
        linker.define_unknown_imports_as_traps(module).map_err(one_line)?;
        let instance = on_own_stack(linker.instantiate_async(&mut store, module));
        let instance = match instance {
            Ok(instance) => instance,
            Err(_) if store.data().was_refused() => {
                bail!(
                    "it starts with more memory and tables than the {max_bytes} bytes of an instance; raise --max-memory"
                )
            }
            Err(error) => return Err(one_line(error)).context("cannot be instantiated"),
        };
        let memory = instance.get_module_export(&mut store, &exports.memory).and_then(wasmtime::Extern::into_memory);
        let mut globals = Vec::new();
        for (_, export) in &exports.globals {
            let global = instance.get_module_export(&mut store, export).and_then(wasmtime::Extern::into_global);
            globals.push(global.context("no such global")?.get(&mut store));
        }
        Ok(Self { memory: memory.context("no memory")?, globals, store })
    }
}
