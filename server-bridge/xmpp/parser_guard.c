/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/parser_guard.h"

#include <assert.h>
#include <dlfcn.h>
#include <expat.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* What libstrophe puts between namespace and name; also how we know a parser is its. */
enum { SEPARATOR = 0x1f, PARSERS_MAX = 64, ATTRIBUTES_MAX = 64 };
enum { ADDRESS_BYTES = 3072, ID_BYTES_MAX = 64 };

struct guard {
    XML_Parser parser; /* NULL: free */
    XML_StartElementHandler start;
    XML_EndElementHandler end;
    XML_CharacterDataHandler text;
    unsigned depth;    /* elements open and passed on; 0: before the stream header */
    unsigned elements; /* of this stanza … */
    unsigned most;     /* … and so many it may have */
    unsigned skipping; /* elements open and left out */
    bool cut;
};

static struct guard guards[PARSERS_MAX];
static bool active, was_cut;
static char expected_from[ADDRESS_BYTES], expected_id[ID_BYTES_MAX]; /* "": nothing is */

void parser_guard_expect(const char *from, const char *id)
{
    (void)snprintf(expected_from, sizeof(expected_from), "%s", from);
    (void)snprintf(expected_id, sizeof(expected_id), "%s", id);
}

/* Attributes with a prefix are never taken for these. */
static bool is_expected(const XML_Char **attributes)
{
    const char *from = "", *id = "";

    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(attributes[i], "from") == 0)
            from = attributes[i + 1];
        else if (strcmp(attributes[i], "id") == 0)
            id = attributes[i + 1];
    }
    return expected_id[0] != '\0' && strcmp(from, expected_from) == 0 &&
           strcmp(id, expected_id) == 0;
}

static struct guard *guard_of(XML_Parser parser)
{
    for (size_t i = 0; i < PARSERS_MAX; i++) {
        if (guards[i].parser == parser)
            return &guards[i];
    }
    return NULL;
}

/* The next definition after ours: expat's own. ISO C has no cast from data to function. */
static void real(const char *name, void *ret_function)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(ret_function, &found, sizeof(found));
}

/* Not in the headers of older expats, whose libraries may have it all the same. */
static void parse_at_once(XML_Parser parser)
{
    XML_Bool (*set)(XML_Parser, XML_Bool) = NULL;

    real("XML_SetReparseDeferralEnabled", &set);
    if (set != NULL)
        (void)set(parser, XML_FALSE);
}

/* Elements of one stanza: its own is at depth 1. */
static bool is_too_much(struct guard *guard, const XML_Char **attributes)
{
    if (guard->depth == 1) {
        guard->elements = 0;
        guard->most = is_expected(attributes) ? PARSER_GUARD_LIST_MAX : PARSER_GUARD_ELEMENTS_MAX;
        guard->cut = false;
    }
    return ++guard->elements > guard->most || guard->depth > PARSER_GUARD_DEPTH_MAX;
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct guard *guard = guard_of(arg);
    const XML_Char *plain[2 * ATTRIBUTES_MAX + 1];
    size_t count = 0;

    if (guard->skipping > 0 || (guard->depth > 0 && is_too_much(guard, attributes))) {
        guard->skipping++;
        guard->cut = true;
        return;
    }
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strchr(attributes[i], SEPARATOR) != NULL)
            continue;
        if (count == 2 * ATTRIBUTES_MAX) {
            guard->cut = true;
            break;
        }
        plain[count++] = attributes[i];
        plain[count++] = attributes[i + 1];
    }
    plain[count] = NULL;
    guard->depth++;
    if (guard->start != NULL)
        guard->start(XML_GetUserData(guard->parser), name, plain);
}

static void on_end(void *arg, const XML_Char *name)
{
    struct guard *guard = guard_of(arg);

    if (guard->skipping > 0) {
        guard->skipping--;
        return;
    }
    guard->depth--;
    was_cut = guard->cut;
    if (guard->end != NULL)
        guard->end(XML_GetUserData(guard->parser), name);
}

static void on_text(void *arg, const XML_Char *text, int len)
{
    struct guard *guard = guard_of(arg);

    if (guard->skipping == 0 && guard->text != NULL)
        guard->text(XML_GetUserData(guard->parser), text, len);
}

XML_Parser XML_ParserCreate_MM(const XML_Char *encoding, const XML_Memory_Handling_Suite *memory,
                               const XML_Char *separator)
{
    XML_Parser (*create)(const XML_Char *, const XML_Memory_Handling_Suite *, const XML_Char *) =
        NULL;
    XML_Parser parser;
    struct guard *guard = guard_of(NULL);

    real("XML_ParserCreate_MM", &create);
    parser = create(encoding, memory, separator);
    if (parser == NULL || separator == NULL || *separator != SEPARATOR)
        return parser;
    assert(guard != NULL); /* a link has one connection, a test a few */
    *guard = (struct guard){ .parser = parser };
    active = true;
    parse_at_once(parser);
    return parser;
}

XML_Bool XML_ParserReset(XML_Parser parser, const XML_Char *encoding)
{
    XML_Bool (*reset)(XML_Parser, const XML_Char *) = NULL;
    struct guard *guard = guard_of(parser);
    XML_Bool done;

    real("XML_ParserReset", &reset);
    done = reset(parser, encoding);
    if (done == XML_TRUE && guard != NULL) {
        *guard = (struct guard){ .parser = parser };
        parse_at_once(parser);
    }
    return done;
}

void XML_ParserFree(XML_Parser parser)
{
    void (*release)(XML_Parser) = NULL;
    struct guard *guard = parser == NULL ? NULL : guard_of(parser);

    if (guard != NULL)
        *guard = (struct guard){ 0 };
    real("XML_ParserFree", &release);
    release(parser);
}

void XML_SetElementHandler(XML_Parser parser, XML_StartElementHandler start,
                           XML_EndElementHandler end)
{
    void (*set)(XML_Parser, XML_StartElementHandler, XML_EndElementHandler) = NULL;
    struct guard *guard = guard_of(parser);

    real("XML_SetElementHandler", &set);
    if (guard == NULL) {
        set(parser, start, end);
        return;
    }
    guard->start = start;
    guard->end = end;
    XML_UseParserAsHandlerArg(parser);
    set(parser, on_start, on_end);
}

void XML_SetCharacterDataHandler(XML_Parser parser, XML_CharacterDataHandler text)
{
    void (*set)(XML_Parser, XML_CharacterDataHandler) = NULL;
    struct guard *guard = guard_of(parser);

    real("XML_SetCharacterDataHandler", &set);
    if (guard != NULL)
        guard->text = text;
    set(parser, guard != NULL ? on_text : text);
}

bool parser_guard_is_active(void)
{
    return active;
}

bool parser_guard_was_cut(void)
{
    return was_cut;
}
