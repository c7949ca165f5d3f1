/* The estate's tables: emptied, filled, read. */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

/* ---- Writing ------------------------------------------------------------------------- */

int lite_clear_table(struct store *store, enum estate_table t)
{
    static const char *const tables[] = {
        [ESTATE_MANAGERS] = "DELETE FROM manager",
        [ESTATE_RESELLERS] = "DELETE FROM reseller; DELETE FROM network",
        [ESTATE_LICENSES] = "DELETE FROM license_entry",
        [ESTATE_DOMAINS] = "DELETE FROM domain_entry",
        [ESTATE_SERVERS] = "DELETE FROM server_entry",
        [ESTATE_MOVES] = "DELETE FROM move",
        [ESTATE_TARIFFS] = "DELETE FROM tariff",
    };
    static_assert(ARRAY_LEN(tables) == ESTATE_TABLE_COUNT, "each table can be emptied");
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    return r == 0 ? lite_exec(s, tables[t]) : r;
}

static const struct query put_manager = {QUERY_PUT_MANAGER,
                                         "INSERT INTO manager VALUES(?1, ?2, ?3, ?4)"};
static const struct query put_reseller = {
    QUERY_PUT_RESELLER, "INSERT INTO reseller VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"};
static const struct query put_network = {QUERY_PUT_NETWORK,
                                         "INSERT INTO network VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
static const struct query put_license = {
    QUERY_PUT_LICENSE, "INSERT INTO license_entry VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};
static const struct query put_domain = {QUERY_PUT_DOMAIN,
                                        "INSERT INTO domain_entry VALUES(?1, ?2, ?3, ?4, ?5)"};
static const struct query put_server = {QUERY_PUT_ESTATE_SERVER,
                                        "INSERT INTO server_entry VALUES(?1, ?2, ?3, ?4, ?5)"};
static const struct query tenure_count = {
    QUERY_TENURE_COUNT, "SELECT count(*) FROM server_entry WHERE server = ?1"};
static const struct query put_move = {QUERY_PUT_MOVE,
                                      "INSERT INTO move VALUES(?1, ?2, ?3, ?4)"};
static const struct query put_tariff = {QUERY_PUT_TARIFF,
                                        "INSERT INTO tariff VALUES(?1, ?2, ?3, ?4, ?5, ?6)"};

static int put_manager_row(struct lite_store *s, const struct estate_manager *r)
{
    return LITE_RUN(s, &put_manager, TEXT(r->id), TEXT(r->name), TEXT(r->email),
                    INT((int64_t)r->language));
}

static int put_reseller_row(struct lite_store *s, const struct estate_reseller *r)
{
    return LITE_RUN(s, &put_reseller, TEXT(r->id), TEXT(r->name), TEXT(r->manager),
                    TEXT(r->email), INT((int64_t)r->language), TEXT(r->currency->code),
                    INT(r->is_trial));
}

static int put_network_row(struct lite_store *s, const struct estate_network *r)
{
    struct address_key base = lite_address_key(&r->network.base);
    return LITE_RUN(s, &put_network, TEXT(r->reseller), ADDRESS(base), INT(r->network.bits),
                    INT(r->valid.from.s), INT(r->valid.to.s), INT(r->is_one_place));
}

static int put_license_row(struct lite_store *s, const struct estate_license *r)
{
    struct address_key binding = lite_address_key(&r->binding);
    return LITE_RUN(s, &put_license, INT(r->license.code), INT(r->valid.from.s),
                    INT(r->valid.to.s), TEXT(r->reseller), TEXT(r->product),
                    binding.n > 0 ? ADDRESS(binding) : SQL_NULL);
}

static int put_domain_row(struct lite_store *s, const struct estate_domain *r)
{
    return LITE_RUN(s, &put_domain, TEXT(r->domain), INT(r->valid.from.s), INT(r->valid.to.s),
                    TEXT(r->reseller), INT(r->limit));
}

/* A server's rows are read into an array of this size: one more would be a row that is lost. */
static int check_tenures(struct lite_store *s, server_id id, const char *server)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &tenure_count, &st, INT(id));
    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    if (sqlite3_column_int64(st, 0) < STORE_TENURES_MAX)
        return 0;
    s->has_failed = true;
    char shown[TEXT_QUOTE_SIZE];
    return diag_set(&s->base.diag, -ERANGE, "server %s has more than %d entries",
                    text_quote(text_of(server), shown), STORE_TENURES_MAX);
}

static int put_server_row(struct lite_store *s, const struct estate_server *r)
{
    server_id id;
    int e = lite_server_id(s, r->server, &id);
    if (e == 0)
        e = check_tenures(s, id, r->server);
    if (e < 0)
        return e;
    return LITE_RUN(s, &put_server, INT(id), INT(r->valid.from.s), INT(r->valid.to.s),
                    TEXT(r->reseller), INT(r->retired.s));
}

static int put_move_row(struct lite_store *s, const struct estate_move *r)
{
    return LITE_RUN(s, &put_move, INT(r->license.code), INT(r->valid.from.s),
                    INT(r->valid.to.s), TEXT(r->reason));
}

static int put_tariff_row(struct lite_store *s, const struct estate_tariff *r)
{
    return LITE_RUN(s, &put_tariff, INT((int64_t)r->kind), TEXT(r->reseller ? r->reseller : ""),
                    TEXT(r->currency->code), INT(r->from.s), INT(r->unit_price.micro),
                    INT(r->block));
}

int lite_put_row(struct store *store, enum row_kind kind, const void *row)
{
    struct lite_store *s = lite_of(store);
    assert(kind >= ROW_MANAGER && kind <= ROW_TARIFF);
    int r = lite_writable(s);
    if (r < 0)
        return r;
    switch (kind) {
    case ROW_MANAGER: return put_manager_row(s, row);
    case ROW_RESELLER: return put_reseller_row(s, row);
    case ROW_NETWORK: return put_network_row(s, row);
    case ROW_LICENSE: return put_license_row(s, row);
    case ROW_DOMAIN: return put_domain_row(s, row);
    case ROW_ESTATE_SERVER: return put_server_row(s, row);
    case ROW_MOVE: return put_move_row(s, row);
    case ROW_TARIFF: return put_tariff_row(s, row);
    case ROW_SIGHTING:
    case ROW_MAIL:
    case ROW_GAP:
    case ROW_FORK:
    case ROW_SERVER:
    case ROW_SERVER_FACTS:
    case ROW_LICENSE_SEEN:
    case ROW_TOKEN:
    case ROW_EVENT:
    case ROW_STANDING:
    case ROW_RUN:
    case ROW_EDITION:
    case ROW_OUTBOX:
    case ROW_SAID:
    case ROW_CONFIRMED:
    case ROW_ENTRY:
    case ROW_BALANCE:
    case ROW_DECISION: break;
    }
    return -EINVAL; /* not reached: no row of the estate */
}

/* ---- Reading ------------------------------------------------------------------------- */

static const char *text_at(struct lite_scan *scan, int column)
{
    return (const char *)sqlite3_column_text(scan->st, column);
}

static bool read_term(struct lite_scan *scan, int column, struct term *ret)
{
    ret->from.s = sqlite3_column_int64(scan->st, column);
    ret->to.s = sqlite3_column_int64(scan->st, column + 1);
    return ret->from.s < ret->to.s;
}

static bool read_language(struct lite_scan *scan, int column, enum language *ret)
{
    int64_t v = sqlite3_column_int64(scan->st, column);
    *ret = v == LANGUAGE_NL ? LANGUAGE_NL : LANGUAGE_EN;
    return v == LANGUAGE_NL || v == LANGUAGE_EN;
}

static const struct currency *read_currency(struct lite_scan *scan, int column)
{
    const char *code = text_at(scan, column);
    return code ? currency_find(text_of(code)) : NULL;
}

int lite_next_manager(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct estate_manager x = {text_at(scan, 0), text_at(scan, 1), text_at(scan, 2),
                               LANGUAGE_EN};
    if (!x.id || !x.name || !x.email || !read_language(scan, 3, &x.language))
        return lite_damaged(scan->store, "an account manager");
    *(struct estate_manager *)ret = x;
    return 1;
}

int lite_next_reseller(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct estate_reseller x = {.id = text_at(scan, 0),
                                .name = text_at(scan, 1),
                                .manager = text_at(scan, 2),
                                .email = text_at(scan, 3),
                                .currency = read_currency(scan, 5),
                                .is_trial = sqlite3_column_int64(scan->st, 6) != 0};
    if (!x.id || !x.name || !x.manager || !x.currency || !read_language(scan, 4, &x.language))
        return lite_damaged(scan->store, "a reseller");
    *(struct estate_reseller *)ret = x;
    return 1;
}

int lite_next_network(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct estate_network x = {.reseller = text_at(scan, 0),
                               .is_one_place = sqlite3_column_int64(scan->st, 5) != 0};
    int64_t bits = sqlite3_column_int64(scan->st, 2);
    if (!x.reseller || lite_address_column(scan->st, 1, &x.network.base) < 0 || bits < 0 ||
        bits > (int64_t)addr_len(&x.network.base) * 8 || !read_term(scan, 3, &x.valid))
        return lite_damaged(scan->store, "a network");
    x.network.bits = (uint8_t)bits;
    *(struct estate_network *)ret = x;
    return 1;
}

int lite_next_license(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct estate_license x = {.reseller = text_at(scan, 1), .product = text_at(scan, 2)};
    r = lite_scan_license(scan, 0, &x.license);
    if (r < 0)
        return r;
    bool is_bound = sqlite3_column_type(scan->st, 3) != SQLITE_NULL;
    if (!x.reseller || !x.product ||
        (is_bound && lite_address_column(scan->st, 3, &x.binding) < 0) ||
        !read_term(scan, 4, &x.valid))
        return lite_damaged(scan->store, "a licence of the estate");
    *(struct estate_license *)ret = x;
    return 1;
}

int lite_next_domain(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct estate_domain x = {.domain = text_at(scan, 0),
                              .reseller = text_at(scan, 1),
                              .limit = sqlite3_column_int64(scan->st, 2)};
    if (!x.domain || !x.reseller || x.limit < 0 || !read_term(scan, 3, &x.valid))
        return lite_damaged(scan->store, "a domain of the estate");
    *(struct estate_domain *)ret = x;
    return 1;
}

int lite_next_estate_server(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct estate_server x = {.server = text_at(scan, 0),
                              .reseller = text_at(scan, 1),
                              .retired = {sqlite3_column_int64(scan->st, 4)}};
    if (!x.server || !x.reseller || !read_term(scan, 2, &x.valid))
        return lite_damaged(scan->store, "a server of the estate");
    *(struct estate_server *)ret = x;
    return 1;
}

int lite_next_move(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct estate_move x = {.reason = text_at(scan, 3)};
    r = lite_scan_license(scan, 0, &x.license);
    if (r < 0)
        return r;
    if (!x.reason || !read_term(scan, 1, &x.valid))
        return lite_damaged(scan->store, "a move");
    *(struct estate_move *)ret = x;
    return 1;
}

int lite_next_tariff(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    int64_t kind = sqlite3_column_int64(scan->st, 0);
    struct estate_tariff x = {.reseller = text_at(scan, 1),
                              .currency = read_currency(scan, 2),
                              .from = {sqlite3_column_int64(scan->st, 3)},
                              .unit_price = {sqlite3_column_int64(scan->st, 4)},
                              .block = sqlite3_column_int64(scan->st, 5)};
    if (kind < 0 || kind >= CHARGE_KIND_COUNT || !x.reseller || !x.currency || x.block < 1 ||
        x.unit_price.micro < 0)
        return lite_damaged(scan->store, "a tariff");
    x.kind = (enum charge_kind)kind;
    x.reseller = *x.reseller ? x.reseller : NULL;
    *(struct estate_tariff *)ret = x;
    return 1;
}
