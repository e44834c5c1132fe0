/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/body.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/file.h"
#include "lasnactl/secret.h"

#include <errno.h>

/* The API takes what a request holds. */
enum { TEXT_MAX_BYTES = 240 * 1024 };

json_t *body_empty(const struct args *args)
{
    (void)args;
    return json_object();
}

/* Every value of a repeatable option, each of which may hold several between commas. NULL
 * when it was not given at all. */
static json_t *values_of(const struct args *args, const char *name)
{
    json_t *list = NULL;

    for (size_t i = 0; i < args->given_count; i++) {
        const char *at = args->given[i].value;

        if (strcmp(args->given[i].option->name, name) != 0)
            continue;
        if (list == NULL)
            list = json_array();
        while (*at != '\0') {
            size_t len = strcspn(at, ",");

            if (len > 0)
                (void)json_array_append_new(list, json_stringn(at, len));
            at += len + (at[len] != '\0');
        }
    }
    return list;
}

static bool set_option(json_t *body, const char *key, const struct args *args, const char *option)
{
    const char *value = args_get(args, option);

    if (value == NULL)
        return true;
    if (json_object_set_new(body, key, json_string(value)) == 0)
        return true;
    (void)complain(EXIT_REFUSED, "%s is no valid UTF-8.", option);
    return false;
}

static void set_values(json_t *body, const char *key, const struct args *args, const char *option)
{
    json_t *values = values_of(args, option);

    if (values != NULL)
        (void)json_object_set_new(body, key, values);
}

/* The line that was read, where it was; it is wiped. */
static bool set_line(json_t *body, const char *key, bool read, char line[SECRET_MAX_BYTES],
                     const char *from)
{
    bool set = read && json_object_set_new(body, key, json_string(line)) == 0;

    explicit_bzero(line, SECRET_MAX_BYTES);
    if (read && !set)
        (void)complain(EXIT_REFUSED, "%s holds no valid UTF-8.", from);
    return set;
}

static bool set_secret(json_t *body, const char *key, const struct args *args, const char *option)
{
    const char *path = args_get(args, option);
    char line[SECRET_MAX_BYTES] = "";

    return path == NULL || set_line(body, key, secret_read(path, line, sizeof(line)), line, path);
}

static json_t *keep_if(bool fine, json_t *body)
{
    if (fine)
        return body;
    json_decref(body);
    return NULL;
}

json_t *body_tenant(const struct args *args)
{
    json_t *body = json_pack("{s:s}", "tenant", args_operand(args, "TENANT"));

    set_values(body, "origins", args, "--origin");
    set_values(body, "languages", args, "--lang");
    return keep_if(body != NULL && set_option(body, "name", args, "--name") &&
                       set_secret(body, "secret", args, "--secret-file"),
                   body);
}

json_t *body_tenant_change(const struct args *args)
{
    json_t *body = json_object();

    set_values(body, "origins", args, "--origin");
    set_values(body, "languages", args, "--lang");
    return keep_if(body != NULL && set_option(body, "name", args, "--name") &&
                       set_option(body, "site", args, "--site"),
                   body);
}

json_t *body_agent(const struct args *args)
{
    json_t *body = json_pack("{s:s}", "jid", args_operand(args, "JID"));

    return keep_if(body != NULL && set_option(body, "name", args, "--name") &&
                       set_secret(body, "password", args, "--password-file"),
                   body);
}

static bool add_number(json_t *body, const char *key, const char *value, const char *what)
{
    if (value[0] == '\0' || strspn(value, "0123456789") != strlen(value) || strlen(value) > 9) {
        (void)complain(EXIT_REFUSED, "%s must be a number.", what);
        return false;
    }
    return json_object_set_new(body, key, json_integer(strtol(value, NULL, 10))) == 0;
}

json_t *body_agent_rename(const struct args *args)
{
    json_t *body = json_object();

    return keep_if(body != NULL && set_option(body, "name", args, "--name"), body);
}

json_t *body_tenant_rename(const struct args *args)
{
    json_t *body = json_pack("{s:s}", "to", args_operand(args, "NAME"));

    if (body == NULL)
        (void)complain(EXIT_USAGE, "the name is no valid UTF-8.");
    return body;
}

json_t *body_site(const struct args *args)
{
    json_t *body = json_object();

    set_values(body, "origins", args, "--origin");
    return keep_if(body != NULL, body);
}

static bool set_number(json_t *body, const char *key, const struct args *args, const char *option)
{
    const char *value = args_get(args, option);

    return value == NULL || add_number(body, key, value, option);
}

json_t *body_identity_renew(const struct args *args)
{
    (void)args;
    return json_pack("{s:b}", "renew", true);
}

json_t *body_identity_require(const struct args *args)
{
    (void)args;
    return json_pack("{s:b}", "required", true);
}

json_t *body_identity_allow(const struct args *args)
{
    (void)args;
    return json_pack("{s:b}", "required", false);
}

json_t *body_mail(const struct args *args)
{
    json_t *body = json_object();

    return keep_if(body != NULL && set_option(body, "to", args, "--to"), body);
}

json_t *body_webhook(const struct args *args)
{
    json_t *body = json_pack("{s:s, s:b}", "url", args_operand(args, "URL"), "texts",
                             args_has(args, "--texts"));

    if (body == NULL) {
        (void)complain(EXIT_REFUSED, "the URL is no valid UTF-8.");
        return NULL;
    }
    set_values(body, "events", args, "--events");
    return body;
}

json_t *body_rotate(const struct args *args)
{
    json_t *body = json_object();

    return keep_if(body != NULL && set_option(body, "overlap", args, "--overlap"), body);
}

json_t *body_retry(const struct args *args)
{
    return json_pack("{s:s?}", "notice", args_operand(args, "ID"));
}

json_t *body_member(const struct args *args)
{
    json_t *body = json_pack("{s:s}", "jid", args_operand(args, "JID"));

    set_values(body, "skills", args, "--skill");
    return keep_if(body != NULL && set_option(body, "role", args, "--role") &&
                       set_option(body, "persona", args, "--persona") &&
                       set_option(body, "signature", args, "--signature") &&
                       set_number(body, "limit", args, "--limit"),
                   body);
}

json_t *body_agent_limit(const struct args *args)
{
    json_t *body = json_object();

    return keep_if(body != NULL && set_number(body, "limit", args, "--limit"), body);
}

/* KEY=VALUE as a member; KEY= as null. */
static bool add_setting(json_t *values, const char *word)
{
    size_t len = strcspn(word, "=");
    const char *value = word + len + 1;

    if (len == 0 || word[len] == '\0') {
        (void)complain(EXIT_REFUSED, "%s is no KEY=VALUE.", word);
        return false;
    }
    if (json_object_setn_new(values, word, len,
                             *value == '\0' ? json_null() : json_string(value)) == 0)
        return true;
    (void)complain(EXIT_REFUSED, "%.*s holds no valid UTF-8.", (int)len, word);
    return false;
}

json_t *body_settings(const struct args *args)
{
    json_t *values = json_object(), *body = json_pack("{s:o}", "values", values);
    bool fine = body != NULL;

    for (size_t i = args_repeated(args); fine && i < args->operand_count; i++)
        fine = add_setting(values, args->operands[i]);
    return keep_if(fine, body);
}

json_t *body_tenant_settings(const struct args *args)
{
    json_t *body = body_settings(args);

    return body == NULL ? NULL : keep_if(set_option(body, "site", args, "--site"), body);
}

static bool read_text(const char *path, struct buf *to)
{
    if (file_read(path, to))
        return true;
    if (buf_failed(to))
        (void)complain(EXIT_REFUSED, "%s is longer than 240 KiB: cut it into parts.", path);
    else
        (void)complain(EXIT_REFUSED, "%s cannot be read: %s.", path, strerror(errno));
    return false;
}

/* Without the reference, which goes ahead: transcripts/agreement.h. */
json_t *body_agreement(const struct args *args)
{
    json_t *body = json_object();

    if (args_has(args, "--classes"))
        (void)json_object_set_new(body, "classes", json_true());
    return keep_if(set_option(body, "first", args, "--first") &&
                       set_option(body, "second", args, "--second") &&
                       set_option(body, "sample", args, "--sample"),
                   body);
}

json_t *body_sample(const struct args *args)
{
    json_t *body = json_pack("{s:s}", "sample", args_operand(args, "SAMPLE"));

    set_values(body, "codes", args, "--code");
    return keep_if(body != NULL && set_number(body, "chats", args, "--chats") &&
                       set_number(body, "with_percent", args, "--with") &&
                       set_number(body, "seed", args, "--seed"),
                   body);
}

json_t *body_assignment(const struct args *args)
{
    json_t *body = json_pack("{s:s}", "sample", args_operand(args, "SAMPLE"));

    set_values(body, "coders", args, "--coder");
    return keep_if(body != NULL, body);
}

/* A number as JSON has them, with a point in it or not. */
static bool set_amount(json_t *body, const char *key, const struct args *args, const char *option)
{
    const char *value = args_get(args, option);
    char *end;
    double amount;

    if (value == NULL)
        return true;
    amount = strtod(value, &end);
    if (end == value || *end != '\0' || !(amount >= 0)) {
        (void)complain(EXIT_REFUSED, "%s is a number: 129.9.", option);
        return false;
    }
    return json_object_set_new(body, key, json_real(amount)) == 0;
}

static bool set_yes_no(json_t *body, const char *key, const struct args *args, const char *option)
{
    const char *value = args_get(args, option);

    if (value == NULL)
        return true;
    if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0) {
        (void)complain(EXIT_REFUSED, "%s is yes or no.", option);
        return false;
    }
    return json_object_set_new(body, key, json_boolean(value[0] == 'y')) == 0;
}

json_t *body_survey(const struct args *args)
{
    json_t *order = json_pack("{s:s}", "id", args_operand(args, "ORDER"));

    order = keep_if(order != NULL && set_amount(order, "value", args, "--value") &&
                        set_option(order, "currency", args, "--currency") &&
                        set_option(order, "at", args, "--at") &&
                        set_yes_no(order, "chatted", args, "--chatted"),
                    order);
    return order == NULL ? NULL : json_pack("{s:[o]}", "orders", order);
}

json_t *body_buyer(const struct args *args)
{
    return json_pack("{s:s}", "id", args_operand(args, "ORDER"));
}

json_t *body_adjudication(const struct args *args)
{
    return json_pack("{s:s}", "sample", args_operand(args, "SAMPLE"));
}

/* NULL: it is none, and why was said. */
static json_t *read_json(const char *path)
{
    json_error_t error;
    json_t *json;
    AUTO_BUF text;

    buf_init(&text, TEXT_MAX_BYTES);
    if (!read_text(path, &text))
        return NULL;
    json = json_loadb(text.len > 0 ? text.data : "", text.len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        (void)complain(EXIT_REFUSED, "%s is no JSON: line %d: %s.", path, error.line, error.text);
    return json;
}

json_t *body_texts(const struct args *args)
{
    AUTO_JSON texts = read_json(args_operand(args, "FILE"));
    AUTO_MEM char *text = texts == NULL ? NULL : json_dumps(texts, JSON_COMPACT | JSON_ENCODE_ANY);
    json_t *values = json_object(), *body = json_pack("{s:o}", "values", values);
    bool none = json_is_object(texts) && json_object_size(texts) == 0;
    AUTO_BUF key;

    buf_init(&key, 128);
    buf_addf(&key, "widget.texts:%s", args_operand(args, "LANGUAGE"));
    return keep_if(
        text != NULL && body != NULL && !buf_failed(&key) &&
            json_object_set_new(values, key.data, none ? json_null() : json_string(text)) == 0 &&
            set_option(body, "site", args, "--site"),
        body);
}

/* One chat as `presence next` or `presence adjudicate` gave it, however it is laid out; the latter
 * wraps it with more. */
json_t *body_coded(const struct args *args)
{
    const char *path = args_operand(args, "FILE");
    json_t *body = json_pack("{s:s, s:[]}", "coder", args_get(args, "--coder"), "transcripts");
    AUTO_JSON chat = read_json(path);

    if (json_is_object(json_object_get(chat, "next")))
        (void)json_array_append(json_object_get(body, "transcripts"),
                                json_object_get(chat, "next"));
    else
        (void)json_array_append(json_object_get(body, "transcripts"), chat);
    return keep_if(chat != NULL, body);
}

/* --- billing --- */

json_t *body_billing_rules(const struct args *args)
{
    return read_json(args_operand(args, "FILE"));
}

json_t *body_billing_close(const struct args *args)
{
    json_t *body = json_object();

    return keep_if(set_option(body, "month", args, "--month"), body);
}

json_t *body_billing_dispute(const struct args *args)
{
    json_t *body = json_object();

    return keep_if(set_option(body, "month", args, "--month") &&
                       set_number(body, "line", args, "--line") &&
                       set_option(body, "reason", args, "--reason"),
                   body);
}

json_t *body_billing_decision(const struct args *args)
{
    bool accept = args_has(args, "--accept");
    const char *number = args_operand(args, "NUMBER");
    json_t *body = json_pack("{s:b}", "accept", accept);

    if (accept == args_has(args, "--reject")) {
        (void)complain(EXIT_USAGE, "say either --accept or --reject.");
        return keep_if(false, body);
    }
    return keep_if(add_number(body, "dispute", number, "NUMBER") &&
                       set_option(body, "answer", args, "--answer"),
                   body);
}

json_t *body_token(const struct args *args)
{
    json_t *body = json_object();

    return keep_if(body != NULL && set_option(body, "role", args, "--role") &&
                       set_option(body, "tenant", args, "--tenant") &&
                       set_option(body, "expires", args, "--expires") &&
                       set_option(body, "label", args, "--label"),
                   body);
}

/* --- console users --- */

static bool set_password(json_t *body, const struct args *args)
{
    const char *path = args_get(args, "--password-file");
    char line[SECRET_MAX_BYTES] = "";

    if (path == NULL || strcmp(path, "-") != 0)
        return set_secret(body, "password", args, "--password-file");
    return set_line(body, "password", secret_ask(!args_has(args, "--no-input"), line, sizeof(line)),
                    line, "what was typed");
}

json_t *body_user(const struct args *args)
{
    json_t *body = json_pack("{s:s}", "user", args_operand(args, "NAME"));

    set_values(body, "tenants", args, "--tenant");
    return keep_if(
        body != NULL && set_option(body, "role", args, "--role") && set_password(body, args), body);
}

json_t *body_user_set(const struct args *args)
{
    json_t *body = json_object();

    set_values(body, "tenants", args, "--tenant");
    return keep_if(body != NULL && set_option(body, "role", args, "--role"), body);
}

json_t *body_user_disable(const struct args *args)
{
    (void)args;
    return json_pack("{s:b}", "disabled", true);
}

json_t *body_user_enable(const struct args *args)
{
    (void)args;
    return json_pack("{s:b}", "disabled", false);
}

json_t *body_user_reset(const struct args *args)
{
    return json_pack("{s:b}", "second_factor", args_has(args, "--second-factor"));
}
