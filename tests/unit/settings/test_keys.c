/* The manual's tables say what the table of keys says: every row, word for word. */
#include "settings/keys.h"

#include "os/file.h"
#include "support/leak.h"

#include <inttypes.h>
#include <string.h>

SUITE(keys);

static void put_range(const struct settings_key *key, struct buf *out)
{
    char low[DUR_TEXT_SIZE], high[DUR_TEXT_SIZE];
    switch (key->type) {
    case KEY_INT: buf_printf(out, ", %" PRId64 " to %" PRId64, key->min, key->max); break;
    case KEY_DURATION:
        buf_printf(out, ", %s to %s", dur_format((dur_t){key->min}, low),
                   dur_format((dur_t){key->max}, high));
        break;
    case KEY_STRIKES:
        buf_printf(out, ", each %" PRId64 " to %" PRId64, key->min, key->max);
        break;
    case KEY_TEXTS:
    case KEY_NETWORKS:
    case KEY_PREFIXES: buf_printf(out, "; at most %" PRId64, key->max); break;
    case KEY_PRICE: buf_printf(out, ", at most %" PRId64, key->max); break;
    case KEY_TEXT:
    case KEY_BOOL:
    case KEY_CHOICE:
    case KEY_SOURCES: break;
    }
}

static void put_row(const struct settings_key *key, struct buf *out)
{
    buf_printf(out, "| `%s` | %s", key->name, key->unit);
    put_range(key, out);
    buf_printf(out, " | `%s` | %s |\n", key->standard, key->why);
}

/* The manual as it would be written from the table: what to paste where one differs. */
static void check_rows(const char *manual, const struct settings_key *keys, size_t n)
{
    AUTO(buf) struct buf rows = BUF_INIT(1 << 20);
    for (size_t i = 0; i < n; i++)
        put_row(&keys[i], &rows);
    cr_assert_eq(buf_error(&rows), 0);
    cr_assert(strstr(manual, buf_str(&rows)), "the manual does not have these rows:\n%s",
              buf_str(&rows));
}

static size_t count_rows(const char *text)
{
    size_t n = 0;
    for (const char *p = strstr(text, "\n| `"); p; p = strstr(p + 1, "\n| `"))
        n++;
    return n;
}

Test(keys, manual_has_every_key_as_the_table_has_it_and_no_other)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CONFIG_BYTES);
    struct diag d = {""};
    cr_assert_eq(file_read(SOURCE_DIR "/docs/fairuse-collector.conf.5.md", &text, &d), 0, "%s",
                 d.text);
    check_rows(buf_str(&text), settings_top_keys, SETTINGS_TOP_KEYS);
    check_rows(buf_str(&text), settings_policy_keys, SETTINGS_POLICY_KEYS);
    check_rows(buf_str(&text), settings_collector_keys, SETTINGS_COLLECTOR_KEYS);
    cr_assert_eq(count_rows(buf_str(&text)),
                 SETTINGS_TOP_KEYS + SETTINGS_POLICY_KEYS + SETTINGS_COLLECTOR_KEYS);
}
