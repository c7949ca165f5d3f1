/* The ledger's entries as text, JSON and CSV. */
#ifndef CTL_ENTRY_OUT_H
#define CTL_ENTRY_OUT_H

#include "ctl/ctl.h"
#include "json/jsonw.h"
#include "ledger/ledger.h"

enum entry_format { ENTRIES_TEXT, ENTRIES_JSON, ENTRIES_CSV };

/* All of the scan to standard output. 0 or an exit code. */
MUST_USE int entries_print(struct ctl *c, struct store *s, struct store_scan *scan,
                           enum entry_format format);

/* One CSV field in quotes (RFC 4180) that no spreadsheet takes for a formula; then a comma, or
 * the line's end. */
void csv_text(struct buf *out, const char *s, bool is_last);

/* One entry for people, several lines. */
void entry_describe(const struct ledger_entry *e, const char *hash, const struct zone *zone,
                    struct buf *out);

#endif
