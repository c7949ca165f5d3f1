/* One scan into one array; resellers are kept once, and rows name them by number. */
#include "ingest/standings.h"
#include "base/grow.h"
#include <errno.h>
#include <string.h>

struct row {
    license_t license;
    wall_t since, confirms_at;
    uint32_t reseller; /* an index of names */
    uint8_t kinds;
    bool is_confirmed, has_confirms;
};
static_assert(sizeof(struct row) == 32, "what the header says that a licence costs");

struct standings {
    int64_t generation;
    struct row *rows; /* by licence, then the reseller's name */
    size_t n, cap;
    char **names; /* of resellers, in the order in which they were met */
    size_t n_names, cap_names;
    uint32_t *order; /* the same by name, for the time of loading */
    size_t cap_order;
};

void standings_free(struct standings *x)
{
    if (!x)
        return;
    for (size_t i = 0; i < x->n_names; i++)
        free(x->names[i]);
    free(x->names);
    free(x->order);
    free(x->rows);
    free(x);
}

int64_t standings_generation(const struct standings *x)
{
    return x->generation;
}

/* ---- Loading --------------------------------------------------------------------------- */

/* The first place in `order` whose name is not before `name`. */
static size_t name_place(const struct standings *x, const char *name)
{
    size_t low = 0, high = x->n_names;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(x->names[x->order[middle]], name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The number of a reseller, who is taken up where he is new. */
static int name_number(struct standings *x, const char *name, uint32_t *ret)
{
    size_t place = name_place(x, name);

    if (place < x->n_names && strcmp(x->names[x->order[place]], name) == 0) {
        *ret = x->order[place];
        return 0;
    }
    int r = grow(&x->names, &x->cap_names, x->n_names + 1, sizeof(*x->names), CAP_STANDINGS);
    if (r >= 0)
        r = grow(&x->order, &x->cap_order, x->n_names + 1, sizeof(*x->order), CAP_STANDINGS);
    if (r < 0)
        return r;
    char *copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    memmove(x->order + place + 1, x->order + place, (x->n_names - place) * sizeof(*x->order));
    *ret = x->order[place] = (uint32_t)x->n_names;
    x->names[x->n_names++] = copy;
    return 0;
}

static int add_row(struct standings *x, const struct store_standing *s)
{
    struct row row = {
        .license = s->license,
        .since = s->since,
        .confirms_at = s->confirms_at,
        .kinds = s->kinds,
        .is_confirmed = s->is_confirmed,
        .has_confirms = s->has_confirms,
    };
    int r = name_number(x, s->reseller, &row.reseller);

    if (r >= 0)
        r = grow(&x->rows, &x->cap, x->n + 1, sizeof(*x->rows), CAP_STANDINGS);
    if (r >= 0)
        x->rows[x->n++] = row;
    return r;
}

/* Gives back what only loading needed. */
static void shrink(struct standings *x)
{
    free(x->order);
    x->order = NULL;
    x->cap_order = 0;
    if (x->n == 0)
        return;
    struct row *rows = realloc(x->rows, x->n * sizeof(*x->rows));
    if (rows) {
        x->rows = rows;
        x->cap = x->n;
    }
}

static int load_rows(struct store *s, struct standings *x)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_standing row;
    wall_t as_of;
    int r = store_standing_generation(s, &x->generation, &as_of);

    if (r >= 0)
        r = store_scan_standings(s, &scan);
    while (r >= 0 && (r = store_next_standing(scan, &row)) > 0)
        r = add_row(x, &row);
    return r;
}

int standings_load(struct store *s, struct standings **ret)
{
    AUTO(standings) struct standings *x = calloc(1, sizeof(*x));

    if (!x)
        return -ENOMEM;
    int r = store_snapshot(s);
    if (r < 0)
        return r;
    r = load_rows(s, x);
    store_snapshot_end(s);
    if (r < 0)
        return r;
    shrink(x);
    *ret = STEAL(x);
    return 0;
}

/* ---- Looking up ------------------------------------------------------------------------ */

static int row_order(const struct standings *x, const struct row *row, license_t license,
                     const char *reseller)
{
    if (row->license.code != license.code)
        return row->license.code < license.code ? -1 : 1;
    return strcmp(x->names[row->reseller], reseller);
}

bool standings_find(const struct standings *x, license_t license, const char *reseller,
                    struct standing *ret)
{
    size_t low = 0, high = x->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct row *row = &x->rows[middle];
        int order = row_order(x, row, license, reseller);
        if (order == 0) {
            *ret = (struct standing){row->is_confirmed, row->kinds, row->since,
                                     row->has_confirms, row->confirms_at};
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
