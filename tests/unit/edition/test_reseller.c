/*
 * Which reseller and which manager hears of what. Unless a test says otherwise, reseller r1's
 * licence is on two servers (nights_begin_with_two).
 */
#include <string.h>

#include "support/leak.h"
#include "support/nights.h"

SUITE(readers);

#define L9 "PLSK.00000009"

static struct nights n;

#define NOTHING_TO_AM2 "to am2: 0 new, 0 changed, 0 resolved\n"

/* ---- Whose it is ----------------------------------------------------------------------- */

/* The licence of r3 was never seen; it has a network, so nothing else is to be said of it. */
Test(readers, each_manager_is_told_of_its_own_resellers)
{
    nights_begin_with_two(&n);
    nights_license(&n, L9, "r3");
    nights_network(&n, "198.51.100.0/24", "r3");
    nights_run(&n, nights_at(6, 2));
    nights_expect(&n, "to r1: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n"
                      "to am1: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n"
                      "to am2: 1 new, 0 changed, 0 resolved\n"
                      "r3 never-seen " L9 " 2026-10 notice 1 new\n");
    nights_done(&n);
}

Test(readers, findings_of_nobody_are_told_to_every_manager)
{
    nights_begin(&n);
    nights_saw(&n, "s9", "PLSK.00000777", "198.51.100.7", nights_days(5, 60));
    nights_run(&n, nights_at(6, 2));
    nights_expect(&n, "to am1: 1 new, 0 changed, 0 resolved\n"
                      "- unknown-server s9 2026-10 notice 1 new\n"
                      "to am2: 1 new, 0 changed, 0 resolved\n"
                      "- unknown-server s9 2026-10 notice 1 new\n");
    nights_run(&n, nights_at(7, 2));
    nights_expect(&n, "to am1: 0 new, 0 changed, 0 resolved\n"
                      "- unknown-server s9 2026-10 notice 1 .\n"
                      "to am2: 0 new, 0 changed, 0 resolved\n"
                      "- unknown-server s9 2026-10 notice 1 .\n");
    nights_server(&n, "s9", "r3");
    nights_license(&n, "PLSK.00000777", "r3");
    nights_network(&n, "198.51.100.0/24", "r3");
    nights_run(&n, nights_at(8, 2));
    nights_expect(&n, "to am1: 0 new, 0 changed, 1 resolved\n"
                      "- unknown-server s9 2026-10 clear 0 resolved\n"
                      "to am2: 0 new, 0 changed, 1 resolved\n"
                      "- unknown-server s9 2026-10 clear 0 resolved\n");
    nights_done(&n);
}

static void look_at_no_mail(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    cr_assert_null(nights_of(b, "r2")->email);
    cr_assert_eq(b->n_calls, 1);
    cr_assert(b->calls[0].reasons & REASON_NO_MAIL);
}

/* r2 has no address: nothing was said to it, so all is new once it has one. */
Test(readers, a_reseller_without_an_address_has_heard_nothing)
{
    nights_init(&n);
    nights_at_home(&n, NIGHTS_L1, "r2", "s1");
    nights_server(&n, "s2", "r2");
    nights_saw(&n, "s2", NIGHTS_L1, "203.0.113.2", nights_days(5, 60));
    n.look = look_at_no_mail;
    nights_run(&n, nights_at(6, 2));
    cr_assert_eq(n.n_bulletins, 2, "the managers'");
    cr_assert_null(nights_said_of(&n, AUDIENCE_RESELLER, "r2", NIGHTS_L1, "2026-10"));
    n.look = NULL;
    nights_reseller(&n, &(struct estate_reseller){.id = "r2",
                                                  .name = "Two",
                                                  .manager = "am1",
                                                  .email = "two@example.net",
                                                  .currency = currency_find(text_of("EUR"))});
    nights_run(&n, nights_at(7, 2));
    nights_expect(&n, "to r2: 1 new, 0 changed, 0 resolved\n"
                      "r2 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n"
                      "to am1: 0 new, 0 changed, 0 resolved\n"
                      "r2 extra-ip " NIGHTS_L1 " 2026-10 potential 1 .\n" NOTHING_TO_AM2);
    nights_done(&n);
}

/* To its new manager all is new; the old one hears no more of it, and no word of that. */
Test(readers, a_reseller_that_changes_hands)
{
    nights_begin_with_two(&n);
    nights_run(&n, nights_at(6, 2));
    nights_reseller(&n, &(struct estate_reseller){.id = "r1",
                                                  .name = "One",
                                                  .manager = "am2",
                                                  .email = "one@example.net",
                                                  .currency = currency_find(text_of("EUR"))});
    nights_run(&n, nights_at(7, 2));
    nights_expect(&n, "to am1: 0 new, 0 changed, 0 resolved\n"
                      "to am2: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n");
    nights_done(&n);
}

static void look_at_own(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "r1"))
        return;
    cr_assert_eq(b->resellers[0].n_lines, 2);
    cr_assert_eq(b->resellers[0].lines[0].n_seen + b->resellers[0].lines[1].n_seen, 3,
                 "s1 and s2; and s1 for the domain");
    for (size_t i = 0; i < b->resellers[0].n_lines; i++)
        for (size_t k = 0; k < b->resellers[0].lines[i].n_seen; k++)
            cr_assert_str_neq(b->resellers[0].lines[i].seen[k].server, "s3");
    cr_assert_eq(b->n_rates, 0);
    cr_assert_eq(b->n_waiting, 0);
    cr_assert_eq(b->n_dead, 0);
    cr_assert_eq(b->n_calls, 0);
    cr_assert_eq(b->entries, 0);
}

/* The licence and the domain are also seen on a server of r3, for longer than anything else. */
Test(readers, a_reseller_is_told_of_its_own_servers_alone)
{
    nights_begin_with_two(&n);
    nights_server(&n, "s3", "r3");
    nights_saw(&n, "s3", NIGHTS_L1, "198.51.100.3", nights_days(-10, 60));
    nights_domain(&n, "example.com", "r1");
    nights_counted(&n, "s1", "example.com", 1200, nights_days(1, 60));
    nights_counted(&n, "s3", "example.com", 5000, nights_days(1, 60));
    n.look = look_at_own;
    nights_run(&n, nights_at(6, 2));
    cr_assert(strstr(buf_str(&n.text), "r1 mailboxes example.com 2026-10 potential 200 new"));
    nights_done(&n);
}

/* ---- What belongs together ------------------------------------------------------------- */

static void look_at_place(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1") && !nights_is_to(b, "r1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_eq(r->potential, 4);
    cr_assert_eq(r->n_groups, 1);
    cr_assert_eq(r->groups[0].kind, FINDING_OUTSIDE);
    cr_assert_eq(r->groups[0].state, STATE_POTENTIAL);
    cr_assert_eq(r->groups[0].cause, CAUSE_PLACE);
    cr_assert_str_eq(r->groups[0].what, "198.51.100.7");
    cr_assert_eq(r->groups[0].n, 3);
    cr_assert_str_eq(r->lines[3].subject, "PLSK.00000005", "at a place of its own");
    cr_assert_eq(r->lines[3].group, -1);
    if (b->audience != AUDIENCE_MANAGER)
        return;
    cr_assert_eq(b->n_calls, 1);
    cr_assert(b->calls[0].reasons & REASON_SOON);
    cr_assert_eq(b->calls[0].by.s, nights_at(19, 0).s + 1, "14 days after the 5th");
}

/* Three licences at one place that is not declared, a fourth at another. */
Test(readers, what_is_outside_at_one_place_is_a_group)
{
    nights_begin(&n);
    for (int i = 2; i <= 5; i++) {
        char license[] = "PLSK.0000000?";
        license[12] = (char)('0' + i);
        nights_license(&n, license, "r1");
        nights_saw(&n, "s2", license, i < 5 ? "198.51.100.7" : "198.51.100.8",
                   nights_days(5, 60));
    }
    n.look = look_at_place;
    nights_run(&n, nights_at(6, 2));
    cr_assert_eq(n.n_bulletins, 3);
    nights_done(&n);
}

static void look_at_strikes(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_eq(r->strikes.periods, 1);
    cr_assert_eq(r->strikes.step, STEP_NOTICE);
    cr_assert_eq(r->strikes.licenses_known, r->coverage.licenses_known);
    cr_assert_eq(r->coverage.licenses_known, 1);
    cr_assert_eq(b->coverage.licenses_known, 1);
    cr_assert(b->calls[0].reasons & REASON_LADDER);
}

/* The first period of the last twelve: the first step, reached this night. */
Test(readers, a_step_of_the_strikes_is_a_reason_to_call)
{
    nights_begin_with_two(&n);
    n.look = look_at_strikes;
    nights_run(&n, nights_at(20, 2));
    nights_done(&n);
}

/* ---- Many ------------------------------------------------------------------------------ */

enum { MANY = 2500 };

static void look_at_many(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_eq(r->notices, MANY);
    cr_assert_eq(b->notices, MANY);
    cr_assert_eq(r->n_lines, BULLETIN_LINES_MAX);
    cr_assert_eq(r->n_more, MANY + 1 - BULLETIN_LINES_MAX);
    cr_assert_eq(r->lines[0].kind, FINDING_EXTRA_IP, "what charges is kept");
    cr_assert_eq(b->is_new, MANY + 1);
    cr_assert_eq(r->n_groups, 1);
    cr_assert_eq(r->groups[0].cause, CAUSE_KIND);
    cr_assert_eq(r->groups[0].n, BULLETIN_LINES_MAX - 1);
    cr_assert_eq(r->lines[0].group, -1);
    cr_assert_eq(r->lines[1].group, 0);
}

/* More findings than fit are counted; all of them are said, and none is new the next night. */
Test(readers, more_than_fit_are_counted)
{
    nights_begin_with_two(&n);
    cr_assert_eq(store_begin(n.store), 0);
    for (int i = 0; i < MANY; i++) {
        struct estate_license row = {
            .reseller = "r1", .product = "", .valid = {WALL_BEGIN, WALL_END}};
        cr_assert_eq(license_from_number(10000 + i, &row.license), 0);
        cr_assert_eq(store_put_license(n.store, &row), 0);
    }
    cr_assert_eq(store_commit(n.store), 0);
    n.look = look_at_many;
    nights_run(&n, nights_at(6, 2));
    n.look = NULL;
    nights_run(&n, nights_at(7, 2));
    cr_assert(strstr(buf_str(&n.text), "to am1: 0 new, 0 changed, 0 resolved\n"));
    nights_done(&n);
}
