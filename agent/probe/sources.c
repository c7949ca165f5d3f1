/* What the probe sees: addresses, packets and tracked connections become what the keeper is to
 * hear. */
#include "probe/run_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "os/clock.h"
#include "packet/filter.h"

enum {
    READ_MOST = 1024,         /* packets or events of one turn; then others have theirs */
    FILTER_BYTES_MAX = 65536, /* the text of a filter with all targets */
};

/* ---- What was seen ---------------------------------------------------------------------- */

static void lose(struct probe *p, enum gap_kind what, int64_t first_s, int64_t lost)
{
    struct message_gap gap = {
        .what = what, .first_s = first_s, .last_s = clock_boot(), .lost = lost};
    if (gap.first_s > gap.last_s)
        gap.first_s = gap.last_s;
    held_add_gap(&p->held, &gap);
    tell_soon(p);
}

static void note(struct probe *p, const struct sight_seen *seen, int64_t at_s)
{
    if (!probe_wants(p, seen->source))
        return;
    if (held_add(&p->held, &seen->address, seen->source, at_s) < 0)
        lose(p, seen->source == SOURCE_NAT ? GAP_CONNTRACK : GAP_CAPTURE, at_s, 1);
    tell_soon(p);
}

/* ---- Packets ---------------------------------------------------------------------------- */

static void hear_packet(void *arg, const struct captured *c)
{
    struct probe *p = arg;
    struct packet packet;
    struct sight_seen seen;
    if (packet_decode(c->link, c->bytes, c->n, &packet) != PACKET_TCP ||
        !sight_packet(p->sight, &packet, c->at_s, &seen))
        return;
    note(p, &seen, c->at_s);
    bool could_track = p->track && p->counts.tracking != MESSAGE_TRACKING_WORKS;
    if (seen.source == SOURCE_KEYSERVER && could_track && !p->untracked.deadline.queue)
        alarm_set(&p->untracked, p->loop);
}

static void count_packets(struct probe *p)
{
    struct capture_count now;
    if (!p->capture || capture_statistics(p->capture, &now) < 0)
        return;
    if (now.lost > p->counts.packets_lost)
        lose(p, GAP_CAPTURE, p->captured_s, now.lost - p->counts.packets_lost);
    p->counts.packets = now.received;
    p->counts.packets_lost = now.lost;
    p->captured_s = clock_boot();
}

static int read_packets(struct probe *p)
{
    struct diag d = {""};
    int n = p->capture ? capture_read(p->capture, READ_MOST, hear_packet, p, &d) : 0;
    if (n < 0)
        probe_fail(p, "capture-broke", d.text);
    return n;
}

static void capture_rested(struct deadline *d)
{
    struct probe *p = LOOP_OWNER(d, struct probe, rest.deadline);
    int r = loop_arm(p->loop, &p->capture_watch, EPOLLIN);
    if (r < 0)
        probe_fail(p, "capture-broke", strerror(-r));
}

/* ---- Tracked connections ---------------------------------------------------------------- */

static void hear_flow(void *arg, const struct sight_flow *f)
{
    struct probe *p = arg;
    struct sight_seen seen;
    p->counts.flows++;
    if (sight_flow_is_ours(p->sight, f)) {
        p->counts.tracking = MESSAGE_TRACKING_WORKS;
        deadline_clear(&p->untracked.deadline);
    }
    if (sight_flow(p->sight, f, &seen))
        note(p, &seen, clock_boot());
}

static void was_untracked(struct deadline *d)
{
    struct probe *p = LOOP_OWNER(d, struct probe, untracked.deadline);
    p->counts.tracking = MESSAGE_TRACKING_NONE;
}

/*
 * The kernel says once that events are lost, and goes on to lose them until all that wait were
 * read. So the gap begins at the last read that was good, and ends there.
 */
static void read_flows(struct probe *p)
{
    if (!p->track)
        return;
    int n = track_read(p->track, READ_MOST, hear_flow, p);
    if (n == -ENOBUFS) {
        p->counts.overruns++;
        p->is_overrun = true;
        n = track_read(p->track, READ_MOST, hear_flow, p);
    }
    if (n == -ENOBUFS || (n == READ_MOST && p->is_overrun))
        return; /* more waits: the next turn follows at once */
    if (n < 0) {
        probe_fail(p, "tracking-broke", strerror(-n));
        return;
    }
    if (p->is_overrun)
        lose(p, GAP_CONNTRACK, p->tracked_s, 0);
    p->is_overrun = false;
    p->tracked_s = clock_boot();
}

/* ---- Addresses -------------------------------------------------------------------------- */

static void hear_address(void *arg, const struct link_change *c)
{
    struct probe *p = arg;
    if (c->is_there) {
        if (sight_own_add(p->sight, &c->address) < 0 ||
            own_came(&p->own, &c->address, clock_boot()) < 0)
            log_event(&p->log, LOG_LEVEL_WARNING, "address-passed-over",
                      "reason=\"too many of them, or out of memory\"");
    } else {
        /* What it did before it went still waits to be read. */
        (void)read_packets(p);
        read_flows(p);
        sight_own_remove(p->sight, &c->address);
        own_went(&p->own, &c->address, clock_boot());
    }
    tell_soon(p);
}

static void read_links(struct probe *p)
{
    int r = links_read(p->links, hear_address, p);
    if (r < 0)
        probe_fail(p, "links-broke", strerror(-r));
}

static void links_ready(struct watch *w, uint32_t events)
{
    (void)events;
    read_links(LOOP_OWNER(w, struct probe, links_watch));
}

static void track_ready(struct watch *w, uint32_t events)
{
    (void)events;
    struct probe *p = LOOP_OWNER(w, struct probe, track_watch);
    read_links(p); /* an address may be new, and this its first connection */
    read_flows(p);
}

/* An address may be new, and these its first packets. */
static void capture_ready(struct watch *w, uint32_t events)
{
    struct probe *p = LOOP_OWNER(w, struct probe, capture_watch);
    (void)events;
    read_links(p);
    if (read_packets(p) < 0)
        return;
    if (clock_boot() > p->captured_s)
        count_packets(p);
    int r = loop_arm(p->loop, w, 0);
    if (r < 0)
        probe_fail(p, "capture-broke", strerror(-r));
    else
        alarm_set(&p->rest, p->loop);
}

/* ---- All of them ------------------------------------------------------------------------ */

static int aim_capture(struct probe *p, const struct sight_target *v, size_t n, struct diag *d)
{
    AUTO(buf) struct buf text = BUF_INIT(FILTER_BYTES_MAX);
    struct filter_wish wish = {.targets = v,
                               .n_targets = n,
                               .ports = p->ports,
                               .n_ports = p->n_ports,
                               .has_keyserver = probe_wants(p, SOURCE_KEYSERVER),
                               .has_panel = probe_wants(p, SOURCE_PANEL)};
    filter_write(&wish, &text);
    int r = buf_error(&text);
    return r < 0 ? diag_set(d, r, "the filter: %s", strerror(-r))
                 : capture_filter(p->capture, buf_str(&text), d);
}

int sources_aim(struct probe *p, const struct sight_target *v, size_t n, struct diag *d)
{
    (void)read_packets(p); /* what waits came by the filter that holds until now */
    int r = sight_set_targets(p->sight, v, n);
    if (r < 0)
        return diag_set(d, r, "%zu targets are too many", n);
    if (p->capture && (r = aim_capture(p, v, n, d)) < 0)
        return r;
    if (p->track && (r = track_filter(p->track, v, n)) < 0)
        return diag_set(d, r, "the filter of tracked connections: %s", strerror(-r));
    slim_drop(&p->slim); /* the compiler of filters goes again */
    return 0;
}

int sources_watch(struct probe *p)
{
    p->links_watch.ready = links_ready;
    p->capture_watch.ready = capture_ready;
    p->track_watch.ready = track_ready;
    alarm_init(&p->rest, p->loop, PROBE_REST_MS, capture_rested);
    alarm_init(&p->untracked, p->loop, PROBE_UNTRACKED_MS, was_untracked);
    p->captured_s = p->tracked_s = clock_boot();
    int r = loop_watch(p->loop, &p->links_watch, links_fd(p->links), EPOLLIN);
    if (r == 0 && p->capture)
        r = loop_watch(p->loop, &p->capture_watch, capture_fd(p->capture), EPOLLIN);
    if (r == 0 && p->track)
        r = loop_watch(p->loop, &p->track_watch, track_fd(p->track), EPOLLIN);
    read_links(p);
    return r;
}

void sources_count(struct probe *p)
{
    count_packets(p);
    read_flows(p);
}

void sources_done(struct probe *p)
{
    if (p->loop) {
        loop_unwatch(p->loop, &p->links_watch);
        loop_unwatch(p->loop, &p->capture_watch);
        loop_unwatch(p->loop, &p->track_watch);
        alarm_done(&p->rest, p->loop);
        alarm_done(&p->untracked, p->loop);
    }
    links_free(p->links);
    capture_free(p->capture);
    track_free(p->track);
    sight_free(p->sight);
}
