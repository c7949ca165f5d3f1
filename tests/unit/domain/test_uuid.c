/* Claims about boot ids. */
#include "support/leak.h"
#include "support/seed.h"

#include "domain/uuid.h"

#include <errno.h>
#include <string.h>

SUITE(uuid);

Test(uuid, text_is_lower_case_with_four_hyphens)
{
    static const char text[] = "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11";
    static const uint8_t bytes[] = {0x0d, 0x9c, 0x6f, 0x0e, 0x7c, 0x1c, 0x4f, 0x7e,
                                    0x9d, 0x0f, 0x2b, 0x1f, 0x6f, 0x0c, 0x9a, 0x11};
    struct uuid u = {{0}};
    char out[UUID_TEXT_SIZE];
    cr_assert_eq(uuid_parse(text_of(text), &u), 0);
    cr_assert_arr_eq(u.bytes, bytes, sizeof bytes);
    cr_assert_str_eq(uuid_format(&u, out), text);
}

Test(uuid, any_version_will_do)
{
    struct uuid u = {{1}};
    cr_expect_eq(uuid_parse(text_of("00000000-0000-0000-0000-000000000000"), &u), 0);
    cr_expect_eq(uuid_parse(text_of("ffffffff-ffff-ffff-ffff-ffffffffffff"), &u), 0);
}

Test(uuid, what_is_none_is_refused)
{
    static const char *const bad[] = {
        "",
        "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a1",
        "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a111",
        "0D9C6F0E-7C1C-4F7E-9D0F-2B1F6F0C9A11",
        "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9A11",
        "0d9c6f0e7c1c4f7e9d0f2b1f6f0c9a11",
        "0d9c6f0e7c1c4f7e9d0f2b1f6f0c9a11----",
        "{d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a1}",
        "0d9c6f0-e7c1c-4f7e-9d0f-2b1f6f0c9a11",
        "0d9c6f0e-7c1c-4f7e-9d0f_2b1f6f0c9a11",
        "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a1g",
        "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a1-",
        " d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct uuid u = {{7}};
        cr_expect_eq(uuid_parse(text_of(bad[i]), &u), -EBADMSG, "%s", bad[i]);
        cr_expect_eq(u.bytes[0], 7, "%s", bad[i]);
    }
}

Test(uuid, texts_survive_a_round_trip)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 10000; i++) {
        struct uuid u;
        struct uuid back = {{0}};
        char out[UUID_TEXT_SIZE];
        for (size_t at = 0; at < sizeof u.bytes; at++)
            u.bytes[at] = (uint8_t)rng_below(&rng, 256);
        cr_assert_eq(uuid_parse(text_of(uuid_format(&u, out)), &back), 0, "%s", out);
        cr_assert_arr_eq(back.bytes, u.bytes, sizeof u.bytes);
    }
}

Test(uuid, damaged_texts_are_refused_or_their_own_form)
{
    struct rng rng = {seed_now()};
    for (int i = 0; i < 50000; i++) {
        char bytes[] = "0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11";
        size_t n = rng_damage(&rng, bytes, sizeof bytes - 1);
        struct uuid u;
        char out[UUID_TEXT_SIZE];
        if (uuid_parse((struct text){bytes, n}, &u) == 0)
            cr_assert_arr_eq(uuid_format(&u, out), bytes, n);
    }
}
