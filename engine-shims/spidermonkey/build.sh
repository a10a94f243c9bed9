#!/bin/sh
# Builds the engine: Debian 12 and rustup's toolchain in, engine-shims/prebuilt/spidermonkey/ out. See README.md.
#
#     engine-shims/spidermonkey/build.sh            everything
#     engine-shims/spidermonkey/build.sh guest      up to build/engine.wasm
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$here/build
cd "$here"
. ./toolchain.sh
. ./link.sh

mkdir -p "$build"
install_packages
rustup target add wasm32-wasip1 2>/dev/null || true
target_libdir=$(rustc --print target-libdir --target wasm32-wasip1)
assemble_sdk "$build" "$target_libdir"
bundle_builtins "$build" "$here/src/builtins"

(
    export_engine_environment "$build" "$here"
    cargo build --locked --release --target wasm32-wasip1
    build_ada "$build" "$here"
)
link_guest "$here/target/wasm32-wasip1/release/libengine_spidermonkey.a" "$build" "$target_libdir"
[ "${1:-}" != guest ] || exit 0

# From here on with the project's own tools: the base module, then both into the crate that embeds them.
cd "$here/../.."
cargo run --release --locked -p wizerjs -- prepare "$build/engine.wasm" -o "$build/base.wasm"
cargo run --release --locked -p engine-prebuilt --bin pack-engine -- \
    "$here/../prebuilt/spidermonkey" "$build/engine.wasm" "$build/base.wasm" 'SpiderMonkey 153' \
    "rustc=$(rustc --version | cut -d' ' -f2)" "llvm=$llvm_version" "ziglang=0.15.2" "node=22.20.0"
