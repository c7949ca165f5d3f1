/* Whose address it was, and when: licences that looks found, times addresses that were seen. */
#include "keeper/presence.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/leak.h"

SUITE(presence);

enum { T0 = 1795300000 };
static const wall_t long_ago = {T0 - 86400 * 30};

static struct addr address(const char *text)
{
    struct addr a;
    cr_assert_eq(addr_parse(text_of(text), &a), 0);
    return a;
}

static license_t license(const char *text)
{
    license_t l;
    cr_assert_eq(license_parse(text_of(text), &l, NULL), 0);
    return l;
}

/* What a look says, as lines "PLSK.00000001 8.8.8.8 keyserver 10 20\n", times less T0. */
struct said {
    char text[4096];
};

static int say(void *arg, const struct report_sighting *s)
{
    struct said *said = arg;
    char l[LICENSE_TEXT_SIZE], a[ADDR_TEXT_SIZE];
    size_t n = strlen(said->text);
    (void)snprintf(said->text + n, sizeof said->text - n, "%s %s %s %lld %lld\n",
                   license_format(s->license, l), addr_format(&s->address, a),
                   source_name(s->source), (long long)(s->seen.first.s - T0),
                   (long long)(s->seen.last.s - T0));
    return 0;
}

static struct said look(struct presence *p, const char *number, wall_t since, int64_t at)
{
    struct said said = {""};
    struct presence_license l;
    if (number)
        l = (struct presence_license){license(number), since};
    cr_assert_eq(presence_look(p, &l, number ? 1 : 0, (wall_t){T0 + at},
                               &(struct presence_sink){say, &said}),
                 0);
    return said;
}

static struct presence *new_presence(void)
{
    struct presence *p = NULL;
    cr_assert_eq(presence_new(NULL, 0, &p), 0);
    return p;
}

static void link_up(struct presence *p, const char *a, bool is_there, int64_t at)
{
    struct addr x = address(a);
    cr_assert_eq(presence_link(p, &x, is_there, (wall_t){T0 + at}), 0);
}

static void seen(struct presence *p, enum source source, const char *a, int64_t first,
                 int64_t last)
{
    struct addr x = address(a);
    struct span s = {{T0 + first}, {T0 + last}};
    cr_assert_eq(presence_seen(p, source, &x, s), 0);
}

Test(presence, an_interface_is_used_from_its_first_word_to_each_look)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900).text,
                     "PLSK.00000001 8.8.8.8 interface 0 900\n");
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 1800).text,
                     "PLSK.00000001 8.8.8.8 interface 900 1800\n");
    link_up(p, "8.8.8.8", false, 2000);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 2700).text,
                     "PLSK.00000001 8.8.8.8 interface 1800 2000\n");
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 3600).text, "");
}

Test(presence, a_connection_is_said_once)
{
    AUTO(presence) struct presence *p = new_presence();
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", 100, 100);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900).text,
                     "PLSK.00000001 8.8.8.8 keyserver 100 100\n");
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 1800).text, "");
}

/* What the probe tells takes its way; a look may begin in between, or twice. */
Test(presence, a_connection_of_which_is_heard_after_a_later_look_is_said_by_the_next)
{
    AUTO(presence) struct presence *p = new_presence();
    (void)look(p, "PLSK.00000001", long_ago, 900);
    (void)look(p, "PLSK.00000001", long_ago, 1800);
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", 1799, 1799);
    seen(p, SOURCE_PANEL, "8.8.8.8", 850, 1810);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 2700).text,
                     "PLSK.00000001 8.8.8.8 keyserver 1799 1799\n"
                     "PLSK.00000001 8.8.8.8 panel 850 1810\n");
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 3600).text, "", "once");
}

/* The key came at 1000, found at 1800: its connection at 990 is its own, that at 700 is not. */
Test(presence, what_is_heard_late_is_credited_no_further_back_than_the_key_was_there)
{
    AUTO(presence) struct presence *p = new_presence();
    (void)look(p, NULL, long_ago, 900);
    (void)look(p, "PLSK.00000001", (wall_t){T0 + 1000}, 1800);
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", 990, 990);
    seen(p, SOURCE_KEYSERVER, "8.8.4.4", 700, 700);
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 1000}, 2700).text,
                     "PLSK.00000001 8.8.8.8 keyserver 990 990\n");
}

/* It was away at 1800; what was seen at 850, when it was there, is told too late to be its own.
 */
Test(presence, what_is_heard_late_is_not_credited_over_a_look_that_did_not_find_the_key)
{
    AUTO(presence) struct presence *p = new_presence();
    (void)look(p, "PLSK.00000001", long_ago, 900);
    (void)look(p, NULL, long_ago, 1800);
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", 850, 850);
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 1900}, 2700).text, "");
    (void)look(p, "PLSK.00000001", (wall_t){T0 + 1900}, 3600);
}

Test(presence, a_connection_that_spans_a_look_is_said_in_two_parts)
{
    AUTO(presence) struct presence *p = new_presence();
    seen(p, SOURCE_PANEL, "8.8.8.8", 800, 1000);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900).text,
                     "PLSK.00000001 8.8.8.8 panel 800 900\n");
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 1800).text,
                     "PLSK.00000001 8.8.8.8 panel 900 1000\n");
}

Test(presence, what_lies_behind_the_look_waits_for_the_next)
{
    AUTO(presence) struct presence *p = new_presence();
    seen(p, SOURCE_NAT, "8.8.8.8", 950, 950);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900).text, "");
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 1800).text,
                     "PLSK.00000001 8.8.8.8 nat 950 950\n");
}

/* A key that came at 500: what was before belongs to nobody, but the connection that fetched it
 * (at most 120 s before) is its own. */
Test(presence, a_new_key_counts_from_when_its_file_came)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    cr_assert_str_eq(look(p, NULL, long_ago, 100).text, "");
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", 200, 200);
    seen(p, SOURCE_KEYSERVER, "8.8.4.4", 495, 495);
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 500}, 900).text,
                     "PLSK.00000001 8.8.8.8 interface 380 900\n"
                     "PLSK.00000001 8.8.4.4 keyserver 495 495\n");
}

/* The connection at 495 brings a look about, at 496, before the key is written at 500. */
Test(presence, a_connection_is_remembered_for_the_key_that_it_fetches)
{
    AUTO(presence) struct presence *p = new_presence();
    (void)look(p, NULL, long_ago, 100);
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", 495, 495);
    cr_assert_str_eq(look(p, NULL, long_ago, 496).text, "");
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 500}, 900).text,
                     "PLSK.00000001 8.8.8.8 keyserver 495 495\n");
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 500}, 1800).text, "", "once");
}

/* Moved in from another file system with its old times: since the look that did not find it. */
Test(presence, a_key_is_not_credited_before_a_look_that_did_not_find_it)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    (void)look(p, NULL, long_ago, 900);
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 850}, 1800).text,
                     "PLSK.00000001 8.8.8.8 interface 900 1800\n");
}

Test(presence, a_key_that_went_away_is_not_credited_after_the_look_that_found_it)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    (void)look(p, "PLSK.00000001", long_ago, 900);
    cr_assert_str_eq(look(p, NULL, long_ago, 1800).text, "");
    cr_assert_str_eq(look(p, "PLSK.00000002", (wall_t){T0 + 1700}, 2700).text,
                     "PLSK.00000002 8.8.8.8 interface 1800 2700\n");
}

/* A renewal writes the file anew: the key was there at both looks. */
Test(presence, a_renewed_key_goes_on)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    (void)look(p, "PLSK.00000001", long_ago, 900);
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 1700}, 1800).text,
                     "PLSK.00000001 8.8.8.8 interface 900 1800\n");
}

/* Looks an hour apart: a file that changed in between may have been away. */
Test(presence, looks_far_apart_believe_the_file_alone)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    (void)look(p, "PLSK.00000001", long_ago, 900);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900 + 7200).text,
                     "PLSK.00000001 8.8.8.8 interface 900 8100\n");
    cr_assert_str_eq(look(p, "PLSK.00000001", (wall_t){T0 + 14000}, 8100 + 7200).text,
                     "PLSK.00000001 8.8.8.8 interface 13880 15300\n");
}

Test(presence, a_look_that_failed_credits_nobody)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", 100, 100);
    (void)look(p, "PLSK.00000001", long_ago, 50);
    presence_forget(p, (wall_t){T0 + 900});
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 1800).text,
                     "PLSK.00000001 8.8.8.8 interface 900 1800\n");
}

Test(presence, without_a_probe_interfaces_are_not_known)
{
    AUTO(presence) struct presence *p = new_presence();
    link_up(p, "8.8.8.8", true, 0);
    cr_assert_eq(presence_blind(p, (wall_t){T0 + 400}), 0);
    link_up(p, "8.8.8.8", true, 700);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900).text,
                     "PLSK.00000001 8.8.8.8 interface 0 400\n"
                     "PLSK.00000001 8.8.8.8 interface 700 900\n");
}

Test(presence, what_is_not_public_is_nobodys_business)
{
    static const char *const own[] = {"10.0.0.5", "192.168.1.1", "100.64.0.9", "fe80::1",
                                      "fd00::1",  "203.0.113.5", "2001:db8::1"};
    AUTO(presence) struct presence *p = new_presence();
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        link_up(p, own[i], true, 0);
        seen(p, SOURCE_PANEL, own[i], 1, 2);
    }
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900).text, "");
}

Test(presence, lab_networks_are_public_too)
{
    struct network lab;
    struct presence *p = NULL;
    cr_assert_eq(network_parse(text_of("203.0.113.0/24"), &lab), 0);
    cr_assert_eq(presence_new(&lab, 1, &p), 0);
    seen(p, SOURCE_PANEL, "203.0.113.5", 1, 2);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 900).text,
                     "PLSK.00000001 203.0.113.5 panel 1 2\n");
    presence_free(p);
}

/* What a probe held while no keeper listened is from before the run's start. */
Test(presence, the_first_look_takes_what_was_before_it_as_long_as_the_file_was_there)
{
    AUTO(presence) struct presence *p = new_presence();
    seen(p, SOURCE_KEYSERVER, "8.8.8.8", -3000, -3000);
    cr_assert_str_eq(look(p, "PLSK.00000001", long_ago, 5).text,
                     "PLSK.00000001 8.8.8.8 keyserver -3000 -3000\n");
}

Test(presence, each_licence_has_each_address)
{
    AUTO(presence) struct presence *p = new_presence();
    struct said said = {""};
    seen(p, SOURCE_PANEL, "8.8.8.8", 1, 2);
    struct presence_license both[] = {{license("PLSK.00000001"), long_ago},
                                      {license("EXT.00000002"), long_ago}};
    cr_assert_eq(
        presence_look(p, both, 2, (wall_t){T0 + 900}, &(struct presence_sink){say, &said}), 0);
    cr_assert_str_eq(said.text, "PLSK.00000001 8.8.8.8 panel 1 2\n"
                                "EXT.00000002 8.8.8.8 panel 1 2\n");
}

Test(presence, more_addresses_than_the_cap_are_refused_and_no_others)
{
    AUTO(presence) struct presence *p = new_presence();
    struct addr a = address("8.0.0.0");
    for (int i = 0; i < CAP_PRESENCES; i++) {
        a.bytes[2] = (uint8_t)(i >> 8);
        a.bytes[3] = (uint8_t)i;
        cr_assert_eq(presence_seen(p, SOURCE_PANEL, &a, (struct span){{T0}, {T0}}), 0);
    }
    struct addr one_more = address("9.9.9.9");
    cr_assert_eq(presence_seen(p, SOURCE_PANEL, &one_more, (struct span){{T0}, {T0}}), -ERANGE);
    cr_assert_eq(presence_seen(p, SOURCE_PANEL, &a, (struct span){{T0 + 1}, {T0 + 1}}), 0);
}
