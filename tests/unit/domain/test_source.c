/* Claims about the names of sources and gaps. */
#include "support/leak.h"

#include "domain/source.h"

#include <errno.h>

SUITE(source);

/* The contract's words with the numbers that stores hold. */
static const struct {
    const char *name;
    int number;
} sources[] = {{"peer", 0}, {"keyserver", 1}, {"nat", 2}, {"panel", 3}, {"interface", 4}},
  gaps[] = {{"capture", 0}, {"conntrack", 1}, {"spool", 2}, {"mailboxes", 3}};

Test(source, every_source_has_its_word_and_number)
{
    cr_assert_eq(ARRAY_LEN(sources), SOURCE_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        enum source s = SOURCE_PEER;
        cr_expect_eq(source_parse(text_of(sources[i].name), &s), 0);
        cr_expect_eq((int)s, sources[i].number, "%s", sources[i].name);
        cr_expect_str_eq(source_name(s), sources[i].name);
    }
}

Test(source, every_gap_has_its_word_and_number)
{
    cr_assert_eq(ARRAY_LEN(gaps), GAP_KIND_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(gaps); i++) {
        enum gap_kind k = GAP_CAPTURE;
        cr_expect_eq(gap_kind_parse(text_of(gaps[i].name), &k), 0);
        cr_expect_eq((int)k, gaps[i].number, "%s", gaps[i].name);
        cr_expect_str_eq(gap_kind_name(k), gaps[i].name);
    }
}

Test(source, other_words_are_refused)
{
    static const char *const bad[] = {"", "Peer", "peer ", "pee", "peers", "nat\n", "unknown"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        enum source s = SOURCE_NAT;
        enum gap_kind k = GAP_SPOOL;
        cr_expect_eq(source_parse(text_of(bad[i]), &s), -EBADMSG, "%s", bad[i]);
        cr_expect_eq(gap_kind_parse(text_of(bad[i]), &k), -EBADMSG, "%s", bad[i]);
        cr_expect(s == SOURCE_NAT && k == GAP_SPOOL);
    }
    enum source s;
    enum gap_kind k;
    cr_expect_eq(source_parse(text_of("capture"), &s), -EBADMSG);
    cr_expect_eq(gap_kind_parse(text_of("peer"), &k), -EBADMSG);
}
