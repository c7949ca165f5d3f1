/* What clears a finding and by when, what it costs, and what changed of it. */
#include "bulletin/sentences.h"
#include "bulletin/say_parts.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(say_remedy);

typedef void part(const struct voice *v, const struct bulletin_line *l, struct buf *out);

static void expect(part *say, const struct bulletin_line *l, const char *nl, const char *en)
{
    const char *const wanted[] = {[LANGUAGE_NL] = nl, [LANGUAGE_EN] = en};

    for (int i = LANGUAGE_EN; i <= LANGUAGE_NL; i++) {
        struct voice v = voice_of((enum language)i, sample_zone());
        AUTO(buf) struct buf out = BUF_INIT((size_t)1 << 20);
        say(&v, l, &out);
        cr_expect_str_eq(buf_str(&out), wanted[i]);
    }
}

#define NBSP "\xc2\xa0"
/* 15 October 2026, 05:00 UTC, is 07:00 in Amsterdam; confirmed a second later. */
#define CONFIRMS                                                                               \
    {                                                                                          \
        (INT64_C(20741)) * 86400 + 5 * 3600 + 1                                                \
    }

static const struct currency eur = {"EUR", 2}, jpy = {"JPY", 0};

#define COSTS(its_units, its_price, its_amount)                                                \
    {                                                                                          \
        .is_known = true, .units = (its_units), .unit_price = {(its_price)},                   \
        .amount = {(its_amount)}, .currency = &eur                                             \
    }

static struct bulletin_line line(enum finding_kind kind, enum finding_state state)
{
    return (struct bulletin_line){
        .kind = kind,
        .state = state,
        .period = {2026 * 12 + 9},
        .subject = "PLSK.00000001",
        .quantity = 1,
        .has_confirms = state == STATE_POTENTIAL,
        .confirms_at = CONFIRMS,
        .cost = COSTS(1, 12500000, 1250),
        .limit = 1000,
    };
}

/* ---- What clears it ---------------------------------------------------------------------- */

#define EXTRA_IP_NL                                                                             \
    "Gebruik de licentie uiterlijk 15 oktober 2026 om 07:00 uur nog maar op één server met "  \
    "één adres, geef de andere server een eigen licentie, of meld ons dat er een verhuizing " \
    "loopt."
#define EXTRA_IP_EN                                                                            \
    "By 15 October 2026 at 07:00 at the latest, use the licence on one server with one "       \
    "address only, give the other server a licence of its own, or let us know that a "         \
    "migration is under way."

Test(say_remedy, an_extra_address_can_go_until_the_second_before_it_costs)
{
    struct bulletin_line l = line(FINDING_EXTRA_IP, STATE_POTENTIAL);

    expect(say_clears, &l, EXTRA_IP_NL " Dan kost het niets.",
           EXTRA_IP_EN " Then it costs nothing.");
}

/* Where nothing would be charged, clearing it saves nothing. */
Test(say_remedy, no_saving_is_promised_where_nothing_is_charged)
{
    struct bulletin_line trial = line(FINDING_EXTRA_IP, STATE_POTENTIAL), untariffed = trial,
                         waived = trial, nil = trial;

    trial.is_trial = true;
    untariffed.cost = (struct bulletin_cost){.currency = &eur};
    waived.is_waived = true;
    nil.cost.amount = (money_t){0};
    const struct bulletin_line *const lines[] = {&trial, &untariffed, &waived, &nil};
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        cr_expect_not(say_is_paid(lines[i]));
        expect(say_clears, lines[i], EXTRA_IP_NL, EXTRA_IP_EN);
    }
}

Test(say_remedy, mailboxes_go_down_to_the_limit)
{
    struct bulletin_line l = line(FINDING_MAILBOXES, STATE_POTENTIAL);

    expect(say_clears, &l,
           "Breng het domein uiterlijk 15 oktober 2026 om 07:00 uur terug tot hoogstens 1.000 "
           "mailboxen. Dan kost het niets.",
           "By 15 October 2026 at 07:00 at the latest, bring the domain down to at most 1,000 "
           "mailboxes. Then it costs nothing.");
    l.limit = 1;
    l.is_trial = true;
    expect(say_clears, &l,
           "Breng het domein uiterlijk 15 oktober 2026 om 07:00 uur terug tot hoogstens 1 "
           "mailbox.",
           "By 15 October 2026 at 07:00 at the latest, bring the domain down to at most 1 "
           "mailbox.");
}

Test(say_remedy, a_place_outside_is_declared_or_left)
{
    struct bulletin_line l = line(FINDING_OUTSIDE, STATE_POTENTIAL);

    l.cost = (struct bulletin_cost){.currency = &eur};
    expect(say_clears, &l,
           "Hoort het netwerk tot de eigen infrastructuur, geef het dan uiterlijk 15 oktober "
           "2026 om 07:00 uur op, met de dag waarop het in gebruik kwam. Breng de licentie "
           "anders vóór die tijd naar een server in een opgegeven netwerk.",
           "If the network is part of the holder's own infrastructure, declare it by 15 "
           "October 2026 at 07:00 at the latest, with the day on which it came into use. "
           "Otherwise move the licence to a server in a declared network by then.");
}

Test(say_remedy, what_no_longer_goes_on_needs_nothing)
{
    struct bulletin_line l = line(FINDING_EXTRA_IP, STATE_POTENTIAL);

    l.has_confirms = false;
    expect(say_clears, &l, "Het is gestopt. Blijft dat zo, dan kost het niets.",
           "It does not go on any more. It costs nothing if it stays so.");
}

Test(say_remedy, what_is_confirmed_stands_for_its_month)
{
    struct bulletin_line l = line(FINDING_EXTRA_IP, STATE_CONFIRMED);

    expect(say_clears, &l,
           "Wat voor oktober 2026 verschuldigd is, blijft staan, tenzij het met reden wordt "
           "betwist. Breng de licentie vóór het einde van deze maand terug naar één server met "
           "één adres, en houd dat zo; dan volgt er voor een volgende maand niets.",
           "What is due for October 2026 stands, unless it is disputed with a reason. Before "
           "this month ends, bring the licence back to one server with one address, and keep "
           "it so; then nothing follows for a coming month.");
    /* It is disputed already; and of a trial nothing is due. */
    l.is_disputed = true;
    expect(say_clears, &l,
           "Breng de licentie vóór het einde van deze maand terug naar één server met één "
           "adres, en houd dat zo; dan volgt er voor een volgende maand niets.",
           "Before this month ends, bring the licence back to one server with one address, and "
           "keep it so; then nothing follows for a coming month.");
}

Test(say_remedy, a_confirmed_domain_is_brought_down_for_the_next_month)
{
    struct bulletin_line l = line(FINDING_MAILBOXES, STATE_CONFIRMED);

    l.is_trial = true;
    expect(say_clears, &l,
           "Breng het domein vóór het einde van deze maand terug tot hoogstens 1.000 "
           "mailboxen, en houd dat zo; dan volgt er voor een volgende maand niets.",
           "Before this month ends, bring the domain down to at most 1,000 mailboxes, and keep "
           "it so; then nothing follows for a coming month.");
}

Test(say_remedy, a_confirmed_place_outside_can_still_be_declared)
{
    struct bulletin_line l = line(FINDING_OUTSIDE, STATE_CONFIRMED);

    l.cost = (struct bulletin_cost){.currency = &eur};
    expect(
        say_clears, &l,
        "Hoort het netwerk tot de eigen infrastructuur, geef het dan alsnog op, met de dag "
        "waarop het in gebruik kwam. Anders hoort de licentie op een server in een opgegeven "
        "netwerk.",
        "If the network is part of the holder's own infrastructure, declare it now, with the "
        "day on which it came into use. Otherwise the licence belongs on a server in a "
        "declared network.");
}

/* Each notice says what to do, and none the same as another. */
Test(say_remedy, every_notice_has_its_own_way_out)
{
    for (int i = LANGUAGE_EN; i <= LANGUAGE_NL; i++) {
        struct voice v = voice_of((enum language)i, sample_zone());
        char *said[FINDING_KIND_COUNT] = {NULL};
        for (int k = 0; k < FINDING_KIND_COUNT; k++) {
            struct bulletin_line l = line((enum finding_kind)k, STATE_NOTICE);
            struct buf out = BUF_INIT(4096);
            say_clears(&v, &l, &out);
            said[k] = buf_take(&out);
            cr_assert(said[k] && said[k][0]);
            for (int other = 0; other < k && !bulletin_is_charging(l.kind); other++)
                cr_expect_str_neq(said[k], said[other], "%s", finding_kind_name(l.kind));
        }
        for (int k = 0; k < FINDING_KIND_COUNT; k++)
            free(said[k]);
    }
}

Test(say_remedy, what_is_resolved_needs_nothing)
{
    struct bulletin_line l = line(FINDING_EXTRA_IP, STATE_CLEAR);

    expect(say_clears, &l, "Hier is niets meer te doen.", "Nothing is left to be done here.");
    expect(say_cost, &l, "", "");
}

/* ---- What it costs ----------------------------------------------------------------------- */

static const struct {
    const char *why;
    struct bulletin_line line;
    const char *nl, *en;
} costs[] = {
    {"confirmed: due",
     {.state = STATE_CONFIRMED, .cost = COSTS(1, 12500000, 1250)},
     "€" NBSP "12,50 voor oktober 2026, exclusief btw.",
     "€12.50 for October 2026, excluding VAT."},
    {"several blocks: how it is reckoned",
     {.state = STATE_CONFIRMED, .cost = COSTS(1200, 5000000, 600000)},
     "€" NBSP "6.000,00 (1.200 × €" NBSP "5,00) voor oktober 2026, exclusief btw.",
     "€6,000.00 (1,200 × €5.00) for October 2026, excluding VAT."},
    {"potential: from when on",
     {.state = STATE_POTENTIAL,
      .has_confirms = true,
      .confirms_at = CONFIRMS,
      .cost = COSTS(1, 12500000, 1250)},
     "Duurt het na 15 oktober 2026 om 07:00 uur nog voort, dan kost het €" NBSP
     "12,50 voor oktober 2026, exclusief btw.",
     "If it still goes on after 15 October 2026 at 07:00, it costs €12.50 for October 2026, "
     "excluding VAT."},
    {"a deadline in the next month is that month's money (8 November, 00:00:01 CET)",
     {.state = STATE_POTENTIAL,
      .has_confirms = true,
      .confirms_at = {INT64_C(1794092401)},
      .cost = COSTS(1, 12500000, 1250)},
     "Duurt het na 8 november 2026 om 00:00 uur nog voort, dan kost het €" NBSP
     "12,50 voor die maand, exclusief btw; voor oktober 2026 niets.",
     "If it still goes on after 8 November 2026 at 00:00, it costs €12.50 for that month, "
     "excluding VAT; nothing for October 2026."},
    {"ended: nothing now",
     {.state = STATE_POTENTIAL, .cost = COSTS(1, 12500000, 1250)},
     "Nu niets; begint het weer, dan kan het €" NBSP
     "12,50 voor oktober 2026 worden, exclusief btw.",
     "Nothing now; if it starts again, it may become €12.50 for October 2026, excluding VAT."},
    {"no tariff: forbidden, and no charge named",
     {.state = STATE_CONFIRMED, .cost = {.currency = &eur}},
     "Niet toegestaan, maar er is geen tarief voor: het kost niets.",
     "Not allowed, but there is no tariff for it: it costs nothing."},
    {"no tariff, and no currency known",
     {.state = STATE_CONFIRMED},
     "Niet toegestaan, maar er is geen tarief voor: het kost niets.",
     "Not allowed, but there is no tariff for it: it costs nothing."},
    {"a tariff of nothing",
     {.state = STATE_CONFIRMED, .cost = COSTS(1, 0, 0)},
     "Het tarief is nul: het kost niets.",
     "The tariff is nil: it costs nothing."},
    {"trial, whatever the tariff says",
     {.state = STATE_CONFIRMED, .is_trial = true, .cost = COSTS(1, 12500000, 1250)},
     "Proef: er wordt niets in rekening gebracht.",
     "Trial: nothing will be charged."},
    {"waived",
     {.state = STATE_CONFIRMED, .is_waived = true, .cost = COSTS(1, 12500000, 1250)},
     "Kwijtgescholden: het kost niets.",
     "Waived: it costs nothing."},
    {"disputed",
     {.state = STATE_CONFIRMED,
      .is_disputed = true,
      .cost = {.is_known = true,
               .units = 1,
               .unit_price = {1500000000},
               .amount = {1500},
               .currency = &jpy}},
     "Betwist: JP¥" NBSP "1.500 blijft buiten de rekening tot daarover is besloten.",
     "Disputed: JP¥1,500 is kept off the bill until that is decided."},
    {"a notice never costs", {.state = STATE_NOTICE}, "", ""},
};

Test(say_remedy, the_cost_is_said_or_why_there_is_none)
{
    for (size_t i = 0; i < ARRAY_LEN(costs); i++) {
        struct bulletin_line l = costs[i].line;
        l.period = (period_t){2026 * 12 + 9};
        expect(say_cost, &l, costs[i].nl, costs[i].en);
    }
}

/* ---- What changed ------------------------------------------------------------------------ */

static const struct {
    struct bulletin_line line;
    const char *nl, *en;
} changes[] = {
    {{.change = CHANGE_NONE}, "", ""},
    {{.change = CHANGE_NEW}, "", ""},
    {{.change = CHANGE_WORSE,
      .was_state = STATE_POTENTIAL,
      .was_quantity = 1,
      .state = STATE_CONFIRMED,
      .quantity = 1},
     "Was mogelijk, is nu bevestigd.",
     "Was potential, is now confirmed."},
    {{.change = CHANGE_WORSE,
      .was_state = STATE_POTENTIAL,
      .was_quantity = 999,
      .state = STATE_POTENTIAL,
      .quantity = 1000},
     "Het aantal was 999 en is nu 1.000.",
     "The number was 999 and is now 1,000."},
    {{.change = CHANGE_LESS,
      .was_state = STATE_CONFIRMED,
      .was_quantity = 3,
      .state = STATE_POTENTIAL,
      .quantity = 2},
     "Was bevestigd (aantal 3), is nu mogelijk (aantal 2).",
     "Was confirmed (number 3), is now potential (number 2)."},
    /* Confirmed in a further period. */
    {{.change = CHANGE_WORSE,
      .was_state = STATE_CONFIRMED,
      .was_quantity = 1,
      .state = STATE_CONFIRMED,
      .quantity = 1},
     "Nu ook voor oktober 2026.",
     "Now for October 2026, too."},
    {{.change = CHANGE_ENDED}, "Gestopt.", "Ended."},
    {{.change = CHANGE_AGAIN},
     "Was gestopt, en is opnieuw begonnen.",
     "Had ended, and has started again."},
    {{.change = CHANGE_SOON,
      .state = STATE_POTENTIAL,
      .confirms_at = CONFIRMS,
      .cost = COSTS(1, 12500000, 1250)},
     "Kost geld als het na 15 oktober 2026 om 07:00 uur nog voortduurt.",
     "Costs money if it still goes on after 15 October 2026 at 07:00."},
    {{.change = CHANGE_SOON, .state = STATE_POTENTIAL, .confirms_at = CONFIRMS},
     "Wordt bevestigd als het na 15 oktober 2026 om 07:00 uur nog voortduurt.",
     "Will be confirmed if it still goes on after 15 October 2026 at 07:00."},
    {{.change = CHANGE_RESOLVED, .was_state = STATE_POTENTIAL},
     "Was mogelijk; speelt niet meer.",
     "Was potential; is no longer the case."},
};

Test(say_remedy, what_changed_is_told_against_what_was_said)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct bulletin_line l = changes[i].line;
        l.period = (period_t){2026 * 12 + 9};
        expect(say_changed, &l, changes[i].nl, changes[i].en);
    }
}
