//! Environment variables: those the build captured, and over them those of the running host.

use super::exchange;
use super::native::{Call, Natives, Thrown};
use ::std::cell::RefCell;
use ::std::collections::BTreeMap;

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
    let mut variables = CAPTURED.with_borrow(Clone::clone);
    exchange::with_request(|request| {
        for &(name, value) in request.iter().flat_map(|request| &request.env) {
            variables.insert(name.to_owned(), value.to_owned());
        }
    });
    call.return_strings(variables.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]))
}
