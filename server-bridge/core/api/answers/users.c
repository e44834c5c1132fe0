/* SPDX-License-Identifier: Apache-2.0
 *
 * What is answered about console users: who they are, where they are logged in, how they log in.
 */
#include "server-bridge/core/api/answers/answers.h"

#define USER_ROLES "admin|tenant-admin|supervisor|analyst"

/* clang-format off */
static const struct member user_members[] = {
    TEXT("user",             ALWAYS,  "The name."),
    WORD("role",             ALWAYS,  USER_ROLES, "What they may."),
    TEXT("tenants",          LIST | OR_NULL, "What they may see, as far as whoever asks sees it, too; null: all."),
    FLAG("changeable",       ALWAYS,  "Whether whoever asks may change them."),
    WORD("state",            ALWAYS,  "active|invited|disabled", "invited: they have no password yet."),
    FLAG("second_factor",    ALWAYS,  "Whether they log in with a code, too."),
    COUNT("recovery_codes",  ALWAYS,  "How many of them are left."),
    TIME("created_at",       OR_NULL, "When they were added."),
    TIME("seen_at",          OR_NULL, "When they last asked for something."),
    TIME("invited_until",    OR_NULL, "Until when an invitation holds; null: there is none."),
    NO_MORE,
};
static SHAPE(user, "User", NULL);

static const struct member invitation_members[] = {
    TEXT("token",            ALWAYS,  "Chooses the password of that user, once."),
    TEXT("url",              OR_NULL, "What a browser opens; null until [web] origins says where the service is reached."),
    TIME("expires_at",       OR_NULL, "Until when."),
    NO_MORE,
};
static SHAPE(invitation, "Invitation", NULL);

static const struct member user_invited_members[] = {
    OBJECT("invitation",     MAYBE | OR_NULL, invitation_shape, "In this answer and in no other; absent where a password was given."),
    NO_MORE,
};
static SHAPE(user_invited, "UserInvited", &user_shape);

static const struct member user_changed_members[] = {
    FLAG("invitation_ended", ALWAYS,  "Whether an open invitation ended by it: it gave more than that was made for."),
    NO_MORE,
};
static SHAPE(user_changed, "UserChanged", &user_shape);

static const struct member user_session_members[] = {
    TEXT("id",               ALWAYS,  "Names it; opens nothing."),
    TIME("created_at",       OR_NULL, "When they logged in."),
    TIME("used_at",          OR_NULL, "When it was last used."),
    TIME("expires_at",       OR_NULL, "Until when it holds at most."),
    NO_MORE,
};
static SHAPE(user_session, "UserSession", NULL);

static const struct member caller_members[] = {
    TEXT("who",              ALWAYS,  "As the audit calls them: operator, user:NAME, token:ID."),
    WORD("role",             ALWAYS,  "coder|analyst|supervisor|tenant-admin|admin|operator", "What they may."),
    TEXT("user",             OR_NULL, "The console user; null: a token, or the operator."),
    TEXT("session",          OR_NULL, "Which of the user's."),
    FLAG("second_factor_wanted", ALWAYS, "Whether nothing is open to them until they set one up."),
    TEXT("tenants",          LIST | OR_NULL, "What they may see; null: all."),
    NO_MORE,
};
static SHAPE(caller, "Caller", NULL);

static const struct member begun_members[] = {
    TIME("expires_at",       OR_NULL, "Until when the session holds at most."),
    FLAG("second_factor",    ALWAYS,  "Whether the user has one."),
    TEXT("token",            MAYBE,   "For Authorization: Bearer, where \"bearer\" was asked; else a cookie is set."),
    NO_MORE,
};
static SHAPE(begun, "SessionBegun", &caller_shape);

static const struct member chosen_members[] = {
    TEXT("user",             ALWAYS,  "Whose password it is now."),
    NO_MORE,
};
static SHAPE(chosen, "PasswordChosen", NULL);

static const struct member invited_members[] = {
    TEXT("user",             ALWAYS,  "Whom it is for."),
    WORD("role",             ALWAYS,  USER_ROLES, "What they may."),
    FLAG("second_factor",    ALWAYS,  "Whether they have one."),
    TIME("expires_at",       OR_NULL, "Until when it holds."),
    NO_MORE,
};
static SHAPE(invited, "Invited", NULL);

static const struct member totp_members[] = {
    TEXT("secret",           ALWAYS,  "For an authenticator app, in base32: in this answer and in no other."),
    TEXT("uri",              ALWAYS,  "The same as otpauth://, for a QR code."),
    NO_MORE,
};
static SHAPE(totp, "SecondFactor", NULL);

static const struct member codes_members[] = {
    TEXT("recovery_codes",   LIST,    "Each lets in once where the app is lost: in this answer and in no other."),
    NO_MORE,
};
static SHAPE(codes, "RecoveryCodes", NULL);
/* clang-format on */

ANSWER(users_list, .status = 200, .items = &user_shape);
ANSWER(user_add, .status = 201, .shape = &user_invited_shape,
       .refusals = "400 bad_password, 404 not_found, 409 user_exists, 409 too_many, 503 too_busy");
ANSWER(user_show, .status = 200, .shape = &user_shape);
ANSWER(user_change, .status = 200, .shape = &user_changed_shape,
       .refusals = "403 shared_user, 409 last_admin, 409 too_many");
ANSWER(user_remove, .status = 204, .refusals = "403 shared_user, 409 last_admin");
ANSWER(user_reset, .status = 200, .shape = &user_invited_shape,
       .refusals = "403 shared_user, 409 last_admin");
ANSWER(user_sessions, .status = 200, .items = &user_session_shape);
ANSWER(user_sessions_end, .status = 204, .refusals = "403 shared_user");
ANSWER(session_begin, .status = 200, .shape = &begun_shape,
       .refusals = "401 bad_credentials, 403 code_wanted, 503 too_busy");
ANSWER(session_show, .status = 200, .shape = &caller_shape);
ANSWER(session_end, .status = 204, .refusals = "409 no_session");
ANSWER(session_invitation, .status = 200, .shape = &chosen_shape,
       .refusals = "400 bad_password, 401 bad_invitation, 503 too_busy");
ANSWER(session_invitation_show, .status = 200, .shape = &invited_shape,
       .refusals = "401 bad_invitation");
ANSWER(session_password, .status = 200, .shape = &begun_shape,
       .refusals = "400 bad_password, 403 wrong_password, 409 no_session, "
                   "503 too_busy");
ANSWER(totp_begin, .status = 200, .shape = &totp_shape,
       .refusals = "403 wrong_password, 409 no_session, 409 second_factor_exists, "
                   "503 too_busy");
ANSWER(totp_prove, .status = 200, .shape = &codes_shape,
       .refusals = "403 wrong_code, 409 no_session, 409 second_factor_exists, "
                   "409 nothing_to_prove");
ANSWER(totp_remove, .status = 204, .refusals = "403 wrong_code, 409 no_session");
