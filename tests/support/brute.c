/* The simple audit as a whole: the estate as its rules read it, and the order of the rules. */
#include "support/brute.h"

#include <stdio.h>
#include <string.h>

#include "support/brute_parts.h"

void brute_begin(struct brute *b, const struct world *w, period_t p, struct verdict_list *out)
{
    b->world = w;
    b->period = p;
    b->p0 = period_start(&w->zone, p);
    b->e = wall_min(period_start(&w->zone, period_plus(p, 1)), w->as_of);
    b->out = out;
    b->version = &w->policies.versions[0];
    for (size_t i = 1; i < w->policies.n; i++)
        if (w->policies.versions[i].from.s <= b->p0.s)
            b->version = &w->policies.versions[i];
    brute_learn(w, b->e, &b->known);
}

const struct policy *brute_policy(const struct brute *b, const char *reseller)
{
    for (size_t i = 0; reseller != NULL && i < b->version->n_overrides; i++)
        if (strcmp(b->version->overrides[i].reseller, reseller) == 0)
            return &b->version->overrides[i].policy;
    return &b->version->base;
}

static bool is_trial(const struct world *w, const char *reseller)
{
    for (size_t i = 0; i < w->n_resellers; i++)
        if (strcmp(w->resellers[i].id, reseller) == 0)
            return w->resellers[i].is_trial;
    return false;
}

void brute_say(struct brute *b, struct verdict v, const char *reseller, const char *subject)
{
    v.period = b->period;
    (void)snprintf(v.reseller, sizeof v.reseller, "%s", reseller ? reseller : "");
    (void)snprintf(v.subject, sizeof v.subject, "%s", subject);
    v.is_trial = is_trial(b->world, v.reseller);
    for (size_t i = 0; i < b->out->n; i++) {
        struct verdict *old = &b->out->v[i];
        if (verdict_compare(old, &v) != 0)
            continue;
        if (v.state > old->state || (v.state == old->state && v.quantity > old->quantity))
            *old = v;
        return;
    }
    assert(b->out->n < VERDICTS_MAX);
    b->out->v[b->out->n++] = v;
}

/* One row of a table, as far as entries are concerned. */
struct row {
    const char *reseller;
    struct term valid;
    size_t index;
};

/* Puts rows, given by `from`, together; V of each. */
static void join_rows(const struct brute *b, const struct row *rows, size_t n,
                      struct brute_entries *ret)
{
    ret->n = 0;
    for (size_t i = 0; i < n; i++) {
        struct brute_entry *last = ret->n > 0 ? &ret->v[ret->n - 1] : NULL;
        if (last == NULL || strcmp(last->reseller, rows[i].reseller) != 0 ||
            last->valid.to.s != rows[i].valid.from.s) {
            assert(ret->n < BRUTE_ENTRIES);
            last = &ret->v[ret->n++];
            *last = (struct brute_entry){.reseller = rows[i].reseller, .valid = rows[i].valid};
        }
        last->valid.to = rows[i].valid.to;
        last->rows[last->n_rows++] = rows[i].index;
    }
    for (size_t i = 0; i < ret->n; i++) {
        struct brute_entry *e = &ret->v[i];
        e->judged = (struct span){b->p0, b->e};
        e->is_judged = brute_span_cut(&e->judged, term_closed(e->valid)) &&
                       e->judged.first.s < e->judged.last.s;
    }
}

static void add_row(struct row *rows, size_t *n, struct row new)
{
    size_t at = *n;
    assert(at < BRUTE_ROWS);
    for (; at > 0 && rows[at - 1].valid.from.s > new.valid.from.s; at--)
        rows[at] = rows[at - 1];
    rows[at] = new;
    *n += 1;
}

/* Rows of one subject do not overlap, so those that touch are neighbours by `from`. */
void brute_license_entries(const struct brute *b, license_t l, struct brute_entries *ret)
{
    struct row rows[BRUTE_ROWS];
    size_t n = 0;
    for (size_t i = 0; i < b->world->n_licenses; i++) {
        const struct estate_license *x = &b->world->licenses[i];
        if (x->license.code == l.code)
            add_row(rows, &n, (struct row){x->reseller, x->valid, i});
    }
    join_rows(b, rows, n, ret);
}

void brute_domain_entries(const struct brute *b, const char *domain, struct brute_entries *ret)
{
    struct row rows[BRUTE_ROWS];
    size_t n = 0;
    for (size_t i = 0; i < b->world->n_domains; i++) {
        const struct estate_domain *x = &b->world->domains[i];
        if (strcmp(x->domain, domain) == 0)
            add_row(rows, &n, (struct row){x->reseller, x->valid, i});
    }
    join_rows(b, rows, n, ret);
}

struct brute_question brute_ask(const struct brute *b, const struct brute_entry *e, dur_t g)
{
    const struct policy *p = brute_policy(b, e->reseller);
    struct brute_question q = {.window = {{b->p0.s - g.s}, b->e},
                               .judged = e->judged,
                               .g = g,
                               .period_min = p->period_min,
                               .flag_after = p->flag_after,
                               .e = b->e};
    bool is_met = brute_span_cut(&q.window, term_closed(e->valid));
    assert(is_met); /* it holds V, which is not empty */
    return q;
}

const char *brute_owner(const struct world *w, const char *server, point_t x)
{
    for (size_t i = 0; i < w->n_servers; i++)
        if (strcmp(w->servers[i].server, server) == 0 && brute_term_has(w->servers[i].valid, x))
            return w->servers[i].reseller;
    return NULL;
}

size_t brute_tenures(const struct world *w, const char *server, const char *reseller,
                     struct span ret[static BRUTE_ROWS])
{
    struct row rows[BRUTE_ROWS];
    size_t n = 0, n_ret = 0;
    for (size_t i = 0; i < w->n_servers; i++) {
        const struct estate_server *s = &w->servers[i];
        if (strcmp(s->server, server) == 0 && strcmp(s->reseller, reseller) == 0)
            add_row(rows, &n, (struct row){s->reseller, s->valid, i});
    }
    for (size_t i = 0; i < n; i++)
        if (n_ret > 0 && ret[n_ret - 1].last.s == rows[i].valid.from.s)
            ret[n_ret - 1].last = rows[i].valid.to;
        else
            ret[n_ret++] = term_closed(rows[i].valid);
    return n_ret;
}

bool brute_is_in_estate(const struct world *w, const char *server)
{
    for (size_t i = 0; i < w->n_servers; i++)
        if (strcmp(w->servers[i].server, server) == 0)
            return true;
    return false;
}

bool brute_is_retired(const struct world *w, const char *server, wall_t t)
{
    for (size_t i = 0; i < w->n_servers; i++)
        if (strcmp(w->servers[i].server, server) == 0 && w->servers[i].retired.s <= t.s)
            return true;
    return false;
}

bool brute_has_prefix(const struct world *w, license_t l)
{
    for (size_t i = 0; i < w->n_prefixes; i++)
        if (license_has_prefix(l, w->prefixes[i]))
            return true;
    return false;
}

static void add_license(license_t *all, size_t *n, license_t l)
{
    for (size_t i = 0; i < *n; i++)
        if (all[i].code == l.code)
            return;
    assert(*n < BRUTE_LICENSES);
    all[(*n)++] = l;
}

size_t brute_licenses(const struct brute *b, license_t ret[static BRUTE_LICENSES])
{
    size_t n = 0;
    for (size_t i = 0; i < b->world->n_licenses; i++)
        add_license(ret, &n, b->world->licenses[i].license);
    for (size_t i = 0; i < b->known.n_sightings; i++)
        add_license(ret, &n, b->known.sightings[i].license);
    return n;
}

static void audit_domains(struct brute *b)
{
    const struct world *w = b->world;
    for (size_t i = 0; i < w->n_domains; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i; j++)
            is_first = is_first && strcmp(w->domains[j].domain, w->domains[i].domain) != 0;
        if (!is_first)
            continue;
        brute_mailboxes(b, w->domains[i].domain);
        brute_domain_notices(b, w->domains[i].domain);
    }
}

void brute_audit(const struct world *w, period_t p, struct verdict_list *out)
{
    static struct brute b, past[BRUTE_PAST]; /* large */
    static struct verdict_list past_says;
    license_t licenses[BRUTE_LICENSES];
    past_says.n = 0;
    brute_begin(&b, w, p, out);
    if (b.p0.s >= b.e.s)
        return; /* it has not begun at T */
    size_t n = brute_licenses(&b, licenses);
    for (int i = 0; i < BRUTE_PAST; i++) {
        brute_begin(&past[i], w, period_plus(p, -1 - i), &past_says);
        for (size_t j = 0; j < n; j++)
            brute_extra_ip(&past[i], licenses[j]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!brute_has_prefix(w, licenses[i]))
            continue;
        brute_extra_ip(&b, licenses[i]);
        brute_outside(&b, licenses[i]);
        brute_elsewhere(&b, licenses[i]);
        brute_license_notices(&b, licenses[i]);
        brute_recurring(&b, licenses[i], past);
    }
    audit_domains(&b);
    brute_reseller_notices(&b);
    brute_server_notices(&b);
    brute_address_notices(&b);
    verdict_sort(out);
}
