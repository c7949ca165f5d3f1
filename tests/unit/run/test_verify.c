/*
 * The check of both chains against an owner of the file who writes hashes that fit: each link
 * alone must show it.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "ledger/ledger.h"
#include "run/close.h"
#include "support/leak.h"
#include "support/nights.h"

SUITE(verify);

static struct nights n;

/* Two licences of r1 are on two servers each: closing October makes two entries. */
static void begin(void)
{
    nights_begin_with_two(&n);
    nights_license(&n, "PLSK.00000002", "r1");
    nights_saw(&n, "s1", "PLSK.00000002", "203.0.113.1", nights_days(-10, 60));
    nights_saw(&n, "s2", "PLSK.00000002", "203.0.113.2", nights_days(5, 60));
    nights_close(&n, "2026-10", nights_at(40, 0));
}

static void note(void *arg, const char *sentence)
{
    buf_printf(arg, "%s\n", sentence);
}

static void expect(int64_t entries, const char *complaints)
{
    AUTO(buf) struct buf said = BUF_INIT(65536);
    int64_t checked = -1, defects = -1, lines = 0;

    cr_assert_eq(ledger_verify(n.store, note, &said, &checked, &defects), 0);
    cr_expect_str_eq(buf_str(&said), complaints, "it says:\n%s", buf_str(&said));
    for (const char *p = complaints; (p = strchr(p, '\n')); p++)
        lines++;
    cr_expect_eq(defects, lines);
    cr_expect_eq(checked, entries);
}

/* ---- Forging --------------------------------------------------------------------------- */

static void must(sqlite3 *db, int rc)
{
    cr_assert(rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE, "%s",
              sqlite3_errmsg(db));
}

static void sql_hash(sqlite3_context *context, int n_values, sqlite3_value **values)
{
    char hash[DIGEST_TEXT_SIZE];
    struct text body = {(const char *)sqlite3_value_text(values[0]),
                        (size_t)sqlite3_value_bytes(values[0])};

    (void)n_values;
    cr_assert_eq(ledger_hash(body, hash), 0);
    sqlite3_result_text(context, hash, -1, SQLITE_TRANSIENT);
}

/* Does it without the triggers, by a connection that knows hash_of(). */
static void forge(const char *sql)
{
    sqlite3 *db = NULL;

    cr_assert_eq(sqlite3_open(n.place.url + strlen("sqlite:"), &db), SQLITE_OK);
    must(db,
         sqlite3_create_function(db, "hash_of", 1, SQLITE_UTF8, NULL, sql_hash, NULL, NULL));
    must(db, sqlite3_exec(db,
                          "DROP TRIGGER entry_is_not_changed;"
                          "DROP TRIGGER entry_is_not_deleted;"
                          "DROP TRIGGER decision_is_not_changed",
                          NULL, NULL, NULL));
    must(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
    cr_assert_gt(sqlite3_total_changes(db), 0, "it forges something");
    cr_assert_eq(sqlite3_close(db), SQLITE_OK);
}

/* ---- Each link ------------------------------------------------------------------------- */

Test(verify, what_was_closed_is_sound)
{
    begin();
    expect(2, "");
    nights_done(&n);
}

/* Entry 2 is made to look like the first in all but its number. */
Test(verify, an_entry_that_is_gone_is_missed)
{
    begin();
    forge("UPDATE entry SET body = replace(body,"
          " (SELECT hash FROM entry WHERE sequence = 1), '') WHERE sequence = 2;"
          "DELETE FROM entry WHERE sequence = 1;"
          "UPDATE entry SET hash = hash_of(body)");
    expect(1, "entry 2: rows before it are missing\n");
    nights_done(&n);
}

/* The only decision, the closing, is made the second: as if one before it had been taken out.
 */
Test(verify, a_decision_that_is_gone_is_missed)
{
    begin();
    forge("UPDATE decision SET sequence = 2,"
          " body = replace(body, '\"sequence\":1', '\"sequence\":2');"
          "UPDATE decision SET hash = hash_of(body)");
    expect(2, "decision 2: rows before it are missing\n");
    nights_done(&n);
}

/* Entry 1 says that somebody else entered it, and its hash is that of what it says. */
Test(verify, an_entry_written_anew_shows_in_the_next)
{
    begin();
    forge("UPDATE entry SET body = replace(body, 'Carol', 'Dora') WHERE sequence = 1;"
          "UPDATE entry SET hash = hash_of(body)");
    expect(2, "entry 2: it does not follow from the row before it\n");
    nights_done(&n);
}
