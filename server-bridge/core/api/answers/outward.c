/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about what leaves for other places: webhooks, and copies by mail.
 */
#include "server-bridge/core/api/answers/answers.h"

/* clang-format off */
static const struct member webhook_members[] = {
    ID("id",                 ALWAYS,  "Names it."),
    TEXT("url",              ALWAYS,  "Where to."),
    WORD("events",           LIST,    "conversation.started|conversation.ended|message|survey|callback|offline_form", "What it is told of."),
    FLAG("texts",            ALWAYS,  "Whether what people wrote goes along."),
    TIME("created_at",       OR_NULL, "When it was added."),
    WORD("state",            ALWAYS,  "fine|failing", "How it goes."),
    COUNT("waiting",         ALWAYS,  "Notices still to be told."),
    COUNT("dead",            ALWAYS,  "Notices that were given up."),
    TEXT("problem",          OR_NULL, "Why it fails."),
    TIME("next_try_at",      OR_NULL, "When it is tried again, where it fails."),
    TIME("told_at",          OR_NULL, "When it last took one."),
    NO_MORE,
};
static SHAPE(webhook, "Webhook", NULL);

static const struct member webhook_added_members[] = {
    TEXT("secret",           MAYBE | OR_NULL, "What its notices are signed with: in this answer and in no other."),
    NO_MORE,
};
static SHAPE(webhook_added, "WebhookAdded", &webhook_shape);

static const struct member rotated_members[] = {
    ID("id",                 ALWAYS,  "Names the webhook."),
    TEXT("url",              ALWAYS,  "Where to."),
    TEXT("secret",           OR_NULL, "The new one: in this answer and in no other."),
    TIME("old_until",        OR_NULL, "Until when the old one signs, too."),
    NO_MORE,
};
static SHAPE(rotated, "WebhookRotated", NULL);

static const struct member tried_members[] = {
    TEXT("url",              ALWAYS,  "Where to."),
    FLAG("delivered",        ALWAYS,  "Whether it was taken."),
    COUNT("status",          OR_NULL, "What was answered; null: nothing was."),
    COUNT("took_ms",         ALWAYS,  "How long that took."),
    TEXT("problem",          OR_NULL, "Why it was not taken."),
    COUNT("problems",        ALWAYS,  "1, or 0 when it was taken."),
    NO_MORE,
};
static SHAPE(tried, "WebhookTried", NULL);

static const struct member dead_members[] = {
    ID("id",                 ALWAYS,  "Names the notice."),
    ID("webhook",            OR_NULL, "Whose; null: that is there no more."),
    TEXT("url",              OR_NULL, "Where it should have gone."),
    TEXT("event",            ALWAYS,  "What of."),
    ID("conversation",       OR_NULL, "Of which conversation."),
    TIME("at",               OR_NULL, "When that happened."),
    TIME("dead_at",          OR_NULL, "When it was given up."),
    COUNT("tries",           ALWAYS,  "How often it was tried."),
    TEXT("problem",          OR_NULL, "Why the last one failed."),
    NO_MORE,
};
static SHAPE(dead, "DeadNotice", NULL);

static const struct member retried_members[] = {
    COUNT("retried",         ALWAYS,  "How many are tried again."),
    NO_MORE,
};
static SHAPE(retried, "Retried", NULL);

static const struct member ordered_members[] = {
    ID("id",                 ALWAYS,  "The conversation."),
    WORD("state",            ALWAYS,  "ordered", "It goes out as soon as the mail server takes it."),
    NO_MORE,
};
static SHAPE(ordered, "MailOrdered", NULL);
/* clang-format on */

ANSWER(webhooks_list, .status = 200, .items = &webhook_shape);
ANSWER(webhook_add, .status = 201, .shape = &webhook_added_shape,
       .refusals = "409 webhook_exists, 409 too_many, 409 mail_off, 409 in_progress, "
                   "503 not_saved");
ANSWER(webhook_show, .status = 200, .shape = &webhook_shape);
ANSWER(webhook_remove, .status = 204, .refusals = "503 not_saved");
ANSWER(webhook_rotate, .status = 200, .shape = &rotated_shape,
       .refusals = "409 not_signed, 503 not_saved");
ANSWER(webhook_test, .status = 200, .shape = &tried_shape, .refusals = "409 in_progress");
ANSWER(webhooks_dead, .status = 200, .items = &dead_shape);
ANSWER(webhooks_retry, .status = 200, .shape = &retried_shape, .refusals = "503 not_saved");
ANSWER(conversation_mail, .status = 202, .shape = &ordered_shape,
       .refusals = "409 mail_off, 409 too_many, 503 not_saved");
