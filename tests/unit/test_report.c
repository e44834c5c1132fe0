/* SPDX-License-Identifier: Apache-2.0
 *
 * The report as a page, made of documents by hand: what must be seen, and what must not.
 */
#include "base/format/json.h"
#include "presence/report/report_parts.h"
#include "tests/support/cmocka.h"

#include <string.h>

static struct buf page;

static int start(void **state)
{
    (void)state;
    buf_init(&page, 1024 * 1024);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    buf_release(&page);
    return 0;
}

static void made_of(const char *text)
{
    AUTO_JSON document = NULL;

    assert_int_equal(json_read(slice_of(text), &document), OK);
    buf_clear(&page);
    report_html(document, &page);
    buf_add_text(&page, "");
}

static void holds(const char *text)
{
    if (strstr(page.data, text) == NULL)
        fail_msg("\"%s\" is not in the page", text);
}

static void holds_not(const char *text)
{
    if (strstr(page.data, text) != NULL)
        fail_msg("\"%s\" is in the page", text);
}

static void too_few__are_told_at_no_glance_either(void **state)
{
    (void)state;
    made_of("{\"chats\":{\"n\":12},\"times\":{\"first_response\":{\"n\":12,\"too_few\":true,"
            "\"median_s\":47}},\"csat\":{\"n\":8,\"too_few\":true,\"score\":37.5}}");
    holds("<b>12</b><span>chats");
    holds_not("47 s");
    holds_not("37.5");
}

static void differences__have_a_minus_and_no_sign_at_zero(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 1024);
    svg_signed(&text, -2.04, 1);
    buf_add_text(&text, " ");
    svg_signed(&text, 0.5, 2);
    buf_add_text(&text, " ");
    svg_signed(&text, -0.04, 1);
    assert_string_equal(text.data, "−2.0 +0.50 0.0");
}

/* Four codes of one side: found, found but a suggestion, not found, not the machine's to code. */
static const char signs[] =
    "{\"code\":\"INT.THANK\",\"class\":\"A\",\"instances\":4,\"density\":4.5,\"low\":2.5,"
    "\"high\":6.5,\"message_share\":0.05,\"message_low\":0.02,\"message_high\":0.09,"
    "\"chats\":{\"n\":70,\"share\":0.1,\"low\":0.052,\"high\":0.181}},"
    "{\"code\":\"INT.ACK\",\"class\":\"B\",\"instances\":1,\"density\":1,\"low\":0,\"high\":2},"
    "{\"code\":\"INT.AGR\",\"class\":\"B\",\"instances\":0,\"density\":0,\"low\":0,\"high\":1.2},"
    "{\"code\":\"AFF.HUM\",\"class\":\"H\",\"withheld\":true}";

static void made_of_language(const char *months)
{
    AUTO_BUF document;

    buf_init(&document, 64 * 1024);
    buf_addf(&document,
             "{\"chats\":{\"n\":70,\"coded\":70},\"languages\":[{\"language\":\"fi\",\"stages\":[{"
             "\"coded\":70,\"sides\":[{\"signs\":[%s]},{\"signs\":[%s]}]}],\"months\":[%s]}]}",
             signs, signs, months);
    made_of(document.data);
}

/* Of both sides alike. */
static void made_of_two_months(const char *first, const char *second)
{
    AUTO_BUF months;

    buf_init(&months, 64 * 1024);
    buf_addf(&months,
             "{\"month\":\"2026-01\",\"sides\":[{\"signs\":[%s]},{\"signs\":[%s]}]},"
             "{\"month\":\"2026-02\",\"sides\":[{\"signs\":[%s]},{\"signs\":[%s]}]}",
             first, first, second, second);
    made_of_language(months.data);
}

static void codes__say_what_they_mean_and_of_what_class_they_are(void **state)
{
    (void)state;
    made_of_language("");
    holds("language: Finnish");
    holds("<td>INT.THANK<br><span class=\"i\">thanks for or appreciates what the other "
          "did</span>");
    holds("<td class=\"n\">4.50<br><span class=\"i\">2.50–6.50</span></td><td class=\"n\">5.0 "
          "%<br><span class=\"i\">2.0–9.0</span></td><td class=\"n\">10 %<br><span "
          "class=\"i\">5.2–18.1; n = 70</span>");
    holds("<td class=\"n\">0<br><span class=\"i\">0–1.20</span></td>"); /* none found so far */
    holds("<td>H</td><td class=\"few\" colspan=\"6\">a person must code it</td>");
    holds(">INT.THANK</text>");
    holds(">INT.ACK, suggested</text>");
    holds_not(">AFF.HUM</text>");            /* never drawn */
    holds_not(">INT.AGR, suggested</text>"); /* nobody did */
}

/* From 0 to 10 on 190 px below 8: 5 stands at 103, its interval from 4 to 8, at 122 and 46.
 */
static void months__have_their_intervals_drawn(void **state)
{
    (void)state;
    made_of_two_months("{\"group\":\"cohesive\",\"density\":5,\"low\":4,\"high\":8}",
                       "{\"group\":\"cohesive\",\"density\":2,\"low\":1,\"high\":10}");
    holds("aria-label=\"By month: cohesive\"");
    holds("y1=\"122.0\" x2=\"43.0\" y2=\"46.0\" class=\"ci visitor\"");
    holds("<circle cx=\"43.0\" cy=\"103.0\"");
    made_of_two_months("{\"group\":\"cohesive\",\"density\":0,\"low\":0,\"high\":0}",
                       "{\"group\":\"cohesive\",\"too_few\":true}");
    holds("<h3>By month: cohesive</h3><p>None found in any month.</p>");
}

static void stages_of_too_few_chats__are_told_without_a_picture(void **state)
{
    static const char few[] = "{\"sides\":[{\"signs\":[{\"group\":\"cohesive\",\"too_few\":true}]},"
                              "{\"signs\":[{\"group\":\"cohesive\",\"too_few\":true}]}],"
                              "\"coded\":3,\"stage\":\"new\"}";
    AUTO_BUF document;

    (void)state;
    buf_init(&document, 64 * 1024);
    buf_addf(&document,
             "{\"chats\":{\"n\":70,\"coded\":70},\"languages\":[{\"language\":\"fi\",\"stages\":["
             "{\"coded\":70,\"sides\":[{\"signs\":[%s]},{\"signs\":[%s]}]},%s,%s]}]}",
             signs, signs, few, few);
    made_of(document.data);
    holds("<h3>Stage: new (3 coded chats)</h3><p>Too few to draw.</p>");
    holds_not("aria-label=\"Groups of codes, stage new\"");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(too_few__are_told_at_no_glance_either),
    CASE(differences__have_a_minus_and_no_sign_at_zero),
    CASE(codes__say_what_they_mean_and_of_what_class_they_are),
    CASE(months__have_their_intervals_drawn),
    CASE(stages_of_too_few_chats__are_told_without_a_picture))
