/* The steps of extra-ip and outside, told. */
#include "ctl/explain.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static size_t rows_shown(size_t n)
{
    return n < EXPLAIN_ROWS_MAX ? n : EXPLAIN_ROWS_MAX;
}

/* "peer, keyserver" */
static const char *source_list(unsigned sources, char out[static 96])
{
    size_t n = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < SOURCE_COUNT; i++)
        if (sources >> i & 1)
            n += (size_t)snprintf(out + n, 96 - n, "%s%s", n ? ", " : "",
                                  source_name((enum source)i));
    return out;
}

static void lane_row(const struct telling *t, const struct story_entry *e,
                     const struct story_lane *l, struct table *table)
{
    char machine[EXPLAIN_MACHINE_SIZE], first[EXPLAIN_MOMENT_SIZE], last[EXPLAIN_MOMENT_SIZE];
    char present[STORY_DUR_SIZE], seen[STORY_DUR_SIZE], sources[96];

    table_cell(table, "%s", explain_machine(e, l->machine, machine));
    table_cell(table, "%s", e->units[l->unit].name);
    table_cell(table, "%s", tell_moment(t, l->seen.first, first));
    table_cell(table, "%s", tell_moment(t, l->seen.last, last));
    table_cell(table, "%s", story_dur(l->presence, present));
    table_cell(table, "%s", story_dur(l->observed, seen));
    if (l->observed.s > 0)
        table_cell(table, "%lld %%", (long long)(l->by_peer.s * 100 / l->observed.s));
    else
        table_cell(table, "-");
    table_cell(table, "%s", source_list(l->sources, sources));
}

/* Step 1. */
static int tell_lanes(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {
        "Machine",           "Place",  "First", "Last", ">Present", ">Seen",
        ">By the collector", "Sources"};
    struct table *table;
    char bridge[STORY_DUR_SIZE], counted[96], text[320];

    (void)snprintf(
        text, sizeof(text),
        "Who was where, by the sources that count (%s). What was seen of a machine at a "
        "place is joined over gaps of at most %s.",
        source_list(e->policy.count_sources, counted), story_dur(e->policy.bridge, bridge));
    tell_wrapped(t, "1. ", 3, text);
    if (e->n_lanes == 0) {
        tell_line(t, "   Nothing that counts was seen.");
        return buf_error(t->out);
    }
    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < rows_shown(e->n_lanes); i++)
        lane_row(t, e, &e->lanes[i], table);
    return tell_table(t, table, e->n_lanes - rows_shown(e->n_lanes));
}

static const char *unit_note(const struct story_unit *u)
{
    if (u->is_one_place)
        return "a network declared as one place";
    if (u->counted.s == 0 && u->present.s > 0)
        return "second stack of a machine: does not count";
    if (u->counted.s < u->present.s)
        return "for the rest the second stack of a machine";
    return u->family == ADDR_IPV6 ? "an IPv6 network of its own" : "";
}

/* Step 2. */
static int tell_units(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {"Place", ">Present", ">Counts", "Last seen", "Remark"};
    struct table *table;

    tell_wrapped(
        t, "2. ", 3,
        "Which places count. An IPv6 network does not while a machine on it is also at "
        "an IPv4 address or a declared place: dual stack is one place.");
    if (e->n_units == 0) {
        tell_line(t, "   None.");
        return buf_error(t->out);
    }
    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < rows_shown(e->n_units); i++) {
        const struct story_unit *u = &e->units[i];
        char present[STORY_DUR_SIZE], counted[STORY_DUR_SIZE], last[EXPLAIN_MOMENT_SIZE];
        table_cell(table, "%s", u->name);
        table_cell(table, "%s", story_dur(u->present, present));
        table_cell(table, "%s", story_dur(u->counted, counted));
        table_cell(table, "%s", tell_moment(t, u->last, last));
        table_cell(table, "%s", unit_note(u));
    }
    return tell_table(t, table, e->n_units - rows_shown(e->n_units));
}

static const char *charge_words(enum charge_by by)
{
    switch (by) {
    case CHARGE_BY_BOTH:
        return "The level over time: how many machines are at places of their own, beyond the "
               "one allowed.";
    case CHARGE_BY_ADDRESSES:
        return "The level over time: how many places there are, beyond the one allowed.";
    case CHARGE_BY_SERVERS:
        return "The level over time: how many machines there are, beyond the one allowed.";
    }
    return "";
}

/* Which of a step's numbers a table shows beside machines and places. */
enum step_column { COLUMN_LEVEL, COLUMN_OUTSIDE };

static bool is_same_row(const struct story_step *a, const struct story_step *b,
                        enum step_column column)
{
    if (a->machines != b->machines || a->units != b->units)
        return false;
    if (column == COLUMN_OUTSIDE)
        return a->outside == b->outside;
    return a->level == b->level && a->is_move == b->is_move;
}

/* The next row within the rule's own window: steps that it does not tell apart are one. */
static bool next_row(const struct story_entry *e, size_t *next, struct span window,
                     enum step_column column, struct story_step *ret)
{
    while (*next < e->n_steps) {
        struct story_step row = e->steps[(*next)++];
        while (*next < e->n_steps && is_same_row(&row, &e->steps[*next], column))
            row.at.last = e->steps[(*next)++].at.last;
        if (!span_cut(&row.at, window) || row.at.first.s == row.at.last.s)
            continue;
        *ret = row;
        return true;
    }
    return false;
}

static void step_row(const struct telling *t, const struct story_step *s, struct table *table)
{
    char from[EXPLAIN_MOMENT_SIZE], to[EXPLAIN_MOMENT_SIZE], length[STORY_DUR_SIZE];

    table_cell(table, "%s", tell_moment(t, s->at.first, from));
    table_cell(table, "%s", tell_moment(t, s->at.last, to));
    table_cell(table, "%s", story_dur((dur_t){s->at.last.s - s->at.first.s}, length));
    table_cell(table, "%lld", (long long)s->machines);
    table_cell(table, "%lld", (long long)s->units);
}

/* Step 3 of extra-ip. */
static int tell_steps(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {"From",    "To",     ">For",  ">Machines",
                                        ">Places", ">Level", "Remark"};
    struct table *table;
    struct story_step row;
    size_t n = 0, next = 0;

    tell_wrapped(t, "3. ", 3, charge_words(e->policy.charge_by));
    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    while (next_row(e, &next, e->rules[0].terms.window, COLUMN_LEVEL, &row)) {
        if (n++ >= EXPLAIN_ROWS_MAX)
            continue;
        step_row(t, &row, table);
        table_cell(table, "%lld", (long long)row.level);
        table_cell(table, "%s", row.is_move ? "declared move: 0" : "");
    }
    return tell_table(t, table, n - rows_shown(n));
}

int tell_extra_ip(const struct telling *t, const struct story_entry *e)
{
    int r = tell_lanes(t, e);

    if (r >= 0)
        r = tell_units(t, e);
    return r < 0 ? r : tell_steps(t, e);
}

/* ---- outside --------------------------------------------------------------------------- */

/* The networks that hold a unit, or why there is none. */
static void network_cell(const struct telling *t, const struct story_entry *e,
                         const struct story_unit *u, struct table *table)
{
    AUTO(buf) struct buf b = BUF_INIT(65536);
    char term[96];
    bool is_unknown = false;

    for (size_t i = 0; i < u->n_networks; i++) {
        const struct story_network *n = &e->networks[u->networks[i]];
        buf_printf(&b, "%s%s (%s)", i ? ", " : "", n->name, tell_term(t, n->valid, term));
    }
    for (size_t i = 0; i < u->n_stands; i++)
        is_unknown = is_unknown || u->stands[i].standing == STANDING_UNKNOWN;
    if (is_unknown)
        buf_printf(&b, "%snone of IPv%d was declared: unknown is never charged",
                   b.len > 0 ? "; " : "", u->family);
    if (buf_error(&b) < 0)
        t->out->error = buf_error(&b);
    table_cell(table, "%s", b.len > 0 ? buf_str(&b) : "none");
}

static int tell_standings(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {"Place", ">Counts", ">Of that outside",
                                        "Lies in the reseller's"};
    struct table *table;

    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < rows_shown(e->n_units); i++) {
        const struct story_unit *u = &e->units[i];
        char counted[STORY_DUR_SIZE], outside[STORY_DUR_SIZE];
        table_cell(table, "%s", u->name);
        table_cell(table, "%s", story_dur(u->counted, counted));
        table_cell(table, "%s", story_dur(u->outside, outside));
        network_cell(t, e, u, table);
    }
    return tell_table(t, table, e->n_units - rows_shown(e->n_units));
}

/* Whether anything was outside: else the steps say nothing. */
static bool is_ever_outside(const struct story_entry *e)
{
    for (size_t i = 0; i < e->n_steps; i++)
        if (e->steps[i].outside > 0)
            return true;
    return false;
}

static int tell_outside_steps(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {"From",      "To",      ">For",
                                        ">Machines", ">Places", ">Outside"};
    struct table *table;
    struct story_step row;
    size_t n = 0, next = 0;

    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    while (next_row(e, &next, e->rules[1].terms.window, COLUMN_OUTSIDE, &row)) {
        if (n++ >= EXPLAIN_ROWS_MAX)
            continue;
        step_row(t, &row, table);
        table_cell(table, "%lld", (long long)row.outside);
    }
    return tell_table(t, table, n - rows_shown(n));
}

int tell_outside(const struct telling *t, const struct story_entry *e)
{
    int r = 0;

    tell_wrapped(t, "1. ", 3,
                 "The places that count, and the networks of the reseller that hold them. A "
                 "declared move makes no difference here.");
    if (e->n_units > 0)
        r = tell_standings(t, e);
    else
        tell_line(t, "   None.");
    if (r < 0)
        return r;
    tell_wrapped(t, "2. ", 3, "How many places are in none of them, over time.");
    if (is_ever_outside(e))
        return tell_outside_steps(t, e);
    tell_line(t, "   None at any time.");
    return buf_error(t->out);
}

/* ---- gaps ------------------------------------------------------------------------------ */

static void gap_row(const struct telling *t, const struct story_entry *e, uint32_t machine,
                    const struct story_gap *g, struct table *table)
{
    char name[EXPLAIN_MACHINE_SIZE], first[EXPLAIN_MOMENT_SIZE], last[EXPLAIN_MOMENT_SIZE];
    char length[STORY_DUR_SIZE];

    table_cell(table, "%s", explain_machine(e, machine, name));
    table_cell(table, "%s", gap_kind_name(g->what));
    table_cell(table, "%s", tell_moment(t, g->seen.first, first));
    table_cell(table, "%s", tell_moment(t, g->seen.last, last));
    table_cell(table, "%s", story_dur((dur_t){g->seen.last.s - g->seen.first.s}, length));
    table_cell(table, "%lld", (long long)g->lost);
}

int tell_gaps(const struct telling *t, const struct story_entry *e)
{
    static const char *const heads[] = {"Machine", "What", "First", "Last", ">For", ">Lost"};
    struct table *table;
    size_t n = 0;

    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < e->n_machines; i++)
        for (size_t k = 0; k < e->machines[i].n_gaps; k++)
            if (n++ < EXPLAIN_ROWS_MAX)
                gap_row(t, e, i, &e->machines[i].gaps[k], table);
    if (n > 0)
        return tell_table(t, table, n - rows_shown(n));
    table_free(table);
    tell_line(t, "   The agents reported none in this time.");
    return buf_error(t->out);
}
