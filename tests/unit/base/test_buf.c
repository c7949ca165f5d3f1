/* Claims about the bounded buffer. */
#include "support/leak.h"
#include "support/seed.h"

#include "base/buf.h"

#include <errno.h>
#include <string.h>

SUITE(buf);

Test(buf, an_empty_one_reads_as_empty_text)
{
    AUTO(buf) struct buf b = BUF_INIT(10);
    cr_assert_str_eq(buf_str(&b), "");
    cr_assert_eq(buf_error(&b), 0);
}

Test(buf, additions_follow_each_other)
{
    AUTO(buf) struct buf b = BUF_INIT(100);
    buf_add(&b, "a\0b", 3);
    buf_add(&b, NULL, 0);
    buf_add_char(&b, '|');
    buf_add_str(&b, "text");
    buf_add_int(&b, INT64_MIN);
    buf_add_hex(&b, (const uint8_t[]){0x00, 0x9f, 0xff}, 3);
    buf_printf(&b, "[%d %s]", 42, "x");
    static const char want[] = "a\0b|text-9223372036854775808009fff[42 x]";
    cr_assert_eq(buf_error(&b), 0);
    cr_assert_eq(b.len, sizeof want - 1);
    cr_assert_arr_eq(buf_str(&b), want, sizeof want);
}

Test(buf, the_cap_itself_fits_and_one_more_does_not)
{
    AUTO(buf) struct buf b = BUF_INIT(4);
    buf_add(&b, "1234", 4);
    cr_assert_eq(buf_error(&b), 0);
    cr_assert_str_eq(buf_str(&b), "1234");
    buf_add_char(&b, '5');
    cr_assert_eq(buf_error(&b), -ERANGE);
    cr_assert_str_eq(buf_str(&b), "1234", "what was there stays");
}

Test(buf, an_error_sticks_until_reset)
{
    AUTO(buf) struct buf b = BUF_INIT(4);
    buf_add_str(&b, "12345");
    buf_add_str(&b, "1");
    buf_printf(&b, "%d", 1);
    buf_add_hex(&b, (const uint8_t[]){1}, 1);
    cr_assert_eq(buf_error(&b), -ERANGE);
    cr_assert_str_eq(buf_str(&b), "", "after a failure nothing is added");
    buf_reset(&b);
    buf_add_str(&b, "1");
    cr_assert_eq(buf_error(&b), 0);
    cr_assert_str_eq(buf_str(&b), "1");
}

Test(buf, printf_is_never_cut)
{
    static char filler[5000];
    memset(filler, 'x', sizeof filler - 1);
    for (size_t n = 0; n < 300; n++) {
        AUTO(buf) struct buf b = BUF_INIT(10000);
        for (size_t i = 0; i < n; i++)
            buf_add_char(&b, '.');
        buf_printf(&b, "<%s>", filler);
        cr_assert_eq(buf_error(&b), 0);
        cr_assert_eq(b.len, n + sizeof filler + 1);
        cr_assert_eq(strlen(buf_str(&b)), b.len);
        cr_assert_eq(b.data[b.len - 1], '>');
    }
}

Test(buf, printf_keeps_the_cap)
{
    /* The first allocation is larger than this cap, but the cap is what counts. */
    AUTO(buf) struct buf b = BUF_INIT(5);
    buf_printf(&b, "%s", "12345");
    cr_assert_eq(buf_error(&b), 0);
    buf_reset(&b);
    buf_printf(&b, "%s", "123456");
    cr_assert_eq(buf_error(&b), -ERANGE);
    cr_assert_str_eq(buf_str(&b), "", "no half of it stays behind");
}

Test(buf, a_length_beyond_all_memory_is_refused)
{
    AUTO(buf) struct buf b = BUF_INIT(SIZE_MAX);
    buf_add_char(&b, 'x');
    buf_add(&b, "x", SIZE_MAX - 1);
    cr_assert_eq(buf_error(&b), -ERANGE);
    buf_reset(&b);
    buf_add_hex(&b, (const uint8_t *)"x", SIZE_MAX / 2 + 1);
    cr_assert_eq(buf_error(&b), -ERANGE);
}

Test(buf, taking_moves_the_text_out)
{
    AUTO(buf) struct buf b = BUF_INIT(100);
    AUTO_FREE char *nothing = buf_take(&b);
    cr_assert_str_eq(nothing, "");
    buf_add_str(&b, "first");
    AUTO_FREE char *first = buf_take(&b);
    cr_assert_str_eq(first, "first");
    cr_assert_str_eq(buf_str(&b), "");
    buf_add_str(&b, "second");
    cr_assert_str_eq(buf_str(&b), "second");
    cr_assert_str_eq(first, "first");
}

Test(buf, a_failed_one_hands_nothing_over)
{
    AUTO(buf) struct buf b = BUF_INIT(3);
    buf_add_str(&b, "abc");
    buf_add_str(&b, "d");
    cr_assert_null(buf_take(&b), "a text that lacks its end is no text");
    buf_add_str(&b, "abc");
    cr_assert_eq(buf_error(&b), 0, "it is empty again, and usable");
}

Test(buf, behaves_as_a_plain_array_with_a_cap)
{
    enum { CAP = 700 };
    struct rng rng = {seed_now()};
    for (int round = 0; round < 200; round++) {
        AUTO(buf) struct buf b = BUF_INIT(CAP);
        char want[CAP + 1] = "";
        size_t n = 0;
        bool failed = false;
        for (int i = 0; i < 40; i++) {
            char piece[64];
            size_t length = rng_below(&rng, sizeof piece);
            memset(piece, (int)('a' + rng_below(&rng, 26)), length);
            piece[length] = '\0';
            if (rng_below(&rng, 2))
                buf_add(&b, piece, length);
            else
                buf_printf(&b, "%s", piece);
            failed = failed || n + length > CAP;
            if (!failed) {
                memcpy(want + n, piece, length + 1);
                n += length;
            }
        }
        cr_assert_eq(buf_error(&b), failed ? -ERANGE : 0);
        cr_assert_str_eq(buf_str(&b), want);
    }
}
