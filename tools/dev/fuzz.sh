# SPDX-License-Identifier: Apache-2.0
# Fuzzes the parsers: ./dev fuzz [TARGET] [SECONDS]. Without a target each in turn, for SECONDS
# (60) each. What is found stays in build/fuzz/corpus/, what breaks in build/fuzz/crashes/, and
# the command that repeats it is told. The same targets run shortly in ./dev test.
. "$ROOT/tools/dev/common.bash"

cd "$ROOT"
mapfile -t targets < <(sed -n 's/^lasna_fuzz(\([a-z_]*\).*/\1/p' tests/fuzz/CMakeLists.txt)
seconds=60
wanted=
for word in "$@"; do
    case $word in
    *[!0-9]*) wanted=$word ;;
    ?*) seconds=$word ;;
    esac
done
if [ -n "$wanted" ]; then
    [[ " ${targets[*]} " == *" $wanted "* ]] ||
        usage_error "fuzz: there is no target $wanted; there are: ${targets[*]}"
    targets=("$wanted")
fi

bash "$ROOT/tools/dev/setup.sh"
mkdir -p build/fuzz/crashes
cmake --preset fuzz >build/fuzz/configure.log 2>&1 || {
    cat build/fuzz/configure.log >&2
    die "fuzz: cmake failed"
}
ninja -C build/fuzz --quiet fuzzers >build/fuzz/build.log || {
    cat build/fuzz/build.log >&2
    die "fuzz: the build failed"
}

# The last numbers libFuzzer wrote, for the progress line.
progress() { grep -ao '^#[0-9]*.*cov: [0-9]*' "$1" 2>/dev/null | tail -1 | tr '\t' ' ' || true; }

crashes() { find build/fuzz/crashes -name "$1-*" 2>/dev/null | sort; }

fuzz_one() {
    local target=$1 log=build/fuzz/$1.log corpus=build/fuzz/corpus/$1 pid dictionary=() before
    mkdir -p "$corpus"
    [ ! -f "tests/fuzz/dict/$target.dict" ] || dictionary=("-dict=tests/fuzz/dict/$target.dict")
    before=$(crashes "$target")
    "build/fuzz/tests/fuzz_$target" "-max_total_time=$seconds" -timeout=10 -rss_limit_mb=1024 \
        -max_len=32768 -print_final_stats=1 "-artifact_prefix=build/fuzz/crashes/$target-" \
        "${dictionary[@]}" "$corpus" "tests/fuzz/corpus/$target" >"$log" 2>&1 &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        [ ! -t 2 ] || printf '\r\033[K%s: %s' "$target" "$(progress "$log")" >&2
        sleep 1
    done
    [ ! -t 2 ] || printf '\r\033[K' >&2
    if wait "$pid"; then
        runs=$((runs + $(sed -n 's/^stat::number_of_executed_units: //p' "$log")))
        echo "ok   $target: $(progress "$log")"
        return 0
    fi
    echo "FAIL $target:"
    tail -40 "$log" | sed 's/^/     /'
    comm -13 <(echo "$before") <(crashes "$target") |
        sed "s|.*|     again: build/fuzz/tests/fuzz_$target &|"
    return 1
}

runs=0
broken=0
for target in "${targets[@]}"; do
    fuzz_one "$target" || broken=$((broken + 1))
done
echo "fuzz: ${#targets[@]} targets, $runs inputs, $broken broken"
[ "$broken" -eq 0 ]
