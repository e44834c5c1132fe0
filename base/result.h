/* SPDX-License-Identifier: Apache-2.0
 *
 * result — what functions return.
 *
 *    0   done
 *   >0   an expected outcome, named in that function's own header: deal with it there
 *   <0   a failure nobody below could deal with (ERR_*): pass it up unchanged
 *
 * RAISE starts a failure, TRACE passes one on, FOLD turns an outcome that cannot happen
 * here into ERR_BUG. All three leave a debug-level trail of file and line; the failure
 * itself is logged once, by the layer that gives up.
 */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum result {
    OK = 0,
    ERR_NO_MEMORY = -1, /* allocation failed, or a bounded thing is full */
    ERR_IO = -2,        /* the operating system or a library refused */
    ERR_CORRUPT = -3,   /* stored or received data breaks its own rules */
    ERR_CONFIG = -4,    /* a setting is missing or wrong; already explained to the user */
    ERR_LIMIT = -5,     /* larger, deeper or more than we accept */
    ERR_CLOSED = -6,    /* the other side is gone */
    ERR_BUG = -7,       /* our own mistake */
};

/* The name of a failure for logs: "io", "corrupt" …. Never NULL. */
const char *result_name(int rc);

#ifdef __clang_analyzer__ /* which sees one file at a time, and not that these return rc */
#define RAISE(rc) (rc)
#define TRACE(rc) (rc)
#else
#define RAISE(rc) result_trail((rc), "raise", __FILE__, __LINE__)
#define TRACE(rc) result_trail((rc), "trace", __FILE__, __LINE__)
#endif
#define FOLD(rc) result_fold((rc), __FILE__, __LINE__)

int result_trail(int rc, const char *what, const char *file, int line);
int result_fold(int rc, const char *file, int line);

#endif
