//! Reading the call stack of a running instance, as Wasmtime's guest debugging shows it.

use super::Host;
use super::error::Error;
use super::live::live_value;
use crate::snapshot::{LiveFrame, LiveReference, LiveValue, MAX_FRAMES, Module};
use std::collections::BTreeSet;
use std::fmt;
use wasmtime::{AsContextMut, Caller, FrameHandle};

/// What has to be known of a module before a stack of its instance is read.
pub(super) struct Layout {
    /// Locals, by the function's position among those defined, that may hold nothing and whose types do not allow for it:
    /// they cannot be read.
    unreadable: BTreeSet<(u32, u32)>,
    /// The instrumented module, once it is compiled.
    pub(super) module: Option<wasmtime::Module>,
}

impl Layout {
    pub(super) fn of(module: &Module<'_>) -> Result<Self, Error> {
        Ok(Self { unreadable: module.locals_without_default()?, module: None })
    }
}

/// Why a call stack cannot be captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StackError {
    /// A function of another module has called, with the name of the module if it has one.
    OtherModule(Option<String>),
    /// A function of the host has called the module.
    Host,
    /// There are more than [`MAX_FRAMES`].
    Frames,
}

impl fmt::Display for StackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherModule(Some(name)) => {
                write!(f, "a function of the module `{name}` is on the call stack: only those of the module itself can be captured")
            }
            Self::OtherModule(None) => f.write_str(
                "a function of a preloaded module is on the call stack: only those of the module itself can be captured",
            ),
            Self::Host => {
                f.write_str("a function of the host is on the call stack, and called the module: stop before that call")
            }
            Self::Frames => {
                write!(f, "more than {MAX_FRAMES} functions are on the call stack: stop at a call that is made less deep")
            }
        }
    }
}

impl std::error::Error for StackError {}

/// The frames of the instance that has called the host, the innermost first.
pub(super) fn read<T: 'static>(caller: &mut Caller<'_, Host<T>>) -> wasmtime::Result<Vec<LiveFrame>> {
    let activations: Vec<FrameHandle> = caller.debug_exit_frames().collect();
    let [innermost] = activations.as_slice() else { return Err(StackError::Host.into()) };
    let mut frames = Vec::new();
    let mut next = Some(innermost.clone());
    while let Some(handle) = next {
        if frames.len() == MAX_FRAMES {
            return Err(StackError::Frames.into());
        }
        frames.extend(frame(caller, &handle)?);
        next = handle.parent(&mut *caller)?;
    }
    Ok(frames)
}

/// One frame; `None` if it is not of a function of wasm.
fn frame<T: 'static>(caller: &mut Caller<'_, Host<T>>, handle: &FrameHandle) -> wasmtime::Result<Option<LiveFrame>> {
    let Some((function, position)) = handle.wasm_function_index_and_pc(&mut *caller)? else { return Ok(None) };
    check_module(caller, handle)?;
    let body = function.as_u32();
    let locals = (0..handle.num_locals(&mut *caller)?)
        .map(|local| {
            let layout = caller.data().watch.as_ref().map(|watch| &watch.layout);
            if layout.is_some_and(|layout| layout.unreadable.contains(&(body, local))) {
                return Ok(LiveValue::Ref(LiveReference::Other("reference")));
            }
            let value = handle.local(&mut *caller, local)?;
            Ok(live_value(caller.as_context_mut(), value))
        })
        .collect::<wasmtime::Result<_>>()?;
    let operands = (0..handle.num_stacks(&mut *caller)?)
        .map(|operand| {
            let value = handle.stack(&mut *caller, operand)?;
            Ok(live_value(caller.as_context_mut(), value))
        })
        .collect::<wasmtime::Result<_>>()?;
    Ok(Some(LiveFrame { body, position: position.raw() as usize, locals, operands }))
}

fn check_module<T: 'static>(caller: &mut Caller<'_, Host<T>>, handle: &FrameHandle) -> wasmtime::Result<()> {
    let own = caller.data().watch.as_ref().and_then(|watch| watch.layout.module.clone());
    let module = handle.module(caller.as_context_mut())?;
    match (module, &own) {
        (Some(module), Some(own)) if wasmtime::Module::same(module, own) => Ok(()),
        (module, _) => Err(StackError::OtherModule(module.and_then(|module| module.name().map(String::from))).into()),
    }
}
