//! Places in what the engine says about an application. The engine knows one bundle; people wrote several files.

use crate::guest::Noticed;
use crate::progress::Observer;
use engine_abi::Level;
use engine_source_map::{SourceMap, Thrown};
use std::sync::Arc;

/// Map the places in everything that was noticed.
pub(super) fn map(noticed: &mut [Noticed], map: &SourceMap) {
    for noticed in noticed {
        let (file, stack) = (std::mem::take(&mut noticed.file), std::mem::take(&mut noticed.stack));
        let thrown = map.thrown(Thrown { file, line: noticed.line, column: noticed.column, stack });
        (noticed.file, noticed.line, noticed.column) = (thrown.file, thrown.line, thrown.column);
        noticed.stack = thrown.stack;
        noticed.message = map.mapped(&noticed.message).into_owned();
    }
}

/// Tells an observer what the application writes to the console, with its places mapped.
pub(super) struct Mapped {
    pub(super) observer: Arc<dyn Observer>,
    pub(super) map: SourceMap,
}

impl Observer for Mapped {
    fn compiling(&self, engine: &str) {
        self.observer.compiling(engine);
    }

    fn compiled(&self) {
        self.observer.compiled();
    }

    fn console(&self, level: Level, line: &str) {
        self.observer.console(level, &self.map.mapped(line));
    }
}
