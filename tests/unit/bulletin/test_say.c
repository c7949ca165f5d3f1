/* Words for values: every kind, state and change has one, and the clause is the policy's. */
#include "bulletin/sentences.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(say);

static const enum language languages[] = {LANGUAGE_NL, LANGUAGE_EN};

Test(say, no_two_kinds_are_called_the_same)
{
    for (size_t k = 0; k < ARRAY_LEN(languages); k++) {
        struct voice v = voice_of(languages[k], sample_zone());
        for (int i = 0; i < FINDING_KIND_COUNT; i++)
            for (int j = 0; j < i; j++)
                cr_expect_str_neq(say_kind(&v, (enum finding_kind)i),
                                  say_kind(&v, (enum finding_kind)j));
    }
}

Test(say, states_and_changes_have_words)
{
    struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
    struct voice en = voice_of(LANGUAGE_EN, sample_zone());

    cr_expect_str_eq(say_state(&nl, STATE_CONFIRMED), "bevestigd");
    cr_expect_str_eq(say_state(&en, STATE_CONFIRMED), "confirmed");
    cr_expect_str_eq(say_state(&nl, STATE_POTENTIAL), "mogelijk");
    cr_expect_str_eq(say_state(&en, STATE_POTENTIAL), "potential");
    cr_expect_str_eq(say_state(&nl, STATE_CLEAR), "niet meer gevonden");
    cr_expect_str_eq(say_change(&nl, CHANGE_NONE), "");
    for (int i = CHANGE_NEW; i < BULLETIN_CHANGE_COUNT; i++)
        cr_expect_str_neq(say_change(&nl, (enum bulletin_change)i),
                          say_change(&en, (enum bulletin_change)i));
}

/* The Fair Use Policy: "Licentiebeheer" 2 "Eén server per licentie" and 4 "Bundelen",
 * "SpamExperts" 1 "Mailboxen". The contract gives no clause to what is about the data alone. */
static const struct {
    enum finding_kind kind;
    const char *nl, *en;
} clauses[] = {
    {FINDING_EXTRA_IP, "Fair Use Policy, licentiebeheer 2 (één server per licentie)",
     "Fair Use Policy, licence management 2 (one server per licence)"},
    {FINDING_OUTSIDE,
     "Fair Use Policy, licentiebeheer 4 (bundelen: alleen in eigen infrastructuur)",
     "Fair Use Policy, licence management 4 (bundling: own infrastructure only)"},
    {FINDING_MAILBOXES, "Fair Use Policy, SpamExperts 1 (mailboxen)",
     "Fair Use Policy, SpamExperts 1 (mailboxes)"},
    {FINDING_SILENT, "", ""},
};

Test(say, the_clause_is_named_in_the_readers_language)
{
    struct voice nl = voice_of(LANGUAGE_NL, sample_zone());
    struct voice en = voice_of(LANGUAGE_EN, sample_zone());

    for (size_t i = 0; i < ARRAY_LEN(clauses); i++) {
        cr_expect_str_eq(say_clause(&nl, clauses[i].kind), clauses[i].nl);
        cr_expect_str_eq(say_clause(&en, clauses[i].kind), clauses[i].en);
    }
}

/* Whatever has a clause in the audit has one here, and nothing else. */
Test(say, what_rests_on_a_clause_says_so)
{
    struct voice v = voice_of(LANGUAGE_EN, sample_zone());

    for (int i = 0; i < FINDING_KIND_COUNT; i++) {
        enum finding_kind kind = (enum finding_kind)i;
        const char *clause = finding_clause(kind);
        cr_expect_eq(say_clause(&v, kind)[0] == '\0', !clause || clause[0] == '\0', "%s",
                     finding_kind_name(kind));
    }
}
