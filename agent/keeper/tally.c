/* What is not on disk yet. */
#include "keeper/tally.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

static const dur_t merge_gap = {45 * 60}; /* SPEC 3 */

void tally_done(struct tally *t)
{
    free(t->sightings);
    free(t->gaps);
    *t = (struct tally){.sightings = NULL};
}

void tally_clear(struct tally *t)
{
    tally_done(t);
}

/* Makes one of two where they lie close enough. */
static bool join(struct span *into, struct span add, dur_t gap)
{
    if (add.first.s - into->last.s > gap.s || into->first.s - add.last.s > gap.s)
        return false;
    into->first = wall_min(into->first, add.first);
    into->last = wall_max(into->last, add.last);
    return true;
}

/* What a report can say at most (fairuse-report(5)). */
static int64_t add_lost(int64_t a, int64_t b)
{
    static const int64_t most = INT64_C(1) << 53;
    return a > most - b ? most : a + b;
}

/* The oldest two of a kind become one that covers what lay between them, too: of a time so far
 * back and so full of gaps nothing can be claimed. */
static void squeeze_gaps(struct tally *t, enum gap_kind what)
{
    struct report_gap *oldest = NULL;
    for (size_t i = 0; i < t->n_gaps; i++) {
        struct report_gap *g = &t->gaps[i];
        if (g->what != what)
            continue;
        if (!oldest) {
            oldest = g;
            continue;
        }
        oldest->seen.first = wall_min(oldest->seen.first, g->seen.first);
        oldest->seen.last = wall_max(oldest->seen.last, g->seen.last);
        oldest->lost = add_lost(oldest->lost, g->lost);
        memmove(g, g + 1, (size_t)(t->gaps + t->n_gaps - (g + 1)) * sizeof *g);
        t->n_gaps--;
        return;
    }
}

void tally_gap(struct tally *t, const struct report_gap *g)
{
    for (size_t i = 0; i < t->n_gaps; i++)
        if (t->gaps[i].what == g->what && join(&t->gaps[i].seen, g->seen, (dur_t){0})) {
            t->gaps[i].lost = add_lost(t->gaps[i].lost, g->lost);
            return;
        }
    if (t->n_gaps == CAP_REPORT_GAPS)
        for (int what = 0; what < GAP_KIND_COUNT; what++)
            squeeze_gaps(t, (enum gap_kind)what);
    if (grow(&t->gaps, &t->gaps_cap, t->n_gaps + 1, sizeof *t->gaps, CAP_REPORT_GAPS) == 0)
        t->gaps[t->n_gaps++] = *g;
    else if (t->n_gaps > 0) /* no memory: an older gap stands for this one as well */
        (void)join(&t->gaps[t->n_gaps - 1].seen, g->seen, (dur_t){INT64_MAX / 2});
}

static void drop_oldest(struct tally *t)
{
    size_t oldest = 0;
    for (size_t i = 1; i < t->n_sightings; i++)
        if (t->sightings[i].seen.last.s < t->sightings[oldest].seen.last.s)
            oldest = i;
    struct report_gap g = {.what = GAP_SPOOL, .seen = t->sightings[oldest].seen, .lost = 1};
    t->sightings[oldest] = t->sightings[--t->n_sightings];
    tally_gap(t, &g);
}

static bool is_same_series(const struct report_sighting *a, const struct report_sighting *b)
{
    return a->license.code == b->license.code && a->source == b->source &&
           addr_compare(&a->address, &b->address) == 0;
}

void tally_sighting(struct tally *t, const struct report_sighting *s)
{
    for (size_t i = 0; i < t->n_sightings; i++)
        if (is_same_series(&t->sightings[i], s) &&
            join(&t->sightings[i].seen, s->seen, merge_gap))
            return;
    if (t->n_sightings == CAP_PRESENCES)
        drop_oldest(t);
    if (grow(&t->sightings, &t->sightings_cap, t->n_sightings + 1, sizeof *t->sightings,
             CAP_PRESENCES) < 0) {
        tally_gap(t, &(struct report_gap){.what = GAP_SPOOL, .seen = s->seen, .lost = 1});
        return;
    }
    t->sightings[t->n_sightings++] = *s;
}
