/* What the keeper is told, and when. */
#include "probe/run_parts.h"

#include <errno.h>
#include <stdio.h>

#include "os/clock.h"

/* ---- Saying ----------------------------------------------------------------------------- */

static int tell_hello(struct probe *p)
{
    struct message m = {MESSAGE_HELLO, {.hello = {.sources = p->sources}}};
    if (!p->is_hello_due)
        return 0;
    (void)snprintf(m.as.hello.why, sizeof m.as.hello.why, "%s", p->why);
    int r = line_say(p->line, &m);
    if (r == 0)
        p->is_hello_due = false;
    return r;
}

/* They are needed here whatever is observed, and told only where they are to be. */
static int tell_own(struct probe *p)
{
    struct message m = {.kind = MESSAGE_ADDRESS};
    bool is_observed = p->observe & 1U << SOURCE_INTERFACE;
    int r = 0;
    while (r == 0 && own_next(&p->own, &m.as.address)) {
        r = is_observed ? line_say(p->line, &m) : 0;
        if (r == 0)
            own_tell(&p->own, &m.as.address);
    }
    return r;
}

static int tell_seen(struct probe *p, int64_t now_s)
{
    struct message m = {.kind = MESSAGE_SEEN};
    int r = 0;
    for (size_t at = 0; r == 0 && held_next(&p->held, now_s, &at, &m.as.seen); at++) {
        r = line_say(p->line, &m);
        if (r == 0)
            held_say(&p->held, at, now_s);
    }
    return r;
}

static int tell_gaps(struct probe *p, int64_t now_s)
{
    const struct message_gap *gaps = p->held.gaps + p->held.n_gaps_said;
    size_t n = held_next_gaps(&p->held, now_s), said = 0;
    int r = 0;
    while (r == 0 && said < n) {
        r = line_say(p->line, &(struct message){MESSAGE_GAP, {.gap = gaps[said]}});
        said += r == 0;
    }
    if (r != -EPIPE) /* else they are all held again */
        held_say_gaps(&p->held, said, now_s);
    return r;
}

static int tell_pulse(struct probe *p, int64_t now_s)
{
    struct message m = {MESSAGE_PULSE, {.pulse = p->counts}};
    if (!p->is_pulse_due)
        return 0;
    m.as.pulse.at_s = now_s;
    int r = line_say(p->line, &m);
    if (r == 0)
        p->is_pulse_due = false;
    return r;
}

static int tell_all(struct probe *p, int64_t now_s)
{
    int r = tell_hello(p);
    if (r == 0)
        r = tell_own(p);
    if (r == 0)
        r = tell_seen(p, now_s);
    if (r == 0)
        r = tell_gaps(p, now_s);
    if (r == 0)
        r = tell_pulse(p, now_s);
    return r;
}

static void tell(struct probe *p)
{
    int64_t now_s = clock_boot();
    if (!p->line || !line_is_open(p->line))
        return;
    if (held_has_said(&p->held) && line_was_read(p->line))
        held_was_read(&p->held);
    if (tell_all(p, now_s) < 0)
        return; /* when it reads again, or when another comes */
    int64_t wait_s = held_wait_s(&p->held, now_s);
    if (wait_s < 0)
        return;
    p->tell.queue.after_ms = wait_s > 0 ? wait_s * 1000 : 1;
    alarm_set(&p->tell, p->loop);
}

static void tell_deferred(struct deferred *d)
{
    tell(LOOP_OWNER(d, struct probe, tell_soon));
}

static void tell_due(struct deadline *d)
{
    tell(LOOP_OWNER(d, struct probe, tell.deadline));
}

static void pulse_due(struct deadline *d)
{
    struct probe *p = LOOP_OWNER(d, struct probe, pulse.deadline);
    alarm_set(&p->pulse, p->loop);
    sources_count(p);
    p->is_pulse_due = true;
    tell(p);
}

void tell_soon(struct probe *p)
{
    loop_defer(p->loop, &p->tell_soon);
}

/* ---- The line --------------------------------------------------------------------------- */

static void keeper_came(void *arg)
{
    struct probe *p = arg;
    sources_count(p);
    p->is_hello_due = p->is_pulse_due = true;
    tell_soon(p);
}

static void keeper_went(void *arg, bool was_read)
{
    struct probe *p = arg;
    if (was_read)
        held_was_read(&p->held);
    held_was_lost(&p->held);
    own_was_lost(&p->own, clock_boot());
    deadline_clear(&p->tell.deadline);
}

static void keeper_reads(void *arg)
{
    tell(arg);
}

static void keeper_aims(void *arg, const struct sight_target *v, size_t n)
{
    struct diag d = {""};
    if (sources_aim(arg, v, n, &d) < 0)
        probe_fail(arg, "targets-refused", d.text);
}

static void line_ended(void *arg)
{
    struct probe *p = arg;
    loop_stop(p->loop);
}

void tell_init(struct probe *p, struct line_order *o)
{
    held_init(&p->held);
    p->tell_soon.run = tell_deferred;
    alarm_init(&p->tell, p->loop, 1, tell_due);
    alarm_init(&p->pulse, p->loop, PROBE_PULSE_MS, pulse_due);
    alarm_set(&p->pulse, p->loop);
    o->loop = p->loop;
    o->log = &p->log;
    o->opened = keeper_came;
    o->closed = keeper_went;
    o->ready = keeper_reads;
    o->targets = keeper_aims;
    o->ended = line_ended;
    o->arg = p;
}

void tell_done(struct probe *p)
{
    line_free(p->line);
    p->line = NULL;
    if (p->loop) {
        alarm_done(&p->tell, p->loop);
        alarm_done(&p->pulse, p->loop);
    }
    own_done(&p->own);
    held_done(&p->held);
}
