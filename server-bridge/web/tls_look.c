/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/tls_look.h"

#include "base/log.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

/* --- names --- */

enum { HOST_MAX = 253 };

/* Whole, or not at all: half a name is somebody else's. */
static void add_name(struct buf *to, const unsigned char *bytes, size_t len)
{
    char name[1 + HOST_MAX] = " ";
    size_t space = to->len > 0;

    if (len == 0 || len > HOST_MAX)
        return;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] <= ' ' || bytes[i] > '~') /* a name that could be two, or none */
            return;
        name[space + i] = (char)(bytes[i] >= 'A' && bytes[i] <= 'Z' ? bytes[i] + 32 : bytes[i]);
    }
    buf_add(to, name, space + len);
}

static void add_address(struct buf *to, const ASN1_OCTET_STRING *address)
{
    int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
    char text[INET6_ADDRSTRLEN];

    if ((family == AF_INET || ASN1_STRING_length(address) == 16) &&
        inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof(text)) != NULL)
        add_name(to, (const unsigned char *)text, strlen(text));
}

/* Browsers look at nothing else: the common name counts no more. */
static void read_names(const X509 *certificate, struct buf *to)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type == GEN_DNS)
            add_name(to, ASN1_STRING_get0_data(name->d.dNSName),
                     (size_t)ASN1_STRING_length(name->d.dNSName));
        else if (name->type == GEN_IPADD)
            add_address(to, name->d.iPAddress);
    }
    GENERAL_NAMES_free(names);
}

/* --- dates and the chain --- */

static uint64_t time_ms(const ASN1_TIME *time)
{
    struct tm tm = { 0 };
    time_t seconds = ASN1_TIME_to_tm(time, &tm) == 1 ? timegm(&tm) : 0;

    return seconds > 0 ? (uint64_t)seconds * 1000 : 0;
}

static bool has_signed(X509 *issuer, X509 *subject)
{
    return X509_check_issued(issuer, subject) == X509_V_OK &&
           X509_verify(subject, X509_get0_pubkey(issuer)) == 1;
}

static void look_at_chain(X509 *leaf, STACK_OF(X509) * rest, struct tls_look *look)
{
    X509 *last = leaf;

    look->chain = 1;
    look->begins_ms = time_ms(X509_get0_notBefore(leaf));
    look->expires_ms = time_ms(X509_get0_notAfter(leaf));
    if (has_signed(leaf, leaf))
        (void)snprintf(look->warning, sizeof(look->warning),
                       "it is signed by itself: no browser trusts it");
    else if (sk_X509_num(rest) <= 0)
        (void)snprintf(look->warning, sizeof(look->warning),
                       "it is sent without the certificate of its issuer, which browsers may not "
                       "know: take fullchain.pem");
    for (int i = 0; i < sk_X509_num(rest); i++) {
        X509 *next = sk_X509_value(rest, i);
        uint64_t expires_ms = time_ms(X509_get0_notAfter(next));
        uint64_t begins_ms = time_ms(X509_get0_notBefore(next));

        look->chain++;
        if (begins_ms > look->begins_ms)
            look->begins_ms = begins_ms;
        if (expires_ms < look->expires_ms)
            look->expires_ms = expires_ms;
        if (look->warning[0] == '\0' && !has_signed(next, last))
            (void)snprintf(look->warning, sizeof(look->warning),
                           "certificate %d of the chain has not signed the one before it", i + 2);
        last = next;
    }
}

/* --- handshakes --- */

static bool goes_on(const SSL *ssl, int rc)
{
    int why = rc == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, rc);

    return why == SSL_ERROR_NONE || why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

/* Both ends here, some turns each: a long chain does not pass at once. */
static bool shake(SSL *server, SSL *client)
{
    for (int turn = 0; turn < 30; turn++) {
        int theirs = SSL_do_handshake(client), ours = SSL_do_handshake(server);

        if (theirs == 1 && ours == 1)
            return true;
        if (!goes_on(client, theirs) || !goes_on(server, ours))
            return false;
    }
    return false;
}

static bool connect_both(SSL *server, SSL *client)
{
    BIO *ours = NULL, *theirs = NULL;

    if (server == NULL || client == NULL || BIO_new_bio_pair(&ours, 0, &theirs, 0) != 1)
        return false;
    SSL_set_bio(server, ours, ours);
    SSL_set_bio(client, theirs, theirs);
    SSL_set_accept_state(server);
    SSL_set_connect_state(client);
    return true;
}

/* As a browser that knows this version alone. */
static bool negotiate(SSL_CTX *context, SSL_CTX *browser, int version, struct tls_look *look)
{
    SSL *server = SSL_new(context), *client = SSL_new(browser);
    bool fine = connect_both(server, client) && SSL_set_min_proto_version(client, version) == 1 &&
                SSL_set_max_proto_version(client, version) == 1 && shake(server, client);
    size_t len = strlen(look->negotiated);

    if (fine)
        (void)snprintf(look->negotiated + len, sizeof(look->negotiated) - len, "%s%s %s",
                       len > 0 ? ", " : "", SSL_get_version(client), SSL_get_cipher_name(client));
    SSL_free(client);
    SSL_free(server);
    ERR_clear_error();
    return fine;
}

bool tls_look(SSL_CTX *context, uint64_t now_ms, struct tls_look *ret_look)
{
    SSL_CTX *browser = SSL_CTX_new(TLS_client_method());
    X509 *leaf = SSL_CTX_get0_certificate(context);
    STACK_OF(X509) *rest = NULL;
    bool fine;

    *ret_look = (struct tls_look){ .chain = 0 };
    buf_init(&ret_look->names, TLS_NAMES_MAX_BYTES);
    (void)SSL_CTX_get0_chain_certs(context, &rest);
    if (browser == NULL || leaf == NULL) {
        SSL_CTX_free(browser);
        return false;
    }
    read_names(leaf, &ret_look->names);
    look_at_chain(leaf, rest, ret_look);
    if (ret_look->names.len == 0)
        (void)snprintf(ret_look->warning, sizeof(ret_look->warning), "it names no host");
    else if (buf_failed(&ret_look->names))
        (void)snprintf(ret_look->warning, sizeof(ret_look->warning),
                       "it names more hosts than we can tell: those that count are the first %zu "
                       "bytes of them",
                       ret_look->names.len);
    else if (ret_look->begins_ms > now_ms)
        (void)snprintf(ret_look->warning, sizeof(ret_look->warning), "it is not valid yet");
    fine = negotiate(context, browser, TLS1_3_VERSION, ret_look);
    fine = negotiate(context, browser, TLS1_2_VERSION, ret_look) || fine;
    SSL_CTX_free(browser);
    return fine;
}

void tls_look_release(struct tls_look *look)
{
    buf_release(&look->names);
}
