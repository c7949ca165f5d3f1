/* The filter's text; what it lets through is tested where libpcap is (unit/probe). */
#include <errno.h>
#include <string.h>

#include "packet/filter.h"
#include "support/leak.h"

SUITE(filter);

static struct sight_target target(const char *text, uint16_t port, bool is_collector)
{
    struct sight_target t = {.port = port, .is_collector = is_collector};

    cr_assert_eq(addr_parse(text_of(text), &t.address), 0);
    return t;
}

Test(filter, with_nothing_to_see_it_asks_for_no_frame)
{
    const struct sight_target collector = target("198.51.100.8", 443, true);
    static const uint16_t port = 8443;
    const struct filter_wish wishes[] = {
        {.has_keyserver = true, .has_panel = true},
        {.targets = &collector, .n_targets = 1, .has_keyserver = true},
        {.targets = &collector, .n_targets = 1, .ports = &port, .n_ports = 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(wishes); i++) {
        AUTO(buf) struct buf out = BUF_INIT(FILTER_TEXT_MAX);
        filter_write(&wishes[i], &out);
        cr_expect_str_eq(buf_str(&out), "len = 0", "%zu", i);
    }
}

Test(filter, targets_of_one_port_stand_together)
{
    const struct sight_target targets[] = {
        target("198.51.100.7", 443, false), target("198.51.100.8", 443, true),
        target("198.51.100.9", 0, false), target("198.51.100.10", 443, false)};
    const struct filter_wish wish = {
        .targets = targets, .n_targets = ARRAY_LEN(targets), .has_keyserver = true};
    AUTO(buf) struct buf out = BUF_INIT(FILTER_TEXT_MAX);

    /* 198.51.100.7 is 0xc6336407; collectors are left out; port 0 is not asked for. */
    filter_write(&wish, &out);
    cr_expect_str_eq(buf_str(&out), "len = 0 or (tcp[13] & 18 = 2 and ((tcp[2:2] = 443 and "
                                    "(ip[16:4] = 0xc6336407 or ip[16:4] = 0xc633640a)) or "
                                    "((ip[16:4] = 0xc6336409)))) or "
                                    "(ip6[24:4] = 0 and ip6[28:4] = 0 and ip6[32:4] = 0xffff)");
}

Test(filter, the_longest_text_fits)
{
    static struct sight_target targets[SIGHT_TARGETS_MAX];
    static const uint16_t ports[SIGHT_PORTS_MAX] = {65528, 65529, 65530, 65531,
                                                    65532, 65533, 65534, 65535};
    const struct filter_wish wish = {.targets = targets,
                                     .n_targets = SIGHT_TARGETS_MAX,
                                     .ports = ports,
                                     .n_ports = SIGHT_PORTS_MAX,
                                     .has_keyserver = true,
                                     .has_panel = true,
                                     .has_tags = true};
    AUTO(buf) struct buf out = BUF_INIT(FILTER_TEXT_MAX), small = BUF_INIT(1000);

    for (size_t i = 0; i < SIGHT_TARGETS_MAX; i++) {
        targets[i] = (struct sight_target){.port = (uint16_t)(65535 - i)};
        targets[i].address.family = ADDR_IPV6;
        memset(targets[i].address.bytes, 0xee, sizeof targets[i].address.bytes);
    }
    filter_write(&wish, &out);
    cr_expect_eq(buf_error(&out), 0, "%zu bytes", out.len);
    filter_write(&wish, &small);
    cr_expect_eq(buf_error(&small), -ERANGE);
}
