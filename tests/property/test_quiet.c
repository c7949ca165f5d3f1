/*
 * What is told quiet without a case (audit/quiet.h) is quiet by the rules: licences that are
 * nearly so, each spoilt in a way or two, are asked of both.
 */
#include "audit/audit.h"
#include "audit/quiet.h"
#include "os/zoneinfo.h"
#include "run/nightly.h"
#include "support/leak.h"
#include "support/seed.h"

#include <stdio.h>
#include <string.h>

SUITE(quiet);

enum { CASES = 40000, DAY = 86400, HOUR = 3600, MACHINES = 6, SIGHTINGS = 64 };

/* One licence, and all that is around it. */
struct world {
    struct rng *r;
    struct policy_version versions[2];
    struct policy_book book;
    struct estate_network networks[2];
    struct audit_reseller resellers[2];
    struct tenure tenures[3];
    struct audit_server servers[2];
    struct audit_machine machines[MACHINES];
    struct audit_row rows[2];
    struct term move;
    struct audit_sighting sightings[SIGHTINGS];
    struct license_case c;
    struct addr home, other, hidden, six;
    struct run_period period;
};

static bool chance(struct world *w, uint64_t percent)
{
    return rng_below(w->r, 100) < percent;
}

static struct addr address(const char *text)
{
    struct addr a;
    cr_assert_eq(addr_parse(text_of(text), &a), 0);
    return a;
}

static void add(struct world *w, uint32_t machine, enum source source, struct addr at,
                struct span seen)
{
    if (w->c.n_sightings < SIGHTINGS && seen.first.s <= seen.last.s)
        w->sightings[w->c.n_sightings++] = (struct audit_sighting){machine, source, at, seen};
}

/* ---- A quiet world -------------------------------------------------------------------- */

static void make_policies(struct world *w)
{
    for (int i = 0; i < 2; i++) {
        w->versions[i] = (struct policy_version){.version = {(char)('1' + i)}};
        policy_init(&w->versions[i].base);
        w->versions[i].from = WALL_BEGIN;
    }
    w->versions[1].from.s = civil_to_days(2026, 8, 1) * DAY;
    w->book = (struct policy_book){w->versions, 2};
}

static void make_estate(struct world *w)
{
    w->networks[0] = (struct estate_network){.network = {address("5.1.0.0"), 16},
                                             .valid = {WALL_BEGIN, WALL_END}};
    w->networks[1] = (struct estate_network){.network = {address("2a02:1::"), 32},
                                             .valid = {WALL_BEGIN, WALL_END}};
    w->resellers[0] = (struct audit_reseller){"r1", false, w->networks, 2};
    w->resellers[1] = (struct audit_reseller){"r2", false, NULL, 0};
    w->tenures[0] = (struct tenure){&w->resellers[0], {WALL_BEGIN, WALL_END}};
    w->tenures[2] = (struct tenure){&w->resellers[1], {WALL_BEGIN, WALL_END}};
    w->servers[0] = (struct audit_server){"srv-1", &w->tenures[0], 1, WALL_END};
    w->servers[1] = (struct audit_server){"srv-2", &w->tenures[2], 1, WALL_END};
    w->rows[0] =
        (struct audit_row){.reseller = &w->resellers[0], .valid = {WALL_BEGIN, WALL_END}};
    w->c = (struct license_case){.rows = w->rows,
                                 .n_rows = 1,
                                 .machines = w->machines,
                                 .sightings = w->sightings,
                                 .moves = &w->move};
    cr_assert_eq(license_parse(text_of("PLSK.00000001"), &w->c.license, NULL), 0);
}

/* One boot after another, up to a little before T. */
static void make_sightings(struct world *w, wall_t as_of)
{
    static const enum source sources[] = {SOURCE_PEER, SOURCE_KEYSERVER, SOURCE_INTERFACE};
    wall_t at = {as_of.s - rng_between(w->r, 2, 220) * DAY};
    uint32_t n = (uint32_t)rng_between(w->r, 1, MACHINES);
    int64_t step = (as_of.s - at.s) / n;

    w->c.n_machines = n;
    for (uint32_t m = 0; m < n; m++, at.s += step) {
        w->machines[m] = (struct audit_machine){.server = &w->servers[0]};
        w->machines[m].boot.bytes[15] = (uint8_t)(m + 1);
        for (size_t i = 0; i < ARRAY_LEN(sources); i++)
            add(w, m, sources[i], w->home, (struct span){at, {at.s + step - 60}});
    }
}

/* ---- Spoiling it ---------------------------------------------------------------------- */

static wall_t some_moment(struct world *w)
{
    const struct audit *a = &w->period.now;
    const wall_t near[] = {
        a->p0, a->end, {a->p0.s - 14 * DAY}, {a->end.s - 3 * DAY}, audit_horizon(a)};
    int64_t about[] = {0,
                       0,
                       -1,
                       1,
                       rng_between(w->r, -2 * DAY, 2 * DAY),
                       rng_between(w->r, -40 * DAY, 40 * DAY)};
    return (wall_t){near[rng_below(w->r, ARRAY_LEN(near))].s +
                    about[rng_below(w->r, ARRAY_LEN(about))]};
}

static struct span some_span(struct world *w)
{
    wall_t first = some_moment(w);
    return (struct span){first, {first.s + rng_between(w->r, 0, 20 * DAY)}};
}

static void spoil_sightings(struct world *w)
{
    const struct addr places[] = {w->home, w->other, w->hidden, w->six};
    uint32_t m = (uint32_t)rng_below(w->r, w->c.n_machines);

    switch (rng_below(w->r, 5)) {
    case 0:
        add(w, m, (enum source)rng_below(w->r, SOURCE_COUNT), places[rng_below(w->r, 4)],
            some_span(w));
        break;
    case 1:
        for (size_t i = 0; i < w->c.n_sightings; i++) /* another place from the start */
            w->sightings[i].address = places[rng_below(w->r, 40) == 0 ? 0 : 1 + m % 3];
        break;
    case 2: w->machines[m].server = &w->servers[1]; break;
    case 3:
        for (size_t i = 0; i < w->c.n_sightings; i++) { /* not seen of late */
            w->sightings[i].seen.first.s -= 4 * DAY;
            w->sightings[i].seen.last.s -= 4 * DAY;
        }
        break;
    default: w->sightings[rng_below(w->r, w->c.n_sightings)].seen = some_span(w); break;
    }
}

static void spoil_estate(struct world *w)
{
    struct term *const terms[] = {&w->rows[0].valid, &w->tenures[0].valid,
                                  &w->networks[0].valid, &w->move};
    struct term *t = terms[rng_below(w->r, ARRAY_LEN(terms))];

    switch (rng_below(w->r, 6)) {
    case 0: t->from = some_moment(w); break;
    case 1: t->to = some_moment(w); break;
    case 2: w->rows[0].binding = chance(w, 50) ? w->other : w->home; break;
    case 3: w->networks[0].network = (struct network){address("5.1.2.0"), 24}; break;
    case 4: w->networks[0].is_one_place = true; break;
    default:
        w->rows[1] = w->rows[0]; /* sold on */
        w->rows[0].valid.to = w->rows[1].valid.from = some_moment(w);
        w->rows[1].reseller = &w->resellers[rng_below(w->r, 2)];
        w->c.n_rows = 2;
        break;
    }
    if (w->move.from.s < w->move.to.s)
        w->c.n_moves = 1;
}

static void spoil_policy(struct world *w)
{
    struct policy *p = &w->versions[rng_below(w->r, 2)].base;

    switch (rng_below(w->r, 6)) {
    case 0: p->charge_by = (enum charge_by)rng_below(w->r, 3); break;
    case 1: p->count_sources = (uint8_t)rng_between(w->r, 0, 31); break;
    case 2: p->max_places = rng_between(w->r, 1, 3); break;
    case 3: p->flag_after.s = 0; break;
    case 4: p->silent_after.s = rng_between(w->r, 0, 50) * DAY; break;
    default: p->grace.s = p->period_min.s = rng_between(w->r, 0, 2) * HOUR; break;
    }
}

static void make_world(struct world *w, struct rng *r, const struct zone *zone)
{
    static const char prefixes[][8] = {"PLSK"}; /* the audit keeps a pointer to it */
    wall_t as_of = {civil_to_days(2026, 10, 1) * DAY + rng_between(r, 0, 34 * DAY)};

    *w = (struct world){.r = r,
                        .home = address("5.1.2.3"),
                        .other = address("91.1.2.3"),
                        .hidden = address("10.1.2.3"),
                        .six = address("2a02:1::1")};
    make_policies(w);
    make_estate(w);
    make_sightings(w, as_of);
    for (uint64_t i = rng_below(r, 3); i > 0; i--)
        spoil_policy(w);
    const struct run_setup setup = {.zone = zone,
                                    .policies = &w->book,
                                    .license_prefixes = prefixes,
                                    .n_license_prefixes = 1,
                                    .as_of = as_of};
    cr_assert(run_period_init(&w->period, &setup, (period_t){2026 * 12 + 9}));
    for (uint64_t i = rng_below(r, 3); i > 0; i--)
        spoil_sightings(w);
    for (uint64_t i = rng_below(r, 3); i > 0; i--)
        spoil_estate(w);
}

/* ---- Asking both ---------------------------------------------------------------------- */

/* As a run tells it: one server since the horizon, and the licence at home there. */
static bool is_quiet(const struct world *w)
{
    const struct audit *a = &w->period.now;
    const struct audit_server *server = NULL;
    struct span since = {audit_horizon(a), a->end};
    struct quiet_facts f = {w->c.license, w->rows, w->c.n_rows, w->sightings, w->c.n_sightings};

    for (size_t i = 0; i < w->c.n_sightings; i++) {
        const struct audit_server *its = w->machines[w->sightings[i].machine].server;
        if (w->sightings[i].seen.last.s < since.first.s)
            continue;
        if (server && server != its)
            return false;
        server = its;
    }
    return audit_is_quiet(a, &f) &&
           (!server || audit_is_at_home(server, w->rows[0].reseller, since));
}

static int by_machine(const void *a, const void *b)
{
    const struct audit_sighting *x = a, *y = b;
    return x->machine < y->machine ? -1 : x->machine > y->machine;
}

static int refuse(void *arg, const struct finding *f)
{
    (void)snprintf(arg, 64, "%s", finding_kind_name(f->kind));
    return 0;
}

Test(quiet, what_is_told_quiet_is_quiet_by_the_rules)
{
    struct rng r = {seed_now()};
    AUTO(audit_work) struct audit_work *work = NULL;
    struct zone zone;
    struct diag d = {""};
    size_t quiet = 0, loud = 0;

    cr_assert_eq(zoneinfo_load("Europe/Amsterdam", &zone, &d), 0, "%s", d.text);
    cr_assert_eq(audit_work_new(&work), 0);
    for (size_t i = 0; i < CASES; i++) {
        char said[64] = "";
        struct finding_sink sink = {.take = refuse, .arg = said};
        struct world w;
        make_world(&w, &r, &zone);
        qsort(w.sightings, w.c.n_sightings, sizeof w.sightings[0], by_machine);
        cr_assert_eq(audit_license(&w.period.now, &w.c, work, &sink), 0);
        if (!is_quiet(&w)) {
            loud += said[0] != '\0';
            continue;
        }
        quiet++;
        cr_assert_str_empty(said, "case %zu is told quiet, and there is: %s", i, said);
    }
    /* Both happen often, or the test says nothing. */
    cr_assert_gt(quiet, CASES / 10, "%zu quiet", quiet);
    cr_assert_gt(loud, CASES / 4, "%zu loud", loud);
}
