/* SPDX-License-Identifier: Apache-2.0
 *
 * A project for qualitative analysis, as somebody hands it in, and the text of a source, as a tool
 * gave it back. Whatever is in them: codings point at codes there are, lines at places of the text,
 * and places at words of the message.
 */
#include "lasnactl/qda/codes.h"
#include "tests/fuzz/fuzz.h"

static const struct qda_message chat[] = {
    { "visitor", "2026-03-02T09:14:05.120Z", { "hei Anna, 040 123 4567", 22 } },
    { "agent", "", { "kiitos\n[2] agent x: ", 20 } },
    { "bot", "", { "a@b.example https://c.example/ [name 1] ä", 42 } },
};
enum { CHAT = sizeof(chat) / sizeof(chat[0]) };

static void lines_hold(const struct qda_line *lines, size_t count, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t before = 0;

        MUST(lines[i].first <= lines[i].last && lines[i].last <= len);
        for (uint32_t place = lines[i].first; place <= lines[i].last; place++) {
            uint32_t from = qda_line_place(&lines[i], place, false);
            uint32_t to = qda_line_place(&lines[i], place, true);

            MUST(from <= to && to <= lines[i].points && from >= before);
            before = from;
        }
    }
}

static void codes_hold(const struct qda_project *project, const struct qda_line *lines)
{
    enum qda_meaning meanings[8] = { QDA_CODE, QDA_FUNCTION, QDA_UNKNOWN, QDA_CODE };
    size_t unknown[8] = { 0 };
    struct qda_told told = { .unknown = unknown };
    struct qda_wish wish = { project, meanings, QDA_NOBODY };

    for (size_t i = 0; project->codes.count <= 8 && i < project->count; i++) {
        json_t *codes = qda_codes_of(&wish, &project->sources[i], lines, CHAT, &told);

        MUST(json_array_size(json_object_get(codes, "messages")) == CHAT);
        json_decref(codes);
    }
}

static void project_holds(const struct qda_project *project)
{
    for (size_t i = 0; i < project->count; i++)
        for (size_t j = 0; j < project->sources[i].count; j++) {
            const struct qda_coding *coding = &project->sources[i].codings[j];

            MUST(coding->code < project->codes.count && coding->first <= coding->last);
            MUST(coding->user < project->users.count || coding->user == QDA_NOBODY);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct slice text = { (const char *)input, len };
    struct qda_project project = { 0 };
    struct qda_reading *reading = qda_reading_new(&project);
    struct qda_line lines[CHAT] = { 0 };
    struct buf problem;
    size_t found;

    MUST(reading != NULL);
    buf_init(&problem, 4096);
    if (qda_reading_feed(reading, text, true, &problem))
        project_holds(&project);
    else
        MUST(problem.len > 0);
    (void)qda_reading_free(reading);
    found = qda_lines_find(text, chat, CHAT, lines);
    MUST(found == SIZE_MAX || found <= CHAT);
    lines_hold(lines, found == SIZE_MAX ? CHAT : found, len);
    if (found == SIZE_MAX)
        codes_hold(&project, lines);
    qda_lines_release(lines, CHAT);
    qda_project_release(&project);
    buf_release(&problem);
    return 0;
}
