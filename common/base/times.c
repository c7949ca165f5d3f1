/* Moments, durations and dates in whole seconds and days. */
#include "base/times.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    MINUTE_S = 60,
    HOUR_S = 60 * MINUTE_S,
    DAY_S = 24 * HOUR_S,
    /* In years that begin in March, so that the leap day is the last: to 1970-01-01 from
     * 0000-03-01, and the days of the calendar's cycle of 400 years. */
    DAYS_TO_EPOCH = 719468,
    DAYS_PER_CYCLE = 146097,
};

/* Rounds towards minus infinity; b > 0. */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/* Days before a month, 0 = March, in a year that begins there. */
static int64_t days_before_month(int64_t month)
{
    return (153 * month + 2) / 5;
}

int64_t civil_to_days(int64_t year, int month, int day)
{
    int64_t march_month = month > 2 ? month - 3 : month + 9;
    int64_t y = month > 2 ? year : year - 1;
    int64_t leap_days = floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400);
    return 365 * y + leap_days + days_before_month(march_month) + day - 1 - DAYS_TO_EPOCH;
}

void civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day)
{
    int64_t since = days + DAYS_TO_EPOCH;
    int64_t cycle = floor_div(since, DAYS_PER_CYCLE);
    int64_t rest = since - cycle * DAYS_PER_CYCLE;
    /* Leap days taken away again, each year has 365: one after every 1460 days, none after
     * every 36524, and the one that ends the cycle. */
    int64_t y = (rest - rest / 1460 + rest / 36524 - rest / (DAYS_PER_CYCLE - 1)) / 365;
    int64_t day_of_year = rest - (365 * y + y / 4 - y / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
    *ret_year = cycle * 400 + y + (month <= 2 ? 1 : 0);
    *ret_month = month;
    *ret_day = (int)(day_of_year - days_before_month(march_month) + 1);
}

/* Reads exactly `n` digits. */
static bool take_digits(const char *p, size_t n, int *ret)
{
    int v = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (p[i] - '0');
    }
    *ret = v;
    return true;
}

int civil_parse(struct text t, int64_t *ret_days)
{
    int year;
    int month;
    int day;
    if (t.n != 10 || t.p[4] != '-' || t.p[7] != '-' || !take_digits(t.p, 4, &year) ||
        !take_digits(t.p + 5, 2, &month) || !take_digits(t.p + 8, 2, &day))
        return -EBADMSG;
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return -EBADMSG;
    int64_t days = civil_to_days(year, month, day);
    int64_t there_year;
    int there_month;
    int there_day;
    civil_from_days(days, &there_year, &there_month, &there_day);
    if (there_month != month || there_day != day)
        return -EBADMSG; /* a day that the month does not have became one of the next */
    *ret_days = days;
    return 0;
}

static void put_digits(char *p, int64_t v, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        p[i - 1] = (char)('0' + v % 10);
        v /= 10;
    }
}

const char *wall_format(wall_t t, char out[static WALL_TEXT_SIZE])
{
    if (t.s < WALL_MIN.s || t.s > WALL_MAX.s) {
        memcpy(out, t.s < 0 ? "always" : "never", t.s < 0 ? sizeof "always" : sizeof "never");
        return out;
    }
    int64_t days = floor_div(t.s, DAY_S);
    int64_t second = t.s - days * DAY_S;
    int64_t year;
    int month;
    int day;
    civil_from_days(days, &year, &month, &day);
    memcpy(out, "YYYY-MM-DDThh:mm:ssZ", sizeof "YYYY-MM-DDThh:mm:ssZ");
    put_digits(out, year, 4);
    put_digits(out + 5, month, 2);
    put_digits(out + 8, day, 2);
    put_digits(out + 11, second / HOUR_S, 2);
    put_digits(out + 14, second / MINUTE_S % 60, 2);
    put_digits(out + 17, second % 60, 2);
    return out;
}

/* "Z" or "+hh:mm": how far local time is ahead of UTC. */
static bool take_offset(struct text t, int64_t *ret_s)
{
    if (t.n == 1 && (t.p[0] == 'Z' || t.p[0] == 'z')) {
        *ret_s = 0;
        return true;
    }
    int hours;
    int minutes;
    if (t.n != 6 || (t.p[0] != '+' && t.p[0] != '-') || t.p[3] != ':' ||
        !take_digits(t.p + 1, 2, &hours) || !take_digits(t.p + 4, 2, &minutes))
        return false;
    if (hours > 23 || minutes > 59)
        return false;
    int64_t s = hours * HOUR_S + minutes * MINUTE_S;
    *ret_s = t.p[0] == '-' ? -s : s;
    return true;
}

int wall_parse(struct text t, wall_t *ret)
{
    enum { DATE_LEN = 10, TIME_LEN = 19 };
    int64_t days;
    int hour;
    int minute;
    int second;
    int64_t offset_s;
    if (t.n <= TIME_LEN || civil_parse((struct text){t.p, DATE_LEN}, &days) != 0)
        return -EBADMSG;
    if ((t.p[10] != 'T' && t.p[10] != 't') || t.p[13] != ':' || t.p[16] != ':' ||
        !take_digits(t.p + 11, 2, &hour) || !take_digits(t.p + 14, 2, &minute) ||
        !take_digits(t.p + 17, 2, &second) ||
        !take_offset((struct text){t.p + TIME_LEN, t.n - TIME_LEN}, &offset_s))
        return -EBADMSG;
    if (hour > 23 || minute > 59 || second > 59)
        return -EBADMSG;
    int64_t s = days * DAY_S + hour * HOUR_S + minute * MINUTE_S + second - offset_s;
    if (s < WALL_MIN.s || s > WALL_MAX.s)
        return -EBADMSG;
    *ret = (wall_t){s};
    return 0;
}

static const struct {
    char unit;
    int64_t s;
} units[] = {{'d', DAY_S}, {'h', HOUR_S}, {'m', MINUTE_S}, {'s', 1}};

int dur_parse(struct text t, dur_t *ret)
{
    static const int64_t most_s = INT64_C(36525) * DAY_S; /* 100 Julian years */
    if (t.n < 2 || t.p[0] == '-')
        return -EBADMSG;
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        if (t.p[t.n - 1] != units[i].unit)
            continue;
        int64_t count;
        int r = text_to_int((struct text){t.p, t.n - 1}, 0, most_s / units[i].s, &count);
        if (r == 0)
            *ret = (dur_t){count * units[i].s};
        return r;
    }
    return -EBADMSG;
}

const char *dur_format(dur_t d, char out[static DUR_TEXT_SIZE])
{
    size_t i = 0;
    if (d.s == 0)
        i = ARRAY_LEN(units) - 1;
    while (d.s % units[i].s != 0)
        i++;
    (void)snprintf(out, DUR_TEXT_SIZE, "%" PRId64 "%c", d.s / units[i].s, units[i].unit);
    return out;
}
