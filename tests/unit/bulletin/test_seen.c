/* What is told of evidence: evidence as the audit writes it, and bytes that only look like it.
 */
#include "audit/evidence.h"
#include "base/grow.h"
#include "bulletin/seen.h"
#include "support/leak.h"
#include <string.h>

SUITE(seen);

/* Days of the window [0, 30]; it ends at E. Whatever was seen after day 28, 22:00 goes on. */
#define DAY INT64_C(86400)
#define END (30 * DAY)
#define BRIDGE (26 * INT64_C(3600))

/* A machine at a unit for some time; "+name": by the collector itself. */
struct stay {
    const char *server, *unit;
    int64_t first, last;
    enum source source;
};

struct told {
    struct arena keep;
    struct bulletin_line line;
    const char *cause;
};

static void told_done(struct told *t)
{
    arena_done(&t->keep);
}

static struct told tell(enum finding_kind kind, struct text evidence)
{
    struct seen_question q = {kind, evidence, {END}, {BRIDGE}, false};
    struct told t = {.line = {.kind = kind, .gaps = 99, .limit = 99, .n_seen = 99}};

    cr_assert_eq(seen_digest(&q, &t.keep, &t.line, &t.cause), 0);
    return t;
}

static struct told tell_text(enum finding_kind kind, const char *evidence)
{
    return tell(kind, text_of(evidence));
}

static bool tells_nothing(const struct told *t)
{
    const struct bulletin_line *l = &t->line;

    return !l->seen && l->n_seen == 0 && l->n_seen_more == 0 && l->observed.s == 0 &&
           l->presence.s == 0 && l->by_collector.s == 0 && l->gaps == 0 && l->limit == 0 &&
           strcmp(t->cause, "") == 0;
}

/* ---- Evidence by the audit's own writers ------------------------------------------------- */

enum { STAYS_MAX = 16 };
struct licensed {
    struct presences presences;
    struct audit_server servers[STAYS_MAX];
    struct audit_machine machines[STAYS_MAX];
    struct audit_gap gap;
    struct license_case c;
    struct level_terms terms;
};

static void licensed_done(struct licensed *l)
{
    presences_done(&l->presences);
}

static uint32_t machine_of(struct licensed *l, const char *server)
{
    for (uint32_t i = 0; i < l->c.n_machines; i++)
        if (strcmp(l->servers[i].name, server) == 0)
            return i;
    l->servers[l->c.n_machines].name = server;
    l->machines[l->c.n_machines].server = &l->servers[l->c.n_machines];
    return (uint32_t)l->c.n_machines++;
}

static uint32_t place_of(struct presences *p, struct network unit)
{
    for (uint32_t i = 0; i < p->n_places; i++)
        if (network_compare(&p->places[i].unit, &unit) == 0)
            return i;
    cr_assert_eq(grow(&p->places, &p->cap_places, p->n_places + 1, sizeof(*p->places), 64), 0);
    p->places[p->n_places] = (struct place){unit, false};
    return (uint32_t)p->n_places++;
}

/* A machine for each server; an address is its own unit, an IPv6 one its /64. */
static void licensed_init(struct licensed *l, const struct stay *stays, size_t n)
{
    struct presences *p = &l->presences;

    *l = (struct licensed){
        .terms = {.window = {{0}, {END}}, .v = {{14 * DAY}, {END}}, .end = {END}}};
    cr_assert_eq(grow(&p->seen, &p->cap_seen, n, sizeof(*p->seen), 64), 0);
    for (size_t i = 0; i < n; i++) {
        struct seen *s = &p->seen[i];
        *s = (struct seen){.source = stays[i].source,
                           .span = {{stays[i].first}, {stays[i].last}}};
        cr_assert_eq(addr_parse(text_of(stays[i].unit), &s->address), 0);
        s->machine = machine_of(l, stays[i].server);
        s->place = place_of(p, network_default_unit(&s->address));
    }
    p->n_seen = n;
    p->n_machines = l->c.n_machines;
    l->c.machines = l->machines;
    cr_assert_eq(presences_bridge(p, (dur_t){BRIDGE}), 0);
}

static struct told tell_extra_ip(const struct stay *stays, size_t n)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    AUTO(licensed) struct licensed l;

    licensed_init(&l, stays, n);
    struct extra_ip_facts f = {.presences = &l.presences, .bridge = {BRIDGE}, .terms = l.terms};
    cr_assert_eq(evidence_of_extra_ip(&f, &l.c, &out), 0);
    cr_assert(strstr(buf_str(&out), "boot_id") != NULL, "the audit keeps it");
    return tell_text(FINDING_EXTRA_IP, buf_str(&out));
}

/* Place 0 is inside from day 0 to day 10; IPv4 networks are declared, IPv6 ones are not. */
static struct told tell_outside(const struct stay *stays, size_t n)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    AUTO(licensed) struct licensed l;
    struct inside_term inside = {0, {{0}, {10 * DAY}}};
    struct declared_term declared = {ADDR_IPV4, {WALL_BEGIN, WALL_END}};

    licensed_init(&l, stays, n);
    struct outside_facts f = {.presences = &l.presences,
                              .bridge = {BRIDGE},
                              .terms = l.terms,
                              .inside = &inside,
                              .n_inside = 1,
                              .declared = &declared,
                              .n_declared = 1};
    cr_assert_eq(evidence_of_outside(&f, &l.c, &out), 0);
    return tell_text(FINDING_OUTSIDE, buf_str(&out));
}

/* ---- Places ------------------------------------------------------------------------------ */

static bool place_is(const struct bulletin_seen *s, const struct stay *is)
{
    return strcmp(s->server, is->server) == 0 && strcmp(s->unit, is->unit) == 0 &&
           s->first.s == is->first && s->last.s == is->last;
}

Test(seen, a_place_is_a_server_at_a_unit)
{
    static const struct stay stays[] = {
        {"a", "203.0.113.1", 0, 3 * DAY, SOURCE_KEYSERVER},
        {"a", "203.0.113.1", 20 * DAY, 30 * DAY - 60, SOURCE_PEER},
        {"b", "203.0.113.2", 5 * DAY, 9 * DAY, SOURCE_NAT},
    };
    AUTO(told) struct told t = tell_extra_ip(stays, ARRAY_LEN(stays));
    const struct bulletin_seen *s = t.line.seen;

    cr_assert_eq(t.line.n_seen, 2);
    cr_expect(place_is(&s[0], &(struct stay){"a", "203.0.113.1", 0, 30 * DAY - 60, 0}));
    cr_expect(s[0].goes_on && s[0].by_collector && !s[0].is_outside);
    cr_expect(place_is(&s[1], &stays[2]));
    cr_expect(!s[1].goes_on && !s[1].by_collector);
    /* 3 days, 10 days less a minute, 4 days: apart, and further than the bridge. */
    cr_expect_eq(t.line.observed.s, 17 * DAY - 60);
    cr_expect_eq(t.line.presence.s, 17 * DAY - 60);
    cr_expect_eq(t.line.by_collector.s, 10 * DAY - 60);
    cr_expect_str_eq(t.cause, "");
}

Test(seen, what_lies_before_the_window_is_cut_off)
{
    static const struct stay stays[] = {
        {"a", "203.0.113.1", -9 * DAY, 30 * DAY, SOURCE_KEYSERVER},
        {"b", "203.0.113.2", -9 * DAY, -60, SOURCE_KEYSERVER},
    };
    AUTO(told) struct told t = tell_extra_ip(stays, ARRAY_LEN(stays));

    cr_assert_eq(t.line.n_seen, 1, "b was only seen before");
    cr_expect_eq(t.line.seen[0].first.s, 0);
}

Test(seen, boot_ids_are_not_told)
{
    static const struct stay stays[] = {{"a", "203.0.113.1", 0, END, SOURCE_KEYSERVER}};
    AUTO(told) struct told t = tell_extra_ip(stays, 1);

    cr_assert_eq(t.line.n_seen, 1);
    cr_expect(strstr(t.line.seen[0].server, "0000") == NULL);
    cr_expect(strstr(t.line.seen[0].unit, "0000") == NULL);
}

Test(seen, dual_stack_is_one_place)
{
    static const struct stay stays[] = {
        {"a", "203.0.113.1", 0, 20 * DAY, SOURCE_KEYSERVER},
        {"a", "2001:db8::1", DAY, 20 * DAY + BRIDGE, SOURCE_KEYSERVER},
        {"b", "2001:db8:1::1", DAY, 2 * DAY, SOURCE_KEYSERVER},
    };
    AUTO(told) struct told t = tell_extra_ip(stays, ARRAY_LEN(stays));

    cr_assert_eq(t.line.n_seen, 2);
    cr_expect_str_eq(t.line.seen[0].unit, "203.0.113.1");
    cr_expect_str_eq(t.line.seen[1].unit, "2001:db8:1::/64", "b has no other");
}

Test(seen, ipv6_that_outlives_the_address_is_a_place)
{
    static const struct stay stays[] = {
        {"a", "203.0.113.1", 0, 10 * DAY, SOURCE_KEYSERVER},
        {"a", "2001:db8::1", 0, 10 * DAY + BRIDGE + 1, SOURCE_KEYSERVER},
    };
    AUTO(told) struct told t = tell_extra_ip(stays, ARRAY_LEN(stays));
    cr_expect_eq(t.line.n_seen, 2);
}

Test(seen, of_many_places_the_last_seen_are_told_by_first)
{
    static const struct stay stays[] = {
        {"a", "203.0.113.1", 1 * DAY, 20 * DAY, 1}, {"b", "203.0.113.2", 2 * DAY, 19 * DAY, 1},
        {"c", "203.0.113.3", 3 * DAY, 18 * DAY, 1}, {"d", "203.0.113.4", 4 * DAY, 17 * DAY, 1},
        {"e", "203.0.113.5", 0 * DAY, 16 * DAY, 1}, {"f", "203.0.113.6", 6 * DAY, 15 * DAY, 1},
        {"g", "203.0.113.7", 0 * DAY, 14 * DAY, 1}, {"h", "203.0.113.8", 0 * DAY, 13 * DAY, 1},
    };
    AUTO(told) struct told t = tell_extra_ip(stays, ARRAY_LEN(stays));
    char order[BULLETIN_SEEN_MAX + 1] = "";

    cr_assert_eq(t.line.n_seen, BULLETIN_SEEN_MAX);
    cr_expect_eq(t.line.n_seen_more, 2, "g and h");
    for (size_t i = 0; i < BULLETIN_SEEN_MAX; i++)
        order[i] = t.line.seen[i].server[0];
    cr_expect_str_eq(order, "eabcdf");
}

/* ---- Which lives on ---------------------------------------------------------------------- */

static const struct {
    const char *why;
    struct stay stays[3];
    size_t n;
    const char *living; /* server; "" = none */
} moves[] = {
    {"the first ended, the second goes on",
     {{"a", "203.0.113.1", 0, 12 * DAY, 1}, {"b", "203.0.113.2", 10 * DAY, END, 1}},
     2,
     "b"},
    {"the second ended, the first goes on: a visitor, no move",
     {{"a", "203.0.113.1", 0, END, 1}, {"b", "203.0.113.2", 10 * DAY, 12 * DAY, 1}},
     2,
     ""},
    {"seen first at the same moment",
     {{"a", "203.0.113.1", 0, 12 * DAY, 1}, {"b", "203.0.113.2", 0, END, 1}},
     2,
     ""},
    {"both go on",
     {{"a", "203.0.113.1", 0, END - 60, 1}, {"b", "203.0.113.2", 10 * DAY, END, 1}},
     2,
     ""},
    {"a bridge before the end still goes on",
     {{"a", "203.0.113.1", 0, END - BRIDGE, 1}, {"b", "203.0.113.2", 10 * DAY, END, 1}},
     2,
     ""},
    {"a second more has ended",
     {{"a", "203.0.113.1", 0, END - BRIDGE - 1, 1}, {"b", "203.0.113.2", 10 * DAY, END, 1}},
     2,
     "b"},
    {"both ended",
     {{"a", "203.0.113.1", 0, 12 * DAY, 1}, {"b", "203.0.113.2", 10 * DAY, 13 * DAY, 1}},
     2,
     ""},
    {"of three none",
     {{"a", "203.0.113.1", 0, 9 * DAY, 1},
      {"b", "203.0.113.2", 5 * DAY, 12 * DAY, 1},
      {"c", "203.0.113.3", 10 * DAY, END, 1}},
     3,
     ""},
    {"the same server at another address",
     {{"a", "203.0.113.1", 0, 9 * DAY, 1}, {"a", "203.0.113.2", 9 * DAY, END, 1}},
     2,
     "a"},
};

Test(seen, the_living_one_replaced_the_other)
{
    for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
        AUTO(told) struct told t = tell_extra_ip(moves[i].stays, moves[i].n);
        const char *living = "";
        cr_assert_eq(t.line.n_seen, moves[i].n, "%s", moves[i].why);
        for (size_t k = 0; k < t.line.n_seen; k++)
            if (t.line.seen[k].is_living)
                living = t.line.seen[k].server;
        cr_expect_str_eq(living, moves[i].living, "%s", moves[i].why);
    }
}

Test(seen, of_a_month_that_is_over_nothing_goes_on)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    AUTO(licensed) struct licensed l;
    AUTO(told) struct told t = {0};
    struct seen_question q = {
        .kind = FINDING_EXTRA_IP, .end = {END}, .bridge = {BRIDGE}, .is_over = true};

    licensed_init(&l, moves[0].stays, moves[0].n);
    struct extra_ip_facts f = {.presences = &l.presences, .bridge = {BRIDGE}, .terms = l.terms};
    cr_assert_eq(evidence_of_extra_ip(&f, &l.c, &out), 0);
    q.evidence = text_of(buf_str(&out));
    cr_assert_eq(seen_digest(&q, &t.keep, &t.line, &t.cause), 0);
    cr_assert_eq(t.line.n_seen, 2);
    for (size_t i = 0; i < 2; i++)
        cr_expect(!t.line.seen[i].goes_on && !t.line.seen[i].is_living);
}

/* ---- Outside ----------------------------------------------------------------------------- */

Test(seen, outside_is_what_no_network_held_when_last_seen)
{
    static const struct stay stays[] = {
        {"a", "203.0.113.1", 0, 9 * DAY, 1},   /* inside up to day 10 */
        {"b", "203.0.113.200", DAY, END, 1},   /* never inside */
        {"c", "2001:db8::1", 2 * DAY, END, 1}, /* no network of its family is declared */
    };
    AUTO(told) struct told t = tell_outside(stays, ARRAY_LEN(stays));

    cr_assert_eq(t.line.n_seen, 3);
    cr_expect(!t.line.seen[0].is_outside);
    cr_expect(t.line.seen[1].is_outside);
    cr_expect(!t.line.seen[2].is_outside);
    cr_expect_str_eq(t.cause, "203.0.113.200");
}

Test(seen, a_network_that_ended_holds_no_more)
{
    static const struct stay stays[] = {{"a", "203.0.113.1", 0, 10 * DAY, 1}};
    AUTO(told) struct told t = tell_outside(stays, 1);

    cr_assert_eq(t.line.n_seen, 1);
    cr_expect(t.line.seen[0].is_outside, "the term's end is not in it");
    cr_expect_str_eq(t.cause, "203.0.113.1");
}

Test(seen, two_units_outside_have_no_cause_in_common)
{
    static const struct stay stays[] = {
        {"a", "203.0.113.1", 0, END, 1},
        {"a", "203.0.113.2", 0, END, 1},
    };
    AUTO(told) struct told t = tell_outside(stays, 2);
    cr_expect_str_eq(t.cause, "");
}

Test(seen, two_servers_at_one_unit_outside_have_it_in_common)
{
    static const struct stay stays[] = {
        {"b", "203.0.113.1", 0, END, 1},
        {"a", "203.0.113.1", 0, END, 1},
    };
    AUTO(told) struct told t = tell_outside(stays, 2);

    cr_assert_eq(t.line.n_seen, 2);
    cr_expect_str_eq(t.line.seen[0].server, "a", "by name where times are equal");
    cr_expect_str_eq(t.cause, "203.0.113.1");
}

/* ---- Mailboxes --------------------------------------------------------------------------- */

Test(seen, a_domain_is_told_by_server_with_its_last_count)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    struct audit_server a = {.name = "a"}, b = {.name = "b"}, c = {.name = "c"};
    const struct audit_server *const servers[] = {&a, &b, &c};
    struct counted_row rows[] = {
        {.server = 0, .count = 900, .seen = {{-DAY}, {4 * DAY}}, .carry_until = WALL_END},
        {.server = 0, .count = 1042, .seen = {{5 * DAY}, {END - 60}}, .carry_until = WALL_END},
        {.server = 1, .count = 7, .seen = {{2 * DAY}, {3 * DAY}}, .carry_until = WALL_END},
        {.server = 2, .count = 1, .seen = {{-2 * DAY}, {-DAY}}, .carry_until = WALL_END},
    };
    struct limit_step limits[] = {{WALL_BEGIN, 1000}, {{9 * DAY}, 500}, {{31 * DAY}, 2000}};
    struct mailboxes_facts f = {
        .terms = {.window = {{0}, {END}}, .v = {{14 * DAY}, {END}}, .end = {END}},
        .bridge = {BRIDGE},
        .rows = rows,
        .n_rows = ARRAY_LEN(rows),
        .limits = limits,
        .n_limits = ARRAY_LEN(limits)};
    struct domain_case of = {.domain = "groot.example", .servers = servers, .n_servers = 3};

    cr_assert_eq(evidence_of_mailboxes(&f, &of, &out), 0);
    AUTO(told) struct told t = tell_text(FINDING_MAILBOXES, buf_str(&out));
    const struct bulletin_seen *s = t.line.seen;
    cr_assert_eq(t.line.n_seen, 2, "c counted before the window");
    cr_expect(place_is(&s[0], &(struct stay){"a", "", 0, END - 60, 0}));
    cr_expect(s[0].count == 1042 && s[0].goes_on && !s[0].is_living);
    cr_expect(place_is(&s[1], &(struct stay){"b", "", 2 * DAY, 3 * DAY, 0}));
    cr_expect(s[1].count == 7 && !s[1].goes_on);
    cr_expect_eq(t.line.limit, 500, "in force at the end");
    /* Rows hold for 4 and for 25 days less a minute. Carried for a bridge of 26 hours they hold
     * all the time: to day 5 and 2 hours, and to the end. */
    cr_expect_eq(t.line.observed.s, 29 * DAY - 60);
    cr_expect_eq(t.line.presence.s, END);
    cr_expect_eq(t.line.by_collector.s, 0);
}

/* ---- Notices ----------------------------------------------------------------------------- */

Test(seen, silent_tells_when_it_was_seen_last)
{
    AUTO(told) struct told t = tell_text(FINDING_SILENT, "{\"last_seen\":86400}");

    cr_assert_eq(t.line.n_seen, 1);
    cr_expect(place_is(&t.line.seen[0], &(struct stay){"", "", DAY, DAY, 0}));
    cr_expect(!t.line.seen[0].goes_on);
    cr_expect_str_eq(t.cause, "");
}

Test(seen, one_foreign_server_is_a_cause)
{
    AUTO(told)
    struct told one = tell_text(FINDING_FOREIGN_SERVER, "{\"servers\":[\"kade-1\"]}");
    AUTO(told)
    struct told two =
        tell_text(FINDING_FOREIGN_SERVER, "{\"servers\":[\"kade-1\",\"kade-2\"]}");

    cr_expect_str_eq(one.cause, "kade-1");
    cr_expect_str_eq(two.cause, "");
    cr_expect_eq(one.line.n_seen, 0);
}

Test(seen, the_gaps_of_all_machines_are_counted)
{
    AUTO(told)
    struct told t = tell_text(
        FINDING_EXTRA_IP,
        "{\"rule\":\"extra-ip\",\"window\":[0,9],\"bridge\":0,\"observed_seconds\":1,"
        "\"presence_seconds\":2,\"peer_seconds\":3,\"units\":[],\"sightings\":[],"
        "\"machines\":[{\"server\":\"a\",\"gaps\":[{},{}]},{\"server\":\"b\",\"gaps\":[{}]}]}");

    cr_expect_eq(t.line.gaps, 3);
    cr_expect_eq(t.line.n_seen, 0);
    cr_expect_eq(t.line.by_collector.s, 3);
}

/* ---- Evidence of another form ------------------------------------------------------------ */

#define HEAD                                                                                   \
    "\"rule\":\"extra-ip\",\"window\":[0,9],\"bridge\":0,\"observed_seconds\":1,"              \
    "\"presence_seconds\":1,\"peer_seconds\":1"
#define PLACES                                                                                 \
    "\"machines\":[{\"server\":\"a\",\"gaps\":[]}],"                                           \
    "\"units\":[{\"unit\":\"203.0.113.1\",\"one_place\":false}]"

static const struct {
    const char *why;
    enum finding_kind kind;
    const char *evidence;
} others[] = {
    {"nothing", FINDING_EXTRA_IP, ""},
    {"no JSON", FINDING_EXTRA_IP, "{\"rule\":"},
    {"an array", FINDING_EXTRA_IP, "[1]"},
    {"empty", FINDING_MAILBOXES, "{}"},
    {"no entry to judge", FINDING_OUTSIDE, "{\"rule\":\"outside\",\"none\":\"gone\"}"},
    {"another rule's", FINDING_OUTSIDE, "{" HEAD "," PLACES ",\"sightings\":[]}"},
    {"no sightings", FINDING_EXTRA_IP, "{" HEAD "," PLACES "}"},
    {"a window backwards", FINDING_EXTRA_IP,
     "{\"rule\":\"extra-ip\",\"window\":[9,0],\"bridge\":0,\"observed_seconds\":1,"
     "\"presence_seconds\":1,\"peer_seconds\":1," PLACES ",\"sightings\":[]}"},
    {"a machine that is not there", FINDING_EXTRA_IP,
     "{" HEAD "," PLACES ",\"sightings\":[[1,0,\"203.0.113.1\",\"nat\",0,1]]}"},
    {"a unit that is not there", FINDING_EXTRA_IP,
     "{" HEAD "," PLACES ",\"sightings\":[[0,1,\"203.0.113.1\",\"nat\",0,1]]}"},
    {"the second sighting is none", FINDING_EXTRA_IP,
     "{" HEAD "," PLACES ",\"sightings\":[[0,0,\"203.0.113.1\",\"nat\",0,1],[0]]}"},
    {"a sighting backwards", FINDING_EXTRA_IP,
     "{" HEAD "," PLACES ",\"sightings\":[[0,0,\"203.0.113.1\",\"nat\",2,1]]}"},
    {"a real", FINDING_SILENT, "{\"last_seen\":1.5}"},
    {"a count that is not one", FINDING_MAILBOXES,
     "{\"rule\":\"mailboxes\",\"window\":[0,9],\"observed_seconds\":1,\"presence_seconds\":1,"
     "\"servers\":[\"a\"],\"limits\":[],\"rows\":[{\"server\":0,\"count\":-1,\"first\":0,"
     "\"last\":1}]}"},
    {"a kind whose evidence has no places", FINDING_NEVER_SEEN, "{\"last_seen\":1}"},
};

Test(seen, evidence_of_another_form_tells_nothing)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        AUTO(told) struct told t = tell_text(others[i].kind, others[i].evidence);
        cr_expect(tells_nothing(&t), "%s", others[i].why);
    }
}
