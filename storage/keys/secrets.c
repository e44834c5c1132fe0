/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/keys/secrets.h"

#include <openssl/crypto.h>

/* `list` gives what finds the row again, the use and the secret; `set` takes the first and the last
 * of them. "" is no secret. */
static const struct place {
    enum secrets_home home;
    const char *list, *set;
} places[] = {
    { SECRETS_OF_DIRECTORY,
      "SELECT name, '" SECRET_COMPONENT "', secret FROM tenants WHERE name = ?1 AND secret <> ''",
      "UPDATE tenants SET secret = ?2 WHERE name = ?1" },
    { SECRETS_OF_DIRECTORY,
      "SELECT tenant, '" SECRET_IDENTITY "' || kid, secret FROM identity_keys WHERE tenant = ?1 "
      "AND secret <> ''",
      "UPDATE identity_keys SET secret = ?2 WHERE tenant = ?1" },
    { SECRETS_OF_STORE,
      "SELECT row, '" SECRET_WEBHOOK "' || lower(hex(id)), secret FROM hooks WHERE secret <> ''",
      "UPDATE hooks SET secret = ?2 WHERE row = ?1" },
    { SECRETS_OF_STORE,
      "SELECT row, '" SECRET_WEBHOOK "' || lower(hex(id)), old_secret FROM hooks WHERE old_secret "
      "<> ''",
      "UPDATE hooks SET old_secret = ?2 WHERE row = ?1" },
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

struct walk {
    sqlite3 *db;
    const struct tenant_keys *keys;
    struct buf *problems; /* of a check */
    bool opened;          /* the keys are; else only their ids are known */
    bool stale;           /* found */
};

/* The row that `list` stands at. */
struct seen {
    const char *use;
    struct slice secret;
    bool sealed;
};

typedef int seen_fn(struct walk *walk, const struct seen *seen, sqlite3_stmt *set);

static int step_at(struct walk *walk, sqlite3_stmt *list, sqlite3_stmt *set, seen_fn *fn)
{
    struct seen seen = { .use = (const char *)sqlite3_column_text(list, 1),
                         .sealed = sqlite3_column_type(list, 2) == SQLITE_BLOB };

    seen.secret = column_text(list, 2);
    if (seen.use == NULL)
        return RAISE(ERR_NO_MEMORY);
    (void)sqlite3_bind_value(set, 1, sqlite3_column_value(list, 0));
    return fn(walk, &seen, set);
}

static int walk_list(struct walk *walk, sqlite3_stmt *list, sqlite3_stmt *set, seen_fn *fn)
{
    int code = SQLITE_ERROR, rc = OK;
    bool broken = false;

    while (rc >= OK && (code = sqlite3_step(list)) == SQLITE_ROW) {
        rc = step_at(walk, list, set, fn);
        broken |= rc == SEALED_E_BROKEN;
    }
    if (rc < OK)
        return rc;
    if (code != SQLITE_DONE)
        return RAISE(ERR_IO);
    return broken ? SEALED_E_BROKEN : OK;
}

static int walk_place(struct walk *walk, const struct place *place,
                      const struct tenant_name *tenant, seen_fn *fn)
{
    sqlite3_stmt *list = database_prepare(walk->db, place->list);
    sqlite3_stmt *set = database_prepare(walk->db, place->set);
    int rc = list == NULL || set == NULL ? ERR_IO : OK;

    if (rc == OK && tenant != NULL)
        bind_text(list, 1, slice_of(tenant->text));
    if (rc == OK)
        rc = walk_list(walk, list, set, fn);
    (void)sqlite3_finalize(list);
    (void)sqlite3_finalize(set);
    return rc;
}

static int walk_all(struct walk *walk, enum secrets_home home, const struct tenant_name *tenant,
                    seen_fn *fn)
{
    bool broken = false;
    int rc = OK;

    for (size_t i = 0; rc >= OK && i < PLACES; i++) {
        if (places[i].home != home)
            continue;
        rc = walk_place(walk, &places[i], tenant, fn);
        broken |= rc == SEALED_E_BROKEN;
    }
    return rc >= OK && broken ? SEALED_E_BROKEN : rc;
}

/* --- what is done to each --- */

static bool is_stale(const struct walk *walk, const struct seen *seen)
{
    return !seen->sealed || secret_key_of(walk->keys, seen->secret) != &walk->keys->all[0];
}

static int look_if_stale(struct walk *walk, const struct seen *seen, sqlite3_stmt *set)
{
    (void)set;
    walk->stale |= is_stale(walk, seen);
    return OK;
}

static int put_sealed(const struct walk *walk, const struct seen *seen, struct slice text,
                      sqlite3_stmt *set)
{
    struct sealed_secret sealed;
    int rc = secret_seal(walk->keys, seen->use, text, &sealed);

    if (rc != OK)
        return rc;
    (void)sqlite3_bind_blob(set, 2, sealed.bytes, (int)sealed.len, SQLITE_STATIC);
    return step_run(set);
}

static int seal_one(struct walk *walk, const struct seen *seen, sqlite3_stmt *set)
{
    char text[SECRET_MAX + 1];
    int rc;

    if (!is_stale(walk, seen))
        return OK;
    if (!seen->sealed)
        return put_sealed(walk, seen, seen->secret, set);
    rc = secret_open(walk->keys, seen->use, seen->secret, text);
    if (rc == OK)
        rc = put_sealed(walk, seen, slice_of(text), set);
    OPENSSL_cleanse(text, sizeof(text));
    return rc;
}

static int bare_one(struct walk *walk, const struct seen *seen, sqlite3_stmt *set)
{
    char text[SECRET_MAX + 1];
    int rc;

    if (!seen->sealed)
        return OK;
    rc = secret_open(walk->keys, seen->use, seen->secret, text);
    if (rc == OK) {
        bind_text(set, 2, slice_of(text));
        rc = step_run(set);
    }
    OPENSSL_cleanse(text, sizeof(text));
    return rc;
}

static int check_one(struct walk *walk, const struct seen *seen, sqlite3_stmt *set)
{
    char text[SECRET_MAX + 1];

    (void)set;
    if (!seen->sealed)
        return OK;
    if (secret_key_of(walk->keys, seen->secret) == NULL)
        buf_addf(walk->problems, "the secret %s is sealed with no key of this tenant\n", seen->use);
    else if (walk->opened && secret_open(walk->keys, seen->use, seen->secret, text) != OK)
        buf_addf(walk->problems, "the secret %s does not open\n", seen->use);
    OPENSSL_cleanse(text, sizeof(text));
    return OK;
}

/* --- all of them --- */

int secrets_seal(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                 const struct tenant_keys *keys)
{
    return walk_all(&(struct walk){ .db = db, .keys = keys }, home, tenant, seal_one);
}

int secrets_are_stale(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                      const struct tenant_keys *keys, bool *ret_stale)
{
    struct walk walk = { .db = db, .keys = keys };
    int rc = walk_all(&walk, home, tenant, look_if_stale);

    if (rc == OK)
        *ret_stale = walk.stale;
    return rc;
}

int secrets_bare(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                 const struct tenant_keys *keys)
{
    return walk_all(&(struct walk){ .db = db, .keys = keys }, home, tenant, bare_one);
}

int secrets_check(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                  const struct tenant_keys *keys, bool opened, struct buf *problems)
{
    return walk_all(
        &(struct walk){ .db = db, .keys = keys, .problems = problems, .opened = opened }, home,
        tenant, check_one);
}
