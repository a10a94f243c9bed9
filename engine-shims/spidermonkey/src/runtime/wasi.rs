//! The functions of WASI preview 1 that the runtime calls itself.

mod raw {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub(super) fn random_get(buffer: *mut u8, len: usize) -> u16;
        pub(super) fn clock_time_get(clock: u32, precision: u64, time: *mut u64) -> u16;
        pub(super) fn environ_sizes_get(count: *mut usize, bytes: *mut usize) -> u16;
        pub(super) fn environ_get(variables: *mut *mut u8, bytes: *mut u8) -> u16;
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

/// Variables of the environment as the host has them now, as `NAME=value`. The C library would give those that it found when
/// the snapshot was made.
pub fn environment() -> Vec<String> {
    let (mut count, mut len) = (0, 0);
    // SAFETY: the host writes the two values.
    let errno = unsafe { raw::environ_sizes_get(&mut count, &mut len) };
    assert_eq!(errno, 0, "the host has no environment");
    let (mut variables, mut bytes) = (vec![::std::ptr::null_mut(); count], vec![0; len]);
    // SAFETY: both have the sizes that the host gave.
    let errno = unsafe { raw::environ_get(variables.as_mut_ptr(), bytes.as_mut_ptr()) };
    assert_eq!(errno, 0, "the host has no environment");
    bytes
        .strip_suffix(b"\0")
        .unwrap_or_default()
        .split(|&byte| byte == 0)
        .map(|text| String::from_utf8_lossy(text).into_owned())
        .collect()
}

/// End the program, without running C++ destructors: the engine is not taken down in order.
pub fn exit(code: u32) -> ! {
    // SAFETY: does not return.
    unsafe { raw::proc_exit(code) }
}
