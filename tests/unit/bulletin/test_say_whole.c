/* What is said of a whole night: its number, the distributor's own, how to answer. */
#include "bulletin/sentences.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(say_whole);

#define NBSP "\xc2\xa0"
#define HASH "3f0c2a9b5d7e8f1021324354657687980a1b2c3d4e5f60718293a4b5c6d7e8f9"

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

Test(say_whole, a_mail_that_is_missing_can_be_noticed)
{
    struct bulletin r = sample_bare(LANGUAGE_NL);

    r.serial = 1235;
    r.last_serial = 1234;
    expect(say_serial, &r,
           "Nummer 1235. Het vorige was nummer 1234, van 13 oktober 2026 om "
           "02:15 uur.",
           "Number 1235. The one before was number 1234, of 13 October 2026 at 02:15.");
    r.has_last = false;
    expect(say_serial, &r, "Nummer 1235, het eerste: alles is nieuw.",
           "Number 1235, the first: all is new.");
    r.serial = 0;
    expect(say_serial, &r, "Een voorbeeld: niet verstuurd, zonder nummer.",
           "A preview: not sent, without a number.");
}

Test(say_whole, the_ledgers_heads_are_told)
{
    struct bulletin r = sample_bare(LANGUAGE_NL);

    expect(say_chain, &r, "Het grootboek is nog leeg.", "The ledger is still empty.");
    r.entries = 1041;
    r.entries_hash = HASH;
    expect(say_chain, &r, "Boekingen tot nummer 1041, kop van de keten " HASH ".",
           "Entries up to number 1041, head of the chain " HASH ".");
    r.decisions = 7;
    r.decisions_hash = HASH;
    expect(say_chain, &r,
           "Boekingen tot nummer 1041, kop van de keten " HASH
           ". Besluiten tot nummer 7, kop van de keten " HASH ".",
           "Entries up to number 1041, head of the chain " HASH
           ". Decisions up to number 7, head of the chain " HASH ".");
}

Test(say_whole, a_failure_is_no_innocence)
{
    struct bulletin r = sample_failed(LANGUAGE_NL);

    r.failure = "disk\nfull";
    expect(say_failure, &r,
           "Van deze nacht is over licenties en domeinen niets bekend, ook niet dat alles in "
           "orde is. Er is niets geboekt. Geef deze melding door aan de beheerder: disk full",
           "Of this night nothing is known of licences and domains, not even that all is well. "
           "Nothing was entered. Pass this message on to the operator: disk full");
}

Test(say_whole, a_reseller_is_told_how_to_answer_and_to_dispute)
{
    struct bulletin r = sample_reseller(LANGUAGE_NL);

    expect(
        say_answer, &r,
        "Beantwoord deze mail of schrijf naar Anna de Wit (anna@distributor.example). Klopt "
        "er iets niet, betwist het dan met uw reden: wat betwist wordt, komt niet op de "
        "rekening voordat daarover is besloten.",
        "Answer this mail, or write to Anna de Wit (anna@distributor.example). If something "
        "is not right, dispute it with your reason: what is disputed is not billed before it "
        "is decided.");
}

/* ---- Rows -------------------------------------------------------------------------------- */

Test(say_whole, the_rate_of_charges_that_did_not_stand)
{
    static const struct bulletin_rate rate = {CHARGE_MAILBOXES, 3, 2};
    struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
    struct voice en = voice_of(LANGUAGE_EN, sample_zone());
    AUTO(buf) struct buf dutch = BUF_INIT(4096), english = BUF_INIT(4096);

    /* 2 of 3 is 66.66…%, rounded down. */
    say_rate(&nl, &rate, &dutch);
    say_rate(&en, &rate, &english);
    cr_expect_str_eq(buf_str(&dutch),
                     "mailboxen boven de limiet: 2 van 3 in de laatste 12 maanden ingetrokken "
                     "(66,6" NBSP "%).");
    cr_expect_str_eq(buf_str(&english),
                     "mailboxes above the limit: 2 of 3 withdrawn in the last 12 months "
                     "(66.6%).");
}

Test(say_whole, a_month_that_waits_says_what_closes_it)
{
    struct bulletin r = sample_bare(LANGUAGE_NL);
    /* 5 October 2026, 22:00 UTC (day 20,731) is the 6th in Amsterdam. */
    struct bulletin_waiting w = {{2026 * 12 + 8}, {INT64_C(20731) * 86400 + 22 * 3600}, 1};
    struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
    struct voice en = voice_of(LANGUAGE_EN, sample_zone());
    AUTO(buf) struct buf dutch = BUF_INIT(4096), english = BUF_INIT(4096);

    say_waiting(&nl, &r, &w, &dutch);
    cr_expect_str_eq(buf_str(&dutch), "Sinds 6 oktober 2026 kan september 2026 worden "
                                      "afgesloten (ledger close 2026-09): 1 bedrag wacht.");
    w.drafts = 1000;
    say_waiting(&en, &r, &w, &english);
    cr_expect_str_eq(buf_str(&english), "September 2026 can be closed since 6 October 2026 "
                                        "(ledger close 2026-09): 1,000 amounts wait.");
}

Test(say_whole, a_mail_that_came_back_says_whose_and_why)
{
    static const struct bulletin_dead dead = {.recipient = "a@b.example",
                                              .reader = "kade",
                                              .run = 1230,
                                              .at = {INT64_C(20738) * 86400 + 21 * 60},
                                              .why = "550 no such\r\nuser"};
    struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
    struct voice en = voice_of(LANGUAGE_EN, sample_zone());
    AUTO(buf) struct buf dutch = BUF_INIT(4096), english = BUF_INIT(4096);

    say_dead(&nl, &dead, &dutch);
    say_dead(&en, &dead, &english);
    cr_expect_str_eq(buf_str(&dutch),
                     "Mail van nacht 1230 aan a@b.example (kade), opgegeven op "
                     "12 oktober 2026 om 02:21 uur: 550 no such user");
    cr_expect_str_eq(buf_str(&english),
                     "Mail of run 1230 to a@b.example (kade), given up on 12 "
                     "October 2026 at 02:21: 550 no such user");
}

/* ---- What is not shown ------------------------------------------------------------------- */

static void expect_more(const struct bulletin *r, int64_t not_shown, int64_t not_kept,
                        const char *wanted)
{
    struct voice v = voice_of(r->language, sample_zone());
    AUTO(buf) struct buf out = BUF_INIT(4096);

    say_more(&v, r, not_shown, not_kept, &out);
    cr_expect_str_eq(buf_str(&out), wanted);
}

Test(say_whole, what_is_not_shown_is_found_elsewhere)
{
    struct bulletin nl = sample_bare(LANGUAGE_NL), en = sample_bare(LANGUAGE_EN);

    expect_more(&nl, 0, 0, "");
    expect_more(&nl, 1, 0,
                "Nog 1 bevinding staat niet in deze tekst, maar in het bijgevoegde "
                "CSV-bestand.");
    expect_more(&en, 1960, 1,
                "1,960 more findings are not in this text but in the attached CSV file. And 1 "
                "that is not there either: fairusectl -c /etc/fairuse/collector.conf audit "
                "--as-of 2026-10-14T00:15:00Z");
}

/* A reseller has no table attached, and no command of ours. */
Test(say_whole, a_reseller_may_ask_for_what_is_not_shown)
{
    struct bulletin nl = sample_reseller(LANGUAGE_NL), en = sample_reseller(LANGUAGE_EN);

    expect_more(&en, 0, 0, "");
    expect_more(&nl, 2, 1,
                "Nog 3 bevindingen staan niet in deze tekst; wij sturen u die op verzoek toe.");
    expect_more(&en, 1, 0,
                "1 more finding is not in this text; we will send it to you on request.");
}

Test(say_whole, a_picture_is_told_in_words)
{
    static const struct bulletin_seen seen = {
        .server = "mx1", .unit = "", .last = {INT64_C(20739) * 86400}, .count = 1042};
    static const struct bulletin_line l = {.kind = FINDING_MAILBOXES,
                                           .state = STATE_CONFIRMED,
                                           .shown = "gröt.example",
                                           .quantity = 42,
                                           .seen = &seen,
                                           .n_seen = 1,
                                           .limit = 1000};
    struct voice v = voice_of(LANGUAGE_EN, sample_zone());
    AUTO(buf) struct buf out = BUF_INIT(4096);

    say_picture(&v, &l, &out);
    cr_expect_str_eq(
        buf_str(&out),
        "Timeline of gröt.example: 42 mailboxes above the limit (confirmed). Server "
        "mx1 reported 1,042 mailboxes, last on 13 October 2026 at 02:00. The limit "
        "is 1,000.");
}
