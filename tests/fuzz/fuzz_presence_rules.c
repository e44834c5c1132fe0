/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule file. What is refused says where; what is accepted can be run, examples and all.
 */
#include "presence/coder/rules.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    AUTO(presence_rules) rules = NULL;
    AUTO_BUF problems;
    int rc;

    buf_init(&problems, 1 << 22);
    rc = rules_from_text(&rules, "en", (struct slice){ (const char *)input, len }, &problems);
    if (rc == ERR_CONFIG)
        MUST(rules == NULL && problems.len > 0);
    if (rc == OK)
        (void)presence_rules_check(rules, &problems);
    return 0;
}
