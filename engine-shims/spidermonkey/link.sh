# Links the guest. Sourced by compile.sh. rustc makes a static library and the linker is called here, because rustc would
# export every `no_mangle` function of every crate (some 180), and because these settings are part of the engine.

# The URL parser, see src/builtins/url/ada/Cargo.toml. The engine's environment must be exported.
build_ada() { # build_ada ROOT: leaves ROOT/libada.a
    cargo build --locked --release --target wasm32-wasip1 --target-dir "$1/ada" --manifest-path src/builtins/url/ada/Cargo.toml
    cp "$1"/ada/wasm32-wasip1/release/build/ada-url-*/out/libada.a "$1/libada.a"
}

link_guest() { # link_guest ROOT RUST_TARGET_LIBDIR: leaves ROOT/engine.wasm
    exports='_initialize initialize_engine load_application wizer-initialize allocate handle_request resume run_main _start __stack_pointer'
    flags=''
    for export in $exports; do
        flags="$flags --export=$export"
    done
    lib=$1/wasi-sdk/share/wasi-sysroot/lib/wasm32-wasi
    # --stack-first: the C stack is at the bottom of memory, so that an overflow leaves it and traps; 8 MiB of it, as the
    # patch for recursion says. Memory is only as large as it must be: the guest enlarges it (src/runtime/heap.rs).
    # shellcheck disable=SC2086 # a list of flags
    "$(rustc --print sysroot)/lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld" -flavor wasm \
        --no-entry --no-demangle -O3 --lto-O3 --gc-sections --strip-debug --stack-first -z stack-size=8388608 $flags \
        --thinlto-cache-dir="$1/lto-cache" "$1/target/wasm32-wasip1/release/libengine_spidermonkey.a" "$1/libada.a" \
        "$lib/libc++.a" "$lib/libc++abi.a" "$2/self-contained/libc.a" \
        "$1/wasi-sdk/lib/clang/19/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a" -o "$1/engine.wasm"
}
