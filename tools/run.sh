#!/usr/bin/env bash
# The stress test in one of its modes: tools/run.sh [MODE] [options of wsblast]
# Honours WS_URL, CONNECTIONS and MESSAGES; builds wsblast first where that is needed. The artillery modes
# run tools/scenarios/ymera.yml: staging against YMERA_TARGET with YMERA_TOKEN, unless WS_URL or -t says
# where.
set -euo pipefail
cd "$(dirname "$0")/.."

modes="quick medium heavy artillery-quick artillery-staging"
case "${1:-}" in
    "" | -*) mode=quick ;;
    *) mode=$1 && shift ;;
esac

case "$mode" in
    quick | medium | heavy) command=("$mode") ;;
    artillery-quick) command=(script tools/scenarios/ymera.yml -e localhost) ;;
    artillery-staging) command=(script tools/scenarios/ymera.yml -e staging) ;;
    *)
        echo "run.sh: unknown mode '$mode'; the modes are: $modes" >&2
        exit 2
        ;;
esac

# The script joins its path to the target: scheme and host are what is taken of WS_URL.
if [ "${command[0]}" = script ] && [[ "${WS_URL:-}" =~ ^[a-z]+://[^/?]+ ]]; then
    command+=(-t "${BASH_REMATCH[0]}")
fi

# Standard output belongs to the result.
if [ -f build/build.ninja ]; then
    ninja -C build --quiet wsblast >&2
elif [ ! -x build/wsblast ]; then
    ./tools/build >&2
fi
exec ./build/wsblast "${command[@]}" "$@"
