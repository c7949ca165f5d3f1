/* Words for values: kinds, states, changes, clauses. */
#include "bulletin/sentences.h"

static const struct kind_words {
    enum word kind;
    enum word clause; /* WORD_COUNT = none */
} kinds[FINDING_KIND_COUNT] = {
    [FINDING_EXTRA_IP] = {WORD_KIND_EXTRA_IP, WORD_CLAUSE_LICENSES_2},
    [FINDING_MAILBOXES] = {WORD_KIND_MAILBOXES, WORD_CLAUSE_SPAMEXPERTS_1},
    [FINDING_OUTSIDE] = {WORD_KIND_OUTSIDE, WORD_CLAUSE_LICENSES_4},
    [FINDING_MANY_ADDRESSES] = {WORD_KIND_MANY_ADDRESSES, WORD_CLAUSE_LICENSES_2},
    [FINDING_SECOND_SERVER] = {WORD_KIND_SECOND_SERVER, WORD_CLAUSE_LICENSES_2},
    [FINDING_ROAMING] = {WORD_KIND_ROAMING, WORD_CLAUSE_LICENSES_2},
    [FINDING_SPLIT_DOMAIN] = {WORD_KIND_SPLIT_DOMAIN, WORD_CLAUSE_SPAMEXPERTS_1},
    [FINDING_UNDECLARED] = {WORD_KIND_UNDECLARED, WORD_CLAUSE_LICENSES_4},
    [FINDING_UNKNOWN_LICENSE] = {WORD_KIND_UNKNOWN_LICENSE, WORD_COUNT},
    [FINDING_EXPIRED_IN_USE] = {WORD_KIND_EXPIRED_IN_USE, WORD_COUNT},
    [FINDING_FOREIGN_SERVER] = {WORD_KIND_FOREIGN_SERVER, WORD_COUNT},
    [FINDING_UNKNOWN_SERVER] = {WORD_KIND_UNKNOWN_SERVER, WORD_COUNT},
    [FINDING_FORKED_IDENTITY] = {WORD_KIND_FORKED_IDENTITY, WORD_COUNT},
    [FINDING_ELSEWHERE] = {WORD_KIND_ELSEWHERE, WORD_COUNT},
    [FINDING_SILENT] = {WORD_KIND_SILENT, WORD_COUNT},
    [FINDING_NEVER_SEEN] = {WORD_KIND_NEVER_SEEN, WORD_COUNT},
    [FINDING_NEVER_COUNTED] = {WORD_KIND_NEVER_COUNTED, WORD_COUNT},
    [FINDING_CROWDED_ADDRESS] = {WORD_KIND_CROWDED_ADDRESS, WORD_COUNT},
    [FINDING_RECURRING] = {WORD_KIND_RECURRING, WORD_CLAUSE_LICENSES_2},
};

const char *say_kind(const struct voice *v, enum finding_kind k)
{
    return voice_word(v, kinds[k].kind);
}

const char *say_clause(const struct voice *v, enum finding_kind k)
{
    return kinds[k].clause == WORD_COUNT ? "" : voice_word(v, kinds[k].clause);
}

const char *say_state(const struct voice *v, enum finding_state s)
{
    static const enum word words[] = {
        [STATE_CLEAR] = WORD_STATE_CLEAR,
        [STATE_NOTICE] = WORD_STATE_NOTICE,
        [STATE_POTENTIAL] = WORD_STATE_POTENTIAL,
        [STATE_CONFIRMED] = WORD_STATE_CONFIRMED,
    };
    return voice_word(v, words[s]);
}

const char *say_change(const struct voice *v, enum bulletin_change c)
{
    static const enum word words[BULLETIN_CHANGE_COUNT] = {
        [CHANGE_NEW] = WORD_CHANGE_NEW,           [CHANGE_WORSE] = WORD_CHANGE_WORSE,
        [CHANGE_LESS] = WORD_CHANGE_LESS,         [CHANGE_ENDED] = WORD_CHANGE_ENDED,
        [CHANGE_AGAIN] = WORD_CHANGE_AGAIN,       [CHANGE_SOON] = WORD_CHANGE_SOON,
        [CHANGE_RESOLVED] = WORD_CHANGE_RESOLVED,
    };
    return c == CHANGE_NONE ? "" : voice_word(v, words[c]);
}
