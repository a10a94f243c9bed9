//! Every way a request can end, as data: one HTTP status, one log line, one counter each.

use http::StatusCode;
use std::fmt;

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The guest finished and the response is complete.
    Done,
    /// The handler failed; the guest reported why.
    Failed,
    /// Nothing outstanding could ever have finished the request.
    Stalled,
    /// The guest trapped, or broke the interface in a way that it cannot go on from.
    Trapped(String),
    /// Still running at [`crate::Limits::wall_time`].
    TimedOut,
    /// The guest finished without a response.
    NoResponse,
    /// The guest gave up a streaming body before its end.
    CutOff,
    /// No instance was free in time.
    NoInstance,
    /// The client went away first.
    ClientGone,
    /// The client was waited for, too long by [`crate::Limits::client_time`], or while others needed the instance.
    ClientSlow,
    /// The guest asked to exit with this code.
    Exited(i32),
}

/// The kinds of [`Outcome`], for counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum OutcomeKind {
    /// [`Outcome::Done`].
    Done,
    /// [`Outcome::Failed`].
    Failed,
    /// [`Outcome::Stalled`].
    Stalled,
    /// [`Outcome::Trapped`].
    Trapped,
    /// [`Outcome::TimedOut`].
    TimedOut,
    /// [`Outcome::NoResponse`].
    NoResponse,
    /// [`Outcome::CutOff`].
    CutOff,
    /// [`Outcome::NoInstance`].
    NoInstance,
    /// [`Outcome::ClientGone`].
    ClientGone,
    /// [`Outcome::ClientSlow`].
    ClientSlow,
    /// [`Outcome::Exited`].
    Exited,
}

impl OutcomeKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Done,
        Self::Failed,
        Self::Stalled,
        Self::Trapped,
        Self::TimedOut,
        Self::NoResponse,
        Self::CutOff,
        Self::NoInstance,
        Self::ClientGone,
        Self::ClientSlow,
        Self::Exited,
    ];

    /// Name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stalled => "stalled",
            Self::Trapped => "trapped",
            Self::TimedOut => "timed-out",
            Self::NoResponse => "no-response",
            Self::CutOff => "cut-off",
            Self::NoInstance => "no-instance",
            Self::ClientGone => "client-gone",
            Self::ClientSlow => "client-slow",
            Self::Exited => "exited",
        }
    }
}

impl Outcome {
    /// Its kind.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Done => OutcomeKind::Done,
            Self::Failed => OutcomeKind::Failed,
            Self::Stalled => OutcomeKind::Stalled,
            Self::Trapped(_) => OutcomeKind::Trapped,
            Self::TimedOut => OutcomeKind::TimedOut,
            Self::NoResponse => OutcomeKind::NoResponse,
            Self::CutOff => OutcomeKind::CutOff,
            Self::NoInstance => OutcomeKind::NoInstance,
            Self::ClientGone => OutcomeKind::ClientGone,
            Self::ClientSlow => OutcomeKind::ClientSlow,
            Self::Exited(_) => OutcomeKind::Exited,
        }
    }

    /// The status that stands for it when the guest gave no response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Done | Self::Failed | Self::Trapped(_) | Self::NoResponse | Self::CutOff | Self::Exited(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::Stalled | Self::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Self::NoInstance => StatusCode::SERVICE_UNAVAILABLE,
            // Nobody reads it; nginx's number for "client closed request" is not registered.
            Self::ClientGone => StatusCode::BAD_REQUEST,
            Self::ClientSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// Whether the memory of an instance that ended so is worth, and safe for, resetting. Everything else may have
    /// been interrupted in the middle of anything.
    pub(crate) fn leaves_instance_usable(&self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Stalled | Self::NoResponse | Self::CutOff | Self::ClientSlow)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Failed => f.write_str("the handler failed"),
            Self::Stalled => f.write_str("the handler waits for something that nothing can bring about"),
            Self::Trapped(cause) => write!(f, "the guest trapped: {cause}"),
            Self::TimedOut => f.write_str("still running at the time limit"),
            Self::NoResponse => f.write_str("the guest finished without a response"),
            Self::CutOff => f.write_str("the handler gave up the body of its response before the end"),
            Self::NoInstance => f.write_str("no instance was free in time"),
            Self::ClientGone => f.write_str("the client went away"),
            Self::ClientSlow => f.write_str("the client was too slow"),
            Self::Exited(code) => write!(f, "the guest exited with code {code} instead of answering"),
        }
    }
}

/// Exit code of a command that failed without giving one.
pub(crate) const EXIT_FAILURE: u8 = 1;

/// The guest asked to exit.
#[derive(Debug)]
pub(crate) struct Exit(pub(crate) i32);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}", self.0)
    }
}

impl std::error::Error for Exit {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_count_up_from_zero() {
        for (index, kind) in OutcomeKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index, "{}", kind.name());
        }
    }
}
