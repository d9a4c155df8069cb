#!/usr/bin/env bash
# Who may include whom: the stations of docs/architecture.md keep their direction. Run by ctest.
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# What a station may include besides itself.
declare -A allowed=(
    [conversation]=""
    [platform]=""
    [channels]="conversation platform"
    [turns]="conversation platform"
    [agent]="conversation platform"
    [simulator]="conversation platform"
    [voice]="conversation platform"
    [media]="voice platform"
    [intake]="conversation platform channels turns"
    [delivery]="conversation platform channels turns"
    [people]="conversation platform turns delivery agent"
    [app]="conversation platform channels turns agent delivery intake simulator people voice"
)

wrong=0
complain() {
    echo "$1" >&2
    wrong=1
}

for folder in src/*/ include/atende/*/; do
    station=$(basename "$folder")
    [ -n "${allowed[$station]+known}" ] || complain "$folder: a station tests/check_includes.sh does not know"
done
for file in src/*.*; do
    case $file in src/main.cpp | src/media_main.cpp) ;; *) complain "$file: belongs to no station" ;; esac
done

# One line for each include of ours: file, station it is in, "<" public or "\"" private, station it names.
while IFS=$'\t' read -r file from kind to; do
    [ "$file" = src/main.cpp ] && from=app
    [ "$file" = src/media_main.cpp ] && from=media
    [ "$from" = "$to" ] && continue
    case " ${allowed[$from]-} " in
    *" $to "*) ;;
    *) complain "$file: $from may not include $to" && continue ;;
    esac
    # Another station's private headers are for its owner; app puts everything together.
    [ "$kind" = '<' ] || [ "$from" = app ] || complain "$file: includes a private header of $to"
done < <(
    grep -rHoE '^[[:space:]]*#[[:space:]]*include[[:space:]]+(<atende/[a-z_]+/|"[a-z_]+/)' src include |
        sed -E 's@^((include/atende|src)/([^/:]+)[^:]*):.*include[[:space:]]+(<atende/|")([a-z_]+)/$@\1\t\3\t\4\t\5@; s@\t<atende/\t@\t<\t@'
)
exit "$wrong"
