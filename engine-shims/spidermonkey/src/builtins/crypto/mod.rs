//! Algorithms of `crypto.subtle`: <https://w3c.github.io/webcrypto/>. Random numbers are the runtime's.

use crate::runtime::native::Natives;

/// Define the natives of this API.
pub fn install(_host: &mut Natives<'_>) {}
