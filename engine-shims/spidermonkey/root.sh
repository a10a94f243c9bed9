# The folder in which the engine is built. Sourced by build.sh.
#
# It is the same on every machine and for every checkout, because compilers write the paths of what they read into what
# they make, in more ways than flags can map away: SpiderMonkey's own build has paths from its objects to its sources, with
# as many `../` as the folder is deep. Sources are mirrored into it and compared by content, so that a build after a small
# change compiles little, whichever checkout it comes from.
#
# | there        | what                                                              |
# |--------------|-------------------------------------------------------------------|
# | `source/`    | the guest and the interface, as in the repository                 |
# | `vendor/`    | the crates of both lock files, with `patches/` applied            |
# | `tools/`     | wheels from PyPI                                                  |
# | `wasi-sdk/`  | the C++ toolchain, assembled                                      |
# | `target/`    | what cargo makes, SpiderMonkey's objects among it                 |
# | `lto-cache/` | what link-time optimization need not do again                     |

root=/var/tmp/wizerjs-engine

# Makes the folder, or takes it over from an earlier build of the same user, and keeps other builds out of it.
claim_root() {
    mkdir -m 700 "$root" 2>/dev/null || true
    if [ -L "$root" ] || [ ! -d "$root" ] || [ ! -O "$root" ]; then
        echo "build.sh: $root: the engine is built there, and it is not a folder of $(id -un)'s: have it removed" >&2
        exit 1
    fi
    chmod 700 "$root"
    exec 9> "$root/lock"
    flock -n 9 || { echo "build.sh: waiting for another build in $root" >&2; flock 9; }
}

# mirror_sources REPOSITORY: files that did not change keep their times, so that cargo does not compile them again.
mirror_sources() {
    shims=$root/source/engine-shims
    mkdir -p "$shims"
    mirror='rsync --recursive --links --checksum --delete --exclude=/build --exclude=/target --exclude=node_modules'
    # The interface inherits from the repository's workspace.
    # shellcheck disable=SC2086 # a command
    $mirror "$1/Cargo.toml" "$root/source/"
    $mirror "$1/engine-shims/abi/" "$shims/abi/"
    $mirror "$1/engine-shims/spidermonkey/" "$shims/spidermonkey/"
}

# compile GUEST_DIR: leaves $root/engine.wasm. Nothing of the caller's environment reaches the compilers.
compile() {
    env -i PATH="$(cd "$1" && rustc --print sysroot)/bin:/usr/bin:/bin" HOME="$root/home" ROOT="$root" \
        sh "$root/source/engine-shims/spidermonkey/compile.sh"
}
