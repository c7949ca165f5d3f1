/*
 * Peer addresses that more than one server used. Nearly every address has one server, so an
 * index of peers alone is walked in the order of addresses, and the rows of an address are
 * looked at only where a second server shows up. Nothing is gathered: memory stays constant.
 */
#include "store/sqlite_backend.h"

#include <errno.h>
#include <string.h>

static const char rows_sql[] =
    "SELECT m.server, s.first, s.last"
    " FROM sighting s INDEXED BY sighting_peer CROSS JOIN machine m ON m.id = s.machine"
    " WHERE s.source = 0 AND s.address = ?1 ORDER BY m.server, s.machine, s.license, s.first";

int lite_peers_init(struct lite_scan *scan)
{
    scan->peers.address_len = -1; /* of no address */
    int rc = sqlite3_prepare_v2(scan->store->db, rows_sql, -1, &scan->peers.rows, NULL);
    return rc == SQLITE_OK ? 0 : lite_error(scan->store, rc);
}

/* Notes the address of the walk's row. True when it is another than before. */
static bool is_new_address(struct lite_scan *scan)
{
    const void *p = sqlite3_column_blob(scan->st, 0);
    int n = sqlite3_column_bytes(scan->st, 0);
    n = p && n <= ADDRESS_KEY_MAX ? n : 0; /* refused when it is given */
    if (n == scan->peers.address_len &&
        (n == 0 || memcmp(p, scan->peers.address, (size_t)n) == 0))
        return false;
    if (n > 0)
        memcpy(scan->peers.address, p, (size_t)n);
    scan->peers.address_len = n;
    return true;
}

static int server_of(struct lite_scan *scan, machine_id machine, server_id *ret)
{
    struct store_machine m;
    int r = lite_get_machine(&scan->store->base, machine, &m);
    if (r == -ENOENT)
        return lite_damaged(scan->store, "a sighting of no machine");
    if (r == 0)
        *ret = m.server;
    return r;
}

/* Whether the walk's row shows a second server: 1 or 0. */
static int is_second_server(struct lite_scan *scan)
{
    machine_id machine = sqlite3_column_int64(scan->st, 1);
    if (is_new_address(scan)) {
        scan->peers.first_machine = machine;
        scan->peers.last_machine = machine;
        scan->peers.was_given = false;
        return 0;
    }
    if (scan->peers.was_given || machine == scan->peers.last_machine)
        return 0;
    scan->peers.last_machine = machine;
    server_id first = 0;
    server_id second = 0;
    int r = server_of(scan, scan->peers.first_machine, &first);
    if (r == 0)
        r = server_of(scan, machine, &second);
    return r < 0 ? r : first != second;
}

/* Walks to the next shared address and makes its rows ready: 1, or 0 at the end. */
static int find_shared(struct lite_scan *scan)
{
    for (;;) {
        int r = lite_scan_step(scan);
        if (r <= 0)
            return r;
        r = is_second_server(scan);
        if (r < 0)
            return r;
        if (r == 1)
            break;
    }
    scan->peers.was_given = true;
    scan->peers.is_inside = true;
    (void)sqlite3_reset(scan->peers.rows); /* the last address's rows ended well */
    struct value address = BLOB(scan->peers.address, (size_t)scan->peers.address_len);
    int rc = lite_bind(scan->peers.rows, &address, 1, SQLITE_TRANSIENT);
    return rc == SQLITE_OK ? 1 : lite_error(scan->store, rc);
}

static int read_peer(struct lite_scan *scan, struct store_peer *ret)
{
    sqlite3_stmt *st = scan->peers.rows;
    struct store_peer x = {
        .server = sqlite3_column_int64(st, 0),
        .seen = {{sqlite3_column_int64(st, 1)}, {sqlite3_column_int64(st, 2)}}};
    if (lite_address_from(scan->peers.address, scan->peers.address_len, &x.address) < 0 ||
        x.seen.first.s > x.seen.last.s)
        return lite_damaged(scan->store, "a peer's sighting");
    *ret = x;
    return 1;
}

int lite_next_peer(struct store_scan *base, void *ret)
{
    struct lite_scan *scan = (struct lite_scan *)base;
    for (;;) {
        int r = scan->peers.is_inside ? lite_step(scan->store, scan->peers.rows) : 0;
        if (r == 1)
            return read_peer(scan, ret);
        scan->peers.is_inside = false;
        if (r == 0)
            r = find_shared(scan);
        if (r <= 0)
            return r;
    }
}
