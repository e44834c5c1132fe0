/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/web.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

/* Of what OpenSSL will not serve, what can be helped. */
static const char *why_refused(void)
{
    switch (ERR_GET_REASON(ERR_peek_last_error())) {
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
        return "a key in the chain is too short: 2048 bits of RSA at least";
    case SSL_R_CA_MD_TOO_WEAK:
        return "a certificate in the chain is signed with a digest that is broken: SHA-256 at "
               "least";
    default:
        return "OpenSSL refuses a certificate of the chain";
    }
}

/* NULL: it is in use. */
static const char *use_chain(SSL_CTX *context, struct slice pem)
{
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    const char *problem = certificate == NULL ? "the chain is no PEM file of certificates" : NULL;
    bool fine = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1;

    X509_free(certificate);
    while (fine && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        fine = SSL_CTX_add1_chain_cert(context, certificate) == 1;
        X509_free(certificate);
    }
    if (!fine && problem == NULL)
        problem = why_refused();
    ERR_clear_error(); /* the end of the file is an error to PEM_read */
    BIO_free(bio);
    return problem;
}

/* Nobody sits there to be asked. */
static int no_passphrase(char *to, int size, int writing, void *context)
{
    (void)to;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static bool use_key(SSL_CTX *context, struct slice pem)
{
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
    EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    bool fine = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1 &&
                SSL_CTX_check_private_key(context) == 1;

    EVP_PKEY_free(key);
    BIO_free(bio);
    return fine;
}

static SSL_CTX *empty_context(void)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    if (context == NULL || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
        SSL_CTX_free(context);
        return NULL;
    }
    (void)SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    (void)SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return context;
}

struct ssl_ctx_st *tls_context_new(struct slice chain, struct slice key, const char **ret_problem)
{
    SSL_CTX *context = empty_context();
    const char *problem = NULL;

    if (context == NULL)
        problem = "TLS cannot be set up: out of memory?";
    else
        problem = use_chain(context, chain);
    if (problem == NULL && !use_key(context, key))
        problem = "the private key is not this certificate's, or has a passphrase";
    ERR_clear_error();
    if (problem == NULL)
        return context;
    SSL_CTX_free(context);
    *ret_problem = problem;
    return NULL;
}
