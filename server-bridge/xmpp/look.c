/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/look.h"

#include "server-bridge/xmpp/inbound/inbound.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHA1_BYTES = 20, BASE64_MAX_BYTES = PICTURE_MAX_BYTES * 4 / 3 + 8 };

void look_init(struct look *look)
{
    *look = (struct look){ 0 };
    for (size_t i = 0; i < PICTURE_KIND_COUNT; i++)
        buf_init(&look->pictures[i].base64, BASE64_MAX_BYTES);
}

void look_release(struct look *look)
{
    for (size_t i = 0; i < PICTURE_KIND_COUNT; i++)
        buf_release(&look->pictures[i].base64);
    free(look->title);
    free(look->site);
    *look = (struct look){ 0 };
}

static bool hash_of(struct slice file, char hash[LOOK_HASH_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (EVP_Digest(file.data, file.len, digest, &len, EVP_sha1(), NULL) != 1 || len != SHA1_BYTES)
        return false;
    for (size_t i = 0; i < SHA1_BYTES; i++)
        (void)snprintf(hash + 2 * i, 3, "%02x", digest[i]);
    return true;
}

static int draw(struct look_picture *picture, enum picture_kind kind, uint32_t color, char letter)
{
    unsigned char text[BASE64_MAX_BYTES];
    AUTO_BUF file;
    int rc;

    buf_init(&file, PICTURE_MAX_BYTES);
    rc = picture_draw(&file, kind, color, letter);
    if (rc == OK && !hash_of(buf_slice(&file), picture->hash))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc != OK)
        return rc;
    picture->bytes = file.len;
    buf_add(&picture->base64, text,
            (size_t)EVP_EncodeBlock(text, (const unsigned char *)file.data, (int)file.len));
    return buf_failed(&picture->base64) ? RAISE(ERR_NO_MEMORY) : OK;
}

static bool is_redrawn(const struct look *look, const struct look *before)
{
    for (size_t i = 0; i < PICTURE_KIND_COUNT; i++) {
        if (strcmp(look->pictures[i].hash, before->pictures[i].hash) != 0)
            return true;
    }
    return false;
}

int look_set(struct look *look, const struct ipc_link_look *said)
{
    char letter = picture_letter(said->title);
    struct look made, before = *look;
    int rc = OK;

    look_init(&made);
    made.title = slice_dup(said->title);
    made.site = slice_dup(said->site);
    if (made.title == NULL || made.site == NULL)
        rc = RAISE(ERR_NO_MEMORY);
    for (enum picture_kind kind = 0; rc == OK && kind < PICTURE_KIND_COUNT; kind++)
        rc = draw(&made.pictures[kind], kind, (uint32_t)said->color, letter);
    if (rc != OK) {
        look_release(&made);
        return rc;
    }
    *look = made;
    if (is_redrawn(look, &before))
        rc = LOOK_E_REDRAWN;
    look_release(&before);
    return rc;
}

struct slice look_title(const struct look *look)
{
    return look->title == NULL ? SLICE_NONE : slice_of(look->title);
}

const struct look_picture *look_picture(const struct look *look, struct slice local)
{
    return &look->pictures[contact_kind(local) == CONTACT_VISITOR ? PICTURE_VISITOR : PICTURE_DESK];
}
