/* A report as a value, and how its times are brought to the collector's clock. */
#include "domain/report.h"

#include "base/ckd.h"

#include <errno.h>
#include <stdio.h>

/* How far two clocks may be apart without anything being said of it (SPEC 3, "Clock"). */
enum { CLOCK_SLACK_S = 60 };
/* Nothing that we audit was seen before 2020-01-01T00:00:00Z. */
#define EARLIEST ((wall_t){INT64_C(1577836800)})

void report_done(struct report *r)
{
    free(r->licenses);
    free(r->sightings);
    free(r->mailboxes);
    free(r->gaps);
    *r = (struct report){0};
}

static size_t count_sightings(const struct report *r)
{
    return r->n_sightings;
}

static struct span *get_sighting(struct report *r, size_t i)
{
    return &r->sightings[i].seen;
}

static size_t count_mailboxes(const struct report *r)
{
    return r->n_mailboxes;
}

static struct span *get_mailboxes(struct report *r, size_t i)
{
    return &r->mailboxes[i].seen;
}

static size_t count_gaps(const struct report *r)
{
    return r->n_gaps;
}

static struct span *get_gap(struct report *r, size_t i)
{
    return &r->gaps[i].seen;
}

/* The lists that hold times, in the order in which they are checked. */
static const struct timed_list {
    const char *name;
    size_t (*count)(const struct report *r);
    struct span *(*get)(struct report *r, size_t i);
} timed_lists[] = {
    {"sightings", count_sightings, get_sighting},
    {"mailboxes", count_mailboxes, get_mailboxes},
    {"gaps", count_gaps, get_gap},
};

/* Both clocks, where a time was found and where its fault is to be said. */
struct settling {
    wall_t sent_at, received_at;
    const char *list;
    size_t index;
    char *at;
    struct diag *d;
};

static int refuse(const struct settling *s, const char *field, const char *reason)
{
    (void)snprintf(s->at, REPORT_AT_SIZE, "/%s/%zu/%s", s->list, s->index, field);
    return diag_set(s->d, -EBADMSG, "%s", reason);
}

/* Step 1: by the agent's own clock. */
static int check_order(const struct settling *s, struct span *seen)
{
    if (seen->first.s > seen->last.s)
        return refuse(s, "first", "first lies after last");
    if (seen->last.s > s->sent_at.s + CLOCK_SLACK_S)
        return refuse(s, "last", "last lies in the future of the clock that sent the report");
    return 0;
}

/* Moves a time; one that would leave the range lies long before 2020 already and stays there.
 */
static wall_t shift(wall_t t, int64_t by_s)
{
    wall_t moved;
    return ckd_add_i64(t.s, by_s, &moved.s) ? moved : t;
}

/* Steps 2 to 4: onto the collector's clock. */
static int bring_over(const struct settling *s, struct span *seen)
{
    int64_t by_s = s->received_at.s - s->sent_at.s;
    if (by_s > CLOCK_SLACK_S || by_s < -CLOCK_SLACK_S) {
        seen->first = shift(seen->first, by_s);
        seen->last = shift(seen->last, by_s);
    }
    seen->first = wall_min(seen->first, s->received_at);
    seen->last = wall_min(seen->last, s->received_at);
    if (seen->first.s < EARLIEST.s)
        return refuse(s, "first", "first lies before 2020");
    return 0;
}

static int for_each_time(struct report *r, struct settling *s,
                         int (*step)(const struct settling *s, struct span *seen))
{
    for (size_t l = 0; l < ARRAY_LEN(timed_lists); l++) {
        s->list = timed_lists[l].name;
        size_t n = timed_lists[l].count(r);
        for (s->index = 0; s->index < n; s->index++) {
            int error = step(s, timed_lists[l].get(r, s->index));
            if (error)
                return error;
        }
    }
    return 0;
}

static bool is_named(wall_t t)
{
    return t.s >= WALL_MIN.s && t.s <= WALL_MAX.s;
}

int report_settle(struct report *r, wall_t sent_at, wall_t received_at,
                  char reterr_at[static REPORT_AT_SIZE], struct diag *d)
{
    struct settling s = {
        .sent_at = sent_at, .received_at = received_at, .at = reterr_at, .d = d};
    if (!is_named(sent_at) || !is_named(received_at)) {
        reterr_at[0] = '\0';
        return diag_set(d, -EBADMSG, "the time of sending is out of range");
    }
    int error = for_each_time(r, &s, check_order);
    return error ? error : for_each_time(r, &s, bring_over);
}
