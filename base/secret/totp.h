/* SPDX-License-Identifier: Apache-2.0
 *
 * totp — the six digits of an authenticator app (RFC 6238: HMAC-SHA1 of the half minutes since
 * 1970). Arithmetic alone: whoever asks says what time it is, and remembers the step that was
 * used, for a code counts once.
 */
#ifndef BASE_TOTP_H
#define BASE_TOTP_H

#include "base/format/base32.h"

enum {
    TOTP_SECRET_BYTES = 20,
    TOTP_SECRET_TEXT_BYTES = BASE32_LEN(TOTP_SECRET_BYTES) + 1,
    TOTP_DIGITS = 6,
    TOTP_STEP_MS = 30000,
    TOTP_SLACK_STEPS = 1, /* a clock may be that much off, either way */
    TOTP_BACK_STEPS = 10  /* a used step that much ahead: our clock was wrong then, and set back */
};

/* A new secret in base32, as apps take it. */
void totp_secret_new(char text[TOTP_SECRET_TEXT_BYTES]);
/* The code of a step, of so many digits (6 to 8). */
uint32_t totp_code(struct slice secret, uint64_t step, unsigned digits);

/* 0: the code is that of now, or of a step beside it, and later than `used_step`; *ret_step is
 * what to remember. 1: it is not. `secret`: the text. A step that is far from having come tells
 * nothing: else nobody could log in until the time a wrong clock showed. */
int totp_check(const char *secret, struct slice code, uint64_t now_ms, uint64_t used_step,
               uint64_t *ret_step);

#endif
