//! Progress of a build, for whoever wants to know how it goes.

use engine_abi::Level;

/// Someone who wants to know how a build goes. Calls come from the building thread.
pub trait Observer: Send + Sync {
    /// Machine code of the engine is not in the cache; it is compiled now, which takes seconds.
    fn compiling(&self, _engine: &str) {}

    /// It is compiled.
    fn compiled(&self) {}

    /// The application's top level wrote a line to the console.
    fn console(&self, _level: Level, _line: &str) {}
}

/// The observer that does nothing.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Observer for Silent {}
