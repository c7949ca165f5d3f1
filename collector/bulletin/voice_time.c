/* Days, moments, months and durations in a language. */
#include "bulletin/voice.h"

#include <inttypes.h>
#include <stdio.h>

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

/* A short text made in a buffer, into its place; it always fits. */
static const char *settle(const struct buf *b, char out[static VOICE_TEXT_SIZE])
{
    (void)snprintf(out, VOICE_TEXT_SIZE, "%s", buf_str(b));
    return out;
}

static const char *month_name(const struct voice *v, int month)
{
    return voice_word(v, (enum word)(WORD_MONTH_1 + month - 1));
}

const char *voice_day(const struct voice *v, wall_t t, char out[static VOICE_TEXT_SIZE])
{
    int64_t year;
    int month, day;

    civil_from_days(zone_date_at(v->zone, t), &year, &month, &day);
    (void)snprintf(out, VOICE_TEXT_SIZE, "%d %s %" PRId64, day, month_name(v, month), year);
    return out;
}

/* Whether the clocks show this time twice: once before they are put back, once after. */
static bool is_twice(const struct zone *z, wall_t t)
{
    int64_t local = t.s + zone_at(z, t)->offset_s;

    for (int64_t away = -DAY; away <= DAY; away += 2 * DAY) {
        int32_t offset = zone_at(z, (wall_t){t.s + away})->offset_s;
        wall_t other = {local - offset};
        if (other.s != t.s && zone_at(z, other)->offset_s == offset)
            return true;
    }
    return false;
}

const char *voice_moment(const struct voice *v, wall_t t, char out[static VOICE_TEXT_SIZE])
{
    AUTO(buf) struct buf b = BUF_INIT(VOICE_TEXT_SIZE);
    int64_t local = t.s + zone_at(v->zone, t)->offset_s;
    int of_day = (int)(((local % DAY) + DAY) % DAY), seconds = of_day % MINUTE;
    char day[VOICE_TEXT_SIZE], clock[16];

    if (seconds == 0)
        (void)snprintf(clock, sizeof(clock), "%02d:%02d", of_day / HOUR % 24,
                       of_day / MINUTE % 60);
    else
        (void)snprintf(clock, sizeof(clock), "%02d:%02d:%02d", of_day / HOUR % 24,
                       of_day / MINUTE % 60, seconds);
    if (is_twice(v->zone, t))
        SAY(v, &b, WORD_MOMENT_ZONE, voice_day(v, t, day), clock,
            zone_at(v->zone, t)->abbreviation);
    else
        SAY(v, &b, WORD_MOMENT, voice_day(v, t, day), clock);
    return settle(&b, out);
}

const char *voice_period(const struct voice *v, period_t p, char out[static VOICE_TEXT_SIZE])
{
    (void)snprintf(out, VOICE_TEXT_SIZE, "%s %d", month_name(v, p.month % 12 + 1),
                   p.month / 12);
    return out;
}

const char *voice_duration(const struct voice *v, dur_t d, char out[static VOICE_TEXT_SIZE])
{
    static const struct {
        int64_t seconds;
        enum word word;
    } units[] = {
        {DAY, WORD_DAYS}, {HOUR, WORD_HOURS}, {MINUTE, WORD_MINUTES}, {1, WORD_SECONDS}};
    AUTO(buf) struct buf first = BUF_INIT(VOICE_TEXT_SIZE);
    AUTO(buf) struct buf second = BUF_INIT(VOICE_TEXT_SIZE);
    AUTO(buf) struct buf both = BUF_INIT(VOICE_TEXT_SIZE);
    int64_t left = d.s < 0 ? 0 : d.s;
    size_t i = 0;

    while (i + 1 < ARRAY_LEN(units) && left < units[i].seconds)
        i++;
    if (left == 0)
        i = 2;
    SAY_N(v, &first, units[i].word, left / units[i].seconds);
    left %= units[i].seconds;
    if (i + 1 == ARRAY_LEN(units) || left < units[i + 1].seconds)
        return settle(&first, out);
    SAY_N(v, &second, units[i + 1].word, left / units[i + 1].seconds);
    SAY(v, &both, WORD_AND, buf_str(&first), buf_str(&second));
    return settle(&both, out);
}
