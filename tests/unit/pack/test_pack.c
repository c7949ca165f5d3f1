/* Texts made small and whole again; what is not whole, or lies about its length, is refused. */
#include "pack/pack.h"
#include "support/leak.h"

#include <errno.h>
#include <string.h>

SUITE(pack);

static void expect_round(struct text t)
{
    AUTO(buf) struct buf packed = BUF_INIT(1 << 22);
    AUTO(buf) struct buf plain = BUF_INIT(1 << 22);

    cr_assert_eq(pack(t, &packed), 0);
    cr_assert_eq(unpack((struct text){packed.data, packed.len}, &plain), 0);
    cr_assert_eq(plain.len, t.n);
    cr_assert_eq(memcmp(buf_str(&plain), t.p, t.n), 0);
}

Test(pack, what_was_packed_comes_back)
{
    static char large[1 << 20];

    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (char)(i * i >> 7);
    expect_round(text_of(""));
    expect_round(text_of("x"));
    expect_round((struct text){"a\0b", 3});
    expect_round((struct text){large, sizeof(large)});
}

Test(pack, it_is_added_behind_what_is_there)
{
    AUTO(buf) struct buf packed = BUF_INIT(1000);
    AUTO(buf) struct buf plain = BUF_INIT(1000);

    buf_add_str(&plain, "before ");
    cr_assert_eq(pack(text_of("behind"), &packed), 0);
    cr_assert_eq(unpack((struct text){packed.data, packed.len}, &plain), 0);
    cr_assert_str_eq(buf_str(&plain), "before behind");
}

Test(pack, what_is_cut_or_changed_is_refused_and_nothing_is_added)
{
    AUTO(buf) struct buf packed = BUF_INIT(1000);

    cr_assert_eq(pack(text_of("some words, some words, some words"), &packed), 0);
    for (size_t n = 0; n < packed.len; n++) {
        AUTO(buf) struct buf plain = BUF_INIT(1000);
        cr_expect_eq(unpack((struct text){packed.data, n}, &plain), -EBADMSG, "cut at %zu", n);
        cr_expect_eq(plain.len, 0);
    }
    for (size_t i = 0; i < packed.len * 8; i++) {
        AUTO(buf) struct buf plain = BUF_INIT(1000);
        packed.data[i / 8] = (char)(packed.data[i / 8] ^ 1 << i % 8);
        int r = unpack((struct text){packed.data, packed.len}, &plain);
        packed.data[i / 8] = (char)(packed.data[i / 8] ^ 1 << i % 8);
        /* zlib's own head has a spare bit or two that change nothing. */
        cr_expect(r < 0 ? plain.len == 0
                        : strcmp(buf_str(&plain), "some words, some words, some words") == 0,
                  "bit %zu", i);
    }
    buf_add_char(&packed, 'x');
    AUTO(buf) struct buf plain = BUF_INIT(1000);
    cr_expect_eq(unpack((struct text){packed.data, packed.len}, &plain), -EBADMSG,
                 "a byte more");
}

/* A stream with another length before it. */
static int unpack_as(const struct buf *packed, uint64_t length, struct buf *out)
{
    AUTO(buf) struct buf lie = BUF_INIT(1 << 20);

    for (int i = 0; i < 8; i++)
        buf_add_char(&lie, (char)(length >> (56 - 8 * i)));
    buf_add(&lie, packed->data + 8, packed->len - 8);
    cr_assert_eq(buf_error(&lie), 0);
    return unpack((struct text){lie.data, lie.len}, out);
}

Test(pack, a_length_that_lies_is_found_out_and_asks_for_no_memory)
{
    static char zeros[1 << 20];
    static const struct {
        uint64_t length;
        int want;
        const char *why;
    } rows[] = {
        {1 << 20, 0, "the truth"},
        {0, -EBADMSG, "nothing, of a million"},
        {10, -EBADMSG, "a bomb"},
        {(1 << 20) - 1, -EBADMSG, "one less"},
        {(1 << 20) + 1, -EBADMSG, "one more"},
        {UINT64_C(1) << 40, -EBADMSG, "no stream of this size makes so much"},
        {UINT64_C(1) << 63, -EBADMSG, "nor that"},
        {UINT64_MAX, -EBADMSG, "one more than this is nothing"},
    };
    AUTO(buf) struct buf packed = BUF_INIT(1 << 20);

    cr_assert_eq(pack((struct text){zeros, sizeof(zeros)}, &packed), 0);
    cr_assert_lt(packed.len, 2000, "a million zeros in %zu bytes", packed.len);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf out = BUF_INIT(SIZE_MAX);
        buf_add_str(&out, "before");
        cr_expect_eq(unpack_as(&packed, rows[i].length, &out), rows[i].want, "%s", rows[i].why);
        cr_expect_eq(out.len, rows[i].want == 0 ? 6 + sizeof(zeros) : 6, "%s", rows[i].why);
        cr_expect_eq(buf_error(&out), 0, "%s", rows[i].why);
    }
}

Test(pack, more_than_there_is_room_for_is_refused_and_nothing_is_added)
{
    static char zeros[5000];
    AUTO(buf) struct buf packed = BUF_INIT(1 << 20);
    AUTO(buf) struct buf out = BUF_INIT(5005);
    AUTO(buf) struct buf small = BUF_INIT(20);

    cr_assert_eq(pack((struct text){zeros, sizeof(zeros)}, &packed), 0);
    buf_add_str(&out, "before"); /* 4999 are left */
    cr_expect_eq(unpack((struct text){packed.data, packed.len}, &out), -ERANGE);
    cr_expect_str_eq(buf_str(&out), "before");
    buf_reset(&out);
    buf_add_str(&out, "begun");
    cr_expect_eq(unpack((struct text){packed.data, packed.len}, &out), 0, "5000 are");
    buf_add_str(&small, "before");
    cr_expect_eq(pack((struct text){zeros, sizeof(zeros)}, &small), -ERANGE);
    cr_expect_str_eq(buf_str(&small), "before");
}

Test(pack, equal_texts_are_equal_bytes)
{
    AUTO(buf) struct buf a = BUF_INIT(1000);
    AUTO(buf) struct buf b = BUF_INIT(1000);

    cr_assert_eq(pack(text_of("one two one two one two"), &a), 0);
    cr_assert_eq(pack(text_of("one two one two one two"), &b), 0);
    cr_assert_eq(a.len, b.len);
    cr_assert_eq(memcmp(a.data, b.data, a.len), 0);
}
