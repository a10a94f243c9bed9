//! Errors of WASI preview 1.

/// An error of WASI preview 1, as far as functions of this crate have it:
/// <https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#errno>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Errno {
    /// `EBADF`: no such descriptor.
    BadDescriptor = 8,
    /// `EFAULT`: a pointer or length leads out of the memory.
    Fault = 21,
    /// `EINVAL`: an argument that has no meaning.
    Invalid = 28,
    /// `EIO`: the world failed.
    Io = 29,
    /// `ENOSYS`: a function that there is not.
    NotImplemented = 52,
    /// `ESPIPE`: a stream has no position.
    NotSeekable = 70,
}

/// The number that a function returns: 0, or its error's.
pub(crate) fn code(result: Result<(), Errno>) -> i32 {
    result.map_or_else(|errno| errno as i32, |()| 0)
}
