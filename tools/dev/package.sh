# SPDX-License-Identifier: Apache-2.0
# The Debian package, into build/package/; --check tries it out in a chroot of its own.
. "$ROOT/tools/dev/common.bash"

kind=release check=no
while [ $# -gt 0 ]; do
    case $1 in
    --check) check=yes ;;
    --of) kind=${2:?--of needs a kind of build} && shift ;;
    *) usage_error "package: --check, or --of KIND, not $1" ;;
    esac
    shift
done

if [ "$kind" = release ]; then bash "$ROOT/tools/dev/build.sh" --release; fi
[ -x "$ROOT/build/$kind/server-bridge/lasnad" ] || die "package: ./dev build --$kind first"
mkdir -p "$ROOT/build/package"
# The same commit gives the same bytes.
SOURCE_DATE_EPOCH=$(git -C "$ROOT" log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH
log=$ROOT/build/package/cpack.log
(umask 022 && cd "$ROOT/build/$kind" && cpack -G DEB -B "$ROOT/build/package" >"$log" 2>&1) || {
    cat "$log" >&2
    die "package: cpack failed"
}
package=$(sed -n 's/^CPack: - package: \(.*\.deb\) generated\.$/\1/p' "$log")
if [ "$check" = yes ]; then
    bash "$ROOT/tests/package/chroot.sh" "$package"
fi
echo "$package"
