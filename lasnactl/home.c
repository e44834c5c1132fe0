/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/home.h"

#include "base/auto.h"
#include "base/json.h"

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

char *home_socket(const char *given)
{
    const char *home = home_of(given);
    AUTO_MEM char *file = NULL;
    AUTO_JSON instance = NULL;
    const char *control;
    char *path = NULL;

    if (asprintf(&file, "%s/instance.json", home) < 0) {
        file = NULL;
        return NULL;
    }
    instance = json_load_file(file, JSON_REJECT_DUPLICATES, NULL);
    control = json_string_value(json_object_get(instance, "control"));
    if (control != NULL && control[0] == '/')
        return strdup(control);
    if (asprintf(&path, "%s/%s", home, control != NULL ? control : "run/control.sock") < 0)
        return NULL;
    return path;
}
