# Links the guest. Sourced by build.sh. rustc makes a static library and the linker is called here, because rustc would
# export every `no_mangle` function of every crate (some 180), and because these settings are part of the engine.

link_guest() { # link_guest LIBRARY OUTPUT RUST_SYSROOT_OF_TARGET SYSROOT_LIB BUILTINS_LIB LTO_CACHE
    exports='_initialize initialize_engine load_application wizer-initialize allocate handle_request resume run_main _start __stack_pointer'
    flags=''
    for export in $exports; do
        flags="$flags --export=$export"
    done
    # --stack-first: the C stack is at the bottom of memory, so that an overflow leaves it and traps.
    # Memory is only as large as it must be: the guest enlarges it, and keeps it apart from the heap (src/runtime/heap.rs).
    # shellcheck disable=SC2086 # a list of flags
    "$RUST_LLD" -flavor wasm --no-entry --no-demangle -O3 --gc-sections --strip-debug \
        --stack-first -z stack-size=8388608 $flags \
        --thinlto-cache-dir="$6" "$1" "$4/libc++.a" "$4/libc++abi.a" "$3/libc.a" "$5" -o "$2"
}
