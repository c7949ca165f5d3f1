/* The text of a token. */
#include "enrol/token.h"
#include "support/leak.h"
#include <errno.h>
#include <string.h>

SUITE(token);

#define ID "0123456789abcdef"
#define SECRET "00112233445566778899aabbccddeeff"
#define PRINT "ff00000000000000000000000000000000000000000000000000000000000001"
#define GOOD "fairuse1." ID "." SECRET "." PRINT

Test(token, a_text_is_read_into_its_three_parts)
{
    static const uint8_t id[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    struct token t;

    cr_assert_eq(token_parse(text_of(GOOD), &t), 0);
    cr_assert_eq(memcmp(t.id, id, sizeof(id)), 0);
    for (size_t i = 0; i < TOKEN_SECRET_BYTES; i++)
        cr_expect_eq(t.secret[i], 0x11 * i, "byte %zu", i);
    cr_assert_eq(t.authority.bytes[0], 0xff);
    cr_assert_eq(t.authority.bytes[DIGEST_BYTES - 1], 0x01);
}

Test(token, what_is_written_is_what_was_read)
{
    struct token t;
    char out[TOKEN_TEXT_SIZE];

    cr_assert_eq(token_parse(text_of(GOOD), &t), 0);
    cr_assert_str_eq(token_format(&t, out), GOOD);
    /* 9 + 16 + 1 + 32 + 1 + 64 */
    cr_assert_eq(strlen(out), 123);
}

Test(token, white_space_around_it_and_capitals_do_no_harm)
{
    static const char *const texts[] = {
        GOOD "\n",
        "  " GOOD,
        "\r\n\t" GOOD " \r\n",
        "fairuse1.0123456789ABCDEF." SECRET "." PRINT,
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct token t;
        char out[TOKEN_TEXT_SIZE];
        cr_assert_eq(token_parse(text_of(texts[i]), &t), 0, "%s", texts[i]);
        cr_expect_str_eq(token_format(&t, out), GOOD, "%s", texts[i]);
    }
}

Test(token, what_is_no_token_is_refused_and_leaves_the_result_alone)
{
    static const struct {
        const char *why, *text;
    } rows[] = {
        {"nothing", ""},
        {"white space", " \n"},
        {"the prefix alone", "fairuse1."},
        {"no prefix", ID "." SECRET "." PRINT},
        {"a later form", "fairuse2." ID "." SECRET "." PRINT},
        {"the prefix in capitals", "FAIRUSE1." ID "." SECRET "." PRINT},
        {"no secret", "fairuse1." ID ".." PRINT},
        {"no fingerprint", "fairuse1." ID "." SECRET "."},
        {"a digit too few", "fairuse1." ID "." SECRET
                            ".f00000000000000000000000000000000000000000000000000000000000001"},
        {"a digit too many", GOOD "0"},
        {"no hex in the id", "fairuse1.0123456789abcdeg." SECRET "." PRINT},
        {"no hex in the secret", "fairuse1." ID ".00112233445566778899aabbccddeefg." PRINT},
        {"another separator", "fairuse1." ID "-" SECRET "." PRINT},
        {"a second one behind it", GOOD " " GOOD},
        {"white space within", "fairuse1." ID ". 0112233445566778899aabbccddeeff." PRINT},
    };
    struct token untouched, t;

    memset(&untouched, 0x5a, sizeof(untouched));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        t = untouched;
        cr_expect_eq(token_parse(text_of(rows[i].text), &t), -EBADMSG, "%s", rows[i].why);
        cr_expect_eq(memcmp(&t, &untouched, sizeof(t)), 0, "%s", rows[i].why);
    }
}

Test(token, a_nul_byte_within_is_refused)
{
    char text[] = GOOD;
    struct token t;

    text[40] = '\0';
    cr_assert_eq(token_parse((struct text){text, sizeof(text) - 1}, &t), -EBADMSG);
}

Test(token, new_ones_differ_in_id_and_secret_and_carry_the_fingerprint)
{
    struct digest authority;
    struct token a, b;

    memset(authority.bytes, 7, sizeof(authority.bytes));
    cr_assert_eq(token_new(&authority, &a), 0);
    cr_assert_eq(token_new(&authority, &b), 0);
    cr_assert_neq(memcmp(a.id, b.id, sizeof(a.id)), 0);
    cr_assert_neq(memcmp(a.secret, b.secret, sizeof(a.secret)), 0);
    cr_assert_eq(memcmp(&a.authority, &authority, sizeof(authority)), 0);
}

Test(token, the_hash_is_the_sha256_of_the_secrets_bytes)
{
    struct token t;
    struct digest hash;
    char text[DIGEST_TEXT_SIZE];

    cr_assert_eq(token_parse(text_of(GOOD), &t), 0);
    cr_assert_eq(token_hash(&t, &hash), 0);
    /* printf SECRET | xxd -r -p | sha256sum */
    cr_assert_str_eq(digest_format(&hash, text),
                     "a8faed6abbf35c12a4b26e40f6feb19d736d90045c83b9f9a31f638d323e6811");
}

Test(token, a_name_is_the_id_in_hex)
{
    struct token t;
    uint8_t id[TOKEN_ID_BYTES];
    char name[TOKEN_NAME_SIZE];

    cr_assert_eq(token_parse(text_of(GOOD), &t), 0);
    cr_assert_str_eq(token_name(t.id, name), ID);
    cr_assert_eq(token_name_parse(text_of(name), id), 0);
    cr_assert_eq(memcmp(id, t.id, sizeof(id)), 0);
    cr_assert_eq(token_name_parse(text_of("0123456789abcde"), id), -EBADMSG);
    cr_assert_eq(token_name_parse(text_of("0123456789abcdef0"), id), -EBADMSG);
    cr_assert_eq(token_name_parse(text_of("0123456789abcdex"), id), -EBADMSG);
    cr_assert_eq(token_name_parse(text_of(""), id), -EBADMSG);
}
