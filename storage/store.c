/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store.h"

struct store *store_free(struct store *store)
{
    if (store != NULL)
        store->ops->close(store);
    return NULL;
}
