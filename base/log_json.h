/* SPDX-License-Identifier: Apache-2.0
 *
 * log_json — a line of logfmt as one JSON object, for those who collect logs by machine. All
 * values are strings: what they mean is known by their key.
 */
#ifndef BASE_LOG_JSON_H
#define BASE_LOG_JSON_H

#include <stddef.h>

/* Writes `line` (key=value pairs, values with blanks in quotes, and quotes among them as they are)
 * as a JSON object of at most `size` bytes, cut between two pairs where it would be longer. Returns
 * its length; it is not terminated. `size` must have room for "{}". */
size_t log_json(const char *line, size_t len, char *to, size_t size);

#endif
