/* SPDX-License-Identifier: Apache-2.0 */
#include "base/result.h"

#include "base/log.h"

#include <stddef.h>

const char *result_name(int rc)
{
    switch (rc) {
    case OK:
        return "ok";
    case ERR_NO_MEMORY:
        return "no-memory";
    case ERR_IO:
        return "io";
    case ERR_CORRUPT:
        return "corrupt";
    case ERR_CONFIG:
        return "config";
    case ERR_LIMIT:
        return "limit";
    case ERR_CLOSED:
        return "closed";
    case ERR_BUG:
        return "bug";
    default:
        return rc > 0 ? "outcome" : "unknown";
    }
}

int result_trail(int rc, const char *what, const char *file, int line)
{
    if (rc == OK)
        return OK; /* TRACE(f()) of a success leaves none */
    log_event(LOG_DEBUG, NULL, "result.trail", "how=%s rc=%s at=%s:%d", what, result_name(rc), file,
              line);
    return rc;
}

int result_fold(int rc, const char *file, int line)
{
    return result_trail(rc > 0 ? ERR_BUG : rc, "fold", file, line);
}
