/* The system's time zone data, read once into a pure value. */
#include "os/zoneinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ZONEINFO_DIR "/usr/share/zoneinfo"

enum { ZONE_PATH_SIZE = sizeof ZONEINFO_DIR + 1 + ZONE_NAME_SIZE };

/* A name of the tz database: never a way out of its folder, never a POSIX TZ rule. */
static bool is_zone_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n >= ZONE_NAME_SIZE || name[0] == '/' || strstr(name, ".."))
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        bool is_plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_plain && !strchr("/_+-", c))
            return false;
    }
    return true;
}

/* For a name that it cannot read, the C library takes UTC and says nothing: look first. */
static bool is_zone_file(const char *path)
{
    static const char magic[] = {'T', 'Z', 'i', 'f'}; /* RFC 8536, 3.1 */
    char start[sizeof magic];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, start, sizeof start);
    (void)close(fd); /* it was only read */
    return n == (ssize_t)sizeof start && memcmp(start, magic, sizeof magic) == 0;
}

/* What the C library says of one moment. */
static void ask(wall_t t, struct zone_step *ret)
{
    time_t time = t.s;
    struct tm local = {0};
    (void)localtime_r(&time, &local); /* fails only for years beyond an int */
    *ret = (struct zone_step){.from = t, .offset_s = (int32_t)local.tm_gmtoff};
    const char *name = local.tm_zone ? local.tm_zone : "";
    memcpy(ret->abbreviation, name, strnlen(name, sizeof ret->abbreviation - 1));
}

static bool is_same(const struct zone_step *a, const struct zone_step *b)
{
    return a->offset_s == b->offset_s && strcmp(a->abbreviation, b->abbreviation) == 0;
}

/* The first moment after `before` at which something else holds; it does at `after`. */
static struct zone_step find_change(const struct zone_step *before, struct zone_step after)
{
    int64_t low_s = before->from.s;
    while (after.from.s - low_s > 1) {
        struct zone_step middle;
        ask((wall_t){low_s + (after.from.s - low_s) / 2}, &middle);
        if (is_same(&middle, before))
            low_s = middle.from.s;
        else
            after = middle;
    }
    return after;
}

/* Asks day by day: no zone changes its clocks twice in one. */
static int probe(struct zone *z)
{
    enum { DAY_S = 86400 };
    static const int64_t first_s = INT64_C(946684800); /* 2000-01-01T00:00:00Z */
    static const int64_t last_s = INT64_C(4102444800); /* 2100-01-01T00:00:00Z */
    struct zone_step before;
    ask((wall_t){first_s}, &before);
    z->steps[0] = before;
    z->steps[0].from = WALL_BEGIN;
    z->n = 1;
    for (int64_t s = first_s + DAY_S; s <= last_s; s += DAY_S) {
        struct zone_step now;
        ask((wall_t){s}, &now);
        if (!is_same(&before, &now)) {
            if (z->n == ZONE_STEPS_MAX)
                return -ERANGE;
            z->steps[z->n++] = find_change(&before, now);
        }
        before = now;
    }
    return 0;
}

int zoneinfo_load(const char *name, struct zone *ret, struct diag *d)
{
    if (!is_zone_name(name)) {
        char shown[TEXT_QUOTE_SIZE];
        return diag_set(d, -ENOENT,
                        "%s is no name of the tz database, such as Europe/Amsterdam",
                        text_quote(text_of(name), shown));
    }
    char path[ZONE_PATH_SIZE + 1] = ":"; /* a file, says the colon, not a POSIX rule */
    (void)snprintf(path + 1, ZONE_PATH_SIZE, "%s/%s", ZONEINFO_DIR, name);
    if (!is_zone_file(path + 1))
        return diag_set(d, -ENOENT, "no time zone data in %s (package tzdata)", path + 1);
    if (setenv("TZ", path, 1) != 0)
        return diag_set(d, -ENOMEM, "out of memory");
    tzset();
    /* Without memory it takes UTC too, which it then has no name for. */
    if (tzname[0][0] == '\0')
        return diag_set(d, -ENOMEM, "%s: out of memory", path + 1);
    struct zone z = {.n = 0};
    int r = probe(&z);
    if (r != 0)
        return diag_set(d, r, "%s changes its clocks too often", path + 1);
    memcpy(z.name, name, strlen(name) + 1);
    *ret = z;
    return 0;
}
