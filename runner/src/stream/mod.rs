//! Bodies on their way between guests and the network, and what the host itself answers.

mod body;
pub(crate) mod headers;
mod pipe;
mod text;

pub use body::{Body, IncomingBody};
pub(crate) use body::{BodySource, BoxError, Piece, incoming};
pub use pipe::BodyError;
pub(crate) use pipe::{PipeWriter, Pushed, pipe};
pub(crate) use text::plain_text;
