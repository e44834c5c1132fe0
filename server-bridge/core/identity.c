/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/identity.h"

#include "base/format/base64url.h"
#include "base/format/text.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    JWT_MAX_BYTES = 4096,
    AGE_MAX_S = 24 * 3600,
    CLOCKS_APART_S = 60, /* the site's clock and ours */
    NAME_POINTS = 60,
    EMAIL_POINTS = 120,
    ATTRIBUTE_POINTS = 200,
    ATTRIBUTES_BYTES = 2048,
};

static const char *const stages[] = { "potential", "new", "existing", "unknown" };

void identity_release(struct identity *identity)
{
    json_decref(identity->claims);
    free(identity->attributes);
    *identity = (struct identity){ 0 };
}

/* --- the three parts --- */

struct parts {
    struct slice header, payload, signature;
    struct slice signed_text; /* header.payload */
};

static bool split(struct slice jwt, struct parts *ret)
{
    const char *first = memchr(jwt.data, '.', jwt.len), *end = jwt.data + jwt.len, *second;

    if (first == NULL || (second = memchr(first + 1, '.', (size_t)(end - first) - 1)) == NULL ||
        memchr(second + 1, '.', (size_t)(end - second) - 1) != NULL)
        return false;
    ret->header = (struct slice){ jwt.data, (size_t)(first - jwt.data) };
    ret->payload = (struct slice){ first + 1, (size_t)(second - first) - 1 };
    ret->signature = (struct slice){ second + 1, (size_t)(end - second) - 1 };
    ret->signed_text = (struct slice){ jwt.data, (size_t)(second - jwt.data) };
    return true;
}

static bool read_part(struct slice part, json_t **ret)
{
    AUTO_BUF text;

    buf_init(&text, JWT_MAX_BYTES);
    return base64url_decode(part, &text) && json_read(buf_slice(&text), ret) == OK &&
           json_is_object(*ret);
}

static const char *check_header(struct slice part, const struct identity_key *key)
{
    AUTO_JSON header = NULL;
    struct slice alg = SLICE_NONE, kid = SLICE_NONE;

    if (!read_part(part, &header))
        return "The identity's header is not JSON in base64url.";
    if (json_get_text(header, "alg", &alg) != OK || !slice_is(alg, "HS256"))
        return "The identity's alg must be HS256.";
    if (json_get_text(header, "kid", &kid) != OK || !slice_is(kid, key->kid))
        return "The identity's kid is not that of the tenant's key.";
    return json_object_get(header, "crit") == NULL ? NULL : "The identity's crit is not known.";
}

static const char *check_signature(const struct parts *parts, const struct identity_key *key)
{
    struct digest told, own = digest_hmac(slice_of(key->secret), parts->signed_text);
    AUTO_BUF bytes;

    buf_init(&bytes, DIGEST_BYTES);
    if (!base64url_decode(parts->signature, &bytes) || bytes.len != DIGEST_BYTES)
        return "The identity's signature has not the form of HS256.";
    memcpy(told.bytes, bytes.data, DIGEST_BYTES);
    return digest_equal(&told, &own) ? NULL : "The identity's signature does not fit.";
}

/* --- the claims --- */

/* A time in seconds; jansson keeps what has no fraction as an integer. */
static bool take_time(const json_t *claims, const char *name, double *ret)
{
    const json_t *value = json_object_get(claims, name);

    if (!json_is_number(value))
        return false;
    *ret = json_number_value(value);
    return true;
}

static const char *check_times(const json_t *claims, uint64_t now_ms)
{
    double exp = 0, nbf = 0, now = (double)now_ms / 1000;

    if (!take_time(claims, "exp", &exp))
        return "The identity has no exp.";
    if (exp <= now)
        return "The identity has expired.";
    if (exp > now + AGE_MAX_S + CLOCKS_APART_S)
        return "The identity's exp is more than a day away.";
    if (json_object_get(claims, "nbf") != NULL &&
        (!take_time(claims, "nbf", &nbf) || nbf > now + CLOCKS_APART_S))
        return "The identity is not valid yet (nbf).";
    return NULL;
}

/* A text of one to `points` code points that may be shown; absent is empty. */
static bool take(const json_t *claims, const char *name, size_t points, struct slice *ret)
{
    struct slice text = SLICE_NONE;
    size_t have = 0;
    int rc = json_get_text(claims, name, &text);

    if (rc == JSON_E_ABSENT)
        return true;
    if (rc != OK || text_check(text, &have) != TEXT_FINE || have > points)
        return false;
    *ret = text;
    return true;
}

static bool is_stage(struct slice stage)
{
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        if (slice_is(stage, stages[i]))
            return true;
    }
    return stage.len == 0;
}

static bool attribute_fits(const char *name, const json_t *value)
{
    struct slice text = { json_string_value(value), json_string_length(value) };
    size_t points = 0;

    if (text_check(slice_of(name), &points) != TEXT_FINE || points < 1 || points > 32)
        return false;
    if (!json_is_string(value))
        return json_is_number(value) || json_is_boolean(value);
    return text_check(text, &points) == TEXT_FINE && points <= ATTRIBUTE_POINTS;
}

static bool take_attributes(struct identity *identity)
{
    const json_t *attributes = NULL, *value;
    const char *name;
    int rc = json_get_object(identity->claims, "attributes", &attributes);

    if (rc == JSON_E_ABSENT)
        return true;
    if (rc != OK || json_object_size(attributes) > IDENTITY_ATTRIBUTES_MAX)
        return false;
    json_object_foreach((json_t *)(uintptr_t)attributes, name, value)
    {
        if (!attribute_fits(name, value))
            return false;
    }
    identity->attributes = json_dumps(attributes, JSON_COMPACT);
    return identity->attributes != NULL && strlen(identity->attributes) <= ATTRIBUTES_BYTES;
}

/* A site goes on signing with the name it knows. */
static bool is_for(const struct tenant *tenant, struct slice audience)
{
    return slice_is(audience, tenant->name.text) || tenant_was_called(tenant, audience);
}

static const char *take_claims(struct identity *identity, const struct tenant *tenant,
                               uint64_t now_ms)
{
    const json_t *claims = identity->claims;
    struct slice audience = SLICE_NONE;
    const char *wrong = check_times(claims, now_ms);

    if (wrong != NULL)
        return wrong;
    if (json_get_text(claims, "aud", &audience) != OK || !is_for(tenant, audience))
        return "The identity's aud must be the tenant's short name.";
    if (!take(claims, "sub", IDENTITY_SUBJECT_POINTS, &identity->subject) ||
        identity->subject.len == 0)
        return "The identity's sub must be a text of 1 to 120 characters.";
    if (!take(claims, "name", NAME_POINTS, &identity->name) ||
        !take(claims, "email", EMAIL_POINTS, &identity->email))
        return "The identity's name or email is no text, or too long.";
    if (!take(claims, "stage", NAME_POINTS, &identity->stage) || !is_stage(identity->stage))
        return "The identity's stage must be potential, new, existing or unknown.";
    return take_attributes(identity)
               ? NULL
               : "The identity's attributes must be at most 20 short texts, numbers or flags.";
}

const char *identity_check(struct slice jwt, const struct identity_key *key,
                           const struct tenant *tenant, uint64_t now_ms,
                           struct identity *ret_identity)
{
    struct identity identity = { 0 };
    struct parts parts;
    const char *wrong = NULL;

    if (key->kid[0] == '\0')
        return "This site has no identity key, so no identity can be checked.";
    if (jwt.len == 0 || jwt.len > JWT_MAX_BYTES || !split(jwt, &parts))
        return "The identity is not a JWT of three parts.";
    wrong = check_header(parts.header, key);
    if (wrong == NULL)
        wrong = check_signature(&parts, key);
    if (wrong == NULL && !read_part(parts.payload, &identity.claims))
        wrong = "The identity's claims are not a JSON object in base64url.";
    if (wrong == NULL)
        wrong = take_claims(&identity, tenant, now_ms);
    if (wrong == NULL)
        *ret_identity = identity;
    else
        identity_release(&identity);
    return wrong;
}

void identity_key_renew(struct identity_key *key, uint64_t now_ms)
{
    char id[ID_TEXT_BYTES];

    id_format(id_new(), id);
    (void)snprintf(key->kid, sizeof(key->kid), "%.8s", id);
    token_new(key->secret);
    key->created_ms = now_ms;
}
