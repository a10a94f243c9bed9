#!/bin/sh
# pack.sh: writes modules.json.zst, the modules of Node.js that applications can import (see pack.mjs). Wants npm, zstd and
# Node.js 20, whose modules' names it takes over.
set -eu
cd "$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)"

package='@jspm/core@2.1.0'
integrity='sha512-3sRl+pkyFY/kLmHl0cgHiFp2xEqErA8N3ECjMs7serSUBmoJ70lBa0PG5t0IM6WJgdZNyyI0R8YFfi5wM8+mzg=='
node_version='v20.20.2'

[ "$(node --version)" = "$node_version" ] || { echo "pack.sh: Node.js is $(node --version), the names are those of $node_version" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
archive="$work/$(npm pack --silent --pack-destination "$work" "$package")"
found="sha512-$(openssl dgst -sha512 -binary "$archive" | openssl base64 -A)"
[ "$found" = "$integrity" ] || { echo "pack.sh: $package is $found, not $integrity" >&2; exit 1; }
tar -xzf "$archive" -C "$work"
node pack.mjs "$work/package" | zstd -q -19 -f -o modules.json.zst
echo "modules.json.zst: $(wc -c < modules.json.zst) bytes"
