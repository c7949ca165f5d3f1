/* A night's bulletins: manager by manager, in one pass over what was regrouped. */
#include "edition/edition_parts.h"
#include "base/grow.h"
#include <errno.h>
#include <string.h>

enum { NOBODYS_MAX = 200, LEAST_NOTICES = BULLETIN_LINES_MAX / 4 };

static void night_maker_done(struct night_maker *m)
{
    roster_done(&m->roster);
    coverage_free(m->coverage);
    strikes_free(m->strikes);
    regroup_free(m->regroup);
    said_free(m->said);
    arena_done(&m->whole);
    arena_done(&m->arena);
    arena_done(&m->passing);
    arena_done(&m->scratch);
    pool_done(&m->nobodys);
    pool_done(&m->pool);
    pool_done(&m->own);
    prior_close(&m->prior);
    free(m->told);
    sums_done(&m->sums);
    reckoning_done(&m->tally);
}

int night_advance(struct night_maker *m)
{
    int r = regroup_next(m->regroup, &m->record);

    m->has_record = r > 0;
    return r < 0 ? r : 0;
}

struct line_maker night_lines(struct night_maker *m)
{
    return (struct line_maker){m->setup, &m->scratch};
}

bool night_is_settled(const struct night_maker *m, const char *reseller)
{
    const struct run_setup *run = m->setup->run;
    wall_t p0 = period_start(run->zone, sides_newest(m->setup));
    const struct policy *p = policy_for(policy_version_at(run->policies, p0), reseller);

    return run->as_of.s - p0.s > p->bridge.s + p->flag_after.s;
}

/* ---- What all bulletins have ----------------------------------------------------------- */

static struct bulletin bulletin_of(const struct edition_setup *s)
{
    return (struct bulletin){
        .as_of = s->run->as_of,
        .newest = sides_newest(s),
        .zone = s->run->zone,
        .entries_hash = "",
        .decisions_hash = "",
        .command = s->command,
        .shown_max = BULLETIN_SHOWN_MAX,
    };
}

static int load_chains(struct night_maker *m)
{
    struct store *s = m->setup->run->store;
    int r = store_chain_head(s, false, &m->common.entries, m->entries_hash);

    if (r >= 0)
        r = store_chain_head(s, true, &m->common.decisions, m->decisions_hash);
    m->common.entries_hash = m->entries_hash;
    m->common.decisions_hash = m->decisions_hash;
    return r;
}

static int load_closed(struct night_maker *m)
{
    int r = store_last_closed(m->setup->run->store, &m->last_closed);

    m->has_closed = r >= 0;
    return r == -ENOENT ? 0 : r;
}

static int load_sides(struct night_maker *m)
{
    const struct edition_setup *s = m->setup;
    struct bulletin *b = &m->common;
    int r = coverage_make(s, &m->coverage, m->d);

    if (r >= 0)
        r = strikes_make(s, &m->strikes);
    if (r >= 0)
        r = rates_make(s, &m->whole, &b->rates, &b->n_rates);
    if (r >= 0)
        r = waiting_make(s, &m->whole, &b->waiting, &b->n_waiting);
    if (r >= 0)
        r = dead_make(s, &m->whole, &b->dead, &b->n_dead, &b->n_dead_more);
    if (r >= 0)
        r = load_chains(m);
    return r < 0 ? r : load_closed(m);
}

static int night_begin(struct night_maker *m)
{
    const struct edition_setup *s = m->setup;
    int r = roster_load(&m->roster, s->run->store, s->run->book);

    m->common = bulletin_of(s);
    if (r >= 0)
        r = load_sides(m);
    if (r >= 0)
        r = pool_init(&m->nobodys, NOBODYS_MAX, 0);
    if (r >= 0)
        r = pool_init(&m->pool, BULLETIN_LINES_MAX, LEAST_NOTICES);
    if (r >= 0)
        r = pool_init(&m->own, BULLETIN_LINES_MAX, 0);
    if (r >= 0)
        r = said_new(&m->said, m->d);
    if (r >= 0)
        r = regroup_new(s, &m->roster, &m->regroup, m->d);
    return r < 0 ? r : night_advance(m);
}

bool period_is_closed(const struct night_maker *m, period_t period)
{
    return m->has_closed && period.month <= m->last_closed.month;
}

/* ---- One manager ----------------------------------------------------------------------- */

static int manager_begin(struct night_maker *m, const struct roster_manager *who)
{
    prior_close(&m->prior);
    arena_reset(&m->arena);
    pool_reset(&m->pool);
    m->manager = who;
    m->n_told = 0;
    m->sums.n = 0;
    m->news = (struct news){0};
    int r = grow(&m->told, &m->cap_told, who->n + 1, sizeof(*m->told), SIZE_MAX);
    if (r >= 0 && !m->setup->only_reseller)
        r = said_begin(m->said, AUDIENCE_MANAGER, who->id);
    return r < 0 ? r
                 : prior_open(&m->prior, m->setup->run->store,
                              &(struct store_reader){READER_MANAGER, who->id});
}

/* Gives each reseller those of its lines that fitted. */
static int put_lines(struct night_maker *m)
{
    size_t n, at = 0;
    struct pool_line **lines = pool_list(&m->pool, &m->arena, &n);
    int r = lines ? 0 : -ENOMEM;

    for (size_t i = 0; i < m->n_told && r >= 0; i++) {
        size_t first = at;
        while (at < n && lines[at]->owner == i)
            at++;
        r = group_lines(lines + first, at - first, false, &m->arena, &m->told[i].reseller);
        m->told[i].reseller.n_more = m->told[i].shown - (int64_t)(at - first);
    }
    return r;
}

static void add_reseller(struct bulletin *b, const struct bulletin_reseller *r)
{
    b->confirmed += r->confirmed;
    b->potential += r->potential;
    b->notices += r->notices;
    coverage_add(&b->coverage, &r->coverage);
}

static int manager_end(struct night_maker *m, struct bulletin *b)
{
    int r = put_lines(m);

    for (size_t i = 0; i < m->n_told; i++)
        add_reseller(b, &m->told[i].reseller);
    if (r >= 0)
        r = calls_order(m->told, m->n_told, &m->arena, b);
    if (r >= 0)
        r = sums_keep(&m->sums, &m->arena, b);
    if (r >= 0)
        r = roster_last_mail(&m->roster, m->setup->run->store,
                             &(struct store_reader){READER_MANAGER, b->id}, b);
    if (r < 0)
        return r;
    b->is_new = m->news.is_new;
    b->is_changed = m->news.is_changed;
    b->is_resolved = m->news.is_resolved;
    return m->sink->bulletin(m->sink->arg, b);
}

static void address(struct bulletin *b, const struct roster_manager *who)
{
    b->audience = AUDIENCE_MANAGER;
    b->language = who->language;
    b->id = who->id;
    b->name = who->name;
    b->email = who->email;
}

static bool is_wanted(const char *only, const char *id)
{
    return !only || strcmp(only, id) == 0;
}

static int manager_tell(struct night_maker *m, const struct roster_manager *who)
{
    const char *only = m->setup->only_reseller;
    struct bulletin b = m->common;
    int r = manager_begin(m, who);

    address(&b, who);
    if (r >= 0 && !only)
        r = nobody_tell(m, &b);
    for (size_t i = 0; i < who->n && r == 0; i++) {
        const struct estate_reseller *facts = m->roster.members[who->first + i];
        if (is_wanted(only, facts->id))
            r = night_reseller(m, facts);
    }
    return r != 0 || only ? r : manager_end(m, &b);
}

int edition_make(const struct edition_setup *setup, const struct edition_sink *sink,
                 struct diag *d)
{
    AUTO(night_maker) struct night_maker m = {.setup = setup, .sink = sink, .d = d};
    int r = night_begin(&m);

    if (r >= 0)
        r = nobody_take(&m);
    for (size_t i = 0; i < m.roster.n_managers && r == 0; i++)
        if (is_wanted(setup->only_manager, m.roster.managers[i].id))
            r = manager_tell(&m, &m.roster.managers[i]);
    return r != 0 ? r : said_give(m.said, sink);
}

int edition_fail(const struct edition_setup *setup, const char *why,
                 const struct edition_sink *sink, struct diag *d)
{
    AUTO(roster) struct roster roster = {.n_managers = 0};
    int r = roster_load(&roster, setup->run->store, NULL);

    (void)d; /* nothing here says more than the store does */
    for (size_t i = 0; i < roster.n_managers && r == 0; i++) {
        const struct roster_manager *who = &roster.managers[i];
        struct bulletin b = bulletin_of(setup);
        if (setup->only_reseller || !is_wanted(setup->only_manager, who->id))
            continue;
        b.failure = why;
        address(&b, who);
        r = roster_last_mail(&roster, setup->run->store,
                             &(struct store_reader){READER_MANAGER, who->id}, &b);
        if (r >= 0)
            r = sink->bulletin(sink->arg, &b);
    }
    return r;
}
