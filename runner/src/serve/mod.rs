//! HTTP in front of a host: connections, which application a request is for, folders of applications.

mod artifact;
mod connection;
mod deployed;
mod folder;
mod router;
mod runtime;
mod server;

pub use deployed::Deployed;
pub use folder::{Folder, Found};
pub use router::Router;
pub use runtime::runtime;
pub use server::serve;
