/* What is said of a reseller: why to call it, what to forward, its strikes, what was seen. */
#include "bulletin/sentences.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <stdio.h>
#include <string.h>

SUITE(say_reseller);

#define NBSP "\xc2\xa0"
/* 15 October 2026, 05:00 UTC: day 20,741, 07:00 in Amsterdam. */
#define OCT_15 (INT64_C(20741) * 86400 + 5 * 3600)

static const struct currency eur = {"EUR", 2};

static struct bulletin_line line(enum finding_state state)
{
    return (struct bulletin_line){
        .kind = FINDING_EXTRA_IP,
        .state = state,
        .period = {2026 * 12 + 9},
        .subject = "PLSK.00000001",
        .shown = "PLSK.00000001",
        .quantity = 1,
        .has_confirms = state == STATE_POTENTIAL,
        .confirms_at = {OCT_15 + 1},
        .cost = {.is_known = true, .units = 1, .amount = {1250}, .currency = &eur},
        .group = -1,
    };
}

/* ---- Calls ------------------------------------------------------------------------------- */

static void expect_call(const struct bulletin_reseller *x, struct bulletin_call c,
                        const char *nl, const char *en)
{
    const char *const wanted[] = {[LANGUAGE_NL] = nl, [LANGUAGE_EN] = en};
    struct bulletin r = sample_bare(LANGUAGE_NL);

    r.resellers = x;
    r.n_resellers = 1;
    for (int i = LANGUAGE_EN; i <= LANGUAGE_NL; i++) {
        struct voice v = voice_of((enum language)i, sample_zone());
        AUTO(buf) struct buf out = BUF_INIT(4096);
        say_call(&v, &r, &c, &out);
        cr_expect_str_eq(buf_str(&out), wanted[i]);
    }
}

Test(say_reseller, each_reason_to_call_is_a_sentence)
{
    struct bulletin_line potential = line(STATE_POTENTIAL);
    struct bulletin_reseller x = {.lines = &potential,
                                  .n_lines = 1,
                                  .strikes = {.step = STEP_WARNING},
                                  .coverage = {.licenses_known = 10, .licenses_seen = 5}};
    const wall_t by = {OCT_15 + 1};

    expect_call(&x, (struct bulletin_call){0, REASON_SOON | REASON_CONFIRMED, true, by},
                "Uiterlijk 15 oktober 2026 om 07:00 uur op te lossen, anders kost het geld. Er "
                "is iets nieuw bevestigd, of een bevestigde bevinding is verergerd.",
                "To be cleared by 15 October 2026 at 07:00 at the latest, or it will cost "
                "money. Something was newly confirmed, or a confirmed finding got worse.");
    expect_call(
        &x, (struct bulletin_call){0, REASON_LADDER | REASON_BLIND, false, {0}},
        "Volgens de Fair Use Policy is er een stap bereikt: waarschuwing. De helft van "
        "de licenties of meer is niet te zien (5 van 10 gezien).",
        "Under the Fair Use Policy a step was reached: warning. Half of the licences or "
        "more cannot be seen (5 of 10 seen).");
    expect_call(&x, (struct bulletin_call){0, REASON_NO_MAIL, false, {0}},
                "Krijgt geen mail van ons, of die kwam terug: alleen te bellen.",
                "Gets no mail of ours, or it came back: can only be called.");
    /* Without a tariff it costs nothing, but it will stand. */
    potential.cost = (struct bulletin_cost){.currency = &eur};
    expect_call(&x, (struct bulletin_call){0, REASON_SOON, true, by},
                "Uiterlijk 15 oktober 2026 om 07:00 uur op te lossen, anders wordt het "
                "bevestigd.",
                "To be cleared by 15 October 2026 at 07:00 at the latest, or it will be "
                "confirmed.");
}

/* ---- The text to forward ----------------------------------------------------------------- */

static char *forward(enum language language, const struct bulletin_reseller *x)
{
    struct voice v = voice_of(language, sample_zone());
    struct bulletin r = sample_bare(LANGUAGE_NL);
    struct buf out = BUF_INIT((size_t)1 << 20);

    say_forward(&v, &r, x, &out);
    cr_assert_eq(buf_error(&out), 0);
    return buf_take(&out);
}

Test(say_reseller, a_letter_has_all_that_its_reader_needs)
{
    struct bulletin_line confirmed = line(STATE_CONFIRMED);
    struct bulletin_reseller x = {.name = "Kade B.V.", .lines = &confirmed, .n_lines = 1};
    char *nl = forward(LANGUAGE_NL, &x), *en = forward(LANGUAGE_EN, &x);

    cr_expect_str_eq(
        nl,
        "Geachte Kade B.V.,\n\nBij onze controle van 14 oktober 2026 zagen wij het volgende "
        "bij uw licenties en domeinen.\n\nPLSK.00000001: 1 extra IP-adres (bevestigd), oktober "
        "2026. Wat voor oktober 2026 verschuldigd is, blijft staan, tenzij het met reden wordt "
        "betwist. Breng de licentie vóór het einde van deze maand terug naar één server met "
        "één adres, en houd dat zo; dan volgt er voor een volgende maand niets. €" NBSP
        "12,50 voor oktober 2026, exclusief btw. Grondslag: Fair Use Policy, licentiebeheer 2 "
        "(één server per licentie).\n\nKlopt er iets niet, laat het ons dan met uw reden "
        "weten: wat betwist wordt, komt niet op de rekening voordat daarover is "
        "besloten.\n\nMet vriendelijke groet,\n\nAnna de Wit");
    cr_expect_str_eq(
        en,
        "Dear Kade B.V.,\n\nIn our check of 14 October 2026 we found the following regarding "
        "your licences and domains.\n\nPLSK.00000001: 1 extra IP address (confirmed), October "
        "2026. What is due for October 2026 stands, unless it is disputed with a reason. "
        "Before this month ends, bring the licence back to one server with one address, and "
        "keep it so; then nothing follows for a coming month. €12.50 for October 2026, "
        "excluding VAT. Basis: Fair Use Policy, licence management 2 (one server per "
        "licence).\n\nIf something is not right, let us know with your reason: what is "
        "disputed is not billed before it is decided.\n\nKind regards,\n\nAnna de Wit");
    free(nl);
    free(en);
}

Test(say_reseller, notices_and_what_is_over_or_waived_are_not_forwarded)
{
    struct bulletin_line lines[] = {line(STATE_CONFIRMED), line(STATE_CLEAR),
                                    line(STATE_NOTICE)};
    struct bulletin_reseller x = {.name = "Kade", .lines = lines, .n_lines = 3};

    lines[0].is_waived = true;
    lines[2].kind = FINDING_SILENT;
    char *nothing = forward(LANGUAGE_NL, &x);
    cr_expect_str_eq(nothing, "");
    free(nothing);
}

Test(say_reseller, little_that_is_seen_is_worth_a_letter)
{
    struct bulletin_reseller x = {.name = "Kade",
                                  .coverage = {.licenses_known = 10, .licenses_seen = 5}};
    char *letter = forward(LANGUAGE_EN, &x);

    cr_expect_str_eq(
        letter, "Dear Kade,\n"
                "\n"
                "Of your 10 licences we see 5. Would you check that the agent is installed "
                "on the other servers and reaches us? Without it we cannot warn you before "
                "a charge arises.\n"
                "\n"
                "Kind regards,\n"
                "\n"
                "Anna de Wit");
    free(letter);
    x.coverage.licenses_seen = 6; /* more than half */
    letter = forward(LANGUAGE_EN, &x);
    cr_expect_str_eq(letter, "");
    free(letter);
    x.coverage = (struct bulletin_coverage){.licenses_known = 2}; /* fewer than 3 */
    letter = forward(LANGUAGE_EN, &x);
    cr_expect_str_eq(letter, "");
    free(letter);
}

Test(say_reseller, findings_of_one_cause_are_one_paragraph)
{
    static const struct bulletin_group group = {FINDING_OUTSIDE, STATE_POTENTIAL, CAUSE_PLACE,
                                                "203.0.113.9", 8};
    static char names[8][24];
    struct bulletin_line lines[8];
    struct bulletin_reseller x = {
        .name = "Kade", .lines = lines, .n_lines = 8, .groups = &group, .n_groups = 1};

    for (int i = 0; i < 8; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "PLSK.0000000%d", i);
        lines[i] = line(STATE_POTENTIAL);
        lines[i].kind = FINDING_OUTSIDE;
        lines[i].cost = (struct bulletin_cost){.currency = &eur};
        lines[i].shown = names[i];
        lines[i].group = 0;
    }
    char *letter = forward(LANGUAGE_EN, &x);
    cr_expect_not_null(
        strstr(letter,
               "\n\nPLSK.00000000, PLSK.00000001, PLSK.00000002, PLSK.00000003, PLSK.00000004, "
               "PLSK.00000005 and 2 more: outside the declared networks (potential), October "
               "2026, 8 at the same place: 203.0.113.9. If the network is "));
    cr_expect_not_null(strstr(letter, "there is no tariff for it"));
    cr_expect_null(strstr(letter, "PLSK.00000006"));
    free(letter);
}

Test(say_reseller, a_letter_is_no_list)
{
    enum { MANY = 25 };
    struct bulletin_line lines[MANY];
    struct bulletin_reseller x = {.name = "Kade", .lines = lines, .n_lines = MANY};
    int n = 0;

    for (int i = 0; i < MANY; i++)
        lines[i] = line(STATE_POTENTIAL);
    char *letter = forward(LANGUAGE_NL, &x);
    for (const char *p = letter; (p = strstr(p, "PLSK.00000001: ")) != NULL; p++)
        n++;
    cr_expect_eq(n, 20);
    cr_expect_not_null(strstr(letter,
                              "\n\nEn nog 5 bevindingen, die wij u op verzoek toesturen."
                              "\n\n"));
    free(letter);
}

/* ---- Strikes ----------------------------------------------------------------------------- */

static const struct {
    struct bulletin_strikes strikes;
    const char *nl, *en;
} strikes[] = {
    {{.periods = 0, .next_at = 1},
     "In de laatste 12 maanden is niets bevestigd. De volgende stap komt bij 1 maand.",
     "Nothing was confirmed in the last 12 months. The next step comes at 1 month."},
    /* 2 of 3 are 66.66…%. */
    {{.periods = 1,
      .step = STEP_NOTICE,
      .next_at = 3,
      .licenses_concerned = 2,
      .licenses_known = 3},
     "In 1 van de laatste 12 maanden is iets bevestigd: aantekening. De volgende stap komt bij "
     "3 "
     "maanden. Het ging om 2 van 3 licenties (66,6" NBSP "%).",
     "Something was confirmed in 1 of the last 12 months: notice. The next step comes at 3 "
     "months. It concerned 2 of 3 licences (66.6%)."},
    {{.periods = 6, .step = STEP_REVIEW},
     "In 6 van de laatste 12 maanden is iets bevestigd: herbeoordeling van het account.",
     "Something was confirmed in 6 of the last 12 months: review of the account."},
};

Test(say_reseller, strikes_say_the_step_and_the_next)
{
    struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
    struct voice en = voice_of(LANGUAGE_EN, sample_zone());

    for (size_t i = 0; i < ARRAY_LEN(strikes); i++) {
        AUTO(buf) struct buf dutch = BUF_INIT(4096), english = BUF_INIT(4096);
        say_strikes(&nl, &strikes[i].strikes, &dutch);
        say_strikes(&en, &strikes[i].strikes, &english);
        cr_expect_str_eq(buf_str(&dutch), strikes[i].nl);
        cr_expect_str_eq(buf_str(&english), strikes[i].en);
    }
}

/* ---- Coverage ---------------------------------------------------------------------------- */

#define WARNING_NL                                                                             \
    " Wat niet gezien is, is niet in orde bevonden: er is alleen niets van bekend."
#define WARNING_EN " What was not seen was not found to be in order: nothing is known of it."

static const struct {
    const char *why;
    struct bulletin_coverage coverage;
    const char *nl, *en;
} coverages[] = {
    {"there is nothing to see", {.gaps = {0}}, "", ""},
    {"all is seen: no warning",
     {.licenses_known = 12, .licenses_seen = 12, .domains_known = 1, .domains_counted = 1},
     "Licenties gezien: 12 van 12 (100,0" NBSP "%). Domeinen geteld: 1 van 1 (100,0" NBSP "%).",
     "Licences seen: 12 of 12 (100.0%). Domains counted: 1 of 1 (100.0%)."},
    {"one of a thousand is not",
     {.licenses_known = 1000, .licenses_seen = 999},
     "Licenties gezien: 999 van 1.000 (99,9" NBSP "%)." WARNING_NL,
     "Licences seen: 999 of 1,000 (99.9%)." WARNING_EN},
    {"one server is silent, one could not see",
     {.servers_known = 24, .servers_silent = 1, .servers_with_gaps = 1, .gaps = {5400}},
     "1 van 24 servers zwijgt. Op 1 server kon de agent 1 uur en 30 minuten lang niet "
     "waarnemen." WARNING_NL,
     "1 of 24 servers is silent. On 1 server the agent could not observe for 1 hour and 30 "
     "minutes." WARNING_EN},
    {"several are, and could not",
     {.servers_known = 24, .servers_silent = 2, .servers_with_gaps = 3, .gaps = {86400}},
     "2 van 24 servers zwijgen. Op 3 servers konden de agents samen 1 dag lang niet "
     "waarnemen." WARNING_NL,
     "2 of 24 servers are silent. On 3 servers the agents could not observe for 1 day in "
     "all." WARNING_EN},
    {"a family without a network",
     {.licenses_known = 1, .licenses_seen = 1, .lacks_ipv6 = true},
     "Licenties gezien: 1 van 1 (100,0" NBSP
     "%). Niet alle IPv6-netwerken zijn opgegeven: of licenties op IPv6 in eigen "
     "infrastructuur staan, is niet altijd te zeggen." WARNING_NL,
     "Licences seen: 1 of 1 (100.0%). Not all IPv6 networks are declared: whether licences on "
     "IPv6 are in own infrastructure cannot always be told." WARNING_EN},
};

Test(say_reseller, silence_is_never_innocence)
{
    struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
    struct voice en = voice_of(LANGUAGE_EN, sample_zone());

    for (size_t i = 0; i < ARRAY_LEN(coverages); i++) {
        AUTO(buf) struct buf dutch = BUF_INIT(4096), english = BUF_INIT(4096);
        say_coverage(&nl, &coverages[i].coverage, &dutch);
        say_coverage(&en, &coverages[i].coverage, &english);
        cr_expect_str_eq(buf_str(&dutch), coverages[i].nl, "%s", coverages[i].why);
        cr_expect_str_eq(buf_str(&english), coverages[i].en, "%s", coverages[i].why);
    }
}

/* What is added stands behind what was there. */
Test(say_reseller, what_was_there_stays)
{
    struct voice v = voice_of(LANGUAGE_EN, sample_zone());
    AUTO(buf) struct buf out = BUF_INIT(4096);

    buf_add_str(&out, "Seen: ");
    say_coverage(&v, &coverages[0].coverage, &out);
    cr_expect_str_eq(buf_str(&out), "Seen: ");
    say_coverage(&v, &coverages[2].coverage, &out);
    cr_expect_str_eq(buf_str(&out), "Seen: Licences seen: 999 of 1,000 (99.9%)." WARNING_EN);
}
