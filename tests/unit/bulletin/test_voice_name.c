/* Names of somebody else's: whatever they hold, they are harmless, and still themselves. */
#include "base/text.h"
#include "bulletin/voice.h"
#include "support/leak.h"
#include <string.h>

SUITE(voice_name);

#define FSI "\xe2\x81\xa8"
#define PDI "\xe2\x81\xa9"
#define BAD "\xef\xbf\xbd"
#define RLO "\xe2\x80\xae"
#define ZWSP "\xe2\x80\x8b"
#define ZWNJ "\xe2\x80\x8c"
#define ZWJ "\xe2\x80\x8d"
#define ACUTE "\xcc\x81"

static const struct {
    const char *why, *name, *wanted;
} rows[] = {
    {"a plain name", "Bakker Hosting B.V.", "Bakker Hosting B.V."},
    {"accents stay", "Café Zürich", "Café Zürich"},
    {"markup is the renderer's to escape", "<script>alert(1)</script>",
     "<script>alert(1)</script>"},
    {"no line ends in a name", "Kees\r\nBcc: all@victim.example",
     "Kees Bcc: all@victim.example"},
    {"nor other control characters",
     "a\x1b[31mb\x07"
     "c\x7f"
     "d",
     "a [31mb c d"},
    {"nor those of C1 (U+0085)",
     "a\xc2\x85"
     "b",
     "a b"},
    {"nor separators of lines and paragraphs",
     "a\xe2\x80\xa8"
     "b\xe2\x80\xa9"
     "c",
     "a b c"},
    {"white space is one space, none at the ends", " \t a \xc2\xa0\xe2\x80\x83 b  ", "a b"},
    {"nothing turns what follows around", "invoice" RLO "fdp.exe", "invoicefdp.exe"},
    {"all marks of direction",
     "a\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\xaa\xe2\x80\xac\xe2\x81\xa6"
     "\xe2\x81\xa9\xd8\x9c"
     "b",
     "ab"},
    {"nothing hides", "pay" ZWSP "pal\xef\xbb\xbf\xc2\xad", "paypal"},
    {"nor in tags (U+E0041)",
     "a\xf3\xa0\x81\x81"
     "b",
     "ab"},
    {"Hebrew stands by itself", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d",
     FSI "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d" PDI},
    {"Arabic too, also behind other letters", "ABC \xd8\xb4\xd8\xb1\xd9\x83\xd8\xa9",
     FSI "ABC \xd8\xb4\xd8\xb1\xd9\x83\xd8\xa9" PDI},
    {"a name cannot leave its isolation", "\xd7\xa9" PDI "\xd7\x9c",
     FSI "\xd7\xa9\xd7\x9c" PDI},
    {"a joiner that Persian needs", "\xd9\x85\xdb\x8c" ZWNJ "\xd8\xae",
     FSI "\xd9\x85\xdb\x8c" ZWNJ "\xd8\xae" PDI},
    {"an emoji that is joined of two", "\xf0\x9f\x91\xa9" ZWJ "\xf0\x9f\x92\xbb",
     "\xf0\x9f\x91\xa9" ZWJ "\xf0\x9f\x92\xbb"},
    {"a joiner between Latin letters hides", "pay" ZWJ "pal", "paypal"},
    {"a joiner at an end", "\xf0\x9f\x91\xa9" ZWJ, "\xf0\x9f\x91\xa9"},
    {"two joiners are one", "\xf0\x9f\x91\xa9" ZWJ ZWJ "\xf0\x9f\x92\xbb",
     "\xf0\x9f\x91\xa9" ZWJ "\xf0\x9f\x92\xbb"},
    {"a byte that is no character", "caf\xe9", "caf" BAD},
    {"a lone surrogate is three such bytes",
     "a\xed\xa0\x80"
     "b",
     "a" BAD BAD BAD "b"},
    {"overlong",
     "a\xc0\xaf"
     "b",
     "a" BAD BAD "b"},
    {"heaped marks: three stay", "Z" ACUTE ACUTE ACUTE ACUTE ACUTE "a" ACUTE,
     "Z" ACUTE ACUTE ACUTE "a" ACUTE},
    {"a mark without a letter", ACUTE "a " ACUTE "b", "a b"},
    {"ideographs", "さくらサーバー", "さくらサーバー"},
    {"nothing", "", "?"},
    {"nothing but what is left out", " " ZWSP RLO "\n", "?"},
};

Test(voice_name, what_could_do_harm_is_left_out)
{
    char out[VOICE_NAME_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_str_eq(voice_name(rows[i].name, out), rows[i].wanted, "%s", rows[i].why);
}

Test(voice_name, what_is_harmless_stays_as_it_is)
{
    char once[VOICE_NAME_SIZE], twice[VOICE_NAME_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        voice_name(rows[i].name, once);
        cr_expect_str_eq(voice_name(once, twice), once, "%s", rows[i].why);
    }
}

/* A name of `n` times `letter`. */
static void fill(char *out, const char *letter, size_t n)
{
    size_t length = strlen(letter);

    for (size_t i = 0; i < n; i++)
        memcpy(out + i * length, letter, length);
    out[n * length] = '\0';
}

static size_t count_characters(const char *s)
{
    struct text t = text_of(s);
    uint32_t code;
    size_t n = 0;

    for (; t.n > 0; n++) {
        size_t length = text_next(t, &code);
        cr_assert(length > 0, "is UTF-8");
        t = (struct text){t.p + length, t.n - length};
    }
    return n;
}

static const struct {
    const char *why, *letter;
    size_t n;
    size_t wanted; /* characters: 120 and an ellipsis, and two isolates where they are needed */
} lengths[] = {
    {"as long as it may be", "W", 120, 120},
    {"one more", "W", 121, 121},
    {"very long", "W", 1000, 121},
    {"of four bytes each", "\xf0\x9f\x92\xbb", 1000, 121},
    {"of bytes that are none", "\xff", 1000, 121},
    {"from right to left", "\xd7\xa9", 1000, 123},
    {"of marks alone, on one letter", ACUTE, 1000, 1},
};

Test(voice_name, a_long_name_is_cut)
{
    static char name[4096];
    char out[VOICE_NAME_SIZE];

    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        fill(name, lengths[i].letter, lengths[i].n);
        voice_name(name, out);
        cr_expect_eq(count_characters(out), lengths[i].wanted, "%s", lengths[i].why);
    }
}

/* Any two bytes among letters: always UTF-8, never a control character or a mark that hides. */
Test(voice_name, any_bytes_become_harmless_text)
{
    char out[VOICE_NAME_SIZE], name[6] = "a??b";

    for (int first = 1; first < 256; first++)
        for (int second = 1; second < 256; second++) {
            name[1] = (char)first;
            name[2] = (char)second;
            voice_name(name, out);
            struct text t = text_of(out);
            cr_assert(text_is_utf8(t), "%02x %02x", (unsigned)first, (unsigned)second);
            for (uint32_t code; t.n > 0;) {
                size_t n = text_next(t, &code);
                cr_assert(!text_code_is_control(code) && code != 0x202e, "%02x %02x",
                          (unsigned)first, (unsigned)second);
                t = (struct text){t.p + n, t.n - n};
            }
        }
}
