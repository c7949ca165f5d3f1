/*
 * How much was seen of what is known. What is seen is told by the rows alone, and whose a
 * server is by a table in memory: nothing is looked up for a row.
 */
#include "edition/coverage_parts.h"

#include <errno.h>
#include <string.h>

/* As the rule `silent` has it (SPEC 6.4): what was not heard of for longer is no news. */
enum { HEARD_KNOWN_S = 35 * 86400 };

void coverage_free(struct coverage *c)
{
    if (!c)
        return;
    seats_done(&c->seats);
    free(c->of);
    free(c);
}

static inline void coverage_done(struct coverage **c)
{
    coverage_free(*c);
}

/* ---- Servers ---------------------------------------------------------------------------- */

struct seated *coverage_hear(struct coverage *c, server_id id, struct span seen)
{
    if (seen.first.s > c->end.s || seen.last.s < c->end.s - HEARD_KNOWN_S)
        return NULL;
    struct seated *s = seats_find(&c->seats, id);
    if (s)
        s->last = wall_max(s->last, wall_min(seen.last, c->end));
    return s;
}

bool coverage_is_at_home(const struct coverage *c, const struct seated *s, uint32_t reseller,
                         struct span seen)
{
    for (uint32_t i = 0; i < s->n; i++) {
        const struct seat *seat = &c->seats.v[s->first + i];
        struct span cut = seen;
        if (seat->reseller == reseller && span_cut(&cut, term_closed(seat->valid)))
            return true;
    }
    return false;
}

static void count_servers(struct coverage *c)
{
    for (size_t i = 0; i < c->seats.n_servers; i++) {
        const struct seated *s = &c->seats.servers[i];
        int64_t age = c->end.s - s->last.s;
        if (s->is_off || age > HEARD_KNOWN_S)
            continue;
        for (uint32_t k = 0; k < s->n; k++) {
            const struct seat *seat = &c->seats.v[s->first + k];
            struct covered *of = &c->of[seat->reseller];
            if (!term_holds(seat->valid, c->end))
                continue;
            of->counts.servers_known++;
            of->counts.servers_silent += age > of->silent_after.s;
        }
    }
}

/* ---- Networks --------------------------------------------------------------------------- */

static bool has_family(const struct audit_reseller *r, enum addr_family family, wall_t at)
{
    for (size_t i = 0; i < r->n_networks; i++)
        if (r->networks[i].network.base.family == family &&
            term_holds(r->networks[i].valid, at))
            return true;
    return false;
}

static void count_networks(struct coverage *c)
{
    for (size_t i = 0; i < c->book->n_resellers; i++) {
        const struct audit_reseller *r = &c->book->resellers[i];
        struct bulletin_coverage *counts = &c->of[i].counts;
        if (counts->licenses_known == 0)
            continue;
        counts->lacks_ipv4 = !has_family(r, ADDR_IPV4, c->end);
        counts->lacks_ipv6 = !has_family(r, ADDR_IPV6, c->end);
    }
}

/* ---- All of it -------------------------------------------------------------------------- */

static void read_policies(struct coverage *c, const struct run_setup *run)
{
    const struct policy_version *version = policy_version_at(run->policies, c->p0);

    for (size_t i = 0; i < c->book->n_resellers; i++) {
        const struct policy *p = policy_for(version, c->book->resellers[i].id);
        struct covered *of = &c->of[i];
        of->silent_after = p->silent_after;
        of->since = wall_min(c->p0, (wall_t){c->end.s - p->silent_after.s});
        of->since = wall_max(of->since, (wall_t){c->end.s - HEARD_KNOWN_S});
        of->mailbox_filtered_only = p->mailbox_filtered_only;
    }
}

static int count_all(struct coverage *c, const struct run_setup *run)
{
    int r = seats_load(c, run);

    if (r >= 0)
        r = coverage_licenses(c, run);
    if (r >= 0)
        r = coverage_domains(c, run);
    if (r >= 0)
        r = coverage_gaps(c, run->store);
    if (r < 0)
        return r;
    count_servers(c);
    count_networks(c);
    /* Only the counts are asked for from here on. */
    seats_done(&c->seats);
    return 0;
}

int coverage_make(const struct edition_setup *setup, struct coverage **ret, struct diag *d)
{
    const struct run_setup *run = setup->run;
    AUTO(coverage) struct coverage *c = calloc(1, sizeof(*c));
    period_t newest = sides_newest(setup);
    int r = c ? 0 : -ENOMEM;

    if (r >= 0) {
        c->book = run->book;
        c->p0 = period_start(run->zone, newest);
        c->end = wall_min(period_start(run->zone, period_plus(newest, 1)), run->as_of);
        c->of = calloc(run->book->n_resellers + 1, sizeof(*c->of));
        r = c->of ? 0 : -ENOMEM;
    }
    if (r >= 0) {
        read_policies(c, run);
        r = count_all(c, run);
    }
    if (r == -ENOMEM)
        return diag_set(d, r, "not enough memory");
    if (r >= 0)
        *ret = STEAL(c);
    return r;
}

struct bulletin_coverage coverage_of(const struct coverage *c, const char *reseller)
{
    const struct audit_reseller *r = book_reseller(c->book, reseller);

    return r ? c->of[r - c->book->resellers].counts : (struct bulletin_coverage){0};
}

void coverage_add(struct bulletin_coverage *sum, const struct bulletin_coverage *x)
{
    sum->licenses_known += x->licenses_known;
    sum->licenses_seen += x->licenses_seen;
    sum->domains_known += x->domains_known;
    sum->domains_counted += x->domains_counted;
    sum->servers_known += x->servers_known;
    sum->servers_silent += x->servers_silent;
    sum->servers_with_gaps += x->servers_with_gaps;
    sum->gaps.s += x->gaps.s;
    sum->lacks_ipv4 = sum->lacks_ipv4 || x->lacks_ipv4;
    sum->lacks_ipv6 = sum->lacks_ipv6 || x->lacks_ipv6;
}
