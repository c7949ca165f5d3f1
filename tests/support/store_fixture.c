/* Stores for the contract suite. */
#include "support/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static int find_sqlite_place(struct store_place *place)
{
    char file[TEMP_PATH_SIZE];
    int r = temp_make(&place->dir);
    if (r == 0)
        (void)snprintf(place->url, sizeof place->url, "sqlite:%s",
                       temp_file(&place->dir, "fairuse.db", file));
    return r;
}

const struct store_backend store_backends[] = {
    {"sqlite", find_sqlite_place},
};
const size_t store_backend_count = ARRAY_LEN(store_backends);

license_t lic(const char *text)
{
    license_t l = {0};
    if (license_parse(text_of(text), &l, NULL) != 0)
        abort();
    return l;
}

struct addr ip(const char *text)
{
    struct addr a = {0};
    if (addr_parse(text_of(text), &a) != 0)
        abort();
    return a;
}

struct network net(const char *text)
{
    struct network n = {0};
    if (network_parse(text_of(text), &n) != 0)
        abort();
    return n;
}

struct uuid boot(int n)
{
    struct uuid u = {{0x0d, 0x9c, 0x6f, 0x0e, 0x7c, 0x1c, 0x4f, 0x7e, 0x9d, 0x0f}};
    u.bytes[15] = (uint8_t)n;
    return u;
}

int store_say(struct store *s, struct say what)
{
    struct report report = {
        .boot = boot(what.boot ? what.boot : 1),
        .counter = what.counter ? what.counter : 1,
        .is_live = !what.is_late,
        .licenses = what.licenses,
        .n_licenses = what.n_licenses,
        .sightings = what.sightings,
        .n_sightings = what.n_sightings,
        .mailboxes = what.mailboxes,
        .n_mailboxes = what.n_mailboxes,
        .gaps = what.gaps,
        .n_gaps = what.n_gaps,
    };
    struct store_report r = {
        .server = what.server ? what.server : "srv-1",
        .received_at = what.received.s ? what.received : AT(100000),
        .report = &report,
        .body_digest = what.digest,
        .merge_gap = what.gap,
    };
    if (what.peer)
        r.peer = ip(what.peer);
    return store_put_report(s, &r);
}
