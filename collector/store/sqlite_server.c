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
    " OR EXISTS(SELECT 1 FROM server_entry WHERE server = s.name))"

static const struct query server_find = {QUERY_SERVER_FIND,
                                         "SELECT id FROM server WHERE name = ?1"};
static const struct query server_find_known = {
    QUERY_SERVER_FIND_KNOWN, "SELECT s.id FROM server s WHERE s.name = ?1 AND " IS_KNOWN};
static const struct query server_add = {QUERY_SERVER_ADD,
                                        "INSERT INTO server(name) VALUES(?1) RETURNING id"};
static const struct query server_get = {
    QUERY_SERVER_GET, "SELECT name, enrolled_reseller, enrolled_at, retired, revoked"
                      " FROM server WHERE id = ?1"};
static const struct query server_tenures = {
    QUERY_SERVER_TENURES, "SELECT reseller, begins, ends, retired FROM server_entry"
                          " WHERE server = ?1 ORDER BY begins"};
static const struct query server_retire = {QUERY_SERVER_RETIRE,
                                           "UPDATE server SET retired = ?2 WHERE id = ?1"};
static const struct query machine_find = {
    QUERY_MACHINE_FIND, "SELECT id FROM machine WHERE server = ?1 AND boot = ?2"};
static const struct query machine_add = {
    QUERY_MACHINE_ADD, "INSERT INTO machine(server, boot) VALUES(?1, ?2) RETURNING id"};
static const struct query machine_get = {QUERY_MACHINE_GET,
                                         "SELECT server, boot FROM machine WHERE id = ?1"};

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

/* Finds, or adds: both queries take the same values. */
static int find_or_add(struct lite_store *s, const struct query *find, const struct query *add,
                       const struct value v[static 2], int64_t *ret)
{
    size_t n = v[1].kind == VALUE_NULL ? 1 : 2;
    int r = find_id(s, find, v, n, ret);
    if (r == 0)
        r = find_id(s, add, v, n, ret);
    return r < 0 ? r : 0;
}

int lite_server_id(struct lite_store *s, const char *name, server_id *ret)
{
    return find_or_add(s, &server_find, &server_add, LITE_VALUES(TEXT(name), SQL_NULL), ret);
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
        r = find_or_add(s, &machine_find, &machine_add,
                        LITE_VALUES(INT(found.server), BLOB(boot->bytes, sizeof boot->bytes)),
                        &found.machine);
    if (r < 0)
        return r;
    *kept = found;
    *ret = found;
    return 0;
}

int lite_get_machine(struct store *store, machine_id id, struct store_machine *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &machine_get, &st, INT(id));
    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    if (r == 0)
        return diag_set(&store->diag, -ENOENT, "no machine has the number %lld", (long long)id);
    const void *boot = sqlite3_column_blob(st, 1);
    if (!boot || sqlite3_column_bytes(st, 1) != (int)sizeof ret->boot.bytes)
        return lite_damaged(s, "a machine's boot_id");
    ret->server = sqlite3_column_int64(st, 0);
    memcpy(ret->boot.bytes, boot, sizeof ret->boot.bytes);
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

/* The moment in a column; NULL stands for "not". */
static wall_t column_end(sqlite3_stmt *st, int column)
{
    if (sqlite3_column_type(st, column) == SQLITE_NULL)
        return WALL_END;
    return (wall_t){sqlite3_column_int64(st, column)};
}

static int get_tenures(struct lite_store *s, struct store_server *server)
{
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &server_tenures, &st, TEXT(server->name));
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
        server->retired = wall_min(server->retired, column_end(st, 3));
    }
}

int lite_get_server(struct store *store, server_id id, struct store_server *ret)
{
    struct lite_store *s = lite_of(store);
    AUTO(lite_reset) sqlite3_stmt *st = NULL;
    int r = LITE_USE(s, &server_get, &st, INT(id));
    if (r == 0)
        r = lite_step(s, st);
    if (r < 0)
        return r;
    if (r == 0)
        return diag_set(&store->diag, -ENOENT, "no server has the number %lld", (long long)id);
    struct store_server found = {0};
    found.is_enrolled = sqlite3_column_type(st, 1) != SQLITE_NULL;
    found.retired = column_end(st, 3);
    found.revoked = column_end(st, 4);
    if (lite_copy_text(st, 0, found.name, sizeof found.name) < 0)
        return lite_damaged(s, "a server's name");
    if (found.is_enrolled) {
        found.enrolled_at.s = sqlite3_column_int64(st, 2);
        if (lite_copy_text(st, 1, found.enrolled_reseller, sizeof found.enrolled_reseller) < 0)
            return lite_damaged(s, "a server's enrolment");
    }
    r = get_tenures(s, &found);
    if (r < 0)
        return r;
    *ret = found;
    return 0;
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
