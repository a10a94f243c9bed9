//! Reading a live instance at the snapshot point.

use super::MAX_TABLE_ENTRIES;
use super::error::Error;
use super::facts::Marker;
use super::instrument::{Instrumentation, Plan};
use super::live::{LiveInstance, LiveReference, LiveValue};
use super::memory::{self, MemoryImage};
use super::module::{Hierarchy, Module};
use super::rewrite::kept_data_segments;
use super::stack::{self, Frame};
use super::value::{self, I31_MASK, Reference, Value};
use std::collections::{BTreeSet, HashMap};
use wasmparser::{ElementItems, ElementKind};

/// State of an instance at the snapshot point. Contents of memories are where the instance has them: nothing large is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot<'a> {
    /// By memory index.
    pub memories: Vec<MemoryImage<'a>>,
    /// By global index; `None` where the initializer makes the same value again.
    pub globals: Vec<Option<Value>>,
    /// By table index; `None` where nothing was written, so that element segments make the same contents again.
    pub tables: Vec<Option<TableImage>>,
    /// Data segments that an instruction dropped.
    pub dropped_data: BTreeSet<u32>,
    /// Element segments that an instruction dropped.
    pub dropped_elements: BTreeSet<u32>,
    /// Imported functions that were called, in order of function index.
    pub import_calls: Vec<ImportCalls>,
    /// The call stack at which the instance was stopped, the innermost frame first; none if its functions returned.
    pub frames: Vec<Frame>,
}

/// Contents of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableImage {
    /// All entries.
    pub entries: Vec<Reference>,
}

/// Calls of an imported function by instructions that name it; calls through a table are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportCalls {
    /// Import module name.
    pub module: String,
    /// Import name.
    pub name: String,
    /// How often it was called.
    pub count: u64,
}

/// Read all state of `instance`, an instance of `module` to which `instrumentation` was applied.
///
/// # Errors
/// State that no module can be initialized with, naming where it is.
pub fn capture<'a>(
    module: &Module<'_>,
    instrumentation: &Instrumentation,
    instance: &'a mut impl LiveInstance,
) -> Result<Snapshot<'a>, Error> {
    let plan = &instrumentation.plan;
    let seen = Seen::read(plan, instance);
    let mut reader = Reader { module, plan, functions: identities(plan, instance), instance, seen: &seen };
    let globals = (0..module.globals.len() as u32).map(|index| reader.global(index)).collect::<Result<_, _>>()?;
    let tables = (0..module.tables.len() as u32).map(|index| reader.table(index)).collect::<Result<_, _>>()?;
    reader.check_element_objects()?;
    let frames = reader.frames()?;
    Ok(Snapshot {
        memories: memory::capture(module, plan, instance, kept_data_segments(module)),
        globals,
        tables,
        dropped_data: seen.dropped_data,
        dropped_elements: seen.dropped_elements,
        import_calls: named(module, seen.calls),
        frames,
    })
}

/// Imported functions that `instance` has called so far, in order of function index.
pub fn import_calls(
    module: &Module<'_>,
    instrumentation: &Instrumentation,
    instance: &mut impl LiveInstance,
) -> Vec<ImportCalls> {
    named(module, Seen::read(&instrumentation.plan, instance).calls)
}

fn named(module: &Module<'_>, calls: Vec<(u32, u64)>) -> Vec<ImportCalls> {
    let named = |(index, count): (u32, u64)| {
        let import = module.imported_functions[index as usize];
        ImportCalls { module: import.module.to_string(), name: import.name.to_string(), count }
    };
    calls.into_iter().map(named).collect()
}

/// Values of the counters that instrumentation added.
#[derive(Default)]
struct Seen {
    calls: Vec<(u32, u64)>,
    written_tables: BTreeSet<u32>,
    written_globals: BTreeSet<u32>,
    dropped_data: BTreeSet<u32>,
    dropped_elements: BTreeSet<u32>,
    /// The instruction that changed an object, the first by name if there were several.
    changed_objects: Option<&'static str>,
}

impl Seen {
    fn read(plan: &Plan, instance: &mut impl LiveInstance) -> Self {
        let mut seen = Self::default();
        for (position, &marker) in plan.markers.iter().enumerate() {
            let LiveValue::I64(count @ 1..) = instance.global(&plan.marker(position)) else { continue };
            match marker {
                Marker::Called(index) => seen.calls.push((index, count.cast_unsigned())),
                Marker::TableWritten(index) => drop(seen.written_tables.insert(index)),
                Marker::GlobalWritten(index) => drop(seen.written_globals.insert(index)),
                Marker::DataDropped(index) => drop(seen.dropped_data.insert(index)),
                Marker::ElementDropped(index) => drop(seen.dropped_elements.insert(index)),
                Marker::ObjectChanged(change) => {
                    seen.changed_objects.get_or_insert(change.instruction());
                }
            }
        }
        seen
    }
}

/// Function index by identity of the reference.
fn identities(plan: &Plan, instance: &mut impl LiveInstance) -> HashMap<usize, u32> {
    let mut identities = HashMap::with_capacity(plan.functions.len());
    for (position, &function) in plan.functions.iter().enumerate() {
        if let LiveReference::Function(identity) = instance.table_entry(&plan.functions_table(), position as u64) {
            identities.entry(identity).or_insert(function);
        }
    }
    identities
}

struct Reader<'a, 'b, I> {
    module: &'a Module<'b>,
    plan: &'a Plan,
    functions: HashMap<usize, u32>,
    instance: &'a mut I,
    seen: &'a Seen,
}

impl<I: LiveInstance> Reader<'_, '_, I> {
    fn global(&mut self, index: u32) -> Result<Option<Value>, Error> {
        let is_mutable = self.module.globals[index as usize].ty.mutable;
        let is_object = self.module.is_object_global(index);
        if !is_mutable && !is_object {
            return Ok(None);
        }
        let value = self.instance.global(&self.plan.global(index));
        if is_object && !self.seen.written_globals.contains(&index) {
            if let LiveValue::Ref(reference) = value {
                self.check_unchanged(reference, || self.module.global_place(index))?;
            }
            return Ok(None);
        }
        Ok(Some(self.value(value, || self.module.global_place(index))?))
    }

    fn frames(&mut self) -> Result<Vec<Frame>, Error> {
        let live = self.instance.frames();
        if live.is_empty() {
            return Ok(Vec::new());
        }
        let mut reader = stack::Reader::of(self.module, self.plan)?;
        live.iter()
            .enumerate()
            .map(|(depth, frame)| reader.frame(frame, depth == 0, |value, place| self.value(value, place)))
            .collect()
    }

    fn value(&self, value: LiveValue, place: impl Fn() -> String) -> Result<Value, Error> {
        Ok(match value {
            LiveValue::I32(value) => Value::I32(value),
            LiveValue::I64(value) => Value::I64(value),
            LiveValue::F32(bits) => Value::F32(bits),
            LiveValue::F64(bits) => Value::F64(bits),
            LiveValue::V128(bits) => Value::V128(bits),
            LiveValue::Ref(reference) => Value::Ref(self.reference(reference, place)?),
        })
    }

    fn table(&mut self, index: u32) -> Result<Option<TableImage>, Error> {
        let export = self.plan.table(index);
        let is_object = self.module.hierarchy(self.module.tables[index as usize].ty.element_type) == Hierarchy::Other;
        let is_written = self.seen.written_tables.contains(&index);
        let may_have_changed = is_object && self.seen.changed_objects.is_some();
        if !(is_written || may_have_changed) {
            return Ok(None);
        }
        let len = self.instance.table_len(&export);
        if len > MAX_TABLE_ENTRIES {
            return Err(Error::TableSize { place: self.module.table_place(index), entries: len });
        }
        let mut entries = Vec::new();
        for position in 0..len {
            let entry = self.instance.table_entry(&export, position);
            let place = || format!("entry {position} of {}", self.module.table_place(index));
            if is_written {
                entries.push(self.reference(entry, place)?);
            } else {
                self.check_unchanged(entry, place)?;
            }
        }
        Ok(is_written.then_some(TableImage { entries }))
    }

    fn reference(&self, reference: LiveReference, place: impl Fn() -> String) -> Result<Reference, Error> {
        match reference {
            LiveReference::Null => Ok(Reference::Null),
            LiveReference::I31(value) => Ok(Reference::I31(value & I31_MASK)),
            LiveReference::Function(identity) => match self.functions.get(&identity) {
                Some(&function) => Ok(Reference::Function(function)),
                None => Err(Error::ForeignFunction { place: place() }),
            },
            LiveReference::Other(kind) => Err(Error::Reference { place: place(), kind }),
        }
    }

    /// An object that an initializer made is made again by the same initializer, unless it was changed since.
    fn check_unchanged(&self, reference: LiveReference, place: impl Fn() -> String) -> Result<(), Error> {
        match (reference, self.seen.changed_objects) {
            (LiveReference::Other(_), Some(instruction)) => Err(Error::ChangedObject { place: place(), instruction }),
            _ => Ok(()),
        }
    }

    /// The same for objects in passive element segments.
    fn check_element_objects(&self) -> Result<(), Error> {
        let Some(instruction) = self.seen.changed_objects else { return Ok(()) };
        let globals = value::initial_globals(self.module);
        for (index, element) in self.module.elements.iter().enumerate() {
            let is_live =
                matches!(element.kind, ElementKind::Passive) && !self.seen.dropped_elements.contains(&(index as u32));
            let ElementItems::Expressions(ty, items) = &element.items else { continue };
            if !is_live || self.module.hierarchy(*ty) == Hierarchy::Function {
                continue;
            }
            for item in items.clone() {
                if value::evaluate(&globals, &item?).is_none() {
                    return Err(Error::ChangedObject { place: format!("element segment {index}"), instruction });
                }
            }
        }
        Ok(())
    }
}
