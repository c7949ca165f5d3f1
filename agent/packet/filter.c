/* The kernel's filter, as text for libpcap. */
#include "packet/filter.h"

#include <inttypes.h>

/* Where things stand: offsets into the IPv4, IPv6 and TCP headers, in libpcap's language.
 * tcp[…] is of IPv4 alone, of unfragmented packets and first fragments, options skipped. */
#define IPV4_OPENS "tcp[13] & 18 = 2" /* SYN, not ACK */
#define IPV4_ANSWERS "tcp[13] & 18 = 18"
#define IPV6_OPENS "ip6[6] = 6 and ip6[53] & 18 = 2"
#define IPV6_ANSWERS "ip6[6] = 6 and ip6[53] & 18 = 18"
/* Extension headers: what is behind them the filter's language cannot tell without a loop,
 * which the kernel refuses. Of fragments only first ones can have a TCP header. */
#define IPV6_EXTENDED                                                                          \
    "(ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 51 or ip6[6] = 60 or "                             \
    "(ip6[6] = 44 and ip6[42:2] & 0xfff8 = 0))"
/* ::ffff:0:0/96 on the wire, which is IPv4 to us. */
#define IPV6_TO_MAPPED "(ip6[24:4] = 0 and ip6[28:4] = 0 and ip6[32:4] = 0xffff)"
#define TAGGED "ether proto 0x8100 or ether proto 0x88a8"

static uint32_t word(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_watched(const struct sight_target *t, enum addr_family family)
{
    return !t->is_collector && t->address.family == family;
}

/* Whether an earlier target of the family has the port: then this one stands beside it. */
static bool is_told(const struct filter_wish *w, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (is_watched(&w->targets[k], w->targets[i].address.family) &&
            w->targets[k].port == w->targets[i].port)
            return true;
    }
    return false;
}

/* An address as its destination, by words: as an address it would be looked up. */
static void write_destination(const struct addr *a, struct buf *out)
{
    if (a->family == ADDR_IPV4) {
        buf_printf(out, "ip[16:4] = 0x%" PRIx32, word(a->bytes));
        return;
    }
    buf_printf(out, "(ip6[24:4] = 0x%" PRIx32 " and ip6[28:4] = 0x%" PRIx32, word(a->bytes),
               word(a->bytes + 4));
    buf_printf(out, " and ip6[32:4] = 0x%" PRIx32 " and ip6[36:4] = 0x%" PRIx32 ")",
               word(a->bytes + 8), word(a->bytes + 12));
}

/* All targets of one family and port: "(A or B …)". */
static void write_group(const struct filter_wish *w, size_t leader, struct buf *out)
{
    const struct sight_target *of = &w->targets[leader];

    for (size_t i = leader; i < w->n_targets; i++) {
        const struct sight_target *t = &w->targets[i];
        if (!is_watched(t, of->address.family) || t->port != of->port)
            continue;
        buf_add_str(out, i == leader ? "(" : " or ");
        write_destination(&t->address, out);
    }
    buf_add_char(out, ')');
}

/* The opening of a connection, then each port with its targets. */
static void write_keyserver_ipv4(const struct filter_wish *w, struct buf *out)
{
    bool has_any = false;

    for (size_t i = 0; i < w->n_targets; i++) {
        if (!is_watched(&w->targets[i], ADDR_IPV4) || is_told(w, i))
            continue;
        buf_add_str(out, has_any ? " or (" : " or (" IPV4_OPENS " and ((");
        if (w->targets[i].port != 0)
            buf_printf(out, "tcp[2:2] = %u and ", w->targets[i].port);
        write_group(w, i, out);
        buf_add_char(out, ')');
        has_any = true;
    }
    if (has_any)
        buf_add_str(out, ")) or " IPV6_TO_MAPPED);
}

static void write_keyserver_ipv6(const struct filter_wish *w, struct buf *out)
{
    for (size_t i = 0; i < w->n_targets; i++) {
        if (!is_watched(&w->targets[i], ADDR_IPV6) || is_told(w, i))
            continue;
        buf_add_str(out, " or (((" IPV6_OPENS);
        if (w->targets[i].port != 0)
            buf_printf(out, " and ip6[42:2] = %u", w->targets[i].port);
        buf_add_str(out, ") or " IPV6_EXTENDED ") and ");
        write_group(w, i, out);
        buf_add_char(out, ')');
    }
}

/* "(FIELD = 8443 or FIELD = 8880)" */
static void write_ports(const struct filter_wish *w, const char *field, struct buf *out)
{
    for (size_t i = 0; i < w->n_ports; i++)
        buf_printf(out, "%s%s = %u", i == 0 ? "(" : " or ", field, w->ports[i]);
    buf_add_char(out, ')');
}

static void write_panel(const struct filter_wish *w, struct buf *out)
{
    buf_add_str(out, " or (" IPV4_ANSWERS " and ");
    write_ports(w, "tcp[0:2]", out);
    buf_add_str(out, ") or (" IPV6_ANSWERS " and ");
    write_ports(w, "ip6[40:2]", out);
    buf_add_str(out, ") or " IPV6_EXTENDED);
}

void filter_write(const struct filter_wish *w, struct buf *out)
{
    /* True of no frame; and nothing that the compiler could see through and refuse, as it does
     * where the rest asks for what a link can never carry. */
    buf_add_str(out, "len = 0");
    if (w->has_keyserver) {
        write_keyserver_ipv4(w, out);
        write_keyserver_ipv6(w, out);
    }
    if (w->has_panel && w->n_ports > 0)
        write_panel(w, out);
    if (w->has_tags)
        buf_add_str(out, " or " TAGGED);
}
