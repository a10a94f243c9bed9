//! The functions of WASI preview 1 that the runtime calls itself.

mod raw {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub(super) fn random_get(buffer: *mut u8, len: usize) -> u16;
        pub(super) fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u16;
        pub(super) fn proc_exit(code: u32) -> !;
    }
}

const CLOCK_REALTIME: u32 = 0;
const CLOCK_MONOTONIC: u32 = 1;

/// Fill `buffer` with the host's entropy.
pub fn fill_random(buffer: &mut [u8]) {
    // SAFETY: the host writes within the buffer.
    let errno = unsafe { raw::random_get(buffer.as_mut_ptr(), buffer.len()) };
    assert_eq!(errno, 0, "the host gave no entropy");
}

fn clock_ns(clock: u32) -> u64 {
    let mut time = 0;
    // SAFETY: the host writes the one value.
    let errno = unsafe { raw::clock_time_get(clock, 1, &mut time) };
    assert_eq!(errno, 0, "the host has no clock");
    time
}

/// Nanoseconds since 1970.
pub fn realtime_ns() -> u64 {
    clock_ns(CLOCK_REALTIME)
}

/// Nanoseconds of the host's monotonic clock.
pub fn monotonic_ns() -> u64 {
    clock_ns(CLOCK_MONOTONIC)
}

/// End the program, without running C++ destructors: the engine is not taken down in order.
pub fn exit(code: u32) -> ! {
    // SAFETY: does not return.
    unsafe { raw::proc_exit(code) }
}
