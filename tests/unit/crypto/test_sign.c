/* Claims about Ed25519 signatures. */
#include "support/leak.h"
#include "support/seed.h"

#include "crypto/sign.h"

#include <errno.h>
#include <string.h>

SUITE(sign);

/* RFC 8032, 7.1, TEST 1 and TEST 2; the keys as PKCS #8 (RFC 8410, 7). */
static const struct {
    const char *pem, *public, *message, *signature;
} known[] = {
    {"-----BEGIN PRIVATE KEY-----\n"
     "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
     "-----END PRIVATE KEY-----\n",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
     "c"
     "f9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"-----BEGIN PRIVATE KEY-----\n"
     "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
     "-----END PRIVATE KEY-----\n",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "r",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
     "0"
     "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
};

static const char public_pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";

static struct sign_key *read_key(const char *pem)
{
    struct sign_key *k = NULL;
    struct diag d = {""};
    cr_assert_eq(sign_key_read(text_of(pem), &k, &d), 0, "%s", d.text);
    return k;
}

Test(sign, signatures_are_those_of_rfc_8032)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        AUTO(sign_key) struct sign_key *k = read_key(known[i].pem);
        struct text message = text_of(known[i].message);
        uint8_t public[SIGN_KEY_BYTES];
        uint8_t want_public[SIGN_KEY_BYTES];
        uint8_t signature[SIGN_BYTES];
        uint8_t want[SIGN_BYTES];
        cr_assert_eq(text_from_hex(text_of(known[i].public), want_public, SIGN_KEY_BYTES), 0);
        cr_assert_eq(text_from_hex(text_of(known[i].signature), want, SIGN_BYTES), 0);
        cr_assert_eq(sign_key_public(k, public), 0);
        cr_assert_arr_eq(public, want_public, SIGN_KEY_BYTES);
        cr_assert_eq(sign_make(k, message, signature), 0);
        cr_assert_arr_eq(signature, want, SIGN_BYTES);
        cr_assert_eq(sign_check(public, message, signature), 0);
    }
}

Test(sign, the_private_key_is_written_as_openssl_does)
{
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        AUTO(sign_key) struct sign_key *k = read_key(known[i].pem);
        char pem[SIGN_PEM_SIZE];
        struct diag d = {""};
        cr_assert_eq(sign_key_write(k, pem, &d), 0, "%s", d.text);
        cr_assert_str_eq(pem, known[i].pem);
    }
}

Test(sign, the_public_key_is_written_as_openssl_does)
{
    uint8_t key[SIGN_KEY_BYTES];
    uint8_t back[SIGN_KEY_BYTES];
    char pem[SIGN_PEM_SIZE];
    cr_assert_eq(text_from_hex(text_of(known[0].public), key, SIGN_KEY_BYTES), 0);
    cr_assert_eq(sign_public_write(key, pem), 0);
    cr_assert_str_eq(pem, public_pem);
    cr_assert_eq(sign_public_read(text_of(pem), back), 0);
    cr_assert_arr_eq(back, key, SIGN_KEY_BYTES);
}

Test(sign, a_new_key_survives_a_round_trip)
{
    AUTO(sign_key) struct sign_key *k = NULL;
    struct diag d = {""};
    char pem[SIGN_PEM_SIZE];
    uint8_t public[SIGN_KEY_BYTES];
    uint8_t again[SIGN_KEY_BYTES];
    uint8_t signature[SIGN_BYTES];
    cr_assert_eq(sign_key_new(&k, &d), 0, "%s", d.text);
    cr_assert_eq(sign_key_write(k, pem, &d), 0, "%s", d.text);
    AUTO(sign_key) struct sign_key *copy = read_key(pem);
    cr_assert_eq(sign_key_public(k, public), 0);
    cr_assert_eq(sign_key_public(copy, again), 0);
    cr_assert_arr_eq(public, again, SIGN_KEY_BYTES);
    cr_assert_eq(sign_make(copy, text_of("data"), signature), 0);
    cr_assert_eq(sign_check(public, text_of("data"), signature), 0);
}

Test(sign, no_two_new_keys_are_equal)
{
    AUTO(sign_key) struct sign_key *a = NULL;
    AUTO(sign_key) struct sign_key *b = NULL;
    struct diag d = {""};
    uint8_t of_a[SIGN_KEY_BYTES];
    uint8_t of_b[SIGN_KEY_BYTES];
    cr_assert_eq(sign_key_new(&a, &d), 0);
    cr_assert_eq(sign_key_new(&b, &d), 0);
    cr_assert_eq(sign_key_public(a, of_a), 0);
    cr_assert_eq(sign_key_public(b, of_b), 0);
    cr_assert_arr_neq(of_a, of_b, SIGN_KEY_BYTES);
    sign_key_free(NULL);
}

Test(sign, any_changed_bit_is_found)
{
    AUTO(sign_key) struct sign_key *k = read_key(known[0].pem);
    char data[] = "seq 7: EUR 12.50";
    struct text text = {data, sizeof data - 1};
    uint8_t public[SIGN_KEY_BYTES];
    uint8_t signature[SIGN_BYTES];
    cr_assert_eq(sign_key_public(k, public), 0);
    cr_assert_eq(sign_make(k, text, signature), 0);
    for (size_t bit = 0; bit < 8 * SIGN_BYTES; bit++) {
        signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_expect_eq(sign_check(public, text, signature), -EBADMSG, "bit %zu", bit);
        signature[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * text.n; bit++) {
        data[bit / 8] = (char)(data[bit / 8] ^ (1 << bit % 8));
        cr_expect_eq(sign_check(public, text, signature), -EBADMSG, "bit %zu", bit);
        data[bit / 8] = (char)(data[bit / 8] ^ (1 << bit % 8));
    }
    cr_expect_eq(sign_check(public, (struct text){data, text.n - 1}, signature), -EBADMSG,
                 "cut");
    cr_expect_eq(sign_check(public, text, signature), 0);
}

Test(sign, another_key_s_signature_is_refused)
{
    AUTO(sign_key) struct sign_key *k = read_key(known[0].pem);
    uint8_t other[SIGN_KEY_BYTES];
    uint8_t signature[SIGN_BYTES];
    cr_assert_eq(text_from_hex(text_of(known[1].public), other, SIGN_KEY_BYTES), 0);
    cr_assert_eq(sign_make(k, text_of("data"), signature), 0);
    cr_assert_eq(sign_check(other, text_of("data"), signature), -EBADMSG);
}

Test(sign, a_key_that_is_no_point_signs_nothing)
{
    /* 2 is not the y of a point of the curve; all ones is no number of the field. */
    static const uint8_t no_points[][SIGN_KEY_BYTES] = {{2}, {[0 ... 31] = 0xff}};
    uint8_t signature[SIGN_BYTES] = {0};
    for (size_t i = 0; i < ARRAY_LEN(no_points); i++)
        cr_expect_neq(sign_check(no_points[i], text_of("data"), signature), 0);
}

/* Keys of other kinds, made with openssl: P-256, Ed448, and an Ed25519 one under a password. */
static const char *const not_keys[] = {
    "",
    "x",
    "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\n"
    "!!!!\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5vffhtKiWaHWMJzNJBTXwyuLhLSE2Pl8JHuyTAqn3q"
    "mhRANCAATGbfmUxpJnY8/0s+WY/"
    "jNuYpQ5AJs91qGIsTZvOMolBNVpD5xMvqGtiA3LFUNSZtT3LyM0ycdWZpn3aT9aHlDH\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----\n"
    "MEcCAQAwBQYDK2VxBDsEOVWBx75TOaDTm6KLOZ/8ZyX3pI5/"
    "KSMYLV4wn2PxpDH3xkt1fJ7hhmXBGizAeypOr5XLhxHtHTlQXA==\n"
    "-----END PRIVATE KEY-----\n",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhgPAnVrKsnDAICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEPJOyIB1zB/EqtVT0QNqWbUEQMz2\n"
    "Q1HcSoHMA/qfXHTsWAZulV31aODi+IgNZwBzkGZNsW/nJ15Vx4aliBMKHBow3Gau\n"
    "nIl9LvWR8ZgVfX/GcUA=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n",
    public_pem,
};

Test(sign, what_is_no_private_ed25519_key_is_refused)
{
    for (size_t i = 0; i < ARRAY_LEN(not_keys); i++) {
        struct sign_key *k = NULL;
        struct diag d = {""};
        cr_expect_eq(sign_key_read(text_of(not_keys[i]), &k, &d), -EBADMSG, "%zu", i);
        cr_expect_null(k);
        cr_expect_not_null(strstr(d.text, "Ed25519"), "%zu: %s", i, d.text);
    }
}

Test(sign, what_is_no_public_ed25519_key_is_refused)
{
    static const char p256[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExm35lMaSZ2PP9LPlmP4zbmKUOQC"
                               "bPdahiLE2bzjKJQTVaQ+cTL6hrYgNyxVDUmbU9y8jNMnHVmaZ92k/Wh5Qxw==\n"
                               "-----END PUBLIC KEY-----\n";
    uint8_t key[SIGN_KEY_BYTES] = {7};
    cr_expect_eq(sign_public_read(text_of(""), key), -EBADMSG);
    cr_expect_eq(sign_public_read(text_of("x"), key), -EBADMSG);
    cr_expect_eq(sign_public_read(text_of(p256), key), -EBADMSG);
    cr_expect_eq(sign_public_read(text_of(known[0].pem), key), -EBADMSG);
    cr_expect_eq(key[0], 7);
}

Test(sign, damaged_keys_do_no_harm)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 3000; i++) {
        char bytes[256];
        size_t n = strlen(known[0].pem);
        memcpy(bytes, known[0].pem, n);
        n = rng_damage(&rng, bytes, n);
        AUTO(sign_key) struct sign_key *k = NULL;
        struct diag d = {""};
        int r = sign_key_read((struct text){bytes, n}, &k, &d);
        cr_assert(r == 0 || r == -EBADMSG, "%d: %s", r, d.text);
        uint8_t key[SIGN_KEY_BYTES];
        n = strlen(public_pem);
        memcpy(bytes, public_pem, n);
        n = rng_damage(&rng, bytes, n);
        r = sign_public_read((struct text){bytes, n}, key);
        cr_assert(r == 0 || r == -EBADMSG);
    }
}
