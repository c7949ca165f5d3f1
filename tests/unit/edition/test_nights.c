/*
 * What is news from one night to the next, to a manager and to a reseller. As in test_make.c:
 * reseller r1's licence is at home on one server, and was seen on another one, too, in the
 * spans that each test names. That one is the home of a second licence, so it is never silent.
 */
#include <string.h>

#include "support/leak.h"
#include "support/nights.h"

SUITE(nights);

#define L1 "PLSK.00000001"

static struct nights n;

/* Day and hour of October 2026, to day and hour. */
struct stay {
    int from_day, from_hour, to_day, to_hour;
};

static void begin(const struct stay *stays, size_t n_stays)
{
    nights_init(&n);
    nights_license(&n, L1, "r1");
    nights_server(&n, "s1", "r1");
    nights_server(&n, "s2", "r1");
    nights_network(&n, "203.0.113.0/24", "r1");
    nights_saw(&n, "s1", L1, "203.0.113.1", (struct span){nights_at(-10, 0), nights_at(90, 0)});
    nights_license(&n, "PLSK.00000002", "r1");
    nights_saw(&n, "s2", "PLSK.00000002", "203.0.113.2",
               (struct span){nights_at(-10, 0), nights_at(90, 0)});
    for (size_t i = 0; i < n_stays; i++)
        nights_saw(&n, "s2", L1, "203.0.113.2",
                   (struct span){nights_at(stays[i].from_day, stays[i].from_hour),
                                 nights_at(stays[i].to_day, stays[i].to_hour)});
}

/* A night, and what it says: NULL = the reseller gets no mail. */
struct night {
    int day, hour;
    const char *to_r1;
    const char *to_am1; /* with the counts */
    const char *why;
};

static void check(const struct night *v, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO(buf) struct buf expected = BUF_INIT(4096);
        nights_run(&n, nights_at(v[i].day, v[i].hour));
        if (v[i].to_r1)
            buf_printf(&expected, "to r1: %s", v[i].to_r1);
        buf_printf(&expected, "to am1: %sto am2: 0 new, 0 changed, 0 resolved\n", v[i].to_am1);
        cr_assert_str_eq(buf_str(&n.text), buf_str(&expected), "%s (%d, %d:00): it says\n%s",
                         v[i].why, v[i].day, v[i].hour, buf_str(&n.text));
    }
}

#define CHECK(...)                                                                             \
    do {                                                                                       \
        static const struct night v_[] = {__VA_ARGS__};                                        \
        check(v_, ARRAY_LEN(v_));                                                              \
        nights_done(&n);                                                                       \
    } while (0)
#define BEGIN(...)                                                                             \
    do {                                                                                       \
        static const struct stay v_[] = {__VA_ARGS__};                                         \
        begin(v_, ARRAY_LEN(v_));                                                              \
    } while (0)

#define NEW "1 new, 0 changed, 0 resolved\n"
#define CHANGED "0 new, 1 changed, 0 resolved\n"
#define SAME "0 new, 0 changed, 0 resolved\n"
#define GONE "0 new, 0 changed, 1 resolved\n"
#define OCTOBER(rest) "r1 extra-ip " L1 " 2026-10 " rest "\n"
#define NOVEMBER(rest) "r1 extra-ip " L1 " 2026-11 " rest "\n"

/* Since the 5th, 0:00: confirmed on the 19th at 0:00:01, that is 3 days after the 16th. */
Test(nights, a_reseller_is_reminded_once_before_it_costs)
{
    BEGIN({5, 0, 60, 0});
    CHECK({6, 2, NEW OCTOBER("potential 1 new"), NEW OCTOBER("potential 1 new"), "new"},
          {15, 23, NULL, SAME OCTOBER("potential 1 ."), "73 hours before"},
          {16, 2, CHANGED OCTOBER("potential 1 soon"), SAME OCTOBER("potential 1 ."),
           "70 hours before"},
          {17, 2, NULL, SAME OCTOBER("potential 1 ."), "was reminded"},
          {19, 2, CHANGED OCTOBER("confirmed 1 worse"), CHANGED OCTOBER("confirmed 1 worse"),
           "confirmed"},
          {20, 2, NULL, SAME OCTOBER("confirmed 1 ."), "confirmed, as before"});
}

/* It has heard of it on the 6th; nothing of it will be paid. */
Test(nights, a_trial_is_not_reminded)
{
    nights_init(&n);
    nights_at_home(&n, L1, "trial", "s1");
    nights_server(&n, "s2", "trial");
    nights_saw(&n, "s2", L1, "203.0.113.2", nights_days(5, 60));
    nights_run(&n, nights_at(6, 2));
    cr_assert(strstr(buf_str(&n.text), "to trial: " NEW));
    nights_run(&n, nights_at(16, 2));
    nights_expect(&n, "to am1: " SAME "trial extra-ip " L1 " 2026-10 potential 1 .\n"
                      "to am2: " SAME);
    nights_done(&n);
}

Test(nights, who_need_not_pay_is_not_reminded)
{
    BEGIN({5, 0, 60, 0});
    nights_run(&n, nights_at(6, 2));
    nights_decide(&n, DECISION_WAIVE, "2026-10/r1/extra-ip/" L1, nights_at(7, 0));
    CHECK({16, 2, NULL, SAME OCTOBER("potential 1 ."), "70 hours before, and waived"});
}

/* First heard of on the 17th, with the day on which it costs: that was the reminder. */
Test(nights, who_is_told_late_is_not_reminded_the_next_night)
{
    BEGIN({5, 0, 60, 0});
    CHECK({17, 2, NEW OCTOBER("potential 1 new"), NEW OCTOBER("potential 1 new"), "new"},
          {18, 2, NULL, SAME OCTOBER("potential 1 ."), "it has heard"});
}

/* The 8th at 12:00 is 14 hours before the 9th, 2:00, and 38 before the 10th: over the bridge.
 */
Test(nights, what_ends_is_told_and_what_begins_again)
{
    BEGIN({5, 0, 8, 12}, {12, 0, 60, 0});
    CHECK({6, 2, NEW OCTOBER("potential 1 new"), NEW OCTOBER("potential 1 new"), "new"},
          {9, 2, NULL, SAME OCTOBER("potential 1 ."), "the next sighting would join it"},
          {10, 2, CHANGED OCTOBER("potential 1 ended"), CHANGED OCTOBER("potential 1 ended"),
           "ended"},
          {11, 2, NULL, SAME OCTOBER("potential 1 ."), "ended, as before"},
          {12, 2, CHANGED OCTOBER("potential 1 again"), CHANGED OCTOBER("potential 1 again"),
           "again"},
          {13, 2, NULL, SAME OCTOBER("potential 1 ."), "goes on, as before"});
}

/* Since 25 October, so it costs from 8 November, 0:00:01. At 0:30 on the first, November has
 * seen it for less than `flag_after`. */
Test(nights, the_end_of_a_month_is_no_news)
{
    BEGIN({25, 0, 60, 0});
    nights_run(&n, nights_at(31, 2));
    nights_run(&n, (wall_t){nights_at(32, 0).s + 1800});
    nights_expect(&n, "to am1: " SAME "to am2: " SAME);
    cr_assert(nights_said_of(&n, AUDIENCE_RESELLER, "r1", L1, "2026-10"), "it waits");
    CHECK({32, 2, NULL, SAME NOVEMBER("potential 1 ."), "moved on"},
          {33, 2, NULL, SAME NOVEMBER("potential 1 ."), "as before"},
          {39, 2, CHANGED NOVEMBER("confirmed 1 worse"), CHANGED NOVEMBER("confirmed 1 worse"),
           "confirmed"});
}

/* It was to be seen until 31 October, 20:00: on 1 November it may still be joined, on the 3rd,
 * 50 hours into the month, nothing of it is in November. */
Test(nights, what_ends_with_its_month_is_resolved_when_that_is_sure)
{
    BEGIN({25, 0, 31, 20});
    CHECK({31, 2, NEW OCTOBER("potential 1 new"), NEW OCTOBER("potential 1 new"), "new"},
          {32, 2, NULL, SAME, "too early to say"}, {33, 2, NULL, SAME, "26 hours: too early"},
          {34, 2, GONE OCTOBER("clear 0 resolved"), GONE OCTOBER("clear 0 resolved"), "gone"},
          {35, 2, NULL, SAME, "once"});
}

/* That it ended was said on the 30th. */
Test(nights, what_ended_before_its_month_did_is_not_told_again)
{
    BEGIN({25, 0, 28, 20});
    CHECK({28, 2, NEW OCTOBER("potential 1 new"), NEW OCTOBER("potential 1 new"), "new"},
          {30, 2, CHANGED OCTOBER("potential 1 ended"), CHANGED OCTOBER("potential 1 ended"),
           "ended"},
          {34, 2, NULL, SAME, "over with its month"});
}

/* Confirmed in October, and on: in November it costs again after 24 hours. */
Test(nights, a_further_period_is_worse)
{
    BEGIN({5, 0, 60, 0});
    CHECK({20, 2, NEW OCTOBER("confirmed 1 new"), NEW OCTOBER("confirmed 1 new"), "new"},
          {32, 2, CHANGED NOVEMBER("potential 1 worse") OCTOBER("confirmed 1 ."),
           CHANGED OCTOBER("confirmed 1 .") NOVEMBER("potential 1 worse"), "goes on"},
          {33, 2, CHANGED NOVEMBER("confirmed 1 worse") OCTOBER("confirmed 1 ."),
           CHANGED OCTOBER("confirmed 1 .") NOVEMBER("confirmed 1 worse"), "costs again"},
          {34, 2, NULL, SAME OCTOBER("confirmed 1 .") NOVEMBER("confirmed 1 ."), "as before"});
}

/* Confirmed from the 5th on; on the 20th a move is declared that explains all of it. The
 * notices that it gives way to are for the manager alone. */
Test(nights, what_is_explained_late_is_resolved)
{
    BEGIN({5, 0, 60, 0});
    nights_run(&n, nights_at(20, 2));
    nights_move(&n, L1, (struct term){nights_at(4, 0), nights_at(30, 0)});
    CHECK({21, 2, GONE OCTOBER("clear 0 resolved"),
           "2 new, 0 changed, 1 resolved\n" OCTOBER(
               "clear 0 resolved") "r1 many-addresses " L1 " 2026-10 notice 1 new\n"
                                   "r1 second-server " L1 " 2026-10 notice 1 new\n",
           "resolved"},
          {22, 2, NULL,
           SAME "r1 many-addresses " L1 " 2026-10 notice 1 .\n"
                "r1 second-server " L1 " 2026-10 notice 1 .\n",
           "once"});
}

/* Nobody had heard of it in October, when a late report says that it had been there all along:
 * then October is told, for it is going to be charged. */
Test(nights, what_is_learned_late_of_an_open_month_is_told)
{
    BEGIN({1, 0, 1, 0});
    nights_run(&n, nights_at(35, 2));
    nights_saw(&n, "s2", L1, "203.0.113.2", (struct span){nights_at(5, 0), nights_at(31, 0)});
    CHECK({36, 2, NEW OCTOBER("confirmed 1 new"), NEW OCTOBER("confirmed 1 new"), "new"});
}

/* A second address too many; what is larger is worse. */
Test(nights, a_larger_quantity_is_worse)
{
    BEGIN({5, 0, 60, 0});
    nights_server(&n, "s3", "r1");
    nights_saw(&n, "s3", L1, "203.0.113.3", (struct span){nights_at(8, 0), nights_at(60, 0)});
    CHECK({7, 2, NEW OCTOBER("potential 1 new"), NEW OCTOBER("potential 1 new"), "new"},
          {8, 2, CHANGED OCTOBER("potential 2 worse"), CHANGED OCTOBER("potential 2 worse"),
           "2 hours of a second one"},
          {19, 2, CHANGED OCTOBER("confirmed 1 worse"), CHANGED OCTOBER("confirmed 1 worse"),
           "confirmed, of one only: the state counts more"});
}

/* The licence was never seen; on the 3rd of November it is, and October cannot be told again.
 */
Test(nights, a_notice_of_the_moment_is_resolved_in_the_next_month)
{
    nights_init(&n);
    nights_license(&n, L1, "r1");
    nights_license(&n, "PLSK.00000002", "r1");
    nights_server(&n, "s1", "r1");
    nights_network(&n, "203.0.113.0/24", "r1");
    nights_saw(&n, "s1", "PLSK.00000002", "203.0.113.1",
               (struct span){nights_at(-10, 0), nights_at(90, 0)});
    nights_saw(&n, "s1", L1, "203.0.113.1", (struct span){nights_at(33, 0), nights_at(90, 0)});
    CHECK({30, 2, NULL, NEW "r1 never-seen " L1 " 2026-10 notice 1 new\n", "never"},
          {32, 2, NULL, SAME "r1 never-seen " L1 " 2026-11 notice 1 .\n", "moved on"},
          {33, 2, NULL, GONE "r1 never-seen " L1 " 2026-11 clear 0 resolved\n", "seen"},
          {34, 2, NULL, SAME, "once"});
}
