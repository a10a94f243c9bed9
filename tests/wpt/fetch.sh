#!/bin/sh
# fetch.sh FOLDER: leaves FOLDER/tests, the web-platform-tests in Debian's source package of Node.js, and FOLDER/python,
# their server. Nothing outside FOLDER is changed. Exit code 75: a registry cannot be reached.
set -eu

# The upstream part of the source package `nodejs`: the version, and the digest of its archive.
version=18.20.4
archive="nodejs_$version+dfsg.orig.tar.xz"
digest=6ce58062c71eae37d9c5ac31eeaeff9c2d48561d21c2849179d056c9c1bd9ebc
suite=bookworm

unreachable() {
    echo "$1" >&2
    exit 75
}

# The system's own sources of this suite, as sources of source packages.
source_lists() {
    for file in /etc/apt/sources.list.d/*.sources; do
        [ -e "$file" ] || continue
        awk -v suite="$suite" -v RS= '$0 ~ "Suites:[^\n]* " suite "[ \n]" && /Components:[^\n]* main/ {
            print "Types: deb-src\nSuites: " suite "\nComponents: main"
            count = split($0, lines, "\n")
            for (at = 1; at <= count; at++) if (lines[at] ~ /^(URIs|Signed-By):/) print lines[at]
            print ""
        }' "$file" > "$1/$(basename "$file")"
    done
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
        sed -n "s/^deb\(-src\)\{0,1\} \(.* $suite main\)\( .*\)\{0,1\}$/deb-src \2/p" | sort -u > "$1/one-line.list"
}

fetch_tests() {
    command -v apt-get > /dev/null || unreachable 'no apt-get: the source package needs one'
    command -v xz > /dev/null || unreachable 'no xz: install xz-utils'
    mkdir -p "$1/apt/sources" "$1/apt/lists/partial" "$1/apt/cache/archives/partial"
    source_lists "$1/apt/sources"
    apt_get() {
        apt-get -q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$root/apt/sources" -o Dir::State::Lists="$root/apt/lists" \
            -o Dir::Cache="$root/apt/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1 -o Acquire::Retries=2 "$@" >&2
    }
    root=$1
    apt_get update || unreachable 'apt-get update failed'
    (cd "$1/apt" && apt_get source --download-only --tar-only nodejs) || unreachable 'the source package nodejs cannot be downloaded'
    echo "$digest  $1/apt/$archive" | sha256sum --check --quiet >&2
    mkdir -p "$1/tests.partial"
    tar --extract --xz --file "$1/apt/$archive" --directory "$1/tests.partial" --wildcards --strip-components 4 '*/test/fixtures/wpt/*'
    rm -r "$1/apt"
    mv "$1/tests.partial" "$1/tests"
}

install() { # install FOLDER TARGET REQUIREMENTS
    if ! python3 -m pip install --quiet --no-deps --require-hashes --no-build-isolation --target "$2" \
        --requirement "$(dirname "$0")/$3" 2> "$1/pip.log"; then
        cat "$1/pip.log" >&2
        grep -q 'NOT MATCH THE HASHES' "$1/pip.log" && exit 1
        unreachable 'wptserve cannot be installed'
    fi
}

fetch_server() {
    python3 -m pip --version > /dev/null 2>&1 || unreachable 'no pip: install python3-pip'
    install "$1" "$1/build" build-requirements.txt
    PYTHONPATH=$1/build install "$1" "$1/python.partial" requirements.txt
    rm -r "$1/pip.log" "$1/build"
    mv "$1/python.partial" "$1/python"
}

folder=$1
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
[ -d "$folder/tests" ] || { rm -rf "$folder/tests.partial" "$folder/apt"; fetch_tests "$folder"; }
[ -d "$folder/python" ] || { rm -rf "$folder/python.partial" "$folder/build"; fetch_server "$folder"; }
