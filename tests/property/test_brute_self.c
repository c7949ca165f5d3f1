/*
 * The simple audit of tests/support against cases worked out by hand from SPEC 6: an oracle
 * has to be right before it may judge others. All are about October 2026 in Amsterdam:
 * P0 = 2026-09-30T22:00:00Z, P1 = 2026-10-31T23:00:00Z (31 days and the hour of the clock
 * change).
 */
#include "support/leak.h"

#include "support/brute.h"

#include <stdlib.h>
#include <string.h>

SUITE(brute);

#define LICENSE "PLSK.00000001"

/*
 * r1 has servers s1 to s3, one licence for ever, and one network; r2 has server t1. All servers
 * are retired, which only keeps `silent` out of the lists below.
 */
static struct world *new_world(void)
{
    static const char *const servers[] = {"s1", "s2", "s3", "t1"};
    struct world *w = malloc(sizeof *w);
    cr_assert_not_null(w);
    world_init(w);
    const struct currency *euro = currency_find(text_of("EUR"));
    w->resellers[w->n_resellers++] =
        (struct estate_reseller){.id = "r1", .name = "One", .manager = "m", .currency = euro};
    w->resellers[w->n_resellers++] =
        (struct estate_reseller){.id = "r2", .name = "Two", .manager = "m", .currency = euro};
    const struct term always = {WALL_BEGIN, WALL_END};
    for (size_t i = 0; i < ARRAY_LEN(servers); i++)
        w->servers[w->n_servers++] =
            (struct estate_server){servers[i], i < 3 ? "r1" : "r2", always, WALL_BEGIN};
    w->licenses[w->n_licenses++] = (struct estate_license){
        .license = world_license(LICENSE), .reseller = "r1", .product = "", .valid = always};
    w->networks[w->n_networks++] =
        (struct estate_network){"r1", world_network("203.0.113.0/24"), always, false};
    w->as_of = world_time("2026-11-10T00:00:00Z");
    return w;
}

struct seen {
    const char *server;
    unsigned boot;
    const char *address, *first, *last;
};

/* One report for each stretch, sent an hour after its end. */
static void add_seen(struct world *w, const struct seen *s)
{
    struct world_report *r = &w->reports[w->n_reports++];
    r->server = s->server;
    r->report.boot = world_boot(s->boot);
    r->report.counter = (int64_t)w->n_reports;
    r->report.n_sightings = 1;
    r->sightings[0] = (struct report_sighting){world_license(LICENSE),
                                               world_addr(s->address),
                                               SOURCE_KEYSERVER,
                                               {world_time(s->first), world_time(s->last)}};
    r->sent_at = r->received_at = (wall_t){r->sightings[0].seen.last.s + 3600};
}

struct expected {
    enum finding_kind kind;
    enum finding_state state;
    const char *subject;
    int64_t quantity;
    const char *since, *confirms_at; /* NULL = none */
};

static bool is_time(bool has, wall_t t, const char *expected)
{
    return has == (expected != NULL) && (!has || t.s == world_time(expected).s);
}

/* October is audited; what is said must be the list, in its order. */
static void check_audit(const struct world *w, const struct expected *e, const char *why)
{
    struct verdict_list *l = calloc(1, sizeof *l);
    AUTO(buf) struct buf text = BUF_INIT(65536);
    cr_assert_not_null(l);
    brute_audit(w, world_period("2026-10"), l);
    for (size_t i = 0; i < l->n; i++)
        verdict_print(&l->v[i], " ", &text);
    size_t n = 0;
    for (; e[n].quantity != 0; n++) {
        const struct verdict *v = &l->v[n];
        cr_assert(n < l->n && v->kind == e[n].kind && v->state == e[n].state &&
                      strcmp(v->subject, e[n].subject) == 0 && v->quantity == e[n].quantity &&
                      is_time(v->has_since, v->since, e[n].since) &&
                      is_time(v->has_confirms, v->confirms_at, e[n].confirms_at),
                  "%s: row %zu differs; said:\n%s", why, n, buf_str(&text));
    }
    cr_assert_eq(l->n, n, "%s: too much was said:\n%s", why, buf_str(&text));
    free(l);
}

struct sample {
    const char *why;
    struct seen seen[5];         /* ends with no server */
    struct expected expected[4]; /* ends with quantity 0 */
};

static void check_samples(const struct sample *samples, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct world *w = new_world();
        for (const struct seen *s = samples[i].seen; s->server != NULL; s++)
            add_seen(w, s);
        check_audit(w, samples[i].expected, samples[i].why);
        free(w);
    }
}

#define FULL_A                                                                                 \
    {                                                                                          \
        "s1", 1, "203.0.113.1", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"                 \
    }

Test(brute, extra_ip_as_worked_out_by_hand)
{
    static const struct sample samples[] = {
        {"two servers at two addresses for 15 days: 15 d > 14 d, 15 d > 24 h",
         {FULL_A, {"s2", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-25T00:00:00Z"}},
         {{FINDING_EXTRA_IP, STATE_CONFIRMED, LICENSE, 1, "2026-10-10T00:00:00Z", NULL}}},
        {"exactly 14 days are not longer than 14 days; nobody is there at E, so no end is near",
         {FULL_A, {"s2", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-24T00:00:00Z"}},
         {{FINDING_EXTRA_IP, STATE_POTENTIAL, LICENSE, 1, "2026-10-10T00:00:00Z", NULL}}},
        {"14 days in two parts and a second: time adds up",
         {FULL_A,
          {"s2", 2, "203.0.113.2", "2026-10-03T00:00:00Z", "2026-10-10T00:00:00Z"},
          {"s2", 2, "203.0.113.2", "2026-10-20T00:00:00Z", "2026-10-27T00:00:01Z"}},
         {{FINDING_EXTRA_IP, STATE_CONFIRMED, LICENSE, 1, "2026-10-03T00:00:00Z", NULL}}},
        {"renumbering: the machine is on both only for a moment, which measures 0",
         {{"s1", 1, "203.0.113.1", "2026-10-01T00:00:00Z", "2026-10-10T00:00:00Z"},
          {"s1", 1, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-31T00:00:00Z"}},
         {{0}}},
        {"half an hour of migration is not mentioned",
         {FULL_A, {"s2", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-10T00:30:00Z"}},
         {{0}}},
        {"one machine on two addresses has one place: a notice",
         {FULL_A, {"s1", 1, "203.0.113.2", "2026-10-02T00:00:00Z", "2026-10-30T00:00:00Z"}},
         {{FINDING_MANY_ADDRESSES, STATE_NOTICE, LICENSE, 1, "2026-10-02T00:00:00Z", NULL}}},
        {"two servers behind one address have one place: a notice",
         {FULL_A, {"s2", 2, "203.0.113.1", "2026-10-02T00:00:00Z", "2026-10-30T00:00:00Z"}},
         {{FINDING_SECOND_SERVER, STATE_NOTICE, LICENSE, 1, "2026-10-02T00:00:00Z", NULL}}},
    };
    check_samples(samples, ARRAY_LEN(samples));
}

Test(brute, places_as_worked_out_by_hand)
{
    static const struct sample samples[] = {
        {"dual stack is one place",
         {FULL_A, {"s1", 1, "2001:db8::1", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"}},
         {{0}}},
        {"two machines, one on IPv4 and one on IPv6, share no unit: two places",
         {FULL_A, {"s2", 2, "2001:db8::1", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"}},
         {{FINDING_EXTRA_IP, STATE_CONFIRMED, LICENSE, 1, "2026-10-01T00:00:00Z", NULL}}},
        {"two in one /64 are one unit",
         {{"s1", 1, "2001:db8::1", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"},
          {"s2", 2, "2001:db8::2", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"}},
         {{FINDING_SECOND_SERVER, STATE_NOTICE, LICENSE, 1, "2026-10-01T00:00:00Z", NULL}}},
        {"time before P0 counts for the 14 days, but a day of the period itself is needed: s2 "
         "is there 13 days before P0 and 24 h and a second after it",
         {{"s1", 1, "203.0.113.1", "2026-09-17T22:00:00Z", "2026-10-31T00:00:00Z"},
          {"s2", 2, "203.0.113.2", "2026-09-17T22:00:00Z", "2026-10-01T22:00:01Z"}},
         {{FINDING_EXTRA_IP, STATE_CONFIRMED, LICENSE, 1, "2026-09-17T22:00:00Z", NULL}}},
        {"with a second less, neither 14 days nor a day is exceeded",
         {{"s1", 1, "203.0.113.1", "2026-09-17T22:00:00Z", "2026-10-31T00:00:00Z"},
          {"s2", 2, "203.0.113.2", "2026-09-17T22:00:00Z", "2026-10-01T22:00:00Z"}},
         {{FINDING_EXTRA_IP, STATE_POTENTIAL, LICENSE, 1, "2026-09-17T22:00:00Z", NULL}}},
        {"private addresses are not counted, but the licence has been seen",
         {FULL_A, {"s2", 2, "10.0.0.2", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"}},
         {{0}}},
        {"a server of another reseller is not counted against anyone: a notice",
         {FULL_A, {"t1", 9, "203.0.113.2", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"}},
         {{FINDING_FOREIGN_SERVER, STATE_NOTICE, LICENSE, 1, NULL, NULL}}},
        {"an unknown server is not counted either",
         {FULL_A, {"u1", 9, "203.0.113.2", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"}},
         {{FINDING_UNKNOWN_SERVER, STATE_NOTICE, "u1", 1, NULL, NULL}}},
        {"a clone is another machine of the same server",
         {FULL_A, {"s1", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-25T00:00:00Z"}},
         {{FINDING_EXTRA_IP, STATE_CONFIRMED, LICENSE, 1, "2026-10-10T00:00:00Z", NULL},
          {FINDING_FORKED_IDENTITY, STATE_NOTICE, "s1", 1, NULL, NULL}}},
    };
    check_samples(samples, ARRAY_LEN(samples));
}

Test(brute, bridging_as_worked_out_by_hand)
{
    static const struct sample samples[] = {
        {"26 h between two glimpses are bridged: 26 h > 1 h of the second server",
         {FULL_A,
          {"s2", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-10T00:00:00Z"},
          {"s2", 2, "203.0.113.2", "2026-10-11T02:00:00Z", "2026-10-11T02:00:00Z"}},
         {{FINDING_EXTRA_IP, STATE_POTENTIAL, LICENSE, 1, "2026-10-10T00:00:00Z", NULL}}},
        {"26 h and a second are not: two moments measure 0",
         {FULL_A,
          {"s2", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-10T00:00:00Z"},
          {"s2", 2, "203.0.113.2", "2026-10-11T02:00:01Z", "2026-10-11T02:00:01Z"}},
         {{0}}},
        {"an address of the same /64 bridges, an address of another /24 does not",
         {{"s1", 1, "2001:db8::1", "2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"},
          {"s2", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-10T00:00:00Z"},
          {"s2", 2, "203.0.113.3", "2026-10-10T20:00:00Z", "2026-10-10T20:00:00Z"}},
         {{0}}},
    };
    check_samples(samples, ARRAY_LEN(samples));
}

Test(brute, confirms_at_says_when_the_grace_ends)
{
    /* At T the second server has been there for 5 of 14 days: 9 more, and a second. */
    static const struct seen seen[] = {
        {"s1", 1, "203.0.113.1", "2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z"},
        {"s2", 2, "203.0.113.2", "2026-10-10T00:00:00Z", "2026-10-20T00:00:00Z"}};
    static const struct expected expected[] = {{FINDING_EXTRA_IP, STATE_POTENTIAL, LICENSE, 1,
                                                "2026-10-10T00:00:00Z", "2026-10-24T00:00:01Z"},
                                               {0}};
    struct world *w = new_world();
    add_seen(w, &seen[0]);
    add_seen(w, &seen[1]);
    w->as_of = world_time("2026-10-15T00:00:00Z");
    check_audit(w, expected, "5 days of 14");
    free(w);
}

Test(brute, a_declared_move_silences_the_charge_and_not_the_notices)
{
    static const struct seen seen[] = {
        FULL_A, {"s2", 2, "203.0.113.2", "2026-10-05T00:00:00Z", "2026-10-25T00:00:00Z"}};
    static const struct expected expected[] = {
        {FINDING_MANY_ADDRESSES, STATE_NOTICE, LICENSE, 1, "2026-10-05T00:00:00Z", NULL},
        {FINDING_SECOND_SERVER, STATE_NOTICE, LICENSE, 1, "2026-10-05T00:00:00Z", NULL},
        {0}};
    struct world *w = new_world();
    add_seen(w, &seen[0]);
    add_seen(w, &seen[1]);
    w->moves[w->n_moves++] = (struct estate_move){
        world_license(LICENSE),
        {world_time("2026-10-05T00:00:00Z"), world_time("2026-10-25T00:00:01Z")},
        ""};
    check_audit(w, expected, "a move");
    free(w);
}

Test(brute, one_place_networks_are_one_unit)
{
    /* Two servers anywhere in the declared /24 are at one place: no charge, one notice. */
    static const struct seen seen[] = {
        FULL_A, {"s2", 2, "203.0.113.2", "2026-10-05T00:00:00Z", "2026-10-25T00:00:00Z"}};
    static const struct expected expected[] = {
        {FINDING_SECOND_SERVER, STATE_NOTICE, LICENSE, 1, "2026-10-05T00:00:00Z", NULL}, {0}};
    struct world *w = new_world();
    add_seen(w, &seen[0]);
    add_seen(w, &seen[1]);
    w->networks[0].is_one_place = true;
    check_audit(w, expected, "one place");
    free(w);
}

Test(brute, outside_counts_units_in_no_declared_network)
{
    /* 198.51.100.7 is documentation, and no lab network; 185.1.2.3 is public and outside. */
    static const struct seen seen[] = {
        {"s1", 1, "185.1.2.3", "2026-10-05T00:00:00Z", "2026-10-25T00:00:00Z"},
        {"s1", 1, "198.51.100.7", "2026-10-05T00:00:00Z", "2026-10-25T00:00:00Z"},
        {"s1", 1, "2001:db8::1", "2026-10-26T00:00:00Z", "2026-10-31T00:00:00Z"}};
    static const struct expected expected[] = {
        {FINDING_OUTSIDE, STATE_CONFIRMED, LICENSE, 1, "2026-10-05T00:00:00Z", NULL}, {0}};
    static const struct expected undeclared[] = {
        {FINDING_UNDECLARED, STATE_NOTICE, "r1", 1, NULL, NULL}, {0}};
    struct world *w = new_world();
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        add_seen(w, &seen[i]);
    check_audit(w, expected, "20 days outside; no IPv6 network is declared, so none is");
    w->n_networks = 0;
    check_audit(w, undeclared, "unknown is never charged");
    free(w);
}

Test(brute, notices_about_silence_and_expiry)
{
    static const struct seen early = {"s1", 1, "203.0.113.1", "2026-10-01T00:00:00Z",
                                      "2026-10-20T00:00:00Z"};
    static const struct expected silent[] = {
        {FINDING_SILENT, STATE_NOTICE, LICENSE, 1, NULL, NULL},
        {FINDING_SILENT, STATE_NOTICE, "s1", 1, NULL, NULL},
        {0}};
    static const struct expected expired[] = {
        {FINDING_EXPIRED_IN_USE, STATE_NOTICE, LICENSE, 1, NULL, NULL},
        {FINDING_SILENT, STATE_NOTICE, "s1", 1, NULL, NULL},
        {0}};
    static const struct expected never[] = {
        {FINDING_NEVER_SEEN, STATE_NOTICE, LICENSE, 1, NULL, NULL}, {0}};
    struct world *w = new_world();
    w->servers[0].retired = WALL_END;
    check_audit(w, never, "nothing was ever seen");
    add_seen(w, &early);
    check_audit(w, silent, "11 days before E is more than 72 hours, and less than 35 days");
    w->licenses[0].valid.to = world_time("2026-10-09T22:00:00Z");
    check_audit(w, expired, "the licence went on for ten days");
    free(w);
}

/* One mailbox row of a server. */
static void add_mail(struct world *w, const char *server, int64_t mailboxes, const char *first,
                     const char *last)
{
    struct world_report *r = &w->reports[w->n_reports++];
    r->server = server;
    r->report.boot = world_boot(1);
    r->report.counter = (int64_t)w->n_reports;
    r->report.n_mailboxes = 1;
    r->mailboxes[0] =
        (struct report_mailboxes){.domain = "example.nl",
                                  .counts = {.mailboxes = mailboxes, .is_filtered = true},
                                  .seen = {world_time(first), world_time(last)}};
    r->sent_at = r->received_at = (wall_t){r->mailboxes[0].seen.last.s + 3600};
}

Test(brute, mailboxes_as_worked_out_by_hand)
{
    static const struct {
        const char *why, *other; /* a second server with 600 mailboxes until then */
        int64_t mailboxes;
        const char *last;
        struct expected expected[2];
    } rows[] = {
        {"1,000 are allowed", NULL, 1000, "2026-10-31T22:00:00Z", {{0}}},
        {"1,003 for 8 days are three over",
         NULL,
         1003,
         "2026-10-18T00:00:00Z",
         {{FINDING_MAILBOXES, STATE_CONFIRMED, "example.nl", 3, "2026-10-10T00:00:00Z", NULL}}},
        {"5 days and 22 h, and carried for 26 h: 7 days exactly, which is not longer",
         NULL,
         1001,
         "2026-10-15T22:00:00Z",
         {{FINDING_MAILBOXES, STATE_POTENTIAL, "example.nl", 1, "2026-10-10T00:00:00Z", NULL}}},
        {"and with a second more",
         NULL,
         1001,
         "2026-10-15T22:00:01Z",
         {{FINDING_MAILBOXES, STATE_CONFIRMED, "example.nl", 1, "2026-10-10T00:00:00Z", NULL}}},
        {"two servers with 600 each: the larger is within, the sum over for 10 days",
         "2026-10-20T00:00:00Z",
         600,
         "2026-10-25T00:00:00Z",
         {{FINDING_SPLIT_DOMAIN, STATE_NOTICE, "example.nl", 1, "2026-10-10T00:00:00Z", NULL}}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = new_world();
        w->n_licenses = 0;
        w->domains[w->n_domains++] =
            (struct estate_domain){"example.nl", "r1", 1000, {WALL_BEGIN, WALL_END}};
        add_mail(w, "s1", rows[i].mailboxes, "2026-10-10T00:00:00Z", rows[i].last);
        if (rows[i].other != NULL)
            add_mail(w, "s2", 600, "2026-10-10T00:00:00Z", rows[i].other);
        check_audit(w, rows[i].expected, rows[i].why);
        free(w);
    }
}

Test(brute, due_is_units_times_price_rounded_half_away_from_zero)
{
    static const struct {
        const char *why;
        int64_t quantity, block, micro;
        int64_t units, due; /* due 0: no due */
    } rows[] = {
        {"one at 12.50", 1, 1, 12500000, 1, 1250},
        {"11 mailboxes in blocks of 10 are two units", 11, 10, 1000000, 2, 200},
        {"3 x 0.005 = 0.015, half away from zero", 3, 1, 5000, 3, 2},
        {"1 x 0.004 rounds to nothing", 1, 1, 4000, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *w = new_world();
        struct verdict_list *v = calloc(1, sizeof *v);
        struct cost_list *d = calloc(1, sizeof *d);
        cr_assert(v != NULL && d != NULL);
        w->tariffs[w->n_tariffs++] =
            (struct estate_tariff){CHARGE_EXTRA_IP, NULL,          w->resellers[0].currency,
                                   {rows[i].micro}, rows[i].block, {INT64_C(0)}};
        v->v[v->n++] = (struct verdict){.period = world_period("2026-10"),
                                        .kind = FINDING_EXTRA_IP,
                                        .state = STATE_CONFIRMED,
                                        .reseller = "r1",
                                        .subject = LICENSE,
                                        .quantity = rows[i].quantity};
        brute_due(w, v, d);
        cr_expect_eq(d->n, rows[i].due > 0, "%s", rows[i].why);
        cr_expect_eq(d->v[0].units, rows[i].units, "%s", rows[i].why);
        cr_expect_eq(d->v[0].due.minor, rows[i].due, "%s", rows[i].why);
        free(v);
        free(d);
        free(w);
    }
}
