//! Names of calls of imported functions, up to which a program is run.

use super::error::Error;
use crate::snapshot::Module;
use std::fmt;

/// Import module name of WASI preview 1.
pub(super) const WASI: &str = "wasi_snapshot_preview1";

/// Short for [`WASI`].
const SHORT_WASI: &str = "wasi:";

/// What functions are called that take a descriptor first.
const TAKES_DESCRIPTOR: &str = "fd_";

/// Imports that an error lists, at most.
const MAX_LISTED: usize = 12;

/// A call of an imported function, as it is written on a command line.
///
/// - `MODULE.NAME[:COUNT]`: call number COUNT, from 1, which it is if nothing is said;
/// - `wasi:NAME[:COUNT]` and `NAME`: the same of WASI preview 1;
/// - `fd_NAME:FD`: the first call of this function of WASI preview 1 with this descriptor, `fd_read:0` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallPoint(String);

/// A call of a module's imported function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Index of the function.
    pub(super) function: u32,
    pub(super) which: Which,
}

/// Which of the calls of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// The one with this number, from 1.
    Nth(u64),
    /// The first one whose first argument is this.
    Descriptor(i32),
}

impl CallPoint {
    /// The call that is written so; whether a module can make it is found out when it is known.
    pub fn new(written: impl Into<String>) -> Self {
        Self(written.into())
    }

    /// The call, among those that `module` can make.
    pub(super) fn target(&self, module: &Module<'_>) -> Result<Target, Error> {
        let written = self.0.as_str();
        if let Some(function) = find(module, written) {
            return Ok(Target { function, which: Which::Nth(1) });
        }
        let (name, number) = written.rsplit_once(':').unwrap_or((written, ""));
        let which = if name.starts_with(TAKES_DESCRIPTOR) {
            number.parse().ok().map(Which::Descriptor)
        } else {
            number.parse().ok().filter(|&count| count > 0).map(Which::Nth)
        };
        let target = find(module, name).zip(which).map(|(function, which)| Target { function, which });
        target.ok_or_else(|| self.unknown(module, name))
    }

    fn unknown(&self, module: &Module<'_>, name: &str) -> Error {
        let imports = module.imported_functions();
        let is_number_wrong = find(module, name).is_some();
        let mut listed: Vec<String> =
            imports.iter().take(MAX_LISTED).map(|import| format!("`{}.{}`", import.module, import.name)).collect();
        if imports.len() > MAX_LISTED {
            listed.push(format!("{} others", imports.len() - MAX_LISTED));
        }
        Error::UnknownCall { call: self.clone(), imports: listed, is_number_wrong }
    }
}

impl fmt::Display for CallPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The imported function that is called so.
fn find(module: &Module<'_>, written: &str) -> Option<u32> {
    let short = written.strip_prefix(SHORT_WASI).unwrap_or(written);
    let is_called_so = |module: &str, name: &str| {
        written.strip_prefix(module).and_then(|rest| rest.strip_prefix('.')) == Some(name)
            || (module == WASI && name == short)
    };
    let position = module.imported_functions().iter().position(|import| is_called_so(import.module, import.name))?;
    Some(position as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::parse;

    const WAT: &str = r#"(module
      (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))
      (import "my:host/calls@1.0" "now.then" (func)))"#;

    #[test]
    fn calls_are_found_by_name_number_and_descriptor() {
        let wasm = wat::parse_str(WAT).expect("valid text format");
        let module = parse(&wasm).expect("a module");
        for (written, function, which) in [
            ("fd_read:0", 0, Which::Descriptor(0)),
            ("fd_read", 0, Which::Nth(1)),
            ("wasi:fd_read:3", 0, Which::Nth(3)),
            ("wasi:sched_yield", 1, Which::Nth(1)),
            ("sched_yield:2", 1, Which::Nth(2)),
            ("wasi_snapshot_preview1.sched_yield:7", 1, Which::Nth(7)),
            ("my:host/calls@1.0.now.then", 2, Which::Nth(1)),
            ("my:host/calls@1.0.now.then:4", 2, Which::Nth(4)),
        ] {
            let target = CallPoint::new(written).target(&module).expect("known");
            assert_eq!(target, Target { function, which }, "{written}");
        }
        for written in ["fd_write:0", "sched_yield:0", "wasi:fd_read:-1", "now.then", "fd_read:", ""] {
            assert!(CallPoint::new(written).target(&module).is_err(), "{written}");
        }
    }
}
