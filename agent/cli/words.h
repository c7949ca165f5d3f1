/* The sentences of status, in English and Dutch. */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include "base/buf.h"
#include "base/times.h"

enum language { LANGUAGE_EN, LANGUAGE_NL };

enum word {
    WORD_RUNNING, /* {a} since {b} */
    WORD_NOT_RUNNING,
    WORD_NEVER_RAN,
    WORD_AS_OF,
    WORD_COLLECTOR,
    WORD_NOT_ENROLLED,
    WORD_IDENTITY_UNTIL,
    WORD_LAST_SENT,
    WORD_NEVER_SENT,
    WORD_NOT_SENT,
    WORD_NEXT,
    WORD_SEES,
    WORD_SEES_NOTHING,
    WORD_SEES_NOT,
    WORD_TRACKING_UNKNOWN,
    WORD_TRACKING_NONE,
    WORD_TRACKING_WORKS,
    WORD_LOST,
    WORD_LICENSES,
    WORD_NO_LICENSES,
    WORD_EXPIRES,
    WORD_ADDRESSES,
    WORD_NO_ADDRESSES,
    WORD_SEEN_LAST,
    WORD_MAILBOXES,
    WORD_NOT_COUNTED,
    WORD_TROUBLE,
    WORD_WAITING,
    WORD_WAITING_SINCE,
    WORD_ASIDE,
    WORD_HISTORY,
    WORD_ALL_WELL,
    WORD_NOTHING_SAID,
    WORD_WARNINGS,
    /* Of one licence: {a} the licence, {b} a date, {c} another. */
    WORD_EXTRA_IP,
    WORD_OUTSIDE,
    WORD_OTHER_KIND,
    WORD_WILL_CHARGE_EXTRA_IP,
    WORD_WILL_CHARGE_OUTSIDE,
    WORD_CHARGED_EXTRA_IP,
    WORD_CHARGED_OUTSIDE,
    WORD_OPEN_END,
};
#define WORD_COUNT (WORD_OPEN_END + 1)

/* What stands in a sentence's places {a}, {b} and {c}; NULL = nothing. */
struct filling {
    const char *a, *b, *c;
};

/* The sentence, its places filled; `f` NULL where it has none. */
void words_put(struct buf *out, enum language l, enum word w, const struct filling *f);
/* "3 October 2026", "3 oktober 2026" (UTC). */
void words_date(struct buf *out, enum language l, wall_t t);
/* "3 October 2026, 14:05 UTC". */
void words_time(struct buf *out, enum language l, wall_t t);
/* By the environment (LC_ALL, LC_MESSAGES, LANG): nl* is Dutch. */
enum language words_language(const char *lc_all, const char *lc_messages, const char *lang);

#endif
