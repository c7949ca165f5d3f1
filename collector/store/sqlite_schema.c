/*
 * The schema of a store in SQLite, as the list of steps that lead to it. A step is never
 * changed once released: a new one is added at the end.
 *
 * Keys are the natural ones, in the order of the audit's scans. Times are Unix seconds; the
 * ends of an open term are stored as WALL_BEGIN and WALL_END. An address is its family (4 or 6)
 * in one byte and then its bytes, so that bytes sort as addr_compare() does. Texts sort by
 * bytes (BINARY). Numbers of enums are those of the headers: append only there.
 */
#include "store/sqlite_backend.h"

/* Observations. */
#define STEP_1_OBSERVATIONS                                                                    \
    "CREATE TABLE server("                                                                     \
    " id INTEGER PRIMARY KEY,"                                                                 \
    " name TEXT NOT NULL UNIQUE,"                                                              \
    " enrolled_reseller TEXT,"                                                                 \
    " enrolled_at INTEGER,"                                                                    \
    " retired INTEGER,"                                                                        \
    " revoked INTEGER) STRICT;"                                                                \
    "CREATE TABLE machine("                                                                    \
    " id INTEGER PRIMARY KEY,"                                                                 \
    " server INTEGER NOT NULL REFERENCES server(id),"                                          \
    " boot BLOB NOT NULL,"                                                                     \
    " UNIQUE(server, boot),"                                                                   \
    " CHECK(id >> 20 = server)) STRICT;" /* STORE_MACHINE_BITS */                              \
    "CREATE TABLE sighting("                                                                   \
    " license INTEGER NOT NULL,"                                                               \
    " machine INTEGER NOT NULL REFERENCES machine(id),"                                        \
    " address BLOB NOT NULL,"                                                                  \
    " source INTEGER NOT NULL,"                                                                \
    " first INTEGER NOT NULL,"                                                                 \
    " last INTEGER NOT NULL,"                                                                  \
    " PRIMARY KEY(license, machine, address, source, first)) STRICT, WITHOUT ROWID;"           \
    "CREATE INDEX sighting_peer ON sighting(address, machine) WHERE source = 0;"               \
    "CREATE TABLE mail_row("                                                                   \
    " domain TEXT NOT NULL,"                                                                   \
    " server INTEGER NOT NULL REFERENCES server(id),"                                          \
    " mailboxes INTEGER NOT NULL,"                                                             \
    " aliases INTEGER NOT NULL,"                                                               \
    " forwards INTEGER NOT NULL,"                                                              \
    " lists INTEGER NOT NULL,"                                                                 \
    " alias_domains INTEGER NOT NULL,"                                                         \
    " catch_all INTEGER NOT NULL,"                                                             \
    " filtered INTEGER NOT NULL,"                                                              \
    " first INTEGER NOT NULL,"                                                                 \
    " last INTEGER NOT NULL,"                                                                  \
    " PRIMARY KEY(domain, server, mailboxes, aliases, forwards, lists, alias_domains,"         \
    "  catch_all, filtered, first)) STRICT, WITHOUT ROWID;"                                    \
    "CREATE TABLE gap("                                                                        \
    " machine INTEGER NOT NULL REFERENCES machine(id),"                                        \
    " what INTEGER NOT NULL,"                                                                  \
    " first INTEGER NOT NULL,"                                                                 \
    " last INTEGER NOT NULL,"                                                                  \
    " lost INTEGER NOT NULL,"                                                                  \
    " PRIMARY KEY(machine, what, first)) STRICT, WITHOUT ROWID;"                               \
    "CREATE TABLE license_seen("                                                               \
    " license INTEGER NOT NULL,"                                                               \
    " machine INTEGER NOT NULL REFERENCES machine(id),"                                        \
    " version TEXT NOT NULL,"                                                                  \
    " product TEXT NOT NULL,"                                                                  \
    " edition TEXT NOT NULL,"                                                                  \
    " expires TEXT NOT NULL,"                                                                  \
    " machine_id TEXT NOT NULL,"                                                               \
    " first_received INTEGER NOT NULL,"                                                        \
    " PRIMARY KEY(license, machine, version, product, edition, expires, machine_id))"          \
    " STRICT, WITHOUT ROWID;"                                                                  \
    "CREATE TABLE report("                                                                     \
    " machine INTEGER NOT NULL REFERENCES machine(id),"                                        \
    " counter INTEGER NOT NULL,"                                                               \
    " digest INTEGER NOT NULL,"                                                                \
    " received INTEGER NOT NULL,"                                                              \
    " PRIMARY KEY(machine, counter, digest)) STRICT, WITHOUT ROWID;"                           \
    "CREATE TABLE fork("                                                                       \
    " machine INTEGER NOT NULL REFERENCES machine(id),"                                        \
    " counter INTEGER NOT NULL,"                                                               \
    " at INTEGER NOT NULL,"                                                                    \
    " PRIMARY KEY(machine, counter)) STRICT, WITHOUT ROWID;" /* One row: what would cost a     \
                                                                scan of everything to find     \
                                                                out. */                        \
    "CREATE TABLE tally("                                                                      \
    " one INTEGER PRIMARY KEY CHECK(one = 1),"                                                 \
    " first INTEGER,"                                                                          \
    " sightings INTEGER NOT NULL,"                                                             \
    " mail_rows INTEGER NOT NULL) STRICT;"                                                     \
    "INSERT INTO tally VALUES(1, NULL, 0, 0);"

/* The estate. A general tariff's reseller is '', so that it sorts first. */
#define STEP_1_ESTATE                                                                          \
    "CREATE TABLE manager("                                                                    \
    " id TEXT NOT NULL PRIMARY KEY,"                                                           \
    " name TEXT NOT NULL,"                                                                     \
    " email TEXT NOT NULL,"                                                                    \
    " language INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                                       \
    "CREATE TABLE reseller("                                                                   \
    " id TEXT NOT NULL PRIMARY KEY,"                                                           \
    " name TEXT NOT NULL,"                                                                     \
    " manager TEXT NOT NULL,"                                                                  \
    " email TEXT,"                                                                             \
    " language INTEGER NOT NULL,"                                                              \
    " currency TEXT NOT NULL,"                                                                 \
    " is_trial INTEGER NOT NULL) STRICT, WITHOUT ROWID;"                                       \
    "CREATE TABLE network("                                                                    \
    " reseller TEXT NOT NULL,"                                                                 \
    " base BLOB NOT NULL,"                                                                     \
    " bits INTEGER NOT NULL,"                                                                  \
    " begins INTEGER NOT NULL,"                                                                \
    " ends INTEGER NOT NULL,"                                                                  \
    " is_one_place INTEGER NOT NULL,"                                                          \
    " PRIMARY KEY(reseller, base, bits, begins)) STRICT, WITHOUT ROWID;"                       \
    "CREATE TABLE license_entry("                                                              \
    " license INTEGER NOT NULL,"                                                               \
    " begins INTEGER NOT NULL,"                                                                \
    " ends INTEGER NOT NULL,"                                                                  \
    " reseller TEXT NOT NULL,"                                                                 \
    " product TEXT NOT NULL,"                                                                  \
    " binding BLOB,"                                                                           \
    " PRIMARY KEY(license, begins)) STRICT, WITHOUT ROWID;"                                    \
    "CREATE TABLE domain_entry("                                                               \
    " domain TEXT NOT NULL,"                                                                   \
    " begins INTEGER NOT NULL,"                                                                \
    " ends INTEGER NOT NULL,"                                                                  \
    " reseller TEXT NOT NULL,"                                                                 \
    " mailbox_limit INTEGER NOT NULL,"                                                         \
    " PRIMARY KEY(domain, begins)) STRICT, WITHOUT ROWID;"                                     \
    "CREATE TABLE server_entry("                                                               \
    " server INTEGER NOT NULL REFERENCES server(id),"                                          \
    " begins INTEGER NOT NULL,"                                                                \
    " ends INTEGER NOT NULL,"                                                                  \
    " reseller TEXT NOT NULL,"                                                                 \
    " retired INTEGER NOT NULL,"                                                               \
    " PRIMARY KEY(server, begins)) STRICT, WITHOUT ROWID;"                                     \
    "CREATE TABLE move("                                                                       \
    " license INTEGER NOT NULL,"                                                               \
    " begins INTEGER NOT NULL,"                                                                \
    " ends INTEGER NOT NULL,"                                                                  \
    " reason TEXT NOT NULL,"                                                                   \
    " PRIMARY KEY(license, begins)) STRICT, WITHOUT ROWID;"                                    \
    "CREATE TABLE tariff("                                                                     \
    " kind INTEGER NOT NULL,"                                                                  \
    " reseller TEXT NOT NULL,"                                                                 \
    " currency TEXT NOT NULL,"                                                                 \
    " begins INTEGER NOT NULL,"                                                                \
    " unit_price INTEGER NOT NULL,"                                                            \
    " block INTEGER NOT NULL,"                                                                 \
    " PRIMARY KEY(kind, reseller, currency, begins)) STRICT, WITHOUT ROWID;"                   \
    "CREATE TABLE note("                                                                       \
    " name TEXT NOT NULL PRIMARY KEY,"                                                         \
    " value TEXT NOT NULL) STRICT, WITHOUT ROWID;"

/*
 * A table that only grows, at its end. The insert trigger keeps the numbers without holes; it
 * also stops INSERT OR REPLACE, which would delete without asking the delete trigger.
 */
#define APPEND_ONLY(table)                                                                     \
    "CREATE TRIGGER " table "_is_not_changed BEFORE UPDATE ON " table                          \
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                            \
    "CREATE TRIGGER " table "_is_not_deleted BEFORE DELETE ON " table                          \
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                            \
    "CREATE TRIGGER " table "_has_no_holes BEFORE INSERT ON " table                            \
    " WHEN NEW.sequence <> 1 + (SELECT coalesce(max(sequence), 0) FROM " table ")"             \
    " BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: not the next number'); END;"

/* The long texts stand last, so that look-ups do not read them. */
#define STEP_1_LEDGER                                                                          \
    "CREATE TABLE entry("                                                                      \
    " sequence INTEGER PRIMARY KEY,"                                                           \
    " period INTEGER NOT NULL,"                                                                \
    " booked INTEGER NOT NULL,"                                                                \
    " kind INTEGER NOT NULL,"                                                                  \
    " reseller TEXT NOT NULL,"                                                                 \
    " subject TEXT NOT NULL,"                                                                  \
    " currency TEXT NOT NULL,"                                                                 \
    " amount INTEGER NOT NULL,"                                                                \
    " hash TEXT NOT NULL,"                                                                     \
    " body TEXT NOT NULL,"                                                                     \
    " evidence TEXT NOT NULL) STRICT;"                                                         \
    "CREATE INDEX entry_period ON entry(period);"                                              \
    "CREATE INDEX entry_key ON entry(period, kind, reseller, subject, currency, amount);"      \
    "CREATE TABLE decision("                                                                   \
    " sequence INTEGER PRIMARY KEY,"                                                           \
    " decision INTEGER NOT NULL,"                                                              \
    " period INTEGER NOT NULL,"                                                                \
    " kind INTEGER NOT NULL,"                                                                  \
    " reseller TEXT NOT NULL,"                                                                 \
    " subject TEXT NOT NULL,"                                                                  \
    " hash TEXT NOT NULL,"                                                                     \
    " body TEXT NOT NULL) STRICT;"                                                             \
    "CREATE INDEX decision_key ON decision(period, kind, reseller, subject);"                  \
    "CREATE INDEX decision_close ON decision(period) WHERE decision = 4;" APPEND_ONLY("entry") \
        APPEND_ONLY("decision")

/* What only a scan of shared peers looked at, which is no more. Some stores lack it already. */
#define STEP_2_PEERS "DROP INDEX IF EXISTS sighting_peer;"

/*
 * Of the trail only renewals may go, which come by themselves and often, and of each server the
 * last one stays. So the last row of all stays too: its number is never given twice.
 */
#define IS_OLD_RENEWAL(row)                                                                    \
    "(" row ".what = 'renewed' AND EXISTS(SELECT 1 FROM event e WHERE e.server = " row         \
    ".server"                                                                                  \
    " AND e.sequence > " row ".sequence AND e.what = 'renewed'))"

/*
 * Who may come in. Certificates of a server that begin before its certs_from are void; NULL:
 * none is. A token's server is a name ('' = none), which it may bring back; a use's is the
 * number of the one that it gave. The trail has names, so that it can be read by itself.
 */
#define STEP_2_DOOR                                                                            \
    "ALTER TABLE server ADD COLUMN certs_from INTEGER;"                                        \
    "CREATE TABLE token("                                                                      \
    " id BLOB NOT NULL PRIMARY KEY,"                                                           \
    " secret_hash BLOB NOT NULL,"                                                              \
    " reseller TEXT NOT NULL,"                                                                 \
    " server TEXT NOT NULL,"                                                                   \
    " uses INTEGER NOT NULL,"                                                                  \
    " used INTEGER NOT NULL,"                                                                  \
    " created INTEGER NOT NULL,"                                                               \
    " expires INTEGER NOT NULL,"                                                               \
    " revoked INTEGER) STRICT, WITHOUT ROWID;"                                                 \
    "CREATE TABLE token_use("                                                                  \
    " token BLOB NOT NULL REFERENCES token(id),"                                               \
    " key_id BLOB NOT NULL,"                                                                   \
    " server INTEGER NOT NULL REFERENCES server(id),"                                          \
    " PRIMARY KEY(token, key_id)) STRICT, WITHOUT ROWID;"                                      \
    "CREATE TABLE event("                                                                      \
    " sequence INTEGER PRIMARY KEY,"                                                           \
    " at INTEGER NOT NULL,"                                                                    \
    " what TEXT NOT NULL,"                                                                     \
    " who TEXT NOT NULL,"                                                                      \
    " server TEXT NOT NULL,"                                                                   \
    " reseller TEXT NOT NULL,"                                                                 \
    " details TEXT NOT NULL) STRICT;"                                                          \
    "CREATE INDEX event_server ON event(server);"                                              \
    "CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event"                               \
    " BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;"                             \
    "CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event WHEN NOT " IS_OLD_RENEWAL(     \
        "OLD") " BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END;"                  \
               "CREATE TRIGGER event_comes_last BEFORE INSERT ON event"                        \
               " WHEN NEW.sequence <= (SELECT coalesce(max(sequence), 0) FROM event)"          \
               " BEGIN SELECT RAISE(ABORT, 'the trail is append-only: not the next number'); " \
               "END;"

/* What agents are told, and one row: how often it was published, and as of when. */
#define STEP_2_STANDING                                                                        \
    "CREATE TABLE standing("                                                                   \
    " license INTEGER NOT NULL,"                                                               \
    " reseller TEXT NOT NULL,"                                                                 \
    " is_confirmed INTEGER NOT NULL,"                                                          \
    " kinds INTEGER NOT NULL,"                                                                 \
    " since INTEGER NOT NULL,"                                                                 \
    " confirms_at INTEGER,"                                                                    \
    " PRIMARY KEY(license, reseller)) STRICT, WITHOUT ROWID;"                                  \
    "CREATE TABLE published("                                                                  \
    " one INTEGER PRIMARY KEY CHECK(one = 1),"                                                 \
    " generation INTEGER NOT NULL,"                                                            \
    " as_of INTEGER) STRICT;"                                                                  \
    "INSERT INTO published VALUES(1, 0, NULL);"

/*
 * Nights. A run is seen by nobody before it is published; what a reader was told in a published
 * one is never changed. A number is never given to a second run: whoever still writes one that
 * another has swept away must find nothing. A mail's bytes stand apart, so that looking through
 * mails does not read them.
 */
#define STEP_3_REPORT                                                                          \
    "CREATE TABLE report_run("                                                                 \
    " run INTEGER PRIMARY KEY AUTOINCREMENT,"                                                  \
    " day INTEGER NOT NULL,"                                                                   \
    " made_at INTEGER NOT NULL,"                                                               \
    " as_of INTEGER NOT NULL,"                                                                 \
    " is_failed INTEGER NOT NULL,"                                                             \
    " is_published INTEGER NOT NULL,"                                                          \
    " about TEXT NOT NULL) STRICT;"                                                            \
    "CREATE INDEX report_run_unpublished ON report_run(run) WHERE is_published = 0;"           \
    "CREATE TRIGGER report_run_is_not_changed BEFORE UPDATE ON report_run"                     \
    " WHEN OLD.is_published"                                                                   \
    " BEGIN SELECT RAISE(ABORT, 'a night that was published is not changed'); END;"            \
    "CREATE TRIGGER report_run_is_not_deleted BEFORE DELETE ON report_run"                     \
    " WHEN OLD.is_published"                                                                   \
    " BEGIN SELECT RAISE(ABORT, 'a night that was published is not deleted'); END;"            \
    "CREATE TABLE edition("                                                                    \
    " run INTEGER NOT NULL REFERENCES report_run(run),"                                        \
    " reader_kind INTEGER NOT NULL,"                                                           \
    " reader TEXT NOT NULL,"                                                                   \
    " serial INTEGER NOT NULL,"                                                                \
    " language INTEGER NOT NULL,"                                                              \
    " subject TEXT NOT NULL,"                                                                  \
    " model BLOB NOT NULL,"                                                                    \
    " PRIMARY KEY(run, reader_kind, reader)) STRICT;"                                          \
    "CREATE UNIQUE INDEX edition_serial ON edition(reader_kind, reader, serial);"              \
    "CREATE TRIGGER edition_comes_before BEFORE INSERT ON edition"                             \
    " WHEN (SELECT is_published FROM report_run WHERE run = NEW.run)"                          \
    " BEGIN SELECT RAISE(ABORT, 'its night was published'); END;"                              \
    "CREATE TRIGGER edition_is_not_changed BEFORE UPDATE ON edition"                           \
    " BEGIN SELECT RAISE(ABORT, 'what was said is not changed'); END;"                         \
    "CREATE TRIGGER edition_is_not_deleted BEFORE DELETE ON edition"                           \
    " WHEN (SELECT is_published FROM report_run WHERE run = OLD.run)"                          \
    " BEGIN SELECT RAISE(ABORT, 'what was said is not deleted'); END;"

#define STEP_3_OUTBOX                                                                          \
    "CREATE TABLE outbox("                                                                     \
    " id INTEGER PRIMARY KEY,"                                                                 \
    " run INTEGER NOT NULL REFERENCES report_run(run),"                                        \
    " reader_kind INTEGER NOT NULL,"                                                           \
    " reader TEXT NOT NULL,"                                                                   \
    " sender TEXT NOT NULL,"                                                                   \
    " recipient TEXT NOT NULL,"                                                                \
    " message_id TEXT NOT NULL UNIQUE,"                                                        \
    " state INTEGER NOT NULL,"                                                                 \
    " attempts INTEGER NOT NULL,"                                                              \
    " next_try INTEGER NOT NULL,"                                                              \
    " settled INTEGER,"                                                                        \
    " last_code INTEGER NOT NULL,"                                                             \
    " may_be_double INTEGER NOT NULL,"                                                         \
    " last_text TEXT NOT NULL) STRICT;"                                                        \
    "CREATE INDEX outbox_due ON outbox(next_try, id) WHERE state = 0;"                         \
    "CREATE INDEX outbox_run ON outbox(run);"                                                  \
    "CREATE TABLE outbox_message("                                                             \
    " mail INTEGER PRIMARY KEY REFERENCES outbox(id),"                                         \
    " message BLOB NOT NULL) STRICT;"

/* What readers were told last, in the order of the next night; and which keys were confirmed.
 */
#define STEP_3_SAID                                                                            \
    "CREATE TABLE said("                                                                       \
    " reader_kind INTEGER NOT NULL,"                                                           \
    " reader TEXT NOT NULL,"                                                                   \
    " reseller TEXT NOT NULL,"                                                                 \
    " kind INTEGER NOT NULL,"                                                                  \
    " subject TEXT NOT NULL,"                                                                  \
    " period INTEGER NOT NULL,"                                                                \
    " state INTEGER NOT NULL,"                                                                 \
    " quantity INTEGER NOT NULL,"                                                              \
    " goes_on INTEGER NOT NULL,"                                                               \
    " confirms_at INTEGER,"                                                                    \
    " is_reminded INTEGER NOT NULL,"                                                           \
    " PRIMARY KEY(reader_kind, reader, reseller, kind, subject, period)) STRICT,"              \
    " WITHOUT ROWID;"                                                                          \
    "CREATE TABLE confirmed("                                                                  \
    " reseller TEXT NOT NULL,"                                                                 \
    " period INTEGER NOT NULL,"                                                                \
    " kind INTEGER NOT NULL,"                                                                  \
    " subject TEXT NOT NULL,"                                                                  \
    " is_trial INTEGER NOT NULL,"                                                              \
    " PRIMARY KEY(reseller, period, kind, subject)) STRICT, WITHOUT ROWID;"                    \
    "CREATE INDEX confirmed_period ON confirmed(period);"

static const char *const steps[] = {
    STEP_1_OBSERVATIONS STEP_1_ESTATE STEP_1_LEDGER "PRAGMA user_version = 1;",
    STEP_2_PEERS STEP_2_DOOR STEP_2_STANDING "PRAGMA user_version = 2;",
    STEP_3_REPORT STEP_3_OUTBOX STEP_3_SAID "PRAGMA user_version = 3;",
};
static_assert(ARRAY_LEN(steps) == LITE_SCHEMA, "a step for each version");

const char *lite_schema_step(int from)
{
    return steps[from];
}
