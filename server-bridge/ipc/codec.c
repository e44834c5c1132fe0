/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/ipc/codec.h"

#include <assert.h>
#include <endian.h>
#include <stddef.h>

enum field_kind { KIND_ID, KIND_NUM, KIND_FLAG, KIND_TEXT };

struct field {
    enum field_kind kind;
    size_t max;
};

struct type {
    const char *name;
    uint16_t number;
    unsigned from, to; /* masks of enum ipc_role */
    size_t field_count;
    const struct field *fields;
};

#define FIELD_ROW(kind, name, max) { KIND_##kind, max },
#define FIELD_TABLE(name, number, from, to) \
    static const struct field fields_##name[] = { IPC_FIELDS_##name(FIELD_ROW) };
IPC_MESSAGES(FIELD_TABLE)

#define TYPE_ROW(name, number, from, to) \
    { #name, number, from, to, sizeof(fields_##name) / sizeof(fields_##name[0]), fields_##name },
static const struct type types[IPC_TYPE_COUNT] = { IPC_MESSAGES(TYPE_ROW) };

/* Structs are laid out by the compiler in the order of their fields, so walking the fields
 * with these sizes and alignments visits each member: the table needs no offsets. */
static const struct {
    size_t size, align;
} kinds[] = {
    [KIND_ID] = { sizeof(struct id), _Alignof(struct id) },
    [KIND_NUM] = { sizeof(uint64_t), _Alignof(uint64_t) },
    [KIND_FLAG] = { sizeof(bool), _Alignof(bool) },
    [KIND_TEXT] = { sizeof(struct slice), _Alignof(struct slice) },
};

/* The offset of the next member of this kind; moves *at behind it. */
static size_t member_at(enum field_kind kind, size_t *at)
{
    size_t offset = (*at + kinds[kind].align - 1) / kinds[kind].align * kinds[kind].align;

    *at = offset + kinds[kind].size;
    return offset;
}

const char *ipc_type_name(enum ipc_type type)
{
    return type < IPC_TYPE_COUNT ? types[type].name : "unknown";
}

bool ipc_may_pass(enum ipc_type type, enum ipc_role from, enum ipc_role to)
{
    return (types[type].from & from) != 0 && (types[type].to & to) != 0;
}

size_t ipc_size(enum ipc_type type, const void *message)
{
    const struct type *t = &types[type];
    size_t at = 0, total = IPC_HEADER_BYTES;

    for (size_t i = 0; i < t->field_count; i++) {
        const uint8_t *member = (const uint8_t *)message + member_at(t->fields[i].kind, &at);

        switch (t->fields[i].kind) {
        case KIND_ID:
            total += ID_BYTES;
            break;
        case KIND_NUM:
            total += 8;
            break;
        case KIND_FLAG:
            total += 1;
            break;
        case KIND_TEXT: {
            struct slice text;

            memcpy(&text, member, sizeof(text));
            if (text.len > t->fields[i].max)
                return 0;
            total += 4 + text.len;
            break;
        }
        }
    }
    return total;
}

static uint8_t *put_u32(uint8_t *to, uint32_t value)
{
    value = htole32(value);
    memcpy(to, &value, sizeof(value));
    return to + sizeof(value);
}

static uint8_t *put_u64(uint8_t *to, uint64_t value)
{
    value = htole64(value);
    memcpy(to, &value, sizeof(value));
    return to + sizeof(value);
}

static uint8_t *put_field(uint8_t *to, enum field_kind kind, const uint8_t *member)
{
    uint64_t number;
    struct slice text;

    switch (kind) {
    case KIND_ID:
        memcpy(to, member, ID_BYTES);
        return to + ID_BYTES;
    case KIND_NUM:
        memcpy(&number, member, sizeof(number));
        return put_u64(to, number);
    case KIND_FLAG:
        *to = *(const bool *)member ? 1 : 0;
        return to + 1;
    case KIND_TEXT:
        memcpy(&text, member, sizeof(text));
        to = put_u32(to, (uint32_t)text.len);
        if (text.len > 0)
            memcpy(to, text.data, text.len);
        return to + text.len;
    }
    return to;
}

void ipc_encode(enum ipc_type type, const void *message, uint8_t *to)
{
    const struct type *t = &types[type];
    uint8_t *start = to;
    uint16_t number = htole16(t->number);
    size_t at = 0;

    to = put_u32(to, 0);
    *to++ = IPC_VERSION;
    *to++ = 0;
    memcpy(to, &number, sizeof(number));
    to += sizeof(number);
    for (size_t i = 0; i < t->field_count; i++)
        to = put_field(to, t->fields[i].kind,
                       (const uint8_t *)message + member_at(t->fields[i].kind, &at));
    (void)put_u32(start, (uint32_t)(to - start - 4));
}

int ipc_peek(const uint8_t *bytes, size_t len, size_t *ret_bytes)
{
    uint32_t length;

    *ret_bytes = 0;
    if (len < 4)
        return OK;
    memcpy(&length, bytes, sizeof(length));
    length = le32toh(length);
    if (length < IPC_HEADER_BYTES - 4 || length > IPC_MESSAGE_MAX - 4)
        return RAISE(ERR_CORRUPT);
    *ret_bytes = (size_t)length + 4;
    return OK;
}

/* What is left of a message being taken apart. */
struct reader {
    const uint8_t *at;
    size_t left;
};

static bool take(struct reader *reader, void *to, size_t len)
{
    if (reader->left < len)
        return false;
    memcpy(to, reader->at, len);
    reader->at += len;
    reader->left -= len;
    return true;
}

static bool take_text(struct reader *reader, size_t max, uint8_t *member)
{
    struct slice text;
    uint32_t len;

    if (!take(reader, &len, sizeof(len)))
        return false;
    text.len = le32toh(len);
    if (text.len > max || text.len > reader->left)
        return false;
    text.data = (const char *)reader->at;
    reader->at += text.len;
    reader->left -= text.len;
    memcpy(member, &text, sizeof(text));
    return true;
}

static bool take_field(struct reader *reader, const struct field *field, uint8_t *member)
{
    uint64_t number;
    uint8_t flag;

    switch (field->kind) {
    case KIND_ID:
        return take(reader, member, ID_BYTES);
    case KIND_NUM:
        if (!take(reader, &number, sizeof(number)))
            return false;
        number = le64toh(number);
        memcpy(member, &number, sizeof(number));
        return true;
    case KIND_FLAG:
        if (!take(reader, &flag, 1) || flag > 1)
            return false;
        *(bool *)member = flag == 1;
        return true;
    case KIND_TEXT:
        return take_text(reader, field->max, member);
    }
    return false;
}

/* A number's place in the table, from 1; 0: no such message. */
#define PLACE(name, number, from, to) [number] = IPC_##name + 1,
static const uint8_t places[] = { IPC_MESSAGES(PLACE) };

static const struct type *type_by_number(uint16_t number)
{
    if (number >= sizeof(places) || places[number] == 0)
        return NULL;
    return &types[places[number] - 1];
}

int ipc_decode(const uint8_t *bytes, size_t len, enum ipc_type *ret_type,
               union ipc_message *ret_message)
{
    struct reader reader = { bytes + IPC_HEADER_BYTES, len - IPC_HEADER_BYTES };
    union ipc_message message;
    const struct type *t;
    uint16_t number;
    size_t at = 0;

    if (len < IPC_HEADER_BYTES || bytes[4] != IPC_VERSION || bytes[5] != 0)
        return RAISE(ERR_CORRUPT);
    memcpy(&number, bytes + 6, sizeof(number));
    t = type_by_number(le16toh(number));
    if (t == NULL)
        return RAISE(ERR_CORRUPT);
    for (size_t i = 0; i < t->field_count; i++) {
        if (!take_field(&reader, &t->fields[i],
                        (uint8_t *)&message + member_at(t->fields[i].kind, &at)))
            return RAISE(ERR_CORRUPT);
    }
    if (reader.left != 0)
        return RAISE(ERR_CORRUPT);
    *ret_type = (enum ipc_type)(t - types);
    *ret_message = message;
    return OK;
}
