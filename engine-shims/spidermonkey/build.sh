#!/bin/sh
# Builds the engine: Debian 12 and rustup's toolchain in, engine-shims/prebuilt/ out. See README.md.
#
#     engine-shims/spidermonkey/build.sh            everything
#     engine-shims/spidermonkey/build.sh guest      up to build/engine.wasm, without compressing
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$here/build
cd "$here"
. ./toolchain.sh

mkdir -p "$build"
install_packages
rustup target add wasm32-wasip1 2>/dev/null || true
assemble_sdk "$build" "$(rustc --print target-libdir --target wasm32-wasip1)"
export_engine_environment "$build" "$here"

export RUSTFLAGS="--remap-path-prefix=$here=/guest --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=/registry"
cargo build --locked --release --target wasm32-wasip1
