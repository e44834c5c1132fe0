/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tenant wrote down for its agents: canned replies, a line each ("greet: Hi {visitor}"),
 * and the playbook. Both may differ by language: a reply is chosen by the visitor's, the
 * playbook by the agent's.
 */
#include "chat/state.h"

#include <stdio.h>
#include <stdlib.h>

static void set(struct wording **list, struct slice language, struct slice text)
{
    struct wording *wording = calloc(1, sizeof(*wording));

    if (wording == NULL || (wording->text = slice_dup(text)) == NULL) {
        free(wording);
        return;
    }
    (void)slice_copy(language, wording->language, sizeof(wording->language));
    LL_PREPEND(*list, wording);
}

static void forget(struct wording **list)
{
    while (*list != NULL) {
        struct wording *first = *list;

        LL_DELETE(*list, first);
        free(first->text);
        free(first);
    }
}

void canned_free_all(struct chat *chat)
{
    forget(&chat->canned);
    forget(&chat->playbook);
    forget(&chat->unanswered);
}

/* The first of a kind in a change comes with `on`: what was there before is gone. */
void on_canned_set(struct chat *chat, const struct chat_event *event)
{
    if (event->on)
        forget(&chat->canned);
    set(&chat->canned, event->language, event->text);
}

void on_unanswered_set(struct chat *chat, const struct chat_event *event)
{
    if (event->on)
        forget(&chat->unanswered);
    set(&chat->unanswered, event->language, event->text);
}

void on_playbook_set(struct chat *chat, const struct chat_event *event)
{
    if (event->on)
        forget(&chat->playbook);
    set(&chat->playbook, event->language, event->text);
}

/* In this language, or else in none in particular; "" where there is neither. */
static const char *find(const struct wording *list, const char *language)
{
    size_t len = strcspn(language, "-");
    const char *otherwise = "";

    for (; list != NULL; list = list->next) {
        if (len > 0 && strlen(list->language) == len && memcmp(list->language, language, len) == 0)
            return list->text;
        if (list->language[0] == '\0')
            otherwise = list->text;
    }
    return otherwise;
}

const char *canned_unanswered(const struct chat *chat, const struct conversation *conv)
{
    return find(chat->unanswered, conv->language);
}

const char *canned_playbook(const struct chat *chat, enum language language)
{
    return find(chat->playbook, language_code(language));
}

/* --- one reply --- */

static struct slice trim(struct slice text)
{
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = (struct slice){ text.data + 1, text.len - 1 };
    while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Takes the next "name: text" off *at; lines that are none are passed over. */
static bool next_reply(const char **at, struct slice *ret_name, struct slice *ret_text)
{
    while (**at != '\0') {
        size_t len = strcspn(*at, "\n"), name = strcspn(*at, ":\n");
        const char *line = *at;

        *at += len + (line[len] == '\n');
        if (name == len)
            continue;
        *ret_name = trim((struct slice){ line, name });
        *ret_text = trim((struct slice){ line + name + 1, len - name - 1 });
        if (ret_name->len > 0 && ret_text->len > 0)
            return true;
    }
    return false;
}

/* {visitor}, {agent}, {company}; "\n" begins a new line. Anything else stays as it is. */
static size_t fill_one(const struct chat *chat, const struct conversation *conv, struct slice at,
                       struct buf *to)
{
    const struct {
        const char *mark, *value;
    } marks[] = {
        { "{visitor}", conv->name },
        { "{agent}", conv->agent->name },
        { "{company}", chat->title },
        { "\\n", "\n" },
    };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (slice_starts_with(at, marks[i].mark)) {
            buf_add_text(to, marks[i].value);
            return strlen(marks[i].mark);
        }
    }
    buf_add(to, at.data, 1);
    return 1;
}

static void fill(const struct chat *chat, const struct conversation *conv, struct slice text,
                 struct buf *to)
{
    while (text.len > 0) {
        size_t taken = fill_one(chat, conv, text, to);

        text = (struct slice){ text.data + taken, text.len - taken };
    }
}

bool canned_find(const struct chat *chat, const struct conversation *conv, struct slice which,
                 struct buf *to)
{
    const char *at = find(chat->canned, conv->language);
    struct slice name, text;
    char number[16];

    for (unsigned i = 1; next_reply(&at, &name, &text); i++) {
        (void)snprintf(number, sizeof(number), "%u", i);
        if (!slice_equal(which, name) && !slice_is(which, number))
            continue;
        fill(chat, conv, text, to);
        return !buf_failed(to);
    }
    return false;
}

void canned_list(const struct chat *chat, const struct conversation *conv, struct buf *to)
{
    const char *at = find(chat->canned, conv->language);
    struct slice name, text;

    for (unsigned i = 1; next_reply(&at, &name, &text); i++) {
        buf_addf(to, "%s%u. %.*s – ", i == 1 ? "" : "\n", i, SLICE_ARG(name));
        fill(chat, conv, text, to);
    }
}
