/* What is not needed any more. */
#include "os/slim.h"

#include <inttypes.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>

#include "os/file.h"

enum { SMAPS_BYTES_MAX = 1 << 20 };

/* Hex digits from *at on; moves *at behind them. */
static uintptr_t read_hex(const char **at)
{
    static const char digits[] = "0123456789abcdef";
    uintptr_t v = 0;
    for (const char *d; **at != '\0' && (d = strchr(digits, **at)) != NULL; (*at)++)
        v = v << 4 | (uintptr_t)(d - digits);
    return v;
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* "from-to perms offset device inode path": of a file, and not to be written to. */
static bool read_mapping(const char *line, uintptr_t *ret_from, size_t *ret_bytes)
{
    const char *at = line;
    uintptr_t from = read_hex(&at);
    if (at == line || *at++ != '-')
        return false;
    uintptr_t to = read_hex(&at);
    size_t rest = strcspn(at, "\n");
    if (to <= from || !(begins(at, " r-xp ") || begins(at, " r--p ")) || !memchr(at, '/', rest))
        return false;
    *ret_from = from;
    *ret_bytes = to - from;
    return true;
}

static void take(struct slim *s, uintptr_t from, size_t bytes)
{
    if (s->n == SLIM_RANGES_MAX)
        return;
    memcpy(&s->ranges[s->n].from, &from, sizeof from); /* a number that is an address */
    s->ranges[s->n++].bytes = bytes;
}

/* A mapping's line, then lines of its own, "Anonymous: 0 kB" among them: nothing in it is other
 * than in the file. */
void slim_find(struct slim *ret)
{
    AUTO(buf) struct buf smaps = BUF_INIT(SMAPS_BYTES_MAX);
    struct diag d;
    uintptr_t from = 0, next_from = 0;
    size_t bytes = 0, next_bytes = 0;
    ret->n = 0;
    if (file_read("/proc/self/smaps", &smaps, &d) < 0)
        return;
    for (const char *line = buf_str(&smaps), *end; *line != '\0'; line = end) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        if (read_mapping(line, &next_from, &next_bytes)) {
            from = next_from;
            bytes = next_bytes;
        } else if (begins(line, "Anonymous:") && bytes > 0) {
            if (begins(line + strcspn(line, "0123456789"), "0 kB"))
                take(ret, from, bytes);
            bytes = 0;
        }
    }
}

void slim_drop(const struct slim *s)
{
    (void)malloc_trim(0);
    for (size_t i = 0; i < s->n; i++)
        (void)madvise(s->ranges[i].from, s->ranges[i].bytes, MADV_DONTNEED); /* or it stays */
}
