/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/web.h"
#include "tests/support/cmocka.h"
#include "tests/support/pair.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

static struct pair ours, others;
static const char *problem;

static int make_pairs(void **state)
{
    (void)state;
    pair_make(&ours, "chat.example", 30);
    pair_make(&others, "other.example", 30);
    return 0;
}

static void a_certificate_and_its_key__serve_tls_1_2_and_later(void **state)
{
    SSL_CTX *context = tls_context_new(slice_of(ours.certificate), slice_of(ours.key), &problem);

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
    context = tls_context_new(slice_of(chain), slice_of(ours.key), &problem);
    assert_non_null(context);
    assert_int_equal(SSL_CTX_get0_chain_certs(context, &rest), 1);
    assert_int_equal(sk_X509_num(rest), 1);
    SSL_CTX_free(context);
}

static void what_does_not_fit_together__is_refused(void **state)
{
    const struct slice half = { ours.certificate, 200 }; /* cut off */

    (void)state;
    assert_null(tls_context_new(slice_of(ours.certificate), slice_of(others.key), &problem));
    assert_null(tls_context_new(slice_of(ours.key), slice_of(ours.certificate), &problem));
    assert_null(tls_context_new(half, slice_of(ours.key), &problem));
    assert_null(tls_context_new(slice_of("nonsense"), slice_of(ours.key), &problem));
    assert_null(tls_context_new(slice_of(ours.certificate), slice_of(""), &problem));
    assert_null(tls_context_new(slice_of(""), slice_of(""), &problem));
}

RUN_WITH(make_pairs, NULL, cmocka_unit_test(a_certificate_and_its_key__serve_tls_1_2_and_later),
         cmocka_unit_test(a_chain__is_sent_whole),
         cmocka_unit_test(what_does_not_fit_together__is_refused))
