//! What happened while a snapshot was made.
