/* What is said of one finding: what it is, what was seen, how sure it is, what moved. */
#include "bulletin/sentences.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(say_finding);

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

/* 13 October 2026, 00:00 UTC, is day 20,739; in Amsterdam it is two hours later. */
#define OCT(day, h)                                                                            \
    {                                                                                          \
        (INT64_C(20726) + (day)) * 86400 + (h)*3600                                            \
    }

/* ---- What it is -------------------------------------------------------------------------- */

static const struct {
    struct bulletin_line line;
    const char *nl, *en;
} titles[] = {
    {{.kind = FINDING_EXTRA_IP, .state = STATE_CONFIRMED, .quantity = 1},
     "1 extra IP-adres (bevestigd)",
     "1 extra IP address (confirmed)"},
    {{.kind = FINDING_EXTRA_IP, .state = STATE_POTENTIAL, .quantity = 2},
     "2 extra IP-adressen (mogelijk)",
     "2 extra IP addresses (potential)"},
    {{.kind = FINDING_MAILBOXES, .state = STATE_POTENTIAL, .quantity = 1234, .is_trial = true},
     "1.234 mailboxen boven de limiet (mogelijk, proef)",
     "1,234 mailboxes above the limit (potential, trial)"},
    {{.kind = FINDING_MAILBOXES, .state = STATE_CONFIRMED, .quantity = 1, .is_waived = true},
     "1 mailbox boven de limiet (bevestigd, kwijtgescholden)",
     "1 mailbox above the limit (confirmed, waived)"},
    {{.kind = FINDING_OUTSIDE, .state = STATE_CONFIRMED, .quantity = 3, .is_disputed = true},
     "op 3 plaatsen buiten de opgegeven netwerken (bevestigd, betwist)",
     "at 3 places outside the declared networks (confirmed, disputed)"},
    /* Of what is over, what was said of it. */
    {{.kind = FINDING_EXTRA_IP,
      .state = STATE_CLEAR,
      .change = CHANGE_RESOLVED,
      .was_state = STATE_POTENTIAL,
      .was_quantity = 2},
     "2 extra IP-adressen (niet meer gevonden)",
     "2 extra IP addresses (no longer found)"},
    {{.kind = FINDING_ROAMING, .state = STATE_NOTICE, .quantity = 5},
     "op veel plaatsen na elkaar",
     "at many places, one after another"},
};

Test(say_finding, says_what_it_is_with_its_number_and_state)
{
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        expect(say_finding, &titles[i].line, titles[i].nl, titles[i].en);
}

/* ---- What was seen ----------------------------------------------------------------------- */

static const struct bulletin_seen two_places[] = {
    {.server = "one",
     .unit = "203.0.113.2",
     .first = OCT(1, 8),
     .last = OCT(13, 22),
     .goes_on = true,
     .by_collector = true},
    {.server = "two", .unit = "2001:db8:1::/64", .first = OCT(2, 8), .last = OCT(5, 8)},
};

Test(say_finding, places_are_told_with_their_times)
{
    struct bulletin_line l = {.kind = FINDING_EXTRA_IP,
                              .state = STATE_POTENTIAL,
                              .has_since = true,
                              .since = OCT(2, 8),
                              .seen = two_places,
                              .n_seen = 2,
                              .n_seen_more = 1};

    expect(say_seen, &l,
           "Meer dan toegestaan tegelijk in gebruik, in elk geval vanaf 2 oktober 2026 om "
           "10:00 uur. Server one op adres 203.0.113.2: gezien, in elk geval vanaf 1 oktober "
           "2026 om 10:00 uur, nog steeds. Server two in netwerk 2001:db8:1::/64: gezien, in "
           "elk geval van 2 oktober 2026 om 10:00 uur tot 5 oktober 2026 om 10:00 uur. En nog "
           "op 1 andere plaats.",
           "More than allowed in use at the same time, at least from 2 October 2026 at 10:00 "
           "on. Server one at address 203.0.113.2: seen at least from 1 October 2026 at 10:00 "
           "on, and still there. Server two in network 2001:db8:1::/64: seen at least from 2 "
           "October 2026 at 10:00 to 5 October 2026 at 10:00. And at 1 other place.");
}

Test(say_finding, a_single_moment_is_no_stretch)
{
    const struct bulletin_seen seen = {.server = "one",
                                       .unit = "203.0.113.2",
                                       .first = OCT(1, 8),
                                       .last = OCT(1, 8),
                                       .is_outside = true};
    struct bulletin_line l = {.kind = FINDING_OUTSIDE, .seen = &seen, .n_seen = 1};

    expect(
        say_seen, &l,
        "Server one op adres 203.0.113.2: gezien op 1 oktober 2026 om 10:00 uur. Dat ligt in "
        "geen van de opgegeven netwerken.",
        "Server one at address 203.0.113.2: seen on 1 October 2026 at 10:00. That lies in "
        "none of the declared networks.");
}

/* A place in a declared network is not told as if it were the one outside. */
Test(say_finding, of_what_is_outside_the_rest_does_not_count)
{
    const struct bulletin_seen seen = {
        .server = "one", .unit = "203.0.113.2", .first = OCT(1, 8), .last = OCT(1, 8)};
    struct bulletin_line l = {.kind = FINDING_OUTSIDE, .seen = &seen, .n_seen = 1};

    expect(say_seen, &l,
           "Server one op adres 203.0.113.2: gezien op 1 oktober 2026 om 10:00 uur. Dat telt "
           "hier niet mee.",
           "Server one at address 203.0.113.2: seen on 1 October 2026 at 10:00. That does not "
           "count here.");
    l.kind = FINDING_EXTRA_IP;
    expect(say_seen, &l,
           "Server one op adres 203.0.113.2: gezien op 1 oktober 2026 om 10:00 uur.",
           "Server one at address 203.0.113.2: seen on 1 October 2026 at 10:00.");
}

Test(say_finding, mailboxes_are_told_by_server_with_the_limit)
{
    static const struct bulletin_seen seen[] = {
        {.server = "mx1", .unit = "", .last = OCT(13, 22), .count = 1042},
        {.server = "mx2", .unit = "", .last = OCT(13, 22), .count = 1},
    };
    struct bulletin_line l = {.kind = FINDING_MAILBOXES,
                              .has_since = true,
                              .since = OCT(8, 5),
                              .seen = seen,
                              .n_seen = 2,
                              .n_seen_more = 2,
                              .limit = 1000};

    expect(
        say_seen, &l,
        "Boven de limiet, in elk geval vanaf 8 oktober 2026 om 07:00 uur. Server mx1 meldde "
        "1.042 mailboxen, het laatst op 14 oktober 2026 om 00:00 uur. Server mx2 meldde 1 "
        "mailbox, het laatst op 14 oktober 2026 om 00:00 uur. En nog op 2 andere servers. De "
        "limiet is 1.000.",
        "Above the limit, at least from 8 October 2026 at 07:00 on. Server mx1 reported 1,042 "
        "mailboxes, last on 14 October 2026 at 00:00. Server mx2 reported 1 mailbox, last on "
        "14 October 2026 at 00:00. And on 2 other servers. The limit is 1,000.");
}

Test(say_finding, silence_is_told_by_when_it_began)
{
    struct bulletin_seen seen = {
        .server = "", .unit = "", .first = OCT(1, 8), .last = OCT(1, 8)};
    struct bulletin_line l = {.kind = FINDING_SILENT, .seen = &seen, .n_seen = 1};

    expect(say_seen, &l, "Het laatst gezien op 1 oktober 2026 om 10:00 uur.",
           "Last seen on 1 October 2026 at 10:00.");
    seen.server = "one";
    expect(say_seen, &l, "Het laatst gezien op 1 oktober 2026 om 10:00 uur, op server one.",
           "Last seen on 1 October 2026 at 10:00, on server one.");
}

Test(say_finding, nothing_known_is_nothing_said)
{
    static const struct bulletin_line l = {.kind = FINDING_EXTRA_IP, .state = STATE_CONFIRMED};

    expect(say_seen, &l, "", "");
    expect(say_sure, &l, "", "");
    expect(say_living, &l, "", "");
}

Test(say_finding, names_of_places_are_harmless)
{
    static const struct bulletin_seen seen = {.server = "a\r\nb\xe2\x80\xae",
                                              .unit = "\xd7\xa9",
                                              .first = OCT(1, 8),
                                              .last = OCT(2, 8)};
    static const struct bulletin_line l = {
        .kind = FINDING_EXTRA_IP, .seen = &seen, .n_seen = 1};

    expect(say_seen, &l,
           "Server a b op adres \xe2\x81\xa8\xd7\xa9\xe2\x81\xa9: gezien, in elk geval van 1 "
           "oktober 2026 om 10:00 uur tot 2 oktober 2026 om 10:00 uur.",
           "Server a b at address \xe2\x81\xa8\xd7\xa9\xe2\x81\xa9: seen at least from 1 "
           "October 2026 at 10:00 to 2 October 2026 at 10:00.");
}

/* ---- How sure it is ---------------------------------------------------------------------- */

Test(say_finding, certainty_is_what_was_observed_and_by_whom)
{
    /* 2,332,800 s are 27 days; 2,339,700 are 27 days, 1 hour and 55 minutes: 99.70…%. */
    struct bulletin_line l = {.kind = FINDING_EXTRA_IP,
                              .observed = {2332800},
                              .presence = {2339700},
                              .by_collector = {86400},
                              .gaps = 2,
                              .seen = two_places,
                              .n_seen = 2};

    expect(
        say_sure, &l,
        "Gegevens over 27 dagen en 1 uur; waargenomen: 27 dagen (99,7\xc2\xa0%). De rest is "
        "overbrugd. Onze eigen collector zag het ook, gedurende 1 dag. In die tijd zaten er 2 "
        "gaten in wat de agent waarnam.",
        "Data for 27 days and 1 hour; observed: 27 days (99.7%). The rest is bridged. Our own "
        "collector saw it, too, for 1 day. In that time there were 2 gaps in what the agent "
        "observed.");
    l.by_collector = (dur_t){0};
    l.observed = l.presence;
    l.gaps = 0;
    expect(say_sure, &l,
           "Gegevens over 27 dagen en 1 uur, geheel waargenomen. Onze eigen collector zag het "
           "ook.",
           "Data for 27 days and 1 hour, all of it observed. Our own collector saw it, too.");
    l.n_seen = 0;
    l.gaps = 1;
    expect(
        say_sure, &l,
        "Gegevens over 27 dagen en 1 uur, geheel waargenomen. Alleen door de agent gemeld; "
        "onze collector zag het niet zelf. In die tijd zat er 1 gat in wat de agent waarnam.",
        "Data for 27 days and 1 hour, all of it observed. Reported by the agent alone; our "
        "collector did not see it itself. In that time there was 1 gap in what the agent "
        "observed.");
}

Test(say_finding, nobody_but_the_agent_can_count_mailboxes)
{
    static const struct bulletin_line l = {
        .kind = FINDING_MAILBOXES, .observed = {3600}, .presence = {3600}};

    expect(say_sure, &l, "Gegevens over 1 uur, geheel waargenomen.",
           "Data for 1 hour, all of it observed.");
}

/* ---- A move ------------------------------------------------------------------------------ */

Test(say_finding, a_move_says_which_address_lives)
{
    struct bulletin_seen seen[] = {
        {.server = "old", .unit = "203.0.113.3", .first = OCT(1, 8), .last = OCT(12, 12)},
        {.server = "new",
         .unit = "203.0.113.33",
         .first = OCT(7, 6),
         .last = OCT(13, 22),
         .goes_on = true,
         .is_living = true},
    };
    struct bulletin_line l = {.kind = FINDING_EXTRA_IP, .seen = seen, .n_seen = 2};

    expect(
        say_living, &l,
        "De licentie is verhuisd: 203.0.113.33 (server new) is nu in gebruik, 203.0.113.3 "
        "(server old) niet meer sinds 12 oktober 2026 om 14:00 uur. Laat de licentie bij de "
        "leverancier binden aan 203.0.113.33, niet aan 203.0.113.3: daar is zij niet meer in "
        "gebruik.",
        "The licence has moved: 203.0.113.33 (server new) is in use now, 203.0.113.3 (server "
        "old) no longer since 12 October 2026 at 14:00. Have the licence bound at the vendor "
        "to 203.0.113.33, not to 203.0.113.3, where it is no longer in use.");
    seen[1].unit = "203.0.113.32/28";
    expect(
        say_living, &l,
        "De licentie is verhuisd: 203.0.113.32/28 (server new) is nu in gebruik, 203.0.113.3 "
        "(server old) niet meer sinds 12 oktober 2026 om 14:00 uur. Laat de licentie bij de "
        "leverancier binden aan een adres in 203.0.113.32/28, niet aan 203.0.113.3: daar is "
        "zij niet meer in gebruik.",
        "The licence has moved: 203.0.113.32/28 (server new) is in use now, 203.0.113.3 "
        "(server old) no longer since 12 October 2026 at 14:00. Have the licence bound at the "
        "vendor to an address in 203.0.113.32/28, not to 203.0.113.3, where it is no longer "
        "in use.");
    /* Where it must not be it should not be bound either. */
    seen[1].is_outside = true;
    expect(
        say_living, &l,
        "De licentie is verhuisd: 203.0.113.32/28 (server new) is nu in gebruik, 203.0.113.3 "
        "(server old) niet meer sinds 12 oktober 2026 om 14:00 uur.",
        "The licence has moved: 203.0.113.32/28 (server new) is in use now, 203.0.113.3 "
        "(server old) no longer since 12 October 2026 at 14:00.");
}

Test(say_finding, a_new_server_at_the_same_address_needs_no_new_binding)
{
    static const struct bulletin_seen seen[] = {
        {.server = "old", .unit = "203.0.113.3", .first = OCT(1, 8), .last = OCT(12, 12)},
        {.server = "new",
         .unit = "203.0.113.3",
         .first = OCT(7, 6),
         .last = OCT(13, 22),
         .goes_on = true,
         .is_living = true},
    };
    static const struct bulletin_line l = {
        .kind = FINDING_SECOND_SERVER, .seen = seen, .n_seen = 2};

    expect(
        say_living, &l,
        "De licentie staat nu op server new; op server old, op hetzelfde adres, is zij sinds "
        "12 oktober 2026 om 14:00 uur niet meer gezien. De binding aan 203.0.113.3 kan "
        "blijven.",
        "The licence is on server new now; on server old, at the same address, it was not "
        "seen any more since 12 October 2026 at 14:00. The binding to 203.0.113.3 can stay.");
}

Test(say_finding, no_place_lives_where_both_go_on_or_there_are_more)
{
    struct bulletin_seen seen[] = {
        {.server = "one", .unit = "203.0.113.3", .first = OCT(1, 8), .last = OCT(13, 22)},
        {.server = "two", .unit = "203.0.113.33", .first = OCT(7, 6), .last = OCT(13, 22)},
    };
    struct bulletin_line l = {.kind = FINDING_EXTRA_IP, .seen = seen, .n_seen = 2};

    expect(say_living, &l, "", "");
    seen[1].is_living = true;
    l.n_seen_more = 1;
    expect(say_living, &l, "", "");
}

/* ---- Groups, and the command ------------------------------------------------------------- */

Test(say_finding, a_group_names_its_cause)
{
    static const struct {
        struct bulletin_group group;
        const char *nl, *en;
    } rows[] = {
        {{.cause = CAUSE_PLACE, .what = "203.0.113.9", .n = 4},
         "4 keer op dezelfde plaats: 203.0.113.9",
         "4 at the same place: 203.0.113.9"},
        {{.cause = CAUSE_SERVER, .what = "a\nb", .n = 1234},
         "1.234 keer op dezelfde server: a b",
         "1,234 on the same server: a b"},
        {{.cause = CAUSE_KIND, .what = "", .n = 3}, "3 stuks", "3 of them"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
        struct voice en = voice_of(LANGUAGE_EN, sample_zone());
        AUTO(buf) struct buf dutch = BUF_INIT(4096), english = BUF_INIT(4096);
        say_group(&nl, &rows[i].group, &dutch);
        say_group(&en, &rows[i].group, &english);
        cr_expect_str_eq(buf_str(&dutch), rows[i].nl);
        cr_expect_str_eq(buf_str(&english), rows[i].en);
    }
}

Test(say_finding, the_command_explains_it_as_it_was_known_then)
{
    struct bulletin r = sample_bare(LANGUAGE_NL);
    static const struct bulletin_line l = {
        .kind = FINDING_EXTRA_IP, .subject = "PLSK.00000001", .period = {2026 * 12 + 8}};
    AUTO(buf) struct buf out = BUF_INIT(4096);

    cr_expect(say_can_explain(&l));
    say_explain(&r, &l, &out);
    cr_expect_str_eq(buf_str(&out), "fairusectl -c /etc/fairuse/collector.conf explain "
                                    "PLSK.00000001 --period 2026-09 --as-of "
                                    "2026-10-14T00:15:00Z");
}

/* No subject that is one has such marks; should one ever, a shell still takes it as a word. */
Test(say_finding, no_subject_is_a_command)
{
    struct bulletin r = sample_bare(LANGUAGE_NL);
    static const struct bulletin_line l = {
        .kind = FINDING_EXTRA_IP, .subject = "a'; id\n$(id)", .period = {2026 * 12 + 8}};
    AUTO(buf) struct buf out = BUF_INIT(4096);

    r.command = "fairusectl";
    say_explain(&r, &l, &out);
    cr_expect_str_eq(buf_str(&out), "fairusectl explain 'a'\\''; id $(id)' --period 2026-09 "
                                    "--as-of 2026-10-14T00:15:00Z");
}

Test(say_finding, explain_knows_licences_and_domains_alone)
{
    static const struct {
        enum finding_kind kind;
        const char *subject;
        bool wanted;
    } rows[] = {
        {FINDING_MAILBOXES, "example.nl", true},       {FINDING_SILENT, "PLSK.00000001", true},
        {FINDING_SILENT, "server-1", false},           {FINDING_UNDECLARED, "reseller", false},
        {FINDING_UNKNOWN_SERVER, "server-1", false},   {FINDING_FORKED_IDENTITY, "s", false},
        {FINDING_CROWDED_ADDRESS, "192.0.2.1", false}, {FINDING_RECURRING, "PLSK.1", true},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct bulletin_line l = {.kind = rows[i].kind, .subject = rows[i].subject};
        cr_expect_eq(say_can_explain(&l), rows[i].wanted, "%s", rows[i].subject);
    }
}
