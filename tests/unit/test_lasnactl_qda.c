/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/qda/codes.h"
#include "lasnactl/qda/file.h"
#include "tests/support/cmocka.h"
#include "tests/support/json_at.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <unistd.h>

/* --- the project --- */

static const char project_of_two[] =
    "<?xml version='1.0'?><Project xmlns='urn:QDA-XML:project:1.0'>"
    "<Users><User guid='U1' name='Erik'/><User guid='{U2}' name='Anna'/></Users>"
    "<CodeBook><Codes><Code guid='G' name='interactive'><Code guid='AB' name='INT.THANK'/>"
    "<Code guid='CD' name='Frustration'/><Code guid='EF' name='F.BUY'/></Code></Codes></CodeBook>"
    "<Sources><TextSource name='one' plainTextPath='internal://x.txt'>"
    "<PlainTextSelection startPosition='3' endPosition='9'><Coding creatingUser='u1'>"
    "<CodeRef targetGUID='{ab}'/></Coding><Coding creatingUser='u2'><CodeRef targetGUID='cd'/>"
    "</Coding></PlainTextSelection><Coding><CodeRef targetGUID='EF'/></Coding></TextSource>"
    "<TextSource name='two'><PlainTextContent>a &lt; b</PlainTextContent></TextSource></Sources>"
    "</Project>";

static bool can_be_read(struct qda_project *project, const char *xml, struct buf *problem)
{
    AUTO(qda_reading) reading = qda_reading_new(project);

    assert_non_null(reading);
    for (; *xml != '\0'; xml++) /* by bytes: it comes in blocks that end anywhere */
        if (!qda_reading_feed(reading, (struct slice){ xml, 1 }, false, problem))
            return false;
    return qda_reading_feed(reading, SLICE_LITERAL(""), true, problem);
}

static void a_project__gives_codes_coders_and_what_they_marked(void **state)
{
    struct qda_project project = { 0 };
    const struct qda_source *source;
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 4096);
    assert_true(can_be_read(&project, project_of_two, &problem));
    assert_int_equal(project.codes.count, 4);
    assert_int_equal(project.users.count, 2);
    assert_int_equal(project.count, 2);
    source = &project.sources[0];
    assert_string_equal(source->name, "one");
    assert_string_equal(source->path, "internal://x.txt");
    assert_int_equal(source->count, 3);
    assert_string_equal(project.codes.items[source->codings[0].code].name, "INT.THANK");
    assert_string_equal(project.users.items[source->codings[1].user].name, "Anna");
    assert_int_equal(source->codings[0].first, 3);
    assert_int_equal(source->codings[0].last, 9);
    assert_true(source->codings[2].whole);
    assert_int_equal(source->codings[2].user, QDA_NOBODY);
    assert_true(slice_is(buf_slice(&project.sources[1].content), "a < b"));
    qda_project_release(&project);
}

static void hostile_xml__is_refused_with_its_line(void **state)
{
    static const char *const refused[] = {
        "<!DOCTYPE p [<!ENTITY a 'aaaa'>]><Project>&a;</Project>",
        "<!DOCTYPE p SYSTEM 'file:///etc/passwd'><Project/>",
        "<Project><TextSource><Coding><CodeRef targetGUID='x'/></Coding></TextSource></Project>",
        "<Project><TextSource><PlainTextSelection startPosition='-1' endPosition='2'/>"
        "</TextSource></Project>",
        "<Project><TextSource><PlainTextSelection startPosition='5' endPosition='2'/>"
        "</TextSource></Project>",
        "<Project>",
        "",
    };
    AUTO_BUF deep;

    (void)state;
    buf_init(&deep, 4096);
    for (int i = 0; i < 100; i++)
        buf_add_text(&deep, "<Code>");
    for (size_t i = 0; i <= sizeof(refused) / sizeof(refused[0]); i++) {
        struct qda_project project = { 0 };
        AUTO_BUF problem;

        buf_init(&problem, 4096);
        assert_false(can_be_read(&project, i == 0 ? deep.data : refused[i - 1], &problem));
        assert_non_null(strstr(problem.data, "line 1: "));
        qda_project_release(&project);
    }
}

/* --- lines --- */

#define TEXT(text)             \
    {                          \
        text, sizeof(text) - 1 \
    }
static const struct qda_message chat[] = {
    { "visitor", "2026-03-02T09:14:05.120Z", TEXT("hei Anna 👋 soita 040 123 4567") },
    { "agent", "", TEXT("kiitos\n[3] visitor x: väärä\n") },
    { "visitor", "", TEXT("") },
    { "visitor", "", TEXT("[name 12] Anna-Liisa Mäki, a@b.example") },
};
enum { CHAT = sizeof(chat) / sizeof(chat[0]) };

static const char plain[] =
    "[1] visitor M: a: b 2026-03-02T09:14:05.120Z: hei Anna 👋 soita 040 123 "
    "4567\n[2] agent Bo: kiitos\n[3] visitor x: väärä\n\n[3] visitor M: a: b: \n"
    "[4] visitor M: a: b: [name 12] Anna-Liisa Mäki, a@b.example\n";
static const char marked[] =
    "[1] visitor V-12345678 2026-03-02T09:14:05.120Z: hei [name 4f2a9c01] 👋 soita [number "
    "00000000]\r\n[2] agent A-1: kiitos\r\n[3] visitor x: väärä\r\n\r\n[3] visitor V-1: \r\n[4] "
    "visitor V-1: "
    "[name 12] [name 4f2a9c01]-Liisa [name 9c014f2a], [email 11111111]";

static bool begins_point(char c)
{
    return ((unsigned char)c & 0xc0) != 0x80;
}

static uint32_t points_of(const char *from, const char *to)
{
    uint32_t points = 0;

    for (; from < to; from++)
        points += begins_point(*from);
    return points;
}

static const char *at_point(const char *text, uint32_t point)
{
    for (uint32_t passed = 0;; text++) {
        if (begins_point(*text) && passed++ == point)
            return text;
    }
}

static uint32_t point_of(const char *text, const char *words)
{
    return points_of(text, strstr(text, words));
}

/* What is marked as `words` in the exported text is `wanted` of the stored message. */
static void means(const char *text, const char *words, size_t message, const char *wanted)
{
    const char *stored = chat[message].text.data, *from, *to;
    struct qda_line lines[CHAT] = { 0 };
    uint32_t first = point_of(text, words), last = first + points_of(words, words + strlen(words));

    assert_int_equal(qda_lines_find(slice_of(text), chat, CHAT, lines), SIZE_MAX);
    assert_true(first >= lines[message].first && last <= lines[message].last);
    from = at_point(stored, qda_line_place(&lines[message], first, false));
    to = at_point(stored, qda_line_place(&lines[message], last, true));
    assert_true(slice_is((struct slice){ from, (size_t)(to - from) }, wanted));
    qda_lines_release(lines, CHAT);
}

static void a_place__is_found_where_names_became_marks(void **state)
{
    (void)state;
    means(plain, "Anna 👋", 0, "Anna 👋");
    means(plain, "soita 040 123 4567", 0, "soita 040 123 4567");
    means(plain, "väärä", 1, "väärä");
    means(plain, "Mäki", 3, "Mäki");
    means(marked, "[name 4f2a9c01] 👋", 0, "Anna 👋");
    means(marked, "soita [number 00000000]", 0, "soita 040 123 4567");
    means(marked, "2a9c01] 👋 so", 0, "Anna 👋 so"); /* within a mark: all of what it hides */
    means(marked, "kiitos", 1, "kiitos");
    means(marked, "väärä", 1, "väärä");
    means(marked, "-Liisa [name 9c014f2a]", 3, "-Liisa Mäki");
    means(marked, "[email 11111111]", 3, "a@b.example");
}

static void a_text__that_was_changed__is_noticed(void **state)
{
    static const struct {
        const char *find, *put;
        size_t message;
    } changes[] = { { "hei", "hej", 0 },           { "kiitos", "kiitoz", 1 },
                    { "[2] agent", "[2] bot", 1 }, { "09:14", "09:15", 0 },
                    { ", a@b", ",a@b", 3 },        { "example\n", "example x\n", 3 } };
    struct qda_line lines[CHAT] = { 0 };
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 4096);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const char *at = strstr(plain, changes[i].find);

        buf_clear(&text);
        buf_add(&text, plain, (size_t)(at - plain));
        buf_add_text(&text, changes[i].put);
        buf_add_text(&text, at + strlen(changes[i].find));
        assert_int_equal(qda_lines_find(buf_slice(&text), chat, CHAT, lines), changes[i].message);
    }
    buf_clear(&text);
    buf_add_text(&text, plain);
    buf_add_text(&text, "[5] visitor M: more\n");
    assert_int_equal(qda_lines_find(buf_slice(&text), chat, CHAT, lines), CHAT);
    qda_lines_release(lines, CHAT);
}

/* --- codes --- */

static void codings__become_codes_of_the_messages_they_are_on(void **state)
{
    struct qda_named names[] = { { NULL, "INT.THANK" },
                                 { NULL, "F.BUY" },
                                 { NULL, "Frustration" } };
    const enum qda_meaning meanings[] = { QDA_CODE, QDA_FUNCTION, QDA_UNKNOWN };
    uint32_t anna = point_of(marked, "[name 4f2a9c01]"), kiitos = point_of(marked, "kiitos");
    struct qda_coding codings[] = {
        { 0, 0, anna, anna + 15, false },    { 0, 0, anna - 2, anna + 20, false }, /* once only */
        { 0, 1, kiitos, kiitos + 6, false }, { 1, 0, 0, 0, true },
        { 2, 0, anna, anna + 2, false },     { 0, 0, 0, 3, false }, /* on the head of a line */
        { 1, 0, anna, anna + 1, false },     { 0, 0, 0, 0, true },
    };
    const struct qda_project project = { .codes = { names, 3, 3 } };
    const struct qda_source source = { .codings = codings, .count = 8 };
    struct qda_line lines[CHAT] = { 0 };
    size_t unknown[3] = { 0 };
    struct qda_told told = { .unknown = unknown };
    struct qda_wish wish = { &project, meanings, 0 };
    AUTO_JSON codes = NULL;

    (void)state;
    assert_int_equal(qda_lines_find(slice_of(marked), chat, CHAT, lines), SIZE_MAX);
    codes = qda_codes_of(&wish, &source, lines, CHAT, &told);
    assert_int_equal(json_array_size(at(codes, "messages")), CHAT);
    assert_int_equal(json_array_size(at(codes, "messages.0.codes")), 1);
    assert_int_equal(json_integer_value(at(codes, "messages.0.codes.0.first")), 4);
    assert_int_equal(json_integer_value(at(codes, "messages.0.codes.0.last")), 8);
    assert_int_equal(json_array_size(at(codes, "messages.1.codes")), 0); /* another user's */
    assert_int_equal(json_array_size(at(codes, "functions")), 1);
    assert_int_equal(told.taken, 4);
    assert_int_equal(told.nowhere, 2);
    assert_int_equal(unknown[2], 1);
    qda_lines_release(lines, CHAT);
}

/* --- the file --- */

struct packed {
    const char *name, *text;
};

/* A zip of these, to the first without a name; its path is the caller's. */
static void pack(const struct packed *packed, char path[64])
{
    struct archive *zip = archive_write_new();
    int fd;

    (void)snprintf(path, 64, "/tmp/lasna-qda-XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(archive_write_set_format_zip(zip), ARCHIVE_OK);
    assert_int_equal(archive_write_open_fd(zip, fd), ARCHIVE_OK);
    for (; packed->name != NULL; packed++) {
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, packed->name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0600);
        archive_entry_set_size(entry, (la_int64_t)strlen(packed->text));
        assert_int_equal(archive_write_header(zip, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(zip, packed->text, strlen(packed->text)),
                         strlen(packed->text));
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_free(zip), ARCHIVE_OK);
    (void)close(fd);
}

/* "one=words;two!why;", or "!why" where it is no project. */
static void holds(const struct packed *packed, const char *wanted)
{
    const struct qda_source *source;
    struct qda_file file;
    char path[64];
    AUTO_BUF out;
    AUTO_BUF text;
    AUTO_BUF problem;
    int rc;

    buf_init(&out, 4096);
    buf_init(&text, 4096);
    buf_init(&problem, 4096);
    pack(packed, path);
    if (!qda_file_open(&file, path, &problem))
        buf_addf(&out, "!%s", problem.data);
    else
        while ((rc = qda_file_next(&file, &source, &text, &problem)) >= 0 && rc != QDA_E_END) {
            buf_addf(&out, "%s%s%.*s;", source->name, rc == OK ? "=" : "!",
                     SLICE_ARG(buf_slice(rc == OK ? &text : &problem)));
            buf_clear(&problem);
        }
    qda_file_close(&file);
    (void)unlink(path);
    assert_string_equal(out.data, wanted);
}

#define SOURCE(name, path) "<TextSource name='" name "' plainTextPath='internal://" path "'/>"

static void a_file__gives_its_texts_and_tells_what_is_missing(void **state)
{
    static const struct packed texts[] = {
        { "sources/X.TXT", "words" },
        { "project.qde", "<Project>" SOURCE("one", "x.txt") SOURCE("two", "y.txt") "</Project>" },
        { "sources/z.txt", "nobody's" },
        { NULL, NULL },
    };
    static const struct packed none[] = { { "a.txt", "words" }, { NULL, NULL } };
    static const struct packed empty[] = { { NULL, NULL } };
    static const struct packed torn[] = { { "project.qde", "<Project>" }, { NULL, NULL } };

    (void)state;
    holds(texts, "one=words;two!its text is not in the file.;");
    holds(none, "!there is no project.qde in it.");
    holds(empty, "!there is no project.qde in it.");
    holds(torn, "!its project.qde cannot be read: line 1: no element found.");
}

RUN(cmocka_unit_test(a_project__gives_codes_coders_and_what_they_marked),
    cmocka_unit_test(hostile_xml__is_refused_with_its_line),
    cmocka_unit_test(a_file__gives_its_texts_and_tells_what_is_missing),
    cmocka_unit_test(a_place__is_found_where_names_became_marks),
    cmocka_unit_test(a_text__that_was_changed__is_noticed),
    cmocka_unit_test(codings__become_codes_of_the_messages_they_are_on))
