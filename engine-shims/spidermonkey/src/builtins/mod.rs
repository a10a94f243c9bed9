//! The Web platform as applications see it: JavaScript classes (bundled from `index.js`) over the natives defined here.
//! One API a folder; each has only an `install` that is seen from outside. See README.md.

mod base64;
mod compression;
mod crypto;
mod encoding;
mod fetch;
mod url;

use crate::runtime::native::Natives;

/// Define the natives of every API.
pub fn install(host: &mut Natives<'_>) {
    base64::install(host);
    compression::install(host);
    crypto::install(host);
    encoding::install(host);
    fetch::install(host);
    url::install(host);
}
