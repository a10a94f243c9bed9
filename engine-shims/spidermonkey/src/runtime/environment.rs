//! Environment variables: those the build captured, and over them those of the running host.

use super::native::{Call, Natives, Thrown};
use super::{errors, exchange};
use ::std::cell::RefCell;
use ::std::collections::BTreeMap;
use engine_abi::Kind;

thread_local! {
    static CAPTURED: RefCell<BTreeMap<String, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// Remember the variables that the user asked to have captured.
pub fn capture(variables: &[(&str, &str)]) {
    CAPTURED.set(variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect());
}

/// Define the natives of this module.
pub fn install(natives: &mut Natives<'_>) {
    natives.function("env", 0, env);
}

fn env(call: &mut Call<'_>) -> Result<(), Thrown> {
    errors::note_read(call.cx(), "the environment", None, Kind::WarmUpEnvironment);
    let mut variables = CAPTURED.with_borrow(Clone::clone);
    exchange::with_request(|request| {
        for &(name, value) in request.iter().flat_map(|request| &request.env) {
            variables.insert(name.to_owned(), value.to_owned());
        }
    });
    call.return_strings(variables.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))
}
