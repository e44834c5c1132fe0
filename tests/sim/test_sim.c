/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "tests/sim/runs.h"

int main(int argc, char **argv)
{
    log_set_level(LOG_ERROR);
    return run_tap(argc > 1 ? argv[1] : NULL);
}
