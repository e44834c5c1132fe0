/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/people/second_factor.h"

#include "base/secret/random.h"

#include <ctype.h>

enum { RECOVERY_LEN = BASE32_LEN(RECOVERY_BYTES), RECOVERY_GROUP = 4 };

/* As people type it: hyphens and spaces or none, either case. False: it cannot be one. */
static bool recovery_read(struct slice text, char plain[RECOVERY_LEN + 1])
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '-' || text.data[i] == ' ')
            continue;
        if (len == RECOVERY_LEN)
            return false;
        plain[len++] = (char)tolower((unsigned char)text.data[i]);
    }
    plain[len] = '\0';
    return len == RECOVERY_LEN;
}

int factor_use(struct core *core, const struct user *user, struct slice code)
{
    char plain[RECOVERY_LEN + 1];
    struct digest hash;
    uint64_t step;
    int rc;

    if (totp_check(user->totp, code, core_clock_ms(), user->totp_step, &step) == 0) {
        rc = directory_totp_used(core->directory, user->name, user->totp_step, step);
    } else if (recovery_read(code, plain)) {
        hash = digest_sha256(slice_of(plain));
        rc = directory_recovery_use(core->directory, user->name, &hash);
    } else {
        return FACTOR_E_WRONG;
    }
    return rc == DIRECTORY_E_NONE ? FACTOR_E_WRONG : FOLD(rc);
}

bool factor_is_required(struct core *core, const struct user *user)
{
    enum factor_wanted wanted = core->factor_wanted;
    struct slice rest = slice_of(user->tenants), word;

    while (slice_next_word(&rest, &word)) {
        const struct live_tenant *tenant = tenants_find(core, word);

        if (tenant != NULL && tenant->factor_wanted > wanted)
            wanted = tenant->factor_wanted;
    }
    return wanted == FACTOR_OF_ALL ||
           (wanted == FACTOR_OF_ADMINS &&
            (user->role == ROLE_ADMIN || user->role == ROLE_TENANT_ADMIN));
}

bool factor_is_missing(struct core *core, const struct user *user)
{
    return user->totp[0] == '\0' && factor_is_required(core, user);
}

struct digest recovery_new(char text[RECOVERY_TEXT_BYTES])
{
    uint8_t bytes[RECOVERY_BYTES];
    char plain[RECOVERY_LEN + 1];
    size_t at = 0;

    random_bytes(bytes, sizeof(bytes));
    base32_encode(bytes, sizeof(bytes), plain);
    for (size_t i = 0; i < RECOVERY_LEN; i++) {
        if (i > 0 && i % RECOVERY_GROUP == 0)
            text[at++] = '-';
        text[at++] = plain[i];
    }
    text[at] = '\0';
    return digest_sha256(slice_of(plain));
}

void factor_uri(const char *user, const char *secret, struct buf *to)
{
    buf_add_text(to, "otpauth://totp/L%C3%A4sn%C3%A4:");
    for (const char *c = user; *c != '\0'; c++) {
        if (*c == '@' || *c == '+')
            buf_addf(to, "%%%02X", (unsigned char)*c);
        else
            buf_add(to, c, 1);
    }
    buf_add_text(to, "?secret=");
    for (const char *c = secret; *c != '\0'; c++)
        buf_add(to, &(const char){ (char)toupper((unsigned char)*c) }, 1);
    buf_add_text(to, "&issuer=L%C3%A4sn%C3%A4&algorithm=SHA1&digits=6&period=30");
}
