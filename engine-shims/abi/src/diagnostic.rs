//! What the guest tells about itself: console lines' levels, failures, and things noticed while loading.

use crate::codes;
use crate::wire::{Malformed, Message, Reader, Writer};

codes! {
    /// Severity of a console line or diagnostic.
    Level {
        /// `console.debug`.
        Debug = 0,
        /// `console.log` and `console.info`.
        Info = 1,
        /// `console.warn`, and what the build report should mention.
        Warn = 2,
        /// `console.error`, and failures.
        Error = 3,
    }
}

codes! {
    /// What a diagnostic is about.
    Kind {
        /// The source could not be parsed.
        SyntaxError = 1,
        /// An exception that nothing caught, at the top level or in a handler.
        Exception = 2,
        /// A promise was rejected and nothing handled it.
        UnhandledRejection = 3,
        /// A promise that is waited for can never settle: a top-level await, or what a handler returned.
        NeverSettles = 4,
        /// Something that may not be done while loading, such as an outbound request.
        Forbidden = 5,
        /// The application registered no handler.
        NoHandler = 6,
        /// The handler gave something that is not a response.
        NotAResponse = 7,
        /// A module specifier that names nothing.
        Unresolved = 8,
        /// The heap is exhausted.
        OutOfMemory = 9,
        /// The clock was read while loading; the value is fixed by the build.
        ClockRead = 10,
        /// Randomness was read while loading; the value is fixed by the build.
        RandomRead = 11,
        /// The guest found itself in a state it cannot continue from: a defect of the guest.
        Internal = 12,
        /// A warm-up request read the clock; what the handler keeps of it is fixed by the build.
        WarmUpClock = 13,
        /// A warm-up request read randomness; as above.
        WarmUpRandom = 14,
        /// A warm-up request read the environment; as above.
        WarmUpEnvironment = 15,
    }
}

/// A failure or remark, with its place in the application's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diagnostic<'a> {
    /// Severity.
    pub level: Level,
    /// What it is about.
    pub kind: Kind,
    /// One line for a person, `Name: message` for JavaScript errors.
    pub message: &'a str,
    /// Module name as in [`crate::Module::name`], empty if unknown.
    pub file: &'a str,
    /// Line, from 1; 0 if unknown.
    pub line: u32,
    /// Column in UTF-16 code units, from 1; 0 if unknown.
    pub column: u32,
    /// JavaScript stack, one frame `function@file:line:column` a line, causes after a line `Caused by: message`;
    /// empty if there is none.
    pub stack: &'a str,
}

impl<'a> Message<'a> for Diagnostic<'a> {
    fn write(&self, out: &mut Writer) {
        out.u8(self.level.code() as u8);
        out.u8(self.kind.code() as u8);
        out.text(self.message);
        out.text(self.file);
        out.u32(self.line);
        out.u32(self.column);
        out.text(self.stack);
    }

    fn read(input: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            level: Level::from_code(input.u8("level")?.into()).ok_or(Malformed("level"))?,
            kind: Kind::from_code(input.u8("kind")?.into()).ok_or(Malformed("kind"))?,
            message: input.text("message")?,
            file: input.text("file")?,
            line: input.u32("line")?,
            column: input.u32("column")?,
            stack: input.text("stack")?,
        })
    }
}
