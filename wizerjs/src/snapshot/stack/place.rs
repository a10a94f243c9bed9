//! Where a call stands in its function: what encloses it, and what is on the operand stack.

use super::code::{Code, opens};
use crate::snapshot::error::Error;
use crate::snapshot::module::Module;
use crate::snapshot::parse::{features, parser};
use std::collections::BTreeSet;
use wasm_encoder::AbstractHeapType;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{
    BlockType, CompositeInnerType, FrameKind, FuncToValidate, FuncValidator, FuncValidatorAllocations, FunctionBody,
    HeapType, Operator, ValType, ValidPayload, Validator, ValidatorResources, WasmModuleResources,
};

/// A function of a valid module.
pub(super) struct Function<'a> {
    pub(super) body: FunctionBody<'a>,
    to_validate: FuncToValidate<ValidatorResources>,
}

/// The functions that `module` defines.
pub(super) fn functions<'a>(module: &Module<'a>) -> Result<Vec<Function<'a>>, Error> {
    let mut validator = Validator::new_with_features(features());
    let mut functions = Vec::new();
    for payload in parser().parse_all(module.bytes) {
        if let ValidPayload::Func(to_validate, body) = validator.payload(&payload?)? {
            functions.push(Function { body, to_validate });
        }
    }
    Ok(functions)
}

/// A call in a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Number of the instruction.
    pub(super) call: usize,
    /// Blocks that the call is in, the outermost first, which is the function's body.
    pub(super) enclosing: Vec<Enclosing>,
    /// For each operand, the lowest first and the call's own included, what `ref.null` names where it is null.
    pub(super) operands: Vec<AbstractHeapType>,
    /// How many of them are the call's own.
    pub(super) arguments: usize,
    /// The same for each local.
    pub(super) locals: Vec<AbstractHeapType>,
    /// Operands at the top that Wasmtime 48 does not show any more when the call is made: the function that is called through a
    /// table or a reference. Where exceptions are handled it shows them as they were before.
    taken: usize,
    /// Operands that added instructions have put above those of a watched call, when the host is told of it.
    added: usize,
    /// Locals that nothing was assigned to and that have no default value: they cannot be read before they are set.
    pub(super) unset: BTreeSet<u32>,
}

/// A block that a call is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Enclosing {
    pub(super) kind: Kind,
    /// Number of the instruction that begins it; 0 for the function's body.
    pub(super) opening: usize,
    /// Operands below those of the block.
    pub(super) height: usize,
    /// Operands that Wasmtime 48 may show below those of the block and that are none: the parameters of an `if`, which it keeps
    /// for the `else` to come. They are shown once the first of them was taken in the block.
    copies: usize,
}

/// Kinds of blocks, as far as it matters once they were entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    /// A `block`, or the part of an `if` that was entered.
    Block,
    Loop,
    TryTable,
}

impl Place {
    /// Where Wasmtime shows each operand, if it shows this many in all; `is_told` if the frame stands where the host is told of
    /// the call. `None` if they do not fit, or it cannot be told which are copies.
    pub(super) fn shown(&self, all: usize, is_told: bool) -> Option<Vec<usize>> {
        let own = if is_told { self.operands.len() + self.added } else { self.operands.len() - self.taken };
        let blocks: Vec<&Enclosing> = self.enclosing.iter().filter(|block| block.copies > 0).collect();
        let shown = only_subset(&blocks, all.checked_sub(own)?)?;
        let position = |operand: usize| {
            let below = shown.iter().filter(|block| block.height <= operand);
            operand + below.map(|block| block.copies).sum::<usize>()
        };
        Some((0..self.operands.len()).map(position).collect())
    }
}

/// The blocks whose copies are this many together, if these can only be some.
fn only_subset<'a>(blocks: &[&'a Enclosing], copies: usize) -> Option<Vec<&'a Enclosing>> {
    /// Subsets that are looked at, 2 to this power.
    const MAX_BLOCKS: usize = 12;
    if copies == 0 {
        return Some(Vec::new());
    }
    if blocks.iter().map(|block| block.copies).sum::<usize>() == copies {
        return Some(blocks.to_vec());
    }
    if blocks.len() > MAX_BLOCKS {
        return None;
    }
    let members = |subset: u32| blocks.iter().enumerate().filter(move |(index, _)| subset >> index & 1 == 1);
    let mut fitting = (0..1u32 << blocks.len())
        .filter(|&subset| members(subset).map(|(_, block)| block.copies).sum::<usize>() == copies);
    let subset = fitting.next().filter(|_| fitting.next().is_none())?;
    Some(members(subset).map(|(_, block)| *block).collect())
}

impl<'a> Function<'a> {
    /// The place of the call that is the instruction with this number of `code`, the function's own.
    pub(super) fn place(&self, code: &Code<'a>, call: usize) -> Result<Place, Error> {
        let mut validator = self.validator()?;
        let mut openings = vec![0];
        for (number, (operator, range)) in code.from(0).iter().enumerate().take(call) {
            validator.op(range.start, operator)?;
            if opens(operator) {
                openings.push(number);
            } else if let Operator::End = operator {
                openings.pop();
            }
        }
        let (operator, range) = code.get(call).ok_or_else(no_call)?;
        let (arguments, _) = operator.operator_arity(&validator).ok_or_else(no_call)?;
        let is_handled = code.is_handled(call);
        let is_indirect = matches!(operator, Operator::CallIndirect { .. } | Operator::CallRef { .. });
        let unset = (0..validator.len_locals()).filter(|&local| is_unset(&validator, range.start, local)).collect();
        Ok(Place {
            call,
            enclosing: enclosing(&validator, &openings)?,
            operands: operands(&validator)?,
            arguments: arguments as usize,
            taken: usize::from(is_indirect && !is_handled),
            added: if is_handled { 2 } else { 1 },
            locals: locals(&validator)?,
            unset,
        })
    }

    fn validator(&self) -> Result<FuncValidator<ValidatorResources>, Error> {
        let FuncToValidate { resources, index, ty, features } = &self.to_validate;
        let to_validate = FuncToValidate { resources: resources.clone(), index: *index, ty: *ty, features: *features };
        let mut validator = to_validate.into_validator(FuncValidatorAllocations::default());
        validator.read_locals(&mut self.body.get_binary_reader())?;
        Ok(validator)
    }
}

fn no_call() -> Error {
    Error::Defect("a frame does not stand at a call".to_string())
}

fn enclosing(validator: &FuncValidator<ValidatorResources>, openings: &[usize]) -> Result<Vec<Enclosing>, Error> {
    let blocks = validator.control_stack_height() as usize;
    if blocks != openings.len() {
        return Err(no_call());
    }
    let block = |(level, &opening): (usize, &usize)| {
        let frame = validator.get_control_frame(blocks - 1 - level).ok_or_else(no_call)?;
        let kind = match frame.kind {
            _ if level == 0 => Kind::Function,
            FrameKind::Block | FrameKind::If | FrameKind::Else => Kind::Block,
            FrameKind::Loop => Kind::Loop,
            FrameKind::TryTable => Kind::TryTable,
            // Of a proposal that is not on.
            FrameKind::LegacyTry | FrameKind::LegacyCatch | FrameKind::LegacyCatchAll => return Err(no_call()),
        };
        let copies = if let FrameKind::If = frame.kind { params(validator, frame.block_type)? } else { 0 };
        Ok(Enclosing { kind, opening, height: frame.height, copies })
    };
    openings.iter().enumerate().map(block).collect()
}

/// How many operands a block takes.
fn params(validator: &FuncValidator<ValidatorResources>, ty: BlockType) -> Result<usize, Error> {
    let BlockType::FuncType(index) = ty else { return Ok(0) };
    let ty = validator.resources().sub_type_at(index).ok_or_else(no_call)?;
    Ok(ty.unwrap_func().params().len())
}

fn operands(validator: &FuncValidator<ValidatorResources>) -> Result<Vec<AbstractHeapType>, Error> {
    let height = validator.operand_stack_height() as usize;
    let operand = |index: usize| {
        let ty = validator.get_operand_type(height - 1 - index).flatten();
        null_of(validator, ty.ok_or_else(no_call)?)
    };
    (0..height).map(operand).collect()
}

fn locals(validator: &FuncValidator<ValidatorResources>) -> Result<Vec<AbstractHeapType>, Error> {
    let local = |index| null_of(validator, validator.get_local_type(index).ok_or_else(no_call)?);
    (0..validator.len_locals()).map(local).collect()
}

fn is_unset(validator: &FuncValidator<ValidatorResources>, offset: usize, local: u32) -> bool {
    let has_default = validator.get_local_type(local).is_none_or(|ty| ty.is_defaultable());
    !has_default && validator.clone().op(offset, &Operator::LocalGet { local_index: local }).is_err()
}

/// What `ref.null` names to make a value of this type; anything for types that are not of references.
fn null_of(validator: &FuncValidator<ValidatorResources>, ty: ValType) -> Result<AbstractHeapType, Error> {
    let ValType::Ref(ty) = ty else { return Ok(AbstractHeapType::Func) };
    match ty.heap_type() {
        HeapType::Abstract { ty, .. } => {
            RoundtripReencoder.abstract_heap_type(ty).map_err(|error| Error::Defect(error.to_string()))
        }
        HeapType::Concrete(index) | HeapType::Exact(index) => {
            let resources = validator.resources();
            let ty = match (index.as_module_index(), index.as_core_type_id()) {
                (Some(index), _) => resources.sub_type_at(index),
                (_, Some(id)) => Some(resources.sub_type_at_id(id)),
                (None, None) => None,
            };
            match ty.map(|ty| &ty.composite_type.inner) {
                Some(CompositeInnerType::Func(_)) => Ok(AbstractHeapType::NoFunc),
                Some(CompositeInnerType::Array(_) | CompositeInnerType::Struct(_)) => Ok(AbstractHeapType::None),
                Some(CompositeInnerType::Cont(_)) => Ok(AbstractHeapType::NoCont),
                None => Err(Error::Defect("an operand's type is not one of the module's".to_string())),
            }
        }
    }
}
