/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/chats/transcript_page.h"

#include "base/format/json.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

/* " · outcome solved", or nothing where there is none. */
static void add_fact(struct buf *to, const char *what, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(to, " · %s", what);
    buf_add_xml(to, slice_of(text));
}

/* "2026-03-02T09:14:05.120Z" as people read it: 2026-03-02 09:14:05 */
static void add_time(struct buf *to, const char *at)
{
    if (strlen(at) >= sizeof("2026-03-02T09:14:05") - 1)
        buf_addf(to, "<time datetime=\"%s\">%.10s %.8s</time>", at, at, at + 11);
}

static void add_agents(struct buf *to, const json_t *document)
{
    const json_t *agent;
    size_t i;

    json_array_foreach(json_object_get(document, "agents"), i, agent)
        add_fact(to, "", text_of(agent, "name"));
}

static void add_tags(struct buf *to, const json_t *document)
{
    const json_t *tag;
    size_t i;

    json_array_foreach(json_object_get(document, "tags"), i, tag)
        add_fact(to, "#", json_string_value(tag));
}

static void add_survey(struct buf *to, const json_t *document)
{
    static const char *const scores[] = { "csat", "nps", "effort" };
    const json_t *survey = json_object_get(document, "survey");

    for (size_t i = 0; i < sizeof(scores) / sizeof(scores[0]); i++) {
        const json_t *score = json_object_get(survey, scores[i]);

        if (json_is_integer(score))
            buf_addf(to, " · %s %d", scores[i], (int)json_integer_value(score));
    }
    add_fact(to, "", text_of(survey, "comment"));
}

static void add_head(struct buf *to, const json_t *document)
{
    const json_t *visitor = json_object_get(document, "visitor");
    const char *name = text_of(visitor, "name");

    buf_addf(to, "<h2 id=\"%s\">", text_of(document, "id")); /* base32 */
    buf_add_xml(to, slice_of(name[0] != '\0' ? name : text_of(document, "id")));
    buf_add_text(to, "</h2><p class=\"soft\">");
    add_time(to, text_of(document, "opened_at"));
    add_fact(to, "", text_of(document, "language"));
    add_fact(to, "stage ", text_of(document, "stage"));
    add_fact(to, "", text_of(visitor, "email"));
    add_agents(to, document);
    add_tags(to, document);
    add_fact(to, "outcome ", text_of(document, "outcome"));
    add_fact(to, "ended: ", text_of(document, "end_reason"));
    add_survey(to, document);
    buf_add_text(to, "</p>");
}

static void open_row(struct buf *to, const char *at, const char *who)
{
    buf_add_text(to, "<tr><td>");
    add_time(to, at);
    buf_add_text(to, "</td><td>");
    buf_add_xml(to, slice_of(who));
    buf_add_text(to, "</td><td style=\"white-space:pre-wrap;overflow-wrap:anywhere\">");
}

static void add_mark(struct buf *to, bool holds, const char *mark)
{
    if (holds)
        buf_addf(to, " <span class=\"soft\">(%s)</span>", mark);
}

static void add_message(struct buf *to, const json_t *message)
{
    const char *name = text_of(message, "name");
    bool withdrawn = json_is_string(json_object_get(message, "withdrawn_at"));

    open_row(to, text_of(message, "at"), name[0] != '\0' ? name : text_of(message, "from"));
    buf_add_xml(to, slice_of(text_of(message, "text")));
    add_mark(to, strcmp(text_of(message, "from"), "bot") == 0, "bot");
    add_mark(to, strcmp(text_of(message, "origin"), "canned") == 0, "canned");
    add_mark(to, json_is_object(json_object_get(message, "file")), "file");
    add_mark(to, withdrawn, "withdrawn");
    add_mark(to, !withdrawn && json_is_string(json_object_get(message, "edited_at")), "edited");
    buf_add_text(to, "</td></tr>\n");
}

static void add_notes(struct buf *to, const json_t *notes)
{
    const json_t *note;
    size_t i;

    if (json_array_size(notes) == 0)
        return;
    buf_add_text(to, "<h3>Notes</h3><table>");
    json_array_foreach(notes, i, note)
    {
        open_row(to, text_of(note, "at"), text_of(note, "by"));
        buf_add_xml(to, slice_of(text_of(note, "text")));
        buf_add_text(to, "</td></tr>\n");
    }
    buf_add_text(to, "</table>");
}

int transcript_page_add(struct buf *to, struct slice document)
{
    AUTO_JSON read = NULL;
    const json_t *message;
    size_t i;

    if (json_read(document, &read) != OK)
        return RAISE(ERR_CORRUPT);
    add_head(to, read);
    buf_add_text(to, "<table>");
    json_array_foreach(json_object_get(read, "messages"), i, message) add_message(to, message);
    buf_add_text(to, "</table>");
    add_notes(to, json_object_get(read, "notes"));
    buf_add_text(to, "\n");
    return OK;
}
