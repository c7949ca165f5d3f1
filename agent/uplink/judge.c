/* What an answer means: its status, when to come again, and its words. */
#include "uplink/uplink.h"

#include <string.h>

enum { DAY = 86400 };

/* ---- The status ------------------------------------------------------------------------ */

enum message_outcome uplink_judge(int64_t status)
{
    switch (status) {
    case 200: return MESSAGE_DONE;
    case 400:
    case 413:
    case 415: return MESSAGE_REFUSED;
    case 401:
    case 403: return MESSAGE_STRANGER;
    default: return MESSAGE_LATER;
    }
}

static int rank(enum message_outcome o)
{
    switch (o) {
    case MESSAGE_DONE: return 0;
    case MESSAGE_BROKEN: return 1;
    case MESSAGE_NO_IDENTITY: return 2;
    case MESSAGE_REFUSED: return 3;
    case MESSAGE_STRANGER: return 4;
    case MESSAGE_LATER: return 5;
    case MESSAGE_UNTRUSTED: return 6;
    case MESSAGE_UNREACHABLE: return 7;
    }
    return 8;
}

bool uplink_is_better(enum message_outcome a, enum message_outcome b)
{
    return rank(a) < rank(b);
}

/* ---- Retry-After ----------------------------------------------------------------------- */

/* Takes `word` from the beginning of a text, where it stands there. */
static bool take(struct text *t, const char *word)
{
    size_t n = strlen(word);
    if (t->n < n || memcmp(t->p, word, n) != 0)
        return false;
    *t = (struct text){t->p + n, t->n - n};
    return true;
}

/* Takes n digits. */
static bool take_digits(struct text *t, size_t n, int *ret)
{
    int v = 0;
    if (t->n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (t->p[i] < '0' || t->p[i] > '9')
            return false;
        v = v * 10 + (t->p[i] - '0');
    }
    *t = (struct text){t->p + n, t->n - n};
    *ret = v;
    return true;
}

/* Takes one of the words, which all have three letters; its place in the list. */
static bool take_name(struct text *t, const char *names, int *ret)
{
    for (int i = 0; names[3 * i] != '\0'; i++) {
        if (t->n >= 3 && memcmp(t->p, names + 3 * (size_t)i, 3) == 0) {
            *t = (struct text){t->p + 3, t->n - 3};
            *ret = i;
            return true;
        }
    }
    return false;
}

struct moment {
    int year, month, day, hour, minute, second;
};

static bool is_moment(const struct moment *m, int64_t *ret_days)
{
    int64_t year;
    int month, day;
    if (m->day < 1 || m->day > 31 || m->hour > 23 || m->minute > 59 || m->second > 60)
        return false;
    *ret_days = civil_to_days(m->year, m->month, m->day);
    civil_from_days(*ret_days, &year, &month, &day);
    return year == m->year && month == m->month && day == m->day; /* a day that exists */
}

/* The day's name is not compared: what it says is said by the date. */
bool uplink_date(struct text t, wall_t *ret)
{
    struct moment m = {0};
    int weekday, month;
    int64_t days;
    bool ok = take_name(&t, "MonTueWedThuFriSatSun", &weekday) && take(&t, ", ") &&
              take_digits(&t, 2, &m.day) && take(&t, " ") &&
              take_name(&t, "JanFebMarAprMayJunJulAugSepOctNovDec", &month) && take(&t, " ") &&
              take_digits(&t, 4, &m.year) && take(&t, " ") && take_digits(&t, 2, &m.hour) &&
              take(&t, ":") && take_digits(&t, 2, &m.minute) && take(&t, ":") &&
              take_digits(&t, 2, &m.second) && take(&t, " GMT") && t.n == 0;
    if (!ok)
        return false;
    m.month = month + 1;
    if (!is_moment(&m, &days))
        return false;
    ret->s = days * DAY + m.hour * INT64_C(3600) + m.minute * INT64_C(60) + m.second;
    return true;
}

static bool is_digits(struct text t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] < '0' || t.p[i] > '9')
            return false;
    return t.n > 0;
}

/* Any number of digits, zeros in front too: no more than a day. */
static int64_t parse_seconds(struct text t)
{
    int64_t v = 0;
    for (size_t i = 0; i < t.n && v < DAY; i++)
        v = v * 10 + (t.p[i] - '0');
    return v < DAY ? v : DAY;
}

int64_t uplink_retry_after(struct text value, wall_t now)
{
    wall_t at;
    if (is_digits(value))
        return parse_seconds(value);
    if (!uplink_date(value, &at) || at.s <= now.s)
        return 0;
    return at.s - now.s < DAY ? at.s - now.s : DAY;
}

/* ---- Words ----------------------------------------------------------------------------- */

/* The bytes of the character at the beginning of n > 0 bytes; 0 where there is none. */
static size_t character(const char *p, size_t n)
{
    for (size_t length = 1; length <= 4 && length <= n; length++)
        if (text_is_utf8((struct text){p, length}))
            return length;
    return 0;
}

/* Whether it stands for itself: what text_quote() leaves alone, less white space, which is
 * written as a blank; and the two signs that are only escaped between quotes. */
static bool is_plain(struct text one)
{
    char quoted[TEXT_QUOTE_SIZE];
    return text_is(one, "\"") || text_is(one, "\\") ||
           (text_is_label(one, one.n) && strlen(text_quote(one, quoted)) == one.n + 2);
}

void uplink_put_text(struct text t, char ret[static MESSAGE_TEXT_MAX + 1])
{
    size_t to = 0;
    for (size_t at = 0, n; at < t.n; at += n) {
        n = character(t.p + at, t.n - at);
        bool is_shown = n > 0 && is_plain((struct text){t.p + at, n});
        if (n == 0)
            n = 1;
        if (to + (is_shown ? n : 1) > MESSAGE_TEXT_MAX)
            break;
        if (is_shown)
            memcpy(ret + to, t.p + at, n);
        else
            ret[to] = ' ';
        to += is_shown ? n : 1;
    }
    while (to > 0 && ret[to - 1] == ' ')
        to--;
    size_t first = 0;
    while (first < to && ret[first] == ' ')
        first++;
    memmove(ret, ret + first, to - first);
    ret[to - first] = '\0';
}
