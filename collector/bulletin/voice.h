/*
 * A language: its words, and how it writes numbers, money, dates and durations. Every visible
 * word of a report comes from the table in words.def; a renderer holds none. Names of others
 * are made harmless here.
 */
#ifndef BULLETIN_VOICE_H
#define BULLETIN_VOICE_H

#include "base/buf.h"
#include "domain/estate.h"
#include "domain/zone.h"

/*
 * words.def has a row for each: WORD(NAME, nl, en), and PLURAL(NAME, nl_one, nl_other, en_one,
 * en_other). "{1}" to "{9}" stand for what is put in, "{n}" for a plural's number.
 */
#define WORD(name, nl, en) WORD_##name,
#define PLURAL(name, nl_one, nl_other, en_one, en_other) WORD_##name, WORD_##name##_OTHER,
enum word {
#include "bulletin/words.def"
    WORD_COUNT
};
#undef WORD
#undef PLURAL

struct voice {
    enum language language;
    const char *const *words; /* WORD_COUNT of them */
    const struct zone *zone;
};

/* The language's own words. */
struct voice voice_of(enum language language, const struct zone *zone);

/* The bare table of a language, for tests. */
const char *const *voice_words(enum language language);

/* Adds a word with its "{1}"… replaced by the given texts (already in the voice; up to 9). The
 * last argument is NULL: SAY() sees to it. */
void voice_say(const struct voice *v, struct buf *out, enum word w, const char *const args[]);
#define SAY(v, out, w, ...)                                                                    \
    voice_say((v), (out), (w), (const char *const[]){"", ##__VA_ARGS__, NULL} + 1)
/* The form of a plural that `n` wants; "{n}" is the number. */
void voice_say_n(const struct voice *v, struct buf *out, enum word w, int64_t n,
                 const char *const args[]);
#define SAY_N(v, out, w, n, ...)                                                               \
    voice_say_n((v), (out), (w), (n), (const char *const[]){"", ##__VA_ARGS__, NULL} + 1)
/* A word as it stands. */
const char *voice_word(const struct voice *v, enum word w);

#define VOICE_TEXT_SIZE 96
/* "1.234" in Dutch, "1,234" in English. */
const char *voice_number(const struct voice *v, int64_t n, char out[static VOICE_TEXT_SIZE]);
/* "€ 1.234,50" and "€1,234.50"; currencies without a common sign by code: "SEK 1.234,50". With
 * no-break spaces. Negative amounts: "-€ 1.234,50", "-€1,234.50". */
const char *voice_money(const struct voice *v, money_t m, const struct currency *c,
                        char out[static VOICE_TEXT_SIZE]);
const char *voice_price(const struct voice *v, price_t p, const struct currency *c,
                        char out[static VOICE_TEXT_SIZE]);
/* "3 oktober 2026", "3 October 2026". */
const char *voice_day(const struct voice *v, wall_t t, char out[static VOICE_TEXT_SIZE]);
/* "3 oktober 2026 om 02:00 uur", "3 October 2026 at 02:00": of the zone. Seconds only where
 * they are not 0: a charge begins at a second. In the hour that comes twice when the clocks are
 * put back, with the zone: "25 October 2026 at 02:30 (CET)". */
const char *voice_moment(const struct voice *v, wall_t t, char out[static VOICE_TEXT_SIZE]);
/* "oktober 2026", "October 2026". */
const char *voice_period(const struct voice *v, period_t p, char out[static VOICE_TEXT_SIZE]);
/* The two largest parts of it: "15 dagen en 3 uur", "15 days and 3 hours"; "0 minuten". */
const char *voice_duration(const struct voice *v, dur_t d, char out[static VOICE_TEXT_SIZE]);
/* "98,7 %" and "98.7%": part of whole, rounded down, so that 100 is said of all alone; "-"
 * where the whole is 0. */
const char *voice_share(const struct voice *v, int64_t part, int64_t whole,
                        char out[static VOICE_TEXT_SIZE]);

/*
 * A name of somebody else's, harmless on any screen: control characters, line and paragraph
 * separators, bidirectional and other invisible marks are left out (joiners that scripts need,
 * U+200C and U+200D, stay between letters), bytes that are not UTF-8 become U+FFFD, runs of
 * white space one space, of marks heaped on a letter three stay, and after VOICE_NAME_MAX
 * characters it is cut with "…". A name with
 * right-to-left letters stands between U+2068 and U+2069, so that it cannot reorder what is
 * around it. Never empty: "?" then.
 */
enum { VOICE_NAME_MAX = 120 };
#define VOICE_NAME_SIZE (VOICE_NAME_MAX * 4 + 16)
const char *voice_name(const char *name, char out[static VOICE_NAME_SIZE]);

#endif
