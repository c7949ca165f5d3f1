/* Estates by hand. */
#include "support/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400, HOUR = 3600 };

static void must(int r)
{
    if (r < 0)
        abort();
}

static const struct term ever = {{-(INT64_C(1) << 53)}, {INT64_C(1) << 53}};

void scene_init(struct scene *s)
{
    static const char *const lab[] = {"203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24",
                                      "2001:db8::/32"};
    struct diag d = {""};

    *s = (struct scene){.counters = 0};
    zone_init_utc(&s->zone);
    policy_init(&s->version.base);
    (void)snprintf(s->version.version, sizeof s->version.version, "1");
    s->version.from = WALL_BEGIN;
    for (size_t i = 0; i < ARRAY_LEN(lab); i++)
        s->lab[i] = net(lab[i]);
    must(store_backends[0].find_place(&s->place));
    must(store_open(s->place.url, STORE_CREATE, &s->store, &d));
    must(store_begin(s->store));
    must(store_put_manager(
        s->store,
        &(struct estate_manager){.id = "am1", .name = "Ann", .email = "ann@example.com"}));
    must(store_put_reseller(
        s->store, &(struct estate_reseller){.id = "r1",
                                            .name = "Example Hosting",
                                            .manager = "am1",
                                            .currency = currency_find(text_of("EUR"))}));
}

void scene_done(struct scene *s)
{
    book_done(&s->book);
    store_close(s->store);
    temp_done(&s->place.dir);
}

wall_t scene_at(int day, int hour)
{
    return (wall_t){civil_to_days(2026, 10, 1) * DAY + (int64_t)(day - 1) * DAY + hour * HOUR};
}

void scene_license(struct scene *s, const char *license, const char *binding)
{
    struct estate_license row = {
        .license = lic(license), .reseller = "r1", .product = "", .valid = ever};

    if (binding)
        row.binding = ip(binding);
    must(store_put_license(s->store, &row));
}

void scene_domain(struct scene *s, const char *domain, int64_t limit)
{
    must(store_put_domain(s->store, &(struct estate_domain){domain, "r1", limit, ever}));
}

void scene_server(struct scene *s, const char *server)
{
    must(store_put_estate_server(s->store,
                                 &(struct estate_server){server, "r1", ever, WALL_END}));
}

void scene_network(struct scene *s, const char *network, struct term valid, bool is_one_place)
{
    must(store_put_network(s->store,
                           &(struct estate_network){"r1", net(network), valid, is_one_place}));
}

void scene_move(struct scene *s, const char *license, struct term valid)
{
    must(store_put_move(s->store, &(struct estate_move){lic(license), valid, "a migration"}));
}

void scene_tariff(struct scene *s, enum charge_kind kind, int64_t euros, int64_t block)
{
    must(store_put_tariff(s->store,
                          &(struct estate_tariff){.kind = kind,
                                                  .currency = currency_find(text_of("EUR")),
                                                  .unit_price = {euros * 1000000},
                                                  .block = block,
                                                  .from = scene_at(-300, 0)}));
}

/* What all reports of a scene have in common. */
static struct say say(struct scene *s, const char *server, int run)
{
    return (struct say){.server = server,
                        .boot = run,
                        .counter = ++s->counters,
                        .is_late = true,
                        .digest = (uint64_t)s->counters,
                        .received = scene_at(60, 0),
                        .gap = {45 * 60}};
}

void scene_saw(struct scene *s, const char *server, int run, const char *license,
               const char *address, struct span seen)
{
    struct say what = say(s, server, run);

    what.sightings[0] =
        (struct report_sighting){lic(license), ip(address), SOURCE_KEYSERVER, seen};
    what.n_sightings = 1;
    must(store_say(s->store, what));
}

void scene_peer(struct scene *s, const char *server, int run, const char *license,
                const char *address, wall_t at)
{
    struct say what = say(s, server, run);

    what.is_late = false;
    what.peer = address;
    what.received = at;
    what.licenses[0].license = lic(license);
    what.n_licenses = 1;
    must(store_say(s->store, what));
}

void scene_counted(struct scene *s, const char *server, const char *domain, int64_t mailboxes,
                   struct span seen)
{
    struct say what = say(s, server, 1);

    (void)snprintf(what.mailboxes[0].domain, sizeof what.mailboxes[0].domain, "%s", domain);
    what.mailboxes[0].counts =
        (struct mail_counts){.mailboxes = mailboxes, .aliases = 7, .is_filtered = true};
    what.mailboxes[0].seen = seen;
    what.n_mailboxes = 1;
    must(store_say(s->store, what));
}

void scene_gap(struct scene *s, const char *server, int run, struct span seen, int64_t lost)
{
    struct say what = say(s, server, run);

    what.gaps[0] = (struct report_gap){GAP_CAPTURE, seen, lost};
    what.n_gaps = 1;
    must(store_say(s->store, what));
}

struct run_setup scene_setup(struct scene *s, wall_t as_of)
{
    static const char prefixes[][8] = {"PLSK"};

    if (!s->book.resellers) {
        must(store_commit(s->store));
        must(book_load(&s->book, s->store));
    }
    s->policies = (struct policy_book){&s->version, 1};
    return (struct run_setup){.store = s->store,
                              .book = &s->book,
                              .zone = &s->zone,
                              .policies = &s->policies,
                              .lab_networks = s->lab,
                              .n_lab_networks = ARRAY_LEN(s->lab),
                              .license_prefixes = prefixes,
                              .n_license_prefixes = 1,
                              .as_of = as_of};
}

int scene_story(struct scene *s, const char *subject, const char *period, wall_t as_of,
                struct story *ret)
{
    struct run_setup setup = scene_setup(s, as_of);
    struct story_subject who;
    struct diag d = {""};
    period_t p;

    must(story_subject_parse(text_of(subject), &who, &d));
    must(period_parse(text_of(period), &p));
    return story_load(&setup, &who, p, ret, &d);
}
