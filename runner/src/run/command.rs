//! An application as a command: `main(args)` with standard input and output.

use crate::host::App;
use crate::instance::{Entry, Instance, pool};
use crate::operations::Finished;
use crate::outcome::{EXIT_FAILURE, Outcome};
use crate::state::Sink;
use crate::stream::{BodySource, PipeWriter, Pushed, pipe};
use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use engine_abi::{Completions, Message, State, Writer};
use std::io::{ErrorKind, Read};
use std::time::Instant;

/// Bytes of standard input that are read at once.
const READ_BYTES: usize = 64 << 10;

impl App {
    /// Call the application's `main` with these arguments; its exit code.
    ///
    /// # Ambient authority
    /// Reads standard input and writes to standard output.
    ///
    /// # Errors
    /// It did not come to an end of its own: trapped, timed out, or waits for what cannot happen.
    pub async fn run(&self, arguments: &[String]) -> Result<u8> {
        let mut instance = pool::acquire(&self.0.host.idle, &self.0.image, &self.0.context)?;
        let limits = &self.0.context.shared.limits;
        let (writer, reader) = pipe(limits.stream_buffer_bytes);
        let handle = tokio::runtime::Handle::current();
        std::thread::Builder::new().name("stdin".into()).spawn(move || forward_stdin(writer, &handle))?;
        let state = instance.state_mut();
        state.begin(&http::Method::GET, BodySource::new(reader), Instant::now());
        state.sink = Sink::Stdout { lost: None };
        state.arguments = [&[self.name().to_owned()], arguments].concat();
        let mut message = Writer::default();
        message.count(arguments.len());
        arguments.iter().for_each(|argument| message.bytes(argument.as_bytes()));
        let outcome = finish(&mut instance, &message.into_bytes()).await;
        if let Sink::Stdout { lost: Some(error) } = &instance.state_mut().sink {
            // Whoever closed a pipe knows that.
            let is_told = error.kind() == ErrorKind::BrokenPipe;
            return if is_told { Ok(EXIT_FAILURE) } else { Err(anyhow!("cannot write to standard output: {error}")) };
        }
        match outcome {
            Outcome::Done => Ok(0),
            // WASI's exit codes are those of the system: the low 8 bits.
            Outcome::Exited(code) => Ok(code as u8),
            // The guest has reported why.
            Outcome::Failed => Ok(EXIT_FAILURE),
            outcome => Err(anyhow!("{outcome}")).context(self.name().to_owned()),
        }
    }
}

async fn finish(instance: &mut Instance, arguments: &[u8]) -> Outcome {
    let mut called = instance.call(Entry::RunMain, arguments).await;
    loop {
        match called {
            Ok(State::Done) => return Outcome::Done,
            Ok(State::Failed) => return Outcome::Failed,
            Ok(State::Stalled) => return Outcome::Stalled,
            Err(outcome) => return outcome,
            Ok(State::Pending) => {}
        }
        let state = instance.state_mut();
        if state.operations.outstanding() == 0 {
            return Outcome::Stalled;
        }
        let deadline = tokio::time::Instant::from_std(state.deadline);
        let finished = std::future::poll_fn(|cx| state.operations.poll(cx, None));
        let Ok(finished) = tokio::time::timeout_at(deadline, finished).await else { return Outcome::TimedOut };
        let message = Completions(finished.iter().map(Finished::message).collect()).encode();
        called = instance.call(Entry::Resume, &message).await;
    }
}

/// Hand standard input on until it ends or nobody reads. Only what is asked for is read: the rest is for whoever reads the
/// same input after this command, like the loop of a shell.
fn forward_stdin(writer: PipeWriter, handle: &tokio::runtime::Handle) {
    let mut buffer = vec![0; READ_BYTES];
    while handle.block_on(std::future::poll_fn(|cx| writer.poll_wanted(cx))) {
        match std::io::stdin().read(&mut buffer) {
            Ok(0) => return writer.finish(),
            Err(_) => return,
            Ok(count) => match writer.push(Bytes::copy_from_slice(&buffer[..count])) {
                Pushed::Room | Pushed::Full => {}
                Pushed::Ignored | Pushed::Closed => return,
            },
        }
    }
}
