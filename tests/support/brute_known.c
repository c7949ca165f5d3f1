/* What is known: each report put on the collector's clock, then all of them joined (SPEC 3). */
#include "support/brute_parts.h"

#include <string.h>

#define YEAR_2020 INT64_C(1577836800)

/* "Clock" of SPEC 3, for one stretch. False refuses the report. */
static bool settle(const struct world_report *r, struct span *s)
{
    if (s->first.s > s->last.s || s->last.s > r->sent_at.s + 60)
        return false;
    int64_t off = r->received_at.s - r->sent_at.s;
    if (off > 60 || off < -60) {
        s->first.s += off;
        s->last.s += off;
    }
    s->first = wall_min(s->first, r->received_at);
    s->last = wall_min(s->last, r->received_at);
    return s->first.s >= YEAR_2020;
}

static bool is_acceptable(const struct world_report *r)
{
    bool ok = true;
    struct span s;
    for (size_t i = 0; i < r->report.n_sightings; i++) {
        s = r->report.sightings[i].seen;
        ok = settle(r, &s) && ok;
    }
    for (size_t i = 0; i < r->report.n_mailboxes; i++) {
        s = r->report.mailboxes[i].seen;
        ok = settle(r, &s) && ok;
    }
    for (size_t i = 0; i < r->report.n_gaps; i++) {
        s = r->report.gaps[i].seen;
        ok = settle(r, &s) && ok;
    }
    return ok;
}

static void take_sightings(const struct world_report *r, struct brute_known *k)
{
    for (size_t i = 0; i < r->report.n_sightings; i++) {
        const struct report_sighting *s = &r->report.sightings[i];
        struct brute_sighting *new = &k->sightings[k->n_sightings++];
        *new = (struct brute_sighting){s->license, r->server, r->report.boot,
                                       s->address, s->source, s->seen};
        (void)settle(r, &new->seen); /* known to be acceptable */
    }
    if (!r->report.is_live || r->peer.family == 0)
        return;
    for (size_t i = 0; i < r->report.n_licenses; i++)
        k->sightings[k->n_sightings++] = (struct brute_sighting){
            r->report.licenses[i].license,   r->server, r->report.boot, r->peer, SOURCE_PEER,
            {r->received_at, r->received_at}};
}

static void take_report(const struct world_report *r, struct brute_known *k)
{
    take_sightings(r, k);
    for (size_t i = 0; i < r->report.n_mailboxes; i++) {
        const struct report_mailboxes *m = &r->report.mailboxes[i];
        struct brute_mail_row *new = &k->mail[k->n_mail++];
        *new = (struct brute_mail_row){m->domain, r->server, m->counts, m->seen};
        (void)settle(r, &new->seen); /* known to be acceptable */
    }
}

static bool is_near(struct span a, struct span b, dur_t gap)
{
    return a.first.s - b.last.s <= gap.s && b.first.s - a.last.s <= gap.s;
}

static bool is_same_sighting(const struct brute_sighting *a, const struct brute_sighting *b)
{
    return a->license.code == b->license.code && strcmp(a->server, b->server) == 0 &&
           memcmp(&a->boot, &b->boot, sizeof a->boot) == 0 &&
           addr_compare(&a->address, &b->address) == 0 && a->source == b->source;
}

static bool is_same_row(const struct brute_mail_row *a, const struct brute_mail_row *b)
{
    const struct mail_counts *x = &a->counts, *y = &b->counts;
    return strcmp(a->domain, b->domain) == 0 && strcmp(a->server, b->server) == 0 &&
           x->mailboxes == y->mailboxes && x->aliases == y->aliases &&
           x->forwards == y->forwards && x->lists == y->lists &&
           x->alias_domains == y->alias_domains && x->catch_all == y->catch_all &&
           x->is_filtered == y->is_filtered;
}

static void widen(struct span *s, struct span by)
{
    s->first = wall_min(s->first, by.first);
    s->last = wall_max(s->last, by.last);
}

/* Makes one of the first two stretches that are one; false when there are none. */
static bool join_two_sightings(struct brute_known *k, dur_t gap)
{
    for (size_t i = 0; i < k->n_sightings; i++)
        for (size_t j = i + 1; j < k->n_sightings; j++) {
            struct brute_sighting *a = &k->sightings[i], *b = &k->sightings[j];
            if (!is_same_sighting(a, b) || !is_near(a->seen, b->seen, gap))
                continue;
            widen(&a->seen, b->seen);
            *b = k->sightings[--k->n_sightings];
            return true;
        }
    return false;
}

static bool join_two_rows(struct brute_known *k, dur_t gap)
{
    for (size_t i = 0; i < k->n_mail; i++)
        for (size_t j = i + 1; j < k->n_mail; j++) {
            struct brute_mail_row *a = &k->mail[i], *b = &k->mail[j];
            if (!is_same_row(a, b) || !is_near(a->seen, b->seen, gap))
                continue;
            widen(&a->seen, b->seen);
            *b = k->mail[--k->n_mail];
            return true;
        }
    return false;
}

/* What begins after E is not there, what reaches beyond it ends at it. */
static void cut_all(struct brute_known *k, wall_t e)
{
    const struct span past = {WALL_BEGIN, e};
    for (size_t i = 0; i < k->n_sightings;)
        if (brute_span_cut(&k->sightings[i].seen, past))
            i++;
        else
            k->sightings[i] = k->sightings[--k->n_sightings];
    for (size_t i = 0; i < k->n_mail;)
        if (brute_span_cut(&k->mail[i].seen, past))
            i++;
        else
            k->mail[i] = k->mail[--k->n_mail];
}

void brute_learn(const struct world *w, wall_t e, struct brute_known *ret)
{
    ret->n_sightings = ret->n_mail = ret->n_accepted = 0;
    for (size_t i = 0; i < w->n_reports; i++) {
        if (!is_acceptable(&w->reports[i]))
            continue;
        ret->accepted[ret->n_accepted++] = &w->reports[i];
        take_report(&w->reports[i], ret);
    }
    while (join_two_sightings(ret, w->merge_gap) || join_two_rows(ret, w->merge_gap))
        continue;
    cut_all(ret, e);
}
