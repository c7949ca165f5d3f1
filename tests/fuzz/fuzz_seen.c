/* Evidence as a report reads it: whatever a store holds, what is told stays within its bounds.
 */
#include "bulletin/seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_empty(const struct bulletin_line *l)
{
    return !l->seen && l->n_seen == 0 && l->n_seen_more == 0 && l->gaps == 0 && l->limit == 0 &&
           l->observed.s == 0 && l->presence.s == 0 && l->by_collector.s == 0;
}

static bool is_sound(const struct bulletin_seen *s, wall_t after)
{
    return s->server && s->unit && after.s <= s->first.s && s->first.s <= s->last.s &&
           s->count >= 0 && (!s->is_living || s->goes_on);
}

static bool is_in_bounds(const struct bulletin_line *l)
{
    bool fits = l->n_seen <= BULLETIN_SEEN_MAX &&
                (l->n_seen_more == 0 || l->n_seen == BULLETIN_SEEN_MAX);

    return fits && l->observed.s >= 0 && l->presence.s >= 0 && l->by_collector.s >= 0 &&
           l->gaps >= 0;
}

static void check(const struct bulletin_line *l)
{
    size_t living = 0;

    assert(is_in_bounds(l));
    for (size_t i = 0; i < l->n_seen; i++) {
        assert(is_sound(&l->seen[i], i > 0 ? l->seen[i - 1].first : WALL_BEGIN));
        living += l->seen[i].is_living;
    }
    assert(living == 0 || (living == 1 && l->n_seen == 2 && l->n_seen_more == 0));
}

/* The first byte chooses the kind, and whether the period is over. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena) struct arena keep = {0};
    struct bulletin_line line = {.n_seen = 7, .gaps = -1};
    const char *cause = NULL;

    if (size == 0)
        return 0;
    struct seen_question q = {
        .kind = (enum finding_kind)((data[0] & 127) % FINDING_KIND_COUNT),
        .evidence = {(const char *)data + 1, size - 1},
        .end = {1793487600},
        .bridge = {93600},
        .is_over = data[0] > 127,
    };
    assert(seen_digest(&q, &keep, &line, &cause) == 0);
    assert(cause != NULL);
    check(&line);
    if (q.kind == FINDING_NEVER_SEEN)
        assert(is_empty(&line) && cause[0] == '\0');
    return 0;
}
