# SPDX-License-Identifier: Apache-2.0
# Measures; see bench/README.md. The peers' packages are installed for this alone.
. "$ROOT/tools/dev/common.bash"

name=${1:-carry}
[ $# -gt 0 ] && shift
case $name in
carry | presence) ;;
*) usage_error "bench: there are carry and presence, not $name" ;;
esac
bash "$ROOT/tools/dev/setup.sh"
if [ "$name" = presence ]; then
    bash "$ROOT/tools/dev/build.sh" --release
    exec "$ROOT/build/release/bench/bench_presence" "$ROOT/presence/rules" "$@"
fi
bash "$ROOT/tools/dev/build.sh"
peers=$ROOT/bench/peers
if [ ! "$peers/node_modules/.package-lock.json" -nt "$peers/package-lock.json" ]; then
    say "bench: installing the peers (a compiler may have to run: minutes)"
    npm ci --prefix "$peers" --no-audit --no-fund --silent >&2
fi
exec node "$ROOT/bench/$name.mjs" "$@"
