#!/bin/sh
# Builds the engine: Debian 12 and rustup's toolchain in, engine-shims/prebuilt/spidermonkey/ out. See README.md.
#
#     engine-shims/spidermonkey/build.sh            everything
#     engine-shims/spidermonkey/build.sh guest      up to build/engine.wasm
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cd "$here"
. ./root.sh
. ./fetch.sh

install_packages
claim_root
mirror_sources "$here/../.."
fetch "$here"
compile "$here"
mkdir -p build
cp "$root/engine.wasm" build/engine.wasm
[ "${1:-}" != guest ] || exit 0

# From here on with the project's own tools: the base module, then both into the crate that embeds them.
cd "$here/../.."
cargo run --release --locked --bin wizerjs -- prepare "$here/build/engine.wasm" -o "$here/build/base.wasm"
cargo run --release --locked --bin pack-engine -- \
    "$here/../prebuilt/spidermonkey" "$here/build/engine.wasm" "$here/build/base.wasm" 'SpiderMonkey 153' \
    "rustc=$(rustc --version | cut -d' ' -f2)" "llvm=$llvm_version" "ziglang=${ziglang_version}" "node=${node_version}"
