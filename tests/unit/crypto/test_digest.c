/* Claims about SHA-256. */
#include "support/leak.h"
#include "support/seed.h"

#include "crypto/digest.h"

#include <errno.h>
#include <string.h>

SUITE(digest);

/* The examples of FIPS 180-2, appendix B, and the digest of nothing. */
static const struct {
    const char *data, *hex;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

Test(digest, sha256_is_that_of_fips_180)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        struct digest d;
        char out[DIGEST_TEXT_SIZE];
        cr_expect_eq(digest_sha256(text_of(known[i].data), &d), 0);
        cr_expect_str_eq(digest_format(&d, out), known[i].hex);
    }
    struct digest d;
    char out[DIGEST_TEXT_SIZE];
    cr_expect_eq(digest_sha256((struct text){NULL, 0}, &d), 0);
    cr_expect_str_eq(digest_format(&d, out), known[0].hex);
}

Test(digest, a_million_letters_a)
{
    static char letters[1000000];
    memset(letters, 'a', sizeof letters);
    struct digest d;
    char out[DIGEST_TEXT_SIZE];
    cr_assert_eq(digest_sha256((struct text){letters, sizeof letters}, &d), 0);
    cr_assert_str_eq(digest_format(&d, out),
                     "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

Test(digest, text_is_64_lower_case_digits)
{
    static const char *const bad[] = {
        "",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015aD",
        "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        " a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct digest d = {{7}};
        cr_expect_eq(digest_parse(text_of(bad[i]), &d), -EBADMSG, "%s", bad[i]);
        cr_expect_eq(d.bytes[0], 7, "%s", bad[i]);
    }
}

Test(digest, texts_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 10000; i++) {
        struct digest d;
        struct digest back = {{0}};
        char out[DIGEST_TEXT_SIZE];
        for (size_t at = 0; at < DIGEST_BYTES; at++)
            d.bytes[at] = (uint8_t)rng_below(&rng, 256);
        cr_assert_eq(digest_parse(text_of(digest_format(&d, out)), &back), 0, "%s", out);
        cr_assert_arr_eq(back.bytes, d.bytes, DIGEST_BYTES);
    }
}
