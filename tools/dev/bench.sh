# SPDX-License-Identifier: Apache-2.0
# Measures; see bench/README.md. The peers' packages are installed for this alone.
. "$ROOT/tools/dev/common.bash"

name=${1:-carry}
[ $# -gt 0 ] && shift
case $name in
carry | desk | flood | presence | search | tenants | widget) ;;
*) usage_error "bench: there are carry, desk, flood, presence, search, tenants and widget, not $name" ;;
esac
bash "$ROOT/tools/dev/setup.sh"
if [ "$name" = presence ]; then
    bash "$ROOT/tools/dev/build.sh" --release
    exec "$ROOT/build/release/bench/bench_presence" "$ROOT/presence/rules" "$@"
fi
bash "$ROOT/tools/dev/build.sh"
case $name in
desk | flood | search | tenants | widget) exec node "$ROOT/bench/$name.mjs" "$@" ;;
esac
# Not in the source: what npm builds there is none of ours to check, format or ship.
peers=$ROOT/build/peers
mkdir -p "$peers"
cp "$ROOT/bench/peers/bridge.mjs" "$peers/"
if ! cmp -s "$ROOT/bench/peers/package-lock.json" "$peers/installed.json"; then
    say "bench: installing the peers (a compiler may have to run: minutes)"
    cp "$ROOT/bench/peers/"package*.json "$peers/"
    (cd "$peers" && npm ci --no-audit --no-fund --silent >&2) ||
        die "bench: the peers could not be installed; node bench/$name.mjs --alone measures without them"
    cp "$peers/package-lock.json" "$peers/installed.json"
fi
exec node "$ROOT/bench/$name.mjs" "$@"
