/* A period: one calendar month in the configured zone. */
#include "domain/period.h"

#include <errno.h>
#include <string.h>

enum { FIRST_YEAR = 2000, LAST_YEAR = 2099 };

int period_parse(struct text t, period_t *ret)
{
    /* A month is well-formed exactly when its first day is. */
    char day[] = "YYYY-MM-01";
    enum { MONTH_LEN = 7 };
    int64_t days;
    if (t.n != MONTH_LEN)
        return -EBADMSG;
    memcpy(day, t.p, MONTH_LEN);
    if (civil_parse(text_of(day), &days) != 0)
        return -EBADMSG;
    int64_t year;
    int month;
    int day_of_month;
    civil_from_days(days, &year, &month, &day_of_month);
    if (year < FIRST_YEAR || year > LAST_YEAR)
        return -EBADMSG;
    *ret = (period_t){(int32_t)(year * 12 + month - 1)};
    return 0;
}

const char *period_format(period_t p, char out[static PERIOD_TEXT_SIZE])
{
    assert(p.month >= 0 && p.month < 10000 * 12);
    int32_t year = p.month / 12;
    int32_t month = p.month % 12 + 1;
    memcpy(out, "YYYY-MM", sizeof "YYYY-MM");
    for (int i = 3; i >= 0; i--) {
        out[i] = (char)('0' + year % 10);
        year /= 10;
    }
    out[5] = (char)('0' + month / 10);
    out[6] = (char)('0' + month % 10);
    return out;
}

wall_t period_start(const struct zone *z, period_t p)
{
    return zone_day_start(z, civil_to_days(p.month / 12, p.month % 12 + 1, 1));
}

period_t period_at(const struct zone *z, wall_t t)
{
    t = wall_max(WALL_MIN, wall_min(t, WALL_MAX));
    int64_t year;
    int month;
    int day;
    civil_from_days(zone_date_at(z, t), &year, &month, &day);
    period_t p = {(int32_t)(year * 12 + month - 1)};
    /* Clocks that go back just after midnight show the last day of a month twice: the second
     * time belongs to the month that has begun. */
    if (t.s >= period_start(z, period_plus(p, 1)).s)
        return period_plus(p, 1);
    return p;
}

period_t period_plus(period_t p, int months)
{
    return (period_t){p.month + months};
}
