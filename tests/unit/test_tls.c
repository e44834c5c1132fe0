/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/web.h"

#include "tests/support/cmocka.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

/* A key, and a certificate that it has signed itself; as text. */
struct pair {
    char key[4096], certificate[4096];
};
static struct pair ours, others;

static void take(BIO *bio, char *to, size_t size)
{
    int len = BIO_read(bio, to, (int)size - 1);

    assert_true(len > 0 && (size_t)len < size - 1);
    to[len] = '\0';
    BIO_free(bio);
}

static void make_pair(struct pair *pair)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    BIO *key_text = BIO_new(BIO_s_mem()), *text = BIO_new(BIO_s_mem());

    assert_true(key != NULL && certificate != NULL && key_text != NULL && text != NULL);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(PEM_write_bio_X509(text, certificate), 1);
    take(key_text, pair->key, sizeof(pair->key));
    take(text, pair->certificate, sizeof(pair->certificate));
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int make_pairs(void **state)
{
    (void)state;
    make_pair(&ours);
    make_pair(&others);
    return 0;
}

static void a_certificate_and_its_key__serve_tls_1_2_and_later(void **state)
{
    SSL_CTX *context = tls_context_new(slice_of(ours.certificate), slice_of(ours.key));

    (void)state;
    assert_non_null(context);
    assert_int_equal(SSL_CTX_get_min_proto_version(context), TLS1_2_VERSION);
    assert_true((SSL_CTX_get_options(context) & SSL_OP_NO_RENEGOTIATION) != 0);
    assert_int_equal(SSL_CTX_get_session_cache_mode(context), SSL_SESS_CACHE_OFF);
    SSL_CTX_free(context);
}

static void a_chain__is_sent_whole(void **state)
{
    char chain[sizeof(ours.certificate) * 2];
    STACK_OF(X509) *rest = NULL;
    SSL_CTX *context;

    (void)state;
    (void)snprintf(chain, sizeof(chain), "%s%s", ours.certificate, others.certificate);
    context = tls_context_new(slice_of(chain), slice_of(ours.key));
    assert_non_null(context);
    assert_int_equal(SSL_CTX_get0_chain_certs(context, &rest), 1);
    assert_int_equal(sk_X509_num(rest), 1);
    SSL_CTX_free(context);
}

static void what_does_not_fit_together__is_refused(void **state)
{
    const struct slice half = { ours.certificate, 200 }; /* cut off */

    (void)state;
    assert_null(tls_context_new(slice_of(ours.certificate), slice_of(others.key)));
    assert_null(tls_context_new(slice_of(ours.key), slice_of(ours.certificate)));
    assert_null(tls_context_new(half, slice_of(ours.key)));
    assert_null(tls_context_new(slice_of("nonsense"), slice_of(ours.key)));
    assert_null(tls_context_new(slice_of(ours.certificate), slice_of("")));
    assert_null(tls_context_new(slice_of(""), slice_of("")));
}

RUN_WITH(make_pairs, NULL, cmocka_unit_test(a_certificate_and_its_key__serve_tls_1_2_and_later),
         cmocka_unit_test(a_chain__is_sent_whole),
         cmocka_unit_test(what_does_not_fit_together__is_refused))
