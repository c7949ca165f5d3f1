/* An estate to begin with, and a store of its own for each test. */
#ifndef UNIT_ESTATE_SAMPLE_H
#define UNIT_ESTATE_SAMPLE_H

#include "estate/estate_import.h"
#include "support/leak.h"
#include "support/temp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* 2026-10-01T00:00:00Z: 20727 days after 1970-01-01. */
#define SAMPLE_NOW ((wall_t){INT64_C(20727) * 86400})

struct bench {
    struct temp folder;
    struct store *s;
    struct zone zone;
    struct estate_summary sum;
    struct diag d;
};

static inline void bench_init(struct bench *b)
{
    *b = (struct bench){.s = NULL};
    cr_assert_eq(temp_make(&b->folder), 0);
    char path[TEMP_PATH_SIZE], url[TEMP_PATH_SIZE + 8];
    (void)snprintf(url, sizeof url, "sqlite:%s", temp_file(&b->folder, "store.db", path));
    cr_assert_eq(store_open(url, STORE_CREATE, &b->s, &b->d), 0, "%s", b->d.text);
    zone_init_utc(&b->zone);
}

static inline void bench_done(struct bench *b)
{
    store_close(b->s);
    temp_done(&b->folder);
}

/* Applies in a transaction of its own; keeps it only when it was applied. */
static inline int bench_apply(struct bench *b, const struct estate *e, bool accept)
{
    cr_assert_eq(store_begin(b->s), 0);
    int r = estate_apply(e, b->s, &(struct estate_leave){SAMPLE_NOW, accept}, &b->sum, &b->d);
    if (r < 0 || b->sum.needs_accept)
        store_rollback(b->s);
    else
        cr_assert_eq(store_commit(b->s), 0, "%s", store_diag(b->s));
    return r;
}

/* One JSON document of a test's own, as "e.json"; the listing of `reseller`, if it is one. */
static inline int bench_import(struct bench *b, const char *json, const char *reseller,
                               bool accept)
{
    AUTO(estate) struct estate *e = NULL;
    b->d.text[0] = '\0';
    cr_assert_eq(estate_new(&b->zone, &e), 0);
    int r = estate_read_json(e, text_of(json), "e.json", reseller, &b->d);
    return r < 0 ? r : bench_apply(b, e, accept);
}

static inline void bench_must_import(struct bench *b, const char *json)
{
    cr_assert_eq(bench_import(b, json, NULL, true), 0, "%s: %s", json, b->d.text);
    cr_assert_not(b->sum.needs_accept);
}

/* Two managers, three resellers, and one of everything else. */
static const char sample_estate[] =
    "{\"account_managers\": [\n"
    "  {\"id\": \"am1\", \"name\": \"Ann\", \"email\": \"ann@example.nl\", \"language\": "
    "\"nl\"},\n"
    "  {\"id\": \"am2\", \"name\": \"Bob\", \"email\": \"bob@example.com\"}],\n"
    " \"resellers\": [\n"
    "  {\"id\": \"r1\", \"name\": \"One\", \"account_manager\": \"am1\", \"email\": "
    "\"r@one.nl\",\n"
    "   \"language\": \"nl\", \"currency\": \"EUR\", \"billing\": \"live\", \"networks\": [\n"
    "   \"2001:db8:1::/48\", \"203.0.113.0/24\", {\"network\": \"198.51.100.0/25\",\n"
    "   \"from\": \"2026-01-01\", \"to\": \"2026-06-01\", \"one_place\": true},\n"
    "   {\"network\": \"198.51.100.0/25\", \"from\": \"2026-06-01\"}]},\n"
    "  {\"id\": \"r2\", \"name\": \"Two\", \"account_manager\": \"am2\", \"currency\": "
    "\"USD\",\n"
    "   \"billing\": \"trial\"},\n"
    "  {\"id\": \"r3\", \"name\": \"Three\", \"account_manager\": \"am2\"}],\n"
    " \"licenses\": [\n"
    "  {\"license\": \"PLSK.01234567\", \"reseller\": \"r1\", \"product\": \"Web Pro\",\n"
    "   \"binding\": \"203.0.113.5\", \"from\": \"2026-01-01\", \"to\": null}],\n"
    " \"domains\": [{\"domain\": \"example.nl\", \"reseller\": \"r1\", \"limit\": 2000}],\n"
    " \"servers\": [{\"server\": \"srv-1\", \"reseller\": \"r1\"}],\n"
    " \"moves\": [{\"license\": \"PLSK.01234567\", \"from\": \"2026-10-03T00:00:00Z\",\n"
    "   \"to\": \"2026-10-20T00:00:00Z\", \"reason\": \"new rack\"}],\n"
    " \"tariffs\": [{\"kind\": \"extra-ip\", \"reseller\": null, \"currency\": \"EUR\",\n"
    "   \"unit_price\": \"12.50\", \"block\": 1, \"from\": \"2027-01-01\"}]}\n";

/* ---- What the store holds, a line a row; a caller compares with lines of its own. */

static inline void dump_term(struct term t, struct buf *out)
{
    char from[WALL_TEXT_SIZE], to[WALL_TEXT_SIZE];
    buf_printf(out, " %.10s %.10s", wall_format(t.from, from), wall_format(t.to, to));
}

#define DUMP_ROWS(what, row_type, scan_call)                                                   \
    AUTO(store_scan) struct store_scan *scan = NULL;                                           \
    cr_assert_eq(scan_call, 0, "%s", store_diag(s));                                           \
    for (row_type r; store_next_##what(scan, &r) == 1;)

static inline void dump_people(struct store *s, struct buf *out)
{
    {
        DUMP_ROWS(manager, struct estate_manager, store_scan_managers(s, &scan))
        buf_printf(out, "manager %s %s %s %s\n", r.id, r.name, r.email,
                   r.language == LANGUAGE_NL ? "nl" : "en");
    }
    {
        DUMP_ROWS(reseller, struct estate_reseller, store_scan_resellers(s, &scan))
        buf_printf(out, "reseller %s %s %s %s %s %s %s\n", r.id, r.name, r.manager,
                   r.email ? r.email : "-", r.language == LANGUAGE_NL ? "nl" : "en",
                   r.currency->code, r.is_trial ? "trial" : "live");
    }
    DUMP_ROWS(network, struct estate_network, store_scan_networks(s, &scan))
    {
        char text[NETWORK_TEXT_SIZE];
        buf_printf(out, "network %s %s", r.reseller, network_format(&r.network, text));
        dump_term(r.valid, out);
        buf_printf(out, "%s\n", r.is_one_place ? " one" : "");
    }
}

static inline void dump_licenses(struct store *s, struct buf *out)
{
    DUMP_ROWS(license, struct estate_license, store_scan_licenses(s, LICENSES_ALL, &scan))
    {
        char key[LICENSE_TEXT_SIZE], binding[ADDR_TEXT_SIZE] = "-";
        if (r.binding.family)
            (void)addr_format(&r.binding, binding);
        buf_printf(out, "license %s %s %s %s", license_format(r.license, key), r.reseller,
                   r.product[0] ? r.product : "-", binding);
        dump_term(r.valid, out);
        buf_add_char(out, '\n');
    }
}

static inline void dump_things(struct store *s, struct buf *out)
{
    {
        DUMP_ROWS(domain, struct estate_domain, store_scan_domains(s, DOMAINS_ALL, &scan))
        {
            buf_printf(out, "domain %s %s %" PRId64, r.domain, r.reseller, r.limit);
            dump_term(r.valid, out);
            buf_add_char(out, '\n');
        }
    }
    DUMP_ROWS(estate_server, struct estate_server, store_scan_estate_servers(s, &scan))
    {
        char retired[WALL_TEXT_SIZE];
        buf_printf(out, "server %s %s", r.server, r.reseller);
        dump_term(r.valid, out);
        buf_printf(out, " %s\n", wall_format(r.retired, retired));
    }
}

static inline void dump_rest(struct store *s, struct buf *out)
{
    {
        DUMP_ROWS(move, struct estate_move, store_scan_moves(s, LICENSES_ALL, &scan))
        {
            char key[LICENSE_TEXT_SIZE];
            buf_printf(out, "move %s", license_format(r.license, key));
            dump_term(r.valid, out);
            buf_printf(out, " %s\n", r.reason[0] ? r.reason : "-");
        }
    }
    DUMP_ROWS(tariff, struct estate_tariff, store_scan_tariffs(s, &scan))
    {
        char price[MONEY_TEXT_SIZE], from[WALL_TEXT_SIZE];
        buf_printf(out, "tariff %s %s %s %s/%" PRId64 " %.10s\n", charge_kind_name(r.kind),
                   r.reseller ? r.reseller : "-", r.currency->code,
                   price_format(r.unit_price, r.currency, price), r.block,
                   wall_format(r.from, from));
    }
}

/* Everything; to be freed. */
static inline char *dump_estate(struct store *s)
{
    AUTO(buf) struct buf out = BUF_INIT(16 << 20);
    dump_people(s, &out);
    dump_licenses(s, &out);
    dump_things(s, &out);
    dump_rest(s, &out);
    cr_assert_eq(buf_error(&out), 0);
    return buf_take(&out);
}

#endif
