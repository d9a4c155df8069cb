#!/usr/bin/env bash
# Runs the end-to-end tests against the real binary ($ATENDE_BINARY, or build/release/atende).
# Arguments choose test files; without any, all of them and the tests of the fakes run.
set -eu
cd "$(dirname "$0")"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund
[ $# -gt 0 ] || set -- support/*.test.mjs ./*.test.mjs
# Some of the programs from npm that the tests talk to want a newer node than Debian 12's.
node=(node)
node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 15) ? 0 : 1)' ||
    node=(npx --yes node@22.23.3)
exec "${node[@]}" --test --test-reporter=spec --test-concurrency="${E2E_CONCURRENCY:-3}" "$@"
