/* The notices about servers and addresses (SPEC 6.4). */
#include "support/brute_parts.h"

#include <string.h>

#include "wire/report_json.h"

#define DAYS_35 (INT64_C(35) * 86400)

static void say(struct brute *b, enum finding_kind kind, const char *reseller,
                const char *subject, int64_t quantity)
{
    struct verdict v = {.kind = kind, .state = STATE_NOTICE, .quantity = quantity};
    brute_say(b, v, reseller, subject);
}

static bool is_within(wall_t t, wall_t first, wall_t last)
{
    return first.s <= t.s && t.s <= last.s;
}

static bool reaches_into_period(const struct brute *b, struct span s)
{
    return brute_span_cut(&s, (struct span){b->p0, b->e});
}

static bool is_same_body(const struct report *a, const struct report *b)
{
    AUTO(buf) struct buf x = BUF_INIT(CAP_REPORT_BYTES);
    AUTO(buf) struct buf y = BUF_INIT(CAP_REPORT_BYTES);
    report_to_json(a, &x);
    report_to_json(b, &y);
    return strcmp(buf_str(&x), buf_str(&y)) == 0;
}

static bool is_same_counter(const struct world_report *a, const struct world_report *b)
{
    return strcmp(a->server, b->server) == 0 &&
           memcmp(&a->report.boot, &b->report.boot, sizeof a->report.boot) == 0 &&
           a->report.counter == b->report.counter;
}

/* A body that comes again is the report that it was: it was received when it first came. */
static bool is_repeat(const struct brute *b, const struct world_report *r)
{
    for (size_t i = 0; i < b->known.n_accepted; i++) {
        const struct world_report *x = b->known.accepted[i];
        if (x->received_at.s < r->received_at.s && is_same_counter(x, r) &&
            is_same_body(&x->report, &r->report))
            return true;
    }
    return false;
}

/* The time from the first to the last receipt of its reports counts as heard. */
static bool is_heard(const struct brute *b, const char *server)
{
    struct span receipts = {WALL_END, WALL_BEGIN};
    for (size_t i = 0; i < b->known.n_sightings; i++)
        if (strcmp(b->known.sightings[i].server, server) == 0 &&
            reaches_into_period(b, b->known.sightings[i].seen))
            return true;
    for (size_t i = 0; i < b->known.n_mail; i++)
        if (strcmp(b->known.mail[i].server, server) == 0 &&
            reaches_into_period(b, b->known.mail[i].seen))
            return true;
    for (size_t i = 0; i < b->known.n_accepted; i++) {
        const struct world_report *r = b->known.accepted[i];
        if (strcmp(r->server, server) != 0 || is_repeat(b, r))
            continue;
        receipts.first = wall_min(receipts.first, r->received_at);
        receipts.last = wall_max(receipts.last, r->received_at);
    }
    return receipts.first.s <= receipts.last.s && reaches_into_period(b, receipts);
}

/* ---- silent ---------------------------------------------------------------------------- */

static void silent_server(struct brute *b, const char *server)
{
    const char *owner = brute_owner(b->world, server, brute_moment(b->e));
    wall_t last = WALL_BEGIN;
    if (owner == NULL || brute_is_retired(b->world, server, b->e))
        return;
    for (size_t i = 0; i < b->known.n_sightings; i++)
        if (strcmp(b->known.sightings[i].server, server) == 0)
            last = wall_max(last, b->known.sightings[i].seen.last);
    for (size_t i = 0; i < b->known.n_mail; i++)
        if (strcmp(b->known.mail[i].server, server) == 0)
            last = wall_max(last, b->known.mail[i].seen.last);
    int64_t ago = b->e.s - last.s;
    if (ago > brute_policy(b, owner)->silent_after.s && ago <= DAYS_35)
        say(b, FINDING_SILENT, owner, server, 1);
}

/* ---- forked-identity ------------------------------------------------------------------- */

/* The reseller whose it is at E, or, if nobody's then, was last before. NULL: never yet. */
static const char *owner_for_notices(const struct brute *b, const char *server)
{
    const char *owner = brute_owner(b->world, server, brute_moment(b->e));
    wall_t ended = WALL_BEGIN;
    if (owner != NULL)
        return owner;
    for (size_t i = 0; i < b->world->n_servers; i++) {
        const struct estate_server *s = &b->world->servers[i];
        if (strcmp(s->server, server) == 0 && s->valid.to.s <= b->e.s &&
            s->valid.to.s > ended.s) {
            ended = s->valid.to;
            owner = s->reseller;
        }
    }
    return owner;
}

static bool were_together(const struct brute *b, const struct brute_scene *s, size_t one,
                          size_t other, dur_t flag_after)
{
    static struct brute_level both; /* large */
    both.moments.n = 0;
    brute_add_moment(&both.moments, b->p0);
    brute_add_moment(&both.moments, b->e);
    for (size_t i = 0; i < s->n_pieces; i++)
        brute_add_span(&both.moments, s->pieces[i].seen);
    brute_sort_moments(&both.moments);
    for (size_t c = 0; c < brute_cells(&both.moments); c++) {
        struct brute_moment_scene at = brute_look(s, brute_point(&both.moments, c));
        both.value[c] = at.has_machine[one] && at.has_machine[other];
    }
    return brute_measure(&both, 1, (struct span){b->p0, b->e}) > flag_after.s;
}

static bool has_forked_machines(const struct brute *b, const char *server, const char *owner)
{
    static struct brute_scene s; /* large */
    s.n_machines = s.n_units = s.n_pieces = 0;
    s.bridge = brute_policy(b, owner)->bridge;
    for (size_t i = 0; i < b->known.n_sightings; i++) {
        const struct brute_sighting *x = &b->known.sightings[i];
        if (strcmp(x->server, server) == 0 && brute_has_prefix(b->world, x->license) &&
            brute_is_counted(b, x, owner))
            brute_add_piece(&s, x, brute_unit_of(b->world, owner, &x->address), x->seen);
    }
    for (size_t i = 0; i < s.n_machines; i++)
        for (size_t j = i + 1; j < s.n_machines; j++)
            if (were_together(b, &s, i, j, brute_policy(b, owner)->flag_after))
                return true;
    return false;
}

/*
 * When the second of the bodies came that this report's counter had: the earliest moment at
 * which two different ones had come. WALL_END: there is only one.
 */
static wall_t second_body(const struct brute *b, const struct world_report *of)
{
    wall_t second = WALL_END;
    for (size_t i = 0; i < b->known.n_accepted; i++)
        for (size_t j = 0; j < i; j++) {
            const struct world_report *x = b->known.accepted[i], *y = b->known.accepted[j];
            if (is_same_counter(x, of) && is_same_counter(y, of) &&
                !is_same_body(&x->report, &y->report))
                second = wall_min(second, wall_max(x->received_at, y->received_at));
        }
    return second;
}

static bool has_forked_counter(const struct brute *b, const char *server)
{
    for (size_t i = 0; i < b->known.n_accepted; i++)
        if (strcmp(b->known.accepted[i]->server, server) == 0 &&
            is_within(second_body(b, b->known.accepted[i]), b->p0, b->e))
            return true;
    return false;
}

static void forked_identity(struct brute *b, const char *server)
{
    const char *owner = owner_for_notices(b, server);
    if (owner != NULL &&
        (has_forked_machines(b, server, owner) || has_forked_counter(b, server)))
        say(b, FINDING_FORKED_IDENTITY, owner, server, 1);
}

void brute_server_notices(struct brute *b)
{
    const struct world *w = b->world;
    for (size_t i = 0; i < w->n_servers; i++) {
        silent_server(b, w->servers[i].server);
        forked_identity(b, w->servers[i].server);
    }
    for (size_t i = 0; i < w->n_reports; i++)
        if (!brute_is_in_estate(w, w->reports[i].server) && is_heard(b, w->reports[i].server))
            say(b, FINDING_UNKNOWN_SERVER, NULL, w->reports[i].server, 1);
}

/* ---- crowded-address ------------------------------------------------------------------- */

static void collect_moments(const struct brute *b, struct brute_moments *ret)
{
    ret->n = 0;
    brute_add_moment(ret, b->p0);
    brute_add_moment(ret, b->e);
    for (size_t i = 0; i < b->known.n_sightings; i++)
        if (b->known.sightings[i].source == SOURCE_PEER)
            brute_add_span(ret, b->known.sightings[i].seen);
    for (size_t i = 0; i < b->world->n_servers; i++)
        brute_add_span(ret, term_closed(b->world->servers[i].valid));
    brute_sort_moments(ret);
}

/* Whether the sighting was made, in the period, at a moment at which its server was the
 * owner's.
 */
static bool was_made_for(const struct brute *b, const struct brute_sighting *s,
                         const char *reseller, const struct brute_moments *m)
{
    for (size_t c = 0; c < brute_cells(m); c++) {
        point_t x = brute_point(m, c);
        const char *owner = brute_owner(b->world, s->server, x);
        if (owner != NULL && strcmp(owner, reseller) == 0 && brute_span_has(s->seen, x) &&
            brute_span_has((struct span){b->p0, b->e}, x))
            return true;
    }
    return false;
}

/*
 * Whether two sightings were made for two resellers, at one moment or at two. It takes two
 * machines: one whose server changes hands is no crowd.
 */
static bool are_a_crowd(const struct brute *b, const struct brute_sighting *x,
                        const struct brute_sighting *y, const struct brute_moments *m)
{
    const struct world *w = b->world;
    if (strcmp(x->server, y->server) == 0)
        return false;
    for (size_t i = 0; i < w->n_resellers; i++)
        for (size_t j = 0; j < w->n_resellers; j++)
            if (i != j && was_made_for(b, x, w->resellers[i].id, m) &&
                was_made_for(b, y, w->resellers[j].id, m))
                return true;
    return false;
}

static bool is_crowded(const struct brute *b, const struct addr *address,
                       const struct brute_moments *m)
{
    for (size_t i = 0; i < b->known.n_sightings; i++)
        for (size_t j = 0; j < i; j++) {
            const struct brute_sighting *x = &b->known.sightings[i];
            const struct brute_sighting *y = &b->known.sightings[j];
            if (x->source == SOURCE_PEER && y->source == SOURCE_PEER &&
                addr_compare(&x->address, address) == 0 &&
                addr_compare(&y->address, address) == 0 && are_a_crowd(b, x, y, m))
                return true;
        }
    return false;
}

void brute_address_notices(struct brute *b)
{
    static struct brute_moments m; /* large */
    collect_moments(b, &m);
    for (size_t i = 0; i < b->known.n_sightings; i++) {
        const struct brute_sighting *s = &b->known.sightings[i];
        char text[ADDR_TEXT_SIZE];
        bool is_first = true;
        for (size_t j = 0; j < i && is_first; j++)
            is_first = b->known.sightings[j].source != SOURCE_PEER ||
                       addr_compare(&b->known.sightings[j].address, &s->address) != 0;
        if (is_first && s->source == SOURCE_PEER && is_crowded(b, &s->address, &m))
            say(b, FINDING_CROWDED_ADDRESS, NULL, addr_format(&s->address, text), 1);
    }
}
