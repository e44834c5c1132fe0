# SPDX-License-Identifier: Apache-2.0
# Configures and builds into build/<kind>/: the programs, and what browsers load beside them.
. "$ROOT/tools/dev/common.bash"

kind=dev
for word in "$@"; do
    case $word in
    --asan | --tsan | --release | --coverage | --clang | --fuzz) kind=${word#--} ;;
    *) usage_error "build: --asan, --tsan, --release, --coverage, --clang or --fuzz, not $word" ;;
    esac
done

cd "$ROOT"
log=build/$kind/configure.log
mkdir -p "build/$kind"
cmake --preset "$kind" >"$log" 2>&1 || {
    cat "$log" >&2
    die "build: cmake failed"
}
ninja -C "build/$kind" --quiet
if [ -f widget/build.mjs ]; then
    install_modules
    node widget/build.mjs "build/$kind/share/widget"
    node console/build.mjs "build/$kind/share/widget"
fi
