#!/bin/sh
# Builds the product and the bench programs in build/release, then measures. Arguments go to bench/run.mjs.
set -eu
cd "$(dirname "$0")/.."
cmake --preset release -DATENDE_BENCH=ON >/dev/null
ninja -C build/release atende bench_bare_hmac bench_bare_path bench_load bench_audio bench_knowledge
exec node bench/run.mjs "$@"
