//! Watching a program's calls of imported functions, and stopping it at one of them.

use super::call_point::{CallPoint, Target, Which};
use super::descriptors::Descriptors;
use super::error::Error;
use super::{Host, stack};
use crate::snapshot::{Instrumentation, LiveFrame, Module, Moment, Watched};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use wasmtime::{Caller, Extern, Func, Instance, Ref, Store, Val};

/// The error that ends a run at its call.
#[derive(Clone, Copy, Debug)]
struct Reached;

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped at a call")
    }
}

impl std::error::Error for Reached {}

/// What is known of the calls of a run.
pub(super) struct Watch {
    pub(super) call: CallPoint,
    target: Target,
    /// Calls of the target's function so far.
    calls: u64,
    /// Numbers of parameters, by function.
    arguments: BTreeMap<u32, usize>,
    pub(super) descriptors: Descriptors,
    pub(super) layout: stack::Layout,
    /// The call stack at the call, once it is reached.
    frames: Option<Vec<LiveFrame>>,
}

impl Watch {
    /// Watch for `call` in a run of `module`.
    pub(super) fn of(module: &Module<'_>, call: &CallPoint) -> Result<Self, Error> {
        let target = call.target(module)?;
        let descriptors = Descriptors::of(module);
        let functions: BTreeSet<u32> = descriptors.watched().chain([target.function]).collect();
        let arguments = functions.into_iter().map(|function| Ok((function, module.params(function)?)));
        Ok(Self {
            call: call.clone(),
            target,
            calls: 0,
            arguments: arguments.collect::<Result<_, Error>>()?,
            descriptors,
            layout: stack::Layout::of(module)?,
            frames: None,
        })
    }

    /// The calls of which the host is to be told.
    pub(super) fn watched(&self) -> Watched {
        Watched {
            before: self.descriptors.watched().chain([self.target.function]).collect(),
            after: self.descriptors.watched().collect(),
        }
    }

    /// The call stack at the call, if it was reached.
    pub(super) fn frames(&self) -> Option<&[LiveFrame]> {
        self.frames.as_deref()
    }

    /// Whether a call of the target's function, with these arguments, is the one.
    fn is_target(&mut self, arguments: &[i32]) -> bool {
        self.calls += 1;
        match self.target.which {
            Which::Nth(count) => self.calls == count,
            Which::Descriptor(descriptor) => arguments.first() == Some(&descriptor),
        }
    }
}

/// Have the host told of the calls of `instance`, and call the start function that it was not instantiated with.
pub(super) fn start<T: Send + 'static>(
    store: &mut Store<Host<T>>,
    instance: Instance,
    module: &Module<'_>,
    instrumentation: &Instrumentation,
) -> Result<(), Error> {
    if let Some(table) = instrumentation.host_table().and_then(|name| instance.get_table(&mut *store, &name)) {
        let function =
            Func::wrap(&mut *store, |mut caller: Caller<'_, Host<T>>, argument: i32| told(&mut caller, argument));
        table.set(&mut *store, 0, Ref::Func(Some(function)))?;
    }
    if let Some(start) = instrumentation.start(module).and_then(|name| instance.get_func(&mut *store, &name)) {
        start.call(&mut *store, &[], &mut [])?;
    }
    Ok(())
}

/// A call of an imported function is about to be made, or was made.
fn told<T: 'static>(caller: &mut Caller<'_, Host<T>>, argument: i32) -> wasmtime::Result<()> {
    match Moment::decode(argument) {
        Moment::Before(function) => {
            let count = watch(caller)?.arguments.get(&function).copied().unwrap_or_default();
            let arguments = operands(caller, count)?;
            let (memory, watch) = memory_and_watch(caller)?;
            watch.descriptors.before(function, &arguments, memory);
            if function == watch.target.function && watch.is_target(&arguments) {
                let frames = stack::read(caller)?;
                self::watch(caller)?.frames = Some(frames);
                return Err(Reached.into());
            }
        }
        Moment::After(_) => {
            let results = operands(caller, 1)?;
            let (memory, watch) = memory_and_watch(caller)?;
            watch.descriptors.after(results.first().copied().unwrap_or_default(), memory);
        }
    }
    Ok(())
}

fn watch<'a, T>(caller: &'a mut Caller<'_, Host<T>>) -> wasmtime::Result<&'a mut Watch> {
    caller.data_mut().watch.as_mut().ok_or_else(|| wasmtime::Error::msg("nothing is watched"))
}

/// The memory that WASI's functions use, empty if there is none.
fn memory_and_watch<'a, T: 'static>(
    caller: &'a mut Caller<'_, Host<T>>,
) -> wasmtime::Result<(&'a [u8], &'a mut Watch)> {
    let (memory, host) = match caller.get_export("memory") {
        Some(Extern::Memory(memory)) => {
            let (bytes, host) = memory.data_and_store_mut(caller);
            (&*bytes, host)
        }
        _ => (&[][..], caller.data_mut()),
    };
    let watch = host.watch.as_mut().ok_or_else(|| wasmtime::Error::msg("nothing is watched"))?;
    Ok((memory, watch))
}

/// The uppermost operands of the calling function, below those that only instrumentation put there. Those that are no integers
/// of 32 bits are 0: nothing of WASI that is looked at has others but rights.
fn operands<T: 'static>(caller: &mut Caller<'_, Host<T>>, count: usize) -> wasmtime::Result<Vec<i32>> {
    let frame = caller.debug_exit_frames().next();
    let Some(frame) = frame else { return Ok(Vec::new()) };
    let all = frame.num_stacks(&mut *caller)?;
    let mut operand = |index: u32| {
        let value = frame.stack(&mut *caller, index)?;
        Ok(if let Val::I32(value) = value { value } else { 0 })
    };
    let Some(uppermost) = all.checked_sub(1) else { return Ok(Vec::new()) };
    let end = all.saturating_sub(Moment::own_operands(operand(uppermost)?) as u32);
    (end.saturating_sub(count as u32)..end).map(operand).collect()
}
