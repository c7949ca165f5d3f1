/*
 * What a night's bulletins say, and with which money. Unless a test says otherwise, reseller
 * r1's licence is on two servers (nights_begin_with_two), which on 19 October at 0:00:01 costs
 * 10 euros.
 */
#include <string.h>

#include "support/leak.h"
#include "support/nights.h"

SUITE(edition);

#define KEY_OCTOBER "2026-10/r1/extra-ip/" NIGHTS_L1

static struct nights n;

#define NOTHING_TO_AM2 "to am2: 0 new, 0 changed, 0 resolved\n"

/* ---- First and second night ------------------------------------------------------------ */

Test(edition, first_night_says_that_all_is_new)
{
    nights_begin_with_two(&n);
    nights_run(&n, nights_at(6, 2));
    nights_expect(&n, "to r1: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n"
                      "to am1: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n" NOTHING_TO_AM2);
    nights_done(&n);
}

static void look_at_first(void *arg, const struct bulletin *b)
{
    int *seen = arg;

    cr_assert_not(b->has_last);
    cr_assert_eq(b->run, 0);
    cr_assert_eq(b->serial, 0);
    cr_assert_eq(b->as_of.s, nights_at(6, 2).s);
    cr_assert_eq(b->newest.month, 2026 * 12 + 9);
    cr_assert_str_eq(b->command, "fairusectl");
    if (nights_is_to(b, "r1")) {
        cr_assert_eq(b->audience, AUDIENCE_RESELLER);
        cr_assert_str_eq(b->contact_name, "Ann");
        cr_assert_str_eq(b->contact_email, "ann@example.com");
        cr_assert_eq(b->n_resellers, 1);
    } else if (nights_is_to(b, "am1")) {
        cr_assert_eq(b->language, LANGUAGE_EN);
        cr_assert_eq(b->n_resellers, 3, "those with nothing, too");
        cr_assert_str_eq(b->resellers[0].id, "r1");
    } else {
        cr_assert_eq(b->language, LANGUAGE_NL);
    }
    ++*seen;
}

Test(edition, a_bulletin_says_who_it_is_for)
{
    int seen = 0;
    nights_begin_with_two(&n);
    n.look = look_at_first;
    n.look_arg = &seen;
    nights_run(&n, nights_at(6, 2));
    cr_assert_eq(seen, 3);
    nights_done(&n);
}

static void look_at_second(void *arg, const struct bulletin *b)
{
    (void)arg;
    cr_assert(b->has_last);
    cr_assert_eq(b->last_serial, 1);
    cr_assert_eq(b->last_as_of.s, nights_at(6, 2).s);
}

Test(edition, second_night_says_that_nothing_changed_and_leaves_the_reseller_alone)
{
    nights_begin_with_two(&n);
    nights_run(&n, nights_at(6, 2));
    n.look = look_at_second;
    nights_run(&n, nights_at(7, 2));
    nights_expect(&n, "to am1: 0 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 .\n" NOTHING_TO_AM2);
    nights_done(&n);
}

/* ---- What it costs, and when ----------------------------------------------------------- */

static void look_at_potential(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_line *l = &nights_of(b, "r1")->lines[0];
    cr_assert(l->has_confirms);
    cr_assert_eq(l->confirms_at.s, nights_at(19, 0).s + 1);
    cr_assert(l->cost.is_known);
    cr_assert_eq(l->cost.units, 1);
    cr_assert_eq(l->cost.unit_price.micro, 10000000);
    cr_assert_eq(l->cost.amount.minor, 1000);
    cr_assert_str_eq(l->cost.currency->code, "EUR");
    cr_assert_eq(nights_of(b, "r1")->n_money, 0, "nothing is due");
    cr_assert_eq(b->n_sums, 1);
    cr_assert_eq(b->sums[0].would.minor, 1000);
    cr_assert_eq(b->sums[0].draft.minor, 0);
}

Test(edition, potential_says_what_it_would_cost_and_from_when)
{
    nights_begin_with_two(&n);
    n.look = look_at_potential;
    nights_run(&n, nights_at(6, 2));
    nights_done(&n);
}

/* The 8th at 12:00 is 14 hours before: the next sighting would join it. 84 of the 336 hours of
 * grace are used, so 252 hours after it, at the 19th, 0:00:01. */
static void look_at_joined(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_line *l = &nights_of(b, "r1")->lines[0];
    cr_assert(l->has_confirms);
    cr_assert_eq(l->confirms_at.s, nights_at(19, 0).s + 1);
}

Test(edition, what_was_seen_within_the_bridge_goes_on)
{
    nights_begin(&n);
    nights_saw(&n, "s2", NIGHTS_L1, "203.0.113.2",
               (struct span){nights_at(5, 0), nights_at(8, 12)});
    n.look = look_at_joined;
    nights_run(&n, nights_at(9, 2));
    nights_done(&n);
}

static void look_at_confirmed(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_eq(r->confirmed, 1);
    cr_assert_not(r->lines[0].has_confirms);
    cr_assert_eq(r->lines[0].cost.amount.minor, 1000);
    cr_assert_eq(r->n_money, 1);
    cr_assert_eq(r->money[0].kind, CHARGE_EXTRA_IP);
    cr_assert_not(r->money[0].is_closed);
    cr_assert_eq(r->money[0].keys, 1);
    cr_assert_eq(r->money[0].due.minor, 1000);
    cr_assert_eq(r->money[0].entered.minor, 0);
    cr_assert_eq(r->money[0].draft.minor, 1000);
    cr_assert_eq(b->n_sums, 1);
    cr_assert_eq(b->sums[0].draft.minor, 1000);
    cr_assert_eq(b->sums[0].would.minor, 0);
    cr_assert_eq(b->n_calls, 1);
    cr_assert(b->calls[0].reasons & REASON_CONFIRMED);
}

Test(edition, confirmed_is_worse_and_is_due)
{
    nights_begin_with_two(&n);
    nights_run(&n, nights_at(18, 2));
    n.look = look_at_confirmed;
    nights_run(&n, nights_at(19, 2));
    nights_expect(&n, "to r1: 0 new, 1 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 confirmed 1 worse\n"
                      "to am1: 0 new, 1 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 confirmed 1 worse\n" NOTHING_TO_AM2);
    nights_done(&n);
}

static void look_at_unpriced(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_eq(r->lines[0].kind, FINDING_MAILBOXES);
    cr_assert_not(r->lines[0].cost.is_known);
    cr_assert_eq(r->money[0].unpriced, 1);
    cr_assert_eq(r->money[0].draft.minor, 0);
}

/* 1,200 mailboxes for eight days; there is no tariff for mailboxes. */
Test(edition, without_a_tariff_no_cost_is_known)
{
    nights_begin(&n);
    nights_domain(&n, "example.com", "r1");
    nights_counted(&n, "s1", "example.com", 1200, nights_days(1, 9));
    n.look = look_at_unpriced;
    nights_run(&n, nights_at(9, 2));
    nights_done(&n);
}

/* ---- Decisions ------------------------------------------------------------------------- */

static void look_at_waived(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert(r->lines[0].is_waived);
    cr_assert(r->lines[0].cost.is_known);
    cr_assert_eq(r->lines[0].cost.amount.minor, 0);
    cr_assert_eq(r->n_holds, 1);
    cr_assert(r->holds[0].is_waived);
    cr_assert_str_eq(r->holds[0].subject, NIGHTS_L1);
    cr_assert_eq(r->holds[0].amount.minor, 0, "nothing was entered of it");
    cr_assert_eq(r->money[0].due.minor, 0);
    cr_assert_eq(b->n_calls, 0, "a waived one is no reason to call");
}

Test(edition, what_is_waived_costs_nothing)
{
    nights_begin_with_two(&n);
    nights_decide(&n, DECISION_WAIVE, KEY_OCTOBER, nights_at(20, 0));
    n.look = look_at_waived;
    nights_run(&n, nights_at(20, 2));
    nights_done(&n);
}

static void look_at_disputed(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert(r->lines[0].is_disputed);
    cr_assert_eq(r->lines[0].cost.amount.minor, 1000);
    cr_assert_eq(r->n_holds, 1);
    cr_assert_not(r->holds[0].is_waived);
    cr_assert_eq(r->holds[0].amount.minor, 1000, "kept out");
    cr_assert_eq(r->money[0].due.minor, 1000);
    cr_assert_eq(r->money[0].draft.minor, 0);
    cr_assert_eq(b->sums[0].draft.minor, 0, "a closing would not enter it");
}

Test(edition, what_is_disputed_is_kept_out)
{
    nights_begin_with_two(&n);
    nights_decide(&n, DECISION_DISPUTE, KEY_OCTOBER, nights_at(20, 0));
    n.look = look_at_disputed;
    nights_run(&n, nights_at(20, 2));
    nights_done(&n);
}

static void look_at_trial(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "trial");
    cr_assert(r->is_trial);
    cr_assert(r->lines[0].is_trial);
    cr_assert_eq(r->confirmed, 1);
    cr_assert_eq(r->money[0].draft.minor, 1000, "is shown");
    cr_assert_eq(b->n_sums, 0, "and in no sum");
    cr_assert_eq(b->n_calls, 0);
    cr_assert_eq(r->strikes.periods, 0);
}

static void begin_with_a_trial(void)
{
    nights_init(&n);
    nights_at_home(&n, NIGHTS_L1, "trial", "s1");
    nights_server(&n, "s2", "trial");
    nights_saw(&n, "s2", NIGHTS_L1, "203.0.113.2", nights_days(5, 60));
}

Test(edition, a_trial_is_told_and_not_called)
{
    begin_with_a_trial();
    n.look = look_at_trial;
    nights_run(&n, nights_at(20, 2));
    nights_expect(&n, "to trial: 1 new, 0 changed, 0 resolved\n"
                      "trial extra-ip " NIGHTS_L1 " 2026-10 confirmed 1 new\n"
                      "to am1: 1 new, 0 changed, 0 resolved\n"
                      "trial extra-ip " NIGHTS_L1 " 2026-10 confirmed 1 new\n" NOTHING_TO_AM2);
    nights_done(&n);
}

static void look_at_trial_potential(void *arg, const struct bulletin *b)
{
    int *seen = arg;

    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_line *l = &nights_of(b, "trial")->lines[0];
    cr_assert_eq(l->state, STATE_POTENTIAL);
    cr_assert(l->has_confirms);
    cr_assert_eq(l->cost.amount.minor, 1000, "is shown");
    cr_assert_eq(b->n_sums, 0, "and in no sum");
    ++*seen;
}

Test(edition, what_a_trial_would_cost_is_in_no_sum)
{
    int seen = 0;

    begin_with_a_trial();
    n.look = look_at_trial_potential;
    n.look_arg = &seen;
    nights_run(&n, nights_at(6, 2));
    cr_assert_eq(seen, 1);
    nights_done(&n);
}

/* ---- Closed periods -------------------------------------------------------------------- */

static void look_at_closed(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_eq(r->n_money, 2);
    cr_assert(r->money[0].is_closed);
    cr_assert_eq(r->money[0].entered.minor, 1000);
    cr_assert_eq(r->money[0].draft.minor, 0);
    cr_assert_not(r->money[1].is_closed);
    cr_assert_eq(r->money[1].draft.minor, 1000);
    cr_assert_eq(b->sums[0].draft.minor, 1000);
    cr_assert_eq(b->sums[0].adjustment.minor, 0);
    cr_assert_eq(b->entries, 1);
    cr_assert_eq(strlen(b->entries_hash), 64);
    cr_assert_eq(b->decisions, 1, "the closing");
}

/* October was confirmed, and November is since the 2nd; then October is entered. */
Test(edition, what_is_closed_is_entered_and_not_resolved)
{
    nights_begin_with_two(&n);
    nights_run(&n, nights_at(31 + 9, 2));
    nights_close(&n, "2026-10", nights_at(31 + 9, 10));
    n.look = look_at_closed;
    nights_run(&n, nights_at(31 + 10, 2));
    nights_expect(&n, "to am1: 0 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-11 confirmed 1 .\n" NOTHING_TO_AM2);
    nights_done(&n);
}

static void look_at_adjustment(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    cr_assert_eq(b->n_sums, 1);
    cr_assert_eq(b->sums[0].adjustment.minor, -1000);
    cr_assert_eq(b->sums[0].draft.minor, 0);
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_eq(r->money[0].due.minor, 0);
    cr_assert_eq(r->money[0].draft.minor, -1000);
    cr_assert_eq(r->n_lines, 0);
    cr_assert_eq(r->changed, 0);
}

/* It ended in October; after the closing a move that explains it is declared. */
Test(edition, a_closed_charge_that_falls_away_is_an_adjustment)
{
    nights_begin(&n);
    nights_license(&n, "PLSK.00000002", "r1");
    nights_saw(&n, "s2", "PLSK.00000002", "203.0.113.2", nights_days(-10, 60));
    nights_saw(&n, "s2", NIGHTS_L1, "203.0.113.2", nights_days(5, 25));
    nights_run(&n, nights_at(31 + 9, 2));
    nights_close(&n, "2026-10", nights_at(31 + 9, 10));
    nights_run(&n, nights_at(31 + 10, 2));
    nights_move(&n, NIGHTS_L1, (struct term){nights_at(4, 0), nights_at(26, 0)});
    n.look = look_at_adjustment;
    nights_run(&n, nights_at(31 + 11, 2));
    nights_done(&n);
}

static void look_at_currency(void *arg, const struct bulletin *b)
{
    (void)arg;
    if (!nights_is_to(b, "am1"))
        return;
    const struct bulletin_reseller *r = nights_of(b, "r1");
    cr_assert_str_eq(r->money[0].currency->code, "EUR");
    cr_assert_str_eq(r->money[1].currency->code, "USD");
    cr_assert_eq(r->money[1].draft.minor, 700);
    cr_assert_str_eq(r->lines[0].cost.currency->code, "USD");
    cr_assert_eq(b->n_sums, 2);
    cr_assert_str_eq(b->sums[0].currency->code, "EUR");
    cr_assert_str_eq(b->sums[1].currency->code, "USD");
}

/* October was entered in euros; since then the reseller pays in dollars, 7 for each address. */
Test(edition, money_is_told_in_the_currency_that_its_key_has)
{
    nights_begin_with_two(&n);
    nights_tariff(&n, CHARGE_EXTRA_IP, "USD", 7);
    nights_close(&n, "2026-10", nights_at(31 + 9, 10));
    nights_reseller(&n, &(struct estate_reseller){.id = "r1",
                                                  .name = "One",
                                                  .manager = "am1",
                                                  .email = "one@example.net",
                                                  .currency = currency_find(text_of("USD"))});
    n.look = look_at_currency;
    nights_run(&n, nights_at(31 + 10, 2));
    nights_done(&n);
}

/* ---- A part of a night ----------------------------------------------------------------- */

Test(edition, one_manager_alone)
{
    nights_begin_with_two(&n);
    n.only_manager = "am1";
    nights_run(&n, nights_at(6, 2));
    nights_expect(&n, "to am1: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n");
    nights_done(&n);
}

/* It gets its report also when nothing changed. */
Test(edition, one_reseller_alone)
{
    nights_begin_with_two(&n);
    nights_run(&n, nights_at(6, 2));
    n.only_reseller = "r1";
    nights_run(&n, nights_at(7, 2));
    nights_expect(&n, "to r1: 0 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 .\n");
    n.only_reseller = "r2";
    nights_run(&n, nights_at(7, 2));
    nights_expect(&n, "to r2: 0 new, 0 changed, 0 resolved\n");
    nights_done(&n);
}

/* On 7 November: of October alone, which is over, so that nothing confirms any more. */
Test(edition, one_period_alone)
{
    nights_begin(&n);
    nights_saw(&n, "s2", NIGHTS_L1, "203.0.113.2", nights_days(25, 60));
    n.period = "2026-10";
    nights_run(&n, nights_at(31 + 7, 2));
    nights_expect(&n, "to r1: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n"
                      "to am1: 1 new, 0 changed, 0 resolved\n"
                      "r1 extra-ip " NIGHTS_L1 " 2026-10 potential 1 new\n" NOTHING_TO_AM2);
    nights_done(&n);
}

static void look_at_failure(void *arg, const struct bulletin *b)
{
    int *seen = arg;

    cr_assert_str_eq(b->failure, "the disk is full");
    cr_assert_eq(b->audience, AUDIENCE_MANAGER);
    cr_assert_eq(b->n_resellers, 0);
    cr_assert_eq(b->as_of.s, nights_at(7, 2).s);
    cr_assert(b->has_last);
    ++*seen;
}

Test(edition, each_manager_is_told_that_the_audit_failed)
{
    int seen = 0;
    nights_begin_with_two(&n);
    nights_run(&n, nights_at(6, 2));
    n.look = look_at_failure;
    n.look_arg = &seen;
    nights_fail(&n, nights_at(7, 2), "the disk is full");
    cr_assert_eq(seen, 2);
    nights_done(&n);
}

Test(edition, a_sink_that_refuses_ends_the_night)
{
    static const int answers[] = {-5, 7};
    nights_begin_with_two(&n);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        n.refuse = answers[i];
        nights_run(&n, nights_at(6, 2));
        cr_assert_eq(n.n_bulletins, 1);
        cr_assert_eq(n.n_said, 1, "the bulletin, and nothing is said");
    }
    nights_done(&n);
}
