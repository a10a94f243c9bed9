//! The engine that evaluates an application.
