//! HTTP in front of a host: connections, which application a request is for, folders of applications.

mod connection;
mod folder;
mod router;
mod runtime;
mod server;

pub use folder::{Folder, Found};
pub use router::Router;
pub use runtime::runtime;
pub use server::serve;
