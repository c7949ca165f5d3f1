/* A table of keys against what is written about it by hand. */
#include "support/manual.h"

#include <inttypes.h>
#include <string.h>

#include "base/times.h"
#include "support/leak.h"

static void put_range(const struct table_key *key, manual_range *other, struct buf *out)
{
    char low[DUR_TEXT_SIZE], high[DUR_TEXT_SIZE];
    switch (key->type) {
    case KEY_INT: buf_printf(out, ", %" PRId64 " to %" PRId64, key->min, key->max); break;
    case KEY_DURATION:
        buf_printf(out, ", %s to %s", dur_format((dur_t){key->min}, low),
                   dur_format((dur_t){key->max}, high));
        break;
    case KEY_INTS:
        buf_printf(out, ", each %" PRId64 " to %" PRId64 "; at most %d", key->min, key->max,
                   TABLE_INTS_MAX);
        break;
    case KEY_TEXTS:
    case KEY_NETWORKS: buf_printf(out, "; at most %" PRId64, key->max); break;
    case KEY_OTHER: other(key, out); break;
    case KEY_TEXT:
    case KEY_PATH:
    case KEY_BOOL:
    case KEY_CHOICE:
    case KEY_SOURCES: break;
    }
}

void manual_check_rows(const char *manual, const struct table_key *keys, size_t n,
                       manual_range *other)
{
    AUTO(buf) struct buf rows = BUF_INIT(1 << 20);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&rows, "| `%s` | %s", keys[i].name, keys[i].unit);
        put_range(&keys[i], other, &rows);
        buf_printf(&rows, " | `%s` | %s |\n", keys[i].standard, keys[i].why);
    }
    cr_assert_eq(buf_error(&rows), 0);
    cr_assert(strstr(manual, buf_str(&rows)), "the manual does not have these rows:\n%s",
              buf_str(&rows));
}

size_t manual_count_rows(const char *text)
{
    size_t n = 0;
    for (const char *p = strstr(text, "\n| `"); p; p = strstr(p + 1, "\n| `"))
        n++;
    return n;
}

void manual_check_example(const char *example, const struct table_key *keys, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) struct buf line = BUF_INIT(4096);
        buf_printf(&line, "%s = %s;\n", keys[i].name, keys[i].standard);
        cr_assert(strstr(example, buf_str(&line)), "the example lacks %s", buf_str(&line));
    }
}
