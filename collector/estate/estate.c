/* An estate as it is read: its birth and end, and who gave which table. */
#include "estate/estate_internal.h"

#include <errno.h>

int estate_new(const struct zone *zone, struct estate **ret)
{
    struct estate *e = calloc(1, sizeof *e);
    if (!e)
        return -ENOMEM;
    e->zone = zone;
    *ret = e;
    return 0;
}

void estate_free(struct estate *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < TABLE_COUNT; i++)
        rows_done(&e->tables[i]);
    rows_done(&e->listing);
    arena_done(&e->arena);
    free(e);
}

int source_names_table(const struct estate_source *src, enum table t)
{
    const char **by = &src->e->named_by[t];
    if (*by)
        return diag_set(src->d, -EBADMSG, "%s:1:1: has the table %s, which %s gave already",
                        src->name, table_info(t)->name, *by);
    *by = src->name;
    return 0;
}

int source_fail(const struct estate_source *src, int r)
{
    if (r == -ERANGE)
        return diag_set(src->d, r, "%s: has more than %d rows in one table", src->name,
                        CAP_ESTATE_ROWS);
    return diag_set(src->d, r, "not enough memory to read %s", src->name);
}
