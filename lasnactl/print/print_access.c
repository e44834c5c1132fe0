/* SPDX-License-Identifier: Apache-2.0
 *
 * What a tenant has its own way, who may what, who did what.
 */
#include "lasnactl/print/print.h"

#include <string.h>

void print_removed(const json_t *certificate, FILE *to)
{
    static const struct column facts[] = {
        { "tenant", "tenant" },
        { "name", "name" },
        { "domain", "domain" },
        { "created", "created_at" },
        { "removed", "removed_at" },
        { "by", "by" },
        { "conversations", "conversations" },
        { "messages", "messages" },
        { "visitors", "visitors" },
        { .title = NULL },
    };

    (void)fputs(
        "Certificate of deletion: database, host, secret, key, contacts and directory entry "
        "are gone.\nBackups made before still hold them.\n\n",
        to);
    print_facts(certificate, facts, to);
}

void print_rekeyed(const json_t *rekeyed, FILE *to)
{
    (void)fprintf(to, "%s has another key at rest, number %lld. Its secrets stay what they are.\n",
                  print_text_at(rekeyed, "tenant"),
                  (long long)json_integer_value(json_object_get(rekeyed, "version")));
}

void print_site(const json_t *site, FILE *to)
{
    static const struct column facts[] = {
        { "site", "id" },
        { "key", "key" },
        { "origins", "origins" },
        { .title = NULL },
    };

    print_facts(site, facts, to);
    (void)fprintf(to, "\nIts snippet is the tenant's, with ?site=%s behind .js (tenant show).\n",
                  print_text_at(site, "key"));
}

void print_sites(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "ID", "id" },
        { "KEY", "key" },
        { "ORIGINS", "origins" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_revoked(const json_t *agent, FILE *to)
{
    const char *account = print_text_at(agent, "account");

    (void)fprintf(to, "%s serves nobody any more.\n", print_text_at(agent, "jid"));
    if (strcmp(account, "deleted") == 0)
        (void)fputs("The XMPP account was deleted.\n", to);
    else
        (void)fputs("The XMPP account is still there: delete it on its server.\n", to);
}

void print_token(const json_t *token, FILE *to)
{
    (void)fprintf(to, "%s\n", print_text_at(token, "token"));
    (void)fprintf(stderr, "Token %s of the role %s, until %s. Keep it: it is shown this once.\n",
                  print_text_at(token, "id"), print_text_at(token, "role"),
                  print_text_at(token, "expires_at"));
}

void print_tokens(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "ID", "id" },       { "ROLE", "role" },        { "TENANT", "tenant" },
        { "LABEL", "label" }, { "UNTIL", "expires_at" }, { "USED", "used_at" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_settings(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "SETTING", "key" }, { "VALUE", "value" },     { "FROM", "from" },
        { "RANGE", "range" }, { "MEANING", "meaning" }, { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_texts(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "TEXT", "key" },
        { "OWN WORDS", "own" },
        { "OURS, IN ENGLISH", "english" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_texts_set(const json_t *items, FILE *to)
{
    const json_t *setting;
    size_t i;

    json_array_foreach(items, i, setting)
    {
        if (strncmp(print_text_at(setting, "key"), "widget.texts:", 13) == 0)
            (void)fprintf(to, "%s: own words of the %s. They count from a page's next load.\n",
                          print_text_at(setting, "key") + 13, print_text_at(setting, "from"));
    }
}

void print_settings_changed(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "SETTING", "key" },   { "VALUE", "value" }, { "FROM", "from" },
        { "COUNTS", "counts" }, { .title = NULL },
    };
    json_t *changed = json_array(), *item;
    size_t i;

    json_array_foreach(items, i, item)
    {
        if (json_is_true(json_object_get(item, "changed")))
            (void)json_array_append(changed, item);
    }
    print_table(changed, columns, to);
    (void)fprintf(to, "\n%zu settings in all: lasnactl tenant settings TENANT, or settings list.\n",
                  json_array_size(items));
    json_decref(changed);
}

void print_instance_settings(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "SETTING", "key" },   { "VALUE", "value" },     { "INITIAL", "initial" },
        { "COUNTS", "counts" }, { "MEANING", "meaning" }, { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_audit(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "AT", "at" },         { "WHO", "who" },       { "ACTION", "action" },
        { "TENANT", "tenant" }, { "DETAIL", "detail" }, { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_access_record(const json_t *record, FILE *to)
{
    static const struct column could[] = {
        { "COULD SEE", "who" },         { "KIND", "kind" },         { "ROLE", "role" },
        { "EVERYWHERE", "everywhere" }, { "FROM", "from" },         { "UNTIL", "until" },
        { "GIVEN BY", "given_by" },     { "ENDED BY", "ended_by" }, { .title = NULL },
    };
    static const struct column did[] = {
        { "DID SEE", "who" },    { "KIND", "kind" },    { "HOW", "as" },
        { "WHAT", "what" },      { "TIMES", "times" },  { "THINGS", "things" },
        { "FIRST", "first_at" }, { "LAST", "last_at" }, { .title = NULL },
    };

    print_table(json_object_get(record, "could"), could, to);
    (void)fputc('\n', to);
    print_table(json_object_get(record, "did"), did, to);
    (void)fputs(
        "\nWhoever is root on the server, or reads its backups, can see all of it besides.\n", to);
}

void print_identity(const json_t *identity, FILE *to)
{
    const char *kid = print_text_at(identity, "kid"), *secret = print_text_at(identity, "secret");

    if (json_is_null(json_object_get(identity, "kid"))) {
        (void)fprintf(to, "%s has no identity key: lasnactl identity renew %s makes one.\n",
                      print_text_at(identity, "tenant"), print_text_at(identity, "tenant"));
        return;
    }
    (void)fprintf(to, "Key %s of %s, made %s. An identity is %s.\n", kid,
                  print_text_at(identity, "tenant"), print_text_at(identity, "created_at"),
                  json_is_true(json_object_get(identity, "required")) ? "required" : "optional");
    if (json_object_get(identity, "secret") != NULL)
        (void)fprintf(
            to,
            "\nThis is the only time its secret is shown. Keep it on your server, never in "
            "a page:\n\n%s\n",
            secret);
}

void print_files(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "ID", "id" },           { "AT", "at" },     { "TYPE", "type" }, { "BYTES", "bytes" },
        { "VISITOR", "visitor" }, { "NAME", "name" }, { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_visitor(const json_t *visitor, FILE *to)
{
    static const struct column facts[] = {
        { "id", "id" },           { "name", "name" },   { "language", "language" },
        { "subject", "subject" }, { "since", "since" }, { "conversations", "conversations" },
        { .title = NULL },
    };

    print_facts(visitor, facts, to);
}

void print_erased(const json_t *erased, FILE *to)
{
    (void)fprintf(to, "Forgotten: %lld conversations, %lld messages.\n",
                  (long long)json_integer_value(json_object_get(erased, "conversations")),
                  (long long)json_integer_value(json_object_get(erased, "messages")));
    if (!json_is_true(json_object_get(erased, "scrubbed")))
        (void)fputs("The database's log could not be emptied yet; that happens by itself.\n", to);
}

/* Nobody can choose the password. */
static void print_uninvited(const json_t *user, FILE *to)
{
    if (strcmp(print_text_at(user, "state"), "invited") != 0 ||
        print_text_at(user, "invited_until")[0] != '\0')
        return;
    (void)fprintf(to, "\n%s Another one: lasnactl user reset %s\n",
                  json_is_true(json_object_get(user, "invitation_ended"))
                      ? "More rights were given: the link that was made for fewer holds no more."
                      : "No invitation is open.",
                  print_text_at(user, "user"));
}

void print_user(const json_t *user, FILE *to)
{
    static const struct column facts[] = {
        { "user", "user" },
        { "role", "role" },
        { "tenants", "tenants" },
        { "state", "state" },
        { "second factor", "second_factor" },
        { "last log-in", "seen_at" },
        { "invited until", "invited_until" },
        { .title = NULL },
    };
    const char *token = print_text_at(user, "invitation.token");
    const char *url = print_text_at(user, "invitation.url");

    print_facts(user, facts, to);
    if (url[0] != '\0')
        (void)fprintf(to,
                      "\nLink, shown this once. Whoever opens it chooses %s's password:\n\n%s\n",
                      print_text_at(user, "user"), url);
    else if (token[0] != '\0')
        (void)fprintf(to,
                      "\nInvitation, shown this once. Whoever has it chooses %s's password:\n\n"
                      "%s\n\nThere would be a link if [web] origins said where the service is "
                      "reached. Without one: POST it to\n/api/v1/session/invitation: "
                      "{\"invitation\": \"…\", \"password\": \"…\"}\n",
                      print_text_at(user, "user"), token);
    else
        print_uninvited(user, to);
}

void print_users(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "USER", "user" },
        { "ROLE", "role" },
        { "TENANTS", "tenants" },
        { "STATE", "state" },
        { "SECOND FACTOR", "second_factor" },
        { "SEEN", "seen_at" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}

void print_user_sessions(const json_t *items, FILE *to)
{
    static const struct column columns[] = {
        { "ID", "id" },        { "SINCE", "created_at" },
        { "USED", "used_at" }, { "UNTIL", "expires_at" },
        { .title = NULL },
    };

    print_table(items, columns, to);
}
