# SPDX-License-Identifier: Apache-2.0
# Makes the pictures of the manual, docs/images/*.png, from a real instance in Chromium.
. "$ROOT/tools/dev/common.bash"

out=$ROOT/docs/images
[ $# -le 1 ] || usage_error "screenshots: at most one name (./dev help)"
bash "$ROOT/tools/dev/setup.sh"
bash "$ROOT/tools/dev/build.sh"
mkdir -p "$out"
exec node "$ROOT/tools/screenshots/screenshots.mjs" "$out" "$@"
