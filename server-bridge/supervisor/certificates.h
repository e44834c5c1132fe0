/* SPDX-License-Identifier: Apache-2.0
 *
 * certificates — reads what [web] certificate, private_key and certificates name, for web, which
 * opens no files. Nothing is understood here: web tells what is wrong with what it was given.
 */
#ifndef SERVER_BRIDGE_SUPERVISOR_CERTIFICATES_H
#define SERVER_BRIDGE_SUPERVISOR_CERTIFICATES_H

#include "base/result.h"

#include <stdbool.h>
#include <stdint.h>

struct settings;

/* All of them as they are now, each an IPC certificate message, in a file that lives in memory
 * alone and can be changed by nobody any more. What cannot be read is among them, with the reason;
 * where the folder itself cannot, nobody knows what is in it, and it is not the whole. ERR_IO,
 * ERR_NO_MEMORY. */
int certificates_gather(const struct settings *settings, int *ret_fd, uint64_t *ret_bytes,
                        bool *ret_whole) MUST_CHECK;

#endif
