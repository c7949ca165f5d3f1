/* Names of somebody else's, made harmless on any screen. */
#include "bulletin/voice.h"

#include "base/text.h"
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
/* U+2068 and U+2069, first strong isolate and its end; not as literals, which must not hold
 * marks without their other halves. */
static const char isolate[] = {'\xe2', '\x81', '\xa8', '\0'};
static const char isolate_end[] = {'\xe2', '\x81', '\xa9', '\0'};

#define DOTS "\xe2\x80\xa6" /* U+2026 */

enum { NON_JOINER = 0x200c, JOINER = 0x200d, JOINED_FROM = 0x600 };
enum { MARKS_MAX = 3 }; /* on one letter: as many as any script writes */

/* A name as it is being made. */
struct line {
    char *out;
    size_t n, count;
    int marks;       /* on the last letter */
    uint32_t before; /* the last character; 0 = none */
    bool has_gap;    /* white space waits for a character behind it */
    bool is_right;   /* it has letters that run from right to left */
    bool is_full;
};

/* Hebrew to Arabic Extended-A, presentation forms, and the ancient scripts of plane 1. */
static bool runs_left(uint32_t code)
{
    return (code >= 0x590 && code <= 0x8ff) || (code >= 0xfb1d && code <= 0xfdff) ||
           (code >= 0xfe70 && code <= 0xfeff) || (code >= 0x10800 && code <= 0x10fff) ||
           (code >= 0x1e800 && code <= 0x1efff);
}

/* Marks that stand over or under a letter: in heaps they cover the lines around it. */
static bool is_mark(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},
        {0x064b, 0x065f}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
        {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe20, 0xfe2f},
    };

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Whether it may follow what is there: a mark needs a letter, and not too many before it. */
static bool may_follow(struct line *l, uint32_t code)
{
    if (!is_mark(code)) {
        l->marks = 0;
        return true;
    }
    return l->n > 0 && !l->has_gap && l->marks++ < MARKS_MAX;
}

static void put(struct line *l, const char *bytes, size_t n)
{
    if (l->is_full)
        return;
    if (l->count == VOICE_NAME_MAX) {
        memcpy(l->out + l->n, DOTS, strlen(DOTS));
        l->n += strlen(DOTS);
        l->is_full = true;
        return;
    }
    memcpy(l->out + l->n, bytes, n);
    l->n += n;
    l->count++;
}

static void put_character(struct line *l, uint32_t code, const char *bytes, size_t n)
{
    if (l->has_gap && l->n > 0)
        put(l, " ", 1);
    l->has_gap = false;
    put(l, bytes, n);
    l->is_right = l->is_right || runs_left(code);
    l->before = code;
}

/* A joiner stays between letters of scripts that need it, and of emoji; never at an end. */
static bool is_needed(uint32_t code, const struct line *l, struct text rest)
{
    uint32_t next = 0;

    if ((code != NON_JOINER && code != JOINER) || l->before < JOINED_FROM || l->has_gap ||
        l->before == NON_JOINER || l->before == JOINER)
        return false;
    return text_next(rest, &next) > 0 && next >= JOINED_FROM && !text_code_is_invisible(next) &&
           !text_code_is_space(next);
}

static void take(struct line *l, uint32_t code, struct text character, struct text rest)
{
    if (text_code_is_control(code) || text_code_is_space(code) || code == 0x2028 ||
        code == 0x2029)
        l->has_gap = true;
    else if ((!text_code_is_invisible(code) || is_needed(code, l, rest)) && may_follow(l, code))
        put_character(l, code, character.p, character.n);
}

const char *voice_name(const char *name, char out[static VOICE_NAME_SIZE])
{
    struct line l = {.out = out + strlen(isolate)};
    struct text rest = text_of(name);
    uint32_t code;

    while (rest.n > 0 && !l.is_full) {
        size_t n = text_next(rest, &code);
        struct text character = {rest.p, n > 0 ? n : 1};
        rest = (struct text){rest.p + character.n, rest.n - character.n};
        if (n > 0)
            take(&l, code, character, rest);
        else
            put_character(&l, 0xfffd, REPLACEMENT, strlen(REPLACEMENT));
    }
    if (l.n == 0)
        return memcpy(out, "?", 2);
    if (!l.is_right) {
        memmove(out, l.out, l.n);
        out[l.n] = '\0';
        return out;
    }
    memcpy(out, isolate, strlen(isolate));
    memcpy(l.out + l.n, isolate_end, sizeof(isolate_end));
    return out;
}
