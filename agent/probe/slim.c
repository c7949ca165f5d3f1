/* Code that is not needed any more. */
#include "probe/slim.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#include "os/file.h"

enum { MAPS_BYTES_MAX = 1 << 17 };

/* Hex digits from *at on; moves *at behind them. */
static uintptr_t read_hex(const char **at)
{
    static const char digits[] = "0123456789abcdef";
    uintptr_t v = 0;
    for (const char *d; **at != '\0' && (d = strchr(digits, **at)) != NULL; (*at)++)
        v = v << 4 | (uintptr_t)(d - digits);
    return v;
}

/*
 * One line of proc(5)'s maps, "from-to perms offset device inode path". Only code of a file
 * that can be run and not be written to: it is as in the file. (What is only readable is not
 * taken: it may be addresses that the loader has filled in.)
 */
static void read_line(struct slim *s, const char *line)
{
    static const char code[] = " r-xp ";
    const char *at = line;
    uintptr_t from = read_hex(&at);
    if (*at++ != '-')
        return;
    uintptr_t to = read_hex(&at);
    const char *path = strchr(at, '/');
    const char *end = strchr(at, '\n');
    if (to <= from || strncmp(at, code, sizeof code - 1) != 0 || !path || !end || path > end ||
        s->n == SLIM_RANGES_MAX)
        return;
    memcpy(&s->ranges[s->n].from, &from, sizeof from); /* a number that is an address */
    s->ranges[s->n].bytes = to - from;
    s->n++;
}

void slim_find(struct slim *ret)
{
    AUTO(buf) struct buf maps = BUF_INIT(MAPS_BYTES_MAX);
    struct diag d;
    ret->n = 0;
    if (file_read("/proc/self/maps", &maps, &d) < 0)
        return;
    for (const char *line = buf_str(&maps), *next; *line != '\0'; line = next) {
        next = strchr(line, '\n');
        next = next ? next + 1 : line + strlen(line);
        read_line(ret, line);
    }
}

void slim_drop(const struct slim *s)
{
    for (size_t i = 0; i < s->n; i++)
        (void)madvise(s->ranges[i].from, s->ranges[i].bytes, MADV_DONTNEED); /* or it stays */
}
