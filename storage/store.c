/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/store.h"

struct store *store_free(struct store *store)
{
    if (store != NULL)
        store->ops->close(store);
    return NULL;
}

void store_view_close(struct store *store, struct store *view)
{
    if (view != NULL && view != store)
        view->ops->close(view);
}
