/* Small worlds: making and copying them, and the short hands of those who write them down. */
#include "support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/zoneinfo.h"

/* The zone is read once: it never changes, and thousands of worlds want it. */
static const struct zone *amsterdam(void)
{
    static struct zone zone;
    if (zone.n > 0)
        return &zone;
    struct diag d = {{0}};
    if (zoneinfo_load("Europe/Amsterdam", &zone, &d) < 0) {
        fprintf(stderr, "no zone data: %s\n", d.text);
        abort();
    }
    return &zone;
}

void world_init(struct world *w)
{
    memset(w, 0, sizeof *w);
    w->zone = *amsterdam();
    w->merge_gap = (dur_t){45 * 60};
    w->prefixes[w->n_prefixes++] = "PLSK";
    w->lab[w->n_lab++] = world_network("203.0.113.0/24");
    w->lab[w->n_lab++] = world_network("2001:db8::/32");
    w->policies.n = 1;
    w->versions[0].version[0] = '1';
    w->versions[0].from = WALL_BEGIN;
    policy_init(&w->versions[0].base);
    world_link(w);
}

void world_link(struct world *w)
{
    w->policies.versions = w->versions;
    for (size_t i = 0; i < WORLD_POLICIES; i++)
        w->versions[i].overrides = w->overrides[i];
    for (size_t i = 0; i < WORLD_REPORTS_ROOM; i++) {
        struct world_report *r = &w->reports[i];
        r->report.licenses = r->licenses;
        r->report.sightings = r->sightings;
        r->report.mailboxes = r->mailboxes;
        r->report.gaps = r->gaps;
    }
}

void world_copy(struct world *to, const struct world *from)
{
    memcpy(to, from, sizeof *to);
    world_link(to);
}

static void check(int error, const char *text)
{
    if (error == 0)
        return;
    fprintf(stderr, "a test's own text cannot be parsed: %s\n", text);
    abort();
}

license_t world_license(const char *text)
{
    license_t l = {0};
    check(license_parse(text_of(text), &l, NULL), text);
    return l;
}

struct addr world_addr(const char *text)
{
    struct addr a = {0};
    check(addr_parse(text_of(text), &a), text);
    return a;
}

struct network world_network(const char *text)
{
    struct network n = {0};
    check(network_parse(text_of(text), &n), text);
    return n;
}

wall_t world_time(const char *text)
{
    wall_t t = {0};
    check(wall_parse(text_of(text), &t), text);
    return t;
}

period_t world_period(const char *text)
{
    period_t p = {0};
    check(period_parse(text_of(text), &p), text);
    return p;
}

struct uuid world_boot(unsigned number)
{
    char text[UUID_TEXT_SIZE];
    struct uuid u = {{0}};
    (void)snprintf(text, sizeof text, "00000000-0000-4000-8000-%012u", number);
    check(uuid_parse(text_of(text), &u), text);
    return u;
}
