/* What is said first: whether anything needs doing, in one line and in the mail's subject. */
#include "bulletin/sentences.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(say_verdict);

#define NBSP "\xc2\xa0"

typedef void part(const struct voice *v, const struct bulletin *r, struct buf *out);

static void expect(part *say, const struct bulletin *r, const char *nl, const char *en)
{
    const char *const wanted[] = {[LANGUAGE_NL] = nl, [LANGUAGE_EN] = en};

    for (int i = LANGUAGE_EN; i <= LANGUAGE_NL; i++) {
        struct voice v = voice_of((enum language)i, sample_zone());
        AUTO(buf) struct buf out = BUF_INIT((size_t)1 << 20);
        say(&v, r, &out);
        cr_expect_str_eq(buf_str(&out), wanted[i]);
    }
}

static const struct currency eur = {"EUR", 2}, gbp = {"GBP", 2}, sek = {"SEK", 2};

/* ---- To a manager ------------------------------------------------------------------------ */

/* A night of so many; it points at `sums`. */
static struct bulletin night(size_t calls, int64_t confirmed, int64_t potential)
{
    struct bulletin r = sample_bare(LANGUAGE_NL);

    r.serial = 1234;
    r.n_calls = calls;
    r.confirmed = confirmed;
    r.potential = potential;
    return r;
}

Test(say_verdict, a_calm_night_says_so)
{
    struct bulletin r = night(0, 0, 0);

    expect(say_verdict, &r, "Niets te doen; geen bevindingen die geld kosten.",
           "Nothing to do; no findings that cost money.");
    /* A number to look for: it is not grouped. */
    expect(say_subject, &r, "[fairuse 1234] niets te doen", "[fairuse 1234] nothing to do");
}

Test(say_verdict, calls_findings_and_money_are_counted)
{
    static const struct bulletin_sum sums[] = {{.currency = &eur, .draft = {3750}}};
    struct bulletin r = night(2, 1, 3);

    r.sums = sums;
    r.n_sums = 1;
    expect(say_verdict, &r,
           "2 resellers te bellen; 1 bevestigd, 3 mogelijk, €" NBSP "37,50 concept.",
           "2 resellers to call; 1 confirmed, 3 potential, €37.50 draft.");
    expect(say_subject, &r,
           "[fairuse 1234] 2 bellen, 1 bevestigd, 3 mogelijk: €" NBSP "37,50 concept",
           "[fairuse 1234] 2 to call, 1 confirmed, 3 potential: €37.50 draft");
    r.n_calls = 1;
    r.potential = 0;
    expect(say_verdict, &r, "1 reseller te bellen; 1 bevestigd, €" NBSP "37,50 concept.",
           "1 reseller to call; 1 confirmed, €37.50 draft.");
    expect(say_subject, &r, "[fairuse 1234] 1 bellen, 1 bevestigd: €" NBSP "37,50 concept",
           "[fairuse 1234] 1 to call, 1 confirmed: €37.50 draft");
}

/* A month to close or a mail that came back is something to do, without a call. */
Test(say_verdict, what_waits_for_a_person_is_something_to_do)
{
    /* One that has nothing to enter closes along with a later one: it is not counted. */
    static const struct bulletin_waiting waiting[3] = {
        {.drafts = 4}, {.drafts = 1}, {.drafts = 0}};
    struct bulletin r = night(0, 0, 0);

    r.waiting = waiting;
    r.n_waiting = 1;
    expect(say_verdict, &r,
           "Niemand te bellen; geen bevindingen die geld kosten; 1 maand af te sluiten.",
           "Nobody to call; no findings that cost money; 1 month to close.");
    expect(say_subject, &r, "[fairuse 1234] niemand te bellen, 1 maand af te sluiten",
           "[fairuse 1234] nobody to call, 1 month to close");
    r.n_waiting = 3;
    r.n_dead_more = 2;
    expect(say_verdict, &r,
           "Niemand te bellen; geen bevindingen die geld kosten; 2 maanden af te sluiten; 2 "
           "mails kwamen niet aan.",
           "Nobody to call; no findings that cost money; 2 months to close; 2 mails did not "
           "arrive.");
    r.n_waiting = 0;
    r.n_dead_more = 1;
    expect(say_subject, &r, "[fairuse 1234] niemand te bellen",
           "[fairuse 1234] nobody to call");
}

Test(say_verdict, money_is_told_by_currency_and_adjustments_by_themselves)
{
    static const struct bulletin_sum sums[] = {
        {.currency = &eur, .draft = {0}, .adjustment = {-1250}},
        {.currency = &gbp, .draft = {100}},
        {.currency = &sek, .draft = {200}},
        {.currency = &eur, .draft = {300}},
    };
    struct bulletin r = night(0, 3, 0);

    r.sums = sums;
    r.n_sums = 4;
    /* Of three that have a draft two are named. */
    expect(say_verdict, &r,
           "Niets te doen; 3 bevestigd, £" NBSP "1,00 concept, SEK" NBSP
           "2,00 concept en nog 1, -€" NBSP "12,50 correctie.",
           "Nothing to do; 3 confirmed, £1.00 draft, SEK" NBSP
           "2.00 draft and 1 more, -€12.50 adjustment.");
    expect(say_subject, &r,
           "[fairuse 1234] niets te doen, 3 bevestigd: £" NBSP "1,00 concept, SEK" NBSP
           "2,00 concept en nog 1",
           "[fairuse 1234] nothing to do, 3 confirmed: £1.00 draft, SEK" NBSP
           "2.00 draft and 1 more");
}

Test(say_verdict, a_preview_has_no_number_and_a_failure_shouts)
{
    struct bulletin r = sample_failed(LANGUAGE_NL);

    expect(say_subject, &r, "[fairuse 12] CONTROLE MISLUKT", "[fairuse 12] AUDIT FAILED");
    expect(say_verdict, &r,
           "De controle is mislukt: dit rapport zegt niets over licenties en domeinen.",
           "The audit failed: this report says nothing about licences and domains.");
    r.failure = NULL;
    r.serial = 0;
    expect(say_subject, &r, "[fairuse] niets te doen", "[fairuse] nothing to do");
}

/* ---- To a reseller ----------------------------------------------------------------------- */

/* 15 October 2026, 05:00 UTC: day 20,741, 07:00 in Amsterdam. */
#define OCT_15 (INT64_C(20741) * 86400 + 5 * 3600)

static const struct bulletin_line potential = {
    .kind = FINDING_EXTRA_IP,
    .state = STATE_POTENTIAL,
    .subject = "PLSK.00000102",
    .shown = "PLSK.00000102",
    .quantity = 1,
    .has_confirms = true,
    .confirms_at = {OCT_15 + 2 * 86400 + 1},
    .cost = {.is_known = true, .units = 1, .amount = {1250}, .currency = &eur},
};

/* A mail of some lines. */
struct letter {
    struct bulletin_line lines[3];
    struct bulletin_reseller x;
    struct bulletin r;
};

static struct letter *letter(struct letter *l, size_t n)
{
    for (size_t i = 0; i < ARRAY_LEN(l->lines); i++)
        l->lines[i] = potential;
    l->x = (struct bulletin_reseller){.lines = l->lines, .n_lines = n};
    l->r = sample_bare(LANGUAGE_NL);
    l->r.audience = AUDIENCE_RESELLER;
    l->r.resellers = &l->x;
    l->r.n_resellers = 1;
    return l;
}

Test(say_verdict, one_thing_is_named_with_the_day_before_which_it_is_free)
{
    struct letter l;

    letter(&l, 1);
    expect(say_subject, &l.r,
           "Plesk-licentie PLSK.00000102: extra IP-adres; vóór 17 oktober 2026 oplossen "
           "voorkomt kosten",
           "Plesk licence PLSK.00000102: extra IP address; clearing it before 17 October 2026 "
           "avoids a charge");
    expect(say_verdict, &l.r,
           "1 bevinding vraagt uw aandacht. Eerste termijn: 17 oktober 2026 om 07:00 uur.",
           "1 finding needs your attention. First deadline: 17 October 2026 at 07:00.");
    l.lines[0].is_trial = true;
    expect(say_subject, &l.r,
           "Plesk-licentie PLSK.00000102: extra IP-adres; graag vóór 17 oktober 2026 oplossen",
           "Plesk licence PLSK.00000102: extra IP address; please clear it before 17 October "
           "2026");
}

/* "before 14 October" would be too late to read on 14 October. */
Test(say_verdict, on_the_last_day_the_hour_is_named)
{
    struct letter l;

    letter(&l, 1);
    l.lines[0].kind = FINDING_MAILBOXES;
    l.lines[0].shown = "gröt.example";
    /* It is 14 October, 02:15; until 23:00 of that day. */
    l.lines[0].confirms_at = (wall_t){OCT_15 - 8 * 3600 + 1};
    expect(say_subject, &l.r,
           "Domein gröt.example: mailboxen boven de limiet; uiterlijk 14 oktober 2026 om 23:00 "
           "uur oplossen voorkomt kosten",
           "Domain gröt.example: mailboxes above the limit; clearing it by 14 October 2026 at "
           "23:00 avoids a charge");
}

static const struct {
    const char *why;
    struct bulletin_line line;
    const char *nl, *en;
} subjects[] = {
    {"confirmed",
     {.kind = FINDING_OUTSIDE, .state = STATE_CONFIRMED, .shown = "PLSK.00000102"},
     "Plesk-licentie PLSK.00000102: buiten de opgegeven netwerken (bevestigd)",
     "Plesk licence PLSK.00000102: outside the declared networks (confirmed)"},
    {"ended",
     {.kind = FINDING_EXTRA_IP,
      .state = STATE_POTENTIAL,
      .change = CHANGE_ENDED,
      .shown = "PLSK.00000102"},
     "Plesk-licentie PLSK.00000102: extra IP-adres (gestopt)",
     "Plesk licence PLSK.00000102: extra IP address (ended)"},
    {"resolved",
     {.kind = FINDING_MAILBOXES, .change = CHANGE_RESOLVED, .shown = "example.nl"},
     "Domein example.nl: mailboxen boven de limiet (opgelost)",
     "Domain example.nl: mailboxes above the limit (resolved)"},
    {"waived",
     {.kind = FINDING_EXTRA_IP,
      .state = STATE_CONFIRMED,
      .is_waived = true,
      .shown = "PLSK.00000102"},
     "Plesk-licentie PLSK.00000102: extra IP-adres (kwijtgescholden)",
     "Plesk licence PLSK.00000102: extra IP address (waived)"},
    {"a name that is harmless, as everywhere",
     {.kind = FINDING_EXTRA_IP, .state = STATE_CONFIRMED, .shown = "a\r\nBcc: b\xe2\x80\xae"},
     "Plesk-licentie a Bcc: b: extra IP-adres (bevestigd)",
     "Plesk licence a Bcc: b: extra IP address (confirmed)"},
};

Test(say_verdict, one_thing_is_named_with_how_it_stands)
{
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        struct letter l;
        letter(&l, 1);
        l.lines[0] = subjects[i].line;
        expect(say_subject, &l.r, subjects[i].nl, subjects[i].en);
    }
}

Test(say_verdict, several_things_are_counted)
{
    struct letter l;

    letter(&l, 3);
    l.lines[2].confirms_at = (wall_t){OCT_15 + 1};
    l.lines[1].state = STATE_CONFIRMED;
    expect(
        say_subject, &l.r,
        "3 zaken met uw Plesk-licenties en domeinen vragen aandacht, de eerste vóór 15 "
        "oktober 2026",
        "3 matters about your Plesk licences and domains need attention, the first before 15 "
        "October 2026");
    expect(say_verdict, &l.r,
           "3 bevindingen vragen uw aandacht. Eerste termijn: 15 oktober 2026 om 07:00 uur.",
           "3 findings need your attention. First deadline: 15 October 2026 at 07:00.");
    for (size_t i = 0; i < 3; i++)
        l.lines[i].state = STATE_CONFIRMED;
    expect(say_subject, &l.r, "3 zaken met uw Plesk-licenties en domeinen vragen aandacht",
           "3 matters about your Plesk licences and domains need attention");
    expect(say_verdict, &l.r, "3 bevindingen vragen uw aandacht.",
           "3 findings need your attention.");
}

/* What ended, was resolved or is waived asks for nothing. */
Test(say_verdict, what_is_over_is_no_matter)
{
    struct letter l;

    letter(&l, 3);
    l.lines[0].has_confirms = false;
    l.lines[1].state = STATE_CLEAR;
    l.lines[2].is_waived = true;
    expect(say_verdict, &l.r, "Er is niets meer dat uw aandacht vraagt.",
           "Nothing needs your attention any more.");
    expect(say_subject, &l.r, "Uw Plesk-licenties en domeinen: er is niets meer te doen",
           "Your Plesk licences and domains: nothing is left to do");
    /* One thing that does is named, whatever else the mail tells of. */
    l.lines[2].is_waived = false;
    expect(say_subject, &l.r,
           "Plesk-licentie PLSK.00000102: extra IP-adres; vóór 17 oktober 2026 oplossen "
           "voorkomt kosten",
           "Plesk licence PLSK.00000102: extra IP address; clearing it before 17 October 2026 "
           "avoids a charge");
    l.x.n_lines = 0;
    expect(say_subject, &l.r, "Uw Plesk-licenties en domeinen: er is niets meer te doen",
           "Your Plesk licences and domains: nothing is left to do");
}

Test(say_verdict, a_long_name_does_not_make_a_long_subject)
{
    struct letter l;

    letter(&l, 1);
    l.lines[0].kind = FINDING_MAILBOXES;
    l.lines[0].shown = "a-very-long-name-of-a-domain-that-says-all-there-is-to-say.example";
    expect(say_subject, &l.r,
           "1 zaak met uw Plesk-licenties en domeinen vraagt aandacht, vóór 17 oktober 2026",
           "1 matter about your Plesk licences and domains needs attention, before 17 October "
           "2026");
}

Test(say_verdict, one_line_is_about_120_characters)
{
    struct bulletin r = sample_manager(LANGUAGE_NL);

    for (int i = LANGUAGE_EN; i <= LANGUAGE_NL; i++) {
        struct voice v = voice_of((enum language)i, sample_zone());
        AUTO(buf) struct buf verdict = BUF_INIT(4096), subject = BUF_INIT(4096);
        say_verdict(&v, &r, &verdict);
        say_subject(&v, &r, &subject);
        cr_expect_leq(verdict.len, 140, "%s", buf_str(&verdict));
        cr_expect_leq(subject.len, 100, "%s", buf_str(&subject));
    }
}
