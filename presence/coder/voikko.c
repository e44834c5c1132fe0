/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/voikko.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdlib.h>

struct handle; /* libvoikko's own */
struct analysis;

struct voikko {
    void *library;
    struct handle *handle;
    void (*terminate)(struct handle *);
    struct analysis **(*analyze)(struct handle *, const char *);
    void (*free_analyses)(struct analysis **);
    char *(*value)(const struct analysis *, const char *);
    void (*free_value)(char *);
};

/* A function of the library; C has no cast from an object's address to a function's. */
static bool find(void *library, const char *name, void *to)
{
    void *symbol = dlsym(library, name);

    memcpy(to, &symbol, sizeof(symbol));
    return symbol != NULL;
}

struct voikko *voikko_free(struct voikko *voikko)
{
    if (voikko == NULL)
        return NULL;
    if (voikko->handle != NULL)
        voikko->terminate(voikko->handle);
    if (voikko->library != NULL)
        (void)dlclose(voikko->library);
    free(voikko);
    return NULL;
}
DEFINE_AUTO(voikko)

static bool find_all(struct voikko *voikko,
                     struct handle *(**ret_init)(const char **, const char *, const char *))
{
    void *library = voikko->library;

    return find(library, "voikkoInit", ret_init) &&
           find(library, "voikkoTerminate", &voikko->terminate) &&
           find(library, "voikkoAnalyzeWordCstr", &voikko->analyze) &&
           find(library, "voikko_free_mor_analysis", &voikko->free_analyses) &&
           find(library, "voikko_mor_analysis_value_cstr", &voikko->value) &&
           find(library, "voikko_free_mor_analysis_value_cstr", &voikko->free_value);
}

int voikko_open(struct voikko **ret_voikko)
{
    AUTO(voikko) voikko = calloc(1, sizeof(*voikko));
    struct handle *(*init)(const char **, const char *, const char *);
    const char *error = NULL;

    if (voikko == NULL)
        return RAISE(ERR_NO_MEMORY);
    voikko->library = dlopen("libvoikko.so.1", RTLD_NOW | RTLD_LOCAL);
    if (voikko->library == NULL || !find_all(voikko, &init))
        return VOIKKO_E_ABSENT;
    voikko->handle = init(&error, "fi", NULL);
    if (voikko->handle == NULL)
        return VOIKKO_E_ABSENT;
    *ret_voikko = voikko;
    voikko = NULL;
    return OK;
}

/* Names come back with a capital; the rules know lower case. */
static bool copy_lower(const char *from, struct voikko_word *to)
{
    size_t len = strlen(from);

    if (len == 0 || len >= sizeof(to->base))
        return false;
    for (size_t i = 0; i < len; i++)
        to->base[i] =
            (unsigned char)from[i] < 0x80 ? (char)tolower((unsigned char)from[i]) : from[i];
    to->base_len = len;
    return true;
}

static int read_analysis(struct voikko *voikko, const struct analysis *analysis,
                         struct voikko_word *ret_word)
{
    char *base = voikko->value(analysis, "BASEFORM");
    char *asks = voikko->value(analysis, "KYSYMYSLIITE");
    struct voikko_word word = { .asks = asks != NULL && strcmp(asks, "true") == 0 };
    bool fits = base != NULL && copy_lower(base, &word);

    if (base != NULL)
        voikko->free_value(base);
    if (asks != NULL)
        voikko->free_value(asks);
    if (!fits)
        return VOIKKO_E_UNKNOWN;
    *ret_word = word;
    return OK;
}

int voikko_read(struct voikko *voikko, struct slice word, struct voikko_word *ret_word)
{
    char text[256];
    struct analysis **analyses;
    int rc = VOIKKO_E_UNKNOWN;

    if (!slice_copy(word, text, sizeof(text)))
        return VOIKKO_E_UNKNOWN;
    analyses = voikko->analyze(voikko->handle, text);
    if (analyses == NULL)
        return VOIKKO_E_UNKNOWN;
    if (analyses[0] != NULL)
        rc = read_analysis(voikko, analyses[0], ret_word);
    voikko->free_analyses(analyses);
    return rc;
}
