/* Which of the server's own addresses a packet, or a tracked connection, shows. */
#include "packet/sight.h"

#include <errno.h>
#include <string.h>

#include "base/grow.h"

/* An address of interfaces; sorted by address. */
struct own {
    struct addr address;
    unsigned count; /* on how many interfaces */
};

/* A packet that came in and may go on. What stays the same when we send it on: address
 * translation changes its source, no more. */
struct passing {
    struct addr to; /* family 0 = the place is free */
    uint16_t port;
    uint32_t sequence;
    int64_t at_s;
};

/* In the place of a visitor's address, which is not kept: port and number tell enough. */
static const struct addr visitor = {.family = 1};

struct sight {
    struct sight_target targets[SIGHT_TARGETS_MAX];
    size_t n_targets;
    uint16_t ports[SIGHT_PORTS_MAX];
    size_t n_ports;
    struct network *networks;
    size_t n_networks;
    struct own *own;
    size_t n_own, own_cap;
    enum sight_own what_is_own;
    bool is_way_needed;
    struct passing openings[SIGHT_OPENINGS]; /* of connections to key servers */
    struct passing
        answers[SIGHT_OPENINGS]; /* of panels; apart, so that none crowds others out */
};

int sight_new(struct sight **ret)
{
    struct sight *s = calloc(1, sizeof *s);

    if (s == NULL)
        return -ENOMEM;
    *ret = s;
    return 0;
}

void sight_free(struct sight *s)
{
    if (s == NULL)
        return;
    free(s->networks);
    free(s->own);
    free(s);
}

int sight_set_targets(struct sight *s, const struct sight_target *v, size_t n)
{
    if (n > SIGHT_TARGETS_MAX)
        return -ERANGE;
    for (size_t i = 0; i < n; i++)
        s->targets[i] = v[i];
    s->n_targets = n;
    return 0;
}

int sight_set_ports(struct sight *s, const uint16_t *v, size_t n)
{
    if (n > SIGHT_PORTS_MAX)
        return -ERANGE;
    for (size_t i = 0; i < n; i++)
        s->ports[i] = v[i];
    s->n_ports = n;
    return 0;
}

int sight_set_networks(struct sight *s, const struct network *v, size_t n)
{
    if (n > SIGHT_OWN_MAX)
        return -ERANGE;
    struct network *copy = NULL;
    if (n > 0) {
        copy = calloc(n, sizeof *copy);
        if (copy == NULL)
            return -ENOMEM;
        memcpy(copy, v, n * sizeof *copy);
    }
    free(s->networks);
    s->networks = copy;
    s->n_networks = n;
    return 0;
}

void sight_set_own(struct sight *s, enum sight_own what)
{
    s->what_is_own = what;
}

void sight_need_way(struct sight *s, bool is_needed)
{
    s->is_way_needed = is_needed;
}

/* Where the address is, or belongs. */
static size_t own_place(const struct sight *s, const struct addr *a, bool *ret_is_there)
{
    size_t low = 0, high = s->n_own;

    *ret_is_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = addr_compare(&s->own[middle].address, a);
        if (order == 0) {
            *ret_is_there = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int sight_own_add(struct sight *s, const struct addr *a)
{
    bool is_there;
    size_t i = own_place(s, a, &is_there);

    if (is_there) {
        s->own[i].count++;
        return 0;
    }
    int r = grow(&s->own, &s->own_cap, s->n_own + 1, sizeof *s->own, SIGHT_OWN_MAX);
    if (r < 0)
        return r;
    memmove(s->own + i + 1, s->own + i, (s->n_own - i) * sizeof *s->own);
    s->own[i] = (struct own){*a, 1};
    s->n_own++;
    return 0;
}

void sight_own_remove(struct sight *s, const struct addr *a)
{
    bool is_there;
    size_t i = own_place(s, a, &is_there);

    if (!is_there || --s->own[i].count > 0)
        return;
    s->n_own--;
    memmove(s->own + i, s->own + i + 1, (s->n_own - i) * sizeof *s->own);
}

static bool is_listed(const struct sight *s, const struct addr *a)
{
    bool is_there;

    (void)own_place(s, a, &is_there);
    return is_there;
}

static bool is_in_networks(const struct sight *s, const struct addr *a)
{
    for (size_t i = 0; i < s->n_networks; i++) {
        if (network_holds(&s->networks[i], a))
            return true;
    }
    return false;
}

bool sight_is_own(const struct sight *s, const struct addr *a)
{
    switch (s->what_is_own) {
    case SIGHT_OWN_LISTED: return is_listed(s, a);
    case SIGHT_OWN_NETWORKS: return is_in_networks(s, a);
    case SIGHT_OWN_ALL: return a->family != 0;
    }
    return false;
}

static const struct sight_target *find_target(const struct sight *s, const struct addr *a,
                                              uint16_t port, bool with_collectors)
{
    for (size_t i = 0; i < s->n_targets; i++) {
        const struct sight_target *t = &s->targets[i];
        if ((t->port == 0 || t->port == port) && addr_compare(&t->address, a) == 0 &&
            (with_collectors || !t->is_collector))
            return t;
    }
    return NULL;
}

/* Clocks are set, and captures merged: a little before counts like a little after. */
static bool is_fresh(const struct passing *o, int64_t at_s)
{
    int64_t apart = at_s > o->at_s ? at_s - o->at_s : o->at_s - at_s;

    return apart <= SIGHT_OPENING_S;
}

static struct passing passing_of(const struct packet *p, int64_t at_s)
{
    bool is_answer = (p->flags & PACKET_ACK) != 0;
    struct addr to = is_answer ? visitor : p->destination;

    return (struct passing){to, p->destination_port, p->sequence, at_s};
}

static bool is_same(const struct passing *a, const struct passing *b)
{
    return a->sequence == b->sequence && a->port == b->port &&
           addr_compare(&a->to, &b->to) == 0;
}

/* In the place of the same one, or of a free one, or of the one that came first. */
static void remember(struct passing v[static SIGHT_OPENINGS], const struct packet *p,
                     int64_t at_s)
{
    struct passing fresh = passing_of(p, at_s), *place = &v[0];

    for (size_t i = 0; i < SIGHT_OPENINGS; i++) {
        struct passing *o = &v[i];
        if (is_same(o, &fresh)) {
            place = o;
            break;
        }
        bool is_better = o->to.family == 0 || o->at_s < place->at_s;
        if (place->to.family != 0 && is_better)
            place = o;
    }
    *place = fresh;
}

static bool is_forwarded(const struct passing v[static SIGHT_OPENINGS], const struct packet *p,
                         int64_t at_s)
{
    struct passing out = passing_of(p, at_s);

    for (size_t i = 0; i < SIGHT_OPENINGS; i++) {
        if (is_same(&v[i], &out) && is_fresh(&v[i], at_s))
            return true;
    }
    return false;
}

/* Which address is which cannot be said of whole networks: there only the same one is itself.
 */
static bool is_to_itself(const struct sight *s, const struct packet *p)
{
    return addr_compare(&p->source, &p->destination) == 0 ||
           (s->what_is_own == SIGHT_OWN_LISTED && is_listed(s, &p->destination));
}

static bool opens_to_key_server(struct sight *s, const struct packet *p, int64_t at_s)
{
    if (find_target(s, &p->destination, p->destination_port, false) == NULL)
        return false;
    bool came_in = p->way == PACKET_WAY_IN;
    if (came_in)
        remember(s->openings, p, at_s);
    if (s->is_way_needed && p->way != PACKET_WAY_OUT)
        return false;
    return sight_is_own(s, &p->source) && !is_to_itself(s, p) &&
           (came_in || !is_forwarded(s->openings, p, at_s));
}

static bool has_panel_port(const struct sight *s, uint16_t port)
{
    for (size_t i = 0; i < s->n_ports; i++) {
        if (s->ports[i] == port)
            return true;
    }
    return false;
}

static bool answers_as_panel(struct sight *s, const struct packet *p, int64_t at_s)
{
    if (!has_panel_port(s, p->source_port))
        return false;
    bool came_in = p->way == PACKET_WAY_IN;
    if (came_in)
        remember(s->answers, p, at_s);
    if (s->is_way_needed && p->way != PACKET_WAY_OUT)
        return false;
    return addr_compare(&p->source, &p->destination) != 0 && sight_is_own(s, &p->source) &&
           (came_in || !is_forwarded(s->answers, p, at_s));
}

bool sight_packet(struct sight *s, const struct packet *p, int64_t at_s, struct sight_seen *ret)
{
    if (p->is_loopback || (p->flags & PACKET_SYN) == 0)
        return false;
    bool is_answer = (p->flags & PACKET_ACK) != 0;
    bool is_seen = is_answer ? answers_as_panel(s, p, at_s) : opens_to_key_server(s, p, at_s);
    if (is_seen)
        *ret = (struct sight_seen){p->source, is_answer ? SOURCE_PANEL : SOURCE_KEYSERVER};
    return is_seen;
}

bool sight_flow_is_ours(const struct sight *s, const struct sight_flow *f)
{
    return sight_is_own(s, &f->from) && find_target(s, &f->to, f->port, true) != NULL;
}

bool sight_flow(const struct sight *s, const struct sight_flow *f, struct sight_seen *ret)
{
    if (!f->is_translated || f->seen_from.family == 0 ||
        addr_compare(&f->seen_from, &f->from) == 0 || !sight_flow_is_ours(s, f))
        return false;
    *ret = (struct sight_seen){f->seen_from, SOURCE_NAT};
    return true;
}
