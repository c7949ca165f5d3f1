/*
 * A listing joins what is known of the licences: it is one page of one reseller's, so it
 * replaces nothing. A known licence keeps its reseller and dates and gets what the vendor says.
 */
#include "estate/estate_internal.h"

#include <errno.h>

/* The first known entry that is not before this licence. */
static size_t lower_bound(const struct estate_rows *known, license_t license)
{
    size_t low = 0, high = known->n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (known->v[mid].license.license.code < license.code)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Of the licence's entries the one that holds now, else the last; NULL when it is not known. */
static struct estate_row *find_entry(const struct estate_rows *known, license_t license,
                                     wall_t now)
{
    struct estate_row *found = NULL;
    for (size_t i = lower_bound(known, license);
         i < known->n && known->v[i].license.license.code == license.code; i++) {
        found = &known->v[i];
        if (term_holds(found->license.valid, now))
            return found;
    }
    return found;
}

static int check_twice(const struct apply *a)
{
    const struct estate_rows *list = &a->e->listing;
    for (size_t i = 1; i < list->n; i++) {
        const struct estate_row *before = &list->v[i - 1], *row = &list->v[i];
        char text[LICENSE_TEXT_SIZE];
        if (before->license.license.code == row->license.license.code)
            return apply_refuse(a, row, "licence %s is listed in line %zu of %s already",
                                license_format(row->license.license, text), before->at.line,
                                before->at.file);
    }
    return 0;
}

static int add_unknown(struct apply *a, const struct estate_row *row)
{
    char text[LICENSE_TEXT_SIZE];
    if (!row->license.reseller)
        return apply_refuse(a, row,
                            "licence %s is not in the estate, and a listing does not say whose "
                            "it is: give --reseller ID with the listing, or import the licence "
                            "with the estate first",
                            license_format(row->license.license, text));
    return rows_add(&a->licenses, row);
}

/* What the vendor does not say stays as it was. */
static void update(struct estate_row *entry, const struct estate_row *listed)
{
    if (!listed->is_binding_unknown)
        entry->license.binding = listed->license.binding;
    if (listed->license.product[0])
        entry->license.product = listed->license.product;
}

int listing_merge(struct apply *a)
{
    const struct estate *e = a->e;
    int r = check_twice(a);
    if (r == 0 && !e->named_by[TABLE_LICENSES])
        r = rows_load(&a->licenses, TABLE_LICENSES, a->s, &a->arena, a->d);
    const struct estate_rows *named = &e->tables[TABLE_LICENSES];
    for (size_t i = 0; r == 0 && i < named->n; i++)
        r = rows_add(&a->licenses, &named->v[i]);
    /* New ones go behind the known ones, which stay in order until all are looked up. */
    size_t n_known = a->licenses.n;
    for (size_t i = 0; r == 0 && i < e->listing.n; i++) {
        const struct estate_row *row = &e->listing.v[i];
        const struct estate_rows known = {.v = a->licenses.v, .n = n_known};
        struct estate_row *entry = find_entry(&known, row->license.license, a->now);
        if (!entry) {
            r = add_unknown(a, row);
            continue;
        }
        update(entry, row);
    }
    if (r == 0)
        rows_sort(&a->licenses, TABLE_LICENSES);
    return r;
}
