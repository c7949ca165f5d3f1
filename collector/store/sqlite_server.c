/* Servers and machines: names to numbers and back. */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

/*
 * A server is known while it has reported, was enrolled, or stands in the estate. The row of
 * one that was only in an earlier estate stays, with its number, but is as if it were not.
 */
#define IS_KNOWN                                                                               \
    "(s.enrolled_reseller IS NOT NULL OR EXISTS(SELECT 1 FROM machine WHERE server = s.id)"    \
    " OR EXISTS(SELECT 1 FROM server_entry WHERE server = s.id))"

static const struct query server_find = {QUERY_SERVER_FIND,
                                         "SELECT id FROM server WHERE name = ?1"};
static const struct query server_find_known = {
    QUERY_SERVER_FIND_KNOWN, "SELECT s.id FROM server s WHERE s.name = ?1 AND " IS_KNOWN};
static const struct query server_add = {QUERY_SERVER_ADD,
                                        "INSERT INTO server(name) VALUES(?1) RETURNING id"};
static const struct query server_get = {QUERY_SERVER_GET, "SELECT " LITE_SERVER_COLUMNS
                                                          " FROM server s WHERE s.id = ?1"};
static const struct query server_tenures = {
    QUERY_SERVER_TENURES, "SELECT reseller, begins, ends, retired FROM server_entry"
                          " WHERE server = ?1 ORDER BY begins"};
static const struct query server_retire = {QUERY_SERVER_RETIRE,
                                           "UPDATE server SET retired = ?2 WHERE id = ?1"};
static const struct query server_admit = {
    QUERY_SERVER_ADMIT, "SELECT id, enrolled_reseller, enrolled_at, revoked, certs_from"
                        " FROM server WHERE name = ?1 AND enrolled_reseller IS NOT NULL"};
static const struct query server_enrol = {
    QUERY_SERVER_ENROL, "UPDATE server SET enrolled_reseller = ?2,"
                        " enrolled_at = coalesce(enrolled_at, ?3), revoked = NULL,"
                        " certs_from = ?4 WHERE id = ?1"};
static const struct query server_revoke = {
    QUERY_SERVER_REVOKE, "UPDATE server SET revoked = coalesce(revoked, ?2)"
                         " WHERE name = ?1 AND enrolled_reseller IS NOT NULL"};
static const struct query machine_find = {
    QUERY_MACHINE_FIND, "SELECT id FROM machine WHERE server = ?1 AND boot = ?2"};
static const struct query machine_add = {
    QUERY_MACHINE_ADD, "INSERT INTO machine(server, boot, id) VALUES(?1, ?2, ?3)"};
static const struct query machine_get = {QUERY_MACHINE_GET,
                                         "SELECT server, boot FROM machine WHERE id = ?1"};
static const struct query machine_last = {
    QUERY_MACHINE_LAST, "SELECT max(id) FROM machine WHERE id BETWEEN ?1 AND ?2"};

/* The number that a query finds: 1; 0 when there is none. */
static int find_id(struct lite_store *s, const struct query *q, const struct value *v, size_t n,
                   int64_t *ret)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = lite_use(s, q, v, n, &st);
    if (r == 0)
        r = lite_step(s, st);
    if (r == 1)
        *ret = sqlite3_column_int64(st, 0);
    return r;
}

int lite_server_id(struct lite_store *s, const char *name, server_id *ret)
{
    int r = find_id(s, &server_find, LITE_VALUES(TEXT(name)), 1, ret);
    if (r == 0)
        r = find_id(s, &server_add, LITE_VALUES(TEXT(name)), 1, ret);
    return r < 0 ? r : 0;
}

/* A new machine takes the next of its server's numbers. */
static int add_machine(struct lite_store *s, const char *name, server_id server,
                       const struct uuid *boot, machine_id *ret)
{
    machine_id first = server << STORE_MACHINE_BITS;
    machine_id most = first | ((INT64_C(1) << STORE_MACHINE_BITS) - 1);
    machine_id last = first;
    int r = find_id(s, &machine_last, LITE_VALUES(INT(first), INT(most)), 2, &last);
    if (r < 0)
        return r;
    last = last > first ? last : first; /* NULL, where there is none, reads as 0 */
    if (last == most)
        return diag_set(&s->base.diag, -ERANGE, "the agent of %s was started too often", name);
    *ret = last + 1;
    return LITE_RUN(s, &machine_add, INT(server), BLOB(boot->bytes, sizeof boot->bytes),
                    INT(*ret));
}

static int machine_of(struct lite_store *s, const char *name, server_id server,
                      const struct uuid *boot, machine_id *ret)
{
    int r = find_id(s, &machine_find,
                    LITE_VALUES(INT(server), BLOB(boot->bytes, sizeof boot->bytes)), 2, ret);
    return r == 0 ? add_machine(s, name, server, boot, ret) : r < 0 ? r : 0;
}

static size_t sender_slot(const char *server, const struct uuid *boot)
{
    /* FNV-1a over both; a clash only costs a look-up. */
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (const char *p = server; *p; p++)
        h = (h ^ (uint8_t)*p) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < sizeof boot->bytes; i++)
        h = (h ^ boot->bytes[i]) * UINT64_C(0x100000001b3);
    return (size_t)(h ^ h >> 32) % LITE_SENDERS;
}

int lite_sender(struct lite_store *s, const char *server, const struct uuid *boot,
                struct lite_sender *ret)
{
    struct lite_sender *kept = &s->senders[sender_slot(server, boot)];
    if (strcmp(kept->server_name, server) == 0 &&
        memcmp(&kept->boot, boot, sizeof *boot) == 0) {
        *ret = *kept;
        return 0;
    }
    size_t n = strlen(server);
    struct lite_sender found = {.boot = *boot};
    if (n == 0 || n >= sizeof found.server_name)
        return diag_set(&s->base.diag, -ERANGE, "a server's name has 1 to %d bytes", CAP_ID);
    memcpy(found.server_name, server, n);
    int r = lite_server_id(s, server, &found.server);
    if (r == 0)
        r = machine_of(s, server, found.server, boot, &found.machine);
    if (r < 0)
        return r;
    *kept = found;
    *ret = found;
    return 0;
}

int lite_find_server(struct store *store, const char *name, server_id *ret)
{
    int r = find_id(lite_of(store), &server_find_known, LITE_VALUES(TEXT(name)), 1, ret);
    if (r == 0) {
        char shown[TEXT_QUOTE_SIZE];
        return diag_set(&store->diag, -ENOENT, "no server is named %s",
                        text_quote(text_of(name), shown));
    }
    return r < 0 ? r : 0;
}

static int get_tenures(struct lite_store *s, server_id id, struct store_server *server)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &server_tenures, &st, INT(id));
    if (r < 0)
        return r;
    for (;;) {
        r = lite_step(s, st);
        if (r <= 0)
            return r;
        size_t i = server->n_tenures++;
        if (i == STORE_TENURES_MAX ||
            lite_copy_text(st, 0, server->tenures[i].reseller, CAP_ID + 1) < 0)
            return lite_damaged(s, "a server's entries in the estate");
        server->tenures[i].valid.from.s = sqlite3_column_int64(st, 1);
        server->tenures[i].valid.to.s = sqlite3_column_int64(st, 2);
        server->retired = wall_min(server->retired, lite_moment(st, 3, WALL_END));
    }
}

/* One row by its number, which `st` holds until reset. `what` is for a person. */
static int get_row(struct lite_store *s, const struct query *q, int64_t id, const char *what,
                   sqlite3_stmt **ret)
{
    int r = LITE_USE(s, q, ret, INT(id));
    if (r == 0)
        r = lite_step(s, *ret);
    if (r == 0)
        return diag_set(&s->base.diag, -ENOENT, "no %s has the number %lld", what,
                        (long long)id);
    return r < 0 ? r : 0;
}

static int read_machine(struct lite_store *s, sqlite3_stmt *st, struct store_machine *ret)
{
    const void *boot = sqlite3_column_blob(st, 1);
    if (!boot || sqlite3_column_bytes(st, 1) != (int)sizeof ret->boot.bytes)
        return lite_damaged(s, "a machine's boot_id");
    ret->server = sqlite3_column_int64(st, 0);
    memcpy(ret->boot.bytes, boot, sizeof ret->boot.bytes);
    return 0;
}

int lite_get_machine(struct store *store, machine_id id, struct store_machine *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = get_row(s, &machine_get, id, "machine", &st);
    return r < 0 ? r : read_machine(s, st, ret);
}

/* LITE_SERVER_COLUMNS, from `column` on. Of the tenures, which are many bytes, only those
 * that there are are written. */
static int read_server(struct lite_store *s, server_id id, sqlite3_stmt *st, int column,
                       struct store_server *ret)
{
    ret->is_enrolled = sqlite3_column_type(st, column + 1) != SQLITE_NULL;
    ret->enrolled_reseller[0] = '\0';
    ret->enrolled_at.s = sqlite3_column_int64(st, column + 2);
    ret->retired = lite_moment(st, column + 3, WALL_END);
    ret->revoked = lite_moment(st, column + 4, WALL_END);
    ret->n_tenures = 0;
    if (lite_copy_text(st, column, ret->name, sizeof ret->name) < 0)
        return lite_damaged(s, "a server's name");
    if (ret->is_enrolled && lite_copy_text(st, column + 1, ret->enrolled_reseller,
                                           sizeof ret->enrolled_reseller) < 0)
        return lite_damaged(s, "a server's enrolment");
    return sqlite3_column_int64(st, column + 5) != 0 ? get_tenures(s, id, ret) : 0;
}

static void copy_server(const struct store_server *from, struct store_server *ret)
{
    memcpy(ret, from,
           offsetof(struct store_server, tenures) + from->n_tenures * sizeof from->tenures[0]);
}

int lite_get_server(struct store *store, server_id id, struct store_server *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    struct store_server found;
    int r = get_row(s, &server_get, id, "server", &st);
    if (r == 0)
        r = read_server(s, id, st, 0, &found);
    if (r == 0)
        copy_server(&found, ret);
    return r;
}

/* ---- All servers, by number ----------------------------------------------------------- */

int lite_facts_init(struct lite_scan *scan)
{
    scan->facts_of = calloc(1, sizeof *scan->facts_of);
    return scan->facts_of ? 0 : lite_error(scan->store, SQLITE_NOMEM);
}

int lite_next_server_facts(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    int r = lite_scan_step(scan);
    if (r <= 0)
        return r;
    server_id id = sqlite3_column_int64(scan->st, 0);
    r = read_server(scan->store, id, scan->st, 1, scan->facts_of);
    if (r < 0)
        return r;
    *(struct store_server_facts *)ret = (struct store_server_facts){id, scan->facts_of};
    return 1;
}

int lite_retire_server(struct store *store, const char *name, wall_t at)
{
    struct lite_store *s = lite_of(store);
    server_id id;
    int r = lite_writable(s);
    if (r == 0)
        r = lite_find_server(store, name, &id);
    if (r < 0)
        return r;
    return LITE_RUN(s, &server_retire, INT(id), INT(at.s));
}

/* ---- Enrolment ------------------------------------------------------------------------ */

static int not_enrolled(struct lite_store *s, const char *name)
{
    char shown[TEXT_QUOTE_SIZE];
    return diag_set(&s->base.diag, -ENOENT, "no server named %s is enrolled",
                    text_quote(text_of(name), shown));
}

int lite_get_admission(struct store *store, const char *name, struct store_admission *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &server_admit, &st, TEXT(name));
    if (r == 0)
        r = lite_step(s, st);
    if (r <= 0)
        return r == 0 ? not_enrolled(s, name) : r;
    struct store_admission x = {
        .id = sqlite3_column_int64(st, 0),
        .enrolled_at = {sqlite3_column_int64(st, 2)},
        .revoked = lite_moment(st, 3, WALL_END),
        .certs_from = lite_moment(st, 4, WALL_BEGIN),
    };
    if (lite_copy_text(st, 1, x.reseller, sizeof x.reseller) < 0)
        return lite_damaged(s, "a server's enrolment");
    *ret = x;
    return 0;
}

/* A name of the size that it is read back with; -ERANGE. */
static int check_name(struct lite_store *s, const char *name, const char *whose)
{
    size_t n = strlen(name);
    if (n > 0 && n <= CAP_ID)
        return 0;
    return diag_set(&s->base.diag, -ERANGE, "a %s's name has 1 to %d bytes", whose, CAP_ID);
}

int lite_enrol_server(struct store *store, const char *name, const char *reseller, wall_t at,
                      wall_t certs_from)
{
    struct lite_store *s = lite_of(store);
    server_id id;
    int r = lite_writable(s);
    if (r == 0)
        r = check_name(s, name, "server");
    if (r == 0)
        r = check_name(s, reseller, "reseller");
    if (r == 0)
        r = lite_server_id(s, name, &id);
    if (r < 0)
        return r;
    return LITE_RUN(s, &server_enrol, INT(id), TEXT(reseller), INT(at.s),
                    lite_moment_value(certs_from, WALL_BEGIN));
}

int lite_revoke_server(struct store *store, const char *name, wall_t at)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r == 0)
        r = LITE_RUN(s, &server_revoke, TEXT(name), INT(at.s));
    if (r == 0 && sqlite3_changes(s->db) == 0)
        r = not_enrolled(s, name);
    return r;
}
