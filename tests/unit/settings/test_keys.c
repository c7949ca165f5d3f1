/* The manual's tables say what the tables of keys say: every row, word for word. */
#include "settings/keys.h"

#include "os/file.h"
#include "settings/kinds.h"
#include "support/leak.h"
#include "support/manual.h"

#include <inttypes.h>

SUITE(keys);

static void put_range(const struct table_key *key, struct buf *out)
{
    if (key->other == &settings_kind_strikes)
        buf_printf(out, ", each %" PRId64 " to %" PRId64, key->min, key->max);
    if (key->other == &settings_kind_price)
        buf_printf(out, ", at most %" PRId64, key->max);
    if (key->other == &settings_kind_prefixes)
        buf_printf(out, "; at most %" PRId64, key->max);
}

Test(keys, manual_has_every_key_as_the_table_has_it_and_no_other)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CONFIG_BYTES);
    struct diag d = {""};
    cr_assert_eq(file_read(SOURCE_DIR "/docs/fairuse-collector.conf.5.md", &text, &d), 0, "%s",
                 d.text);
    const char *manual = buf_str(&text);
    manual_check_rows(manual, settings_top_keys, SETTINGS_TOP_KEYS, put_range);
    manual_check_rows(manual, settings_policy_keys, SETTINGS_POLICY_KEYS, put_range);
    manual_check_rows(manual, settings_collector_keys, SETTINGS_COLLECTOR_KEYS, put_range);
    manual_check_rows(manual, settings_mail_keys, SETTINGS_MAIL_KEYS, put_range);
    cr_assert_eq(manual_count_rows(manual), SETTINGS_TOP_KEYS + SETTINGS_POLICY_KEYS +
                                                SETTINGS_COLLECTOR_KEYS + SETTINGS_MAIL_KEYS);
}
