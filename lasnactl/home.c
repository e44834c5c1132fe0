/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/home.h"

#include "base/auto.h"
#include "base/format/json.h"

#include <stdio.h>
#include <sys/stat.h>

#define HOME_HERE   "var/dev"
#define HOME_SYSTEM "/var/lib/lasna"

static const char *home_of(const char *given)
{
    const char *set = getenv("LASNA_HOME");
    struct stat stat_of;

    if (given != NULL && given[0] != '\0')
        return given;
    if (set != NULL && set[0] != '\0')
        return set;
    if (stat(HOME_HERE, &stat_of) == 0 && S_ISDIR(stat_of.st_mode))
        return HOME_HERE;
    return HOME_SYSTEM;
}

/* What instance.json says under `key`; else `otherwise` under the home. */
static char *find(const char *given, const char *key, const char *otherwise)
{
    const char *home = home_of(given);
    AUTO_MEM char *file = NULL;
    AUTO_JSON instance = NULL;
    const char *told;
    char *path = NULL;

    if (asprintf(&file, "%s/instance.json", home) < 0) {
        file = NULL;
        return NULL;
    }
    instance = json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
    told = json_string_value(json_object_get(instance, key));
    if (told != NULL && told[0] == '/')
        return strdup(told);
    if (asprintf(&path, "%s/%s", home, told != NULL ? told : otherwise) < 0)
        return NULL;
    return path;
}

char *home_socket(const char *given)
{
    return find(given, "control", "run/control.sock");
}

char *home_data(const char *given)
{
    return find(given, "data", "data");
}
