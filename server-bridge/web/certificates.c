/* SPDX-License-Identifier: Apache-2.0
 *
 * Which certificate a browser is shown: that which is good for the name it asks for, else one for
 * all names a label below ("*.acme.example"), else the default. Each has a context of its own, and
 * a connection keeps the one it began with, so a reload drops nobody.
 *
 * What is wrong with one certificate touches no other: where its files cannot be used, the one
 * that was served goes on being served, and the core is told.
 */
#include "server-bridge/web/web.h"

#include "base/clock.h"
#include "base/secret/digest.h"
#include "server-bridge/ipc/codec.h"
#include "server-bridge/web/tls_look.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

enum { FILE_MAX_BYTES = 128 * 1024 * 1024 };

struct certificate {
    UT_hash_handle hh; /* by name, in the order they came */
    char *name, *file, *problem;
    struct digest files; /* what it was made of */
    SSL_CTX *context;    /* NULL: there was never a good one */
    struct tls_look look;
};

/* A host's name, and who is shown to those who ask for it. */
struct certified {
    UT_hash_handle hh;
    struct certificate *certificate; /* borrowed */
    char name[];
};

static struct certificate *certificate_free(struct certificate *certificate)
{
    if (certificate == NULL)
        return NULL;
    SSL_CTX_free(certificate->context);
    tls_look_release(&certificate->look);
    free(certificate->name);
    free(certificate->file);
    free(certificate->problem);
    free(certificate);
    return NULL;
}

static void forget_names(struct web *web)
{
    struct certified *one, *next;

    HASH_ITER(hh, web->certified, one, next)
    {
        HASH_DEL(web->certified, one);
        free(one);
    }
}

static void forget_all(struct certificate *all)
{
    struct certificate *one, *next;

    HASH_ITER(hh, all, one, next)
    {
        HASH_DEL(all, one);
        (void)certificate_free(one);
    }
}

/* --- choosing --- */

static struct certificate *find(const struct web *web, const char *name)
{
    struct certified *found;

    HASH_FIND_STR(web->certified, name, found);
    return found == NULL ? NULL : found->certificate;
}

static bool lower(const char *name, char *to, size_t size)
{
    size_t len = strlen(name);

    if (len >= size)
        return false;
    for (size_t i = 0; i <= len; i++)
        to[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
    return true;
}

static struct certificate *choose(const struct web *web, const char *asked)
{
    struct certificate *found;
    char name[256] = "", *dot;

    if (asked == NULL || !lower(asked, name, sizeof(name)))
        return NULL;
    found = find(web, name);
    dot = strchr(name, '.');
    if (found != NULL || dot == NULL || dot == name)
        return found;
    *--dot = '*'; /* in the last place of the first label */
    return find(web, dot);
}

static void serve(struct web *web);

static int on_name(SSL *ssl, int *alert, void *context)
{
    struct web *web = context;
    const struct certificate *found;

    if (clock_now_ms() >= web->certified_until_ms)
        serve(web);
    found = choose(web, SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    (void)alert;
    if (found != NULL && SSL_set_SSL_CTX(ssl, found->context) == NULL)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    return found != NULL ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static bool holds(const struct certificate *certificate, uint64_t now_ms)
{
    return certificate->look.begins_ms <= now_ms && now_ms < certificate->look.expires_ms;
}

/* Of two for the same name, that which holds now; else that which is good for longer. */
static bool is_better(const struct certificate *one, const struct certificate *than,
                      uint64_t now_ms)
{
    if (holds(one, now_ms) != holds(than, now_ms))
        return holds(one, now_ms);
    return one->look.expires_ms > than->look.expires_ms;
}

static void enter(struct web *web, struct certificate *certificate, struct slice name,
                  uint64_t now_ms)
{
    struct certified *one;

    HASH_FIND(hh, web->certified, name.data, name.len, one);
    if (one != NULL) {
        if (is_better(certificate, one->certificate, now_ms))
            one->certificate = certificate;
        return;
    }
    one = calloc(1, sizeof(*one) + name.len + 1);
    if (one == NULL)
        return;
    memcpy(one->name, name.data, name.len);
    one->certificate = certificate;
    HASH_ADD_KEYPTR(hh, web->certified, one->name, name.len, one);
}

static void enter_names(struct web *web, struct certificate *certificate, uint64_t now_ms)
{
    struct slice names = buf_slice(&certificate->look.names);

    for (size_t at = 0; at < names.len;) {
        const char *space = memchr(names.data + at, ' ', names.len - at);
        size_t len = space == NULL ? names.len - at : (size_t)(space - names.data) - at;

        enter(web, certificate, (struct slice){ names.data + at, len }, now_ms);
        at += len + 1;
    }
}

/* --- taking --- */

static void refuse(struct certificate *certificate, const char *problem)
{
    free(certificate->problem);
    certificate->problem = strdup(problem);
    log_event(LOG_ERROR, NULL, "tls.refused", "name=%s file=%s problem=\"%s\" served=%s",
              certificate->name, certificate->file, problem,
              certificate->context != NULL ? "old" : "none");
}

/* What was served under this name goes on where the new one cannot be. */
static void inherit(struct certificate *certificate, struct certificate *old)
{
    if (old == NULL)
        return;
    certificate->context = old->context;
    certificate->look = old->look;
    old->context = NULL;
    old->look = (struct tls_look){ .chain = 0 };
}

static void make(struct web *web, struct certificate *certificate, struct certificate *old,
                 const struct ipc_certificate *from)
{
    struct tls_look look = { .chain = 0 };
    const char *problem = NULL;
    SSL_CTX *context = NULL;
    char text[IPC_NAME_MAX + 1];

    if (from->problem.len > 0 && slice_copy(from->problem, text, sizeof(text)))
        problem = text;
    else
        context = tls_context_new(from->chain, from->key, &problem);
    if (context != NULL && !tls_look(context, clock_now_ms(), &look))
        problem = "no handshake comes about with it";
    if (problem != NULL) {
        SSL_CTX_free(context);
        tls_look_release(&look);
        inherit(certificate, old);
        refuse(certificate, problem);
        return;
    }
    certificate->context = context;
    certificate->look = look;
    (void)SSL_CTX_set_tlsext_servername_callback(context, on_name);
    (void)SSL_CTX_set_tlsext_servername_arg(context, web);
}

/* Handshakes take their time: what has not changed is not looked at again. */
static struct digest digest_of(const struct ipc_certificate *from)
{
    struct digester *digester = digester_new();

    if (digester != NULL) {
        digester_add(digester, from->chain.data, from->chain.len);
        digester_add(digester, from->key.data, from->key.len);
        digester_add(digester, from->problem.data, from->problem.len);
    }
    return digester_end(digester);
}

static int take_one(struct web *web, struct certificate **all, const struct ipc_certificate *from)
{
    struct digest files = digest_of(from);
    struct certificate *one, *old;

    HASH_FIND(hh, web->certificates, from->name.data, from->name.len, old);
    if (old != NULL && digest_equal(&old->files, &files)) {
        HASH_DEL(web->certificates, old);
        one = old;
    } else {
        one = calloc(1, sizeof(*one));
        if (one == NULL || (one->name = slice_dup(from->name)) == NULL ||
            (one->file = slice_dup(from->file)) == NULL) {
            (void)certificate_free(one);
            return RAISE(ERR_NO_MEMORY);
        }
        one->files = files;
        make(web, one, old, from);
    }
    HASH_ADD_KEYPTR(hh, *all, one->name, from->name.len, one);
    return OK;
}

static int take_all(struct web *web, struct certificate **all, const uint8_t *bytes, size_t len)
{
    union ipc_message message;
    enum ipc_type type;
    size_t size;
    int rc = OK;

    for (size_t at = 0; rc == OK && at < len; at += size) {
        rc = ipc_peek(bytes + at, len - at, &size);
        if (rc == OK && (size == 0 || size > len - at))
            rc = RAISE(ERR_CORRUPT);
        if (rc == OK)
            rc = ipc_decode(bytes + at, size, &type, &message);
        if (rc == OK && type != IPC_certificate)
            rc = RAISE(ERR_CORRUPT);
        if (rc == OK)
            rc = take_one(web, all, &message.certificate);
    }
    return rc;
}

static void look_again_at(struct web *web, uint64_t at_ms, uint64_t now_ms)
{
    if (at_ms > now_ms && at_ms < web->certified_until_ms)
        web->certified_until_ms = at_ms;
}

/* Connections begin with the default, or else with any that there is: most browsers say whom they
 * mean. */
static void serve(struct web *web)
{
    struct certificate *first = NULL;
    uint64_t now_ms = clock_now_ms();

    forget_names(web);
    web->certified_until_ms = UINT64_MAX;
    for (struct certificate *one = web->certificates; one != NULL; one = one->hh.next) {
        if (one->context == NULL)
            continue;
        enter_names(web, one, now_ms);
        look_again_at(web, one->look.begins_ms, now_ms);
        look_again_at(web, one->look.expires_ms, now_ms);
        if (first == NULL || strcmp(one->name, CERTIFICATE_DEFAULT) == 0)
            first = one;
    }
    web->tls = first == NULL ? NULL : first->context;
}

static void tell(const struct web *web, const struct certificate *one, bool first)
{
    const struct slice names = buf_slice(&one->look.names);

    IPC_SEND(web->core, certificate_seen, .first = first, .name = slice_of(one->name),
             .file = slice_of(one->file), .served = one->context != NULL, .names = names,
             .chain = one->look.chain, .expires_ms = one->look.expires_ms,
             .negotiated = slice_of(one->look.negotiated),
             .problem = one->problem == NULL ? SLICE_NONE : slice_of(one->problem),
             .warning = slice_of(one->look.warning));
}

void certificates_tell(const struct web *web)
{
    for (const struct certificate *one = web->certificates; one != NULL; one = one->hh.next)
        tell(web, one, one == web->certificates);
}

/* The new ones could not all be found, or taken: those they would have replaced stay. */
static void keep_rest(struct web *web, struct certificate **all)
{
    struct certificate *one, *next, *found;

    HASH_ITER(hh, web->certificates, one, next)
    {
        HASH_FIND_STR(*all, one->name, found);
        if (found != NULL)
            continue;
        HASH_DEL(web->certificates, one);
        HASH_ADD_KEYPTR(hh, *all, one->name, strlen(one->name), one);
    }
}

void certificates_take(struct web *web, const uint8_t *bytes, size_t len, bool whole)
{
    struct certificate *all = NULL;
    int rc = take_all(web, &all, bytes, len);

    if (rc != OK)
        log_event(LOG_ERROR, NULL, "tls.not_taken", "rc=%s", result_name(rc));
    if (rc != OK || !whole)
        keep_rest(web, &all);
    forget_names(web);
    forget_all(web->certificates);
    web->certificates = all;
    serve(web);
    certificates_tell(web);
}

void certificates_read(struct web *web, int fd, uint64_t len, bool whole)
{
    AUTO_MEM uint8_t *bytes = len > FILE_MAX_BYTES ? NULL : malloc(len + 1);
    ssize_t got = bytes == NULL ? -1 : pread(fd, bytes, len, 0);

    if (got < 0 || (uint64_t)got != len)
        log_event(LOG_ERROR, NULL, "tls.not_taken", "bytes=%llu", (unsigned long long)len);
    else
        certificates_take(web, bytes, len, whole);
    if (bytes != NULL)
        explicit_bzero(bytes, len);
}

void certificates_release(struct web *web)
{
    forget_names(web);
    forget_all(web->certificates);
    web->certificates = NULL;
    web->tls = NULL;
}
