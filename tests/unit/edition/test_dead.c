/* Mails that were given up, and in which nights they are named. */
#include "support/sides.h"

#include <stdio.h>
#include <string.h>

#include "support/leak.h"

SUITE(dead);

static const char *const october[] = {"2026-10"};

static void ok(struct sides *s, int r)
{
    cr_assert_geq(r, 0, "%s", store_diag(s->store));
}

/* A night at 5:00 of that day, with a mail to each of n readers; the first one's number. */
static int64_t night(struct sides *s, int day, int n, bool is_failed)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_run run = {.day = day,
                            .made_at = nights_at(day, 5),
                            .as_of = nights_at(day, 5),
                            .is_failed = is_failed,
                            .about = "{\"scope\":\"all\"}"};
    struct store_mail m;
    int64_t number = 0, first = 0;
    char id[32], to[64];
    ok(s, store_begin(s->store));
    ok(s, store_begin_run(s->store, &run, &number));
    for (int i = 0; i < n; i++) {
        (void)snprintf(id, sizeof id, "<%d.%d@x.example>", day, i);
        (void)snprintf(to, sizeof to, "m%d@x.example", i);
        ok(s, store_put_mail(s->store, &(struct store_mail){.run = number,
                                                            .reader = {READER_MANAGER, "am1"},
                                                            .sender = "f@x.example",
                                                            .recipient = to,
                                                            .message_id = id,
                                                            .message = text_of("x"),
                                                            .settled = WALL_END,
                                                            .last_text = ""}));
    }
    ok(s, store_publish_run(s->store, number));
    ok(s, store_commit(s->store));
    ok(s, store_scan_mails(s->store, false, &scan));
    while (store_next_mail(scan, &m) > 0)
        if (m.run == number && first == 0)
            first = m.id;
    return first;
}

static void settle(struct sides *s, int64_t id, enum mail_state state, wall_t at)
{
    ok(s, store_begin(s->store));
    ok(s, store_settle_mail(s->store, &(struct store_mail){.id = id,
                                                           .state = state,
                                                           .settled = at,
                                                           .last_code = 550,
                                                           .last_text = "no such user"}));
    ok(s, store_commit(s->store));
}

struct told {
    const struct bulletin_dead *v;
    size_t n;
    int64_t more;
};

static struct told make(struct sides *s)
{
    struct told t = {NULL, 99, 99};
    if (!s->findings)
        sides_set(s, nights_at(20, 0), october, 1, 0);
    ok(s, dead_make(&s->setup, &s->keep, &t.v, &t.n, &t.more));
    return t;
}

Test(dead, nothing_was_sent)
{
    struct sides s;
    sides_init(&s);
    struct told t = make(&s);
    cr_assert_eq(t.n, 0);
    cr_assert_eq(t.more, 0);
    sides_done(&s);
}

Test(dead, a_mail_that_was_given_up_is_named_with_what_was_said)
{
    struct sides s;
    sides_init(&s);
    int64_t id = night(&s, 10, 3, false);
    settle(&s, id, MAIL_STATE_SENT, nights_at(10, 6));
    settle(&s, id + 1, MAIL_STATE_DEAD, nights_at(10, 7));
    struct told t = make(&s);
    cr_assert_eq(t.n, 1, "one was sent, one waits");
    cr_assert_str_eq(t.v[0].recipient, "m1@x.example");
    cr_assert_str_eq(t.v[0].reader, "am1");
    cr_assert_str_eq(t.v[0].why, "no such user");
    cr_assert_eq(t.v[0].at.s, nights_at(10, 7).s);
    cr_assert_eq(t.v[0].run, 1);
    cr_assert_eq(t.more, 0);
    sides_done(&s);
}

/* Given up at 7:00 on the 12th. Until the night before the last one is later, it is named. */
Test(dead, it_is_named_until_two_nights_have_told_of_it)
{
    struct sides s;
    sides_init(&s);
    int64_t id = night(&s, 10, 1, false);
    night(&s, 11, 0, false);
    settle(&s, id, MAIL_STATE_DEAD, nights_at(12, 7));
    cr_assert_eq(make(&s).n, 1, "of the nights since none has told of it");
    night(&s, 13, 0, false);
    cr_assert_eq(make(&s).n, 1, "one has, maybe not to all");
    night(&s, 14, 0, true);
    cr_assert_eq(make(&s).n, 1, "a night that failed tells of nothing");
    night(&s, 15, 0, false);
    cr_assert_eq(make(&s).n, 0, "two have");
    sides_done(&s);
}

/* 25 of them, each an hour after the one before, but the last two at the same time. */
Test(dead, the_latest_come_first_and_the_rest_is_counted)
{
    enum { MAILS = BULLETIN_DEAD_MAX + 5 };
    struct sides s;
    sides_init(&s);
    int64_t id = night(&s, 10, MAILS, false);
    for (int i = 0; i < MAILS; i++) {
        int number = i % 2 ? MAILS - 1 - i / 2 : i / 2; /* not in their order */
        int hour = number < MAILS - 1 ? number : number - 1;
        settle(&s, id + number, MAIL_STATE_DEAD, nights_at(11, hour));
    }
    struct told t = make(&s);
    cr_assert_eq(t.n, BULLETIN_DEAD_MAX);
    cr_assert_eq(t.more, 5);
    cr_assert_str_eq(t.v[0].recipient, "m24@x.example");
    cr_assert_str_eq(t.v[1].recipient, "m23@x.example");
    for (size_t i = 1; i < t.n; i++)
        cr_assert_leq(t.v[i].at.s, t.v[i - 1].at.s);
    cr_assert_str_eq(t.v[t.n - 1].recipient, "m5@x.example");
    sides_done(&s);
}
