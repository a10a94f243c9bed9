//! Nothing: building this crate leaves `libada.a` in the output folder of `ada-url`'s build script.
