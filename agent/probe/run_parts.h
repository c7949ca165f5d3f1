/* What the parts of the resident probe share: its sources (sources.c), its keeper (tell.c), and
 * its start and end (run.c). */
#ifndef PROBE_RUN_PARTS_H
#define PROBE_RUN_PARTS_H

#include "os/log.h"
#include "os/loop.h"
#include "os/slim.h"
#include "packet/sight.h"
#include "probe/capture.h"
#include "probe/held.h"
#include "probe/line.h"
#include "probe/links.h"
#include "probe/own.h"
#include "probe/track.h"

#define PROBE_PULSE_MS 30000
/* After packets came, so long the ring fills before we look again: a panel that answers
 * thousands of times a second costs fifty wake-ups, and the ring holds fifty times as many. */
#define PROBE_REST_MS 20
/* An opening of ours that no event of connection tracking followed within this: there is none.
 */
#define PROBE_UNTRACKED_MS 5000

/* One deadline in a queue of its own. */
struct alarm {
    struct deadline_queue queue;
    struct deadline deadline;
};

struct probe {
    struct log log;
    struct loop *loop;
    struct sight *sight;
    /* The sources. NULL = not asked for, or it cannot be had; links are always there. */
    struct links *links;
    struct capture *capture;
    struct track *track;
    struct watch links_watch, capture_watch, track_watch, signals_watch;
    uint8_t observe, sources; /* bits of enum source: asked for, and had */
    char why[MESSAGE_TEXT_MAX + 1];
    uint16_t ports[SIGHT_PORTS_MAX]; /* of the panel */
    size_t n_ports;
    /* What was counted since the start, and until when nothing is known to be lost. */
    struct message_pulse counts;
    int64_t captured_s, tracked_s;
    bool is_overrun; /* events are lost until all that wait were read */
    /* The keeper. */
    struct line *line;
    struct own own;
    struct held held;
    bool is_hello_due, is_pulse_due;
    struct deferred tell_soon;
    struct alarm pulse, tell, rest, untracked, watchdog;
    struct slim slim; /* what only the start and a new filter needed */
    int code;         /* to end with */
};

void alarm_init(struct alarm *a, struct loop *l, int64_t ms,
                void (*expired)(struct deadline *));
void alarm_set(struct alarm *a, struct loop *l);
void alarm_done(struct alarm *a, struct loop *l);

static inline bool probe_wants(const struct probe *p, enum source s)
{
    return (p->observe & (1U << s)) != 0;
}

/* It cannot go on: logs it and ends the loop. */
void probe_fail(struct probe *p, const char *event, const char *why);

/* ---- sources.c -------------------------------------------------------------------------- */

/* What connections are watched for, from now on. 0 or -errno with the reason. */
MUST_USE int sources_aim(struct probe *p, const struct sight_target *v, size_t n,
                         struct diag *d);
/* Begins to listen to all that is open. 0 or -errno. */
MUST_USE int sources_watch(struct probe *p);
/* What was lost up to now. */
void sources_count(struct probe *p);
void sources_done(struct probe *p);

/* ---- tell.c ----------------------------------------------------------------------------- */

/* The keeper's side of the order of a line; the caller fills in the rest. */
void tell_init(struct probe *p, struct line_order *o);
/* Says at the end of this turn what is to be said. */
void tell_soon(struct probe *p);
void tell_done(struct probe *p);

#endif
