//! Run a module up to the snapshot point.
