/* Rows: how what is said becomes a key, how they are walked over, and how they are joined. */
#include "spool/spool_parts.h"

#include "base/ckd.h"

#include <errno.h>
#include <string.h>

/* What a report may say of a gap: the largest integer that all of JSON's readers keep. */
#define LOST_MAX (INT64_C(1) << 53)

/* ---- Keys ---------------------------------------------------------------------------- */

enum { CODE_BYTES = 8, COUNT_BYTES = 3, COUNTS = 5, COUNTS_BYTES = COUNTS * COUNT_BYTES + 1 };
static_assert(CAP_REPORT_COUNT < 1 << (8 * COUNT_BYTES), "a count has room in its bytes");

/* The highest byte first, so that bytes sort as the numbers do. */
static void add_number(struct row *x, int64_t v, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;)
        x->key[x->key_n++] = (uint8_t)((uint64_t)v >> (8 * i));
}

static int64_t read_number(const uint8_t *p, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | p[i];
    return (int64_t)v;
}

static int refuse(struct spool *s, const char *what)
{
    return diag_set(&s->diag, -EINVAL, "%s: no report may hold that", what);
}

static bool is_stretch(struct span x)
{
    return x.first.s <= x.last.s && x.first.s >= WALL_MIN.s && x.last.s <= WALL_MAX.s;
}

int row_of_sighting(struct spool *s, const struct report_sighting *x, struct row *ret)
{
    license_t known;
    struct row row = {.run = ret->run, .place = ret->place, .kind = ROW_SIGHTING};
    if (!is_stretch(x->seen))
        return refuse(s, "a sighting's times are not in order");
    if (license_from_code(x->license.code, &known) != 0)
        return refuse(s, "a sighting of no licence");
    if (x->address.family != ADDR_IPV4 && x->address.family != ADDR_IPV6)
        return refuse(s, "a sighting without an address");
    if (x->source <= SOURCE_PEER || x->source >= SOURCE_COUNT)
        return refuse(s, "a sighting of a source that agents do not have");
    add_number(&row, x->license.code, CODE_BYTES);
    row.key[row.key_n++] = x->address.family;
    memcpy(row.key + row.key_n, x->address.bytes, addr_len(&x->address));
    row.key_n += addr_len(&x->address);
    row.key[row.key_n++] = (uint8_t)x->source;
    row.seen = x->seen;
    *ret = row;
    return 0;
}

int row_of_mailboxes(struct spool *s, const struct report_mailboxes *x, struct row *ret)
{
    const struct mail_counts *c = &x->counts;
    const int64_t counts[COUNTS] = {c->mailboxes, c->aliases, c->forwards, c->lists,
                                    c->alias_domains};
    struct row row = {.run = ret->run, .place = ret->place, .kind = ROW_MAILBOXES};
    size_t n = strnlen(x->domain, sizeof x->domain);
    if (!is_stretch(x->seen))
        return refuse(s, "a domain's times are not in order");
    if (n == 0 || n > CAP_DOMAIN)
        return refuse(s, "a domain without a name, or with too long a one");
    memcpy(row.key, x->domain, n);
    row.key_n = n + 1;
    for (size_t i = 0; i < COUNTS; i++) {
        if (counts[i] < 0 || counts[i] > CAP_REPORT_COUNT)
            return refuse(s, "a domain's count is out of range");
        add_number(&row, counts[i], COUNT_BYTES);
    }
    row.key[row.key_n++] = (uint8_t)((c->catch_all ? 1 : 0) | (c->is_filtered ? 2 : 0));
    row.seen = x->seen;
    *ret = row;
    return 0;
}

int row_of_gap(struct spool *s, const struct report_gap *x, struct row *ret)
{
    struct row row = {.run = ret->run, .place = ret->place, .kind = ROW_GAP};
    if (!is_stretch(x->seen))
        return refuse(s, "a gap's times are not in order");
    if ((int)x->what < 0 || x->what >= GAP_KIND_COUNT)
        return refuse(s, "a gap of no kind");
    if (x->lost < 0 || x->lost > LOST_MAX)
        return refuse(s, "what a gap lost is out of range");
    row.key[row.key_n++] = (uint8_t)x->what;
    row.seen = x->seen;
    row.lost = x->lost;
    *ret = row;
    return 0;
}

int row_to_sighting(struct spool *s, const struct row *x, struct report_sighting *ret)
{
    struct report_sighting v = {.seen = x->seen};
    size_t left = x->key_n > CODE_BYTES + 2 ? x->key_n - CODE_BYTES - 2 : 0;
    const uint8_t *address = x->key + CODE_BYTES;
    uint8_t source = x->key_n > 0 ? x->key[x->key_n - 1] : 0;
    if (left == 0 || license_from_code(read_number(x->key, CODE_BYTES), &v.license) != 0 ||
        addr_from_bytes(address + 1, left, &v.address) != 0 || v.address.family != address[0] ||
        source == 0 || source >= SOURCE_COUNT)
        return sql_damaged(s, "a sighting");
    v.source = (enum source)source;
    *ret = v;
    return 0;
}

size_t row_subject_n(const struct row *x)
{
    bool is_long = x->key_n > COUNTS_BYTES;
    return x->kind == ROW_MAILBOXES && is_long ? x->key_n - COUNTS_BYTES : x->key_n;
}

int row_to_mailboxes(struct spool *s, const struct row *x, struct report_mailboxes *ret)
{
    struct report_mailboxes v = {.seen = x->seen};
    size_t n = row_subject_n(x); /* of the domain, with its end */
    const uint8_t *p = x->key + n;
    if (n < 2 || n + COUNTS_BYTES != x->key_n || n > sizeof v.domain || x->key[n - 1] != 0 ||
        memchr(x->key, 0, n) != x->key + n - 1 || p[COUNTS * COUNT_BYTES] > 3)
        return sql_damaged(s, "a domain");
    memcpy(v.domain, x->key, n);
    int64_t *const counts[COUNTS] = {&v.counts.mailboxes, &v.counts.aliases, &v.counts.forwards,
                                     &v.counts.lists, &v.counts.alias_domains};
    for (size_t i = 0; i < COUNTS; i++, p += COUNT_BYTES) {
        *counts[i] = read_number(p, COUNT_BYTES);
        if (*counts[i] > CAP_REPORT_COUNT)
            return sql_damaged(s, "a domain's count");
    }
    v.counts.catch_all = (*p & 1) != 0;
    v.counts.is_filtered = (*p & 2) != 0;
    *ret = v;
    return 0;
}

int row_to_gap(struct spool *s, const struct row *x, struct report_gap *ret)
{
    if (x->key_n != 1 || x->key[0] >= GAP_KIND_COUNT)
        return sql_damaged(s, "a gap");
    *ret =
        (struct report_gap){.what = (enum gap_kind)x->key[0], .seen = x->seen, .lost = x->lost};
    return 0;
}

void row_to_wall(struct row *x, int64_t correction, wall_t now)
{
    x->seen.last = wall_min((wall_t){x->seen.last.s + correction}, now);
    x->seen.first = wall_min((wall_t){x->seen.first.s + correction}, x->seen.last);
}

bool row_is_spool_gap(const struct row *x)
{
    return x->kind == ROW_GAP && x->key_n == 1 && x->key[0] == GAP_SPOOL;
}

/* ---- Rows ---------------------------------------------------------------------------- */

enum { TRIED = 1, TOLD = 2 }; /* bits of the column `tried` */

static int tried_of(const struct row *x)
{
    return (x->was_retried ? TRIED : 0) | (x->was_told ? TOLD : 0);
}

int row_read(struct spool *s, sqlite3_stmt *st, struct row *ret)
{
    int64_t kind = sqlite3_column_int64(st, 0);
    const void *key = sqlite3_column_blob(st, 1);
    int n = sqlite3_column_bytes(st, 1);
    struct span seen = {{sqlite3_column_int64(st, 2)}, {sqlite3_column_int64(st, 3)}};
    int64_t lost = sqlite3_column_int64(st, 4);
    if (!key && sqlite3_errcode(s->db) == SQLITE_NOMEM)
        return sql_error(s, SQLITE_NOMEM);
    if (kind < 0 || kind >= ROW_KIND_COUNT || !key || n < 1 || n > ROW_KEY_MAX ||
        !is_stretch(seen) || lost < 0 || lost > LOST_MAX)
        return sql_damaged(s, "a row");
    ret->kind = (enum row_kind)kind;
    memcpy(ret->key, key, (size_t)n);
    ret->key_n = (size_t)n;
    ret->seen = seen;
    ret->lost = lost;
    ret->was_retried = (sqlite3_column_int64(st, 5) & TRIED) != 0;
    ret->was_told = (sqlite3_column_int64(st, 5) & TOLD) != 0;
    ret->aside_at = sqlite3_column_int64(st, 6);
    return 0;
}

struct row rows_start(int64_t run, enum place place, enum row_kind kind)
{
    return (struct row){.run = run, .place = place, .kind = kind}; /* before the first key */
}

static const char next_sql[] = "SELECT " ROW_COLUMNS " FROM stretch"
                               " WHERE run = ?1 AND place = ?2"
                               " AND (kind, key, first) > (?3, ?4, ?5)"
                               " ORDER BY kind, key, first LIMIT 1";

int rows_next(struct spool *s, struct row *at)
{
    sqlite3_stmt *st = NULL;
    int r = SQL_USE(s, next_sql, &st, INT(at->run), INT(at->place), INT(at->kind),
                    BLOB(at->key, at->key_n), INT(at->seen.first.s));
    if (r < 0)
        return r;
    r = sql_step(s, st);
    if (r == 1) {
        int read = row_read(s, st, at);
        r = read < 0 ? read : r;
    }
    sql_reset_done(&st);
    return r;
}

static void count(struct spool *s, enum place place, int64_t more)
{
    int64_t *rows = place == PLACE_HISTORY ? &s->history_rows
                    : place == PLACE_SENT  ? &s->sent_rows
                                           : &s->rows;
    if (*rows >= 0)
        *rows += more;
}

static const char remove_sql[] = "DELETE FROM stretch WHERE run = ?1 AND place = ?2"
                                 " AND kind = ?3 AND key = ?4 AND first = ?5";

int row_remove(struct spool *s, const struct row *x)
{
    count(s, x->place, -1);
    return SQL_RUN(s, remove_sql, INT(x->run), INT(x->place), INT(x->kind),
                   BLOB(x->key, x->key_n), INT(x->seen.first.s));
}

static const char insert_sql[] =
    "INSERT INTO stretch"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, sum32(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))"
    " ON CONFLICT DO UPDATE SET last = ?6, lost = ?7, tried = ?8, aside_at = ?9,"
    " sum = excluded.sum";

static int write_row(struct spool *s, const struct row *x)
{
    return SQL_RUN(s, insert_sql, INT(x->run), INT(x->place), INT(x->kind),
                   BLOB(x->key, x->key_n), INT(x->seen.first.s), INT(x->seen.last.s),
                   INT(x->lost), INT(tried_of(x)), INT(x->aside_at));
}

int row_insert(struct spool *s, const struct row *x)
{
    count(s, x->place, 1);
    return write_row(s, x);
}

int rows_count(struct spool *s)
{
    static const char waiting_sql[] =
        "SELECT count(*) FROM stretch WHERE run > 0 AND place <> 4";
    static const char history_sql[] = "SELECT count(*) FROM stretch WHERE run = 0";
    static const char sent_sql[] = "SELECT count(*) FROM stretch WHERE run > 0 AND place = 4";
    static_assert(PLACE_SENT == 4 && RUN_NONE == 0, "as they say");
    const struct {
        const char *sql;
        int64_t *rows;
    } all[] = {
        {waiting_sql, &s->rows}, {history_sql, &s->history_rows}, {sent_sql, &s->sent_rows}};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(all) && r >= 0; i++) {
        if (*all[i].rows < 0)
            r = sql_get(s, all[i].sql, NULL, 0, all[i].rows);
    }
    return r < 0 ? r : 0;
}

/* ---- Joins --------------------------------------------------------------------------- */

static bool is_within(struct span a, struct span b)
{
    return a.first.s >= b.first.s && a.last.s <= b.last.s;
}

static int64_t join_lost(const struct row *x, const struct row *old, enum lost_rule rule)
{
    bool may_be_same = is_within(x->seen, old->seen) || is_within(old->seen, x->seen);
    if (rule == LOST_IF_NEW && may_be_same)
        return x->lost > old->lost ? x->lost : old->lost;
    return x->lost > LOST_MAX - old->lost ? LOST_MAX : x->lost + old->lost;
}

/* All but the times. Tried again once is tried again, whatever of it was; the earliest of two
 * that were set aside says when they are due, the latest of two that were sent when they go. */
static void join_facts(struct row *x, const struct row *old, enum lost_rule rule)
{
    x->lost = join_lost(x, old, rule);
    x->was_retried |= old->was_retried;
    x->was_told |= old->was_told;
    if (x->place == PLACE_SENT) {
        x->aside_at = x->aside_at > old->aside_at ? x->aside_at : old->aside_at;
        return;
    }
    if (x->aside_at == 0 || (old->aside_at != 0 && old->aside_at < x->aside_at))
        x->aside_at = old->aside_at;
}

static const char near_sql[] = "SELECT " ROW_COLUMNS " FROM stretch"
                               " WHERE run = ?1 AND place = ?2 AND kind = ?3 AND key = ?4"
                               " AND first <= ?5 ORDER BY first DESC";

/* The stored rows that touch x or lie at most `gap` from it, into `near`; what they say besides
 * their times, into x. */
static int read_near(struct spool *s, struct row *x, dur_t gap, enum lost_rule rule,
                     struct spans *near)
{
    struct row asked = *x;
    AUTO(sql_reset) sqlite3_stmt *st = NULL;
    int r = SQL_USE(s, near_sql, &st, INT(x->run), INT(x->place), INT(x->kind),
                    BLOB(asked.key, asked.key_n), INT(x->seen.last.s + gap.s));
    while (r >= 0 && (r = sql_step(s, st)) == 1) {
        struct row old = asked;
        r = row_read(s, st, &old);
        /* What is stored lies apart: before one that is too early all others are too. */
        if (r < 0 || old.seen.last.s < x->seen.first.s - gap.s)
            break;
        join_facts(x, &old, rule);
        if (spans_add(near, old.seen) != 0)
            r = sql_error(s, SQLITE_NOMEM);
    }
    return r < 0 ? r : 0;
}

/* One row in place of those near: the one that begins as the whole does is only changed. */
static int replace_near(struct spool *s, const struct row *x, const struct spans *near)
{
    struct row old = *x;
    bool is_extension = false;
    int r = 0;
    for (size_t i = 0; i < near->n && r == 0; i++) {
        old.seen = near->v[i];
        if (old.seen.first.s == x->seen.first.s)
            is_extension = true;
        else
            r = row_remove(s, &old);
    }
    if (r < 0)
        return r;
    return is_extension ? write_row(s, x) : row_insert(s, x);
}

int row_join(struct spool *s, const struct row *x, dur_t gap, enum lost_rule rule)
{
    AUTO(spans) struct spans near = {.n = 0};
    struct row whole = *x;
    int r = read_near(s, &whole, gap, rule, &near);
    if (r < 0)
        return r;
    whole.seen = span_union(x->seen, near.v, near.n);
    return replace_near(s, &whole, &near);
}

int rows_move(struct spool *s, int64_t run, enum place from, enum place to)
{
    struct row at = rows_start(run, from, ROW_SIGHTING);
    int r;
    while ((r = rows_next(s, &at)) == 1) {
        struct row moved = at;
        moved.place = to;
        r = row_remove(s, &at);
        if (r == 0)
            r = row_join(s, &moved, SPOOL_MERGE_GAP, LOST_ADDED);
        if (r < 0)
            return r;
    }
    return r;
}
