/*
 * Scans: a table of statements, the machinery that they share, and how rows of observations are
 * read. Each statement gives its rows in the order that store.h names.
 */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

static int next_sighting(struct store_scan *base, void *ret);
static int next_mail_row(struct store_scan *base, void *ret);
static int next_gap(struct store_scan *base, void *ret);
static int next_fork(struct store_scan *base, void *ret);
static int next_server(struct store_scan *base, void *ret);
static int next_license_seen(struct store_scan *base, void *ret);

enum scan_by {
    BY_NOTHING,
    BY_LICENSES,
    BY_FIRST_LICENSE,
    BY_DOMAINS,
    BY_NUMBER,
    BY_NAME,
    BY_NUMBER_AND_NAME,
};

struct scan_kind_of {
    enum row_kind row;
    enum scan_by by;
    int (*next)(struct store_scan *scan, void *ret);
    const char *sql;
};

#define IN_LICENSES " WHERE license BETWEEN ?1 AND ?2"
#define IN_DOMAINS " WHERE domain BETWEEN ?1 AND ?2"
#define EVENT "SELECT sequence, at, what, who, server, reseller, details FROM event"
#define OF_PUBLISHED " CROSS JOIN report_run r ON r.run = o.run AND r.is_published = 1"
#define ENTRY                                                                                  \
    "SELECT sequence, period, booked, kind, reseller, subject, currency, amount, body,"        \
    " evidence, hash FROM entry"

static const struct scan_kind_of kinds[SCAN_KIND_COUNT] = {
    /* Where the range ends is looked at here: SQLite would compare each row's key with it,
     * which costs as much as reading half of the row. */
    [SCAN_SIGHTINGS] = {ROW_SIGHTING, BY_FIRST_LICENSE, next_sighting,
                        "SELECT license, machine, address, source, first, last"
                        " FROM sighting WHERE license >= ?1"
                        " ORDER BY license, machine, address, source, first"},
    /* The key leads with domain and server: SQLite sorts within one pair only. */
    [SCAN_MAIL_ROWS] = {ROW_MAIL, BY_DOMAINS, next_mail_row,
                        "SELECT domain, server, mailboxes, aliases, forwards, lists,"
                        " alias_domains, catch_all, filtered, first, last"
                        " FROM mail_row" IN_DOMAINS
                        " ORDER BY domain, server, first, last, mailboxes, aliases, forwards,"
                        " lists, alias_domains, catch_all, filtered"},
    [SCAN_GAPS] = {ROW_GAP, BY_NUMBER, next_gap,
                   "SELECT machine, what, first, last, lost FROM gap WHERE machine = ?1"
                   " ORDER BY what, first"},
    [SCAN_RECENT_GAPS] = {ROW_GAP, BY_NUMBER, next_gap,
                          "SELECT machine, what, first, last, lost FROM gap WHERE last >= ?1"
                          " ORDER BY machine, what, first"},
    [SCAN_FORKS] = {ROW_FORK, BY_NOTHING, next_fork,
                    "SELECT f.machine, f.counter, f.at FROM fork f"
                    " JOIN machine m ON m.id = f.machine JOIN server s ON s.id = m.server"
                    " ORDER BY s.name, m.boot, f.counter"},
    [SCAN_SERVERS] = {ROW_SERVER, BY_NOTHING, next_server,
                      "SELECT s.id, s.name, min(r.received), max(r.received) FROM server s"
                      " LEFT JOIN machine m ON m.server = s.id"
                      " LEFT JOIN report r ON r.machine = m.id"
                      " WHERE m.id IS NOT NULL OR s.enrolled_reseller IS NOT NULL"
                      " OR EXISTS(SELECT 1 FROM server_entry e WHERE e.server = s.id)"
                      " GROUP BY s.name ORDER BY s.name"},
    [SCAN_SERVER_FACTS] = {ROW_SERVER_FACTS, BY_NOTHING, lite_next_server_facts,
                           "SELECT s.id, " LITE_SERVER_COLUMNS " FROM server s ORDER BY s.id"},
    [SCAN_UNKNOWN_SERVERS] =
        {ROW_SERVER, BY_NOTHING, next_server,
         "SELECT s.id, s.name, min(r.received), max(r.received)"
         " FROM server s NOT INDEXED CROSS JOIN machine m ON m.server = s.id"
         " LEFT JOIN report r ON r.machine = m.id"
         " WHERE s.enrolled_reseller IS NULL"
         " AND NOT EXISTS(SELECT 1 FROM server_entry e WHERE e.server = s.id)"
         " GROUP BY s.name ORDER BY s.name"},
    [SCAN_LICENSE_SEEN] = {ROW_LICENSE_SEEN, BY_LICENSES, next_license_seen,
                           "SELECT license, machine, version, product, edition, expires,"
                           " machine_id, first_received FROM license_seen" IN_LICENSES
                           " ORDER BY license, machine, version, product, edition, expires,"
                           " machine_id"},
    [SCAN_MANAGERS] = {ROW_MANAGER, BY_NOTHING, lite_next_manager,
                       "SELECT id, name, email, language FROM manager ORDER BY id"},
    [SCAN_RESELLERS] = {ROW_RESELLER, BY_NOTHING, lite_next_reseller,
                        "SELECT id, name, manager, email, language, currency, is_trial"
                        " FROM reseller ORDER BY id"},
    [SCAN_NETWORKS] = {ROW_NETWORK, BY_NOTHING, lite_next_network,
                       "SELECT reseller, base, bits, begins, ends, is_one_place FROM network"
                       " ORDER BY reseller, base, bits, begins"},
    [SCAN_LICENSES] = {ROW_LICENSE, BY_LICENSES, lite_next_license,
                       "SELECT license, reseller, product, binding, begins, ends"
                       " FROM license_entry" IN_LICENSES " ORDER BY license, begins"},
    [SCAN_DOMAINS] = {ROW_DOMAIN, BY_DOMAINS, lite_next_domain,
                      "SELECT domain, reseller, mailbox_limit, begins, ends"
                      " FROM domain_entry" IN_DOMAINS " ORDER BY domain, begins"},
    [SCAN_ESTATE_SERVERS] =
        {ROW_ESTATE_SERVER, BY_NOTHING, lite_next_estate_server,
         "SELECT s.name, e.reseller, e.begins, e.ends, e.retired FROM server s"
         " CROSS JOIN server_entry e ON e.server = s.id"
         " ORDER BY s.name, e.begins"},
    [SCAN_MOVES] = {ROW_MOVE, BY_LICENSES, lite_next_move,
                    "SELECT license, begins, ends, reason FROM move" IN_LICENSES
                    " ORDER BY license, begins"},
    [SCAN_TARIFFS] = {ROW_TARIFF, BY_NOTHING, lite_next_tariff,
                      "SELECT kind, reseller, currency, begins, unit_price, block FROM tariff"
                      " ORDER BY kind, reseller, currency, begins"},
    [SCAN_TOKENS] = {ROW_TOKEN, BY_NOTHING, lite_next_token,
                     "SELECT " LITE_TOKEN_COLUMNS " FROM token ORDER BY created, id"},
    [SCAN_EVENTS] = {ROW_EVENT, BY_NOTHING, lite_next_event, EVENT " ORDER BY sequence"},
    [SCAN_EVENTS_OF_SERVER] = {ROW_EVENT, BY_NAME, lite_next_event,
                               EVENT " WHERE server = ?1 ORDER BY sequence"},
    [SCAN_STANDINGS] = {ROW_STANDING, BY_NOTHING, lite_next_standing,
                        "SELECT license, reseller, is_confirmed, kinds, since, confirms_at"
                        " FROM standing ORDER BY license, reseller"},
    [SCAN_RUNS] = {ROW_RUN, BY_NOTHING, lite_next_run,
                   "SELECT run, day, made_at, as_of, is_failed, about FROM report_run"
                   " WHERE is_published = 1 ORDER BY run DESC"},
    [SCAN_EDITIONS] = {ROW_EDITION, BY_NUMBER, lite_next_edition,
                       "SELECT e.run, e.reader_kind, e.reader, e.serial, e.language, e.subject"
                       " FROM edition e JOIN report_run r ON r.run = e.run"
                       " WHERE e.run = ?1 AND r.is_published = 1"
                       " ORDER BY e.reader_kind, e.reader"},
    [SCAN_MAILS] = {ROW_OUTBOX, BY_NOTHING, lite_next_mail,
                    "SELECT " LITE_MAIL_COLUMNS " FROM outbox o" OF_PUBLISHED " ORDER BY o.id"},
    [SCAN_WAITING_MAILS] = {ROW_OUTBOX, BY_NOTHING, lite_next_mail,
                            "SELECT " LITE_MAIL_COLUMNS
                            " FROM outbox o INDEXED BY outbox_due" OF_PUBLISHED
                            " WHERE o.state = 0 ORDER BY o.id"},
    [SCAN_SAID] = {ROW_SAID, BY_NUMBER_AND_NAME, lite_next_said,
                   "SELECT reader_kind, reader, reseller, kind, subject, period, state,"
                   " quantity, goes_on, confirms_at, is_reminded FROM said"
                   " WHERE reader_kind = ?1 AND reader = ?2"
                   " ORDER BY reseller, kind, subject, period"},
    [SCAN_CONFIRMED] = {ROW_CONFIRMED, BY_NUMBER_AND_NAME, lite_next_confirmed,
                        "SELECT reseller, period, kind, subject, is_trial FROM confirmed"
                        " WHERE period >= ?1 AND reseller = ?2"
                        " ORDER BY period, kind, subject"},
    [SCAN_ENTRIES] = {ROW_ENTRY, BY_NOTHING, lite_next_entry, ENTRY " ORDER BY sequence"},
    [SCAN_ENTRIES_OF_PERIOD] = {ROW_ENTRY, BY_NUMBER, lite_next_entry,
                                ENTRY " WHERE period = ?1 ORDER BY sequence"},
    [SCAN_ENTRY] = {ROW_ENTRY, BY_NUMBER, lite_next_entry, ENTRY " WHERE sequence = ?1"},
    /* Kinds by name: the numbers of today's three are in that order. */
    [SCAN_BALANCES] = {ROW_BALANCE, BY_NUMBER, lite_next_balance,
                       "SELECT period, kind, reseller, subject, currency, sum(amount), count(*)"
                       " FROM entry WHERE period = ?1"
                       " GROUP BY kind, reseller, subject, currency"
                       " ORDER BY kind, reseller, subject, currency"},
    [SCAN_DECISIONS] = {ROW_DECISION, BY_NOTHING, lite_next_decision,
                        "SELECT sequence, decision, period, kind, reseller, subject, body, hash"
                        " FROM decision ORDER BY sequence"},
};

/* ---- Machinery ----------------------------------------------------------------------- */

static void scan_end(struct store_scan *base)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    sqlite3_stmt **idle = &scan->store->idle_scans[scan->kind];
    (void)sqlite3_reset(scan->st); /* repeats an error that was dealt with */
    if (*idle)
        (void)sqlite3_finalize(scan->st);
    else
        *idle = scan->st;
    if (scan->kind == SCAN_SERVER_FACTS)
        free(scan->facts_of);
    scan->store->open_scans--;
    free(scan);
}

static int bind_args(sqlite3_stmt *st, enum scan_by by, const struct scan_args *args)
{
    struct value v[2] = {{0}};
    size_t n = 0;
    switch (by) {
    case BY_LICENSES:
        v[n++] = INT(args->licenses.from.code);
        v[n++] = INT(args->licenses.to.code);
        break;
    case BY_FIRST_LICENSE: v[n++] = INT(args->licenses.from.code); break;
    case BY_DOMAINS:
        /* Every text lies between the empty one and any blob: that is SQLite's order of types.
         */
        v[n++] = TEXT(args->domains.from ? args->domains.from : "");
        v[n++] = args->domains.to ? TEXT(args->domains.to) : BLOB(NULL, 0);
        break;
    case BY_NUMBER: v[n++] = INT(args->number); break;
    case BY_NAME: v[n++] = TEXT(args->name); break;
    case BY_NUMBER_AND_NAME:
        v[n++] = INT(args->number);
        v[n++] = TEXT(args->name);
        break;
    case BY_NOTHING: break;
    }
    return lite_bind(st, v, n, SQLITE_TRANSIENT);
}

static int prepare(struct lite_store *s, enum scan_kind kind, const struct scan_args *args,
                   sqlite3_stmt **ret)
{
    sqlite3_stmt *st = STEAL(s->idle_scans[kind]);
    int rc = SQLITE_OK;
    if (!st)
        rc = sqlite3_prepare_v3(s->db, kinds[kind].sql, -1, SQLITE_PREPARE_PERSISTENT, &st,
                                NULL);
    if (rc == SQLITE_OK)
        rc = bind_args(st, kinds[kind].by, args);
    if (rc != SQLITE_OK) {
        int r = lite_error(s, rc);
        (void)sqlite3_finalize(st); /* it was never stepped */
        return r;
    }
    *ret = st;
    return 0;
}

int lite_scan(struct store *store, enum scan_kind kind, const struct scan_args *args,
              struct store_scan **ret)
{
    struct lite_store *s = lite_of(store);
    struct lite_scan *scan = calloc(1, sizeof *scan);
    if (!scan)
        return lite_error(s, SQLITE_NOMEM);
    int r = prepare(s, kind, args, &scan->st);
    if (r < 0) {
        free(scan);
        return r;
    }
    scan->base =
        (struct store_scan){.row = kinds[kind].row, .next = kinds[kind].next, .end = scan_end};
    scan->store = s;
    scan->kind = kind;
    scan->known_license = INT64_MIN;
    scan->last_license = args->licenses.to.code;
    s->open_scans++;
    if (kind == SCAN_SERVER_FACTS)
        r = lite_facts_init(scan);
    if (r < 0) {
        scan_end(&scan->base);
        return r;
    }
    *ret = &scan->base;
    return 0;
}

int lite_scan_step(struct lite_scan *scan)
{
    if (scan->is_over)
        return 0; /* another step would begin from the start */
    int r = lite_step(scan->store, scan->st);
    scan->is_over = r <= 0;
    return r;
}

int lite_scan_license(struct lite_scan *scan, int column, license_t *ret)
{
    int64_t code = sqlite3_column_int64(scan->st, column);
    if (code != scan->known_license) {
        license_t l;
        if (license_from_code(code, &l) != 0)
            return lite_damaged(scan->store, "a licence's number");
        scan->known_license = code;
    }
    ret->code = code;
    return 0;
}

/* The stretch in two columns. False when it ends before it begins. */
static bool read_span(sqlite3_stmt *st, int column, struct span *ret)
{
    *ret = (struct span){{sqlite3_column_int64(st, column)},
                         {sqlite3_column_int64(st, column + 1)}};
    return ret->first.s <= ret->last.s;
}

/* ---- Rows ---------------------------------------------------------------------------- */

/* The address in a column. Nearly all rows have that of the row before. */
static int read_address(struct lite_scan *scan, int column, struct addr *ret)
{
    const uint8_t *p = sqlite3_column_blob(scan->st, column);
    int n = sqlite3_column_bytes(scan->st, column);
    if (!p)
        return -EBADMSG;
    if (n != scan->last.n || memcmp(p, scan->last.bytes, (size_t)n) != 0) {
        struct addr a;
        if (lite_address_from(p, n, &a) < 0)
            return -EBADMSG;
        memcpy(scan->last.bytes, p, (size_t)n);
        scan->last.n = n;
        scan->last.address = a;
    }
    *ret = scan->last.address;
    return 0;
}

static int next_sighting(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    struct store_sighting x = {.license = {0}};
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    r = lite_scan_license(scan, 0, &x.license);
    if (r < 0)
        return r;
    if (x.license.code > scan->last_license) {
        scan->is_over = true;
        return 0;
    }
    int64_t source = sqlite3_column_int64(st, 3);
    x.machine = sqlite3_column_int64(st, 1);
    if (read_address(scan, 2, &x.address) < 0 || source < 0 || source >= SOURCE_COUNT ||
        !read_span(st, 4, &x.seen))
        return lite_damaged(scan->store, "a sighting");
    x.source = (enum source)source;
    *(struct store_sighting *)ret = x;
    return 1;
}

static int next_mail_row(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    struct store_mail_row x = {
        .domain = (const char *)sqlite3_column_text(st, 0),
        .server = sqlite3_column_int64(st, 1),
        .counts = {.mailboxes = sqlite3_column_int64(st, 2),
                   .aliases = sqlite3_column_int64(st, 3),
                   .forwards = sqlite3_column_int64(st, 4),
                   .lists = sqlite3_column_int64(st, 5),
                   .alias_domains = sqlite3_column_int64(st, 6),
                   .catch_all = sqlite3_column_int64(st, 7) != 0,
                   .is_filtered = sqlite3_column_int64(st, 8) != 0},
    };
    if (!x.domain || !read_span(st, 9, &x.seen))
        return lite_damaged(scan->store, "a row of mailboxes");
    *(struct store_mail_row *)ret = x;
    return 1;
}

static int next_gap(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    int64_t what = sqlite3_column_int64(scan->st, 1);
    struct store_gap x = {.machine = sqlite3_column_int64(scan->st, 0),
                          .lost = sqlite3_column_int64(scan->st, 4)};
    if (what < 0 || what >= GAP_KIND_COUNT || !read_span(scan->st, 2, &x.seen))
        return lite_damaged(scan->store, "a gap");
    x.what = (enum gap_kind)what;
    *(struct store_gap *)ret = x;
    return 1;
}

static int next_fork(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    *(struct store_fork *)ret = (struct store_fork){
        .machine = sqlite3_column_int64(scan->st, 0),
        .counter = sqlite3_column_int64(scan->st, 1),
        .at = {sqlite3_column_int64(scan->st, 2)},
    };
    return 1;
}

static int next_server(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    struct store_server_row x = {
        .id = sqlite3_column_int64(scan->st, 0),
        .name = (const char *)sqlite3_column_text(scan->st, 1),
        .has_reported = sqlite3_column_type(scan->st, 2) != SQLITE_NULL,
        .first_received = {sqlite3_column_int64(scan->st, 2)},
        .last_received = {sqlite3_column_int64(scan->st, 3)},
    };
    if (!x.name)
        return lite_damaged(scan->store, "a server's name");
    *(struct store_server_row *)ret = x;
    return 1;
}

static int next_license_seen(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    sqlite3_stmt *st = scan->st;
    struct report_license *facts = &scan->facts;
    r = lite_scan_license(scan, 0, &facts->license);
    if (r < 0)
        return r;
    if (lite_copy_text(st, 2, facts->version, sizeof facts->version) < 0 ||
        lite_copy_text(st, 3, facts->product, sizeof facts->product) < 0 ||
        lite_copy_text(st, 4, facts->edition, sizeof facts->edition) < 0 ||
        lite_copy_text(st, 5, facts->expires, sizeof facts->expires) < 0 ||
        lite_copy_text(st, 6, facts->machine_id, sizeof facts->machine_id) < 0)
        return lite_damaged(scan->store, "what was reported of a licence");
    *(struct store_license_seen *)ret = (struct store_license_seen){
        .license = facts->license,
        .machine = sqlite3_column_int64(st, 1),
        .facts = facts,
        .first_received = {sqlite3_column_int64(st, 7)},
    };
    return 1;
}
