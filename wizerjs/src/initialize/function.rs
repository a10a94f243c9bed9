//! Which function initializes a module.

use super::Running;
use super::error::Error;
use crate::snapshot::Module;

/// Names that are tried, in this order, where none is given: what the peers' current and earlier versions default to.
pub const INIT_FUNCTIONS: [&str; 2] = ["wizer-initialize", "wizer.initialize"];

/// WASI's name for the function that runs a reactor's constructors.
const REACTOR_INITIALIZE: &str = "_initialize";

/// The functions to call, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitFunction {
    /// `_initialize`, where it is exported and not asked for by name anyhow.
    pub constructors: Option<&'static str>,
    /// The initialization function.
    pub name: String,
}

/// Find the initialization function of `module`: the one called `wanted`, else one of [`INIT_FUNCTIONS`].
///
/// # Errors
/// [`Error::NoFunction`] if there is none, [`Error::InitFunctionType`] if it takes or gives something.
pub fn find_init_function(module: &Module<'_>, wanted: Option<&str>) -> Result<InitFunction, Error> {
    let candidates: Vec<&str> = wanted.map_or_else(|| INIT_FUNCTIONS.to_vec(), |name| vec![name]);
    let found = candidates.iter().find(|name| module.has_function_export(name));
    let Some(&name) = found else {
        return Err(Error::NoFunction(candidates.into_iter().map(String::from).collect()));
    };
    if !module.is_plain_function(name) {
        return Err(Error::InitFunctionType(name.to_string()));
    }
    let constructors =
        (name != REACTOR_INITIALIZE && module.has_function_export(REACTOR_INITIALIZE)).then_some(REACTOR_INITIALIZE);
    Ok(InitFunction { constructors, name: name.to_string() })
}

impl InitFunction {
    /// Call them: constructors once, then the initialization function.
    ///
    /// # Errors
    /// As [`Running::call`].
    pub fn call<T: Send + 'static>(&self, running: &mut Running<'_, T>) -> Result<(), Error> {
        for name in self.constructors.into_iter().chain([self.name.as_str()]) {
            running.call::<(), ()>(name, ())?;
        }
        Ok(())
    }
}
