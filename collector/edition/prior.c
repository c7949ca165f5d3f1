/* What a reader was last told, in the order in which findings come. */
#include "edition/edition_parts.h"
#include <string.h>

int prior_open(struct prior *p, struct store *s, const struct store_reader *reader)
{
    *p = (struct prior){.scan = NULL};
    int r = store_scan_said(s, reader, &p->scan);

    return r < 0 ? r : prior_next(p);
}

int prior_next(struct prior *p)
{
    int r;

    /* A kind that a newer version told of is no news to this one. */
    do
        r = p->scan ? store_next_said(p->scan, &p->row) : 0;
    while (r > 0 && p->row.kind >= FINDING_KIND_COUNT);
    p->has_row = r > 0;
    return r < 0 ? r : 0;
}

void prior_close(struct prior *p)
{
    store_scan_end(p->scan);
    *p = (struct prior){.scan = NULL};
}

void prior_keep(struct prior_rows *rows, const struct store_said *x)
{
    if (rows->n == ARRAY_LEN(rows->v)) {
        memmove(rows->v, rows->v + 1, (rows->n - 1) * sizeof(rows->v[0]));
        rows->n--;
    }
    rows->v[rows->n++] = (struct prior_row){
        .period = x->period,
        .state = (enum finding_state)x->state,
        .quantity = x->quantity,
        .goes_on = x->goes_on,
        .is_reminded = x->is_reminded,
        .confirms_at = x->confirms_at,
    };
}
