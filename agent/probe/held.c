/* What the keeper is to hear. */
#include "probe/held.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

void held_init(struct held *h)
{
    *h = (struct held){.gaps_said_s = HELD_NEVER};
}

void held_done(struct held *h)
{
    free(h->seen);
    held_init(h);
}

/* When what was said at said_s may be followed. */
static int64_t after(int64_t said_s, int64_t pause_s)
{
    return said_s == HELD_NEVER ? HELD_NEVER : said_s + pause_s;
}

static int64_t seen_due_s(const struct held_seen *s)
{
    return after(s->said_s, HELD_JOIN_S);
}

static int64_t gaps_due_s(const struct held *h)
{
    return after(h->gaps_said_s, h->gaps_pause_s);
}

/* ---- Sightings -------------------------------------------------------------------------- */

static void join(struct held_run *to, const struct held_run *r)
{
    if (r->count == 0)
        return;
    if (to->count == 0 || r->first_s < to->first_s)
        to->first_s = r->first_s;
    if (to->count == 0 || r->last_s > to->last_s)
        to->last_s = r->last_s;
    to->count += r->count;
}

static int compare(const struct held_seen *s, const struct addr *a, enum source source)
{
    int c = addr_compare(&s->address, a);
    if (c != 0)
        return c;
    return (s->source > source) - (s->source < source);
}

static size_t find(const struct held *h, const struct addr *a, enum source source)
{
    size_t low = 0, high = h->n_seen;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&h->seen[middle], a, source) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Those that only remember when they were said, long enough ago. */
static void forget_idle(struct held *h, int64_t now_s)
{
    size_t n = 0;
    for (size_t i = 0; i < h->n_seen; i++) {
        const struct held_seen *s = &h->seen[i];
        if (s->waiting.count > 0 || s->said.count > 0 || seen_due_s(s) > now_s)
            h->seen[n++] = *s;
    }
    h->n_seen = n;
}

int held_add(struct held *h, const struct addr *a, enum source source, int64_t at_s)
{
    const struct held_run one = {at_s, at_s, 1};
    size_t i = find(h, a, source);
    if (i == h->n_seen || compare(&h->seen[i], a, source) != 0) {
        forget_idle(h, at_s);
        i = find(h, a, source);
        int r = grow(&h->seen, &h->cap_seen, h->n_seen + 1, sizeof *h->seen, CAP_PRESENCES);
        if (r < 0)
            return r;
        memmove(&h->seen[i + 1], &h->seen[i], (h->n_seen - i) * sizeof *h->seen);
        h->n_seen++;
        h->seen[i] = (struct held_seen){.address = *a, .source = source, .said_s = HELD_NEVER};
    }
    struct held_run *waiting = &h->seen[i].waiting;
    /* So far apart they are not one stretch. Nobody has listened for longer than that: the next
     * keeper has a gap over it, and hears the newer one. */
    if (waiting->count > 0 && at_s - waiting->last_s > HELD_APART_S)
        *waiting = (struct held_run){.count = 0};
    join(waiting, &one);
    return 0;
}

bool held_next(const struct held *h, int64_t now_s, size_t *at, struct message_seen *ret)
{
    for (; *at < h->n_seen; (*at)++) {
        const struct held_seen *s = &h->seen[*at];
        if (s->waiting.count == 0 || s->said.count > 0 || seen_due_s(s) > now_s)
            continue;
        *ret = (struct message_seen){.source = s->source,
                                     .address = s->address,
                                     .first_s = s->waiting.first_s,
                                     .last_s = s->waiting.last_s,
                                     .packets = s->waiting.count};
        return true;
    }
    return false;
}

void held_say(struct held *h, size_t at, int64_t now_s)
{
    struct held_seen *s = &h->seen[at];
    s->said = s->waiting;
    s->waiting = (struct held_run){.count = 0};
    s->said_s = now_s;
}

/* ---- Gaps ------------------------------------------------------------------------------- */

/* `lost` 0 = unknown, so of two the known one is at least true. */
static void join_gap(struct message_gap *to, const struct message_gap *g)
{
    if (g->first_s < to->first_s)
        to->first_s = g->first_s;
    if (g->last_s > to->last_s)
        to->last_s = g->last_s;
    to->lost += g->lost;
}

static bool nearly_touch(const struct message_gap *a, const struct message_gap *b)
{
    return a->what == b->what && a->first_s <= b->last_s + HELD_JOIN_S &&
           b->first_s <= a->last_s + HELD_JOIN_S;
}

static void remove_gap(struct held *h, size_t i)
{
    h->n_gaps--;
    memmove(&h->gaps[i], &h->gaps[i + 1], (h->n_gaps - i) * sizeof *h->gaps);
}

/* Makes room: two kinds are held here, so two of the first three are of one. */
static void squeeze(struct held *h)
{
    static_assert(HELD_GAPS_MAX >= 3, "two of one kind must be there");
    for (size_t i = 0; i + 1 < h->n_gaps; i++) {
        for (size_t j = i + 1; j < h->n_gaps; j++) {
            if (h->gaps[i].what != h->gaps[j].what)
                continue;
            join_gap(&h->gaps[j], &h->gaps[i]);
            remove_gap(h, i);
            h->n_gaps_said -= i < h->n_gaps_said;
            return;
        }
    }
}

void held_add_gap(struct held *h, const struct message_gap *g)
{
    for (size_t i = h->n_gaps_said; i < h->n_gaps; i++) {
        if (nearly_touch(&h->gaps[i], g)) {
            join_gap(&h->gaps[i], g);
            return;
        }
    }
    if (h->n_gaps == HELD_GAPS_MAX)
        squeeze(h);
    h->gaps[h->n_gaps++] = *g;
}

size_t held_next_gaps(const struct held *h, int64_t now_s)
{
    return gaps_due_s(h) > now_s ? 0 : h->n_gaps - h->n_gaps_said;
}

void held_say_gaps(struct held *h, size_t n, int64_t now_s)
{
    if (n == 0)
        return;
    h->n_gaps_said += n;
    bool is_lasting = h->gaps_said_s != HELD_NEVER && now_s - h->gaps_said_s <= 2 * HELD_JOIN_S;
    h->gaps_pause_s = is_lasting ? HELD_JOIN_S : HELD_GAPS_S;
    h->gaps_said_s = now_s;
}

/* ---- Read or lost ----------------------------------------------------------------------- */

bool held_has_said(const struct held *h)
{
    for (size_t i = 0; i < h->n_seen; i++) {
        if (h->seen[i].said.count > 0)
            return true;
    }
    return h->n_gaps_said > 0;
}

void held_was_read(struct held *h)
{
    for (size_t i = 0; i < h->n_seen; i++)
        h->seen[i].said = (struct held_run){.count = 0};
    for (; h->n_gaps_said > 0; h->n_gaps_said--)
        remove_gap(h, 0);
}

void held_was_lost(struct held *h)
{
    for (size_t i = 0; i < h->n_seen; i++) {
        struct held_seen *s = &h->seen[i];
        join(&s->waiting, &s->said);
        s->said = (struct held_run){.count = 0};
        s->said_s = HELD_NEVER;
    }
    h->n_gaps_said = 0;
    h->gaps_said_s = HELD_NEVER;
}

int64_t held_wait_s(const struct held *h, int64_t now_s)
{
    int64_t at_s = INT64_MAX;
    for (size_t i = 0; i < h->n_seen; i++) {
        const struct held_seen *s = &h->seen[i];
        if (s->waiting.count > 0 && s->said.count == 0 && seen_due_s(s) < at_s)
            at_s = seen_due_s(s);
    }
    if (h->n_gaps > h->n_gaps_said && gaps_due_s(h) < at_s)
        at_s = gaps_due_s(h);
    if (at_s == INT64_MAX)
        return -1;
    return at_s <= now_s ? 0 : at_s - now_s;
}
