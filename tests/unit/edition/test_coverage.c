/*
 * How much was seen of what is known. Unless a row says otherwise it is 20 October 2026, 0:00
 * UTC, so that the newest period is [day 1, day 20]; silent_after is 72 hours.
 */
#include "edition/coverage_parts.h"
#include "support/sides.h"

#include <stdio.h>
#include <string.h>

#include "support/leak.h"

SUITE(coverage);

enum { HOUR = 3600, NEVER = 1000 };

#define L1 "PLSK.00000001"

static const struct term ever = {{-(INT64_C(1) << 53)}, {INT64_C(1) << 53}};
static const char *const october[] = {"2026-10"};
static const char *const november[] = {"2026-11"};

static struct span hours(int from, int to)
{
    return (struct span){nights_at(0, from), nights_at(0, to)};
}

static struct span days(int from, int to)
{
    return (struct span){nights_at(from, 0), nights_at(to, 0)};
}

static void saw(struct sides *s, const char *server, const char *license, struct span seen)
{
    struct say what = {.server = server, .n_sightings = 1};
    what.sightings[0] =
        (struct report_sighting){lic(license), ip("203.0.113.1"), SOURCE_INTERFACE, seen};
    sides_say(s, what);
}

static void counted(struct sides *s, const char *server, const char *domain, bool is_filtered,
                    struct span seen)
{
    struct say what = {.server = server, .n_mailboxes = 1};
    (void)snprintf(what.mailboxes[0].domain, sizeof what.mailboxes[0].domain, "%s", domain);
    what.mailboxes[0].counts = (struct mail_counts){.mailboxes = 5, .is_filtered = is_filtered};
    what.mailboxes[0].seen = seen;
    sides_say(s, what);
}

static void gap(struct sides *s, const char *server, int run, enum gap_kind what_kind,
                struct span seen)
{
    struct say what = {.server = server, .boot = run, .n_gaps = 1};
    what.gaps[0] = (struct report_gap){what_kind, seen, 1};
    sides_say(s, what);
}

/* Makes it all at `as_of`, and gives one reseller's. */
static struct bulletin_coverage cover(struct sides *s, wall_t as_of, const char *reseller)
{
    struct coverage *c = NULL;
    struct diag d = {""};
    if (!s->findings)
        sides_set(s, as_of, as_of.s < nights_at(32, 0).s ? october : november, 1, 0);
    cr_assert_eq(coverage_make(&s->setup, &c, &d), 0, "%s", store_diag(s->store));
    struct bulletin_coverage x = coverage_of(c, reseller);
    coverage_free(c);
    return x;
}

/* ---- Licences -----------------------------------------------------------------------------
 */

/* Days; from NEVER: not seen, or no such row. Server s1 is r1's, s3 r3's; s9 nobody knows. */
static const struct license_row {
    const char *why, *license, *server;
    int valid_from, valid_to;
    int next_from; /* a second row of the reseller `next`, up to 60 */
    const char *next;
    int seen_from, seen_to;
    int64_t known, seen;
} licenses[] = {
    {"seen in the period", L1, "s1", -90, 60, NEVER, "", 5, 6, 1, 1},
    {"a moment is enough", L1, "s1", -90, 60, NEVER, "", 5, 5, 1, 1},
    {"never seen", L1, "s1", -90, 60, NEVER, "", NEVER, NEVER, 1, 0},
    {"seen before the period only", L1, "s1", -90, 60, NEVER, "", -20, -10, 1, 0},
    {"cutting keeps the period's first moment", L1, "s1", -90, 60, NEVER, "", -5, 1, 1, 1},
    {"nothing after T is known yet", L1, "s1", -90, 60, NEVER, "", 21, 22, 1, 0},
    {"an entry that has ended is not known", L1, "s1", -90, 10, NEVER, "", 5, 6, 0, 0},
    {"one that ends at T has ended", L1, "s1", -90, 20, NEVER, "", 5, 6, 0, 0},
    {"one that begins at T is known", L1, "s1", 20, 60, NEVER, "", 5, 6, 1, 0},
    {"seen before the entry began", L1, "s1", 15, 60, NEVER, "", 5, 6, 1, 0},
    {"rows that touch are one", L1, "s1", -90, 12, 12, "r1", 5, 6, 1, 1},
    {"rows apart are two", L1, "s1", -90, 12, 13, "r1", 5, 6, 1, 0},
    {"another reseller's entry is another", L1, "s1", -90, 12, 12, "r3", 5, 6, 0, 0},
    {"seen on another reseller's server", L1, "s3", -90, 60, NEVER, "", 5, 6, 1, 0},
    {"seen on a server that nobody knows", L1, "s9", -90, 60, NEVER, "", 5, 6, 1, 0},
    {"an add-on key", "EXT.00000001", "s1", -90, 60, NEVER, "", 5, 6, 0, 0},
};

Test(coverage, licenses_known_and_seen)
{
    for (size_t i = 0; i < ARRAY_LEN(licenses); i++) {
        const struct license_row *row = &licenses[i];
        struct sides s;
        sides_init(&s);
        sides_server(&s, "s1", "r1", ever);
        sides_server(&s, "s3", "r3", ever);
        sides_license(&s, row->license, "r1", sides_term(row->valid_from, row->valid_to));
        if (row->next_from != NEVER)
            sides_license(&s, row->license, row->next, sides_term(row->next_from, 60));
        if (row->seen_from != NEVER)
            saw(&s, row->server, row->license, days(row->seen_from, row->seen_to));
        struct bulletin_coverage x = cover(&s, nights_at(20, 0), "r1");
        cr_assert_eq(x.licenses_known, row->known, "%s", row->why);
        cr_assert_eq(x.licenses_seen, row->seen, "%s", row->why);
        sides_done(&s);
    }
}

/* Three licences of r1, the middle one not seen, and others around and between them. */
Test(coverage, licenses_are_counted_for_whom_they_are)
{
    struct sides s;
    sides_init(&s);
    sides_server(&s, "s1", "r1", ever);
    sides_server(&s, "s3", "r3", ever);
    for (int i = 0; i < 2; i++) {
        saw(&s, "s1", "PLSK.00000001", days(3 + i, 4 + i));
        saw(&s, i ? "s1" : "s3", "PLSK.00000005", days(3, 4));
        saw(&s, "s3", "PLSK.00000004", days(2 + i, 3));
        saw(&s, "s1", "PLSK.00000009", days(2 + i, 3)); /* that the estate does not know */
    }
    sides_license(&s, "PLSK.00000001", "r1", ever);
    sides_license(&s, "PLSK.00000002", "r1", ever);
    sides_license(&s, "PLSK.00000003", "r9", ever); /* of nobody in the book */
    sides_license(&s, "PLSK.00000004", "r3", ever);
    sides_license(&s, "PLSK.00000005", "r1", ever);
    sides_license(&s, "PLSK.00000010", "r3", ever);
    struct bulletin_coverage one = cover(&s, nights_at(20, 0), "r1");
    struct bulletin_coverage three = cover(&s, nights_at(20, 0), "r3");
    cr_assert_eq(one.licenses_known, 3);
    cr_assert_eq(one.licenses_seen, 2);
    cr_assert_eq(three.licenses_known, 2);
    cr_assert_eq(three.licenses_seen, 1);
    coverage_add(&one, &three);
    cr_assert_eq(one.licenses_known, 5);
    cr_assert_eq(one.licenses_seen, 3);
    cr_assert_eq(cover(&s, nights_at(20, 0), "nobody").licenses_known, 0);
    sides_done(&s);
}

/* Server s1 is r1's until day 10, then r3's. */
Test(coverage, a_server_shows_its_reseller_s_licenses_while_it_is_the_reseller_s)
{
    static const struct {
        int from, to;
        int64_t seen;
        const char *why;
    } rows[] = {{5, 6, 1, "before it went"},
                {12, 13, 0, "after it went"},
                {9, 13, 1, "before and after"},
                {10, 13, 1, "cutting keeps both ends"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sides s;
        sides_init(&s);
        sides_server(&s, "s1", "r1", sides_term(-90, 10));
        sides_server(&s, "s1", "r3", sides_term(10, 60));
        sides_license(&s, L1, "r1", ever);
        saw(&s, "s1", L1, days(rows[i].from, rows[i].to));
        cr_assert_eq(cover(&s, nights_at(20, 0), "r1").licenses_seen, rows[i].seen, "%s",
                     rows[i].why);
        sides_done(&s);
    }
}

/* 1 November, 5:00: what was seen less than 72 hours ago (29 October, 5:00) is not unseen. */
Test(coverage, a_month_that_has_just_begun_makes_nobody_blind)
{
    static const struct {
        int until; /* hours from 30 September */
        int64_t seen;
    } rows[] = {{30 * 24, 1}, {29 * 24 + 5, 1}, {29 * 24 + 4, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sides s;
        sides_init(&s);
        sides_server(&s, "s1", "r1", ever);
        sides_license(&s, L1, "r1", ever);
        saw(&s, "s1", L1, hours(24, rows[i].until));
        struct bulletin_coverage x = cover(&s, nights_at(32, 5), "r1");
        cr_assert_eq(x.licenses_seen, rows[i].seen, "%d", rows[i].until);
        sides_done(&s);
    }
}

/* ---- Domains ------------------------------------------------------------------------------
 */

static const struct domain_row {
    const char *why, *server;
    int valid_from, valid_to, seen_from, seen_to;
    bool is_unfiltered, all_count;
    int64_t known, counted;
} domains[] = {
    {"counted in the period", "s1", -90, 60, 5, 6, false, false, 1, 1},
    {"never counted", "s1", -90, 60, NEVER, NEVER, false, false, 1, 0},
    {"before the period", "s1", -90, 60, -9, -8, false, false, 1, 0},
    {"its entry has ended", "s1", -90, 12, 5, 6, false, false, 0, 0},
    {"on another reseller's server", "s3", -90, 60, 5, 6, false, false, 1, 0},
    {"what is not filtered was never reported", "s1", -90, 60, 5, 6, true, false, 1, 0},
    {"but where the policy counts it", "s1", -90, 60, 5, 6, true, true, 1, 1},
};

Test(coverage, domains_known_and_counted)
{
    for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
        const struct domain_row *row = &domains[i];
        struct sides s;
        sides_init(&s);
        s.nights.version.base.mailbox_filtered_only = !row->all_count;
        sides_server(&s, "s1", "r1", ever);
        sides_server(&s, "s3", "r3", ever);
        sides_domain(&s, "b.example", "r1", sides_term(row->valid_from, row->valid_to));
        /* Around it. */
        sides_domain(&s, "c.example", "r3", ever);
        counted(&s, "s1", "a.example", true, days(5, 6));
        counted(&s, "s3", "c.example", true, days(5, 6));
        if (row->seen_from != NEVER)
            counted(&s, row->server, "b.example", !row->is_unfiltered,
                    days(row->seen_from, row->seen_to));
        struct bulletin_coverage x = cover(&s, nights_at(20, 0), "r1");
        cr_assert_eq(x.domains_known, row->known, "%s", row->why);
        cr_assert_eq(x.domains_counted, row->counted, "%s", row->why);
        cr_assert_eq(cover(&s, nights_at(20, 0), "r3").domains_counted, 1, "%s", row->why);
        sides_done(&s);
    }
}

/* ---- Servers ------------------------------------------------------------------------------
 */

/* Hours from 30 September, 0:00; T is 20 days = 480 hours. */
static const struct server_row {
    const char *why;
    int seen_until, enrolled, retired, revoked, gone; /* gone: another's from then */
    bool is_mail;
    int64_t known, silent;
} servers[] = {
    {"seen yesterday", 456, NEVER, NEVER, NEVER, NEVER, false, 1, 0},
    {"72 hours are not longer than 72 hours", 408, NEVER, NEVER, NEVER, NEVER, false, 1, 0},
    {"73 are", 407, NEVER, NEVER, NEVER, NEVER, false, 1, 1},
    {"a row of mailboxes is heard, too", 456, NEVER, NEVER, NEVER, NEVER, true, 1, 0},
    {"35 days ago", 480 - 840, NEVER, NEVER, NEVER, NEVER, false, 1, 1},
    {"longer ago", 479 - 840, NEVER, NEVER, NEVER, NEVER, false, 0, 0},
    {"retired", 456, NEVER, 470, NEVER, NEVER, false, 0, 0},
    {"retired some day to come", 456, NEVER, 490, NEVER, NEVER, false, 1, 0},
    {"revoked", 456, 10, NEVER, 470, NEVER, false, 0, 0},
    {"never heard of", NEVER, NEVER, NEVER, NEVER, NEVER, false, 0, 0},
    {"enrolled yesterday, nothing came yet", NEVER, 456, NEVER, NEVER, NEVER, false, 1, 0},
    {"enrolled long ago, and nothing came", NEVER, 10, NEVER, NEVER, NEVER, false, 1, 1},
    {"enrolled after T", NEVER, 490, NEVER, NEVER, NEVER, false, 0, 0},
    {"seen after T alone", 490, NEVER, NEVER, NEVER, NEVER, false, 0, 0},
    {"another's by now", 456, NEVER, NEVER, NEVER, 470, false, 0, 0},
};

Test(coverage, servers_known_and_silent)
{
    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        const struct server_row *row = &servers[i];
        struct span seen = hours(row->seen_until - 1, row->seen_until);
        struct sides s;
        sides_init(&s);
        if (row->enrolled != NEVER)
            sides_enrol(&s, "s1", "r1", hours(0, row->enrolled).last);
        else
            sides_server(&s, "s1", "r1",
                         row->gone == NEVER
                             ? ever
                             : (struct term){WALL_BEGIN, hours(0, row->gone).last});
        if (row->gone != NEVER)
            sides_server(&s, "s1", "r3", (struct term){hours(0, row->gone).last, WALL_END});
        if (row->seen_until != NEVER && row->is_mail)
            counted(&s, "s1", "a.example", false, seen);
        else if (row->seen_until != NEVER)
            saw(&s, "s1", "EXT.00000009", seen);
        if (row->retired != NEVER)
            sides_retire(&s, "s1", hours(0, row->retired).last);
        if (row->revoked != NEVER)
            sides_revoke(&s, "s1", hours(0, row->revoked).last);
        struct bulletin_coverage x = cover(&s, nights_at(20, 0), "r1");
        cr_assert_eq(x.servers_known, row->known, "%s", row->why);
        cr_assert_eq(x.servers_silent, row->silent, "%s", row->why);
        sides_done(&s);
    }
}

Test(coverage, a_server_is_found_by_its_number_though_numbers_be_missing)
{
    static const server_id ids[] = {1, 2, 5, 6, 9};
    struct seated seated[ARRAY_LEN(ids)];
    struct seats seats = {.servers = seated};
    cr_assert_null(seats_find(&seats, 1), "there is none yet");
    seats.n_servers = ARRAY_LEN(ids);
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        seated[i] = (struct seated){.id = ids[i]};
    for (int turn = 0; turn < 2; turn++)
        for (server_id id = -1; id < 12; id++) {
            const struct seated *found = seats_find(&seats, id), *want = NULL;
            for (size_t i = 0; i < ARRAY_LEN(ids); i++)
                if (ids[i] == id)
                    want = &seated[i];
            cr_assert_eq(found, want, "%lld", (long long)id);
        }
    cr_assert_null(seats_find(&seats, INT64_MAX));
}

Test(coverage, servers_are_found_among_many)
{
    struct sides s;
    char name[16];
    sides_init(&s);
    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof name, "s%02d", i);
        if (i % 3 == 0)
            saw(&s, name, "PLSK.00000099", days(1, 2)); /* a number, and nobody knows it */
        else
            sides_server(&s, name, i % 2 ? "r1" : "r3", ever);
    }
    for (int i = 0; i < 20; i++) {
        (void)snprintf(name, sizeof name, "s%02d", i);
        saw(&s, name, "PLSK.00000099", days(18, 19));
    }
    /* Odd and no multiple of three: 1 5 7 11 13 17 19; even: 2 4 8 10 14 16. */
    cr_assert_eq(cover(&s, nights_at(20, 0), "r1").servers_known, 7);
    cr_assert_eq(cover(&s, nights_at(20, 0), "r3").servers_known, 6);
    sides_done(&s);
}

/* ---- Gaps ---------------------------------------------------------------------------------
 */

Test(coverage, gaps_are_united_for_each_machine_and_cut_to_the_period)
{
    struct sides s;
    sides_init(&s);
    sides_server(&s, "s1", "r1", ever);
    sides_server(&s, "s2", "r1", ever);
    sides_server(&s, "s3", "r3", ever);
    /* Hours from 30 September, 0:00: the period is [24, 480]. */
    gap(&s, "s1", 1, GAP_CAPTURE, hours(100, 102));
    gap(&s, "s1", 1, GAP_SPOOL, hours(101, 103));     /* an hour of it again: 3 */
    gap(&s, "s1", 2, GAP_CAPTURE, hours(101, 102));   /* another machine: 1 */
    gap(&s, "s2", 1, GAP_CONNTRACK, hours(20, 26));   /* two of them in the period */
    gap(&s, "s2", 1, GAP_MAILBOXES, hours(470, 490)); /* ten of them known yet */
    gap(&s, "s3", 1, GAP_CAPTURE, hours(100, 101));
    gap(&s, "s9", 1, GAP_CAPTURE, hours(100, 101)); /* nobody's */
    struct bulletin_coverage one = cover(&s, nights_at(20, 0), "r1");
    struct bulletin_coverage three = cover(&s, nights_at(20, 0), "r3");
    cr_assert_eq(one.gaps.s, (3 + 1 + 2 + 10) * HOUR);
    cr_assert_eq(one.servers_with_gaps, 2);
    cr_assert_eq(three.gaps.s, HOUR);
    cr_assert_eq(three.servers_with_gaps, 1);
    coverage_add(&one, &three);
    cr_assert_eq(one.gaps.s, 17 * HOUR);
    cr_assert_eq(one.servers_with_gaps, 3);
    sides_done(&s);
}

Test(coverage, gaps_of_older_periods_are_over)
{
    struct sides s;
    sides_init(&s);
    sides_server(&s, "s1", "r1", ever);
    gap(&s, "s1", 1, GAP_CAPTURE, hours(10, 20));
    gap(&s, "s1", 1, GAP_CAPTURE, hours(485, 490));
    struct bulletin_coverage x = cover(&s, nights_at(20, 0), "r1");
    cr_assert_eq(x.gaps.s, 0);
    cr_assert_eq(x.servers_with_gaps, 0);
    sides_done(&s);
}

/* s1 goes from r1 to r3 after 9 days (216 hours), and back two days later. */
Test(coverage, gaps_are_those_of_whom_the_server_was)
{
    struct sides s;
    sides_init(&s);
    sides_server(&s, "s1", "r1", sides_term(-90, 9));
    sides_server(&s, "s1", "r3", sides_term(9, 11));
    sides_server(&s, "s1", "r1", sides_term(11, 60));
    gap(&s, "s1", 1, GAP_CAPTURE, hours(210, 220));
    gap(&s, "s1", 1, GAP_CAPTURE, hours(300, 301));
    struct bulletin_coverage x = cover(&s, nights_at(20, 0), "r1");
    cr_assert_eq(x.gaps.s, 7 * HOUR);
    cr_assert_eq(x.servers_with_gaps, 1, "one server, though it was r1's twice");
    cr_assert_eq(cover(&s, nights_at(20, 0), "r3").gaps.s, 4 * HOUR);
    sides_done(&s);
}

/* ---- Networks -----------------------------------------------------------------------------
 */

Test(coverage, networks_that_are_lacking)
{
    static const struct {
        const char *why, *network;
        int from, to;
        bool has_license, lacks_ipv4, lacks_ipv6;
    } rows[] = {
        {"no licence, nothing is lacking", NULL, 0, 0, false, false, false},
        {"none at all", NULL, 0, 0, true, true, true},
        {"IPv4 alone", "203.0.113.0/24", -90, 60, true, false, true},
        {"IPv6 alone", "2001:db8::/48", -90, 60, true, true, false},
        {"one that has ended", "203.0.113.0/24", -90, 20, true, true, true},
        {"one to come", "203.0.113.0/24", 21, 60, true, true, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sides s;
        sides_init(&s);
        if (rows[i].has_license)
            sides_license(&s, L1, "r1", ever);
        if (rows[i].network)
            sides_network(&s, rows[i].network, "r1", sides_term(rows[i].from, rows[i].to));
        struct bulletin_coverage x = cover(&s, nights_at(20, 0), "r1");
        cr_assert_eq(x.lacks_ipv4, rows[i].lacks_ipv4, "%s", rows[i].why);
        cr_assert_eq(x.lacks_ipv6, rows[i].lacks_ipv6, "%s", rows[i].why);
        struct bulletin_coverage sum = {.lacks_ipv4 = false};
        coverage_add(&sum, &x);
        cr_assert_eq(sum.lacks_ipv4, rows[i].lacks_ipv4, "%s", rows[i].why);
        sides_done(&s);
    }
}
