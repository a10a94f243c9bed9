//! Frames of a call stack, as values.

use super::code::Code;
use super::constant::Constant;
use super::place::{Function, Place, functions};
use crate::snapshot::error::Error;
use crate::snapshot::instrument::{Origins, Plan};
use crate::snapshot::live::{LiveFrame, LiveValue};
use crate::snapshot::module::Module;
use crate::snapshot::value::Value;
use std::collections::HashMap;
use std::sync::Arc;
use wasm_encoder::AbstractHeapType;

/// A call that a function of the module has made and that has not returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Index of the function.
    pub function: u32,
    pub(super) place: Arc<Place>,
    /// By local; `None` where a local is not set and cannot be.
    pub(super) locals: Vec<Option<Constant>>,
    /// The lowest first; with the call's own only in the innermost frame, which is yet to make its call.
    pub(super) operands: Vec<Constant>,
}

impl Frame {
    /// Locals that a continuation sets.
    pub fn locals(&self) -> usize {
        self.locals.iter().flatten().count()
    }

    /// Operands that are on the stack besides the arguments of a call that was made.
    pub fn operands(&self) -> usize {
        self.operands.len()
    }

    /// Functions that locals and operands refer to.
    pub(in crate::snapshot) fn referenced_functions(&self) -> impl Iterator<Item = u32> {
        self.locals.iter().flatten().chain(&self.operands).filter_map(|constant| constant.function())
    }
}

/// Reads frames of a live instance.
pub(in crate::snapshot) struct Reader<'a, 'b> {
    module: &'a Module<'b>,
    origins: Origins<'a>,
    functions: Vec<Function<'b>>,
    codes: HashMap<u32, Arc<Code<'b>>>,
    places: HashMap<(u32, usize), Arc<Place>>,
}

impl<'a, 'b> Reader<'a, 'b> {
    pub(in crate::snapshot) fn of(module: &'a Module<'b>, plan: &'a Plan) -> Result<Self, Error> {
        Ok(Self {
            module,
            origins: Origins::of(module, plan)?,
            functions: functions(module)?,
            codes: HashMap::new(),
            places: HashMap::new(),
        })
    }

    /// Read a frame. `value` says what a value of the instance is; its second argument is where it is.
    pub(in crate::snapshot) fn frame(
        &mut self,
        live: &LiveFrame,
        is_innermost: bool,
        value: impl Fn(LiveValue, &dyn Fn() -> String) -> Result<Value, Error>,
    ) -> Result<Frame, Error> {
        let place = self.place(live, is_innermost)?;
        let function = self.module.imported_functions.len() as u32 + live.body;
        let of_function = || self.module.function_place(function);
        let constant = |live: LiveValue, null: AbstractHeapType, of: &dyn Fn() -> String| {
            Ok(Constant { value: value(live, of)?, null })
        };
        let made = if is_innermost { 0 } else { place.arguments };
        let kept = place.operands.len().checked_sub(made).ok_or_else(does_not_fit)?;
        if live.locals.len() != place.locals.len() {
            return Err(does_not_fit());
        }
        let locals = (0u32..).zip(&live.locals).zip(&place.locals).map(|((index, &local), &null)| {
            let is_set = !place.unset.contains(&index);
            is_set.then(|| constant(local, null, &|| format!("local {index} of {}", of_function()))).transpose()
        });
        let locals = locals.collect::<Result<_, Error>>()?;
        let shown = place.shown(live.operands.len(), is_innermost).ok_or_else(|| Error::Operands(of_function()))?;
        let operands = place.operands[..kept].iter().zip(shown).enumerate().map(|(index, (&null, shown))| {
            let operand = *live.operands.get(shown).ok_or_else(does_not_fit)?;
            constant(operand, null, &|| format!("operand {index} of {}", of_function()))
        });
        let operands = operands.collect::<Result<_, Error>>()?;
        Ok(Frame { function, place, locals, operands })
    }

    fn place(&mut self, live: &LiveFrame, is_innermost: bool) -> Result<Arc<Place>, Error> {
        let function = self.functions.get(live.body as usize).ok_or_else(does_not_fit)?;
        let code = match self.codes.get(&live.body) {
            Some(code) => Arc::clone(code),
            None => {
                let code = Arc::new(Code::of(&function.body)?);
                self.codes.insert(live.body, Arc::clone(&code));
                code
            }
        };
        let position = self.origins.find(live.body as usize, live.position)?;
        // The innermost frame stands before its call.
        let call = if is_innermost { code.starting_at(position) } else { code.call_made_at(position) };
        let call = call.ok_or_else(does_not_fit)?;
        if let Some(place) = self.places.get(&(live.body, call)) {
            return Ok(Arc::clone(place));
        }
        let place = Arc::new(function.place(&code, call)?);
        self.places.insert((live.body, call), Arc::clone(&place));
        Ok(place)
    }
}

fn does_not_fit() -> Error {
    Error::Defect("a frame does not fit its function".to_string())
}
