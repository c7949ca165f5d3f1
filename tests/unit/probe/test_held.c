/* Claims about what is held for the keeper. */
#include "probe/held.h"

#include "support/leak.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

SUITE(held);

static struct addr address(const char *text)
{
    struct addr a = {.family = 0};
    cr_assert_eq(addr_parse(text_of(text), &a), 0);
    return a;
}

static void add(struct held *h, const char *text, enum source source, int64_t at_s)
{
    struct addr a = address(text);
    cr_assert_eq(held_add(h, &a, source, at_s), 0);
}

/* The next that may be said, and says it. */
static bool say(struct held *h, int64_t now_s, struct message_seen *ret)
{
    size_t at = 0;
    if (!held_next(h, now_s, &at, ret))
        return false;
    held_say(h, at, now_s);
    return true;
}

static void expect(const struct message_seen *s, int64_t first_s, int64_t last_s,
                   int64_t packets)
{
    cr_assert_eq(s->first_s, first_s);
    cr_assert_eq(s->last_s, last_s);
    cr_assert_eq(s->packets, packets);
}

Test(held, the_first_goes_at_once_and_what_follows_is_joined_for_a_minute)
{
    struct held h;
    struct message_seen s;
    held_init(&h);
    cr_assert_eq(held_wait_s(&h, 100), -1);
    add(&h, "203.0.113.10", SOURCE_KEYSERVER, 100);
    cr_assert_eq(held_wait_s(&h, 100), 0);
    cr_assert(say(&h, 100, &s));
    expect(&s, 100, 100, 1);
    cr_assert_eq(s.source, SOURCE_KEYSERVER);
    held_was_read(&h);
    add(&h, "203.0.113.10", SOURCE_KEYSERVER, 110);
    add(&h, "203.0.113.10", SOURCE_KEYSERVER, 150);
    cr_assert_not(say(&h, 159, &s));
    cr_assert_eq(held_wait_s(&h, 150), 10); /* 100 + 60 */
    cr_assert(say(&h, 160, &s));
    expect(&s, 110, 150, 2);
    held_was_read(&h);
    cr_assert_eq(held_wait_s(&h, 160), -1);
    held_done(&h);
}

Test(held, each_address_and_source_by_itself)
{
    struct held h;
    struct message_seen s;
    held_init(&h);
    add(&h, "203.0.113.11", SOURCE_PANEL, 5);
    add(&h, "203.0.113.10", SOURCE_PANEL, 5);
    add(&h, "203.0.113.10", SOURCE_KEYSERVER, 5);
    add(&h, "2001:db8::10", SOURCE_KEYSERVER, 5);
    for (int i = 0; i < 4; i++) {
        cr_assert(say(&h, 5, &s));
        expect(&s, 5, 5, 1);
    }
    cr_assert_not(say(&h, 5, &s));
    held_done(&h);
}

Test(held, what_comes_out_of_order_widens_the_stretch_on_both_sides)
{
    struct held h;
    struct message_seen s;
    held_init(&h);
    add(&h, "203.0.113.10", SOURCE_PANEL, 50);
    add(&h, "203.0.113.10", SOURCE_PANEL, 40);
    add(&h, "203.0.113.10", SOURCE_PANEL, 60);
    cr_assert(say(&h, 60, &s));
    expect(&s, 40, 60, 3);
    held_done(&h);
}

Test(held, what_was_not_read_waits_again_and_goes_to_the_next_keeper_at_once)
{
    struct held h;
    struct message_seen s;
    held_init(&h);
    add(&h, "203.0.113.10", SOURCE_NAT, 100);
    cr_assert(say(&h, 100, &s));
    cr_assert(held_has_said(&h));
    add(&h, "203.0.113.10", SOURCE_NAT, 170);
    /* A minute is over, but of what was said nobody knows yet whether it was read. */
    cr_assert_not(say(&h, 170, &s));
    cr_assert_eq(held_wait_s(&h, 170), -1);
    held_was_lost(&h);
    cr_assert_not(held_has_said(&h));
    cr_assert(say(&h, 171, &s));
    expect(&s, 100, 170, 2);
    held_done(&h);
}

Test(held, what_was_read_is_not_said_again)
{
    struct held h;
    struct message_seen s;
    held_init(&h);
    add(&h, "203.0.113.10", SOURCE_NAT, 100);
    cr_assert(say(&h, 100, &s));
    held_was_read(&h);
    held_was_lost(&h);
    cr_assert_not(say(&h, 1000, &s));
    add(&h, "203.0.113.10", SOURCE_NAT, 101); /* the next keeper does not wait for a minute */
    cr_assert(say(&h, 101, &s));
    expect(&s, 101, 101, 1);
    held_done(&h);
}

static struct addr numbered(unsigned i)
{
    struct addr a = {.family = ADDR_IPV4,
                     .bytes = {203, 0, (uint8_t)(i >> 8), (uint8_t)(i & 0xff)}};
    return a;
}

Test(held, no_more_than_the_cap_and_those_long_said_make_room)
{
    struct held h;
    struct message_seen s;
    struct addr a;
    held_init(&h);
    for (unsigned i = 0; i < CAP_PRESENCES; i++) {
        a = numbered(i);
        cr_assert_eq(held_add(&h, &a, SOURCE_PANEL, 10), 0);
    }
    a = numbered(CAP_PRESENCES);
    cr_assert_eq(held_add(&h, &a, SOURCE_PANEL, 10), -ERANGE);
    a = numbered(7);
    cr_assert_eq(held_add(&h, &a, SOURCE_PANEL, 11), 0, "known ones go on");
    for (unsigned i = 0; i < CAP_PRESENCES; i++)
        cr_assert(say(&h, 11, &s));
    held_was_read(&h);
    a = numbered(CAP_PRESENCES);
    cr_assert_eq(held_add(&h, &a, SOURCE_PANEL, 70), -ERANGE, "a minute is not over");
    cr_assert_eq(held_add(&h, &a, SOURCE_PANEL, 71), 0);
    cr_assert_eq(h.n_seen, 1);
    held_done(&h);
}

static void add_gap(struct held *h, enum gap_kind what, int64_t first_s, int64_t last_s,
                    int64_t lost)
{
    held_add_gap(h, &(struct message_gap){
                        .what = what, .first_s = first_s, .last_s = last_s, .lost = lost});
}

static void expect_gap(const struct message_gap *g, int64_t first_s, int64_t last_s,
                       int64_t lost)
{
    cr_assert_eq(g->first_s, first_s);
    cr_assert_eq(g->last_s, last_s);
    cr_assert_eq(g->lost, lost);
}

Test(held, gaps_that_nearly_touch_are_one_and_others_stay_apart)
{
    struct held h;
    held_init(&h);
    add_gap(&h, GAP_CAPTURE, 100, 110, 5);
    add_gap(&h, GAP_CAPTURE, 170, 175, 7); /* 60 s behind it */
    add_gap(&h, GAP_CONNTRACK, 170, 175, 0);
    add_gap(&h, GAP_CAPTURE, 236, 240, 1); /* 61 s behind 175 */
    cr_assert_eq(held_next_gaps(&h, 240), 3);
    expect_gap(&h.gaps[0], 100, 175, 12);
    expect_gap(&h.gaps[1], 170, 175, 0);
    expect_gap(&h.gaps[2], 236, 240, 1);
    held_done(&h);
}

Test(held, gaps_wait_for_each_other_and_come_again_when_they_were_not_read)
{
    struct held h;
    held_init(&h);
    add_gap(&h, GAP_CAPTURE, 100, 110, 5);
    cr_assert_eq(held_wait_s(&h, 110), 0);
    cr_assert_eq(held_next_gaps(&h, 110), 1);
    held_say_gaps(&h, 1, 110);
    add_gap(&h, GAP_CAPTURE, 110, 112, 6); /* the one that was said is not touched */
    cr_assert_eq(held_next_gaps(&h, 112), 0);
    cr_assert_eq(held_wait_s(&h, 112), 3); /* 110 + 5 */
    cr_assert_eq(held_next_gaps(&h, 115), 1);
    held_was_lost(&h);
    cr_assert_eq(held_next_gaps(&h, 113), 2);
    held_say_gaps(&h, 2, 113);
    held_was_read(&h);
    cr_assert_eq(h.n_gaps, 0);
    held_done(&h);
}

Test(held, gaps_that_go_on_and_on_are_said_once_a_minute)
{
    static const struct {
        int64_t now_s;
        size_t n;
        const char *why;
    } rows[] = {
        {100, 1, "the first at once"},    {104, 0, "5 s are not over"},
        {105, 1, "the second after 5 s"}, {164, 0, "then a minute"},
        {165, 1, "it is over"},           {400, 1, "long after that it is a new trouble"},
        {404, 0, "5 s are not over"},     {405, 1, "which begins anew"},
    };
    struct held h;
    held_init(&h);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t now_s = rows[i].now_s;
        add_gap(&h, GAP_CAPTURE, now_s, now_s, 1);
        size_t n = held_next_gaps(&h, now_s);
        cr_assert_eq(n, rows[i].n, "%s", rows[i].why);
        held_say_gaps(&h, n, now_s);
        if (n > 0)
            held_was_read(&h);
    }
    held_done(&h);
}

Test(held, of_too_many_gaps_the_oldest_two_become_one)
{
    struct held h;
    held_init(&h);
    add_gap(&h, GAP_CONNTRACK, 0, 1, 0);
    for (int i = 1; i <= HELD_GAPS_MAX; i++)
        add_gap(&h, GAP_CAPTURE, i * 1000, i * 1000 + 1, 1);
    cr_assert_eq(h.n_gaps, HELD_GAPS_MAX);
    expect_gap(&h.gaps[0], 0, 1, 0);
    expect_gap(&h.gaps[1], 1000, 2001, 2);
    expect_gap(&h.gaps[HELD_GAPS_MAX - 1], HELD_GAPS_MAX * 1000, HELD_GAPS_MAX * 1000 + 1, 1);
    held_done(&h);
}
