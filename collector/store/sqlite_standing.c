/* Standings: what the last published audit said, for the answers to agents. */
#include "store/sqlite_backend.h"

#include <errno.h>

static const struct query standing_raise = {
    QUERY_STANDING_RAISE, "UPDATE published SET generation = generation + 1, as_of = ?1"};
static const struct query standing_add = {
    QUERY_STANDING_ADD, "INSERT INTO standing(license, reseller, is_confirmed, kinds, since,"
                        " confirms_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
static const struct query standing_generation = {QUERY_STANDING_GENERATION,
                                                 "SELECT generation, as_of FROM published"};

int lite_clear_standings(struct store *store, wall_t as_of)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r == 0)
        r = lite_exec(s, "DELETE FROM standing");
    if (r == 0)
        r = LITE_RUN(s, &standing_raise, INT(as_of.s));
    if (r == 0 && sqlite3_changes(s->db) != 1)
        r = lite_damaged(s, "the number of the last publication is missing");
    return r;
}

int lite_put_standing(struct store *store, const struct store_standing *x)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r < 0)
        return r;
    return LITE_RUN(s, &standing_add, INT(x->license.code), TEXT(x->reseller),
                    INT(x->is_confirmed), INT(x->kinds), INT(x->since.s),
                    x->has_confirms ? INT(x->confirms_at.s) : SQL_NULL);
}

int lite_next_standing(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    struct store_standing x = {
        .reseller = (const char *)sqlite3_column_text(st, 1),
        .since = {sqlite3_column_int64(st, 4)},
        .has_confirms = sqlite3_column_type(st, 5) != SQLITE_NULL,
        .confirms_at = {sqlite3_column_int64(st, 5)},
    };
    r = lite_scan_license(scan, 0, &x.license);
    if (r < 0)
        return r;
    int64_t kinds = sqlite3_column_int64(st, 3);
    if (!x.reseller || kinds < 0 || kinds >= 1 << CHARGE_KIND_COUNT ||
        !lite_read_bool(st, 2, &x.is_confirmed))
        return lite_damaged(scan->store, "what an audit said of a licence");
    x.kinds = (uint8_t)kinds;
    *(struct store_standing *)ret = x;
    return 1;
}

int lite_standing_generation(struct store *store, int64_t *ret, wall_t *ret_as_of)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = lite_use(s, &standing_generation, NULL, 0, &st);
    if (r == 0)
        r = lite_step(s, st);
    if (r <= 0)
        return r == 0 ? lite_damaged(s, "the number of the last publication is missing") : r;
    *ret = sqlite3_column_int64(st, 0);
    *ret_as_of = lite_moment(st, 1, WALL_BEGIN);
    return 0;
}
