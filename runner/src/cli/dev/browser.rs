//! Showing a page in a browser.

use super::super::log::DEV;
use std::process::{Command, Stdio};

/// The program that opens what the desktop's owner opens such things with.
const OPENER: &str = "xdg-open";

/// Have `url` opened, by the program in the variable `BROWSER` if there is one.
pub(super) fn open(url: &str) {
    let opener = std::env::var("BROWSER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| OPENER.to_owned());
    let mut command = Command::new(&opener);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let opened = command.spawn().and_then(|mut child| {
        // Somebody has to wait for it, or it stays as a zombie.
        std::thread::Builder::new().name("browser".into()).spawn(move || child.wait()).map(drop)
    });
    if let Err(error) = opened {
        tracing::warn!(target: DEV, "cannot open a browser with {opener}: {error}; BROWSER can name another program");
    }
}
