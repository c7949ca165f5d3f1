/* Words with what is put into them, numbers and money in a language. */
#include "bulletin/voice.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORD(name, nl, en) [WORD_##name] = (nl),
#define PLURAL(name, nl_one, nl_other, en_one, en_other)                                       \
    [WORD_##name] = (nl_one), [WORD_##name##_OTHER] = (nl_other),
static const char *const dutch[WORD_COUNT] = {
#include "bulletin/words.def"
};
#undef WORD
#undef PLURAL

#define WORD(name, nl, en) [WORD_##name] = (en),
#define PLURAL(name, nl_one, nl_other, en_one, en_other)                                       \
    [WORD_##name] = (en_one), [WORD_##name##_OTHER] = (en_other),
static const char *const english[WORD_COUNT] = {
#include "bulletin/words.def"
};
#undef WORD
#undef PLURAL

const char *const *voice_words(enum language language)
{
    return language == LANGUAGE_NL ? dutch : english;
}

struct voice voice_of(enum language language, const struct zone *zone)
{
    return (struct voice){language, voice_words(language), zone};
}

const char *voice_word(const struct voice *v, enum word w)
{
    return v->words[w];
}

/* ---- Sentences with places ------------------------------------------------------------- */

/* What stands for the place at `p`: "{1}" to "{9}", or "{n}". NULL: it is no place. */
static const char *filled(const char *p, const char *number, const char *const args[])
{
    if (p[0] != '{' || p[1] == '\0' || p[2] != '}')
        return NULL;
    if (p[1] == 'n')
        return number;
    for (int i = 0; p[1] >= '1' && p[1] <= '9' && args[i]; i++)
        if (p[1] == '1' + i)
            return args[i];
    return NULL;
}

static void say(struct buf *out, const char *text, const char *number, const char *const args[])
{
    const char *p = text;

    while (*p) {
        const char *put = filled(p, number, args);
        size_t n = put ? 3 : 1 + strcspn(p + 1, "{");
        if (put)
            buf_add_str(out, put);
        else
            buf_add(out, p, n);
        p += n;
    }
}

void voice_say(const struct voice *v, struct buf *out, enum word w, const char *const args[])
{
    say(out, v->words[w], NULL, args);
}

void voice_say_n(const struct voice *v, struct buf *out, enum word w, int64_t n,
                 const char *const args[])
{
    char number[VOICE_TEXT_SIZE];

    /* Both languages have one form for 1 and another for all else. */
    say(out, v->words[n == 1 ? w : w + 1], voice_number(v, n, number), args);
}

/* ---- Numbers --------------------------------------------------------------------------- */

#define NO_BREAK "\xc2\xa0"

static char group_mark(const struct voice *v)
{
    return v->language == LANGUAGE_NL ? '.' : ',';
}

/* Digits with a mark between each three. */
static void put_grouped(const struct voice *v, const char *digits, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            buf_add_char(out, group_mark(v));
        buf_add_char(out, digits[i]);
    }
}

/* A short text made in a buffer, into its place. */
static const char *settle(const struct buf *b, char out[static VOICE_TEXT_SIZE])
{
    assert(buf_error(b) == 0 && b->len < VOICE_TEXT_SIZE);
    (void)snprintf(out, VOICE_TEXT_SIZE, "%s", buf_str(b));
    return out;
}

const char *voice_number(const struct voice *v, int64_t n, char out[static VOICE_TEXT_SIZE])
{
    AUTO(buf) struct buf b = BUF_INIT(VOICE_TEXT_SIZE);
    char digits[24];
    uint64_t size = n < 0 ? -(uint64_t)n : (uint64_t)n;
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, size);

    if (n < 0)
        buf_add_char(&b, '-');
    put_grouped(v, digits, (size_t)length, &b);
    return settle(&b, out);
}

/* The sign that everybody knows, before the number; NULL: its code is said. */
static const char *currency_sign(const struct currency *c)
{
    static const struct {
        char code[4];
        const char *sign;
    } signs[] = {{"EUR", "€"}, {"GBP", "£"}, {"USD", "US$"}, {"JPY", "JP¥"}};

    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (strcmp(signs[i].code, c->code) == 0)
            return signs[i].sign;
    return NULL;
}

/* A decimal with a point, as money_format() and price_format() write it, in the language. */
static const char *put_decimal(const struct voice *v, const char *decimal,
                               const struct currency *c, char out[static VOICE_TEXT_SIZE])
{
    AUTO(buf) struct buf b = BUF_INIT(VOICE_TEXT_SIZE);
    const char *sign = currency_sign(c);
    size_t whole;

    if (*decimal == '-') {
        buf_add_char(&b, '-');
        decimal++;
    }
    buf_add_str(&b, sign ? sign : c->code);
    if (!sign || v->language == LANGUAGE_NL)
        buf_add_str(&b, NO_BREAK);
    whole = strcspn(decimal, ".");
    put_grouped(v, decimal, whole, &b);
    if (decimal[whole] == '.') {
        buf_add_char(&b, v->language == LANGUAGE_NL ? ',' : '.');
        buf_add_str(&b, decimal + whole + 1);
    }
    return settle(&b, out);
}

const char *voice_money(const struct voice *v, money_t m, const struct currency *c,
                        char out[static VOICE_TEXT_SIZE])
{
    char decimal[MONEY_TEXT_SIZE];

    return put_decimal(v, money_format(m, c, decimal), c, out);
}

const char *voice_price(const struct voice *v, price_t p, const struct currency *c,
                        char out[static VOICE_TEXT_SIZE])
{
    char decimal[MONEY_TEXT_SIZE];

    return put_decimal(v, price_format(p, c, decimal), c, out);
}

const char *voice_share(const struct voice *v, int64_t part, int64_t whole,
                        char out[static VOICE_TEXT_SIZE])
{
    bool is_dutch = v->language == LANGUAGE_NL;

    if (whole <= 0) {
        (void)snprintf(out, VOICE_TEXT_SIZE, "-");
        return out;
    }
    /* Tenths of a percent; counts are far below the 9 * 10^15 at which this would wrap. */
    int64_t tenths = part * 1000 / whole;
    (void)snprintf(out, VOICE_TEXT_SIZE, "%" PRId64 "%c%" PRId64 "%s%%", tenths / 10,
                   is_dutch ? ',' : '.', tenths % 10, is_dutch ? NO_BREAK : "");
    return out;
}
