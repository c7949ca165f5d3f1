/* Claims about intervals of time. */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/span.h"

#include <string.h>

SUITE(span);

static struct span make(int64_t first, int64_t last)
{
    return (struct span){{first}, {last}};
}

static void add(struct spans *s, int64_t first, int64_t last)
{
    cr_assert_eq(spans_add(s, make(first, last)), 0);
}

enum { MOST = 6 };

/* Pairs of first and last; the list ends with the first pair of zeros. */
static const struct {
    int64_t in[MOST][2];
    int64_t gap;
    int64_t out[MOST][2];
    const char *why;
} joins[] = {
    {{{1, 5}}, 0, {{1, 5}}, "one stays one"},
    {{{1, 5}, {5, 9}}, 0, {{1, 9}}, "touching ones are one"},
    {{{1, 5}, {6, 9}}, 0, {{1, 5}, {6, 9}}, "a second between is a gap"},
    {{{1, 5}, {6, 9}}, 1, {{1, 9}}, "of just the gap"},
    {{{1, 5}, {15, 19}}, 9, {{1, 5}, {15, 19}}, "one more than the gap"},
    {{{1, 5}, {15, 19}}, 10, {{1, 19}}, "at most the gap"},
    {{{1, 9}, {3, 4}}, 0, {{1, 9}}, "one within the other"},
    {{{1, 9}, {3, 12}}, 0, {{1, 12}}, "overlapping"},
    {{{1, 20}, {3, 4}, {21, 22}}, 0, {{1, 20}, {21, 22}}, "the longest end counts"},
    {{{1, 20}, {3, 4}, {21, 22}}, 1, {{1, 22}}, "from the longest end"},
    {{{20, 21}, {1, 2}, {10, 11}}, 0, {{1, 2}, {10, 11}, {20, 21}}, "sorted"},
    {{{3, 3}, {3, 3}}, 0, {{3, 3}}, "the same moment twice"},
    {{{3, 3}, {3, 8}}, 0, {{3, 8}}, "a moment at the start of another"},
    {{{1, 1}, {3, 3}, {5, 5}, {7, 7}}, 2, {{1, 7}}, "a chain of moments"},
    {{{-9, -5}, {-4, 4}}, 1, {{-9, 4}}, "before 1970"},
};

Test(span, joining_makes_one_of_what_touches_or_lies_near)
{
    for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
        AUTO(spans) struct spans s = {0};
        for (size_t k = 0; k < MOST && joins[i].in[k][1] != 0; k++)
            add(&s, joins[i].in[k][0], joins[i].in[k][1]);
        spans_join(&s, (dur_t){joins[i].gap});
        size_t n = 0;
        for (; n < MOST && joins[i].out[n][1] != 0; n++)
            cr_expect(n < s.n && s.v[n].first.s == joins[i].out[n][0] &&
                          s.v[n].last.s == joins[i].out[n][1],
                      "%s", joins[i].why);
        cr_expect_eq(s.n, n, "%s: %zu", joins[i].why, s.n);
    }
}

Test(span, an_empty_list_stays_empty)
{
    AUTO(spans) struct spans s = {0};
    spans_join(&s, (dur_t){10});
    cr_assert_eq(s.n, 0);
    cr_assert_eq(spans_measure(s.v, s.n, make(0, 10)).s, 0);
    spans_done(&s);
}

Test(span, the_ends_of_time_do_not_overflow)
{
    AUTO(spans) struct spans s = {0};
    add(&s, WALL_BEGIN.s, WALL_BEGIN.s);
    add(&s, WALL_END.s, WALL_END.s);
    spans_join(&s, (dur_t){93600});
    cr_assert_eq(s.n, 2);
    cr_assert_eq(spans_measure(s.v, s.n, (struct span){WALL_BEGIN, WALL_END}).s, 0);
    s.n = 0;
    add(&s, WALL_BEGIN.s, WALL_END.s);
    cr_assert_eq(spans_measure(s.v, s.n, (struct span){WALL_BEGIN, WALL_END}).s, INT64_C(1)
                                                                                     << 54);
}

static const struct {
    int64_t window[2];
    int64_t measure;
    const char *why;
} measures[] = {
    /* Of [10, 20], [30, 30], [40, 60]. */
    {{0, 100}, 30, "all: 10 + 0 + 20"},
    {{10, 60}, 30, "just all"},
    {{15, 50}, 15, "5 + 0 + 10"},
    {{30, 30}, 0, "a moment"},
    {{15, 15}, 0, "a moment within"},
    {{20, 40}, 0, "what only touches measures nothing"},
    {{0, 5}, 0, "before"},
    {{70, 90}, 0, "behind"},
    {{12, 18}, 6, "within one"},
    {{0, 41}, 11, "10 + 1"},
};

Test(span, measure_is_last_less_first_within_the_window)
{
    const struct span v[] = {make(10, 20), make(30, 30), make(40, 60)};
    for (size_t i = 0; i < ARRAY_LEN(measures); i++) {
        struct span window = make(measures[i].window[0], measures[i].window[1]);
        cr_expect_eq(spans_measure(v, ARRAY_LEN(v), window).s, measures[i].measure, "%s",
                     measures[i].why);
    }
}

static const struct {
    int64_t span[2], window[2], out[2];
    bool meets;
    const char *why;
} cuts[] = {
    {{10, 20}, {0, 30}, {10, 20}, true, "within"},
    {{10, 20}, {12, 18}, {12, 18}, true, "around"},
    {{10, 20}, {15, 30}, {15, 20}, true, "its end"},
    {{10, 20}, {0, 15}, {10, 15}, true, "its start"},
    {{10, 20}, {20, 30}, {20, 20}, true, "both ends are kept: its last moment"},
    {{10, 20}, {0, 10}, {10, 10}, true, "its first moment"},
    {{10, 20}, {21, 30}, {10, 20}, false, "behind"},
    {{10, 20}, {0, 9}, {10, 20}, false, "before"},
    {{15, 15}, {15, 15}, {15, 15}, true, "the moment itself"},
};

Test(span, cutting_keeps_both_ends)
{
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
        struct span s = make(cuts[i].span[0], cuts[i].span[1]);
        bool meets = span_cut(&s, make(cuts[i].window[0], cuts[i].window[1]));
        cr_expect_eq(meets, cuts[i].meets, "%s", cuts[i].why);
        cr_expect(s.first.s == cuts[i].out[0] && s.last.s == cuts[i].out[1], "%s", cuts[i].why);
    }
}

Test(span, a_term_holds_its_start_and_not_its_end)
{
    struct term t = {{10}, {20}};
    cr_expect_not(term_holds(t, (wall_t){9}));
    cr_expect(term_holds(t, (wall_t){10}));
    cr_expect(term_holds(t, (wall_t){19}));
    cr_expect_not(term_holds(t, (wall_t){20}));
    struct term always = {WALL_BEGIN, WALL_END};
    cr_expect(term_holds(always, WALL_MIN));
    cr_expect(term_holds(always, WALL_MAX));
    struct span closed = term_closed(t);
    cr_expect(closed.first.s == 10 && closed.last.s == 20);
}

Test(span, order_is_by_first_then_last)
{
    const struct span rising[] = {make(1, 1), make(1, 2), make(2, 2), make(3, 9)};
    for (size_t i = 0; i < ARRAY_LEN(rising); i++) {
        for (size_t j = 0; j < ARRAY_LEN(rising); j++) {
            int order = span_compare(&rising[i], &rising[j]);
            cr_expect_eq(order < 0, i < j);
            cr_expect_eq(order > 0, i > j);
        }
    }
}

Test(span, union_replaces_all_that_is_near)
{
    struct span u = span_union(make(10, 20), NULL, 0);
    cr_expect(u.first.s == 10 && u.last.s == 20);
    const struct span near[] = {make(1, 9), make(12, 13), make(21, 40)};
    u = span_union(make(10, 20), near, ARRAY_LEN(near));
    cr_expect(u.first.s == 1 && u.last.s == 40);
}

enum { HOURS = 400 };

/* Draws up to `most` spans in [0, HOURS]; single moments among them. */
static void draw(struct rng *rng, struct spans *s, size_t most)
{
    for (size_t n = rng_below(rng, most + 1); n > 0; n--) {
        int64_t first = rng_between(rng, 0, HOURS);
        int64_t length = rng_below(rng, 3) ? rng_between(rng, 0, 12) : 0;
        add(s, first, first + length > HOURS ? HOURS : first + length);
    }
}

/* Which unit stretches [t, t + 1] lie in some span, with gaps up to `gap` filled. */
static void paint(const struct spans *s, int64_t gap, bool *stretches)
{
    memset(stretches, 0, HOURS * sizeof *stretches);
    for (size_t i = 0; i < s->n; i++) {
        for (int64_t t = s->v[i].first.s; t < s->v[i].last.s; t++)
            stretches[t] = true;
        /* Fill from this end to each start that lies near. */
        for (size_t k = 0; k < s->n; k++) {
            int64_t hole = s->v[k].first.s - s->v[i].last.s;
            for (int64_t t = 0; hole <= gap && t < hole; t++)
                stretches[s->v[i].last.s + t] = true;
        }
    }
}

Test(span, joining_covers_what_the_definition_says)
{
    struct rng rng = {seed_now()};
    for (int round = 0; round < 3000; round++) {
        AUTO(spans) struct spans s = {0};
        bool want[HOURS];
        bool got[HOURS];
        int64_t gap = rng_between(&rng, 0, 8);
        draw(&rng, &s, round % 10 == 0 ? 100 : 20);
        paint(&s, gap, want);
        spans_join(&s, (dur_t){gap});
        paint(&s, 0, got);
        cr_assert_arr_eq(got, want, sizeof want);
        for (size_t i = 1; i < s.n; i++)
            cr_assert_gt(s.v[i].first.s - s.v[i - 1].last.s, gap);
        int64_t covered = 0;
        struct span window = make(rng_between(&rng, 0, HOURS / 2), HOURS - 50);
        for (int64_t t = window.first.s; t < window.last.s; t++)
            covered += want[t];
        cr_assert_eq(spans_measure(s.v, s.n, window).s, covered);
    }
}

/* Keeps a joined list as a store does: what is near an addition is replaced by the union. */
static void store_add(struct spans *stored, struct span x, int64_t gap)
{
    struct span near[HOURS];
    size_t n_near = 0;
    size_t kept = 0;
    for (size_t i = 0; i < stored->n; i++) {
        struct span y = stored->v[i];
        if (y.first.s - x.last.s <= gap && x.first.s - y.last.s <= gap)
            near[n_near++] = y;
        else
            stored->v[kept++] = y;
    }
    stored->n = kept;
    cr_assert_eq(spans_add(stored, span_union(x, near, n_near)), 0);
}

Test(span, learning_is_a_union_in_any_order_and_any_number_of_times)
{
    struct rng rng = {seed_now()};
    for (int round = 0; round < 2000; round++) {
        AUTO(spans) struct spans all = {0};
        AUTO(spans) struct spans stored = {0};
        int64_t gap = rng_between(&rng, 0, 8);
        draw(&rng, &all, 40);
        for (size_t i = all.n; i > 1; i--) {
            size_t k = rng_below(&rng, i);
            struct span x = all.v[k];
            all.v[k] = all.v[i - 1];
            all.v[i - 1] = x;
        }
        for (size_t i = 0; i < all.n; i++) {
            store_add(&stored, all.v[i], gap);
            store_add(&stored, all.v[rng_below(&rng, i + 1)], gap); /* one again */
        }
        spans_join(&all, (dur_t){gap});
        if (stored.n > 0)
            qsort(stored.v, stored.n, sizeof *stored.v, span_compare);
        cr_assert_eq(stored.n, all.n);
        for (size_t i = 0; i < all.n; i++)
            cr_assert_eq(span_compare(&stored.v[i], &all.v[i]), 0);
    }
}
