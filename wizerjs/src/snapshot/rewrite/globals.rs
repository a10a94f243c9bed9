//! Global section: values at the snapshot point become initializers.

use super::Vector;
use crate::snapshot::capture::Snapshot;
use crate::snapshot::module::Module;
use crate::snapshot::value::{Value, expression, initial_globals};

/// New contents, if a global changed.
pub(super) fn contents(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Option<Vec<u8>> {
    let changed = changed(module, snapshot);
    if changed.iter().all(Option::is_none) {
        return None;
    }
    let mut globals = Vector::default();
    for (global, value) in module.globals.iter().zip(changed) {
        globals.push(|out| match value {
            Some(value) => {
                let ty = global.whole.start..global.init.get_binary_reader().original_position();
                out.extend_from_slice(module.slice(&ty));
                expression(out, value, global.ty.content_type);
            }
            None => out.extend_from_slice(module.slice(&global.whole)),
        });
    }
    Some(globals.finish())
}

/// By index, the new value of a global whose initializer would make another one.
pub fn changed(module: &Module<'_>, snapshot: &Snapshot<'_>) -> Vec<Option<Value>> {
    let initial = initial_globals(module);
    snapshot.globals.iter().zip(initial).map(|(now, before)| now.filter(|_| *now != before)).collect()
}
