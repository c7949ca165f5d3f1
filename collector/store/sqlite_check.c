/*
 * Looking at everything: SQLite's own checks, the schema, and what only we know to be true of
 * the rows. Each of ours is one query that gives a sentence for each defect, none when all is
 * well.
 */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

/* Texts of what is stored as numbers and bytes; NULL where that is none. */
static void license_text(sqlite3_context *context, int n, sqlite3_value **v)
{
    (void)n; /* registered with one argument */
    license_t l;
    char out[LICENSE_TEXT_SIZE];
    if (license_from_code(sqlite3_value_int64(v[0]), &l) == 0)
        sqlite3_result_text(context, license_format(l, out), -1, SQLITE_TRANSIENT);
}

static void address_text(sqlite3_context *context, int n, sqlite3_value **v)
{
    (void)n; /* registered with one argument */
    struct addr a;
    char out[ADDR_TEXT_SIZE];
    const uint8_t *p = sqlite3_value_blob(v[0]);
    if (lite_address_from(p, sqlite3_value_bytes(v[0]), &a) == 0)
        sqlite3_result_text(context, addr_format(&a, out), -1, SQLITE_TRANSIENT);
}

static void currency_text(sqlite3_context *context, int n, sqlite3_value **v)
{
    (void)n; /* registered with one argument */
    const char *code = (const char *)sqlite3_value_text(v[0]);
    if (code && currency_find(text_of(code)))
        sqlite3_result_text(context, code, -1, SQLITE_TRANSIENT);
}

static int add_functions(struct lite_store *s)
{
    static const struct {
        const char *name;
        void (*call)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"license_text", license_text},
                     {"address_text", address_text},
                     {"currency_text", currency_text}};
    for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
        int rc = sqlite3_create_function(s->db, functions[i].name, 1,
                                         SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                         functions[i].call, NULL, NULL);
        if (rc != SQLITE_OK)
            return lite_error(s, rc);
    }
    return 0;
}

/* "of PLSK.00000001 by machine 3 at 203.0.113.9", however damaged. */
#define OF_SIGHTING                                                                            \
    "'of licence ' || coalesce(license_text(a.license), 'number ' || a.license)"               \
    " || ' by machine ' || a.machine || ' at '"                                                \
    " || coalesce(address_text(a.address), 'bytes ' || hex(a.address)) || ', source '"         \
    " || a.source || ', from ' || a.first || ' to ' || a.last"
#define OF_MAIL_ROW                                                                            \
    "'of ' || a.domain || ' on server ' || a.server || ' from ' || a.first || ' to ' || "      \
    "a.last"
#define OF_GAP                                                                                 \
    "'of machine ' || a.machine || ', kind ' || a.what || ' from ' || a.first || ' to '"       \
    " || a.last"
#define NOT_COUNT(column) "a." column " NOT BETWEEN 0 AND 10000000"
static_assert(CAP_REPORT_COUNT == 10000000, "the number in the query");
/* NULL passes: the columns of which that would be a defect refuse it. */
#define NOT_NAME(column) "length(CAST(a." column " AS BLOB)) NOT BETWEEN 1 AND 64"
#define NOT_READER "a.reader_kind NOT BETWEEN 0 AND 2 OR a.reader = ''"
#define NOT_PERIOD "a.period NOT BETWEEN 0 AND 2147483647"
static_assert(READER_OPERATOR == 2 && MAIL_STATE_DEAD == 2 && LANGUAGE_NL == 1,
              "the numbers in the queries");
#define NO_RESELLER(table, what)                                                               \
    "SELECT '" what " ' || a." what " || ': its reseller ' || a.reseller || ' is unknown'"     \
    " FROM " table " a WHERE NOT EXISTS(SELECT 1 FROM reseller r WHERE r.id = a.reseller)"
/* The entries of servers, with their names. */
#define SERVER_ENTRY                                                                           \
    "(SELECT s.name AS server, e.begins, e.ends, e.reseller FROM server_entry e"               \
    " JOIN server s ON s.id = e.server)"
#define OVERLAP(table, column)                                                                 \
    "SELECT 'estate: two entries of " column " ' || a." column " || ' overlap, from '"         \
    " || b.begins || ' on' FROM " table " a JOIN " table " b ON b." column " = a." column      \
    " AND b.begins > a.begins AND b.begins < a.ends"
#define BAD_TERM(table)                                                                        \
    "SELECT 'estate: a row of " table " ends before it begins' FROM " table                    \
    " WHERE begins >= ends"
#define HOLE(table)                                                                            \
    "SELECT 'ledger: number ' || (a.sequence - 1) || ' is missing from table " table           \
    "' FROM " table " a WHERE a.sequence <> 1"                                                 \
    " AND NOT EXISTS(SELECT 1 FROM " table " b WHERE b.sequence = a.sequence - 1)"

static const char *const queries[] = {
    "SELECT 'sighting ' || " OF_SIGHTING " || ': not well-formed' FROM sighting a"
    " WHERE license_text(a.license) IS NULL OR address_text(a.address) IS NULL"
    " OR a.source NOT BETWEEN 0 AND 4 OR a.first > a.last",
    "SELECT 'sighting ' || " OF_SIGHTING " || ': another begins within it, at ' || b.first"
    " FROM sighting a JOIN sighting b ON b.license = a.license AND b.machine = a.machine"
    " AND b.address = a.address AND b.source = a.source AND b.first > a.first"
    " AND b.first <= a.last",
    "SELECT 'mailboxes ' || " OF_MAIL_ROW " || ': not well-formed' FROM mail_row a"
    " WHERE length(a.domain) NOT BETWEEN 1 AND 253 OR a.first > a.last"
    " OR " NOT_COUNT("mailboxes") " OR " NOT_COUNT("aliases") " OR " NOT_COUNT(
        "forwards") " OR " NOT_COUNT("lists") " OR " NOT_COUNT("alias_domains") " OR "
                                                                                "a.catch_all "
                                                                                "NOT IN (0, 1) "
                                                                                "OR a.filtered "
                                                                                "NOT IN (0, 1)",
    "SELECT 'mailboxes ' || " OF_MAIL_ROW " || ': another begins within it, at ' || b.first"
    " FROM mail_row a JOIN mail_row b ON b.domain = a.domain AND b.server = a.server"
    " AND b.mailboxes = a.mailboxes AND b.aliases = a.aliases AND b.forwards = a.forwards"
    " AND b.lists = a.lists AND b.alias_domains = a.alias_domains"
    " AND b.catch_all = a.catch_all AND b.filtered = a.filtered AND b.first > a.first"
    " AND b.first <= a.last",
    "SELECT 'gap ' || " OF_GAP " || ': not well-formed' FROM gap a"
    " WHERE a.what NOT BETWEEN 0 AND 3 OR a.first > a.last OR a.lost < 0",
    "SELECT 'gap ' || " OF_GAP " || ': another begins within it, at ' || b.first"
    " FROM gap a JOIN gap b ON b.machine = a.machine AND b.what = a.what"
    " AND b.first > a.first AND b.first <= a.last",
    "SELECT 'machine ' || id || ': its boot_id has ' || length(boot) || ' bytes' FROM machine"
    " WHERE length(boot) <> 16",
    "SELECT 'server ' || id || ': its name is not 1 to 64 bytes long' FROM server"
    " WHERE length(CAST(name AS BLOB)) NOT BETWEEN 1 AND 64",
    "SELECT 'licence number ' || license || ' in what was reported of licences is none'"
    " FROM license_seen WHERE license_text(license) IS NULL",
    "SELECT 'report of machine ' || machine || ': counter ' || counter FROM report"
    " WHERE counter < 1",
    "SELECT 'the tally does not say what is stored' FROM tally WHERE sightings <>"
    " (SELECT count(*) FROM sighting) OR mail_rows <> (SELECT count(*) FROM mail_row)"
    " OR first IS NOT (SELECT min(x) FROM (SELECT min(first) AS x FROM sighting"
    "  UNION ALL SELECT min(first) FROM mail_row))",
    "SELECT 'the tally is missing' WHERE NOT EXISTS(SELECT 1 FROM tally)",
    "SELECT 'reseller ' || a.id || ': its account manager ' || a.manager || ' is unknown'"
    " FROM reseller a WHERE NOT EXISTS(SELECT 1 FROM manager m WHERE m.id = a.manager)",
    "SELECT 'reseller ' || id || ': currency ' || currency || ' is unknown' FROM reseller"
    " WHERE currency_text(currency) IS NULL",
    "SELECT 'network of reseller ' || a.reseller || ', which is unknown' FROM network a"
    " WHERE NOT EXISTS(SELECT 1 FROM reseller r WHERE r.id = a.reseller)",
    "SELECT 'network of reseller ' || reseller || ': not well-formed' FROM network"
    " WHERE address_text(base) IS NULL OR bits NOT BETWEEN 0 AND 8 * (length(base) - 1)",
    "SELECT 'licence ' || coalesce(license_text(a.license), a.license) || ': its reseller '"
    " || a.reseller || ' is unknown' FROM license_entry a"
    " WHERE NOT EXISTS(SELECT 1 FROM reseller r WHERE r.id = a.reseller)",
    "SELECT 'estate: licence number ' || license || ': not well-formed' FROM license_entry"
    " WHERE license_text(license) IS NULL"
    " OR (binding IS NOT NULL AND address_text(binding) IS NULL)",
    "SELECT 'estate: a move of licence number ' || license || ', which is none' FROM move"
    " WHERE license_text(license) IS NULL",
    NO_RESELLER("domain_entry", "domain"),
    NO_RESELLER(SERVER_ENTRY, "server"),
    "SELECT 'tariff of reseller ' || a.reseller || ', which is unknown' FROM tariff a"
    " WHERE a.reseller <> '' AND NOT EXISTS(SELECT 1 FROM reseller r WHERE r.id = a.reseller)",
    "SELECT 'tariff of kind ' || kind || ' in ' || currency || ': not well-formed' FROM tariff"
    " WHERE kind NOT BETWEEN 0 AND 2 OR unit_price < 0 OR block < 1"
    " OR currency_text(currency) IS NULL",
    OVERLAP("license_entry", "license"),
    OVERLAP("domain_entry", "domain"),
    OVERLAP(SERVER_ENTRY, "server"),
    BAD_TERM("license_entry"),
    BAD_TERM("domain_entry"),
    BAD_TERM("server_entry"),
    BAD_TERM("network"),
    BAD_TERM("move"),
    "SELECT 'server ' || a.name || ': its enrolment is not well-formed' FROM server a"
    " WHERE (a.enrolled_reseller IS NULL) <> (a.enrolled_at IS NULL)"
    " OR (a.enrolled_reseller IS NULL AND coalesce(a.revoked, a.certs_from) IS NOT NULL)"
    " OR " NOT_NAME("enrolled_reseller"),
    "SELECT 'token ' || lower(hex(a.id)) || ': not well-formed' FROM token a"
    " WHERE length(a.id) <> 8 OR length(a.secret_hash) <> 32 OR a.uses < 1 OR a.used < 0"
    " OR " NOT_NAME("reseller") " OR (a.server <> '' AND " NOT_NAME("server") ")",
    "SELECT 'token ' || lower(hex(a.token)) || ': a use is not well-formed' FROM token_use a"
    " WHERE length(a.key_id) <> 32",
    "SELECT 'token ' || lower(hex(a.token)) || ': it let in ' || s.name || ', which is not "
    "enrolled' FROM token_use a JOIN server s ON s.id = a.server"
    " WHERE s.enrolled_reseller IS NULL",
    "SELECT 'trail: event ' || sequence || ' is not well-formed' FROM event"
    " WHERE sequence < 1 OR what = '' OR substr(details, 1, 1) <> '{'",
    "SELECT 'state of ' || coalesce(license_text(a.license), 'number ' || a.license) || ' for '"
    " || a.reseller || ': not well-formed' FROM standing a WHERE license_text(a.license) IS "
    "NULL"
    " OR a.is_confirmed NOT IN (0, 1) OR a.kinds NOT BETWEEN 0 AND 7 OR " NOT_NAME("reseller"),
    "SELECT 'states of licences are there, but none was ever published' FROM published"
    " WHERE generation < 1 AND EXISTS(SELECT 1 FROM standing)",
    "SELECT 'the number of the last publication is missing'"
    " WHERE NOT EXISTS(SELECT 1 FROM published)",
    "SELECT 'night ' || run || ': not well-formed' FROM report_run WHERE run < 1"
    " OR is_failed NOT IN (0, 1) OR is_published NOT IN (0, 1) OR substr(about, 1, 1) <> '{'",
    "SELECT 'night ' || run || ': it is not the only one that is being written' FROM report_run"
    " WHERE is_published = 0 AND run <> (SELECT max(run) FROM report_run)",
    "SELECT 'report to ' || a.reader || ', number ' || a.serial || ': not well-formed'"
    " FROM edition a WHERE " NOT_READER " OR a.language NOT IN (0, 1) OR a.serial < 1",
    "SELECT 'reports to ' || reader || ': a number is missing' FROM edition"
    " GROUP BY reader_kind, reader HAVING max(serial) <> count(*)",
    "SELECT 'mail ' || a.id || ': not well-formed' FROM outbox a WHERE " NOT_READER
    " OR a.id < 1 OR a.state NOT BETWEEN 0 AND 2 OR a.attempts < 0"
    " OR a.may_be_double NOT IN (0, 1) OR (a.state = 0) <> (a.settled IS NULL)",
    "SELECT 'mail ' || a.id || ' waits, and its text is missing' FROM outbox a"
    " WHERE a.state = 0 AND NOT EXISTS(SELECT 1 FROM outbox_message m WHERE m.mail = a.id)",
    "SELECT 'mail ' || a.id || ' was settled, and its night was never published' FROM outbox a"
    " JOIN report_run r ON r.run = a.run WHERE a.state <> 0 AND r.is_published = 0",
    "SELECT 'what ' || a.reader || ' was told of ' || a.subject || ': not well-formed'"
    " FROM said a WHERE " NOT_READER " OR a.kind NOT BETWEEN 0 AND 255"
    " OR a.state NOT BETWEEN 0 AND 255 OR a.goes_on NOT IN (0, 1)"
    " OR a.is_reminded NOT IN (0, 1) OR " NOT_PERIOD,
    "SELECT 'confirmed key of ' || a.reseller || ', ' || a.subject || ': not well-formed'"
    " FROM confirmed a WHERE a.kind NOT BETWEEN 0 AND 2 OR a.is_trial NOT IN (0, 1)"
    " OR " NOT_NAME("reseller") " OR " NOT_PERIOD,
    HOLE("entry"),
    HOLE("decision"),
    "SELECT 'ledger: entry ' || sequence || ' is not well-formed' FROM entry"
    " WHERE kind NOT BETWEEN 0 AND 2 OR length(hash) <> 64 OR currency_text(currency) IS NULL",
    "SELECT 'ledger: decision ' || sequence || ' is not well-formed' FROM decision"
    " WHERE decision NOT BETWEEN 0 AND 4 OR kind NOT BETWEEN 0 AND 2 OR length(hash) <> 64",
    /* The tables' and rows' own references. */
    "SELECT 'table ' || \"table\" || coalesce(', row ' || rowid, '') || ': what it refers to "
    "in '"
    " || parent || ' is not there' FROM pragma_foreign_key_check",
};
static_assert(SOURCE_COUNT == 5 && GAP_KIND_COUNT == 4 && CHARGE_KIND_COUNT == 3 &&
                  CAP_DOMAIN == 253 && CAP_ID == 64 && STORE_TOKEN_ID == 8,
              "the numbers in the queries");

/* ---- Running them -------------------------------------------------------------------- */

struct check {
    struct lite_store *store;
    void (*complain)(void *arg, const char *sentence);
    void *arg;
    int64_t defects;
};

static void complain(struct check *c, const char *sentence)
{
    c->defects++;
    c->complain(c->arg, sentence);
}

/* SQLite's integrity check calls a page that it had no memory for a defect: "error code=7". */
static bool is_out_of_memory(const struct lite_store *s, const char *said)
{
    static_assert(SQLITE_NOMEM == 7, "the number in the text");
    return said ? strstr(said, "error code=7") != NULL : sqlite3_errcode(s->db) == SQLITE_NOMEM;
}

/*
 * Each row of a statement is a defect, but one that says "ok". A file too damaged to be read on
 * is a defect too, and the next check may still find more.
 */
static int run(struct check *c, const char *sql)
{
    struct lite_store *s = c->store;
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(st);
        const char *said = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
        if (rc == SQLITE_ROW && is_out_of_memory(s, said)) {
            rc = SQLITE_NOMEM;
            break;
        }
        if (rc == SQLITE_ROW && (!said || strcmp(said, "ok") != 0))
            complain(c, said ? said : "a defect that cannot be told");
    }
    int r = rc == SQLITE_DONE ? 0 : lite_error(s, rc);
    int kind = rc & 0xff;
    bool is_damage = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB || kind == SQLITE_ERROR;
    if (r < 0 && is_damage) {
        complain(c, s->base.diag.text);
        r = 0;
    }
    (void)sqlite3_finalize(st); /* repeats the step's error */
    return r;
}

/* ---- The schema ---------------------------------------------------------------------- */

static const char schema_sql[] =
    "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
    " ORDER BY name, type";

/* A row of one of the two schemas as a line of text; "" at the end. */
static int schema_line(struct lite_store *s, sqlite3_stmt *st, struct buf *ret)
{
    buf_reset(ret);
    int r = lite_step(s, st);
    for (int i = 0; i < 3 && r == 1; i++) {
        const char *text = (const char *)sqlite3_column_text(st, i);
        buf_add_str(ret, text ? text : "");
        buf_add_char(ret, i < 2 ? ' ' : ';');
    }
    return r < 0 ? r : buf_error(ret);
}

static int compare_schemas(struct check *c, struct lite_store *good, sqlite3_stmt *want,
                           sqlite3_stmt *have)
{
    AUTO(buf) struct buf a = BUF_INIT(CAP_QUOTE << 10);
    AUTO(buf) struct buf b = BUF_INIT(CAP_QUOTE << 10);
    for (;;) {
        int r = schema_line(good, want, &a);
        if (r == 0)
            r = schema_line(c->store, have, &b);
        if (r < 0)
            return r;
        if (strcmp(buf_str(&a), buf_str(&b)) != 0) {
            struct diag d;
            (void)diag_set(&d, 0, "the schema is not ours: %.60s instead of %.60s",
                           *buf_str(&b) ? buf_str(&b) : "nothing",
                           *buf_str(&a) ? buf_str(&a) : "nothing");
            complain(c, d.text);
            return 0; /* what follows is out of step */
        }
        if (a.len == 0)
            return 0;
    }
}

/* The same steps make a schema in memory; both must read alike. */
static int check_schema(struct check *c)
{
    struct lite_store good = {.path = c->store->path};
    sqlite3_stmt *want = NULL;
    sqlite3_stmt *have = NULL;
    int r = 0;
    int rc = sqlite3_open_v2(":memory:", &good.db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        r = lite_migrate(&good);
    if (rc == SQLITE_OK && r == 0)
        rc = sqlite3_prepare_v2(good.db, schema_sql, -1, &want, NULL);
    if (rc != SQLITE_OK)
        r = lite_error(&good, rc);
    if (r == 0) {
        rc = sqlite3_prepare_v2(c->store->db, schema_sql, -1, &have, NULL);
        r = rc == SQLITE_OK ? compare_schemas(c, &good, want, have) : lite_error(c->store, rc);
    } else {
        c->store->base.diag = good.base.diag;
    }
    (void)sqlite3_finalize(want); /* read only: nothing can be lost */
    (void)sqlite3_finalize(have);
    (void)sqlite3_close(good.db);
    return r;
}

int lite_check(struct store *store, void (*tell)(void *arg, const char *sentence), void *arg,
               int64_t *ret_defects)
{
    struct check c = {.store = lite_of(store), .complain = tell, .arg = arg};
    int r = add_functions(c.store);
    if (r == 0)
        r = run(&c, "PRAGMA integrity_check(1000000)");
    if (r == 0)
        r = check_schema(&c);
    for (size_t i = 0; i < ARRAY_LEN(queries) && r == 0; i++)
        r = run(&c, queries[i]);
    if (r == 0)
        *ret_defects = c.defects;
    return r;
}
