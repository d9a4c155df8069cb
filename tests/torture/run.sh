#!/bin/sh
# Tortures the real binary ($ATENDE_BINARY, or build/release/atende): see README.md.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/torture
# In a mount namespace of its own, what the disk episodes mount goes away with the process.
if unshare --mount true 2>/dev/null; then
    exec unshare --mount node tests/torture/main.mjs "$@"
fi
exec node tests/torture/main.mjs "$@"
