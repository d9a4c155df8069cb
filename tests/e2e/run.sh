#!/usr/bin/env bash
# Runs the end-to-end tests against the real binary ($ATENDE_BINARY, or build/release/atende).
# Arguments choose test files; without any, all of them and the tests of the fakes run.
set -eu
cd "$(dirname "$0")"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund
[ $# -gt 0 ] || set -- support/*.test.mjs ./*.test.mjs
exec node --test --test-reporter=spec --test-concurrency="${E2E_CONCURRENCY:-3}" "$@"
