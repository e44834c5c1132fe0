/* SPDX-License-Identifier: Apache-2.0
 *
 *     <order>-<at>-<until>-<told><chatted>-<cents><currency>-<seal>
 *
 * The seal is a keyed hash of the tenant and all before it. The key is of this instance and told to
 * nobody; so is the one in the order's hash, which is the same key over another text.
 */
#include "server-bridge/core/survey/survey.h"

#include "base/format/text.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

static const char told_letters[] = "wl", chatted_letters[] = "nyu";

static struct id keyed(const struct core *core, const struct tenant_name *tenant, const char *kind,
                       struct slice text)
{
    struct digest mac;
    struct id half;
    AUTO_BUF whole;

    buf_init(&whole, 4096);
    buf_addf(&whole, "%s/%s/", tenant->text, kind);
    buf_add_slice(&whole, text);
    mac = digest_hmac((struct slice){ (const char *)core->order_key.bytes, DIGEST_BYTES },
                      buf_slice(&whole));
    memcpy(half.bytes, mac.bytes, ID_BYTES);
    return half;
}

bool survey_order(const struct core *core, const struct tenant *tenant, struct slice order,
                  struct id *ret_id)
{
    size_t points = 0;

    if (text_check(order, &points) != TEXT_FINE || points == 0 || points > SURVEY_ORDER_MAX)
        return false;
    *ret_id = keyed(core, tenant_born(tenant), "order", order);
    return true;
}

bool survey_currency(struct slice word)
{
    bool letters = word.len == 3;

    for (size_t i = 0; letters && i < word.len; i++)
        letters = (word.data[i] >= 'A' && word.data[i] <= 'Z') ||
                  (word.data[i] >= 'a' && word.data[i] <= 'z');
    return letters;
}

/* A tenant that is made again by the same name finds nothing old. */
static struct id seal_of(const struct core *core, const struct tenant *tenant, struct slice text)
{
    char kind[40];

    (void)snprintf(kind, sizeof(kind), "link/%" PRIu64, tenant->created_ms);
    return keyed(core, tenant_born(tenant), kind, text);
}

void survey_link_write(const struct core *core, const struct tenant *tenant,
                       const struct survey_link *link, char ret_text[SURVEY_LINK_BYTES])
{
    char order[ID_TEXT_BYTES], seal[ID_TEXT_BYTES], money[32] = "";
    int len;

    id_format(link->order, order);
    if (link->cents >= 0)
        (void)snprintf(money, sizeof(money), "%" PRId64 "%s", link->cents, link->currency);
    len = snprintf(ret_text, SURVEY_LINK_BYTES, "%s-%" PRIx64 "-%" PRIx64 "-%c%c-%s", order,
                   link->at_s, link->until_s, told_letters[link->told == BUYER_BY_LINK],
                   chatted_letters[link->chatted < 0 ? 2 : link->chatted], money);
    id_format(seal_of(core, tenant, (struct slice){ ret_text, (size_t)len }), seal);
    (void)snprintf(ret_text + len, SURVEY_LINK_BYTES - (size_t)len, "-%s", seal);
}

/* Takes what stands before the next '-' off it. */
static struct slice take(struct slice *rest)
{
    const char *end = memchr(rest->data, '-', rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    struct slice part = { rest->data, len };

    rest->data += len + (end != NULL);
    rest->len -= len + (end != NULL);
    return part;
}

static uint64_t number_of(struct slice digits, int base)
{
    char text[24];

    return slice_copy(digits, text, sizeof(text)) ? strtoull(text, NULL, base) : 0;
}

/* What is sealed was written by us: it needs no more checks than that it cannot go wrong. */
static void read_sealed(struct slice text, struct survey_link *link)
{
    struct slice how, money;
    size_t digits = 0;

    (void)take(&text); /* the order, read already */
    link->at_s = number_of(take(&text), 16);
    link->until_s = number_of(take(&text), 16);
    how = take(&text);
    link->told = how.len == 2 && how.data[0] == 'l' ? BUYER_BY_LINK : BUYER_BY_WIDGET;
    link->chatted = how.len != 2 || how.data[1] == 'u' ? BUYER_UNTOLD : how.data[1] == 'y';
    money = take(&text);
    while (digits < money.len && money.data[digits] >= '0' && money.data[digits] <= '9')
        digits++;
    if (digits > 0 && slice_copy((struct slice){ money.data + digits, money.len - digits },
                                 link->currency, sizeof(link->currency)))
        link->cents = (int64_t)number_of((struct slice){ money.data, digits }, 10);
}

bool survey_link_read(const struct core *core, const struct tenant *tenant, struct slice text,
                      struct survey_link *ret_link)
{
    struct survey_link link = { .chatted = BUYER_UNTOLD, .cents = BUYER_UNTOLD };
    struct slice sealed = { text.data, text.len - ID_TEXT_LEN - 1 };
    struct id told, true_one;

    if (text.len < 2 * ID_TEXT_LEN + 2 || text.len >= SURVEY_LINK_BYTES ||
        sealed.data[sealed.len] != '-' ||
        id_parse((struct slice){ sealed.data + sealed.len + 1, ID_TEXT_LEN }, &told) != 0 ||
        id_parse((struct slice){ text.data, ID_TEXT_LEN }, &link.order) != 0)
        return false;
    true_one = seal_of(core, tenant, sealed);
    if (CRYPTO_memcmp(told.bytes, true_one.bytes, ID_BYTES) != 0)
        return false;
    read_sealed(sealed, &link);
    *ret_link = link;
    return true;
}
