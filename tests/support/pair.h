/* SPDX-License-Identifier: Apache-2.0
 *
 * pair — a key and its certificate for tests, as text in PEM.
 */
#ifndef TESTS_SUPPORT_PAIR_H
#define TESTS_SUPPORT_PAIR_H

struct pair {
    char key[4096], certificate[24 * 1024];
};

/* Good for these hosts (separated by commas) and so many days; signed by itself. */
void pair_make(struct pair *pair, const char *hosts, int days);
/* The same with a key that is too short to be served. */
void pair_make_weak(struct pair *pair, const char *hosts);
/* The same, not valid before so many seconds from now. */
void pair_make_later(struct pair *pair, const char *hosts, long from_s, int days);
/* The same, signed by another. */
void pair_make_signed(struct pair *pair, const char *hosts, int days, const struct pair *by);

#endif
