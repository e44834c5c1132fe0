# SPDX-License-Identifier: Apache-2.0
# The rules of chat/ through SEEDS seeds of bad weather (2000): ./dev sim [SEEDS] [--first N]
# [--mutant NAME] [--trace]. The last line says what came of it.
. "$ROOT/tools/dev/common.bash"

bash "$ROOT/tools/dev/build.sh"
exec "$ROOT/build/dev/tests/lasna_sim" "$@"
