# SPDX-License-Identifier: Apache-2.0
# Sets up, builds, and runs every test, or those whose name holds PATTERN; CASE picks cases in
# them. The C programs run twice: as built, and under ASan and UBSan.
. "$ROOT/tools/dev/common.bash"

bash "$ROOT/tools/dev/setup.sh"
bash "$ROOT/tools/dev/build.sh"
bash "$ROOT/tools/dev/build.sh" --asan
exec node "$ROOT/tests/run.mjs" "$@"
