/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SUPPORT_JSON_AT_H
#define TESTS_SUPPORT_JSON_AT_H

#include "tests/support/cmocka.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "languages.0.words": what stands there in a document; NULL: nothing does. */
static inline const json_t *at(const json_t *object, const char *path)
{
    while (object != NULL && *path != '\0') {
        char name[48];
        size_t len = strcspn(path, ".");

        (void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
        object = name[0] >= '0' && name[0] <= '9' ? json_array_get(object, (size_t)atoi(name))
                                                  : json_object_get(object, name);
        path += len + (path[len] == '.');
    }
    return object;
}

/* Fails where there is none. */
static inline double number_at(const json_t *object, const char *path)
{
    if (!json_is_number(at(object, path)))
        fail_msg("no number at %s", path);
    return json_number_value(at(object, path));
}

#endif
