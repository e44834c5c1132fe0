/* SPDX-License-Identifier: Apache-2.0
 *
 * bytes — numbers and marks out of a file that a stranger made. The caller asks first whether so
 * many bytes are there (bytes_has); nothing beyond the end is ever looked at.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/slice.h"

#include <stdint.h>

static inline bool bytes_has(struct slice bytes, size_t at, size_t count)
{
    return at <= bytes.len && count <= bytes.len - at;
}

static inline uint32_t byte_at(struct slice bytes, size_t at)
{
    return (uint8_t)bytes.data[at];
}

static inline uint32_t big16(struct slice bytes, size_t at)
{
    return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

static inline uint32_t big32(struct slice bytes, size_t at)
{
    return big16(bytes, at) << 16 | big16(bytes, at + 2);
}

static inline uint32_t little16(struct slice bytes, size_t at)
{
    return byte_at(bytes, at) | byte_at(bytes, at + 1) << 8;
}

static inline uint32_t little24(struct slice bytes, size_t at)
{
    return little16(bytes, at) | byte_at(bytes, at + 2) << 16;
}

static inline uint32_t little32(struct slice bytes, size_t at)
{
    return little16(bytes, at) | little16(bytes, at + 2) << 16;
}

static inline bool stands_at(struct slice bytes, size_t at, const char *mark, size_t len)
{
    return bytes_has(bytes, at, len) && memcmp(bytes.data + at, mark, len) == 0;
}
#define STANDS_AT(bytes, at, literal) stands_at((bytes), (at), (literal), sizeof(literal) - 1)

#endif
