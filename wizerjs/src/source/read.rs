//! Reading the entry and everything that it imports.

use super::refuse::{self, Expected};
use super::resolve::{Target, resolve};
use super::scan::{self, Import};
use super::{Located, Remark, SourceModule, Sources, position_of};
use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};

/// Stack of the thread that parses, in bytes: what nesting at the limit takes many times over. Memory is only used
/// where the stack has been.
const PARSER_STACK_BYTES: usize = 1 << 30;

/// Largest total of sources, in bytes: the engine holds them in a 32-bit memory, as text and parsed.
const TOTAL_MAX_BYTES: u64 = 256 << 20;

/// Read the module in file `entry` and every module that it imports.
///
/// # Ambient authority
/// Reads files: the entry, and whatever relative imports lead to.
///
/// # Errors
/// A file is missing, unreadable, not UTF-8 or not a JavaScript module, or imports something that cannot be had; with
/// the place of the import.
pub fn read(entry: &Path) -> Result<Sources, Box<Located>> {
    on_parser_stack(|| Reader::new(entry)?.read_all())
        .unwrap_or_else(|cause| Err(refuse::entry(entry, &format!("no thread to parse it with: {cause}"))))
}

/// Run `work` on a stack that a deeply nested source does not exhaust.
fn on_parser_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let parser = std::thread::Builder::new().name("parser".to_owned()).stack_size(PARSER_STACK_BYTES);
        let thread = parser.spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// A file that is to be read.
struct Wanted {
    name: String,
    text: String,
}

struct Reader {
    folder: PathBuf,
    /// Index of each module by name.
    indices: HashMap<String, u32>,
    queue: VecDeque<Wanted>,
    total_bytes: u64,
    sources: Sources,
}

impl Reader {
    fn new(entry: &Path) -> Result<Self, Box<Located>> {
        let name = entry.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| refuse::entry(entry, "not the name of a file in UTF-8"))?;
        let mut reader = Self {
            folder: entry.parent().unwrap_or(Path::new("")).to_path_buf(),
            indices: HashMap::from([(name.to_owned(), 0)]),
            queue: VecDeque::new(),
            total_bytes: 0,
            sources: Sources { modules: Vec::new(), source_map: String::new(), remarks: Vec::new() },
        };
        let text = match reader.load(name, Expected::Entry) {
            Ok(text) => text,
            Err(cause) => return Err(refuse::entry(entry, &cause)),
        };
        reader.queue.push_back(Wanted { name: name.to_owned(), text });
        Ok(reader)
    }

    /// Breadth first, so that the order of modules follows from the texts alone.
    fn read_all(mut self) -> Result<Sources, Box<Located>> {
        while let Some(wanted) = self.queue.pop_front() {
            let found = scan::imports(&wanted.text).map_err(|error| {
                refuse::at(&wanted.name, &wanted.text, error.offset, format!("SyntaxError: {}", error.message))
            })?;
            let mut imports = Vec::with_capacity(found.len());
            for import in found {
                if let Some(index) = self.import(&wanted, &import)? {
                    imports.push((import.specifier, index));
                }
            }
            self.sources.modules.push(SourceModule { name: wanted.name, text: wanted.text, imports });
        }
        Ok(self.sources)
    }

    /// The index of what is imported, `None` if it is left to fail at run time.
    fn import(&mut self, importer: &Wanted, import: &Import) -> Result<Option<u32>, Box<Located>> {
        let refused = |message| Err(refuse::at(&importer.name, &importer.text, import.offset, message));
        let name = match resolve(&importer.name, &import.specifier) {
            Target::File(name) => name,
            // Code that also runs elsewhere asks for what only exists there, and is prepared to be refused.
            Target::Refused(refusal) if import.dynamic => {
                self.sources.remarks.push(Remark {
                    file: importer.name.clone(),
                    position: position_of(&importer.text, import.offset),
                    message: format!("import('{}') will be rejected: {refusal}", import.specifier),
                });
                return Ok(None);
            }
            Target::Refused(refusal) => return refused(format!("cannot import '{}': {refusal}", import.specifier)),
        };
        if import.attributes {
            return refused(format!("cannot import '{}': import attributes are not supported yet", import.specifier));
        }
        if let Some(index) = self.indices.get(&name) {
            return Ok(Some(*index));
        }
        let text = match self.load(&name, Expected::Import(&import.specifier)) {
            Ok(text) => text,
            Err(cause) => return refused(cause),
        };
        let index = u32::try_from(self.indices.len()).unwrap_or(u32::MAX);
        self.indices.insert(name.clone(), index);
        self.queue.push_back(Wanted { name, text });
        Ok(Some(index))
    }

    /// The text of a file, or why there is none.
    fn load(&mut self, name: &str, expected: Expected<'_>) -> Result<String, String> {
        let path = self.folder.join(name);
        let metadata = std::fs::metadata(&path).map_err(|error| expected.unreadable(&self.folder, name, &error))?;
        if metadata.is_dir() {
            return Err(expected.folder(&path));
        }
        expected.check_kind(name)?;
        if !metadata.is_file() {
            return Err(expected.cannot("it is not a file"));
        }
        self.total_bytes += metadata.len();
        if self.total_bytes > TOTAL_MAX_BYTES {
            return Err(expected.cannot(&format!("the sources take more than {} MB", TOTAL_MAX_BYTES >> 20)));
        }
        let bytes = std::fs::read(&path).map_err(|error| expected.unreadable(&self.folder, name, &error))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            expected.cannot(&format!("it is not UTF-8 text (byte {})", error.utf8_error().valid_up_to()))
        })?;
        // A byte order mark is not part of the text: https://encoding.spec.whatwg.org/#utf-8-decode
        Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
    }
}
