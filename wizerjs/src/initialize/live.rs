//! Wasmtime's side of [`LiveInstance`].

use crate::snapshot::{LiveFrame, LiveInstance, LiveReference, LiveValue};
use crate::written;
use std::collections::HashMap;
use std::ops::Range;
use wasmtime::{AnyRef, AsContextMut, Extern, Func, Instance, Memory, Ref, RootScope, Rooted, Store, Table, Val};

/// Message for a missing export: instrumentation added it, so it is always there.
const ADDED: &str = "instrumentation added the export";

/// An instance in its store.
pub(super) struct Live<T: 'static> {
    pub(super) store: Store<T>,
    instance: Instance,
    /// Exported globals and tables by name, looked up once, because a lookup needs the store mutably.
    memories: HashMap<String, Memory>,
    /// The table that was looked up last; entries of one table are read one after the other.
    table: Option<(String, Table)>,
    /// The call stack at which the instance was stopped.
    frames: Vec<LiveFrame>,
}

impl<T: 'static> Live<T> {
    pub(super) fn new(mut store: Store<T>, instance: Instance, frames: Vec<LiveFrame>) -> Self {
        let memories = instance
            .exports(&mut store)
            .filter_map(|export| match (export.name().to_string(), export.into_extern()) {
                (name, Extern::Memory(memory)) => Some((name, memory)),
                _ => None,
            })
            .collect();
        Self { store, instance, memories, table: None, frames }
    }

    fn table(&mut self, export: &str) -> Table {
        match &self.table {
            Some((name, table)) if name == export => *table,
            _ => {
                let table = self.instance.get_table(&mut self.store, export).expect(ADDED);
                self.table = Some((export.to_string(), table));
                table
            }
        }
    }
}

impl<T: 'static> LiveInstance for Live<T> {
    fn memory(&self, export: &str) -> &[u8] {
        self.memories.get(export).expect(ADDED).data(&self.store)
    }

    fn written(&self, export: &str) -> Vec<Range<usize>> {
        // A memory is an anonymous mapping, because `memory_init_cow` is off; so the kernel knows which pages were written.
        written::ranges(self.memory(export))
    }

    fn global(&mut self, export: &str) -> LiveValue {
        let global = self.instance.get_global(&mut self.store, export).expect(ADDED);
        let mut scope = RootScope::new(&mut self.store);
        let value = global.get(&mut scope);
        live_value(&mut scope, value)
    }

    fn table_len(&mut self, export: &str) -> u64 {
        self.table(export).size(&self.store)
    }

    fn table_entry(&mut self, export: &str, index: u64) -> LiveReference {
        let table = self.table(export);
        let mut scope = RootScope::new(&mut self.store);
        match table.get(&mut scope, index).expect("index is below the length") {
            Ref::Func(function) => function_reference(&mut scope, function),
            Ref::Any(any) => any_reference(&mut scope, any),
            Ref::Extern(reference) => opaque(reference.is_none(), "externref"),
            Ref::Exn(reference) => opaque(reference.is_none(), "exnref"),
        }
    }

    fn frames(&mut self) -> Vec<LiveFrame> {
        self.frames.clone()
    }
}

/// What a value of an instance is.
pub(super) fn live_value(store: impl AsContextMut, value: Val) -> LiveValue {
    match value {
        Val::I32(value) => LiveValue::I32(value),
        Val::I64(value) => LiveValue::I64(value),
        Val::F32(bits) => LiveValue::F32(bits),
        Val::F64(bits) => LiveValue::F64(bits),
        Val::V128(value) => LiveValue::V128(value.as_u128()),
        Val::FuncRef(function) => LiveValue::Ref(function_reference(store, function)),
        Val::AnyRef(any) => LiveValue::Ref(any_reference(store, any)),
        Val::ExternRef(reference) => LiveValue::Ref(opaque(reference.is_none(), "externref")),
        Val::ExnRef(reference) => LiveValue::Ref(opaque(reference.is_none(), "exnref")),
        Val::ContRef(reference) => LiveValue::Ref(opaque(reference.is_none(), "contref")),
    }
}

fn function_reference(store: impl AsContextMut, function: Option<Func>) -> LiveReference {
    match function {
        // Wasmtime keeps one record for each function of an instance that a reference was made to.
        Some(function) => LiveReference::Function(function.to_raw(store).addr()),
        None => LiveReference::Null,
    }
}

fn any_reference(mut store: impl AsContextMut, any: Option<Rooted<AnyRef>>) -> LiveReference {
    let Some(any) = any else { return LiveReference::Null };
    match any.as_i31(store.as_context_mut()) {
        Ok(Some(value)) => LiveReference::I31(value.get_u32()),
        Ok(None) | Err(_) => LiveReference::Other("anyref"),
    }
}

fn opaque(is_null: bool, kind: &'static str) -> LiveReference {
    if is_null { LiveReference::Null } else { LiveReference::Other(kind) }
}
