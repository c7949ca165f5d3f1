/* DNS answers, made by hand (RFC 1035 4): who is filtered, and what says nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "plesk/mx.h"
#include "support/leak.h"

SUITE(mx_judge);

static const struct mx_suffixes suffixes = {2, {"spamexperts.com", "filter.test"}};

/* The head of an answer with one question, whose flags and records are to follow. */
#define HEAD(flags, records) "\1\2" flags "\0\1" records "\0\0\0\0"
#define OK "\x81\x80"
/* a.nl, MX, IN: at 12, so that \xc0\x0c points at it. */
#define ASKED "\1a\2nl\0\0\xf\0\1"
#define A_NL "\xc0\xc"
/* type, class IN, a minute, the length of what follows. */
#define MX(length) "\0\xf\0\1\0\0\0\x3c\0" length
#define CNAME(length) "\0\5\0\1\0\0\0\x3c\0" length
#define AT_10 "\0\xa"
#define MX_SE "\2mx\13spamexperts\3com\0" /* 20 bytes; with the preference 22 = \x16 */
#define C_NL "\1c\2nl\0"
#define NO_SUFFIX "\1m\5other\2nl\0" /* 12 bytes; with the preference 14 = \xe */

#define BYTES(s) (s), sizeof(s) - 1

struct row {
    const char *bytes;
    size_t n;
    int result;
    enum mx_verdict verdict;
    const char *why;
};

static void judge_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum mx_verdict verdict = MX_UNKNOWN;
        /* A copy of that length, so that a byte behind it is found out. */
        uint8_t *bytes = malloc(rows[i].n ? rows[i].n : 1);
        cr_assert(bytes);
        memcpy(bytes, rows[i].bytes, rows[i].n);
        int r = mx_judge(bytes, rows[i].n, "a.nl", &suffixes, &verdict);
        free(bytes);
        cr_assert_eq(r, rows[i].result, "%s: %d", rows[i].why, r);
        cr_assert_eq(verdict, rows[i].verdict, "%s", rows[i].why);
    }
}

Test(mx_judge, an_exchanger_below_a_suffix_filters)
{
    static const struct row rows[] = {
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x16") AT_10 MX_SE), 0, MX_FILTERED, "below it"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x13") AT_10 "\13spamexperts\3com\0"), 0,
         MX_FILTERED, "itself"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\1A\2NL\0" MX("\x16") AT_10 "\2mX\13SpamExperts\3COM\0"),
         0, MX_FILTERED, "capitals, and a name without a pointer"},
        {BYTES(HEAD(OK, "\0\2") ASKED A_NL MX("\xe") AT_10 NO_SUFFIX A_NL MX("\x16")
                   AT_10 MX_SE),
         0, MX_FILTERED, "one of two"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x14") AT_10 "\14xspamexperts\3com\0"), 0,
         MX_OTHER, "not at a label's border"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x15") AT_10 "\15x.spamexperts\3com\0"), 0,
         MX_OTHER, "a dot within a label is no border"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x15") AT_10 "\1\xff\13spamexperts\3com\0"), 0,
         MX_FILTERED, "any byte before the border"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\7") AT_10 "\3com\0"), 0, MX_OTHER,
         "the end of a suffix"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\xe") AT_10 NO_SUFFIX), 0, MX_OTHER,
         "elsewhere"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\3") "\0\0\0"), 0, MX_OTHER,
         "nowhere (RFC 7505)"},
        {BYTES(HEAD(OK, "\0\0") ASKED), 0, MX_OTHER, "none"},
        {BYTES(HEAD("\x81\x83", "\0\0") ASKED), 0, MX_OTHER, "no such name"},
        {BYTES(HEAD(OK, "\0\0") ASKED "what follows"), 0, MX_OTHER, "other sections"},
    };
    judge_rows(rows, ARRAY_LEN(rows));
}

Test(mx_judge, only_the_name_and_what_it_leads_to_counts)
{
    static const struct row rows[] = {
        {BYTES(HEAD(OK, "\0\2") ASKED A_NL CNAME("\6") C_NL C_NL MX("\x16") AT_10 MX_SE), 0,
         MX_FILTERED, "its other name's"},
        {BYTES(HEAD(OK, "\0\2") ASKED C_NL MX("\x16") AT_10 MX_SE A_NL CNAME("\6") C_NL), 0,
         MX_FILTERED, "in the other order"},
        {BYTES(HEAD(OK, "\0\1") ASKED C_NL MX("\x16") AT_10 MX_SE), 0, MX_OTHER,
         "a stranger's"},
        {BYTES(HEAD(OK, "\0\2") ASKED "\1d\2nl\0" CNAME("\6") C_NL C_NL MX("\x16") AT_10 MX_SE),
         0, MX_OTHER, "a stranger's other name's"},
        {BYTES(HEAD(OK, "\0\2") ASKED A_NL CNAME("\6") C_NL C_NL CNAME("\2") A_NL), 0, MX_OTHER,
         "round and round"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL "\0\xf\0\3\0\0\0\x3c\0\x16" AT_10 MX_SE), 0,
         MX_OTHER, "another class"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL "\0\x10\0\1\0\0\0\x3c\0\x16" AT_10 MX_SE), 0,
         MX_OTHER, "another type"},
        {BYTES(HEAD("\x81\x83", "\0\1") ASKED A_NL MX("\x16") AT_10 MX_SE), 0, MX_OTHER,
         "no such name has none"},
    };
    judge_rows(rows, ARRAY_LEN(rows));
}

/* A chain of 16 names is followed, one of 17 is not. */
Test(mx_judge, long_chains_end)
{
    for (int links = 15; links <= 16; links++) {
        AUTO(buf) struct buf b = BUF_INIT(10000);
        enum mx_verdict verdict = MX_UNKNOWN;
        buf_add(&b, BYTES("\1\2" OK "\0\1\0"));
        buf_add_char(&b, (char)(links + 1));
        buf_add(&b, BYTES("\0\0\0\0" ASKED A_NL CNAME("\6") "\1A\2xx\0"));
        for (int i = 1; i < links; i++) {
            const char owner[] = {1, (char)('A' + i - 1), 2, 'x', 'x', 0};
            const char target[] = {1, (char)('A' + i), 2, 'x', 'x', 0};
            buf_add(&b, owner, sizeof owner);
            buf_add(&b, BYTES(CNAME("\6")));
            buf_add(&b, target, sizeof target);
        }
        const char last[] = {1, (char)('A' + links - 1), 2, 'x', 'x', 0};
        buf_add(&b, last, sizeof last);
        buf_add(&b, BYTES(MX("\x16") AT_10 MX_SE));
        cr_assert_eq(mx_judge((const uint8_t *)b.data, b.len, "a.nl", &suffixes, &verdict), 0);
        cr_assert_eq(verdict, links == 15 ? MX_FILTERED : MX_OTHER, "%d", links);
    }
}

Test(mx_judge, a_resolver_in_trouble_says_nothing)
{
    static const struct row rows[] = {
        {BYTES(HEAD("\x81\x81", "\0\0") ASKED), -EAGAIN, MX_UNKNOWN, "FORMERR"},
        {BYTES(HEAD("\x81\x82", "\0\0") ASKED), -EAGAIN, MX_UNKNOWN, "SERVFAIL"},
        {BYTES(HEAD("\x81\x84", "\0\0") ASKED), -EAGAIN, MX_UNKNOWN, "NOTIMP"},
        {BYTES(HEAD("\x81\x85", "\0\0") ASKED), -EAGAIN, MX_UNKNOWN, "REFUSED"},
        {BYTES(HEAD("\x81\x8f", "\0\0") ASKED), -EAGAIN, MX_UNKNOWN, "a code of the future"},
        {BYTES(HEAD("\x83\x80", "\0\1") ASKED A_NL MX("\x16") AT_10 MX_SE), -EAGAIN, MX_UNKNOWN,
         "cut off"},
    };
    judge_rows(rows, ARRAY_LEN(rows));
}

Test(mx_judge, what_is_no_answer_to_this_is_refused)
{
    static const struct row rows[] = {
        {BYTES(""), -EBADMSG, MX_UNKNOWN, "nothing"},
        {BYTES("\1\2" OK "\0\1\0\0\0\0\0"), -EBADMSG, MX_UNKNOWN, "a byte less than a head"},
        {BYTES(HEAD(OK, "\0\0")), -EBADMSG, MX_UNKNOWN, "a head alone"},
        {BYTES(HEAD("\1\x80", "\0\0") ASKED), -EBADMSG, MX_UNKNOWN, "a question"},
        {BYTES(HEAD("\xa9\x80", "\0\0") ASKED), -EBADMSG, MX_UNKNOWN, "an update's answer"},
        {BYTES("\1\2" OK "\0\0\0\0\0\0\0\0" ASKED), -EBADMSG, MX_UNKNOWN, "no question"},
        {BYTES("\1\2" OK "\0\2\0\0\0\0\0\0" ASKED ASKED), -EBADMSG, MX_UNKNOWN,
         "two questions"},
        {BYTES(HEAD(OK, "\0\0") "\1b\2nl\0\0\xf\0\1"), -EBADMSG, MX_UNKNOWN, "another name"},
        {BYTES(HEAD(OK, "\0\0") "\1a\2nl\0\0\1\0\1"), -EBADMSG, MX_UNKNOWN, "another type"},
        {BYTES(HEAD(OK, "\0\0") "\1a\2nl\0\0\xf\0\3"), -EBADMSG, MX_UNKNOWN, "another class"},
        {BYTES(HEAD(OK, "\0\0") "\1a\2nl\0\0\xf\0"), -EBADMSG, MX_UNKNOWN,
         "cut in the question"},
        {BYTES(HEAD(OK, "\0\0") "\4a.nl\0\0\xf\0\1"), -EBADMSG, MX_UNKNOWN, "a dot in a label"},
    };
    judge_rows(rows, ARRAY_LEN(rows));
}

Test(mx_judge, broken_records_are_refused)
{
    static const struct row rows[] = {
        {BYTES(HEAD(OK, "\0\2") ASKED A_NL MX("\x16") AT_10 MX_SE), -EBADMSG, MX_UNKNOWN,
         "one too few"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x17") AT_10 MX_SE), -EBADMSG, MX_UNKNOWN,
         "longer than there is"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x15") AT_10 MX_SE), -EBADMSG, MX_UNKNOWN,
         "a name longer than its record"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\x17") AT_10 MX_SE "x"), -EBADMSG, MX_UNKNOWN,
         "something behind the name"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\1") "\0"), -EBADMSG, MX_UNKNOWN,
         "no whole preference"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL MX("\2") AT_10), -EBADMSG, MX_UNKNOWN, "no name"},
        {BYTES(HEAD(OK, "\0\1") ASKED A_NL "\0\xf\0\1\0\0\0\x3c\0"), -EBADMSG, MX_UNKNOWN,
         "cut in a record's head"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\xc0\x16" MX("\3") "\0\0\0"), -EBADMSG, MX_UNKNOWN,
         "a pointer to itself"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\xc0\x18" MX("\3") "\0\0\0"), -EBADMSG, MX_UNKNOWN,
         "a pointer forwards"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\xff\xff" MX("\3") "\0\0\0"), -EBADMSG, MX_UNKNOWN,
         "a pointer beyond the end"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\1x\xc0\x16" MX("\3") "\0\0\0"), -EBADMSG, MX_UNKNOWN,
         "a name that goes on with itself"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\xc0"), -EBADMSG, MX_UNKNOWN, "half a pointer"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\x40x"), -EBADMSG, MX_UNKNOWN, "a label of 64"},
        {BYTES(HEAD(OK, "\0\1") ASKED "\x3fx"), -EBADMSG, MX_UNKNOWN, "a label beyond the end"},
    };
    judge_rows(rows, ARRAY_LEN(rows));
}

/* RFC 1035 2.3.4: 255 bytes with the lengths and the root, which are 253 as text. */
Test(mx_judge, names_longer_than_a_name_can_be_are_refused)
{
    for (size_t last = 61; last <= 62; last++) { /* 3 * 64 + 1 + last + 1 = 255, 256 */
        AUTO(buf) struct buf b = BUF_INIT(10000);
        enum mx_verdict verdict = MX_UNKNOWN;
        buf_add(&b, BYTES(HEAD(OK, "\0\1") ASKED));
        for (size_t label = 0; label < 4; label++) {
            size_t n = label < 3 ? 63 : last;
            buf_add_char(&b, (char)n);
            for (size_t i = 0; i < n; i++)
                buf_add_char(&b, 'x');
        }
        buf_add(&b, BYTES("\0" MX("\3") "\0\0\0"));
        int r = mx_judge((const uint8_t *)b.data, b.len, "a.nl", &suffixes, &verdict);
        cr_assert_eq(r, last == 61 ? 0 : -EBADMSG, "%zu", last);
    }
}

Test(mx_judge, without_suffixes_nobody_is_filtered)
{
    static const struct mx_suffixes none;
    static const char answer[] = HEAD(OK, "\0\1") ASKED A_NL MX("\x16") AT_10 MX_SE;
    enum mx_verdict verdict = MX_UNKNOWN;
    cr_assert_eq(mx_judge((const uint8_t *)answer, sizeof answer - 1, "a.nl", &none, &verdict),
                 0);
    cr_assert_eq(verdict, MX_OTHER);
}
