/* The rule about domains: mailboxes and split-domain (SPEC 6.2). */
#include "support/brute_parts.h"

#include <string.h>

/* A row cut to one time in which its server is the reseller's; not carried past that time. */
struct piece {
    const char *server;
    struct span tenure, seen;
    int64_t count;
};

struct pieces {
    struct piece v[BRUTE_PIECES];
    size_t n;
};

static int64_t count_of(const struct policy *p, const struct mail_counts *c)
{
    if (p->mailbox_basis == BASIS_ADDRESSES)
        return c->mailboxes + c->aliases + c->forwards + c->lists;
    return c->mailboxes;
}

static void gather(const struct brute *b, const char *domain, const struct brute_entry *e,
                   struct pieces *ret)
{
    const struct policy *policy = brute_policy(b, e->reseller);
    ret->n = 0;
    for (size_t i = 0; i < b->known.n_mail; i++) {
        const struct brute_mail_row *row = &b->known.mail[i];
        struct span meets = row->seen;
        if (strcmp(row->domain, domain) != 0 ||
            !brute_span_cut(&meets, term_closed(e->valid)) ||
            (policy->mailbox_filtered_only && !row->counts.is_filtered))
            continue;
        struct span tenures[BRUTE_ROWS];
        size_t n = brute_tenures(b->world, row->server, e->reseller, tenures);
        for (size_t j = 0; j < n; j++) {
            struct span seen = row->seen;
            if (!brute_span_cut(&seen, tenures[j]))
                continue;
            assert(ret->n < BRUTE_PIECES);
            ret->v[ret->n++] =
                (struct piece){row->server, tenures[j], seen, count_of(policy, &row->counts)};
        }
    }
}

/* Of two rows that hold the moment: the latest `first`, then the larger count. */
static bool goes_before(const struct piece *a, const struct piece *b)
{
    if (a->seen.first.s != b->seen.first.s)
        return a->seen.first.s > b->seen.first.s;
    return a->count > b->count;
}

/* Of two rows that have ended: the latest `last`, then as above. */
static bool ended_later(const struct piece *a, const struct piece *b)
{
    if (a->seen.last.s != b->seen.last.s)
        return a->seen.last.s > b->seen.last.s;
    return goes_before(a, b);
}

/* A server's count at x; -1: it has none. */
static int64_t server_count(const struct pieces *all, const char *server, dur_t bridge,
                            point_t x)
{
    const struct piece *holds = NULL, *ended = NULL;
    for (size_t i = 0; i < all->n; i++) {
        const struct piece *p = &all->v[i];
        if (strcmp(p->server, server) != 0 || !brute_span_has(p->tenure, x))
            continue;
        if (brute_span_has(p->seen, x) && (holds == NULL || goes_before(p, holds)))
            holds = p;
        if (2 * p->seen.last.s < x.half && (ended == NULL || ended_later(p, ended)))
            ended = p;
    }
    if (holds != NULL)
        return holds->count;
    if (ended != NULL && x.half - 2 * ended->seen.last.s <= 2 * bridge.s)
        return ended->count;
    return -1;
}

/* The domain's count: the largest over its servers, and their sum. */
static void domain_count(const struct pieces *all, dur_t bridge, point_t x, int64_t *ret_max,
                         int64_t *ret_sum)
{
    *ret_max = *ret_sum = 0;
    for (size_t i = 0; i < all->n; i++) {
        bool is_first = true; /* each server once */
        for (size_t j = 0; j < i; j++)
            is_first = is_first && strcmp(all->v[j].server, all->v[i].server) != 0;
        int64_t n = is_first ? server_count(all, all->v[i].server, bridge, x) : -1;
        if (n < 0)
            continue;
        *ret_sum += n;
        *ret_max = n > *ret_max ? n : *ret_max;
    }
}

/* That of the row valid at x; at the very end of the entry that of its last row. */
static int64_t limit_at(const struct world *w, const struct brute_entry *e, point_t x)
{
    for (size_t i = 0; i < e->n_rows; i++)
        if (brute_term_has(w->domains[e->rows[i]].valid, x))
            return w->domains[e->rows[i]].limit;
    return w->domains[e->rows[e->n_rows - 1]].limit;
}

static void collect_moments(const struct brute *b, const struct brute_entry *e,
                            const struct pieces *all, struct brute_moments *ret)
{
    const struct policy *policy = brute_policy(b, e->reseller);
    ret->n = 0;
    brute_add_moment(ret, b->p0);
    brute_add_moment(ret, b->e);
    brute_add_moment(ret, (wall_t){b->p0.s - policy->mailbox_sustain.s});
    for (size_t i = 0; i < e->n_rows; i++)
        brute_add_span(ret, term_closed(b->world->domains[e->rows[i]].valid));
    for (size_t i = 0; i < all->n; i++) {
        brute_add_span(ret, all->v[i].tenure);
        brute_add_span(ret, all->v[i].seen);
        brute_add_moment(ret, (wall_t){all->v[i].seen.last.s + policy->bridge.s});
    }
    brute_sort_moments(ret);
}

static int64_t above(int64_t n, int64_t limit)
{
    return n > limit ? n - limit : 0;
}

static void judge(struct brute *b, const char *domain, const struct brute_entry *e)
{
    static struct pieces all;                 /* large */
    static struct brute_level over, sum_over; /* large */
    const struct policy *policy = brute_policy(b, e->reseller);
    gather(b, domain, e, &all);
    collect_moments(b, e, &all, &over.moments);
    sum_over.moments = over.moments;
    for (size_t c = 0; c < brute_cells(&over.moments); c++) {
        point_t x = brute_point(&over.moments, c);
        int64_t max, sum;
        over.value[c] = sum_over.value[c] = 0;
        if (!brute_span_has(term_closed(e->valid), x))
            continue;
        domain_count(&all, policy->bridge, x, &max, &sum);
        int64_t limit = limit_at(b->world, e, x);
        over.value[c] = above(policy->mailbox_split == SPLIT_SUM ? sum : max, limit);
        sum_over.value[c] = above(sum, limit);
    }
    struct brute_question q = brute_ask(b, e, policy->mailbox_sustain);
    struct verdict r = {.kind = FINDING_MAILBOXES};
    if (brute_sustained(&over, &q, &r) || brute_seen(&over, &q, &r)) {
        brute_say(b, r, e->reseller, domain);
        return;
    }
    if (brute_measure(&sum_over, 1, e->judged) <= policy->mailbox_sustain.s)
        return;
    struct verdict split = {.kind = FINDING_SPLIT_DOMAIN, .state = STATE_NOTICE, .quantity = 1};
    brute_set_since(&sum_over, q.window, &split);
    brute_say(b, split, e->reseller, domain);
}

void brute_mailboxes(struct brute *b, const char *domain)
{
    struct brute_entries entries;
    brute_domain_entries(b, domain, &entries);
    for (size_t i = 0; i < entries.n; i++)
        if (entries.v[i].is_judged)
            judge(b, domain, &entries.v[i]);
}
