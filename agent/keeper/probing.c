/* What the probe says, and what is not seen while it does not. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "keeper/keeper_parts.h"
#include "os/clock.h"

/* After a connection to a key server the licence may be another: looked at anew, but not for
 * each of many connections. */
enum { EARLY_LOOK_S = 60 };

static void look_early(struct keeper *k)
{
    int64_t now_s = clock_boot();
    if (now_s - k->early_look_s < EARLY_LOOK_S)
        return;
    k->early_look_s = now_s;
    looking_start(k, true);
}

/* What was to be seen and could not be, up to `at`, is a gap: said now and then, so that it is
 * known even if nobody comes back. */
static void account(struct keeper *k, wall_t at)
{
    enum { CONNECTIONS = 1 << SOURCE_NAT };
    unsigned seen = k->state.has_probe ? k->state.sources : 0;
    unsigned missing = k->options.observe & ~seen;
    struct span since = {k->accounted, at};
    if (at.s <= k->accounted.s)
        return;
    if (missing & ~(unsigned)CONNECTIONS)
        keeper_gap(k, GAP_CAPTURE, since, 0);
    if (missing & CONNECTIONS)
        keeper_gap(k, GAP_CONNTRACK, since, 0);
    k->accounted = at;
}

void probing_account(struct keeper *k)
{
    account(k, keeper_now(k));
}

static void take_hello(struct keeper *k, const struct message_hello *h)
{
    account(k, keeper_now(k));
    k->is_blind = false;
    k->state.has_probe = true;
    k->state.sources = h->sources;
    (void)snprintf(k->state.probe_why, sizeof k->state.probe_why, "%s", h->why);
    log_event(k->log, h->why[0] ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, "probe-here",
              "sources=%u%s%s", h->sources, h->why[0] ? " missing=" : "", h->why);
    keeper_note_state(k);
}

static void take_seen(struct keeper *k, const struct message_seen *s)
{
    struct span seen = keeper_span(k, s->first_s, s->last_s);
    if (presence_seen(k->presence, s->source, &s->address, seen) < 0) {
        keeper_gap(k, GAP_CAPTURE, seen, 1);
        return;
    }
    if (s->source != SOURCE_PANEL)
        look_early(k);
}

static void take_address(struct keeper *k, const struct message_address *a)
{
    wall_t at = keeper_span(k, a->at_s, a->at_s).last;
    if (presence_link(k->presence, &a->address, a->is_there, at) < 0)
        keeper_gap(k, GAP_CAPTURE, (struct span){at, at}, 1);
}

static void take_pulse(struct keeper *k, const struct message_pulse *p)
{
    bool is_news = p->tracking != k->state.pulse.tracking;
    k->state.pulse = *p;
    if (is_news)
        keeper_note_state(k);
}

static void hear_probe(void *arg, const struct message *m)
{
    struct keeper *k = arg;
    k->probe_heard = keeper_now(k);
    switch (m->kind) {
    case MESSAGE_HELLO: take_hello(k, &m->as.hello); break;
    case MESSAGE_ADDRESS: take_address(k, &m->as.address); break;
    case MESSAGE_SEEN: take_seen(k, &m->as.seen); break;
    case MESSAGE_PULSE: take_pulse(k, &m->as.pulse); break;
    case MESSAGE_GAP:
        keeper_gap(k, m->as.gap.what, keeper_span(k, m->as.gap.first_s, m->as.gap.last_s),
                   m->as.gap.lost);
        break;
    case MESSAGE_TARGET:
    case MESSAGE_SETTING:
    case MESSAGE_END:
    case MESSAGE_LICENSE:
    case MESSAGE_DOMAIN:
    case MESSAGE_RESULT:
    case MESSAGE_STANDING:
    case MESSAGE_TAKEN: break; /* sensor.c lets none of these pass */
    }
}

/* A service of its own goes on seeing, and tells what it held; then the gap is too long, which
 * is on the safe side: a gap excuses, it never charges. */
static void lost_probe(void *arg, const char *why)
{
    struct keeper *k = arg;
    if (!k->is_blind) {
        account(k, k->probe_heard);
        if (presence_blind(k->presence, k->probe_heard) < 0)
            keeper_gap(k, GAP_CAPTURE, (struct span){k->look.last_good, k->probe_heard}, 0);
        log_event(k->log, LOG_LEVEL_WARNING, "probe-lost", "why=\"%s\"", why);
    }
    k->is_blind = true;
    k->state.has_probe = false;
    (void)snprintf(k->state.probe_why, sizeof k->state.probe_why, "%s", why);
    keeper_note_state(k);
}

int probing_init(struct keeper *k)
{
    struct sensor_order order = {.config = k->order.config,
                                 .socket = k->order.socket,
                                 .probe_user = k->options.probe_user,
                                 .descriptor = k->order.descriptor,
                                 .message = hear_probe,
                                 .lost = lost_probe,
                                 .arg = k};
    k->probe_heard = k->accounted = keeper_now(k);
    return sensor_new(k->loop, &order, &k->sensor);
}
