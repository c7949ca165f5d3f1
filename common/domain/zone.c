/* A time zone as a value. */
#include "domain/zone.h"

#include <string.h>

enum { DAY_S = 86400 };

void zone_init_utc(struct zone *z)
{
    *z = (struct zone){.name = "UTC", .n = 1};
    z->steps[0] = (struct zone_step){.from = WALL_BEGIN, .abbreviation = "UTC"};
}

/* The last step that begins at or before t; the first one where none does. */
static size_t step_index(const struct zone *z, wall_t t)
{
    size_t low = 0;
    size_t high = z->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->steps[middle].from.s <= t.s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

const struct zone_step *zone_at(const struct zone *z, wall_t t)
{
    return &z->steps[step_index(z, t)];
}

int64_t zone_date_at(const struct zone *z, wall_t t)
{
    int64_t local_s = t.s + zone_at(z, t)->offset_s;
    return local_s / DAY_S - (local_s % DAY_S < 0 ? 1 : 0);
}

wall_t zone_day_start(const struct zone *z, int64_t days)
{
    int64_t midnight_s = days * DAY_S;
    /* No offset reaches two days, so the day cannot have begun before that step. */
    size_t i = step_index(z, (wall_t){midnight_s - 2 * DAY_S});
    for (;; i++) {
        wall_t start = {midnight_s - z->steps[i].offset_s};
        /* Its midnight was skipped, by the very change that began this step. */
        if (i > 0)
            start = wall_max(start, z->steps[i].from);
        if (i + 1 >= z->n || start.s < z->steps[i + 1].from.s)
            return start;
    }
}

static_assert(ZONE_TEXT_SIZE >=
                  WALL_TEXT_SIZE + 1 + sizeof((struct zone_step *)0)->abbreviation,
              "a moment, a space and an abbreviation");

const char *zone_format(const struct zone *z, wall_t t, char out[static ZONE_TEXT_SIZE])
{
    if (t.s < WALL_MIN.s || t.s > WALL_MAX.s)
        return wall_format(t, out);
    const struct zone_step *step = zone_at(z, t);
    /* Local time is written as if it were UTC; the change of zone is in the last characters. */
    wall_t local = {t.s + step->offset_s};
    (void)wall_format(wall_max(WALL_MIN, wall_min(local, WALL_MAX)), out);
    size_t n = strlen(out);
    out[10] = ' ';
    out[n - 1] = ' ';
    memcpy(out + n, step->abbreviation, sizeof step->abbreviation);
    return out;
}
