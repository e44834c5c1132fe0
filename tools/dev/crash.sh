# SPDX-License-Identifier: Apache-2.0
# Kills each role with -9 in traffic and compares what everyone was told with the transcripts.
. "$ROOT/tools/dev/common.bash"

bash "$ROOT/tools/dev/setup.sh"
bash "$ROOT/tools/dev/build.sh"
exec node "$ROOT/tests/crash/crash.mjs" "$@"
