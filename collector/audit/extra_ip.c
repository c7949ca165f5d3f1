/*
 * extra-ip (FUP, licences 2: one server, one public IP address; a charge for each extra one).
 *
 * 1. presence(m, u): the counted sightings of machine m on unit u, merged over gaps of at most
 *    `bridge`. (presence.c)
 * 2. At a moment: the machines and the units with some presence then; but a /64 only if no
 *    machine on it is then also on an IPv4 or one_place unit: dual stack is one place.
 * (sweep.c)
 * 3. The level: the size of a largest set of pairs (machine, unit) in which none occurs twice,
 *    less 1: how many machines are at places of their own beyond the one allowed. 0 within a
 *    declared move. The policy may instead count units (`addresses`) or machines (`servers`).
 * 4. Confirmed when the level was sustained for longer than `grace`, else potential when seen
 *    for longer than `flag_after`. (level.c)
 *
 * Notices, only where 4 says nothing; a move does not silence them: `many-addresses` when
 * units - 1, `second-server` when machines - 1 is seen; `roaming` where neither is and the
 * units of V are at least `max_places`.
 */
#include "audit/extra_ip.h"
#include "audit/matching.h"
#include <errno.h>
#include <string.h>

/* What a walk measures at every moment and on every stretch. */
enum measure { MEASURE_PAIRS, MEASURE_UNITS, MEASURE_MACHINES };

struct walk {
    struct sweep sweep;
    struct census census;
    struct matching *matching;
    enum measure measure;
    const struct term *moves; /* in which the level is 0 */
    size_t n_moves;
};

static void walk_done(struct walk *w)
{
    sweep_done(&w->sweep);
    census_done(&w->census);
    matching_free(w->matching);
}

/* How many beyond the one allowed, of those now active. */
static int64_t walk_measure(struct walk *w)
{
    int64_t n = 0;

    census_take(&w->census, &w->sweep);
    switch (w->measure) {
    case MEASURE_PAIRS: n = matching_size(w->matching, &w->sweep, &w->census); break;
    case MEASURE_UNITS: n = w->census.units; break;
    case MEASURE_MACHINES: n = w->census.machines; break;
    }
    return n > 1 ? n - 1 : 0;
}

/* Whether a move covers the moment, and the stretch just after it: both, as moves are
 * half-open. */
static bool walk_is_moving(const struct walk *w, wall_t at)
{
    for (size_t i = 0; i < w->n_moves; i++)
        if (term_holds(w->moves[i], at))
            return true;
    return false;
}

static int walk_level(struct walk *w, struct level *ret)
{
    level_reset(ret);
    while (sweep_next(&w->sweep)) {
        struct level_step step = {.at = w->sweep.at};
        bool is_moving = walk_is_moving(w, step.at);
        bool is_last = step.at.s == w->sweep.window.last.s;
        step.on = is_moving ? 0 : walk_measure(w);
        sweep_pass(&w->sweep);
        step.after = is_moving || is_last ? 0 : walk_measure(w);
        int r = level_add(ret, step);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The moments at which moves begin and end, in order. */
static int move_moments(const struct term *moves, size_t n, wall_t **ret)
{
    wall_t *v = calloc(2 * n + 1, sizeof(*v));

    if (!v)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        v[2 * i] = moves[i].from;
        v[2 * i + 1] = moves[i].to;
    }
    *ret = v;
    return 0;
}

static int measured_level(const struct extra_ip_facts *f, enum measure measure, bool with_moves,
                          struct level *ret)
{
    AUTO_FREE wall_t *moments = NULL;
    AUTO(walk) struct walk w = {.measure = measure};

    if (with_moves) {
        w.moves = f->moves;
        w.n_moves = f->n_moves;
    }
    int r = move_moments(w.moves, w.n_moves, &moments);
    if (r >= 0)
        r = sweep_init(&w.sweep, f->presences, f->terms.window, moments, 2 * w.n_moves);
    if (r >= 0)
        r = census_init(&w.census, f->presences);
    if (r >= 0)
        r = matching_new(f->presences, &w.matching);
    return r < 0 ? r : walk_level(&w, ret);
}

/* More than one of what is measured never occurs: the common case, told without a walk. */
static bool is_plainly_zero(const struct extra_ip_facts *f, enum measure measure)
{
    const struct presences *p = f->presences;
    bool one_machine = true;

    for (size_t i = 1; i < p->n_seen && one_machine; i++)
        one_machine = p->seen[i].machine == p->seen[0].machine;
    switch (measure) {
    case MEASURE_PAIRS: return one_machine || p->n_places < 2;
    case MEASURE_UNITS: return p->n_places < 2;
    case MEASURE_MACHINES: return one_machine;
    }
    return false;
}

static enum measure measure_of(enum charge_by by)
{
    switch (by) {
    case CHARGE_BY_BOTH: return MEASURE_PAIRS;
    case CHARGE_BY_ADDRESSES: return MEASURE_UNITS;
    case CHARGE_BY_SERVERS: return MEASURE_MACHINES;
    }
    return MEASURE_PAIRS;
}

int extra_ip_level(const struct extra_ip_facts *f, struct level *ret)
{
    level_reset(ret);
    if (is_plainly_zero(f, measure_of(f->charge_by)))
        return 0;
    return measured_level(f, measure_of(f->charge_by), true, ret);
}

int extra_ip_judge(const struct extra_ip_facts *f, struct level_answer *ret)
{
    AUTO(level) struct level level = {0};
    int r = extra_ip_level(f, &level);

    return r < 0 ? r : level_judge(&level, &f->terms, ret);
}

static int notice_judge(const struct extra_ip_facts *f, enum measure measure,
                        struct level_answer *ret)
{
    AUTO(level) struct level level = {0};

    if (!is_plainly_zero(f, measure)) {
        int r = measured_level(f, measure, false, &level);
        if (r < 0)
            return r;
    }
    return level_notice(&level, &f->terms, f->terms.flag_after, ret);
}

int many_addresses_judge(const struct extra_ip_facts *f, struct level_answer *ret)
{
    return notice_judge(f, MEASURE_UNITS, ret);
}

int second_server_judge(const struct extra_ip_facts *f, struct level_answer *ret)
{
    return notice_judge(f, MEASURE_MACHINES, ret);
}

/* Marks the units of step 2 that hold some open stretch of V. */
static void roaming_mark(struct walk *w, struct span v, bool *held)
{
    while (sweep_next(&w->sweep)) {
        sweep_pass(&w->sweep);
        if (w->sweep.at.s >= v.last.s) /* the walk begins with V */
            continue;
        census_take(&w->census, &w->sweep);
        for (size_t i = 0; i < w->sweep.n_active; i++) {
            uint32_t place = w->sweep.p->v[w->sweep.active[i]].place;
            held[place] = held[place] || census_has_unit(&w->census, place);
        }
    }
}

int roaming_judge(const struct extra_ip_facts *f, int64_t max_places, struct level_answer *ret)
{
    const struct presences *p = f->presences;
    struct level_answer a = {0};

    if ((int64_t)p->n_places >= max_places) {
        AUTO(walk) struct walk w = {.measure = MEASURE_UNITS};
        AUTO_FREE bool *held = calloc(p->n_places, sizeof(*held));
        int r = held ? sweep_init(&w.sweep, p, f->terms.v, NULL, 0) : -ENOMEM;
        if (r >= 0)
            r = census_init(&w.census, p);
        if (r < 0)
            return r;
        roaming_mark(&w, f->terms.v, held);
        for (size_t i = 0; i < p->n_places; i++)
            a.quantity += held[i];
        a.state = a.quantity >= max_places ? STATE_NOTICE : STATE_CLEAR;
    }
    *ret = a;
    return 0;
}
