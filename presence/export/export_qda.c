/* SPDX-License-Identifier: Apache-2.0
 *
 * REFI-QDA 1.5: a project (.qdpx, a zip of project.qde and its sources) for ATLAS.ti, MAXQDA, NVivo
 * and others, and the code book alone (.qdc).
 *
 * A conversation is a plain text source, a line a message; its codes are selections of that text,
 * by code points from 0, end exclusive, lines ending in LF. Functions, which are of the whole
 * conversation, are codings of the source. Stage and language are variables of it. Ids are made of
 * what they stand for, so the same transcripts give the same project.
 */
#include "presence/export/archive_zip.h"
#include "presence/export/exported.h"

#include "base/format/text.h"

#include <stdio.h>

enum { GUID_BYTES = 37, SOURCE_MAX_BYTES = 64 * 1024 * 1024 };

static const char project_ns[] = "urn:QDA-XML:project:1.0";
static const char codebook_ns[] = "urn:QDA-XML:codebook:1.0";
static const char origin[] = "Läsnä " LASNA_VERSION;

/* A GUID from the digest of a name, in the form of RFC 9562's version 8. */
static void guid_of(const char *kind, const char *name, uint64_t number, char guid[GUID_BYTES])
{
    struct digest digest;
    AUTO_BUF text;
    uint8_t *b;

    buf_init(&text, 4096);
    buf_addf(&text, "lasna qda %s %s %llu", kind, name, (unsigned long long)number);
    digest = digest_sha256(buf_slice(&text));
    b = digest.bytes;
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x80);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    (void)snprintf(guid, GUID_BYTES,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                   b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
                   b[14], b[15]);
}

static void put_guid(struct buf *to, const char *attribute, const char *kind, const char *name,
                     uint64_t number)
{
    char guid[GUID_BYTES];

    guid_of(kind, name, number, guid);
    buf_addf(to, " %s=\"%s\"", attribute, guid);
}

static void put_attribute(struct buf *to, const char *name, const char *value)
{
    buf_addf(to, " %s=\"", name);
    buf_add_xml(to, slice_of(value));
    buf_add_text(to, "\"");
}

/* --- the code book --- */

static void put_code(struct buf *to, const char *id, const char *meaning, const char *color)
{
    buf_add_text(to, "<Code");
    put_guid(to, "guid", "code", id, 0);
    put_attribute(to, "name", id);
    buf_addf(to, " isCodable=\"true\" color=\"%s\"><Description>", color);
    buf_add_xml(to, slice_of(meaning));
    buf_add_text(to, "</Description></Code>\n");
}

static void begin_group(struct buf *to, const char *name)
{
    buf_add_text(to, "<Code");
    put_guid(to, "guid", "group", name, 0);
    put_attribute(to, "name", name);
    buf_add_text(to, " isCodable=\"false\">\n");
}

static void put_codes(struct buf *to)
{
    static const char *const colors[PRESENCE_GROUP_COUNT] = { "#1f6fd0", "#3b7d5c", "#c8541a",
                                                              "#8a4fbf", "#b08900" };

    buf_add_text(to, "<Codes>\n");
    for (enum presence_group group = 0; group < PRESENCE_GROUP_COUNT; group++) {
        begin_group(to, presence_group_name(group));
        for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
            if (presence_code_row(code)->group == group)
                put_code(to, presence_code_row(code)->id, presence_code_row(code)->meaning,
                         colors[group]);
        buf_add_text(to, "</Code>\n");
    }
    begin_group(to, "functions");
    for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
        put_code(to, figures_function_id(function), figures_function_meaning(function), "#5b5f68");
    buf_add_text(to, "</Code>\n</Codes>");
}

int export_qdc(struct buf *to)
{
    buf_add_text(to, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<CodeBook");
    put_attribute(to, "xmlns", codebook_ns);
    put_attribute(to, "origin", origin);
    buf_add_text(to, ">");
    put_codes(to);
    buf_add_text(to, "</CodeBook>\n");
    return buf_failed(to) ? RAISE(ERR_LIMIT) : OK;
}

/* --- sources --- */

struct project {
    const struct export_wish *wish;
    struct zip *zip;
    struct buf sources; /* of project.qde */
    struct buf text;    /* the source at hand */
};

/* "[3] agent A-4f2a9c01 2026-03-02T09:14:05.120Z: "; its length in code points. */
static uint32_t put_line_head(struct buf *to, const struct exported_message *message)
{
    size_t before = to->len;

    buf_addf(to, "[%llu] %s ", (unsigned long long)message->seq, exported_from_name(message->from));
    buf_add_text(to, message->speaker);
    if (message->at_ms > 0)
        buf_add_text(to, " ");
    exported_time(message->at_ms, to);
    buf_add_text(to, ": ");
    return (uint32_t)text_points((struct slice){ to->data + before, to->len - before });
}

/* What one coder saw in one message: its ids stay when the coder sees something more, and are not
 * those of another coder, whose project may be merged with this. */
static void put_selection(struct project *project, const struct exported_chat *chat,
                          const struct exported_message *message, size_t which, uint32_t start)
{
    struct buf *to = &project->sources;
    const struct exported_code *code = &message->codes[which];
    AUTO_BUF what;

    buf_init(&what, 4096);
    buf_addf(&what, "%s %s %s", chat->id, code->code, project->wish->coder);
    buf_add_text(to, "<PlainTextSelection");
    put_guid(to, "guid", "selection", what.data, message->seq);
    put_attribute(to, "name", code->code);
    buf_addf(to, " startPosition=\"%u\" endPosition=\"%u\"", start + code->first,
             start + code->last);
    put_guid(to, "creatingUser", "coder", project->wish->coder, 0);
    buf_add_text(to, "><Coding");
    put_guid(to, "guid", "coding", what.data, message->seq);
    put_guid(to, "creatingUser", "coder", project->wish->coder, 0);
    buf_add_text(to, "><CodeRef");
    put_guid(to, "targetGUID", "code", code->code, 0);
    buf_add_text(to, "/></Coding></PlainTextSelection>\n");
}

static void put_functions(struct project *project, const struct exported_chat *chat)
{
    struct buf *to = &project->sources;
    AUTO_BUF what;

    buf_init(&what, 4096);
    for (unsigned i = 0; i < FUNCTION_COUNT; i++) {
        if ((chat->functions >> i & 1) == 0)
            continue;
        buf_clear(&what);
        buf_addf(&what, "%s %s %s", chat->id, figures_function_id((enum figures_function)i),
                 project->wish->coder);
        buf_add_text(to, "<Coding");
        put_guid(to, "guid", "coding", what.data, 0);
        put_guid(to, "creatingUser", "coder", project->wish->coder, 0);
        buf_add_text(to, "><CodeRef");
        put_guid(to, "targetGUID", "code", figures_function_id((enum figures_function)i), 0);
        buf_add_text(to, "/></Coding>\n");
    }
}

static void put_variable_value(struct buf *to, const char *name, const char *value)
{
    buf_add_text(to, "<VariableValue><VariableRef");
    put_guid(to, "targetGUID", "variable", name, 0);
    buf_add_text(to, "/><TextValue>");
    buf_add_xml(to, slice_of(value));
    buf_add_text(to, "</TextValue></VariableValue>\n");
}

static void put_messages(struct project *project, const struct exported_chat *chat)
{
    uint32_t place = 0;

    buf_clear(&project->text);
    for (size_t i = 0; i < chat->count; i++) {
        const struct exported_message *message = &chat->messages[i];

        place += put_line_head(&project->text, message);
        for (size_t which = 0; which < message->code_count; which++)
            put_selection(project, chat, message, which, place);
        buf_add_text(&project->text, message->text);
        buf_add_text(&project->text, "\n");
        place += message->points + 1;
    }
}

static int add_chat(void *context, const struct exported_chat *chat)
{
    struct project *project = context;
    struct buf *to = &project->sources;
    char guid[GUID_BYTES], name[64];

    guid_of("source", chat->id, 0, guid);
    (void)snprintf(name, sizeof(name), "sources/%s.txt", guid);
    buf_addf(to, "<TextSource guid=\"%s\"", guid);
    put_attribute(to, "name", chat->id);
    buf_addf(to, " plainTextPath=\"internal://%s.txt\"", guid);
    if (chat->opened_ms > 0) {
        buf_add_text(to, " creationDateTime=\"");
        exported_time(chat->opened_ms, to);
        buf_add_text(to, "\"");
    }
    buf_add_text(to, ">\n");
    put_messages(project, chat);
    put_functions(project, chat);
    put_variable_value(to, "stage", chat->stage);
    put_variable_value(to, "language", chat->language);
    buf_add_text(to, "</TextSource>\n");
    if (buf_failed(to) || buf_failed(&project->text))
        return RAISE(ERR_LIMIT);
    return zip_add(project->zip, name, buf_slice(&project->text));
}

/* --- the project --- */

static void put_head(struct buf *to, const struct export_wish *wish)
{
    static const char *const variables[] = { "stage", "language" };
    const char *coder = wish->coder[0] != '\0' ? wish->coder : "nobody";

    buf_add_text(to, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Project");
    put_attribute(to, "xmlns", project_ns);
    put_attribute(to, "name", wish->tenant->text);
    put_attribute(to, "origin", origin);
    put_guid(to, "creatingUserGUID", "coder", wish->coder, 0);
    buf_add_text(to, ">\n<Users><User");
    put_guid(to, "guid", "coder", wish->coder, 0);
    put_attribute(to, "name", coder);
    buf_add_text(to, "/></Users>\n<CodeBook>");
    put_codes(to);
    buf_add_text(to, "</CodeBook>\n<Variables>");
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        buf_add_text(to, "<Variable");
        put_guid(to, "guid", "variable", variables[i], 0);
        put_attribute(to, "name", variables[i]);
        buf_add_text(to, " typeOfVariable=\"Text\"/>");
    }
    buf_add_text(to, "</Variables>\n");
}

static int put_project(struct project *project)
{
    AUTO_BUF qde;

    buf_init(&qde, project->sources.limit);
    put_head(&qde, project->wish);
    if (project->sources.len > 0) {
        buf_add_text(&qde, "<Sources>\n");
        buf_add_slice(&qde, buf_slice(&project->sources));
        buf_add_text(&qde, "</Sources>\n");
    }
    buf_add_text(&qde, "</Project>\n");
    if (buf_failed(&qde))
        return RAISE(ERR_LIMIT);
    return zip_add(project->zip, "project.qde", buf_slice(&qde));
}

int export_qdpx(const struct export_wish *wish, struct buf *to)
{
    AUTO(zip) zip = zip_new(to);
    struct project project = { .wish = wish, .zip = zip };
    int rc = zip == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    buf_init(&project.sources, to->limit);
    buf_init(&project.text, SOURCE_MAX_BYTES);
    if (rc == OK)
        rc = exported_each(wish, add_chat, &project);
    if (rc == OK)
        rc = put_project(&project);
    if (rc == OK)
        rc = zip_finish(zip);
    buf_release(&project.sources);
    buf_release(&project.text);
    return rc;
}
