//! Bytes to [`Module`]: everything is validated here, once; later passes rely on it.

use super::error::Error;
use super::facts::{Context, Facts};
use super::module::{Global, HEADER, ImportedFunction, Module, Section, Table, TypeKind, section};
use super::skeleton::without_bodies;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use wasmparser::{
    BinaryReader, Chunk, CompositeInnerType, FuncToValidate, FuncValidatorAllocations, FunctionBody, Parser, Payload,
    TypeRef, ValidPayload, Validator, ValidatorResources, WasmFeatures,
};

/// Proposals that a module may use: those that Wasmtime 48 runs.
pub(crate) fn features() -> WasmFeatures {
    let mut features = WasmFeatures::default();
    features.insert(WasmFeatures::CUSTOM_PAGE_SIZES | WasmFeatures::WIDE_ARITHMETIC);
    features.remove(WasmFeatures::COMPONENT_MODEL);
    features
}

/// Validate `bytes` and lay out the module's index spaces.
///
/// # Errors
/// [`Error::Component`], [`Error::Invalid`], or state that a snapshot could never hold: [`Error::ImportedState`],
/// [`Error::SharedMemory`].
pub fn parse(bytes: &[u8]) -> Result<Module<'_>, Error> {
    if Parser::is_component(bytes) {
        return Err(Error::Component);
    }
    let mut validator = Validator::new_with_features(features());
    let mut module = empty(bytes);
    let mut functions = Vec::new();
    for payload in parser().parse_all(bytes) {
        let payload = payload?;
        if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
            functions.push((function, body));
        }
        module.note(payload)?;
    }
    module.sections = sections(bytes)?;
    module.facts = check_code(&module, functions)?;
    module.refuse_shared_memory()?;
    Ok(module)
}

/// Lay out the index spaces of a module that was parsed before; `facts` are what [`Module::facts`] was then. Code, most
/// of any module, is not read.
///
/// # Errors
/// As [`parse`], except that invalid code goes unnoticed: only to be used with bytes that were parsed before.
pub fn parse_known(bytes: &[u8], facts: Facts) -> Result<Module<'_>, Error> {
    let mut module = empty(bytes);
    module.facts = facts;
    let (mut parser, mut rest) = (parser(), bytes);
    // With all bytes at hand there is never too little; an incomplete section is an error.
    while let Chunk::Parsed { consumed, payload } = without_bodies(&mut parser, rest, true)? {
        rest = &rest[consumed..];
        if let Payload::End(_) = payload {
            break;
        }
        module.note(payload)?;
    }
    module.sections = sections(bytes)?;
    Ok(module)
}

pub(super) fn parser() -> Parser {
    let mut parser = Parser::new(0);
    parser.set_features(features());
    parser
}

fn empty(bytes: &[u8]) -> Module<'_> {
    Module {
        bytes,
        sections: Vec::new(),
        types: Vec::new(),
        imported_functions: Vec::new(),
        functions: Vec::new(),
        memories: Vec::new(),
        tables: Vec::new(),
        globals: Vec::new(),
        exports: Vec::new(),
        elements: Vec::new(),
        data: Vec::new(),
        start: None,
        facts: Facts::default(),
        digest: None,
    }
}

impl<'a> Module<'a> {
    /// Note what one section defines.
    fn note(&mut self, payload: Payload<'a>) -> Result<(), Error> {
        match payload {
            Payload::TypeSection(groups) => {
                for group in groups {
                    self.types.extend(group?.into_types().map(|ty| type_kind(&ty.composite_type.inner)));
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    self.import(import.module, import.name, import.ty)?;
                }
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    self.functions.push(ty?);
                }
            }
            Payload::MemorySection(memories) => self.memories = memories.into_iter().collect::<Result<_, _>>()?,
            Payload::TableSection(tables) => {
                let end = tables.range().end;
                let items: Vec<_> = tables.into_iter_with_offsets().collect::<Result<_, _>>()?;
                let ends = items.iter().skip(1).map(|(start, _)| *start).chain([end]);
                self.tables = items
                    .iter()
                    .zip(ends)
                    .map(|((start, table), end)| Table { ty: table.ty, init: table.init.clone(), whole: *start..end })
                    .collect();
            }
            Payload::GlobalSection(globals) => {
                let end = globals.range().end;
                let items: Vec<_> = globals.into_iter_with_offsets().collect::<Result<_, _>>()?;
                let ends = items.iter().skip(1).map(|(start, _)| *start).chain([end]);
                self.globals = items
                    .iter()
                    .zip(ends)
                    .map(|((start, global), end)| Global {
                        ty: global.ty,
                        init: global.init_expr.clone(),
                        whole: *start..end,
                    })
                    .collect();
            }
            Payload::ExportSection(exports) => self.exports = exports.into_iter().collect::<Result<_, _>>()?,
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(elements) => self.elements = elements.into_iter().collect::<Result<_, _>>()?,
            Payload::DataSection(data) => self.data = data.into_iter().collect::<Result<_, _>>()?,
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, module: &'a str, name: &'a str, ty: TypeRef) -> Result<(), Error> {
        let kind = match ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.imported_functions.push(ImportedFunction { module, name });
                self.functions.push(ty);
                return Ok(());
            }
            TypeRef::Tag(_) => return Ok(()),
            TypeRef::Memory(_) => "memory",
            TypeRef::Table(_) => "table",
            TypeRef::Global(_) => "global",
        };
        Err(Error::ImportedState { kind, module: module.to_string(), name: name.to_string() })
    }
}

fn type_kind(ty: &CompositeInnerType) -> TypeKind {
    match ty {
        CompositeInnerType::Func(function) if function.params().is_empty() && function.results().is_empty() => {
            TypeKind::PlainFunction
        }
        CompositeInnerType::Func(_) => TypeKind::Function,
        _ => TypeKind::Other,
    }
}

/// The sections of a valid module, as ranges.
fn sections(bytes: &[u8]) -> Result<Vec<Section>, Error> {
    let mut sections = Vec::new();
    let mut position = HEADER.len();
    while position < bytes.len() {
        let mut reader = BinaryReader::new(&bytes[position..], position);
        let id = reader.read_u8()?;
        let size = reader.read_var_u32()? as usize;
        let start = reader.original_position();
        reader.read_bytes(size)?;
        let end = reader.original_position();
        sections.push(Section { id, whole: position..end, contents: start..end });
        position = end;
    }
    Ok(sections)
}

/// Validate all function bodies, in parallel, and note what they do.
fn check_code(
    module: &Module<'_>,
    functions: Vec<(FuncToValidate<ValidatorResources>, FunctionBody<'_>)>,
) -> Result<Facts, Error> {
    let object_globals = (0..module.globals.len() as u32).map(|index| module.is_object_global(index)).collect();
    let context = Context { imported_functions: module.imported_functions.len() as u32, object_globals };
    let checked: Vec<Result<Facts, Error>> = functions
        .into_par_iter()
        .map_init(FuncValidatorAllocations::default, |allocations, (function, body)| {
            check_function(&context, allocations, function, &body)
        })
        .collect();
    // The first error in order of the module, so that the message does not depend on how threads were scheduled.
    checked.into_iter().try_fold(Facts::default(), |mut facts, later| {
        facts.append(later?);
        Ok(facts)
    })
}

fn check_function(
    context: &Context,
    allocations: &mut FuncValidatorAllocations,
    function: FuncToValidate<ValidatorResources>,
    body: &FunctionBody<'_>,
) -> Result<Facts, Error> {
    let mut facts = Facts::default();
    let mut validator = function.into_validator(std::mem::take(allocations));
    validator.read_locals(&mut body.get_binary_reader())?;
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset()?;
        validator.op(offset, &operator)?;
        facts.note(context, offset, &operator).map_err(|proposal| Error::Invalid {
            message: format!("its code uses the proposal {proposal}, of which a snapshot would lose state"),
            offset,
        })?;
    }
    operators.finish()?;
    *allocations = validator.into_allocations();
    Ok(facts)
}

/// Whether this is a section of module metadata with this name.
pub(super) fn custom_name<'a>(module: &Module<'a>, section: &Section) -> Option<&'a str> {
    if section.id != section::CUSTOM {
        return None;
    }
    BinaryReader::new(module.slice(&section.contents), section.contents.start).read_string().ok()
}
