/* Lists too long for the simple sort: whatever is out of order in them is found. */
#include "domain/span.h"
#include "support/leak.h"

SUITE(span_long);

enum { SPANS = 40 };

/* Span k is [10 k, 10 k + 1]; joined without a gap they stay apart, in their order. */
static void joins(const size_t order[static SPANS], const char *why)
{
    AUTO(spans) struct spans s = {0};

    for (size_t i = 0; i < SPANS; i++) {
        int64_t first = 10 * (int64_t)order[i];
        cr_assert_eq(spans_add(&s, (struct span){{first}, {first + 1}}), 0);
    }
    spans_join(&s, (dur_t){0});
    cr_assert_eq(s.n, SPANS, "%s: %zu", why, s.n);
    for (size_t i = 0; i < SPANS; i++)
        cr_assert_eq(s.v[i].first.s, 10 * (int64_t)i, "%s: %zu", why, i);
}

static void in_order(size_t order[static SPANS])
{
    for (size_t i = 0; i < SPANS; i++)
        order[i] = i;
}

Test(span_long, two_neighbours_out_of_order_are_found_wherever_they_stand)
{
    size_t order[SPANS];

    in_order(order);
    joins(order, "in order");
    for (size_t at = 0; at + 1 < SPANS; at++) {
        in_order(order);
        order[at] = at + 1;
        order[at + 1] = at;
        joins(order, "neighbours");
    }
}

Test(span_long, a_list_that_runs_backwards_is_turned)
{
    size_t order[SPANS];

    for (size_t i = 0; i < SPANS; i++)
        order[i] = SPANS - 1 - i;
    joins(order, "backwards");
}
