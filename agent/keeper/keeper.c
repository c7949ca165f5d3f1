/* The keeper's life: from its parts to its end. */
#include "keeper/keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#include "keeper/chance.h"
#include "keeper/keeper_parts.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/notify.h"
#include "os/signals.h"
#include "sandbox/sandbox.h"

enum { TICK_MS = 30000, DAY_S = 86400 };

#define NOTE_ALIVE "alive" /* wall time at which this or an earlier run last saw something */
#define NOTE_CLOCK "clock" /* trust.h: the error by the last answer, in seconds */

/* ---- Time ------------------------------------------------------------------------------ */

wall_t keeper_moment(const struct keeper *k, int64_t boot_s)
{
    return (wall_t){k->run.started.s + boot_s - k->run.started_s};
}

wall_t keeper_now(const struct keeper *k)
{
    return keeper_moment(k, clock_boot());
}

struct span keeper_span(const struct keeper *k, int64_t first_s, int64_t last_s)
{
    wall_t now = keeper_now(k), most_ago = {k->run.started.s - SPOOL_HISTORY.s};
    wall_t last = wall_max(wall_min(keeper_moment(k, last_s), now), most_ago);
    wall_t first = wall_max(wall_min(keeper_moment(k, first_s), last), most_ago);
    return (struct span){first, last};
}

struct clock_pair keeper_clock(const struct keeper *k)
{
    struct clock_pair now = clock_both();
    now.wall.s = trust_boot(&k->trust, (wall_t){now.wall.s - now.boot_s}).s + now.boot_s;
    return now;
}

void keeper_learn_clock(struct keeper *k, wall_t theirs)
{
    AUTO(buf) struct buf note = BUF_INIT(32);
    struct clock_pair now = clock_both();
    if (!trust_learn(&k->trust, theirs, (wall_t){now.wall.s - now.boot_s}))
        return;
    log_event(k->log, k->trust.error.s == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING, "clock",
              "off_s=%" PRId64, -k->trust.error.s);
    buf_add_int(&note, k->trust.error.s);
    keeper_note(k, NOTE_CLOCK, &note);
}

static void load_clock(struct keeper *k)
{
    AUTO_FREE char *note = NULL;
    int64_t error_s;
    if (spool_note_get(k->spool, NOTE_CLOCK, &note) == 0 && note &&
        text_to_int(text_of(note), -WALL_MAX.s, WALL_MAX.s, &error_s) == 0)
        k->trust.error.s = error_s;
}

/* ---- To disk --------------------------------------------------------------------------- */

void keeper_gap(struct keeper *k, enum gap_kind what, struct span seen, int64_t lost)
{
    if (seen.first.s > seen.last.s)
        seen.first = seen.last;
    tally_gap(&k->tally, &(struct report_gap){.what = what, .seen = seen, .lost = lost});
}

static int open_spool(struct keeper *k, struct diag *d)
{
    char path[OPTIONS_PATH_SIZE + 64];
    struct spool_found found = {.was_broken = false};
    int r = options_state_path(&k->options, KEEPER_SPOOL, path);
    if (r < 0)
        return diag_set(d, r, "%s: too long a path", k->options.state);
    r = spool_open(path, SPOOL_KEEP, &k->spool, &found, d);
    if (r < 0)
        return r;
    spool_set_cap(k->spool, k->options.spool_rows);
    if ((r = spool_begin(k->spool, &k->run)) < 0)
        return diag_set(d, r, "%s", spool_diag(k->spool));
    if (found.was_broken) /* the new one holds the gap already */
        log_event(k->log, LOG_LEVEL_ERROR, "spool-broken", "aside=%s", found.aside);
    return 0;
}

/* A file that broke under us is replaced; this run goes on in the new one under another name,
 * for the counters of the old one are lost with it. */
static void replace_spool(struct keeper *k)
{
    struct diag d = {""};
    spool_close(STEAL(k->spool));
    if (chance_uuid(&k->run.boot) < 0 || open_spool(k, &d) < 0) {
        log_event(k->log, LOG_LEVEL_ERROR, "spool-lost", "why=\"%s\"", d.text);
        spool_close(STEAL(k->spool));
        k->exit_code = EX_IOERR; /* whoever started us starts us again */
        loop_stop(k->loop);
        return;
    }
    /* Of what waited in the old one nobody knows how much there was. */
    keeper_gap(k, GAP_SPOOL, (struct span){k->run.started, keeper_now(k)}, 0);
}

void keeper_failed(struct keeper *k, int error, const char *what)
{
    log_event(k->log, LOG_LEVEL_ERROR, "spool-failed", "while=\"%s\" why=\"%s\"", what,
              spool_diag(k->spool));
    if (error == -EBADF)
        replace_spool(k);
}

void keeper_note(struct keeper *k, const char *name, const struct buf *text)
{
    if (!k->spool || buf_error(text) < 0)
        return;
    int r = spool_note_put(k->spool, name, buf_str(text));
    if (r < 0)
        keeper_failed(k, r, "keeping a note");
}

void keeper_save(struct keeper *k)
{
    struct spool_facts facts = {.sightings = k->tally.sightings,
                                .n_sightings = k->tally.n_sightings,
                                .gaps = k->tally.gaps,
                                .n_gaps = k->tally.n_gaps};
    AUTO(buf) struct buf alive = BUF_INIT(32);
    if (!k->spool)
        return;
    struct clock_pair now = keeper_clock(k);
    int r = tally_is_empty(&k->tally) ? 0 : spool_put(k->spool, &facts);
    if (r == 0) {
        tally_clear(&k->tally);
        r = spool_tick(k->spool, now.wall, now.boot_s);
    }
    if (r == -EINVAL) { /* whatever is wrong in it must not keep out all that comes */
        tally_clear(&k->tally);
        keeper_gap(k, GAP_SPOOL, (struct span){k->look.last_try, k->look.last_try}, 0);
    }
    if (r < 0) {
        keeper_failed(k, r, "keeping what was seen");
        return;
    }
    /* What came after the last look is nobody's yet: the next run begins its gap there. */
    buf_add_int(&alive, clock_now().s - (keeper_now(k).s - k->look.last_try.s));
    keeper_note(k, NOTE_ALIVE, &alive);
}

void keeper_note_state(struct keeper *k)
{
    AUTO(buf) struct buf b = BUF_INIT(SPOOL_NOTE_MAX);
    k->state.as_of = clock_now();
    state_write(&k->state, &b);
    keeper_note(k, KEEPER_NOTE_STATE, &b);
}

/* What happened while no agent ran was seen by nobody. */
static void note_absence(struct keeper *k)
{
    AUTO_FREE char *note = NULL;
    int64_t alive;
    if (spool_note_get(k->spool, NOTE_ALIVE, &note) < 0 || !note ||
        text_to_int(text_of(note), 0, k->run.started.s, &alive) < 0)
        return;
    struct span away = {{alive}, k->run.started};
    keeper_gap(k, GAP_CAPTURE, away, 0);
    if (k->options.observe & (1U << SOURCE_NAT))
        keeper_gap(k, GAP_CONNTRACK, away, 0);
    if (k->options.count_mailboxes)
        keeper_gap(k, GAP_MAILBOXES, away, 0);
}

/* ---- Now and then ---------------------------------------------------------------------- */

static void care_daily(struct keeper *k)
{
    wall_t now = clock_now();
    if (!k->spool || (now.s - k->pruned.s < DAY_S && now.s >= k->pruned.s))
        return;
    k->pruned = now;
    int r = spool_prune(k->spool, (wall_t){now.s - SPOOL_HISTORY.s},
                        (wall_t){now.s - SPOOL_RESEND.s});
    if (r == 0)
        r = spool_retry_aside(k->spool, (wall_t){now.s - DAY_S});
    if (r < 0)
        keeper_failed(k, r, "the daily care");
}

static void tick(struct timer *t)
{
    struct keeper *k = LOOP_OWNER(t, struct keeper, tick);
    care_daily(k);
    sending_tick(k);
    if (k->watchdog_ms > 0)
        notify_send("WATCHDOG=1");
    timer_set(t, k->watchdog_ms > 0 && k->watchdog_ms < TICK_MS ? k->watchdog_ms : TICK_MS);
}

/* ---- Signals --------------------------------------------------------------------------- */

/* Networks are borrowed by the presences: they stay as they were. */
static void take_over(struct keeper *k, struct options *fresh)
{
    struct network *lab = fresh->lab_networks;
    size_t n_lab = fresh->n_lab_networks;
    fresh->lab_networks = k->options.lab_networks;
    fresh->n_lab_networks = k->options.n_lab_networks;
    k->options.lab_networks = lab;
    k->options.n_lab_networks = n_lab;
    options_done(&k->options);
    k->options = *fresh;
    if (k->spool)
        spool_set_cap(k->spool, k->options.spool_rows);
    log_event(k->log, LOG_LEVEL_INFO, "reloaded", NULL);
    looking_start(k, true);
}

/* What can change in a life: all but where we live and what we see. The old ones hold until the
 * new ones are known to be right. They are large: not on a stack that would stay so. */
static int read_fresh(struct keeper *k, struct options *fresh, struct diag *d)
{
    int r = k->order.config ? options_load(k->order.config, fresh, d) : options_init(fresh);
    if (r < 0)
        return r;
    if (strcmp(fresh->state, k->options.state) == 0 && fresh->observe == k->options.observe)
        return 0;
    options_done(fresh);
    return diag_set(d, -EINVAL, "state and observe need a restart");
}

static void reload(struct keeper *k)
{
    AUTO_FREE struct options *fresh = malloc(sizeof *fresh);
    struct diag d = {"out of memory"};
    notify_send("RELOADING=1");
    if (!fresh || read_fresh(k, fresh, &d) < 0)
        log_event(k->log, LOG_LEVEL_ERROR, "reload-failed", "why=\"%s\"", d.text);
    else
        take_over(k, fresh);
    notify_send("READY=1");
}

static void take_signal(struct watch *w, uint32_t events)
{
    struct keeper *k = LOOP_OWNER(w, struct keeper, signals);
    (void)events;
    for (int number; (number = signals_next(w->fd)) != 0;) {
        if (number == SIGHUP)
            reload(k);
        else
            loop_stop(k->loop);
    }
}

/* ---- Life ------------------------------------------------------------------------------ */

static int begin_run(struct keeper *k, struct diag *d)
{
    AUTO(buf) struct buf kernel = BUF_INIT(64);
    struct clock_pair now = clock_both();
    k->run.started = now.wall;
    k->run.started_s = now.boot_s;
    if (chance_uuid(&k->run.boot) < 0)
        return diag_set(d, -EIO, "the kernel gives no random bytes");
    int r = file_read("/proc/sys/kernel/random/boot_id", &kernel, d);
    if (r < 0)
        return r;
    struct text id = {buf_str(&kernel), kernel.len >= 36 ? 36 : kernel.len};
    if (uuid_parse(id, &k->run.kernel) < 0)
        return diag_set(d, -EBADMSG, "/proc/sys/kernel/random/boot_id holds no UUID");
    return open_spool(k, d);
}

static int begin_loop(struct keeper *k, struct diag *d)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    int fd = signals_open(numbers, ARRAY_LEN(numbers));
    int r = fd < 0 ? fd : loop_new(&k->loop);
    k->signals = (struct watch){.ready = take_signal, .fd = fd};
    if (r == 0)
        r = loop_watch(k->loop, &k->signals, fd, EPOLLIN);
    if (r == 0)
        r = presence_new(k->options.lab_networks, k->options.n_lab_networks, &k->presence);
    return r < 0 ? diag_set(d, r, "cannot start: %s", strerror(-r)) : 0;
}

static int begin(struct keeper *k, struct diag *d)
{
    int r = begin_run(k, d);
    if (r == 0)
        r = begin_loop(k, d);
    if (r < 0)
        return r;
    k->state.started = k->run.started;
    k->state.pid = getpid();
    k->watchdog_ms = notify_watchdog_ms();
    timer_init(&k->tick, k->loop, tick);
    timer_set(&k->tick, 1000);
    wishes_load(k);
    load_clock(k);
    note_absence(k);
    if ((r = probing_init(k)) < 0)
        return diag_set(d, r, "cannot start: %s", strerror(-r));
    looking_init(k);
    sending_init(k);
    slim_find(&k->slim);
    r = sandbox_confine(SANDBOX_KEEPER, d);
    if (r == -ENOSYS) {
        log_event(k->log, LOG_LEVEL_WARNING, "no-seccomp", "why=\"%s\"", d->text);
        r = 0;
    }
    return r;
}

static void end(struct keeper *k)
{
    if (k->loop) {
        looking_done(k);
        sending_done(k);
        sensor_free(k->sensor);
        timer_done(&k->tick);
        loop_unwatch(k->loop, &k->signals);
    }
    loop_free(k->loop);
    if (k->signals.fd > 0)
        (void)close(k->signals.fd);
    presence_free(k->presence);
    tally_done(&k->tally);
    spool_close(k->spool);
    free(k->licenses);
    options_done(&k->options);
}

/* What goes on now is written down: the next run knows until when it was seen. */
static void save_last(struct keeper *k)
{
    probing_account(k);
    if (k->look.last_try.s != 0)
        keeper_save(k);
    k->state.pid = 0;
    keeper_note_state(k);
    notify_send("STOPPING=1");
    log_event(k->log, LOG_LEVEL_INFO, "stopped", NULL);
}

static int exit_of(int r)
{
    switch (r) {
    case -ENOMEM: return EX_OSERR;
    case -EBUSY: return EX_TEMPFAIL;
    case -EACCES: return EX_NOPERM;
    case -EPROTO:
    case -ENOENT: return EX_CONFIG;
    default: return EX_IOERR;
    }
}

int keeper_run(const struct keeper_order *order, struct options *take_options, struct log *log)
{
    struct keeper *k = calloc(1, sizeof *k);
    struct diag d = {""};
    if (!k) {
        options_done(take_options);
        free(take_options);
        return EX_OSERR;
    }
    k->order = *order;
    k->options = *take_options;
    free(take_options);
    k->log = log;
    int r = sandbox_drop_rights(&d);
    if (r == 0)
        r = begin(k, &d);
    if (r == 0) {
        char boot[UUID_TEXT_SIZE];
        log_event(log, LOG_LEVEL_INFO, "started", "version=%s boot_id=%s state=%s",
                  FAIRUSE_VERSION, uuid_format(&k->run.boot, boot), k->options.state);
        keeper_note_state(k); /* whoever waits for us may ask status next */
        notify_send("READY=1");
        slim_drop(&k->slim);
        r = loop_run(k->loop);
        save_last(k);
        k->exit_code = r < 0 ? EX_OSERR : k->exit_code;
    } else {
        log_event(log, LOG_LEVEL_ERROR, "cannot-start", "why=\"%s\"", d.text);
        k->exit_code = exit_of(r);
    }
    int code = k->exit_code;
    end(k);
    free(k);
    return code;
}
