/* Which lines are kept when there are more than fit. */
#include "edition/edition_parts.h"
#include "support/leak.h"

#include <stdio.h>
#include <string.h>

SUITE(pool);

static struct bulletin_line line_of(enum finding_kind kind, enum finding_state state,
                                    const char *subject)
{
    return (struct bulletin_line){
        .kind = kind, .state = state, .subject = subject, .shown = subject, .policy = "1"};
}

static void add(struct pool *p, struct bulletin_line line)
{
    cr_assert_eq(pool_add(p, &line, "", 0), 0);
}

static void add_many(struct pool *p, enum finding_kind kind, enum finding_state state, int n)
{
    for (int i = 0; i < n; i++) {
        char subject[16];
        (void)snprintf(subject, sizeof subject, "%d", i);
        add(p, line_of(kind, state, subject));
    }
}

static bool holds(const struct pool_heap *h, const char *subject)
{
    for (size_t i = 0; i < h->n; i++)
        if (strcmp(h->v[i]->line.subject, subject) == 0)
            return true;
    return false;
}

/* Of 8 places at least 2 are for notices. */
Test(pool, each_part_may_fill_what_the_other_leaves)
{
    static const struct {
        int charging, notices;
        size_t kept_charging, kept_notices;
        bool is_notices_first;
    } rows[] = {
        {3, 3, 3, 3, false},   {20, 0, 8, 0, false}, {0, 20, 0, 8, false},
        {20, 20, 6, 2, false}, {20, 20, 6, 2, true}, {3, 20, 3, 5, false},
        {3, 20, 3, 5, true},   {20, 1, 7, 1, true},  {20, 1, 7, 1, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pool p;
        cr_assert_eq(pool_init(&p, 8, 2), 0);
        if (rows[i].is_notices_first)
            add_many(&p, FINDING_SILENT, STATE_NOTICE, rows[i].notices);
        add_many(&p, FINDING_EXTRA_IP, STATE_POTENTIAL, rows[i].charging);
        if (!rows[i].is_notices_first)
            add_many(&p, FINDING_SILENT, STATE_NOTICE, rows[i].notices);
        cr_assert_eq(p.charging.n, rows[i].kept_charging, "row %zu", i);
        cr_assert_eq(p.notices.n, rows[i].kept_notices, "row %zu", i);
        pool_done(&p);
    }
}

Test(pool, the_gravest_are_kept_whatever_comes_first)
{
    for (int turn = 0; turn < 2; turn++) {
        struct pool p;
        struct bulletin_line soon = line_of(FINDING_OUTSIDE, STATE_POTENTIAL, "soon");
        struct bulletin_line news = line_of(FINDING_EXTRA_IP, STATE_POTENTIAL, "news");
        soon.has_confirms = true;
        news.change = CHANGE_NEW;
        cr_assert_eq(pool_init(&p, 3, 0), 0);
        if (turn == 1)
            add_many(&p, FINDING_EXTRA_IP, STATE_POTENTIAL, 9);
        add(&p, soon);
        add(&p, line_of(FINDING_EXTRA_IP, STATE_CONFIRMED, "confirmed"));
        add(&p, news);
        if (turn == 0)
            add_many(&p, FINDING_EXTRA_IP, STATE_POTENTIAL, 9);
        cr_assert(holds(&p.charging, "confirmed"));
        cr_assert(holds(&p.charging, "news"));
        cr_assert(holds(&p.charging, "soon"));
        pool_done(&p);
    }
}

/* Equal ones: those that came first, so that no night shows others than the one before. */
Test(pool, of_equal_ones_the_first_are_kept)
{
    struct pool p;
    cr_assert_eq(pool_init(&p, 3, 0), 0);
    add_many(&p, FINDING_EXTRA_IP, STATE_POTENTIAL, 50);
    cr_assert(holds(&p.charging, "0") && holds(&p.charging, "1") && holds(&p.charging, "2"));
    pool_done(&p);
}

Test(pool, wants_what_it_would_keep_at_best)
{
    struct pool p;
    struct bulletin_line potential = line_of(FINDING_EXTRA_IP, STATE_POTENTIAL, "x");
    struct bulletin_line clear = line_of(FINDING_EXTRA_IP, STATE_CLEAR, "x");
    cr_assert_eq(pool_init(&p, 3, 1), 0);
    cr_assert(pool_wants(&p, &clear));
    add_many(&p, FINDING_EXTRA_IP, STATE_POTENTIAL, 5);
    cr_assert(pool_wants(&p, &potential), "it may be news");
    cr_assert_not(pool_wants(&p, &clear));
    struct bulletin_line notice = line_of(FINDING_SILENT, STATE_NOTICE, "x");
    cr_assert(pool_wants(&p, &notice), "one place is for notices");
    pool_done(&p);
}

/* The texts are its own; by owner, in the order in which they came. */
Test(pool, lists_copies_by_owner)
{
    char subject[] = "example.com", server[] = "s1", unit[] = "192.0.2.1", cause[] = "s1";
    struct bulletin_seen seen = {.server = server, .unit = unit, .count = 7};
    struct bulletin_line line = line_of(FINDING_MAILBOXES, STATE_POTENTIAL, subject);
    struct arena arena = {0};
    struct pool p;
    size_t n = 0;
    line.seen = &seen;
    line.n_seen = 1;
    cr_assert_eq(pool_init(&p, 8, 2), 0);
    cr_assert_eq(pool_add(&p, &line, cause, 2), 0);
    subject[0] = server[0] = unit[0] = cause[0] = '?';
    line.n_seen = 0;
    cr_assert_eq(pool_add(&p, &line, cause, 1), 0);
    cr_assert_eq(pool_add(&p, &line, cause, 2), 0);
    struct pool_line **v = pool_list(&p, &arena, &n);
    cr_assert_eq(n, 3);
    cr_assert_eq(v[0]->owner, 1);
    cr_assert_eq(v[1]->owner, 2);
    cr_assert_str_eq(v[1]->line.subject, "example.com");
    cr_assert_str_eq(v[1]->line.seen[0].server, "s1");
    cr_assert_str_eq(v[1]->line.seen[0].unit, "192.0.2.1");
    cr_assert_eq(v[1]->line.seen[0].count, 7);
    cr_assert_str_eq(v[1]->cause, "s1");
    cr_assert_str_eq(v[2]->line.subject, "?xample.com");
    arena_done(&arena);
    pool_done(&p);
}
