/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/qda/project.h"

#include "base/grow.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    DEPTH_MAX = 64,
    NAME_MAX_BYTES = 4096,
    CONTENT_MAX_BYTES = 64 * 1024 * 1024,
    LIST_MAX = 100000,      /* of codes, of users, of sources */
    CODINGS_MAX = 10000000, /* in all sources */
};

struct qda_reading {
    XML_Parser parser;
    struct qda_project *project;
    const char *wrong; /* NULL: nothing yet */
    unsigned depth;
    size_t codings;
    bool in_source, in_selection, in_coding, in_content;
    uint32_t first, last, user; /* of the selection and the coding at hand */
};

static void stop(struct qda_reading *reading, const char *why)
{
    if (reading->wrong == NULL)
        reading->wrong = why;
    (void)XML_StopParser(reading->parser, XML_FALSE);
}

/* --- lists --- */

static void names_release(struct qda_names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i].guid);
        free(names->items[i].name);
    }
    free(names->items);
    *names = (struct qda_names){ 0 };
}

void qda_project_release(struct qda_project *project)
{
    names_release(&project->codes);
    names_release(&project->users);
    for (size_t i = 0; i < project->count; i++) {
        free(project->sources[i].name);
        free(project->sources[i].path);
        free(project->sources[i].codings);
        buf_release(&project->sources[i].content);
    }
    free(project->sources);
    *project = (struct qda_project){ 0 };
}

/* "{4F2A…}" and "4f2a…" are one GUID. */
static struct slice bare(const char *guid)
{
    struct slice text = slice_of(guid);

    if (text.len > 1 && text.data[0] == '{' && text.data[text.len - 1] == '}')
        text = (struct slice){ text.data + 1, text.len - 2 };
    return text;
}

static uint32_t place_of(const struct qda_names *names, const char *guid)
{
    struct slice wanted = bare(guid);

    for (size_t i = 0; i < names->count; i++)
        if (strlen(names->items[i].guid) == wanted.len &&
            strncasecmp(names->items[i].guid, wanted.data, wanted.len) == 0)
            return (uint32_t)i;
    return QDA_NOBODY;
}

/* A text of the project, as long as a name may be. */
static char *name_of(const char *text)
{
    size_t len = strlen(text);

    return slice_dup((struct slice){ text, len < NAME_MAX_BYTES ? len : NAME_MAX_BYTES });
}

static const char *attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2)
        if (strcmp(attributes[i], name) == 0)
            return attributes[i + 1];
    return "";
}

static void add_name(struct qda_reading *reading, struct qda_names *names, const char **attributes)
{
    struct qda_named *named;

    if (names->count == LIST_MAX) {
        stop(reading, "it has too many codes or coders");
        return;
    }
    if (GROW(names->items, names->count, &names->cap) != OK) {
        stop(reading, "out of memory");
        return;
    }
    named = &names->items[names->count];
    named->guid = slice_dup(bare(attribute(attributes, "guid")));
    named->name = name_of(attribute(attributes, "name"));
    names->count++;
    if (named->guid == NULL || named->name == NULL)
        stop(reading, "out of memory");
}

static struct qda_source *source_of(struct qda_reading *reading)
{
    return &reading->project->sources[reading->project->count - 1];
}

static void add_source(struct qda_reading *reading, const char **attributes)
{
    struct qda_project *project = reading->project;
    struct qda_source *source;

    if (project->count == LIST_MAX) {
        stop(reading, "it has too many sources");
        return;
    }
    if (GROW(project->sources, project->count, &project->cap) != OK) {
        stop(reading, "out of memory");
        return;
    }
    source = &project->sources[project->count++];
    *source = (struct qda_source){ .name = name_of(attribute(attributes, "name")),
                                   .path = name_of(attribute(attributes, "plainTextPath")) };
    buf_init(&source->content, CONTENT_MAX_BYTES);
    reading->in_source = true;
    if (source->name == NULL || source->path == NULL)
        stop(reading, "out of memory");
}

static void add_coding(struct qda_reading *reading, const char *code_guid)
{
    struct qda_source *source = source_of(reading);
    uint32_t code = place_of(&reading->project->codes, code_guid);

    if (code == QDA_NOBODY) {
        stop(reading, "a coding points at a code that is not in its code book");
        return;
    }
    if (reading->codings++ == CODINGS_MAX) {
        stop(reading, "it has too many codings");
        return;
    }
    if (GROW(source->codings, source->count, &source->cap) != OK) {
        stop(reading, "out of memory");
        return;
    }
    source->codings[source->count++] = (struct qda_coding){ .code = code,
                                                            .user = reading->user,
                                                            .first = reading->first,
                                                            .last = reading->last,
                                                            .whole = !reading->in_selection };
}

/* --- elements --- */

static bool read_position(const char *text, uint32_t *ret)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    *ret = (uint32_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value < UINT32_MAX;
}

static void begin_selection(struct qda_reading *reading, const char **attributes)
{
    if (!read_position(attribute(attributes, "startPosition"), &reading->first) ||
        !read_position(attribute(attributes, "endPosition"), &reading->last) ||
        reading->first > reading->last)
        stop(reading, "a selection has no place");
    reading->in_selection = true;
}

/* "q:Code" is "Code", whatever the tool calls the namespace. */
static const char *local(const char *name)
{
    const char *colon = strrchr(name, ':');

    return colon != NULL ? colon + 1 : name;
}

static bool is(const char *name, const char *wanted)
{
    return strcmp(local(name), wanted) == 0;
}

static void begin_in_source(struct qda_reading *reading, const char *name, const char **attributes)
{
    if (is(name, "PlainTextSelection")) {
        begin_selection(reading, attributes);
    } else if (is(name, "Coding")) {
        reading->in_coding = true;
        reading->user = place_of(&reading->project->users, attribute(attributes, "creatingUser"));
    } else if (is(name, "CodeRef") && reading->in_coding) {
        add_coding(reading, attribute(attributes, "targetGUID"));
    } else if (is(name, "PlainTextContent")) {
        reading->in_content = source_of(reading)->has_content = true;
    }
}

static void on_begin(void *context, const char *name, const char **attributes)
{
    struct qda_reading *reading = context;

    if (++reading->depth > DEPTH_MAX)
        stop(reading, "it nests too deep");
    else if (reading->in_source)
        begin_in_source(reading, name, attributes);
    else if (is(name, "User"))
        add_name(reading, &reading->project->users, attributes);
    else if (is(name, "Code"))
        add_name(reading, &reading->project->codes, attributes);
    else if (is(name, "TextSource"))
        add_source(reading, attributes);
}

static void on_end(void *context, const char *name)
{
    struct qda_reading *reading = context;

    reading->depth--;
    if (is(name, "TextSource"))
        reading->in_source = false;
    else if (is(name, "PlainTextSelection"))
        reading->in_selection = false;
    else if (is(name, "Coding"))
        reading->in_coding = false;
    else if (is(name, "PlainTextContent"))
        reading->in_content = false;
}

static void on_text(void *context, const char *bytes, int len)
{
    struct qda_reading *reading = context;

    if (!reading->in_content || !reading->in_source)
        return;
    buf_add(&source_of(reading)->content, bytes, (size_t)len);
    if (buf_failed(&source_of(reading)->content))
        stop(reading, "a text in it is too long");
}

/* No project has one; what it could declare, entities, is what XML is attacked by. */
static void on_doctype(void *context, const char *name, const char *system, const char *public_id,
                       int has_subset)
{
    (void)name;
    (void)system;
    (void)public_id;
    (void)has_subset;
    stop(context, "it has a document type, which no project has");
}

/* --- reading --- */

struct qda_reading *qda_reading_new(struct qda_project *project)
{
    struct qda_reading *reading = calloc(1, sizeof(*reading));

    if (reading == NULL)
        return NULL;
    reading->project = project;
    reading->user = QDA_NOBODY;
    reading->parser = XML_ParserCreate(NULL);
    if (reading->parser == NULL)
        return qda_reading_free(reading);
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, on_begin, on_end);
    XML_SetCharacterDataHandler(reading->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading->parser, on_doctype);
    return reading;
}

struct qda_reading *qda_reading_free(struct qda_reading *reading)
{
    if (reading != NULL && reading->parser != NULL)
        XML_ParserFree(reading->parser);
    free(reading);
    return NULL;
}

bool qda_reading_feed(struct qda_reading *reading, struct slice bytes, bool last,
                      struct buf *problem)
{
    if (XML_Parse(reading->parser, bytes.data, (int)bytes.len, last) == XML_STATUS_OK)
        return true;
    buf_addf(problem, "its project.qde cannot be read: line %lu: %s.",
             (unsigned long)XML_GetCurrentLineNumber(reading->parser),
             reading->wrong != NULL ? reading->wrong
                                    : XML_ErrorString(XML_GetErrorCode(reading->parser)));
    return false;
}
