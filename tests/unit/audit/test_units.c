/* What an address counts as, who is on it, and how that is written down (SPEC 1 and 6.1). */
#include "audit/evidence.h"
#include "audit/sweep.h"
#include "support/casebuild.h"
#include "support/leak.h"
#include <stdio.h>
#include <string.h>

SUITE(units);

static const struct term EVER = {WALL_BEGIN, WALL_END};
static struct casebuild c;

static const char *unit_of(const char *address)
{
    static char text[NETWORK_TEXT_SIZE];
    struct addr a;
    cr_assert_eq(addr_parse(text_of(address), &a), 0);
    struct network unit = place_unit(&c.resellers[0], &a);
    return network_format(&unit, text);
}

Test(units, the_widest_network_that_is_one_place_is_the_unit)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, true);
    case_network(&c, 0, "203.0.113.16/28", EVER, true);
    case_network(&c, 0, "198.51.100.0/24", EVER, false);
    cr_assert_str_eq(unit_of("203.0.113.17"), "203.0.113.0/24");
    cr_assert_str_eq(unit_of("198.51.100.1"), "198.51.100.1/32"); /* declared, not one place */
    cr_assert_str_eq(unit_of("192.0.2.1"), "192.0.2.1/32");
}

/* The list is in order of base and width; the rule does not hang on it. */
Test(units, the_widest_network_is_the_unit_in_whatever_order_they_stand)
{
    case_begin(&c);
    case_network(&c, 0, "203.0.113.0/24", EVER, true);
    case_network(&c, 0, "203.0.113.16/28", EVER, true);
    struct estate_network widest = c.networks[0][0];
    c.networks[0][0] = c.networks[0][1];
    c.networks[0][1] = widest;
    cr_assert_str_eq(unit_of("203.0.113.17"), "203.0.113.0/24");
}

static int keep_evidence(void *arg, const struct finding *f)
{
    if (f->kind == FINDING_EXTRA_IP)
        (void)snprintf(arg, 4096, "%s", f->evidence);
    return 0;
}

/* An address by itself is written as an address, one place of one address as a network. */
Test(units, one_place_of_a_single_address_is_written_as_a_network)
{
    static char evidence[4096];
    AUTO(audit_work) struct audit_work *w = NULL;
    struct finding_sink sink = {.take = keep_evidence, .arg = evidence};
    struct case_frame frame;

    case_begin(&c);
    case_network(&c, 0, "203.0.113.9/32", EVER, true);
    case_seen(&c, case_boot(&c, case_server(&c, 0)), SOURCE_NAT, "203.0.113.9", october(2),
              october(20));
    case_seen(&c, case_boot(&c, case_server(&c, 0)), SOURCE_NAT, "203.0.113.8", october(2),
              october(20));
    case_frame(&c, period_at(&c.zone, october(15)), october_end(), &frame);
    cr_assert_eq(audit_work_new(&w), 0);
    cr_assert_eq(audit_license(&frame.audit, &frame.license, w, &sink), 0);
    cr_assert(strstr(evidence, "{\"unit\":\"203.0.113.9/32\",\"one_place\":true,"), "%s",
              evidence);
    cr_assert(strstr(evidence, "{\"unit\":\"203.0.113.8\",\"one_place\":false,"), "%s",
              evidence);
}

/* A /64 while a machine on it is also on an IPv4 unit; a place where nobody is. */
Test(units, a_count_is_of_those_who_are_present_then)
{
    static const char *const addresses[] = {"203.0.113.1", "203.0.113.2", "2001:db8::1"};
    struct place places[3] = {{.is_one_place = false}};
    /* Machine 0 on the first IPv4 unit and the /64 from 0 to 10; machine 1 on the second one
     * from 20 to 30. By first. */
    struct presence v[] = {{0, 0, {{0}, {10}}}, {0, 2, {{0}, {10}}}, {1, 1, {{20}, {30}}}};
    const struct presences p = {
        .places = places, .n_places = 3, .v = v, .n = 3, .n_machines = 2};
    AUTO(sweep) struct sweep s = {.p = NULL};
    AUTO(census) struct census census = {.p = NULL};

    for (size_t i = 0; i < 3; i++) {
        struct addr a;
        cr_assert_eq(addr_parse(text_of(addresses[i]), &a), 0);
        places[i].unit = network_default_unit(&a);
    }
    cr_assert_eq(sweep_init(&s, &p, (struct span){{5}, {30}}, NULL, 0), 0);
    cr_assert_eq(census_init(&census, &p), 0);
    cr_assert(sweep_next(&s)); /* the window's beginning: 5 */
    census_take(&census, &s);
    cr_assert_eq(census.machines, 1);
    cr_assert_eq(census.places, 2);
    cr_assert_eq(census.units, 1);
    cr_assert(census_has_unit(&census, 0));
    cr_assert_not(census_has_unit(&census, 1), "nobody is there yet");
    cr_assert_not(census_has_unit(&census, 2), "it is a second stack");
    while (s.at.s < 20)
        cr_assert(sweep_next(&s));
    sweep_pass(&s);
    census_take(&census, &s);
    cr_assert_not(census_has_unit(&census, 0), "nobody is there any more");
    cr_assert(census_has_unit(&census, 1));
}
