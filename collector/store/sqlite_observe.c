/*
 * Taking in a report. What is stored of one key is a set of stretches that lie apart; a new
 * stretch replaces those that it touches or nearly touches by one that covers them all. That is
 * a union, so neither order nor repetition matters (SPEC 3).
 */
#include "store/sqlite_backend.h"

/*
 * One table of stretches: its key is bound to ?1 … ?n, then what else a query takes. SQLite
 * cannot express the union as one statement, so it is worked out between select and update.
 */
struct stretch_table {
    size_t key_n;
    bool has_lost;
    struct query near;   /* key, limit: those that begin at the limit or before, latest first */
    struct query extend; /* key, first, last [, lost] */
    struct query remove; /* key, first */
    struct query add;    /* key, first, last [, lost] */
};

#define SIGHTING_KEY "license = ?1 AND machine = ?2 AND address = ?3 AND source = ?4"
static const struct stretch_table sightings = {
    .key_n = 4,
    .near = {QUERY_SIGHTING_NEAR, "SELECT first, last, 0 FROM sighting WHERE " SIGHTING_KEY
                                  " AND first <= ?5 ORDER BY first DESC"},
    .extend = {QUERY_SIGHTING_EXTEND,
               "UPDATE sighting SET last = ?6 WHERE " SIGHTING_KEY " AND first = ?5"},
    .remove = {QUERY_SIGHTING_DELETE,
               "DELETE FROM sighting WHERE " SIGHTING_KEY " AND first = ?5"},
    .add = {QUERY_SIGHTING_ADD, "INSERT INTO sighting VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
};

#define MAIL_KEY                                                                               \
    "domain = ?1 AND server = ?2 AND mailboxes = ?3 AND aliases = ?4 AND forwards = ?5"        \
    " AND lists = ?6 AND alias_domains = ?7 AND catch_all = ?8 AND filtered = ?9"
static const struct stretch_table mail_rows = {
    .key_n = 9,
    .near = {QUERY_MAIL_NEAR, "SELECT first, last, 0 FROM mail_row WHERE " MAIL_KEY
                              " AND first <= ?10 ORDER BY first DESC"},
    .extend = {QUERY_MAIL_EXTEND,
               "UPDATE mail_row SET last = ?11 WHERE " MAIL_KEY " AND first = ?10"},
    .remove = {QUERY_MAIL_DELETE, "DELETE FROM mail_row WHERE " MAIL_KEY " AND first = ?10"},
    .add = {QUERY_MAIL_ADD,
            "INSERT INTO mail_row VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
};

#define GAP_KEY "machine = ?1 AND what = ?2"
static const struct stretch_table gaps = {
    .key_n = 2,
    .has_lost = true,
    .near = {QUERY_GAP_NEAR, "SELECT first, last, lost FROM gap WHERE " GAP_KEY
                             " AND first <= ?3 ORDER BY first DESC"},
    .extend = {QUERY_GAP_EXTEND,
               "UPDATE gap SET last = ?4, lost = ?5 WHERE " GAP_KEY " AND first = ?3"},
    .remove = {QUERY_GAP_DELETE, "DELETE FROM gap WHERE " GAP_KEY " AND first = ?3"},
    .add = {QUERY_GAP_ADD, "INSERT INTO gap VALUES(?1, ?2, ?3, ?4, ?5)"},
};

#define KEY_MAX 9

/* A stretch to be joined: its key, when, and for a gap how much was lost. */
struct stretch {
    struct value values[KEY_MAX + 3]; /* the key; room for first, last, lost */
    struct span seen;
    int64_t lost;
};

/* Reads into s->near those within `gap` of the stretch, latest first, and the most they lost.
 */
static int read_near(struct lite_store *s, const struct stretch_table *t, struct stretch *x,
                     dur_t gap, int64_t *ret_lost)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    x->values[t->key_n] = INT(x->seen.last.s + gap.s);
    int r = lite_use(s, &t->near, x->values, t->key_n + 1, &st);
    if (r < 0)
        return r;
    s->near.n = 0;
    int64_t lost = 0;
    for (;;) {
        r = lite_step(s, st);
        if (r < 0)
            return r;
        struct span old = {{sqlite3_column_int64(st, 0)}, {sqlite3_column_int64(st, 1)}};
        /* What is stored lies apart: before one that is too early all others are too. */
        if (r == 0 || old.last.s < x->seen.first.s - gap.s)
            break;
        if (spans_add(&s->near, old) != 0)
            return lite_error(s, SQLITE_NOMEM);
        int64_t of_it = sqlite3_column_int64(st, 2);
        lost = of_it > lost ? of_it : lost;
    }
    *ret_lost = lost;
    return 0;
}

/* One row in place of those in s->near: the earliest is extended where it begins as the whole.
 */
static int replace_near(struct lite_store *s, const struct stretch_table *t, struct stretch *x,
                        struct span whole, int64_t *ret_more_rows)
{
    struct value *after = x->values + t->key_n;
    bool is_extension = false;
    int r = 0;
    for (size_t i = 0; i < s->near.n && r == 0; i++) {
        if (s->near.v[i].first.s == whole.first.s) {
            is_extension = true;
            continue;
        }
        after[0] = INT(s->near.v[i].first.s);
        r = lite_run(s, &t->remove, x->values, t->key_n + 1);
    }
    if (r < 0)
        return r;
    if (!is_extension && !t->has_lost) /* a gap is no evidence */
        s->earliest = wall_min(s->earliest, whole.first);
    after[0] = INT(whole.first.s);
    after[1] = INT(whole.last.s);
    after[2] = INT(x->lost);
    *ret_more_rows = 1 - (int64_t)s->near.n;
    return lite_run(s, is_extension ? &t->extend : &t->add, x->values,
                    t->key_n + (t->has_lost ? 3 : 2));
}

/* Joins one stretch to what is stored. `count` (may be NULL) is moved by the rows it adds. */
static int join(struct lite_store *s, const struct stretch_table *t, struct stretch *x,
                dur_t gap, int64_t *count)
{
    int64_t lost = 0;
    int r = read_near(s, t, x, gap, &lost);
    if (r < 0)
        return r;
    struct span whole = span_union(x->seen, s->near.v, s->near.n);
    bool is_known = s->near.n == 1 && s->near.v[0].first.s == whole.first.s &&
                    s->near.v[0].last.s == whole.last.s;
    if (is_known && x->lost <= lost)
        return 0;
    x->lost = x->lost > lost ? x->lost : lost;
    int64_t more_rows = 0;
    r = replace_near(s, t, x, whole, &more_rows);
    if (r == 0 && count)
        *count += more_rows;
    return r;
}

/* ---- The parts of a report ----------------------------------------------------------- */

static int put_sighting(struct lite_store *s, const struct report_sighting *x,
                        machine_id machine, dur_t gap)
{
    struct address_key address = lite_address_key(&x->address);
    struct stretch stretch = {.values = {INT(x->license.code), INT(machine), ADDRESS(address),
                                         INT((int64_t)x->source)},
                              .seen = x->seen};
    return join(s, &sightings, &stretch, gap, &s->more_sightings);
}

static int put_sightings(struct lite_store *s, const struct store_report *r, machine_id machine)
{
    int e = 0;
    for (size_t i = 0; i < r->report->n_sightings && e == 0; i++)
        e = put_sighting(s, &r->report->sightings[i], machine, r->merge_gap);
    return e;
}

/* The collector's own: where the connection came from, for each licence of a live report. */
static int put_peers(struct lite_store *s, const struct store_report *r, machine_id machine)
{
    if (r->peer.family == 0 || !r->report->is_live)
        return 0;
    int e = 0;
    for (size_t i = 0; i < r->report->n_licenses && e == 0; i++) {
        struct report_sighting peer = {.license = r->report->licenses[i].license,
                                       .address = r->peer,
                                       .source = SOURCE_PEER,
                                       .seen = {r->received_at, r->received_at}};
        e = put_sighting(s, &peer, machine, r->merge_gap);
    }
    return e;
}

static int put_mail_rows(struct lite_store *s, const struct store_report *r, server_id server)
{
    int e = 0;
    for (size_t i = 0; i < r->report->n_mailboxes && e == 0; i++) {
        const struct report_mailboxes *m = &r->report->mailboxes[i];
        const struct mail_counts *c = &m->counts;
        struct stretch stretch = {.values = {TEXT(m->domain), INT(server), INT(c->mailboxes),
                                             INT(c->aliases), INT(c->forwards), INT(c->lists),
                                             INT(c->alias_domains), INT(c->catch_all),
                                             INT(c->is_filtered)},
                                  .seen = m->seen};
        e = join(s, &mail_rows, &stretch, r->merge_gap, &s->more_mail_rows);
    }
    return e;
}

static int put_gaps(struct lite_store *s, const struct store_report *r, machine_id machine)
{
    int e = 0;
    for (size_t i = 0; i < r->report->n_gaps && e == 0; i++) {
        const struct report_gap *g = &r->report->gaps[i];
        struct stretch stretch = {
            .values = {INT(machine), INT((int64_t)g->what)}, .seen = g->seen, .lost = g->lost};
        e = join(s, &gaps, &stretch, r->merge_gap, NULL);
    }
    return e;
}

/* Without the WHERE a repeated report would write what it says anyway. */
static const struct query license_seen_put = {
    QUERY_LICENSE_SEEN_PUT,
    "INSERT INTO license_seen VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    " ON CONFLICT DO UPDATE SET first_received = excluded.first_received"
    " WHERE excluded.first_received < first_received"};

static int put_licenses(struct lite_store *s, const struct store_report *r, machine_id machine)
{
    int e = 0;
    for (size_t i = 0; i < r->report->n_licenses && e == 0; i++) {
        const struct report_license *l = &r->report->licenses[i];
        e = LITE_RUN(s, &license_seen_put, INT(l->license.code), INT(machine), TEXT(l->version),
                     TEXT(l->product), TEXT(l->edition), TEXT(l->expires), TEXT(l->machine_id),
                     INT(r->received_at.s));
    }
    return e;
}

/* ---- Counters ------------------------------------------------------------------------ */

static const struct query report_put = {
    QUERY_REPORT_PUT, "INSERT INTO report VALUES(?1, ?2, ?3, ?4)"
                      " ON CONFLICT DO UPDATE SET received = excluded.received"
                      " WHERE excluded.received < received"};

/* What is too old goes after the insert, so that it does not matter which came first. */
static const struct query report_forget = {
    QUERY_REPORT_FORGET, "DELETE FROM report WHERE machine = ?1 AND counter <="
                         " (SELECT max(counter) FROM report WHERE machine = ?1) - ?2"};

/* The second of the bodies' first receipts: worked out anew from all of them each time, so that
 * it is the same in whatever order they came. */
static const struct query fork_put = {
    QUERY_FORK_PUT, "INSERT INTO fork SELECT ?1, ?2, received FROM report"
                    " WHERE machine = ?1 AND counter = ?2 ORDER BY received LIMIT 1 OFFSET 1"
                    " ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at < at"};

static int put_counter(struct lite_store *s, const struct store_report *r, machine_id machine)
{
    int64_t counter = r->report->counter;
    int e = LITE_RUN(s, &report_put, INT(machine), INT(counter), INT((int64_t)r->body_digest),
                     INT(r->received_at.s));
    if (e == 0)
        e = LITE_RUN(s, &report_forget, INT(machine), INT(CAP_COUNTER_WINDOW));
    if (e == 0)
        e = LITE_RUN(s, &fork_put, INT(machine), INT(counter));
    return e;
}

int lite_put_report(struct store *store, const struct store_report *r)
{
    struct lite_store *s = lite_of(store);
    struct lite_sender sender;
    int e = lite_writable(s);
    if (e == 0)
        e = lite_sender(s, r->server, &r->report->boot, &sender);
    if (e == 0)
        e = put_licenses(s, r, sender.machine);
    if (e == 0)
        e = put_peers(s, r, sender.machine);
    if (e == 0)
        e = put_sightings(s, r, sender.machine);
    if (e == 0)
        e = put_mail_rows(s, r, sender.server);
    if (e == 0)
        e = put_gaps(s, r, sender.machine);
    if (e == 0)
        e = put_counter(s, r, sender.machine);
    if (e < 0)
        s->has_failed = true;
    return e;
}

/* Three steps in indexes, of pages that the report itself comes to. */
static const struct query report_has = {
    QUERY_REPORT_HAS, "SELECT 1 FROM server s JOIN machine m ON m.server = s.id"
                      " JOIN report r ON r.machine = m.id"
                      " WHERE s.name = ?1 AND m.boot = ?2 AND r.counter = ?3 LIMIT 1"};

int lite_has_report(struct store *store, const char *server, const struct uuid *boot,
                    int64_t counter)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    struct lite_store *s = lite_of(store);
    int r = LITE_USE(s, &report_has, &st, TEXT(server), BLOB(boot->bytes, sizeof boot->bytes),
                     INT(counter));
    return r < 0 ? r : lite_step(s, st);
}
