/* What was heard of mail exchangers. */
#include "plesk/mx_cache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "os/file.h"
#include "support/leak.h"
#include "support/temp.h"

SUITE(mx_cache);

static const struct mx_suffixes suffixes = {2, {"spamexperts.com", "filter.test"}};
static const wall_t now = {1795300000};
#define HEAD "suffixes filter.test spamexperts.com\n"

static void parse(struct mx_cache *c, const char *text)
{
    cr_assert_eq(mx_cache_parse(c, text_of(text), &suffixes, now), 0);
}

Test(mx_cache, lines_are_taken_or_passed_over)
{
    /* Each beside "z.example other 1795300000", which always counts. Three days are 259200 s.
     */
    static const struct {
        const char *line, *why;
        enum mx_verdict verdict;
    } rows[] = {
        {"a.example filtered 1795300000", "heard now", MX_FILTERED},
        {"a.example other 1795040800", "three days ago", MX_OTHER},
        {"a.example other 1795040799", "a second more", MX_UNKNOWN},
        {"a.example other 1795300001", "in the future", MX_UNKNOWN},
        {"a.example unknown 1795300000", "no verdict", MX_UNKNOWN},
        {"a.example Filtered 1795300000", "capitals", MX_UNKNOWN},
        {"A.example filtered 1795300000", "not as domains are written", MX_UNKNOWN},
        {"a.example. filtered 1795300000", "a dot at the end", MX_UNKNOWN},
        {"a filtered 1795300000", "no domain", MX_UNKNOWN},
        {" a.example filtered 1795300000", "a space before", MX_UNKNOWN},
        {"a.example  filtered 1795300000", "two spaces", MX_UNKNOWN},
        {"a.example filtered 1795300000 ", "a space behind", MX_UNKNOWN},
        {"a.example filtered 1795300000\r", "a carriage return", MX_UNKNOWN},
        {"a.example filtered 01795300000", "a needless zero", MX_UNKNOWN},
        {"a.example filtered -1", "below zero", MX_UNKNOWN},
        {"a.example filtered 99999999999999999999", "too large", MX_UNKNOWN},
        {"a.example filtered", "no moment", MX_UNKNOWN},
        {"a.example", "nothing else", MX_UNKNOWN},
        {"", "an empty line", MX_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(mx_cache) struct mx_cache c = {.n = 0};
        AUTO(buf) struct buf b = BUF_INIT(1000);
        buf_printf(&b, HEAD "%s\nz.example other 1795300000", rows[i].line);
        parse(&c, buf_str(&b));
        const struct mx_heard *heard = mx_cache_find(&c, "a.example");
        cr_assert_eq(heard ? heard->verdict : MX_UNKNOWN, rows[i].verdict, "%s", rows[i].why);
        cr_assert_eq(c.n, rows[i].verdict == MX_UNKNOWN ? 1 : 2, "%s", rows[i].why);
        cr_assert(mx_cache_find(&c, "z.example"), "%s", rows[i].why);
    }
}

Test(mx_cache, verdicts_by_other_suffixes_do_not_count)
{
    static const char *const heads[] = {
        "",
        "suffixes\n",
        "suffixes filter.test\n",
        "suffixes spamexperts.com filter.test\n", /* not as they are written */
        "suffixes filter.test spamexperts.com \n",
        "suffixes filter.test spamexperts.com third.test\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        AUTO(mx_cache) struct mx_cache c = {.n = 0};
        AUTO(buf) struct buf b = BUF_INIT(1000);
        buf_printf(&b, "%sa.example filtered 1795300000\n", heads[i]);
        parse(&c, buf_str(&b));
        cr_assert_eq(c.n, 0, "%s", heads[i]);
    }
}

Test(mx_cache, of_two_answers_the_earlier_stands)
{
    AUTO(mx_cache) struct mx_cache c = {.n = 0};
    parse(&c, HEAD "b.example other 1795290001\na.example other 1795290000\n"
                   "b.example filtered 1795290000\n");
    cr_assert_eq(c.n, 2);
    const struct mx_heard *heard = mx_cache_find(&c, "b.example");
    cr_assert(heard && heard->verdict == MX_FILTERED && heard->at.s == 1795290000);
}

Test(mx_cache, what_is_saved_is_loaded_again)
{
    static const struct mx_heard heard[] = {{"b.example", MX_OTHER, {1795299000}},
                                            {"a.example", MX_FILTERED, {1795298000}}};
    AUTO(temp) struct temp t = {""};
    AUTO(mx_cache) struct mx_cache saved = {.n = 0};
    AUTO(mx_cache) struct mx_cache loaded = {.n = 0};
    AUTO(buf) struct buf file = BUF_INIT(1000);
    struct diag d = {""};
    char path[TEMP_PATH_SIZE];
    cr_assert_eq(temp_make(&t), 0);
    temp_file(&t, "mx.cache", path);
    cr_assert_eq(mx_cache_load(&saved, path, &suffixes, now, &d), 0, "there is none yet");
    for (size_t i = 0; i < ARRAY_LEN(heard); i++)
        cr_assert_eq(mx_cache_add(&saved, &heard[i]), 0);
    cr_assert_eq(mx_cache_save(&saved, path, &suffixes, &d), 0, "%s", d.text);
    cr_assert_eq(file_read(path, &file, &d), 0);
    cr_assert_str_eq(buf_str(&file), HEAD "b.example other 1795299000\n"
                                          "a.example filtered 1795298000\n");
    cr_assert_eq(mx_cache_load(&loaded, path, &suffixes, now, &d), 0);
    cr_assert_eq(loaded.n, 2);
    const struct mx_heard *a = mx_cache_find(&loaded, "a.example");
    cr_assert(a && a->verdict == MX_FILTERED && a->at.s == 1795298000);
    cr_assert_eq(mx_cache_load(&loaded, t.path, &suffixes, now, &d), -EISDIR);
}

Test(mx_cache, lines_beyond_the_cap_are_left_out)
{
    AUTO(mx_cache) struct mx_cache c = {.n = 0};
    AUTO(buf) struct buf b = BUF_INIT((size_t)1 << 24);
    buf_add_str(&b, HEAD);
    for (int i = 0; i <= MX_CACHE_LINES_MAX; i++)
        buf_printf(&b, "d%d.example other 1795299000\n", i);
    parse(&c, buf_str(&b));
    cr_assert_eq(c.n, MX_CACHE_LINES_MAX);
    cr_assert(mx_cache_find(&c, "d99999.example"));
    cr_assert_not(mx_cache_find(&c, "d100000.example"));
}
