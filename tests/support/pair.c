/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/pair.h"

#include "tests/support/cmocka.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum { LONG_AGO_S = -86400 * 400 };

static void take(BIO *bio, char *to, size_t size)
{
    int len = BIO_read(bio, to, (int)size - 1);

    assert_true(len > 0 && (size_t)len < size - 1);
    to[len] = '\0';
    BIO_free(bio);
}

/* "a.example,b.example" → "DNS:a.example,DNS:b.example" */
static void name_hosts(X509 *certificate, const char *hosts)
{
    char text[16 * 1024] = "DNS:";
    size_t len = strlen(text);
    X509_EXTENSION *extension;

    for (; *hosts != '\0' && len + 8 < sizeof(text); hosts++) {
        text[len++] = *hosts;
        if (*hosts == ',')
            len += (size_t)snprintf(text + len, sizeof(text) - len, "DNS:");
        text[len] = '\0';
    }
    extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* The first hosts alone: it may not be longer. */
static void set_name(X509_NAME *name, const char *text)
{
    int len = (int)strnlen(text, 64);

    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)text, len, -1, 0),
                     1);
}

static X509 *begin(EVP_PKEY *key, const char *hosts, long from_s, int days)
{
    X509 *certificate = X509_new();

    assert_true(certificate != NULL && key != NULL);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), from_s));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 86400L * days + 3600));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    set_name(X509_get_subject_name(certificate), hosts);
    name_hosts(certificate, hosts);
    return certificate;
}

static void end(struct pair *pair, X509 *certificate, EVP_PKEY *key, EVP_PKEY *signer)
{
    BIO *key_text = BIO_new(BIO_s_mem()), *text = BIO_new(BIO_s_mem());

    assert_true(key_text != NULL && text != NULL);
    assert_true(X509_sign(certificate, signer, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(PEM_write_bio_X509(text, certificate), 1);
    take(key_text, pair->key, sizeof(pair->key));
    take(text, pair->certificate, sizeof(pair->certificate));
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static void make(struct pair *pair, EVP_PKEY *key, const char *hosts, long from_s, int days)
{
    X509 *certificate = begin(key, hosts, from_s, days);

    assert_int_equal(X509_set_issuer_name(certificate, X509_get_subject_name(certificate)), 1);
    end(pair, certificate, key, key);
}

void pair_make(struct pair *pair, const char *hosts, int days)
{
    make(pair, EVP_EC_gen("P-256"), hosts, LONG_AGO_S, days);
}

void pair_make_later(struct pair *pair, const char *hosts, long from_s, int days)
{
    make(pair, EVP_EC_gen("P-256"), hosts, from_s, days);
}

void pair_make_weak(struct pair *pair, const char *hosts)
{
    make(pair, EVP_RSA_gen(1024), hosts, LONG_AGO_S, 100);
}

void pair_make_signed(struct pair *pair, const char *hosts, int days, const struct pair *by)
{
    BIO *key_text = BIO_new_mem_buf(by->key, -1), *text = BIO_new_mem_buf(by->certificate, -1);
    EVP_PKEY *signer = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);
    X509 *issuer = PEM_read_bio_X509(text, NULL, NULL, NULL);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = begin(key, hosts, LONG_AGO_S, days);

    assert_true(signer != NULL && issuer != NULL);
    assert_int_equal(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)), 1);
    end(pair, certificate, key, signer);
    X509_free(issuer);
    EVP_PKEY_free(signer);
    BIO_free(key_text);
    BIO_free(text);
}
