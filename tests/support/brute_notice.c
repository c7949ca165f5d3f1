/* The notices about licences, domains and resellers (SPEC 6.4, and `undeclared` of 6.3). */
#include "support/brute_parts.h"

#include <string.h>

#define DAYS_35 (INT64_C(35) * 86400)

static void say(struct brute *b, enum finding_kind kind, const char *reseller,
                const char *subject, int64_t quantity)
{
    struct verdict v = {.kind = kind, .state = STATE_NOTICE, .quantity = quantity};
    brute_say(b, v, reseller, subject);
}

/* All moments of the estate and of one sighting: who owned what when it was made. */
static void collect_moments(const struct brute *b, const struct brute_sighting *s,
                            struct brute_moments *ret)
{
    const struct world *w = b->world;
    ret->n = 0;
    brute_add_moment(ret, b->p0);
    brute_add_moment(ret, b->e);
    brute_add_span(ret, s->seen);
    for (size_t i = 0; i < w->n_servers; i++)
        brute_add_span(ret, term_closed(w->servers[i].valid));
    for (size_t i = 0; i < w->n_licenses; i++)
        brute_add_span(ret, term_closed(w->licenses[i].valid));
    brute_sort_moments(ret);
}

static bool is_in_period(const struct brute *b, point_t x)
{
    return brute_span_has((struct span){b->p0, b->e}, x);
}

/* Whether the sighting was made at x, in the period. */
static bool is_seen_at(const struct brute *b, const struct brute_sighting *s, point_t x)
{
    return is_in_period(b, x) && brute_span_has(s->seen, x);
}

static void unknown_license(struct brute *b, license_t l, const char *subject)
{
    static struct brute_moments m; /* large */
    wall_t first_from = WALL_END;
    bool has_entry = false;
    for (size_t i = 0; i < b->world->n_licenses; i++) {
        if (b->world->licenses[i].license.code != l.code)
            continue;
        has_entry = true;
        first_from = wall_min(first_from, b->world->licenses[i].valid.from);
    }
    for (size_t i = 0; i < b->known.n_sightings; i++) {
        const struct brute_sighting *s = &b->known.sightings[i];
        if (s->license.code != l.code)
            continue;
        collect_moments(b, s, &m);
        for (size_t c = 0; c < brute_cells(&m); c++) {
            point_t x = brute_point(&m, c);
            const char *owner = brute_owner(b->world, s->server, x);
            if (owner != NULL && is_seen_at(b, s, x) &&
                (!has_entry || x.half < 2 * first_from.s) &&
                (brute_policy(b, owner)->count_sources & (1u << s->source)) != 0)
                say(b, FINDING_UNKNOWN_LICENSE, owner, subject, 1);
        }
    }
}

static void expired_in_use(struct brute *b, license_t l, const struct brute_entries *entries,
                           const char *subject)
{
    static struct brute_moments m; /* large */
    if (entries->n == 0)
        return;
    const struct brute_entry *last = &entries->v[entries->n - 1];
    for (size_t i = 0; i < b->known.n_sightings; i++) {
        const struct brute_sighting *s = &b->known.sightings[i];
        if (s->license.code != l.code)
            continue;
        collect_moments(b, s, &m);
        for (size_t c = 0; c < brute_cells(&m); c++) {
            point_t x = brute_point(&m, c);
            if (is_seen_at(b, s, x) && x.half > 2 * last->valid.to.s &&
                brute_owner(b->world, s->server, x) != NULL)
                say(b, FINDING_EXPIRED_IN_USE, last->reseller, subject, 1);
        }
    }
}

/* Whether somebody else's server saw it while the entry was valid, in V. */
static bool is_foreign(const struct brute *b, const struct brute_entry *e,
                       const struct brute_sighting *s)
{
    static struct brute_moments m; /* large */
    collect_moments(b, s, &m);
    for (size_t c = 0; c < brute_cells(&m); c++) {
        point_t x = brute_point(&m, c);
        const char *owner = brute_owner(b->world, s->server, x);
        if (owner != NULL && strcmp(owner, e->reseller) != 0 && is_seen_at(b, s, x) &&
            brute_term_has(e->valid, x))
            return true;
    }
    return false;
}

static void foreign_server(struct brute *b, license_t l, const struct brute_entry *e,
                           const char *subject)
{
    const char *servers[BRUTE_SIGHTINGS];
    size_t n = 0;
    for (size_t i = 0; i < b->known.n_sightings; i++) {
        const struct brute_sighting *s = &b->known.sightings[i];
        if (s->license.code != l.code || !is_foreign(b, e, s))
            continue;
        bool is_new = true;
        for (size_t j = 0; j < n; j++)
            is_new = is_new && strcmp(servers[j], s->server) != 0;
        if (is_new)
            servers[n++] = s->server;
    }
    if (n > 0)
        say(b, FINDING_FOREIGN_SERVER, e->reseller, subject, (int64_t)n);
}

/* The sighting as the reseller's own servers made it, within the entry: pieces, how many. */
static size_t own_pieces(const struct brute *b, const struct brute_entry *e,
                         const struct brute_sighting *s, struct span ret[static BRUTE_ROWS])
{
    struct span tenures[BRUTE_ROWS];
    size_t n = brute_tenures(b->world, s->server, e->reseller, tenures), n_ret = 0;
    for (size_t i = 0; i < n; i++) {
        struct span seen = s->seen;
        if (brute_span_cut(&seen, tenures[i]) && brute_span_cut(&seen, term_closed(e->valid)))
            ret[n_ret++] = seen;
    }
    return n_ret;
}

static void silent_license(struct brute *b, license_t l, const struct brute_entry *e,
                           const char *subject)
{
    wall_t last = WALL_BEGIN;
    bool is_anyone_left = false;
    if (!brute_term_has(e->valid, brute_moment(b->e)))
        return;
    for (size_t i = 0; i < b->known.n_sightings; i++) {
        const struct brute_sighting *s = &b->known.sightings[i];
        struct span pieces[BRUTE_ROWS];
        size_t n = s->license.code == l.code ? own_pieces(b, e, s, pieces) : 0;
        for (size_t j = 0; j < n; j++) {
            bool is_left = !brute_is_retired(b->world, s->server, b->e);
            if (pieces[j].last.s > last.s)
                is_anyone_left = is_left;
            else if (pieces[j].last.s == last.s)
                is_anyone_left = is_anyone_left || is_left;
            last = wall_max(last, pieces[j].last);
        }
    }
    int64_t ago = b->e.s - last.s;
    if (is_anyone_left && ago > brute_policy(b, e->reseller)->silent_after.s && ago <= DAYS_35)
        say(b, FINDING_SILENT, e->reseller, subject, 1);
}

static bool is_valid_throughout(const struct brute *b, const struct brute_entry *e)
{
    return e->valid.from.s <= b->p0.s && e->valid.to.s >= b->e.s;
}

static bool is_license_seen(const struct brute *b, license_t l)
{
    for (size_t i = 0; i < b->known.n_sightings; i++)
        if (b->known.sightings[i].license.code == l.code)
            return true;
    return false;
}

void brute_license_notices(struct brute *b, license_t l)
{
    struct brute_entries entries;
    char subject[LICENSE_TEXT_SIZE];
    (void)license_format(l, subject); /* it is subject */
    brute_license_entries(b, l, &entries);
    unknown_license(b, l, subject);
    expired_in_use(b, l, &entries, subject);
    for (size_t i = 0; i < entries.n; i++) {
        const struct brute_entry *e = &entries.v[i];
        if (e->is_judged)
            foreign_server(b, l, e, subject);
        silent_license(b, l, e, subject);
        if (is_valid_throughout(b, e) && !is_license_seen(b, l))
            say(b, FINDING_NEVER_SEEN, e->reseller, subject, 1);
    }
}

/* Rows that are "as if never reported" were never reported here either. */
static bool is_domain_counted(const struct brute *b, const char *domain,
                              const struct policy *policy)
{
    for (size_t i = 0; i < b->known.n_mail; i++)
        if (strcmp(b->known.mail[i].domain, domain) == 0 &&
            (b->known.mail[i].counts.is_filtered || !policy->mailbox_filtered_only))
            return true;
    return false;
}

void brute_domain_notices(struct brute *b, const char *domain)
{
    struct brute_entries entries;
    brute_domain_entries(b, domain, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        const struct brute_entry *e = &entries.v[i];
        if (is_valid_throughout(b, e) &&
            !is_domain_counted(b, domain, brute_policy(b, e->reseller)))
            say(b, FINDING_NEVER_COUNTED, e->reseller, domain, 1);
    }
}

static bool has_judged_license(const struct brute *b, const char *reseller)
{
    for (size_t i = 0; i < b->world->n_licenses; i++) {
        license_t l = b->world->licenses[i].license;
        struct brute_entries entries;
        if (!brute_has_prefix(b->world, l))
            continue;
        brute_license_entries(b, l, &entries);
        for (size_t j = 0; j < entries.n; j++)
            if (entries.v[j].is_judged && strcmp(entries.v[j].reseller, reseller) == 0)
                return true;
    }
    return false;
}

static bool has_network(const struct brute *b, const char *reseller)
{
    for (size_t i = 0; i < b->world->n_networks; i++) {
        const struct estate_network *n = &b->world->networks[i];
        struct span valid = {b->p0, b->e};
        if (strcmp(n->reseller, reseller) == 0 &&
            brute_span_cut(&valid, term_closed(n->valid)) && valid.first.s < valid.last.s)
            return true;
    }
    return false;
}

void brute_reseller_notices(struct brute *b)
{
    for (size_t i = 0; i < b->world->n_resellers; i++) {
        const char *id = b->world->resellers[i].id;
        if (has_judged_license(b, id) && !has_network(b, id))
            say(b, FINDING_UNDECLARED, id, id, 1);
    }
}

/* Whether an audit said `potential` of the licence and the reseller. */
static bool was_potential(const struct brute *b, const char *reseller, const char *subject)
{
    for (size_t i = 0; i < b->out->n; i++) {
        const struct verdict *v = &b->out->v[i];
        if (v->period.month == b->period.month && v->kind == FINDING_EXTRA_IP &&
            v->state == STATE_POTENTIAL && strcmp(v->reseller, reseller) == 0 &&
            strcmp(v->subject, subject) == 0)
            return true;
    }
    return false;
}

void brute_recurring(struct brute *b, license_t l, struct brute past[static BRUTE_PAST])
{
    struct brute_entries entries;
    char subject[LICENSE_TEXT_SIZE];
    (void)license_format(l, subject); /* it is subject */
    brute_license_entries(b, l, &entries);
    for (size_t i = 0; i < entries.n; i++) {
        const char *reseller = entries.v[i].reseller;
        int times = was_potential(b, reseller, subject);
        for (size_t j = 0; j < BRUTE_PAST; j++)
            times += was_potential(&past[j], reseller, subject);
        if (entries.v[i].is_judged && times >= 3)
            say(b, FINDING_RECURRING, reseller, subject, 1);
    }
}
