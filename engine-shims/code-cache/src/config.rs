//! The Wasmtime settings that decide what machine code looks like.

use wasmtime::{Config, OptLevel};

/// Bytes of memory image up to which Wasmtime keeps copy-on-write initialization however sparse the image is. An
/// engine's image is some 12 MB, with Intl data 30 MB; beyond this bound every instance would be a copy.
const DENSE_IMAGE_MAX_BYTES: u64 = 256 << 20;

/// The settings under which engines are compiled. The build tool and the function host start from the same ones, so
/// that what one of them compiled is a hit for the other; each may add settings that do not change machine code.
pub fn codegen_config() -> Config {
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::Speed);
    // An endless loop must end: at the time limit of initialization, and of a request.
    config.epoch_interruption(true);
    config.memory_guaranteed_dense_image_size(DENSE_IMAGE_MAX_BYTES);
    // Engines carry no names, so a map from machine code to wasm offsets helps nobody and is a fifth of the file.
    config.generate_address_map(false);
    // Shared-everything results must not depend on the CPU.
    config.relaxed_simd_deterministic(true);
    // An object on the garbage-collected heap is state that no host can read or restore, and no engine needs one.
    config.wasm_gc(false);
    config
}
