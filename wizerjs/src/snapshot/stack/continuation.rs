//! Continuations: the body of a function, entered at a call.
//!
//! What was done on the way to the call is left out, what comes after it is copied instruction by instruction. Blocks that the
//! call is in are there, entered with the operands that were on the stack; so branches out of them, and handlers of
//! exceptions, are what they were. A loop is entered in the middle once and then run from its beginning:
//!
//! ```wat
//! ;; the function                     ;; its continuation
//! (func $f (param i32) (result i32)   (func $f' (result i32) (local i32)
//!                                       (local.set 0 (i32.const 7))        ;; what the local held
//!   A                                   (block $out (result i32)
//!                                         (block $again
//!   (loop $again (result i32)
//!     B
//!     call $g                               call $g'                       ;; the continuation of the called function
//!     C                                     C                              ;; (br $again) is to the block's end
//!                                           (br $out))
//!                                         (loop $again (result i32) B call $g C))
//!   )
//!   D)                                  D)
//! ```

use super::code::{Code, opens};
use super::frame::Frame;
use super::labels::Labels;
use super::place::{Enclosing, Kind};
use super::types::{AddedTypes, Types, encoded};
use crate::snapshot::error::Error;
use crate::snapshot::instrument::MAX_FUNCTION_BYTES;
use crate::snapshot::module::Module;
use std::ops::Range;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{Catch, Instruction};
use wasmparser::{BinaryReader, BlockType, FunctionBody, Operator};

/// What a continuation calls where its function made a call.
#[derive(Clone, Copy, Debug)]
pub(in crate::snapshot) enum Callee {
    /// What the function calls: the call is yet to be made.
    Own,
    /// The continuation with this function index.
    Continuation(u32),
}

/// The body of the continuation of `frame`, whose function's own stands at `range`; a function of type `[] -> results`, the
/// function's results.
pub(in crate::snapshot) fn body(
    module: &Module<'_>,
    range: &Range<usize>,
    types: &Types,
    added: &mut AddedTypes,
    frame: &Frame,
    callee: Callee,
) -> Result<Vec<u8>, Error> {
    let own = FunctionBody::new(BinaryReader::new(module.slice(range), range.start));
    let code = Code::of(&own)?;
    let function = wasm_encoder::Function::new_with_locals_types(local_types(module, types, frame.function, &own)?);
    let mut writer = Writer { module, types, added, code: &code, frame, function, labels: Labels::default() };
    writer.locals();
    writer.way_to_the_call()?;
    writer.call(callee)?;
    writer.rest()?;
    let body = writer.function.into_raw_body();
    if body.len() > MAX_FUNCTION_BYTES {
        return Err(Error::Continuation { place: module.function_place(frame.function), bytes: body.len() });
    }
    Ok(body)
}

/// Parameters are locals of the continuation.
fn local_types(
    module: &Module<'_>,
    types: &Types,
    function: u32,
    own: &FunctionBody<'_>,
) -> Result<Vec<wasm_encoder::ValType>, Error> {
    let params = types.get(module.functions[function as usize])?.params();
    let mut locals = params.iter().map(|&ty| encoded(ty)).collect::<Result<Vec<_>, _>>()?;
    for group in own.get_locals_reader()? {
        let (count, ty) = group?;
        locals.extend(std::iter::repeat_n(encoded(ty)?, count as usize));
    }
    Ok(locals)
}

struct Writer<'a, 'b> {
    module: &'a Module<'b>,
    types: &'a Types,
    added: &'a mut AddedTypes,
    /// The function's own.
    code: &'a Code<'b>,
    frame: &'a Frame,
    function: wasm_encoder::Function,
    labels: Labels,
}

impl<'a, 'b> Writer<'a, 'b> {
    fn locals(&mut self) {
        for (index, local) in (0u32..).zip(&self.frame.locals) {
            if let Some(constant) = local.filter(|constant| !constant.is_default()) {
                constant.make(&mut self.function);
                self.function.instruction(&Instruction::LocalSet(index));
            }
        }
    }

    /// Enter the blocks that the call is in, each with the operands that it had.
    fn way_to_the_call(&mut self) -> Result<(), Error> {
        let enclosing = &self.frame.place.enclosing;
        let ends = enclosing.iter().skip(1).map(|inner| inner.height).chain([self.frame.operands.len()]);
        for (block, end) in enclosing.iter().zip(ends) {
            self.enter(*block)?;
            // A call's own arguments may be all that is above, and they are not here once it is made.
            let operands = self.frame.operands.get(block.height..end).unwrap_or_default();
            operands.iter().for_each(|operand| operand.make(&mut self.function));
        }
        Ok(())
    }

    fn enter(&mut self, block: Enclosing) -> Result<(), Error> {
        match block.kind {
            Kind::Function => {}
            Kind::Block => {
                let (_, results) = self.block_type(block)?;
                let ty = self.added.block_giving(&results)?;
                self.function.instruction(&Instruction::Block(ty));
            }
            Kind::TryTable => {
                let (_, results) = self.block_type(block)?;
                let ty = self.added.block_giving(&results)?;
                // Its handlers are outside of it.
                let Instruction::TryTable(_, handlers) = self.with_labels(self.operator(block.opening)?)? else {
                    return Err(defect("a handler without a block"));
                };
                self.function.instruction(&Instruction::TryTable(ty, handlers));
            }
            Kind::Loop => {
                let (params, results) = self.block_type(block)?;
                let out = self.added.block_giving(&results)?;
                let again = self.added.block_giving(&params)?;
                self.function.instruction(&Instruction::Block(out)).instruction(&Instruction::Block(again));
                self.labels.enter_added();
            }
        }
        self.labels.enter();
        Ok(())
    }

    fn call(&mut self, callee: Callee) -> Result<(), Error> {
        match callee {
            Callee::Own => {
                let (_, range) = self.code.get(self.frame.place.call).ok_or_else(|| defect("no call"))?;
                self.function.raw(self.module.slice(range).iter().copied());
            }
            Callee::Continuation(index) => drop(self.function.instruction(&Instruction::Call(index))),
        }
        Ok(())
    }

    /// What comes after the call, to the function's end.
    fn rest(&mut self) -> Result<(), Error> {
        let mut open = self.frame.place.enclosing.clone();
        let mut next = self.frame.place.call + 1;
        while let Some(&block) = open.last() {
            next = self.copy(next)?;
            if let Operator::Else = self.operator(next)? {
                next = self.end_of_block(next)?;
            }
            self.leave(block, next)?;
            next += 1;
            open.pop();
        }
        Ok(())
    }

    /// Copy instructions from number `next` on; the number of the `end` or `else` of the block that they are in.
    fn copy(&mut self, mut next: usize) -> Result<usize, Error> {
        let mut depth = 0;
        loop {
            let operator = self.operator(next)?;
            match operator {
                Operator::End | Operator::Else if depth == 0 => return Ok(next),
                Operator::End => depth -= 1,
                _ if opens(operator) => depth += 1,
                _ => {}
            }
            self.copy_one(next)?;
            next += 1;
        }
    }

    fn copy_one(&mut self, number: usize) -> Result<(), Error> {
        let code: &'a Code<'b> = self.code;
        let (operator, range) = code.get(number).ok_or_else(|| defect("no instruction"))?;
        if has_labels(operator) {
            let instruction = self.with_labels(operator)?;
            self.function.instruction(&instruction);
        } else {
            self.function.raw(self.module.slice(range).iter().copied());
        }
        if opens(operator) {
            self.labels.enter();
        } else if let Operator::End = operator {
            self.labels.leave();
        }
        Ok(())
    }

    /// The number of the `end` of the block whose `else` has number `number`.
    fn end_of_block(&self, number: usize) -> Result<usize, Error> {
        let mut depth = 0;
        for (position, (operator, _)) in self.code.from(number + 1).iter().enumerate() {
            match operator {
                Operator::End if depth == 0 => return Ok(number + 1 + position),
                Operator::End => depth -= 1,
                _ if opens(operator) => depth += 1,
                _ => {}
            }
        }
        Err(defect("a block without an end"))
    }

    /// End a block that the call is in, whose own `end` has number `end`.
    fn leave(&mut self, block: Enclosing, end: usize) -> Result<(), Error> {
        if block.kind == Kind::Loop {
            /// The block around the one for the loop's beginning.
            const OUT: u32 = 1;
            self.function.instruction(&Instruction::Br(OUT)).instruction(&Instruction::End);
            self.labels.leave();
            for number in block.opening..=end {
                self.copy_one(number)?;
            }
            self.labels.leave_added();
        } else {
            self.labels.leave();
        }
        self.function.instruction(&Instruction::End);
        Ok(())
    }

    fn operator(&self, number: usize) -> Result<&'a Operator<'b>, Error> {
        let code: &'a Code<'b> = self.code;
        code.get(number).map(|(operator, _)| operator).ok_or_else(|| defect("no instruction"))
    }

    /// What a block takes and gives.
    fn block_type(&self, block: Enclosing) -> Result<(Vec<wasmparser::ValType>, Vec<wasmparser::ValType>), Error> {
        let ty: BlockType = match self.operator(block.opening)? {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => *blockty,
            Operator::TryTable { try_table } => try_table.ty,
            _ => return Err(defect("a block that nothing begins")),
        };
        self.types.block(ty)
    }

    /// An instruction, its labels those of the continuation.
    fn with_labels<'o>(&self, operator: &Operator<'o>) -> Result<Instruction<'o>, Error> {
        let mut instruction =
            RoundtripReencoder.instruction(operator.clone()).map_err(|error| defect(error.to_string()))?;
        let change = |label: &mut u32| {
            *label = self.labels.find(*label).ok_or_else(|| defect("a branch out of the function"))?;
            Ok::<(), Error>(())
        };
        match &mut instruction {
            Instruction::Br(label)
            | Instruction::BrIf(label)
            | Instruction::BrOnNull(label)
            | Instruction::BrOnNonNull(label)
            | Instruction::BrOnCast { relative_depth: label, .. }
            | Instruction::BrOnCastFail { relative_depth: label, .. } => change(label)?,
            Instruction::BrTable(labels, default) => {
                labels.to_mut().iter_mut().try_for_each(change)?;
                change(default)?;
            }
            Instruction::TryTable(_, handlers) => {
                handlers.to_mut().iter_mut().try_for_each(|handler| match handler {
                    Catch::One { label, .. }
                    | Catch::OneRef { label, .. }
                    | Catch::All { label }
                    | Catch::AllRef { label } => change(label),
                })?;
            }
            _ => return Err(defect("a branch of a proposal that is not known")),
        }
        Ok(instruction)
    }
}

/// Whether an instruction names labels.
fn has_labels(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::Br { .. }
            | Operator::BrIf { .. }
            | Operator::BrTable { .. }
            | Operator::BrOnNull { .. }
            | Operator::BrOnNonNull { .. }
            | Operator::BrOnCast { .. }
            | Operator::BrOnCastFail { .. }
            | Operator::BrOnCastDescEq { .. }
            | Operator::BrOnCastDescEqFail { .. }
            | Operator::TryTable { .. }
            | Operator::Delegate { .. }
            | Operator::Rethrow { .. }
            | Operator::Resume { .. }
            | Operator::ResumeThrow { .. }
            | Operator::ResumeThrowRef { .. }
    )
}

fn defect(cause: impl Into<String>) -> Error {
    Error::Defect(cause.into())
}
