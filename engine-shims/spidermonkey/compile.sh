#!/bin/sh
# Compiles what was fetched. Run by build.sh in an environment that is empty but for ROOT, HOME and a PATH with Rust's tools.
set -eu
cd "$ROOT/source/engine-shims/spidermonkey"
. ./toolchain.sh
. ./link.sh

target_libdir=$(rustc --print target-libdir --target wasm32-wasip1)
assemble_sdk "$ROOT" "$target_libdir"
bundle_builtins "$ROOT" src/builtins build/builtins.js
use_vendored_crates "$ROOT"
export_engine_environment "$ROOT"
cargo build --locked --release --target wasm32-wasip1
build_ada "$ROOT"
link_guest "$ROOT" "$target_libdir"
