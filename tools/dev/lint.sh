# SPDX-License-Identifier: Apache-2.0
# Looks at the code with every tool that has an opinion: ./dev lint [--quick]. A line a tool,
# what it found below, exit 1 when there is anything. --quick leaves out the two that need
# minutes from nothing, the build with Clang and clang-tidy; both are quick the second time.
. "$ROOT/tools/dev/common.bash"

quick=no
for word in "$@"; do
    case $word in
    --quick) quick=yes ;;
    *) usage_error "lint: --quick, not $word" ;;
    esac
done
cd "$ROOT"
bash tools/dev/setup.sh

# A test's TAP, without what holds.
run_tap() {
    bash "$1" | sed -n 's/^# //p'
    return "${PIPESTATUS[0]}"
}
check_format() { run_tap tests/format.sh; }
check_layers() { run_tap tests/layers.sh; }

check_shell() {
    local scripts
    mapfile -t scripts < <(find tools tests certs deploy -name '*.sh' -o -name '*.bash' | sort)
    # SC2317: takes a function that is handed to another for one that nobody calls
    shellcheck --shell=bash --external-sources --exclude=SC2317 --format=gcc dev .ci/run "${scripts[@]}"
}

check_types() {
    local config rc=0
    for config in */tsconfig.json; do
        node_modules/.bin/tsc --project "$config" || rc=1
    done
    return $rc
}

check_cppcheck() {
    mkdir -p build/lint/cppcheck
    cppcheck --quiet --error-exitcode=1 -j "$(nproc)" --project=build/clang/compile_commands.json \
        --enable=warning,performance,portability --inline-suppr \
        --library=posix,gnu,openssl,sqlite3,libcurl,tools/lint/cppcheck.cfg \
        --suppressions-list=tools/lint/cppcheck.suppress --cppcheck-build-dir=build/lint/cppcheck \
        --template='{file}:{line}: {message} [{id}]' 2>&1
}

check_clang() {
    rm -f build/clang/.lint-built
    bash tools/dev/build.sh --clang 2>&1 && touch build/clang/.lint-built
}

# Every C file with a key that changes when it, a header it sees, or the wishes change.
# The Clang build has just written down who sees whom.
tidy_keys() {
    {
        sha256sum .clang-tidy
        find . -path ./node_modules -prune -o \( -name '*.[ch]' -o -name '*.def' \) -printf '%P\0' |
            xargs -0 sha256sum
        ninja -C build/clang -t deps
    } 2>/dev/null | awk -v root="$ROOT/" '
        /^[0-9a-f]+  / { hash[$2] = $1; next }
        /^ / {
            path = $1
            if (index(path, root) == 1) path = substr(path, length(root) + 1)
            sub(/^\.\.\/\.\.\//, "", path) # a compiler cache may say it from build/clang
            if (!(path in hash)) next
            if (file == "") file = path
            key = key hash[path]
            next
        }
        { if (file ~ /\.c$/) print file, key; file = ""; key = hash[".clang-tidy"] }
        END { if (file ~ /\.c$/) print file, key }' | sort -u -k1,1
}

# tidy_one FILE KEY: what was clean under this key is not looked at again.
tidy_one() {
    local stamp="build/lint/tidy/${1//\//_}" key
    key=$(sha256sum <<<"$2")
    [ "$(cat "$stamp" 2>/dev/null)" != "$key" ] || return 0
    rm -f "$stamp"
    if clang-tidy -p build/clang --quiet "$1" >"$stamp.log" 2>"$stamp.talk"; then
        echo "$key" >"$stamp"
        rm -f "$stamp.log"
    elif [ ! -s "$stamp.log" ]; then
        cp "$stamp.talk" "$stamp.log"
    fi
}

check_tidy() {
    mkdir -p build/lint/tidy
    rm -f build/lint/tidy/*.log
    export -f tidy_one
    tidy_keys | xargs -P "$(nproc)" -n 2 bash -c 'tidy_one "$@"' tidy
    # The whole story of each stays in its log.
    ! grep -hE ' (error|warning): ' build/lint/tidy/*.log 2>/dev/null | sed 's/,-warnings-as-errors\]/]/' |
        sort -u | grep .
}

wrong=0
check() {
    local found started=$SECONDS
    if found=$("check_$1"); then
        echo "ok   $1: $2 ($((SECONDS - started)) s)"
    else
        echo "FAIL $1: $2"
        printf '%s\n' "${found//"$ROOT/"/}" | sed 's/^/     /'
        wrong=$((wrong + 1))
    fi
}

mkdir -p build/clang build/lint
cmake --preset clang >build/clang/configure.log 2>&1 || {
    cat build/clang/configure.log >&2
    die "lint: cmake failed"
}
check format "clang-format"
check layers "who may include whom"
check shell "shellcheck"
check types "TypeScript"
check cppcheck "cppcheck"
if [ "$quick" = no ]; then
    check clang "the build with Clang"
    # It needs what that build wrote down: without it, it would find nothing to look at.
    if [ -f build/clang/.lint-built ]; then check tidy "clang-tidy"; fi
fi
if [ "$wrong" -gt 0 ]; then
    echo "lint: $wrong with findings"
    exit 1
fi
echo "lint: nothing to mend"
