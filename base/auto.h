/* SPDX-License-Identifier: Apache-2.0
 *
 * auto — ownership at a glance: AUTO(thing) frees its thing when the block ends.
 *
 *     AUTO(conversation) conv = NULL;   // conversation_free(conv) at the end of the block
 *
 * Give a thing away by setting the variable to NULL once the new owner has it.
 */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stdlib.h>
#include <unistd.h>

/* After the declaration of `struct x *x_free(struct x *)`, which must accept NULL. */
#define DEFINE_AUTO(type)                                      \
    static inline void type##_auto_free(struct type **pointer) \
    {                                                          \
        if (*pointer != NULL)                                  \
            type##_free(*pointer);                             \
    }

#define AUTO(type) __attribute__((cleanup(type##_auto_free))) struct type *

/* A malloc'ed pointer of any plain type: AUTO_MEM char *name = strdup(x); */
static inline void auto_mem_free(void *pointer)
{
    free(*(void **)pointer);
}
#define AUTO_MEM __attribute__((cleanup(auto_mem_free)))

/* A descriptor; -1 is none. */
static inline void auto_fd_close(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}
#define AUTO_FD __attribute__((cleanup(auto_fd_close))) int

#endif
