/* SPDX-License-Identifier: Apache-2.0
 *
 * Which certificate a browser is shown for the name it asks for, and what becomes of those that
 * cannot be served. The handshakes are real, both ends in memory.
 */
#include "server-bridge/ipc/codec.h"
#include "tests/support/cmocka.h"
#include "tests/support/pair.h"
#include "tests/support/web_double.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <time.h>

static struct pair ours, acme, wide, other, leaf;
static struct buf file;

static int start(void **state)
{
    (void)state;
    double_start();
    buf_init(&file, 1 << 20);
    pair_make(&ours, "chat.example", 100);
    pair_make(&acme, "chat.acme.example,help.acme.example", 100);
    pair_make(&wide, "*.acme.example", 100);
    pair_make(&other, "chat.borealis.example", 100);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    certificates_release(&the_web);
    buf_release(&file);
    double_stop();
    return 0;
}

static void put(const char *name, const char *chain, const char *key, const char *problem)
{
    const struct ipc_certificate message = { .name = slice_of(name),
                                             .file = slice_of("/tls/fullchain.pem"),
                                             .chain = slice_of(chain),
                                             .key = slice_of(key),
                                             .problem = slice_of(problem) };
    size_t size = ipc_size(IPC_certificate, &message);
    uint8_t *bytes = malloc(size);

    assert_true(size > 0 && bytes != NULL);
    ipc_encode(IPC_certificate, &message, bytes);
    buf_add(&file, bytes, size);
    free(bytes);
}

static void put_pair(const char *name, const struct pair *pair)
{
    put(name, pair->certificate, pair->key, "");
}

static void take_part(bool whole)
{
    certificates_take(&the_web, (const uint8_t *)file.data, file.len, whole);
    buf_clear(&file);
}

static void take(void)
{
    take_part(true);
}

/* The host of the certificate that is shown to whoever asks for `name`; "": none at all. */
static const char *shown(const char *name)
{
    static char subject[256];
    SSL_CTX *browser = SSL_CTX_new(TLS_client_method());
    SSL *server = the_web.tls == NULL ? NULL : SSL_new(the_web.tls), *client = SSL_new(browser);
    BIO *near = NULL, *far = NULL;

    subject[0] = '\0';
    if (server != NULL) {
        assert_int_equal(BIO_new_bio_pair(&near, 0, &far, 0), 1);
        SSL_set_bio(server, near, near);
        SSL_set_bio(client, far, far);
        SSL_set_accept_state(server);
        SSL_set_connect_state(client);
        if (name != NULL)
            assert_int_equal(SSL_set_tlsext_host_name(client, name), 1);
        for (int i = 0; i < 5 && SSL_do_handshake(client) != 1; i++)
            (void)SSL_do_handshake(server);
        (void)X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_get0_peer_certificate(client)),
                                        NID_commonName, subject, sizeof(subject));
    }
    SSL_free(client);
    SSL_free(server);
    SSL_CTX_free(browser);
    return subject;
}

static void a_browser__is_shown_the_certificate_of_the_name_it_asks_for(void **state)
{
    (void)state;
    put_pair("default", &ours);
    put_pair("acme", &acme);
    put_pair("borealis", &other);
    put_pair("wide", &wide);
    take();
    assert_string_equal(shown("chat.example"), "chat.example");
    assert_string_equal(shown("chat.acme.example"), "chat.acme.example,help.acme.example");
    assert_string_equal(shown("HELP.Acme.Example"), "chat.acme.example,help.acme.example");
    assert_string_equal(shown("chat.borealis.example"), "chat.borealis.example");
    assert_string_equal(shown("new.acme.example"), "*.acme.example");
}

static void whoever_asks_for_no_name_of_ours__is_shown_the_default(void **state)
{
    (void)state;
    put_pair("acme", &acme);
    put_pair("default", &ours);
    put_pair("wide", &wide);
    take();
    assert_string_equal(shown(NULL), "chat.example");
    assert_string_equal(shown("nobody.example"), "chat.example");
    assert_string_equal(shown("deep.down.acme.example"), "chat.example");
    assert_string_equal(shown("acme.example"), "chat.example");
    assert_string_equal(shown("localhost"), "chat.example");
}

static void what_is_wrong_with_one__stops_no_other(void **state)
{
    (void)state;
    put("default", "nonsense", ours.key, "");
    put_pair("acme", &acme);
    put("borealis", other.certificate, ours.key, "");
    put("cumulus", "", "", "/tls/cumulus/privkey.pem: Permission denied");
    take();
    assert_string_equal(shown("chat.acme.example"), "chat.acme.example,help.acme.example");
    assert_string_equal(shown("chat.borealis.example"), "chat.acme.example,help.acme.example");
}

static void nothing_that_can_be_served__serves_nobody(void **state)
{
    (void)state;
    put("default", "nonsense", "nonsense", "");
    take();
    assert_string_equal(shown("chat.example"), "");
}

static void a_reload__keeps_what_was_good_and_forgets_what_is_gone(void **state)
{
    (void)state;
    put_pair("default", &ours);
    put_pair("acme", &acme);
    put_pair("borealis", &other);
    take();
    put_pair("default", &ours);
    put("acme", acme.certificate, "half a k", "");
    take();
    assert_string_equal(shown("chat.acme.example"), "chat.acme.example,help.acme.example");
    assert_string_equal(shown("chat.borealis.example"), "chat.example");
    put_pair("default", &ours);
    put_pair("acme", &wide);
    take();
    assert_string_equal(shown("chat.acme.example"), "*.acme.example");
}

static void a_file_that_breaks_off__loses_none(void **state)
{
    (void)state;
    put_pair("default", &ours);
    put_pair("acme", &acme);
    take();
    put_pair("default", &ours);
    put_pair("acme", &wide);
    file.len -= 10;
    take();
    assert_string_equal(shown("chat.example"), "chat.example");
    assert_string_equal(shown("chat.acme.example"), "chat.acme.example,help.acme.example");
}

static void a_folder_nobody_can_look_into__takes_none_away(void **state)
{
    (void)state;
    put_pair("default", &ours);
    put_pair("acme", &acme);
    take();
    put_pair("default", &other);
    take_part(false);
    assert_string_equal(shown("chat.borealis.example"), "chat.borealis.example");
    assert_string_equal(shown("chat.acme.example"), "chat.acme.example,help.acme.example");
}

static void of_two_for_one_name__the_longer_lived_is_shown(void **state)
{
    struct pair longer;

    (void)state;
    pair_make(&longer, "chat.acme.example", 200);
    put_pair("default", &ours);
    put_pair("acme", &acme);
    put_pair("acme-new", &longer);
    take();
    assert_string_equal(shown("chat.acme.example"), "chat.acme.example");
    assert_string_equal(shown("help.acme.example"), "chat.acme.example,help.acme.example");
}

static void
of_two_for_one_name__that_which_holds_now_is_shown__and_the_other_when_it_does(void **state)
{
    struct pair later, soon;
    time_t until = time(NULL) + 60, holds;
    const char *shown_before;

    (void)state;
    pair_make(&acme, "chat.acme.example", 100);
    pair_make_later(&later, "chat.acme.example,later", 86400, 300);
    put_pair("default", &ours);
    put_pair("acme", &acme);
    put_pair("acme-later", &later);
    take();
    assert_string_equal(shown("chat.acme.example"), "chat.acme.example");
    holds = time(NULL) + 3;
    pair_make_later(&soon, "chat.acme.example,soon", 3, 200);
    put_pair("default", &ours);
    put_pair("acme-soon", &soon);
    put_pair("acme", &acme);
    take();
    shown_before = shown("chat.acme.example");
    if (time(NULL) < holds) /* else this machine has slept over it */
        assert_string_equal(shown_before, "chat.acme.example");
    while (strcmp(shown("chat.acme.example"), "chat.acme.example,soon") != 0)
        assert_true(time(NULL) < until);
}

static void the_core__is_told_how_each_of_them_is(void **state)
{
    char chain[2 * sizeof(leaf.certificate)];
    const char *told;

    (void)state;
    pair_make_signed(&leaf, "chat.example", 10, &other);
    (void)snprintf(chain, sizeof(chain), "%s%s", leaf.certificate, other.certificate);
    put("default", chain, leaf.key, "");
    put("acme", leaf.certificate, leaf.key, "");
    put("borealis", "", "", "it is away");
    take();
    told = double_told();
    assert_non_null(strstr(told, "first=true name=[default] file=[/tls/fullchain.pem] served=true "
                                 "names=[chat.example] chain=2"));
    assert_non_null(strstr(told, "negotiated=[TLSv1.3 TLS_AES_256_GCM_SHA384, TLSv1.2 "
                                 "ECDHE-ECDSA-AES256-GCM-SHA384] problem=[] warning=[]"));
    assert_non_null(strstr(told, "without the certificate of its issuer"));
    assert_non_null(
        strstr(told, "first=false name=[borealis] file=[/tls/fullchain.pem] served=false"));
    assert_non_null(strstr(told, "problem=[it is away]"));
}

static void a_certificate_that_is_refused__is_told_why(void **state)
{
    struct pair weak;
    const char *told;

    (void)state;
    pair_make_weak(&weak, "chat.acme.example");
    put_pair("default", &ours);
    put_pair("acme", &weak);
    put("borealis", "nonsense", other.key, "");
    take();
    told = double_told();
    assert_non_null(strstr(told, "problem=[a key in the chain is too short: 2048 bits"));
    assert_non_null(strstr(told, "problem=[the chain is no PEM file of certificates]"));
}

static void a_certificate_of_too_many_names__counts_for_whole_ones(void **state)
{
    static struct pair many;
    char hosts[16 * 1024] = "";
    const char *told;

    (void)state;
    for (unsigned i = 0; i < 400; i++)
        (void)snprintf(hosts + strlen(hosts), sizeof(hosts) - strlen(hosts), "%shost-%u.example",
                       i > 0 ? "," : "", 1000 + i * 7);
    (void)snprintf(hosts + strlen(hosts), sizeof(hosts) - strlen(hosts), ",%0*d.example", 200, 0);
    for (unsigned i = 0; i < 150; i++)
        (void)snprintf(hosts + strlen(hosts), sizeof(hosts) - strlen(hosts), ",late-%u.example", i);
    pair_make(&many, hosts, 100);
    put_pair("default", &ours);
    put_pair("many", &many);
    take();
    told = double_told();
    assert_non_null(strstr(told, "names=[host-1000.example host-1007.example "));
    assert_non_null(strstr(told, ".example] chain=1"));
    assert_non_null(strstr(told, "it names more hosts than we can tell"));
    assert_true(slice_starts_with(slice_of(shown("host-1000.example")), "host-1000.example"));
    assert_string_equal(shown("late-149.example"), "chat.example");
}

static void a_chain_out_of_order__is_a_warning(void **state)
{
    char chain[2 * sizeof(leaf.certificate)];

    (void)state;
    pair_make_signed(&leaf, "chat.example", 10, &other);
    (void)snprintf(chain, sizeof(chain), "%s%s", leaf.certificate, acme.certificate);
    put("default", chain, leaf.key, "");
    put_pair("acme", &acme);
    take();
    assert_non_null(strstr(double_told(), "certificate 2 of the chain has not signed"));
    certificates_tell(&the_web);
    assert_non_null(strstr(double_told(), "signed by itself"));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)
RUN(CASE(of_two_for_one_name__that_which_holds_now_is_shown__and_the_other_when_it_does),
    CASE(a_certificate_of_too_many_names__counts_for_whole_ones),
    CASE(a_browser__is_shown_the_certificate_of_the_name_it_asks_for),
    CASE(whoever_asks_for_no_name_of_ours__is_shown_the_default),
    CASE(what_is_wrong_with_one__stops_no_other), CASE(nothing_that_can_be_served__serves_nobody),
    CASE(a_reload__keeps_what_was_good_and_forgets_what_is_gone),
    CASE(a_file_that_breaks_off__loses_none), CASE(a_folder_nobody_can_look_into__takes_none_away),
    CASE(of_two_for_one_name__the_longer_lived_is_shown),
    CASE(the_core__is_told_how_each_of_them_is), CASE(a_certificate_that_is_refused__is_told_why),
    CASE(a_chain_out_of_order__is_a_warning))
