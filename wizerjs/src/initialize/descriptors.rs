//! Descriptors that a program has opened: none of them is there when its snapshot is resumed.

use super::call_point::WASI;
use crate::snapshot::Module;
use std::collections::BTreeMap;

/// Functions of WASI that open and close descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Open,
    Close,
    Renumber,
}

impl Function {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "path_open" => Self::Open,
            "fd_close" => Self::Close,
            "fd_renumber" => Self::Renumber,
            _ => return None,
        })
    }
}

/// A call that has not returned yet.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Pending {
    /// Of this path; the descriptor will be at this place of the memory.
    Open(String, u32),
    Close(i32),
    /// From the first descriptor to the second one.
    Renumber(i32, i32),
}

/// What a program has open besides what it was given.
#[derive(Debug, Default)]
pub(super) struct Descriptors {
    functions: BTreeMap<u32, Function>,
    /// Paths, as the program named them.
    open: BTreeMap<i32, String>,
    pending: Option<Pending>,
}

impl Descriptors {
    pub(super) fn of(module: &Module<'_>) -> Self {
        let imports = (0u32..).zip(module.imported_functions()).filter(|(_, import)| import.module == WASI);
        let functions = imports.filter_map(|(index, import)| Some((index, Function::named(import.name)?)));
        Self { functions: functions.collect(), ..Self::default() }
    }

    /// Function indices of the calls to be told of.
    pub(super) fn watched(&self) -> impl Iterator<Item = u32> {
        self.functions.keys().copied()
    }

    /// An open descriptor and its path.
    pub(super) fn open(&self) -> Option<(i32, &str)> {
        self.open.first_key_value().map(|(&descriptor, path)| (descriptor, path.as_str()))
    }

    /// A function is about to be called with these arguments.
    pub(super) fn before(&mut self, function: u32, arguments: &[i32], memory: &[u8]) {
        self.pending = match (self.functions.get(&function), arguments) {
            (Some(Function::Open), &[_, _, path, length, .., result]) => {
                let [path, length, result] = [path, length, result].map(i32::cast_unsigned);
                let start = path as usize;
                let bytes = memory.get(start..start.saturating_add(length as usize)).unwrap_or_default();
                Some(Pending::Open(String::from_utf8_lossy(bytes).into_owned(), result))
            }
            (Some(Function::Close), &[descriptor]) => Some(Pending::Close(descriptor)),
            (Some(Function::Renumber), &[from, to]) => Some(Pending::Renumber(from, to)),
            _ => None,
        };
    }

    /// It returned this error number.
    pub(super) fn after(&mut self, error: i32, memory: &[u8]) {
        let Some(pending) = self.pending.take().filter(|_| error == 0) else { return };
        match pending {
            Pending::Open(path, result) => {
                let bytes = memory.get(result as usize..).and_then(|rest| rest.first_chunk());
                if let Some(&bytes) = bytes {
                    self.open.insert(i32::from_le_bytes(bytes), path);
                }
            }
            Pending::Close(descriptor) => drop(self.open.remove(&descriptor)),
            Pending::Renumber(from, to) => {
                self.open.remove(&to);
                if let Some(path) = self.open.remove(&from) {
                    self.open.insert(to, path);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_and_not_closed_is_open() {
        let functions = [(4, Function::Open), (5, Function::Close), (6, Function::Renumber)].into();
        let mut descriptors = Descriptors { functions, ..Descriptors::default() };
        let mut memory = *b"/etc/hosts\0\0\x07\0\0\0";
        let arguments = [3, 0, 0, 10, 0, 0, 0, 0, 12];
        descriptors.before(4, &arguments, &memory);
        descriptors.after(44, &memory);
        assert_eq!(descriptors.open(), None, "it failed");
        descriptors.before(4, &arguments, &memory);
        descriptors.after(0, &memory);
        assert_eq!(descriptors.open(), Some((7, "/etc/hosts")));
        descriptors.before(6, &[7, 9], &memory);
        descriptors.after(0, &memory);
        assert_eq!(descriptors.open(), Some((9, "/etc/hosts")));
        memory[12] = 5;
        descriptors.before(4, &arguments, &memory);
        descriptors.after(0, &memory);
        descriptors.before(5, &[5], &memory);
        descriptors.after(0, &memory);
        descriptors.before(5, &[9], &memory);
        descriptors.after(8, &memory);
        assert_eq!(descriptors.open(), Some((9, "/etc/hosts")));
    }
}
