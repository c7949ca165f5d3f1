/*
 * Stories of estates that were worked out by hand: October 2026 in UTC, so that the period is
 * [day 1, day 32) and, with a grace of 14 days, its look-back begins on day -13 (17 September).
 */
#include "run/story.h"

#include <errno.h>
#include <string.h>

#include "support/leak.h"
#include "support/scene.h"

SUITE(story);

enum { HOUR = 3600, DAY = 24 * HOUR };

#define OVER scene_at(40, 0) /* some day after the period */
#define DAYS(from, to) ((struct span){scene_at(from, 0), scene_at(to, 0)})

static const struct term ever = {{-(INT64_C(1) << 53)}, {INT64_C(1) << 53}};

/* One licence on two machines, each at a place of its own, from day 2 to day 17. */
static void two_servers(struct scene *s)
{
    scene_init(s);
    scene_license(s, "PLSK.00000001", NULL);
    scene_server(s, "srv-1");
    scene_server(s, "srv-2");
    scene_tariff(s, CHARGE_EXTRA_IP, 12, 1);
    scene_saw(s, "srv-1", 1, "PLSK.00000001", "203.0.113.5", DAYS(1, 31));
    scene_saw(s, "srv-2", 2, "PLSK.00000001", "198.51.100.7", DAYS(2, 17));
}

static const struct story_rule *rule_of(const struct story *s, enum finding_kind kind)
{
    cr_assert_eq(s->n_entries, 1);
    for (size_t i = 0; i < s->entries[0].n_rules; i++)
        if (s->entries[0].rules[i].kind == kind)
            return &s->entries[0].rules[i];
    cr_assert_fail("no such rule");
    return NULL;
}

static bool advises(const struct story *s, const char *words)
{
    for (size_t i = 0; i < s->n_advice; i++)
        if (strstr(s->advice[i].text, words))
            return true;
    return false;
}

Test(story, two_servers_for_15_days_are_confirmed_after_14)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    cr_assert_eq(scene_story(&scene, "plsk000000010001", "2026-10", OVER, &s), 0);

    const struct story_rule *r = rule_of(&s, FINDING_EXTRA_IP);
    cr_assert_eq(s.state, STATE_CONFIRMED);
    cr_assert_eq(r->answer.state, STATE_CONFIRMED);
    cr_assert_eq(r->answer.quantity, 1);
    cr_assert_eq(r->answer.in_window.s, 15 * DAY);
    cr_assert_eq(r->held.n, 1);
    cr_assert_eq(r->held.v[0].first.s, scene_at(2, 0).s);
    /* 14 days from day 2 are full on day 16; one second more is longer. */
    cr_assert(r->outlook.has_confirmed_at);
    cr_assert_eq(r->outlook.confirmed_at.s, scene_at(16, 0).s + 1);
    cr_assert_not(r->outlook.goes_on);
    cr_assert_eq(r->outlook.grace_left.s, 0);
}

Test(story, the_steps_of_two_servers_are_those_of_the_calendar)
{
    /* Look-back, srv-1 alone, both, srv-1 alone, nobody on the last day. */
    static const struct {
        int from, to;
        int64_t machines, units, level;
    } want[] = {{-13, 1, 0, 0, 0},
                {1, 2, 1, 1, 0},
                {2, 17, 2, 2, 1},
                {17, 31, 1, 1, 0},
                {31, 32, 0, 0, 0}};
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", OVER, &s), 0);

    const struct story_entry *e = &s.entries[0];
    cr_assert_eq(e->n_steps, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        cr_assert_eq(e->steps[i].at.first.s, scene_at(want[i].from, 0).s, "step %zu", i);
        cr_assert_eq(e->steps[i].at.last.s, scene_at(want[i].to, 0).s, "step %zu", i);
        cr_assert_eq(e->steps[i].machines, want[i].machines, "step %zu", i);
        cr_assert_eq(e->steps[i].units, want[i].units, "step %zu", i);
        cr_assert_eq(e->steps[i].level, want[i].level, "step %zu", i);
    }
}

Test(story, money_is_the_draft_of_the_key)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", OVER, &s), 0);

    /* extra-ip, and outside without a tariff. */
    cr_assert_eq(s.n_money, 2);
    cr_assert_eq(s.money[0].kind, CHARGE_EXTRA_IP);
    cr_assert(s.money[0].has_draft);
    cr_assert_eq(s.money[0].due.amount.minor, 1200);
    cr_assert_eq(s.money[0].entered.minor, 0);
    cr_assert_eq(s.money[0].draft.minor, 1200);
    cr_assert_not(s.money[0].has_would);
    cr_assert_not(s.money[1].has_tariff);
}

Test(story, what_goes_on_is_told_until_when_it_is_free)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    /* On day 10 both are still there: 8 days of 14 are used. */
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", scene_at(10, 0), &s), 0);

    const struct story_rule *r = rule_of(&s, FINDING_EXTRA_IP);
    const struct story_outlook *o = &r->outlook;
    cr_assert_eq(r->answer.state, STATE_POTENTIAL);
    cr_assert(o->goes_on);
    cr_assert_eq(o->last.s, scene_at(10, 0).s);
    cr_assert_eq(o->grace_left.s, 6 * DAY);
    cr_assert_eq(o->free_until.s, scene_at(16, 0).s);
    cr_assert_eq(r->answer.confirms_at.s, scene_at(16, 0).s + 1);
    cr_assert(o->can_confirm);
    /* November looks back from day 32 to day 18: going on, those 14 days are full by then, and
     * a day of its own is still free. */
    cr_assert(o->has_next);
    cr_assert_eq(o->next_window.s, scene_at(18, 0).s);
    cr_assert_eq(o->next_carried.s, 14 * DAY);
    cr_assert_eq(o->next_free_until.s, scene_at(33, 0).s);
    /* What was seen so far lies before day 18. */
    cr_assert_eq(o->forgotten.month, s.period.month + 1);
    cr_assert(advises(&s, "srv-2 at 198.51.100.7"));
    cr_assert(advises(&s, "confirmed at 2026-10-16 00:00:01 UTC"));
    /* 12 euros, if it were confirmed as it is. */
    cr_assert(s.money[0].has_would);
    cr_assert_eq(s.money[0].would.minor, 1200);
}

Test(story, a_last_sighting_within_the_bridge_still_goes_on)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    scene_license(&scene, "PLSK.00000002", NULL);
    scene_saw(&scene, "srv-1", 1, "PLSK.00000002", "203.0.113.5", DAYS(1, 9));
    scene_saw(&scene, "srv-2", 2, "PLSK.00000002", "198.51.100.7", DAYS(3, 9));
    /* 20 hours after both were seen last; the bridge is 26. */
    cr_assert_eq(scene_story(&scene, "PLSK.00000002", "2026-10", scene_at(9, 20), &s), 0);

    const struct story_rule *r = rule_of(&s, FINDING_EXTRA_IP);
    cr_assert_not(r->answer.has_confirms); /* the level at E itself is 0 */
    cr_assert(r->outlook.goes_on);
    cr_assert_eq(r->outlook.last.s, scene_at(9, 0).s);
    /* 6 days are used, 8 are left, from the last sighting on. */
    cr_assert_eq(r->outlook.free_until.s, scene_at(17, 0).s);
}

Test(story, what_ended_in_time_tells_what_the_next_period_still_sees)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    scene_license(&scene, "PLSK.00000003", NULL);
    scene_saw(&scene, "srv-1", 1, "PLSK.00000003", "203.0.113.5", DAYS(1, 30));
    scene_saw(&scene, "srv-2", 2, "PLSK.00000003", "198.51.100.7", DAYS(16, 21));
    /* Day 16 to 21; on day 28 that is over. */
    cr_assert_eq(scene_story(&scene, "PLSK.00000003", "2026-10", scene_at(28, 0), &s), 0);

    const struct story_rule *r = rule_of(&s, FINDING_EXTRA_IP);
    cr_assert_eq(r->answer.state, STATE_POTENTIAL);
    cr_assert_not(r->outlook.goes_on);
    cr_assert_eq(r->outlook.grace_left.s, 9 * DAY);
    /* November's look-back begins on day 18: three days of the five. */
    cr_assert_eq(r->outlook.next_carried.s, 3 * DAY);
    /* December looks back from 1 December (day 62) to day 48. */
    cr_assert_eq(r->outlook.forgotten.month, s.period.month + 2);
    /* Nine days would be needed, and four are left: it cannot be confirmed any more. */
    cr_assert(advises(&s, "is not charged in 2026-10"));
    cr_assert(advises(&s, "3 d of this counts there"));
}

Test(story, a_second_stack_does_not_count_while_the_first_is_there)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    scene_init(&scene);
    scene_license(&scene, "PLSK.00000001", NULL);
    scene_server(&scene, "srv-1");
    scene_saw(&scene, "srv-1", 1, "PLSK.00000001", "203.0.113.5", DAYS(3, 5));
    scene_saw(&scene, "srv-1", 1, "PLSK.00000001", "2001:db8:1:2::9", DAYS(3, 7));
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", OVER, &s), 0);

    const struct story_entry *e = &s.entries[0];
    cr_assert_eq(e->n_units, 2);
    cr_assert_str_eq(e->units[1].name, "2001:db8:1:2::/64");
    cr_assert_eq(e->units[1].present.s, 4 * DAY);
    cr_assert_eq(e->units[1].counted.s, 2 * DAY);
    cr_assert_eq(e->units[1].n_stands, 2);
    cr_assert_eq(e->units[1].stands[0].standing, STANDING_SECOND);
    cr_assert_eq(e->units[1].stands[1].standing, STANDING_UNKNOWN);
    cr_assert_eq(e->units[1].stands[1].at.first.s, scene_at(5, 0).s);
    cr_assert_eq(rule_of(&s, FINDING_EXTRA_IP)->answer.state, STATE_CLEAR);
}

Test(story, a_unit_stands_inside_outside_or_unknown_as_networks_come_and_go)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    scene_init(&scene);
    scene_license(&scene, "PLSK.00000001", NULL);
    scene_server(&scene, "srv-1");
    /* One network from day 5 on, the address's own from day 8 to day 10. */
    scene_network(&scene, "192.0.2.0/24", (struct term){scene_at(5, 0), WALL_END}, false);
    scene_network(&scene, "203.0.113.0/24", (struct term){scene_at(8, 0), scene_at(10, 0)},
                  false);
    scene_saw(&scene, "srv-1", 1, "PLSK.00000001", "203.0.113.5", DAYS(3, 12));
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", OVER, &s), 0);

    static const struct {
        int from, to;
        enum story_standing standing;
    } want[] = {{3, 5, STANDING_UNKNOWN},
                {5, 8, STANDING_OUTSIDE},
                {8, 10, STANDING_INSIDE},
                {10, 12, STANDING_OUTSIDE}};
    const struct story_unit *u = &s.entries[0].units[0];
    cr_assert_eq(u->n_stands, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        cr_assert_eq(u->stands[i].standing, want[i].standing, "stretch %zu", i);
        cr_assert_eq(u->stands[i].at.first.s, scene_at(want[i].from, 0).s, "stretch %zu", i);
        cr_assert_eq(u->stands[i].at.last.s, scene_at(want[i].to, 0).s, "stretch %zu", i);
    }
    cr_assert_eq(u->outside.s, 5 * DAY);
    /* Of the two networks, the second holds it. */
    cr_assert_eq(u->n_networks, 1);
    cr_assert_str_eq(s.entries[0].networks[u->networks[0]].name, "203.0.113.0/24");
    cr_assert_eq(rule_of(&s, FINDING_OUTSIDE)->answer.in_window.s, 5 * DAY);
    cr_assert_eq(rule_of(&s, FINDING_OUTSIDE)->answer.state, STATE_POTENTIAL);
}

Test(story, a_lane_tells_what_was_seen_from_what_was_bridged)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    scene_init(&scene);
    scene_license(&scene, "PLSK.00000001", NULL);
    scene_server(&scene, "srv-1");
    /* An hour a day: 23 hours between them are bridged. The collector saw one moment. */
    for (int day = 3; day < 6; day++)
        scene_saw(&scene, "srv-1", 1, "PLSK.00000001", "203.0.113.5",
                  (struct span){scene_at(day, 0), scene_at(day, 1)});
    scene_peer(&scene, "srv-1", 1, "PLSK.00000001", "203.0.113.5", scene_at(4, 12));
    scene_gap(&scene, "srv-1", 1, DAYS(4, 5), 17);
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", OVER, &s), 0);

    const struct story_entry *e = &s.entries[0];
    cr_assert_eq(e->n_lanes, 1);
    cr_assert_eq(e->lanes[0].observed.s, 3 * HOUR);
    cr_assert_eq(e->lanes[0].presence.s, 2 * DAY + HOUR);
    cr_assert_eq(e->lanes[0].by_peer.s, 0); /* a moment measures 0 */
    cr_assert_eq(e->lanes[0].by_peers.n, 1);
    cr_assert_eq(e->lanes[0].by_agents.n, 3);
    cr_assert_eq(e->lanes[0].sources, 1U << SOURCE_PEER | 1U << SOURCE_KEYSERVER);
    cr_assert_eq(e->machines[0].n_gaps, 1);
    cr_assert_eq(e->machines[0].gaps[0].lost, 17);
}

Test(story, a_move_is_a_step_of_level_0)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    scene_move(&scene, "PLSK.00000001", (struct term){scene_at(4, 0), scene_at(6, 0)});
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", OVER, &s), 0);

    const struct story_entry *e = &s.entries[0];
    cr_assert_eq(e->n_moves, 1);
    cr_assert_eq(e->n_steps, 7); /* the five of before, the third in three parts */
    cr_assert(e->steps[3].is_move);
    cr_assert_eq(e->steps[3].machines, 2);
    cr_assert_eq(e->steps[3].level, 0);
    cr_assert_eq(rule_of(&s, FINDING_EXTRA_IP)->answer.in_window.s, 13 * DAY);
    cr_assert_eq(s.state, STATE_POTENTIAL);
}

Test(story, mailboxes_are_carried_on_and_measured_against_the_limit)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    scene_init(&scene);
    scene_domain(&scene, "example.nl", 1000);
    scene_server(&scene, "mx-1");
    scene_server(&scene, "mx-2");
    scene_tariff(&scene, CHARGE_MAILBOXES, 5, 50);
    scene_counted(&scene, "mx-1", "example.nl", 1100, DAYS(1, 9));
    scene_counted(&scene, "mx-2", "example.nl", 300, DAYS(2, 3));
    cr_assert_eq(scene_story(&scene, "Example.NL.", "2026-10", OVER, &s), 0);

    const struct story_entry *e = &s.entries[0];
    const struct story_rule *r = rule_of(&s, FINDING_MAILBOXES);
    /* Eight days, and 26 hours carried on: longer than the seven days of mailbox_sustain. */
    cr_assert_eq(r->answer.state, STATE_CONFIRMED);
    cr_assert_eq(r->answer.quantity, 100);
    cr_assert_eq(r->answer.in_window.s, 9 * DAY + 2 * HOUR);
    cr_assert_eq(r->outlook.confirmed_at.s, scene_at(8, 0).s + 1);
    cr_assert_eq(e->n_servers, 2);
    cr_assert_str_eq(e->servers[0].server, "mx-1");
    cr_assert_eq(e->servers[0].most, 1100);
    cr_assert_eq(e->servers[0].last_counts.aliases, 7);
    cr_assert_eq(e->servers[1].known.v[0].last.s, scene_at(4, 2).s);
    cr_assert_eq(e->n_limits, 1);
    cr_assert_eq(e->limits[0].limit, 1000);
    /* 100 too many are two blocks of 50. */
    cr_assert_eq(s.money[0].due.amount.minor, 1000);
}

Test(story, notices_are_told_with_what_to_do)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    scene_init(&scene);
    scene_license(&scene, "PLSK.00000001", "192.0.2.1");
    scene_server(&scene, "srv-1");
    scene_network(&scene, "203.0.113.0/24", ever, false);
    scene_saw(&scene, "srv-1", 1, "PLSK.00000001", "203.0.113.5", DAYS(1, 20));
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2026-10", OVER, &s), 0);

    cr_assert_eq(s.state, STATE_NOTICE);
    cr_assert_eq(s.n_notices, 2); /* bound elsewhere for longer than the grace; and silent */
    cr_assert_eq(s.notices[0].kind, FINDING_ELSEWHERE);
    cr_assert_eq(s.notices[1].kind, FINDING_SILENT);
    cr_assert_str_eq(s.entries[0].binding_unit, "192.0.2.1");
    cr_assert(advises(&s, "bound to 192.0.2.1 (not seen there in this time); it was at "
                          "203.0.113.5 for 19 d"));
}

Test(story, what_nobody_knows_and_what_has_not_begun_are_told_apart)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    cr_assert_eq(scene_story(&scene, "PLSK.00000009", "2026-10", OVER, &s), -ENOENT);
    cr_assert_eq(scene_story(&scene, "nobody.example", "2026-10", OVER, &s), -ENOENT);
    cr_assert_eq(scene_story(&scene, "PLSK.00000001", "2027-10", OVER, &s), -ERANGE);
}

Test(story, keys_that_the_rules_do_not_speak_of_are_not_judged)
{
    AUTO(scene) struct scene scene;
    AUTO(story) struct story s = {0};
    two_servers(&scene);
    scene_license(&scene, "EXT.00000001", NULL);
    cr_assert_eq(scene_story(&scene, "EXT.00000001", "2026-10", OVER, &s), 0);
    cr_assert_not(s.is_spoken_of);
    cr_assert_not(s.entries[0].is_judged);
    cr_assert_eq(s.n_money, 0);
}

Test(story, a_subject_is_a_licence_or_a_domain)
{
    static const struct {
        const char *text, *name;
        int r;
        const char *why;
    } rows[] = {
        {"plsk.00000001.0003", "PLSK.00000001", 0, "any spelling of a key"},
        {"PLSK000000010003", "PLSK.00000001", 0, "without dots"},
        {"Example.NL.", "example.nl", 0, "a domain is brought to its A-label"},
        {"PLSK.00000000", NULL, -EBADMSG, "all zero is no licence"},
        {"PLSK.1", NULL, -EBADMSG, "neither"},
        {"", NULL, -EBADMSG, "nothing at all"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct story_subject s;
        struct diag d = {""};
        int r = story_subject_parse(text_of(rows[i].text), &s, &d);
        cr_assert_eq(r, rows[i].r, "%s", rows[i].why);
        if (r == 0)
            cr_assert_str_eq(s.name, rows[i].name, "%s", rows[i].why);
        else
            cr_assert_neq(d.text[0], '\0', "%s", rows[i].why);
    }
}

Test(story, durations_are_exact_and_short)
{
    static const struct {
        int64_t s;
        const char *text;
    } rows[] = {{0, "0 s"},
                {59, "59 s"},
                {3600, "1 h"},
                {14 * DAY + 1, "14 d 1 s"},
                {15 * DAY + 3 * HOUR + 20 * 60, "15 d 3 h 20 min"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[STORY_DUR_SIZE];
        cr_assert_str_eq(story_dur((dur_t){rows[i].s}, text), rows[i].text);
    }
}
