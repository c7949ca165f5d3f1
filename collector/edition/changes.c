/*
 * What is news. A reader was told of a key's periods; now some are told again, some are over,
 * some are new. That a month ends is no news by itself: what was potential or a notice moves
 * on into the newer period, and is compared with what was said of it in the older one.
 */
#include "edition/edition_parts.h"

/* The row that a line is compared with: of its own period, else the nearest before it, else
 * whichever there is. NULL: nothing was said. */
static const struct prior_row *base_of(const struct change_facts *f, period_t period)
{
    const struct prior_row *best = NULL;

    for (size_t i = 0; i < f->prior->n; i++)
        if (!best || f->prior->v[i].period.month <= period.month)
            best = &f->prior->v[i];
    return best;
}

/* Of one state then and now. */
static enum bulletin_change compare_same(const struct bulletin_line *l,
                                         const struct prior_row *was)
{
    if (l->state == STATE_POTENTIAL && was->goes_on != l->has_confirms)
        return was->goes_on ? CHANGE_ENDED : CHANGE_AGAIN;
    if (!bulletin_is_charging(l->kind) || l->quantity == was->quantity)
        return CHANGE_NONE;
    return l->quantity > was->quantity ? CHANGE_WORSE : CHANGE_LESS;
}

static enum bulletin_change compare(const struct bulletin_line *l, const struct prior_row *was)
{
    bool is_further = was->period.month != l->period.month;

    if (is_further && (was->state == STATE_CONFIRMED || was->period.month > l->period.month))
        return CHANGE_WORSE;
    if (l->state != was->state)
        return l->state > was->state ? CHANGE_WORSE : CHANGE_LESS;
    return compare_same(l, was);
}

struct change change_of_line(const struct change_facts *f, size_t line)
{
    const struct bulletin_line *l = &f->lines[line];
    const struct prior_row *was = base_of(f, l->period);

    if (!was)
        return (struct change){.change = CHANGE_NEW, .was_state = STATE_CLEAR};
    struct change c = {
        .change = compare(l, was), .was_state = was->state, .was_quantity = was->quantity};
    c.was_confirmed = was->state == STATE_CONFIRMED && was->period.month == l->period.month;
    c.is_reminded = was->is_reminded && l->state == STATE_POTENTIAL &&
                    was->state == STATE_POTENTIAL && c.change != CHANGE_AGAIN;
    return c;
}

static bool is_told(const struct change_facts *f, period_t period)
{
    for (size_t i = 0; i < f->n_lines; i++)
        if (f->lines[i].period.month == period.month)
            return true;
    return false;
}

static bool is_untold(const struct change_facts *f, period_t period)
{
    for (size_t i = 0; i < f->n_untold; i++)
        if (f->untold[i].month == period.month)
            return true;
    return false;
}

/* Notices about how things are at E; the others add up over a month and begin anew with it. */
static bool is_of_the_moment(enum finding_kind kind)
{
    return kind == FINDING_SILENT || kind == FINDING_NEVER_SEEN ||
           kind == FINDING_NEVER_COUNTED || kind == FINDING_UNDECLARED;
}

enum prior_fate change_fate(const struct change_facts *f, enum finding_kind kind, size_t row)
{
    const struct prior_row *was = &f->prior->v[row];

    if (!periods_are_open(f->periods, was->period))
        return FATE_DROPPED;
    if (is_told(f, was->period))
        return FATE_REPLACED;
    period_t newest = f->periods->v[f->periods->n - 1];
    if (was->state == STATE_CONFIRMED || was->period.month == newest.month)
        return FATE_RESOLVED;
    if (is_told(f, newest))
        return FATE_REPLACED;
    if (is_of_the_moment(kind) || !is_untold(f, was->period))
        return FATE_RESOLVED;
    /* It is still found in its month, and not in the newest: nothing comes of it any more. */
    if (was->state == STATE_NOTICE || !was->goes_on)
        return FATE_KEPT;
    return f->is_settled ? FATE_RESOLVED : FATE_KEPT;
}
