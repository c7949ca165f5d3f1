/* crowded-address, sighting by sighting: whose servers make a crowd, and who is named. */
#include "audit/audit.h"
#include "support/casebuild.h"
#include "support/leak.h"
#include <stdio.h>
#include <string.h>

SUITE(crowd);

static struct casebuild c;
static struct case_frame frame;
static struct crowd crowd;

/* Three servers: of r1, of r2, and one that r2 handed to r1 on the 10th. */
static struct tenure handed[2];

static void begin(void)
{
    case_begin(&c);
    (void)case_server(&c, 0);
    (void)case_server(&c, 1);
    uint32_t third = case_server(&c, 0);
    handed[0] = (struct tenure){&c.resellers[1], {WALL_BEGIN, october(10)}};
    handed[1] = (struct tenure){&c.resellers[0], {october(10), WALL_END}};
    c.servers[third].tenures = handed;
    c.servers[third].n_tenures = 2;
    case_frame(&c, period_at(&c.zone, october(15)), october_end(), &frame);
    crowd = (struct crowd){.is_crowded = false};
}

static void seen(size_t server, int first, int last)
{
    audit_crowd_add(&frame.audit, &crowd, &c.servers[server],
                    (struct span){october(first), october(last)});
}

static int keep(void *arg, const struct finding *f)
{
    (void)snprintf(arg, 256, "%s %s", f->subject, f->evidence);
    return 0;
}

/* What is said at the end; "" = nothing. */
static const char *said(void)
{
    static char text[256];
    AUTO(audit_work) struct audit_work *w = NULL;
    struct finding_sink sink = {.take = keep, .arg = text};
    struct addr address;

    text[0] = '\0';
    cr_assert_eq(addr_parse(text_of("203.0.113.1"), &address), 0);
    cr_assert_eq(audit_work_new(&w), 0);
    cr_assert_eq(audit_crowd_end(&frame.audit, &crowd, &address, w, &sink), 0);
    return text;
}

static const char BOTH[] = "203.0.113.1 {\"among_resellers\":[\"r1\",\"r2\"]}";

Test(crowd, one_reseller_with_two_servers_is_none)
{
    begin();
    seen(0, 2, 3);
    seen(0, 5, 6); /* the same server again */
    audit_crowd_next_server(&crowd);
    seen(2, 12, 13); /* r1's by then */
    audit_crowd_next_server(&crowd);
    cr_assert_str_eq(said(), "");
}

Test(crowd, servers_of_two_resellers_are_one_in_either_order)
{
    begin();
    seen(0, 2, 3);
    audit_crowd_next_server(&crowd);
    seen(1, 20, 21);
    cr_assert_str_eq(said(), BOTH);
    begin();
    seen(1, 2, 3);
    audit_crowd_next_server(&crowd);
    seen(0, 20, 21);
    cr_assert_str_eq(said(), BOTH);
}

/* It was r2's and is r1's: alone it is no crowd, beside any other server it is one. */
Test(crowd, a_server_that_changed_hands_is_a_crowd_only_with_another)
{
    begin();
    seen(2, 8, 12);
    audit_crowd_next_server(&crowd);
    cr_assert_str_eq(said(), "");
    seen(0, 20, 21);
    audit_crowd_next_server(&crowd);
    cr_assert_str_eq(said(), BOTH);
    begin();
    seen(0, 2, 3);
    audit_crowd_next_server(&crowd);
    seen(2, 8, 12);
    audit_crowd_next_server(&crowd);
    seen(0, 20, 21);
    cr_assert_str_eq(said(), BOTH);
}

/* Three servers, and one that saw nothing of the month in between. */
Test(crowd, who_was_seen_before_is_not_forgotten)
{
    begin();
    seen(0, 2, 3);
    audit_crowd_next_server(&crowd);
    seen(1, -40, -39); /* in August */
    audit_crowd_next_server(&crowd);
    seen(2, 12, 13);
    audit_crowd_next_server(&crowd);
    cr_assert_str_eq(said(), "");
    seen(1, 20, 21);
    cr_assert_str_eq(said(), BOTH);
}
