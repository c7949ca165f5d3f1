/* Resellers, networks and tariffs, read once a run. */
#include "run/book.h"
#include "base/grow.h"
#include <errno.h>
#include <string.h>

void book_done(struct book *b)
{
    arena_done(&b->arena);
    *b = (struct book){0};
}

static int keep_text(struct book *b, const char **text)
{
    if (!*text)
        return 0;
    *text = arena_text(&b->arena, text_of(*text));
    return *text ? 0 : -ENOMEM;
}

static int keep_reseller(struct book *b, struct estate_reseller *row)
{
    int r = keep_text(b, &row->id);

    if (r >= 0)
        r = keep_text(b, &row->name);
    if (r >= 0)
        r = keep_text(b, &row->manager);
    return r < 0 ? r : keep_text(b, &row->email);
}

/* Moves a grown array into the arena, so that the book is given back in one piece. */
static void *keep_array(struct book *b, const void *v, size_t n, size_t elem)
{
    void *kept = arena_array(&b->arena, n + 1, elem);

    if (kept && n > 0)
        memcpy(kept, v, n * elem);
    return kept;
}

static int load_resellers(struct book *b, struct store *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO_FREE struct estate_reseller *v = NULL;
    size_t n = 0, cap = 0;
    struct estate_reseller row;
    int r = store_scan_resellers(s, &scan);

    while (r >= 0 && (r = store_next_reseller(scan, &row)) > 0) {
        r = keep_reseller(b, &row);
        if (r >= 0)
            r = grow(&v, &cap, n + 1, sizeof(*v), SIZE_MAX);
        if (r >= 0)
            v[n++] = row;
    }
    if (r < 0)
        return r;
    b->n_resellers = n;
    b->facts = keep_array(b, v, n, sizeof(*v));
    b->resellers = arena_array(&b->arena, n + 1, sizeof(*b->resellers));
    if (!b->facts || !b->resellers)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++)
        b->resellers[i] = (struct audit_reseller){.id = v[i].id, .is_trial = v[i].is_trial};
    return 0;
}

static size_t find(const struct book *b, const char *id)
{
    size_t low = 0, high = b->n_resellers;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(b->resellers[middle].id, id);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

const struct audit_reseller *book_reseller(const struct book *b, const char *id)
{
    size_t i = find(b, id);
    return i == SIZE_MAX ? NULL : &b->resellers[i];
}

const struct estate_reseller *book_facts(const struct book *b, const char *id)
{
    size_t i = find(b, id);
    return i == SIZE_MAX ? NULL : &b->facts[i];
}

/* The networks come by reseller: each gets its run of the one array. */
static int load_networks(struct book *b, struct store *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO_FREE struct estate_network *v = NULL;
    size_t n = 0, cap = 0;
    struct estate_network row;
    int r = store_scan_networks(s, &scan);

    while (r >= 0 && (r = store_next_network(scan, &row)) > 0) {
        size_t owner = find(b, row.reseller);
        if (owner == SIZE_MAX)
            continue;
        row.reseller = b->resellers[owner].id;
        r = grow(&v, &cap, n + 1, sizeof(*v), SIZE_MAX);
        if (r >= 0)
            v[n++] = row;
    }
    if (r < 0)
        return r;
    struct estate_network *kept = keep_array(b, v, n, sizeof(*v));
    if (!kept)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct audit_reseller *owner = &b->resellers[find(b, kept[i].reseller)];
        if (owner->n_networks++ == 0)
            owner->networks = &kept[i];
    }
    return 0;
}

static int load_tariffs(struct book *b, struct store *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO_FREE struct estate_tariff *v = NULL;
    size_t n = 0, cap = 0;
    struct estate_tariff row;
    int r = store_scan_tariffs(s, &scan);

    while (r >= 0 && (r = store_next_tariff(scan, &row)) > 0) {
        r = keep_text(b, &row.reseller);
        if (r >= 0)
            r = grow(&v, &cap, n + 1, sizeof(*v), SIZE_MAX);
        if (r >= 0)
            v[n++] = row;
    }
    if (r < 0)
        return r;
    b->n_tariffs = n;
    b->tariffs = keep_array(b, v, n, sizeof(*v));
    return b->tariffs ? 0 : -ENOMEM;
}

int book_load(struct book *b, struct store *s)
{
    struct book fresh = {0};
    int r = load_resellers(&fresh, s);

    if (r >= 0)
        r = load_networks(&fresh, s);
    if (r >= 0)
        r = load_tariffs(&fresh, s);
    if (r < 0) {
        book_done(&fresh);
        return r;
    }
    *b = fresh;
    return 0;
}
