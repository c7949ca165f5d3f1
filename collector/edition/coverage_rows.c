/* Licences, domains and gaps against what is known: merges of scans that have one order. */
#include "edition/coverage_parts.h"

#include <errno.h>
#include <string.h>

/* An entry of the estate, rows that touch joined (SPEC 6). */
struct entry {
    const struct audit_reseller *reseller; /* NULL = one that is not there */
    struct term valid;
};

/* Lengthens it by the next row of its subject, if that goes on where it ends. */
static bool entry_join(struct entry *e, const struct audit_reseller *reseller,
                       struct term valid)
{
    if (reseller != e->reseller || valid.from.s != e->valid.to.s)
        return false;
    e->valid.to = valid.to;
    return true;
}

static bool entry_counts(const struct coverage *c, const struct entry *e)
{
    return e->reseller && term_holds(e->valid, c->end);
}

static uint32_t entry_owner(const struct coverage *c, const struct entry *e)
{
    return (uint32_t)(e->reseller - c->book->resellers);
}

/* Whether the row shows the entry's subject, on a server of the entry's reseller. */
static bool entry_is_seen(const struct coverage *c, const struct entry *e,
                          const struct seated *server, struct span seen)
{
    uint32_t owner = entry_owner(c, e);
    struct span window = {wall_max(c->of[owner].since, e->valid.from), c->end};

    return span_cut(&seen, window) && coverage_is_at_home(c, server, owner, seen);
}

/* ---- Licences --------------------------------------------------------------------------- */

/* The licences that are known at the end, one after the other. */
struct license_walk {
    struct coverage *c;
    struct audit rules; /* which prefixes they speak of */
    struct store_scan *scan;
    struct estate_license row;
    bool has_row, has_known;
    license_t known;
    struct entry entry;
};

static int next_license_row(struct license_walk *w)
{
    int r = store_next_license(w->scan, &w->row);

    w->has_row = r > 0;
    return r < 0 ? r : 0;
}

static int next_known_license(struct license_walk *w)
{
    const struct book *book = w->c->book;
    int r = 0;

    w->has_known = false;
    while (r >= 0 && w->has_row && !w->has_known) {
        w->known = w->row.license;
        w->entry = (struct entry){book_reseller(book, w->row.reseller), w->row.valid};
        do
            r = next_license_row(w);
        while (r >= 0 && w->has_row && w->row.license.code == w->known.code &&
               entry_join(&w->entry, book_reseller(book, w->row.reseller), w->row.valid));
        w->has_known = entry_counts(w->c, &w->entry) && audit_speaks_of(&w->rules, w->known);
    }
    if (r >= 0 && w->has_known)
        w->c->of[entry_owner(w->c, &w->entry)].counts.licenses_known++;
    return r;
}

static int take_sighting(struct license_walk *w, const struct store_sighting *x, bool *is_seen)
{
    struct coverage *c = w->c;
    int r = 0;

    while (r >= 0 && w->has_known && w->known.code < x->license.code) {
        r = next_known_license(w);
        *is_seen = false;
    }
    if (r < 0)
        return r;
    const struct seated *server = coverage_hear(c, store_machine_server(x->machine), x->seen);
    if (!server || *is_seen || !w->has_known || w->known.code != x->license.code ||
        !entry_is_seen(c, &w->entry, server, x->seen))
        return 0;
    *is_seen = true;
    c->of[entry_owner(c, &w->entry)].counts.licenses_seen++;
    return 0;
}

int coverage_licenses(struct coverage *c, const struct run_setup *run)
{
    AUTO(store_scan) struct store_scan *known = NULL;
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct license_walk w = {.c = c,
                             .rules = {.license_prefixes = run->license_prefixes,
                                       .n_license_prefixes = run->n_license_prefixes}};
    struct store_sighting x;
    bool is_seen = false;
    int r = store_scan_licenses(run->store, LICENSES_ALL, &known);

    w.scan = known;
    if (r >= 0)
        r = store_scan_sightings(run->store, LICENSES_ALL, &scan);
    if (r >= 0)
        r = next_license_row(&w);
    if (r >= 0)
        r = next_known_license(&w);
    while (r >= 0 && (r = store_next_sighting(scan, &x)) > 0)
        r = take_sighting(&w, &x, &is_seen);
    while (r >= 0 && w.has_known)
        r = next_known_license(&w);
    return r;
}

/* ---- Domains ---------------------------------------------------------------------------- */

struct domain_walk {
    struct coverage *c;
    struct store_scan *scan;
    struct estate_domain row;
    bool has_row, has_known;
    char known[CAP_DOMAIN + 1];
    struct entry entry;
};

static int next_domain_row(struct domain_walk *w)
{
    int r = store_next_domain(w->scan, &w->row);

    w->has_row = r > 0;
    return r < 0 ? r : 0;
}

static int next_known_domain(struct domain_walk *w)
{
    const struct book *book = w->c->book;
    int r = 0;

    w->has_known = false;
    while (r >= 0 && w->has_row && !w->has_known) {
        size_t n = strnlen(w->row.domain, CAP_DOMAIN);
        memcpy(w->known, w->row.domain, n);
        w->known[n] = '\0';
        w->entry = (struct entry){book_reseller(book, w->row.reseller), w->row.valid};
        do
            r = next_domain_row(w);
        while (r >= 0 && w->has_row && strcmp(w->row.domain, w->known) == 0 &&
               entry_join(&w->entry, book_reseller(book, w->row.reseller), w->row.valid));
        w->has_known = entry_counts(w->c, &w->entry);
    }
    if (r >= 0 && w->has_known)
        w->c->of[entry_owner(w->c, &w->entry)].counts.domains_known++;
    return r;
}

static int take_mail_row(struct domain_walk *w, const struct store_mail_row *x, bool *is_seen)
{
    struct coverage *c = w->c;
    int r = 0, order = w->has_known ? strcmp(w->known, x->domain) : 1;

    while (r >= 0 && order < 0) {
        r = next_known_domain(w);
        order = w->has_known ? strcmp(w->known, x->domain) : 1;
        *is_seen = false;
    }
    if (r < 0)
        return r;
    const struct seated *server = coverage_hear(c, x->server, x->seen);
    if (!server || *is_seen || order != 0 || !entry_is_seen(c, &w->entry, server, x->seen))
        return 0;
    struct covered *of = &c->of[entry_owner(c, &w->entry)];
    /* Rows that do not count are as if never reported (SPEC 6.2). */
    if (of->mailbox_filtered_only && !x->counts.is_filtered)
        return 0;
    *is_seen = true;
    of->counts.domains_counted++;
    return 0;
}

int coverage_domains(struct coverage *c, const struct run_setup *run)
{
    AUTO(store_scan) struct store_scan *known = NULL;
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct domain_walk w = {.c = c};
    struct store_mail_row x;
    bool is_seen = false;
    int r = store_scan_domains(run->store, DOMAINS_ALL, &known);

    w.scan = known;
    if (r >= 0)
        r = store_scan_mail_rows(run->store, DOMAINS_ALL, &scan);
    if (r >= 0)
        r = next_domain_row(&w);
    if (r >= 0)
        r = next_known_domain(&w);
    while (r >= 0 && (r = store_next_mail_row(scan, &x)) > 0)
        r = take_mail_row(&w, &x, &is_seen);
    while (r >= 0 && w.has_known)
        r = next_known_domain(&w);
    return r;
}

/* ---- Gaps ------------------------------------------------------------------------------- */

/* Notes it at the first of a reseller's seats; false when it was noted there before. */
static bool note_gap(struct coverage *c, const struct seated *s, uint32_t reseller)
{
    for (uint32_t i = 0; i < s->n; i++) {
        struct seat *seat = &c->seats.v[s->first + i];
        if (seat->reseller != reseller)
            continue;
        bool is_first = !seat->has_gap;
        seat->has_gap = true;
        return is_first;
    }
    return false;
}

/* The gaps of one machine, of whatever kind, each moment once. */
static void count_gaps(struct coverage *c, machine_id machine, struct spans *gaps)
{
    const struct seated *s = seats_find(&c->seats, store_machine_server(machine));

    spans_join(gaps, (dur_t){0});
    for (uint32_t i = 0; s && i < s->n; i++) {
        uint32_t owner = c->seats.v[s->first + i].reseller;
        struct bulletin_coverage *counts = &c->of[owner].counts;
        struct span window = {c->p0, c->end};
        if (!span_cut(&window, term_closed(c->seats.v[s->first + i].valid)))
            continue;
        for (size_t k = 0; k < gaps->n; k++) {
            struct span cut = gaps->v[k];
            if (span_cut(&cut, window)) {
                counts->servers_with_gaps += note_gap(c, s, owner);
                break;
            }
        }
        counts->gaps.s += spans_measure(gaps->v, gaps->n, window).s;
    }
    gaps->n = 0;
}

int coverage_gaps(struct coverage *c, struct store *s)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO(spans) struct spans gaps = {0};
    struct store_gap x;
    machine_id machine = 0;
    int r = store_scan_recent_gaps(s, c->p0, &scan);

    while (r >= 0 && (r = store_next_gap(scan, &x)) > 0) {
        if (x.machine != machine)
            count_gaps(c, machine, &gaps);
        machine = x.machine;
        r = spans_add(&gaps, x.seen);
    }
    if (r >= 0)
        count_gaps(c, machine, &gaps);
    return r;
}
