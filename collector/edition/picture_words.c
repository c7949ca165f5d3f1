/* A timeline's own words, in the reader's language. */
#include "edition/picture_parts.h"
#include <errno.h>
#include <string.h>

enum { TEXT_BYTES = 4096 };

/* A drawing has no use for the marks around names that are read from the right (voice_name):
 * it lays letter beside letter, and would show the marks themselves. */
static void drop_isolates(char *s)
{
    static const char first[] = {'\xe2', '\x81', '\xa8', '\0'}; /* U+2068 */
    static const char last[] = {'\xe2', '\x81', '\xa9', '\0'};  /* U+2069 */
    size_t n = strlen(first);
    char *to = s;

    while (*s) {
        if (strncmp(s, first, n) == 0 || strncmp(s, last, n) == 0)
            s += n;
        else
            *to++ = *s++;
    }
    *to = '\0';
}

const char *picture_keep(struct picture_sketch *k, struct buf *b)
{
    char *kept =
        buf_error(b) < 0 ? NULL : arena_text(k->arena, (struct text){buf_str(b), b->len});

    buf_reset(b);
    if (!kept) {
        k->error = -ENOMEM;
        return "";
    }
    drop_isolates(kept);
    return kept;
}

const char *picture_say(struct picture_sketch *k, enum word w, const char *first,
                        const char *second)
{
    AUTO(buf) struct buf b = BUF_INIT(TEXT_BYTES);

    SAY(&k->voice, &b, w, first, second);
    return picture_keep(k, &b);
}

const char *picture_say_n(struct picture_sketch *k, enum word w, int64_t n)
{
    AUTO(buf) struct buf b = BUF_INIT(TEXT_BYTES);

    SAY_N(&k->voice, &b, w, n);
    return picture_keep(k, &b);
}

static const enum word short_months[] = {
    WORD_PICTURE_JAN, WORD_PICTURE_FEB, WORD_PICTURE_MAR, WORD_PICTURE_APR,
    WORD_PICTURE_MAY, WORD_PICTURE_JUN, WORD_PICTURE_JUL, WORD_PICTURE_AUG,
    WORD_PICTURE_SEP, WORD_PICTURE_OCT, WORD_PICTURE_NOV, WORD_PICTURE_DEC,
};

static const enum word badges[] = {
    [STATE_CLEAR] = WORD_PICTURE_BADGE_CLEAR,
    [STATE_NOTICE] = WORD_PICTURE_BADGE_NOTICE,
    [STATE_POTENTIAL] = WORD_PICTURE_BADGE_POTENTIAL,
    [STATE_CONFIRMED] = WORD_PICTURE_BADGE_CONFIRMED,
};
static_assert(ARRAY_LEN(badges) == TIMELINE_STATE_COUNT, "a word for each state");

/* Kinds of bars that no mail draws have the word of their nearest. */
static const enum word bars[] = {
    [TIMELINE_BRIDGED] = WORD_PICTURE_BAR_BRIDGED,
    [TIMELINE_CARRIED] = WORD_PICTURE_BAR_CARRIED,
    [TIMELINE_SEEN] = WORD_PICTURE_BAR_SEEN,
    [TIMELINE_COLLECTOR] = WORD_PICTURE_BAR_COLLECTOR,
    [TIMELINE_COUNTS] = WORD_PICTURE_BAR_SEEN,
    [TIMELINE_UNKNOWN] = WORD_PICTURE_BAR_SEEN,
    [TIMELINE_OUTSIDE] = WORD_PICTURE_IS_OUTSIDE,
    [TIMELINE_SECOND] = WORD_PICTURE_BAR_SEEN,
    [TIMELINE_OVER] = WORD_PICTURE_BAR_OVER,
    [TIMELINE_GOES_ON] = WORD_PICTURE_BAR_GOES_ON,
};
static_assert(ARRAY_LEN(bars) == TIMELINE_BAR_KIND_COUNT, "a word for each kind of bar");

static const enum word bands[] = {
    [TIMELINE_LOOK_BACK] = WORD_PICTURE_BAND_LOOK_BACK,
    [TIMELINE_FUTURE] = WORD_PICTURE_BAND_FUTURE,
    [TIMELINE_MOVE] = WORD_PICTURE_BAND_MOVE,
};
static_assert(ARRAY_LEN(bands) == TIMELINE_BAND_KIND_COUNT, "a word for each kind of band");

static void take_words(const struct picture_sketch *k, const enum word *from, size_t n,
                       const char **to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = voice_word(&k->voice, from[i]);
}

void picture_fill_words(struct picture_sketch *k)
{
    struct timeline_words *w = &k->words;

    take_words(k, short_months, ARRAY_LEN(short_months), w->short_months);
    take_words(k, badges, ARRAY_LEN(badges), w->badges);
    take_words(k, bars, ARRAY_LEN(bars), w->bars);
    take_words(k, bands, ARRAY_LEN(bands), w->bands);
    for (int month = 0; month < 12; month++)
        w->months[month] = voice_word(&k->voice, (enum word)(WORD_MONTH_1 + month));
    w->nothing_seen = voice_word(&k->voice, WORD_PICTURE_NOTHING_SEEN);
    w->more_before = voice_word(&k->voice, WORD_PICTURE_MORE_BEFORE);
    w->more_after = voice_word(&k->voice, WORD_PICTURE_MORE_AFTER);
    w->thousands = voice_word(&k->voice, WORD_PICTURE_THOUSANDS);
    w->days = voice_word(&k->voice, WORD_PICTURE_DAYS);
    w->hours = voice_word(&k->voice, WORD_PICTURE_HOURS);
    w->minutes = voice_word(&k->voice, WORD_PICTURE_MINUTES);
}
