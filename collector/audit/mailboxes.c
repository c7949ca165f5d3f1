/*
 * mailboxes (FUP, SpamExperts 1: at most 1,000 mailboxes for one domain).
 *
 * 1. The rows of the domain that reach into [from, to], cut to the time in which their server
 *    is the entry's reseller's, and to E; rows of unfiltered domains are as if never reported.
 * 2. A server's count at t is that of its row that holds t; of several, the one with the
 *    latest `first`, then the larger count. Where none holds t: of its row with the latest
 *    `last` before t (then the latest `first`, then the larger count), if that is no more than
 *    `bridge` ago and its server is still the reseller's; else it has none.
 * 3. The domain's count is the max (or sum) over servers, 0 where none has one;
 *    over(t) = max(0, count(t) - limit(t)): 1,000 is allowed, 1,001 is one over.
 * 4. The finding: sustained(over, mailbox_sustain), else seen(over). Where neither holds,
 *    `split-domain`: the sum over servers is over the limit for longer than that in V.
 */
#include "audit/mailboxes.h"
#include "base/grow.h"
#include <errno.h>

void mailboxes_facts_done(struct mailboxes_facts *f)
{
    free(f->rows);
    free(f->limits);
    f->rows = NULL;
    f->limits = NULL;
    f->n_rows = f->cap_rows = f->n_limits = f->cap_limits = 0;
}

static int64_t row_count(const struct policy *p, const struct mail_counts *c)
{
    switch (p->mailbox_basis) {
    case BASIS_MAILBOXES: return c->mailboxes;
    case BASIS_ADDRESSES: return c->mailboxes + c->aliases + c->forwards + c->lists;
    }
    return c->mailboxes;
}

/* Step 1, for one row. */
static int gather_row(struct mailboxes_facts *f, const struct audit *a,
                      const struct domain_case *c, const struct entry *e,
                      const struct audit_count *row)
{
    const struct audit_server *server = c->servers[row->server];
    struct span reach = row->seen;

    if (!span_cut(&reach, term_closed(e->valid)))
        return 0;
    for (size_t i = 0; i < server->n_tenures; i++) {
        const struct tenure *t = &server->tenures[i];
        struct span cut = row->seen;
        if (t->reseller != e->reseller || !span_cut(&cut, term_closed(t->valid)) ||
            !span_cut(&cut, (struct span){WALL_BEGIN, a->end}))
            continue;
        int r = grow(&f->rows, &f->cap_rows, f->n_rows + 1, sizeof(*f->rows), SIZE_MAX);
        if (r < 0)
            return r;
        f->rows[f->n_rows++] = (struct counted_row){
            row->server, row_count(e->policy, &row->counts), row->counts, cut, t->valid.to};
    }
    return 0;
}

static int gather_limits(struct mailboxes_facts *f, const struct entry *e)
{
    int r = grow(&f->limits, &f->cap_limits, e->n_rows, sizeof(*f->limits), SIZE_MAX);

    if (r < 0)
        return r;
    for (size_t i = 0; i < e->n_rows; i++)
        f->limits[i] =
            (struct limit_step){i == 0 ? WALL_BEGIN : e->rows[i].valid.from, e->rows[i].limit};
    f->n_limits = e->n_rows;
    return 0;
}

static int row_compare(const void *a, const void *b)
{
    const struct counted_row *x = a, *y = b;

    if (x->server != y->server)
        return x->server < y->server ? -1 : 1;
    int r = span_compare(&x->seen, &y->seen);
    if (r != 0)
        return r;
    return x->count < y->count ? -1 : x->count > y->count;
}

int mailboxes_gather(struct mailboxes_facts *f, const struct audit *a,
                     const struct domain_case *c, const struct entry *e)
{
    f->n_rows = 0;
    f->bridge = e->policy->bridge;
    f->split = e->policy->mailbox_split;
    for (size_t i = 0; i < c->n_counts; i++) {
        const struct audit_count *row = &c->counts[i];
        if (e->policy->mailbox_filtered_only && !row->counts.is_filtered)
            continue;
        if (row->seen.last.s + f->bridge.s < f->terms.window.first.s)
            continue;
        int r = gather_row(f, a, c, e, row);
        if (r < 0)
            return r;
    }
    if (f->n_rows > 1)
        qsort(f->rows, f->n_rows, sizeof(*f->rows), row_compare);
    return gather_limits(f, e);
}

/* The moments at which one server's count may change: a row begins, ends, or is carried no
 * further. */
static int server_moments(const struct counted_row *rows, size_t n, dur_t bridge, wall_t *ret)
{
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        ret[used++] = rows[i].seen.first;
        ret[used++] = rows[i].seen.last;
        ret[used++] = wall_min((wall_t){rows[i].seen.last.s + bridge.s}, rows[i].carry_until);
    }
    return (int)used;
}

static int moment_compare(const void *a, const void *b)
{
    const wall_t *x = a, *y = b;
    return x->s < y->s ? -1 : x->s > y->s;
}

/* Of two rows that hold t: the latest first, then the larger count. */
static bool holds_better(const struct counted_row *x, const struct counted_row *best)
{
    return !best || x->seen.first.s > best->seen.first.s ||
           (x->seen.first.s == best->seen.first.s && x->count > best->count);
}

/* Of two rows that ended before t: the latest last, then as above. */
static bool ended_better(const struct counted_row *x, const struct counted_row *best)
{
    if (!best || x->seen.last.s != best->seen.last.s)
        return !best || x->seen.last.s > best->seen.last.s;
    return holds_better(x, best);
}

/* What a walk over one server's rows knows. */
struct server_walk {
    const struct counted_row *rows; /* by first */
    size_t n, next;
    const struct counted_row **active; /* those that hold the moment */
    size_t n_active;
    const struct counted_row *ended; /* the best of those that ended before */
};

/* Step 2: the count of those active, else of the one that ended last, `at` or just after it. */
static int64_t server_count(const struct server_walk *w, dur_t bridge, wall_t at, bool is_after)
{
    const struct counted_row *best = NULL;

    for (size_t i = 0; i < w->n_active; i++)
        if (holds_better(w->active[i], best))
            best = w->active[i];
    if (best)
        return best->count;
    if (!w->ended)
        return 0;
    wall_t until = wall_min((wall_t){w->ended->seen.last.s + bridge.s}, w->ended->carry_until);
    return at.s < until.s || (at.s == until.s && !is_after) ? w->ended->count : 0;
}

static void server_begin(struct server_walk *w, wall_t at)
{
    while (w->next < w->n && w->rows[w->next].seen.first.s <= at.s)
        w->active[w->n_active++] = &w->rows[w->next++];
}

/* From the moment to the stretch after it. */
static void server_pass(struct server_walk *w, wall_t at)
{
    size_t kept = 0;

    for (size_t i = 0; i < w->n_active; i++) {
        if (w->active[i]->seen.last.s > at.s)
            w->active[kept++] = w->active[i];
        else if (ended_better(w->active[i], w->ended))
            w->ended = w->active[i];
    }
    w->n_active = kept;
}

static int server_level(const struct counted_row *rows, size_t n, dur_t bridge,
                        struct level *ret)
{
    AUTO_FREE wall_t *moments = calloc(3 * n, sizeof(*moments));
    AUTO_FREE const struct counted_row **active = calloc(n, sizeof(*active));
    struct server_walk w = {.rows = rows, .n = n, .active = active};

    if (!moments || !active)
        return -ENOMEM;
    int n_moments = server_moments(rows, n, bridge, moments);
    qsort(moments, (size_t)n_moments, sizeof(*moments), moment_compare);
    level_reset(ret);
    for (int i = 0; i < n_moments; i++) {
        struct level_step step = {.at = moments[i]};
        if (i > 0 && moments[i].s == moments[i - 1].s)
            continue;
        server_begin(&w, step.at);
        step.on = server_count(&w, bridge, step.at, false);
        server_pass(&w, step.at);
        step.after = server_count(&w, bridge, step.at, true);
        int r = level_add(ret, step);
        if (r < 0)
            return r;
    }
    return 0;
}

static int64_t combine_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t combine_sum(int64_t a, int64_t b)
{
    return a + b; /* at most some 10^4 servers of 4 * 10^7 */
}

static int64_t combine_over(int64_t count, int64_t limit)
{
    return count > limit ? count - limit : 0;
}

static void level_swap(struct level *a, struct level *b)
{
    struct level keep = *a;
    *a = *b;
    *b = keep;
}

int mailboxes_count(const struct mailboxes_facts *f, enum mailbox_split split,
                    struct level *ret)
{
    AUTO(level) struct level one = {0};
    AUTO(level) struct level both = {0};
    size_t end;

    level_reset(ret);
    for (size_t i = 0; i < f->n_rows; i = end) {
        for (end = i; end < f->n_rows && f->rows[end].server == f->rows[i].server;)
            end++;
        int r = server_level(&f->rows[i], end - i, f->bridge, &one);
        if (r >= 0)
            r = level_combine(ret, &one, split == SPLIT_MAX ? combine_max : combine_sum, &both);
        if (r < 0)
            return r;
        level_swap(ret, &both);
    }
    return 0;
}

int mailboxes_over(const struct mailboxes_facts *f, enum mailbox_split split, struct level *ret)
{
    AUTO(level) struct level count = {0};
    AUTO(level) struct level limit = {0};
    int r = mailboxes_count(f, split, &count);

    for (size_t i = 0; i < f->n_limits && r >= 0; i++)
        r = level_add(&limit, (struct level_step){f->limits[i].from, f->limits[i].limit,
                                                  f->limits[i].limit});
    return r < 0 ? r : level_combine(&count, &limit, combine_over, ret);
}

/* No row is over any limit: the common case, told without a walk. */
static bool is_plainly_under(const struct mailboxes_facts *f)
{
    int64_t least = INT64_MAX, most = 0, servers = 0;

    for (size_t i = 0; i < f->n_limits; i++)
        least = f->limits[i].limit < least ? f->limits[i].limit : least;
    for (size_t i = 0; i < f->n_rows; i++) {
        servers += i == 0 || f->rows[i].server != f->rows[i - 1].server;
        most = f->rows[i].count > most ? f->rows[i].count : most;
    }
    return servers == 0 || most <= least / servers;
}

int mailboxes_judge(const struct mailboxes_facts *f, struct level_answer *ret)
{
    AUTO(level) struct level over = {0};

    if (!is_plainly_under(f)) {
        int r = mailboxes_over(f, f->split, &over);
        if (r < 0)
            return r;
    }
    return level_judge(&over, &f->terms, ret);
}

int split_domain_judge(const struct mailboxes_facts *f, struct level_answer *ret)
{
    AUTO(level) struct level over = {0};

    if (!is_plainly_under(f)) {
        int r = mailboxes_over(f, SPLIT_SUM, &over);
        if (r < 0)
            return r;
    }
    int r = level_notice(&over, &f->terms, f->terms.grace, ret);
    if (r >= 0 && ret->state == STATE_NOTICE)
        ret->quantity = 1;
    return r;
}
