//! The skeleton of a module, validated while it is written, section by section: everything but function bodies that are copied from
//! a valid module.

use super::error::Error;
use super::module::HEADER;
use super::parse::{features, parser};
use wasmparser::{BinaryReader, Chunk, CodeSectionReader, FuncValidatorAllocations, Parser, Payload, Validator};

/// A module under validation.
pub(super) struct SkeletonCheck {
    parser: Parser,
    validator: Validator,
}

impl SkeletonCheck {
    /// Start with magic number and version.
    pub(super) fn new(header: &[u8; HEADER.len()]) -> Result<Self, Error> {
        let mut check = Self { parser: parser(), validator: Validator::new_with_features(features()) };
        check.section(header)?;
        Ok(check)
    }

    /// The next section, id and size included. Bytes of data segments may be left out: there is no rule about them.
    pub(super) fn section(&mut self, whole: &[u8]) -> Result<(), Error> {
        let consumed = self.payload(whole, false)?;
        if consumed == whole.len() { Ok(()) } else { Err(defect("a section is shorter than its contents")) }
    }

    /// The code section, of whose bodies the last ones were `added` and are validated too.
    pub(super) fn code(&mut self, whole: &[u8], added: usize) -> Result<(), Error> {
        self.section(whole)?;
        // Past the id and the size.
        let mut section = BinaryReader::new(whole, 0);
        section.read_u8().and_then(|_| section.read_var_u32()).map_err(defect)?;
        let bodies = CodeSectionReader::new(section).map_err(defect)?;
        let known = (bodies.count() as usize).saturating_sub(added);
        for (index, body) in bodies.into_iter().enumerate() {
            let body = body.map_err(defect)?;
            let function = self.validator.code_section_entry(&body).map_err(defect)?;
            if index >= known {
                let mut validator = function.into_validator(FuncValidatorAllocations::default());
                validator.validate(&body).map_err(defect)?;
            }
        }
        Ok(())
    }

    /// There are no more sections.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.payload(&[], true).map(drop)
    }

    /// Validate what comes first in `bytes`; how long it is.
    fn payload(&mut self, bytes: &[u8], is_all: bool) -> Result<usize, Error> {
        match without_bodies(&mut self.parser, bytes, is_all).map_err(defect)? {
            Chunk::Parsed { consumed, payload } => {
                self.validator.payload(&payload).map_err(defect)?;
                Ok(consumed)
            }
            Chunk::NeedMoreData(_) => Err(defect("a section is longer than its contents")),
        }
    }
}

fn defect(cause: impl ToString) -> Error {
    Error::Defect(cause.to_string())
}

/// [`Parser::parse`], except that the code section is one payload: it is most of a module, and was validated before.
pub(super) fn without_bodies<'a>(parser: &mut Parser, bytes: &'a [u8], is_all: bool) -> wasmparser::Result<Chunk<'a>> {
    let start = parser.offset();
    Ok(match parser.parse(bytes, is_all)? {
        Chunk::Parsed { payload: Payload::CodeSectionStart { count, range, size }, .. } => {
            parser.skip_section();
            let consumed = range.end - start as usize;
            Chunk::Parsed { consumed, payload: Payload::CodeSectionStart { count, range, size } }
        }
        chunk => chunk,
    })
}

#[cfg(test)]
mod tests {
    use super::{HEADER, SkeletonCheck};

    #[test]
    fn a_module_is_checked_as_a_whole() {
        let mut check = SkeletonCheck::new(&HEADER).expect("right");
        check.section(&[5, 3, 1, 0, 1]).expect("one memory of a page");
        check.section(&[11, 6, 1, 0, 0x41, 0, 0x0b, 0]).expect("a segment of it");
        check.finish().expect("complete");
        let mut check = SkeletonCheck::new(&HEADER).expect("right");
        check.section(&[11, 6, 1, 0, 0x41, 0, 0x0b, 0]).expect_err("there is no memory");
    }

    #[test]
    fn sections_are_whole_and_in_order() {
        let mut check = SkeletonCheck::new(&HEADER).expect("right");
        check.section(&[5, 3, 1, 0]).expect_err("a byte short");
        let mut check = SkeletonCheck::new(&HEADER).expect("right");
        check.section(&[5, 3, 1, 0, 1, 5]).expect_err("a byte more");
        let mut check = SkeletonCheck::new(&HEADER).expect("right");
        check.section(&[1, 4, 1, 0x60, 0, 0]).expect("one type");
        check.section(&[3, 2, 1, 0]).expect("one function");
        check.section(&[10, 7, 2, 2, 0, 0x0b, 2, 0, 0x0b]).expect_err("two bodies");
        let mut check = SkeletonCheck::new(&HEADER).expect("right");
        check.section(&[5, 3, 1, 0, 1]).expect("one memory");
        check.section(&[5, 3, 1, 0, 1]).expect_err("another memory section");
        let mut check = SkeletonCheck::new(&HEADER).expect("right");
        check.section(&[12, 1, 1]).expect("one data segment is to come");
        check.finish().expect_err("it did not");
        SkeletonCheck::new(b"\0asm\x02\0\0\0").err().expect("not a version there is");
    }
}
