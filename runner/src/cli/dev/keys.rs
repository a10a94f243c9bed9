//! Keys that are pressed at the terminal.

use anyhow::{Context, Result};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io::{IsTerminal, Read, Write};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Open,
    Rebuild,
    Clear,
    Quit,
}

impl Key {
    fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            b'o' => Self::Open,
            b'r' => Self::Rebuild,
            b'c' => Self::Clear,
            b'q' => Self::Quit,
            _ => return None,
        })
    }
}

/// A terminal that gives every key at once; as it was before when dropped.
#[derive(Debug)]
pub(super) struct Terminal {
    before: Termios,
}

impl Terminal {
    /// `None` if standard input is no terminal, or what is said goes elsewhere.
    fn take() -> Option<Self> {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        let before = tcgetattr(&stdin).ok()?;
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&stdin, OptionalActions::Now, &modes).ok()?;
        Some(Self { before })
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // If it is gone there is nothing to give back.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Read keys from the terminal, if there is one.
///
/// # Errors
/// The system allows no more threads.
pub(super) fn start() -> Result<(Option<Terminal>, UnboundedReceiver<Key>)> {
    let (pressed, keys) = unbounded_channel();
    let terminal = Terminal::take();
    if terminal.is_some() {
        let run = move || read(&pressed);
        std::thread::Builder::new().name("keys".into()).spawn(run).context("cannot start a thread")?;
    }
    Ok((terminal, keys))
}

fn read(pressed: &UnboundedSender<Key>) {
    for byte in std::io::stdin().lock().bytes().map_while(Result::ok) {
        if Key::of(byte).is_some_and(|key| pressed.send(key).is_err()) {
            return;
        }
    }
}

/// Clear the terminal: <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html>
pub(super) fn clear() {
    // If this is lost there is nothing to be cleared.
    let _ = std::io::stderr().write_all(b"\x1b[H\x1b[2J\x1b[3J");
}
