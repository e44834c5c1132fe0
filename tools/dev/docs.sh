# SPDX-License-Identifier: Apache-2.0
# The manual as web pages in build/docs/, from every document and man page. Fails on a broken link.
. "$ROOT/tools/dev/common.bash"

[ $# -eq 0 ] || usage_error "docs: there is nothing to choose (./dev help)"
bash "$ROOT/tools/dev/setup.sh"
exec node "$ROOT/tools/docs/docs.mjs" "$ROOT" "$ROOT/build/docs"
