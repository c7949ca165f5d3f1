/* The kernel's filter, compiled and run by libpcap over files: it lets everything through that
 * sight wants, and hardly anything else. */
#include <string.h>

#include "packet/filter.h"
#include "probe/capture.h"
#include "support/capfile.h"
#include "support/frame.h"
#include "support/leak.h"
#include "support/seed.h"
#include "support/temp.h"

SUITE(capture_filter);

enum { FRAMES = 20000, IPV4 = 0x0800, IPV6 = 0x86dd, TAG = 0x8100 };

static const char *const addresses4[] = {"203.0.113.9", "203.0.113.10", "198.51.100.7",
                                         "198.51.100.8"};
static const char *const addresses6[] = {"2001:db8::9", "2001:db8::a", "2001:db8:1::7",
                                         "2001:db8:1::8"};

/* Key servers of both families, one at any port; the panel's ports. */
struct rules {
    struct sight_target targets[4];
    uint16_t ports[2];
};

static struct rules make_rules(void)
{
    struct rules r = {.targets = {{.port = 443}, {.port = 0}, {.port = 443}, {.port = 444}},
                      .ports = {8443, 8880}};
    const char *const at[] = {"198.51.100.7", "198.51.100.8", "2001:db8:1::7", "2001:db8:1::8"};
    for (size_t i = 0; i < ARRAY_LEN(at); i++)
        cr_assert_eq(addr_parse(text_of(at[i]), &r.targets[i].address), 0);
    return r;
}

static void write_filter(const struct rules *r, struct buf *out)
{
    const struct filter_wish wish = {.targets = r->targets,
                                     .n_targets = ARRAY_LEN(r->targets),
                                     .ports = r->ports,
                                     .n_ports = ARRAY_LEN(r->ports),
                                     .has_keyserver = true,
                                     .has_panel = true,
                                     .has_tags = true};
    filter_write(&wish, out);
    cr_assert_eq(buf_error(out), 0);
}

static unsigned pick(struct rng *r, const unsigned *v, size_t n)
{
    return v[rng_below(r, n)];
}

static void put_link(struct rng *r, struct frame *f, int link, unsigned type)
{
    unsigned tags = (unsigned)rng_below(r, 8) == 0 ? 1 + (unsigned)rng_below(r, 4) : 0;
    unsigned first = tags > 0 ? (tags % 2 == 0 ? 0x88a8 : TAG) : type;

    if (link == PACKET_LINK_ETHERNET)
        frame_ethernet(f, first);
    else if (link == PACKET_LINK_SLL)
        frame_sll(f, first, (unsigned)rng_below(r, 6), 1);
    else if (link == PACKET_LINK_SLL2)
        frame_sll2(f, first, (unsigned)rng_below(r, 6), 1);
    else
        return;
    for (; tags > 0; tags--)
        frame_tag(f, tags > 1 ? TAG : type);
}

/* Extension headers, or none; `next` is what stands behind them. */
static void put_ipv6(struct rng *r, struct frame *f, unsigned next)
{
    static const unsigned kinds[] = {0, 43, 44, 51, 60};
    unsigned n = (unsigned)rng_below(r, 4), kind[4];

    for (unsigned i = 0; i < n; i++)
        kind[i] = pick(r, kinds, ARRAY_LEN(kinds));
    kind[n] = next;
    frame_ip(f, addresses6[rng_below(r, 4)], addresses6[rng_below(r, 4)], kind[0]);
    if (rng_below(r, 8) == 0) { /* to an IPv4 address, mapped */
        static const uint8_t mapped[] = {0, 0, 0,    0,    0,   0,  0,   0,
                                         0, 0, 0xff, 0xff, 198, 51, 100, 7};
        memcpy(f->bytes + f->ip_at + 24, mapped, sizeof mapped);
    }
    for (unsigned i = 0; i < n; i++) {
        if (kind[i] == 44)
            frame_fragment_header(f, kind[i + 1], rng_below(r, 2), rng_below(r, 4) == 0);
        else
            frame_extension(f, kind[i], kind[i + 1], 2 + rng_below(r, 3));
    }
}

static void put_ipv4(struct rng *r, struct frame *f, unsigned next)
{
    frame_ip(f, addresses4[rng_below(r, 4)], addresses4[rng_below(r, 4)], next);
    if (rng_below(r, 4) == 0)
        frame_options(f, rng_below(r, 11));
    if (rng_below(r, 8) == 0)
        frame_fragment(f, rng_below(r, 2), (unsigned)rng_below(r, 2));
}

static void put_frame(struct rng *r, struct frame *f, int link)
{
    static const unsigned ports[] = {443, 444, 8443, 8880, 40000};
    static const unsigned flags[] = {PACKET_SYN, PACKET_SYN | PACKET_ACK, PACKET_ACK, 0xff};
    bool is_ipv4 = link == PACKET_LINK_IPV4 || (link != PACKET_LINK_IPV6 && rng_below(r, 2));
    unsigned next = rng_below(r, 16) == 0 ? 17 : 6;

    put_link(r, f, link, is_ipv4 ? IPV4 : IPV6);
    if (is_ipv4)
        put_ipv4(r, f, next);
    else
        put_ipv6(r, f, next);
    frame_tcp(f, pick(r, ports, ARRAY_LEN(ports)), pick(r, ports, ARRAY_LEN(ports)), 1,
              pick(r, flags, ARRAY_LEN(flags)));
    frame_end(f);
    if (rng_below(r, 16) == 0)
        f->n = rng_below(r, f->n + 1); /* cut */
    if (rng_below(r, 16) == 0 && f->n > 0)
        f->bytes[rng_below(r, f->n)] = (uint8_t)rng_next(r);
}

/* Each frame's second is its number. */
struct wants {
    struct sight *sight;
    bool is_wanted[FRAMES], is_through[FRAMES];
    size_t n_wanted, n_through;
};

static void want(void *arg, const struct captured *c)
{
    struct wants *w = arg;
    struct packet p;
    struct sight_seen seen;
    bool is_wanted = packet_decode(c->link, c->bytes, c->n, &p) == PACKET_TCP &&
                     sight_packet(w->sight, &p, 0, &seen);

    w->is_wanted[c->at_s] = is_wanted;
    w->n_wanted += is_wanted;
}

static void pass(void *arg, const struct captured *c)
{
    struct wants *w = arg;

    w->is_through[c->at_s] = true;
    w->n_through++;
}

static void read_file(const char *path, const char *filter, capture_fn *each, struct wants *w)
{
    AUTO(capture) struct capture *c = NULL;
    struct diag d = {""};
    int n;

    cr_assert_eq(capture_open_file(path, &c, &d), 0, "%s", d.text);
    if (filter != NULL)
        cr_assert_eq(capture_filter(c, filter, &d), 0, "%s", d.text);
    while ((n = capture_read(c, 1000, each, w, &d)) > 0)
        continue;
    cr_assert_eq(n, 0, "%s", d.text);
}

static void make_file(const char *path, int link)
{
    AUTO(capfile) struct capfile made;
    struct rng r = {seed_now() + (uint64_t)link};

    capfile_begin(&made, CAPFILE_PCAP, (unsigned)link);
    for (uint64_t i = 0; i < FRAMES; i++) {
        struct frame f = {.n = 0};
        put_frame(&r, &f, link);
        capfile_add(&made, i, f.bytes, f.n);
    }
    capfile_save(&made, path);
}

static void compare_link(int link, struct wants *w)
{
    const struct rules rules = make_rules();
    AUTO(temp) struct temp folder;
    AUTO(buf) struct buf filter = BUF_INIT(FILTER_TEXT_MAX);
    char path[TEMP_PATH_SIZE];

    memset(w, 0, sizeof *w);
    cr_assert_eq(temp_make(&folder), 0);
    make_file(temp_file(&folder, "a.pcap", path), link);
    cr_assert_eq(sight_new(&w->sight), 0);
    cr_assert_eq(sight_set_targets(w->sight, rules.targets, ARRAY_LEN(rules.targets)), 0);
    cr_assert_eq(sight_set_ports(w->sight, rules.ports, ARRAY_LEN(rules.ports)), 0);
    sight_set_own(w->sight, SIGHT_OWN_ALL);
    read_file(path, NULL, want, w);
    sight_done(&w->sight);
    write_filter(&rules, &filter);
    read_file(path, buf_str(&filter), pass, w);
    for (size_t i = 0; i < FRAMES; i++)
        cr_assert(w->is_through[i] || !w->is_wanted[i], "link %d: frame %zu", link, i);
}

Test(capture_filter, what_sight_wants_goes_through_on_every_link)
{
    static const int links[] = {PACKET_LINK_ETHERNET, PACKET_LINK_RAW,  PACKET_LINK_SLL,
                                PACKET_LINK_SLL2,     PACKET_LINK_IPV4, PACKET_LINK_IPV6};
    AUTO_FREE struct wants *w = malloc(sizeof *w);

    cr_assert_not_null(w);
    for (size_t i = 0; i < ARRAY_LEN(links); i++) {
        compare_link(links[i], w);
        /* Sequence numbers are all alike, so what came in hides some. */
        cr_expect_gt(w->n_wanted, FRAMES / 50, "link %d: %zu wanted", links[i], w->n_wanted);
        cr_expect_lt(w->n_through, FRAMES, "link %d: not everything", links[i]);
    }
}

static bool goes_through(const struct rules *rules, const struct frame *f, int link)
{
    AUTO(temp) struct temp folder;
    AUTO(capfile) struct capfile made;
    AUTO(capture) struct capture *c = NULL;
    AUTO(buf) struct buf filter = BUF_INIT(FILTER_TEXT_MAX);
    struct diag d = {""};
    char path[TEMP_PATH_SIZE];

    AUTO_FREE struct wants *w = calloc(1, sizeof *w);
    cr_assert_not_null(w);
    capfile_begin(&made, CAPFILE_PCAP, (unsigned)link);
    capfile_add(&made, 0, f->bytes, f->n);
    cr_assert_eq(temp_make(&folder), 0);
    capfile_save(&made, temp_file(&folder, "a.pcap", path));
    cr_assert_eq(capture_open_file(path, &c, &d), 0);
    write_filter(rules, &filter);
    cr_assert_eq(capture_filter(c, buf_str(&filter), &d), 0, "%s", d.text);
    return capture_read(c, 1, pass, w, &d) == 1;
}

Test(capture_filter, other_traffic_stays_outside)
{
    static const struct {
        const char *from, *to;
        unsigned from_port, to_port, flags, protocol;
        bool is_through;
        const char *why;
    } rows[] = {
        {"203.0.113.9", "198.51.100.7", 40000, 443, 2, 6, true, "an opening"},
        {"203.0.113.9", "198.51.100.7", 40000, 443, 16, 6, false, "data"},
        {"198.51.100.7", "203.0.113.9", 443, 40000, 18, 6, false, "the key server's answer"},
        {"203.0.113.9", "198.51.100.7", 40000, 443, 2, 17, false, "UDP"},
        {"203.0.113.9", "198.51.100.9", 40000, 443, 2, 6, false, "to anybody"},
        {"203.0.113.9", "198.51.100.7", 40000, 80, 2, 6, false, "another port"},
        {"203.0.113.9", "198.51.100.8", 40000, 80, 2, 6, true, "any port"},
        {"203.0.113.9", "192.0.2.1", 8443, 50000, 18, 6, true, "the panel's answer"},
        {"192.0.2.1", "203.0.113.9", 50000, 8443, 2, 6, false, "a visitor"},
        {"203.0.113.9", "192.0.2.1", 443, 50000, 18, 6, false, "a web server's answer"},
        {"2001:db8::9", "2001:db8:1::7", 40000, 443, 2, 6, true, "an opening"},
        {"2001:db8::9", "2001:db8:1::7", 40000, 443, 16, 6, false, "data"},
        {"2001:db8::9", "2001:db8:1::9", 40000, 443, 2, 6, false, "to anybody"},
        {"2001:db8::9", "2001:db8:1::7", 40000, 444, 2, 6, false, "another's port"},
        {"2001:db8::9", "2001:db8:2::1", 8880, 50000, 18, 6, true, "the panel's answer"},
        {"2001:db8::9", "2001:db8:2::1", 8880, 50000, 16, 6, false, "the panel's data"},
        {"2001:db8::9", "2001:db8:1::7", 40000, 443, 2, 17, false, "UDP"},
    };
    const struct rules rules = make_rules();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct frame f = {.n = 0};
        frame_sll2(&f, strchr(rows[i].from, ':') ? IPV6 : IPV4, 4, 1);
        frame_ip(&f, rows[i].from, rows[i].to, rows[i].protocol);
        frame_tcp(&f, rows[i].from_port, rows[i].to_port, 1, rows[i].flags);
        frame_end(&f);
        cr_expect_eq(goes_through(&rules, &f, PACKET_LINK_SLL2), rows[i].is_through,
                     "%s -> %s: %s", rows[i].from, rows[i].to, rows[i].why);
    }
}
