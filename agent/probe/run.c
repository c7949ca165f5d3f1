/* The resident probe: its start and its end. */
#include "probe/run.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "options/options.h"
#include "os/local.h"
#include "os/notify.h"
#include "os/signals.h"
#include "probe/run_parts.h"
#include "os/slim.h"
#include "sandbox/sandbox.h"

void alarm_init(struct alarm *a, struct loop *l, int64_t ms, void (*expired)(struct deadline *))
{
    a->queue.expired = expired;
    a->queue.after_ms = ms;
    loop_add_queue(l, &a->queue);
}

void alarm_set(struct alarm *a, struct loop *l)
{
    deadline_set(l, &a->queue, &a->deadline);
}

void alarm_done(struct alarm *a, struct loop *l)
{
    deadline_clear(&a->deadline);
    loop_remove_queue(l, &a->queue);
}

void probe_fail(struct probe *p, const char *event, const char *why)
{
    log_event(&p->log, LOG_LEVEL_ERROR, event, "reason=\"%s\"", why);
    p->code = EX_OSERR;
    loop_stop(p->loop);
}

/* ---- Settings --------------------------------------------------------------------------- */

/* The defaults where no file is named. */
static struct options *load_options(const struct probe_order *o, struct diag *d, int *ret_code)
{
    struct options *options = calloc(1, sizeof *options);
    int r = -ENOMEM;
    (void)diag_set(d, r, "out of memory");
    if (options)
        r = o->config ? options_load(o->config, options, d) : options_init(options);
    if (r == 0)
        return options;
    free(options);
    *ret_code = r == -ENOMEM ? EX_OSERR : EX_CONFIG;
    return NULL;
}

static void options_free(struct options **o)
{
    if (*o)
        options_done(*o);
    free(*o);
}

/* What of the settings the probe lives by: all else is given back, to be small. */
struct wishes {
    char user[sizeof((struct options *)0)->user];
    char probe_user[sizeof((struct options *)0)->probe_user];
};

static int apply_options(struct probe *p, const struct probe_order *o, struct wishes *ret)
{
    static const enum log_level levels[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
                                            LOG_LEVEL_DEBUG};
    struct diag d = {""};
    int code = 0;
    __attribute__((cleanup(options_free))) struct options *options = load_options(o, &d, &code);
    if (!options) {
        log_event(&p->log, LOG_LEVEL_ERROR, "cannot-start", "%s", d.text);
        return code;
    }
    p->log.level = levels[options->log_level];
    p->observe = options->observe;
    for (size_t i = 0; i < options->panel_ports.n && i < SIGHT_PORTS_MAX; i++)
        p->ports[p->n_ports++] = (uint16_t)options->panel_ports.v[i];
    memcpy(ret->user, options->user, sizeof ret->user);
    memcpy(ret->probe_user, options->probe_user, sizeof ret->probe_user);
    return 0;
}

/* ---- What needs rights ------------------------------------------------------------------ */

static void lacks(struct probe *p, const char *what, const char *why)
{
    size_t n = strlen(p->why);
    (void)snprintf(p->why + n, sizeof p->why - n, "%s%s: %s", n > 0 ? "; " : "", what, why);
    for (n = strlen(p->why); n > 0 && !text_is_utf8(text_of(p->why)); n--)
        p->why[n - 1] = '\0'; /* it was cut within a letter */
    log_event(&p->log, LOG_LEVEL_WARNING, "blind", "what=\"%s\" reason=\"%s\"", what, why);
}

static void open_capture(struct probe *p)
{
    const unsigned bits = 1U << SOURCE_KEYSERVER | 1U << SOURCE_PANEL;
    struct diag d = {""};
    if ((p->observe & bits) == 0)
        return;
    if (capture_open(&p->capture, &d) < 0)
        lacks(p, "no packets are seen", d.text);
    else
        p->sources |= (uint8_t)(p->observe & bits);
}

static void open_track(struct probe *p)
{
    struct diag d = {""};
    if (!probe_wants(p, SOURCE_NAT))
        return;
    if (track_open(&p->track, &d) < 0)
        lacks(p, "no translation of addresses is seen", d.text);
    else
        p->sources |= 1U << SOURCE_NAT;
}

static int open_sources(struct probe *p, struct diag *d)
{
    int r = sight_new(&p->sight);
    if (r == 0)
        r = sight_set_ports(p->sight, p->ports, p->n_ports);
    if (r < 0)
        return diag_set(d, r, "%s", strerror(-r));
    sight_set_own(p->sight, SIGHT_OWN_LISTED);
    sight_need_way(p->sight, true);
    if ((r = links_open(&p->links, d)) < 0)
        return r;
    p->sources |= (uint8_t)(p->observe & 1U << SOURCE_INTERFACE);
    open_capture(p);
    open_track(p);
    return sources_aim(p, NULL, 0, d);
}

/* The group of the keeper's user may connect: the socket is made with it, which needs less than
 * to give it away later. Where we are not root the folder's owner has seen to that (the unit).
 * A change of group forgets that this process is to end with its parent. */
static int listen_for(struct probe *p, const struct probe_order *o, const struct passwd *keeper,
                      struct diag *d)
{
    bool has_group = geteuid() == 0 && keeper;
    gid_t before = getegid();
    pid_t parent = getppid();
    int deathsig = 0;
    if (has_group && prctl(PR_GET_PDEATHSIG, &deathsig) != 0)
        return diag_set(d, -errno, "cannot tell how to follow the parent: %m");
    if (has_group && setegid(keeper->pw_gid) < 0)
        log_event(&p->log, LOG_LEVEL_WARNING, "socket-group", "reason=\"%m\"");
    int fd = local_listen(o->listen_path, d);
    if (has_group && setegid(before) < 0 && fd >= 0)
        log_event(&p->log, LOG_LEVEL_WARNING, "socket-group", "reason=\"%m\"");
    if (fd < 0)
        return fd;
    int r = line_listen(p->line, fd);
    if (r == 0 && has_group && prctl(PR_SET_PDEATHSIG, deathsig) != 0)
        return diag_set(d, -errno, "cannot follow the parent any more: %m");
    if (deathsig != 0 && getppid() != parent)
        (void)raise(deathsig); /* it ended while this was forgotten */
    return r < 0 ? diag_set(d, r, "%s: %s", o->listen_path, strerror(-r)) : 0;
}

static int open_line(struct probe *p, const struct probe_order *o, const struct wishes *w,
                     struct diag *d)
{
    const struct passwd *probe_user = getpwnam(w->probe_user);
    uid_t self = geteuid() == 0 && probe_user ? probe_user->pw_uid : geteuid();
    const struct passwd *keeper = getpwnam(w->user);
    struct line_order order = {.users = {self, keeper ? keeper->pw_uid : self}};
    tell_init(p, &order);
    int r = line_new(&order, &p->line);
    if (r < 0)
        return diag_set(d, r, "out of memory");
    if (o->listen_path)
        return listen_for(p, o, keeper, d);
    r = line_take(p->line, o->descriptor);
    return r < 0 ? diag_set(d, r, "descriptor %d is no line: %s", o->descriptor, strerror(-r))
                 : 0;
}

/* ---- Signals and the watchdog ----------------------------------------------------------- */

static void signal_came(struct watch *w, uint32_t events)
{
    struct probe *p = LOOP_OWNER(w, struct probe, signals_watch);
    (void)events;
    for (int number; (number = signals_next(w->fd)) != 0;) {
        if (number == SIGHUP) {
            log_event(&p->log, LOG_LEVEL_INFO, "not-reloaded",
                      "advice=\"settings of the probe change with a restart\"");
            continue;
        }
        loop_stop(p->loop);
    }
}

static int watch_signals(struct probe *p)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    int fd = signals_open(numbers, ARRAY_LEN(numbers));
    if (fd < 0)
        return fd;
    p->signals_watch.ready = signal_came;
    int r = loop_watch(p->loop, &p->signals_watch, fd, EPOLLIN);
    if (r < 0)
        (void)close(fd); /* only read */
    return r;
}

static void watchdog_due(struct deadline *d)
{
    struct probe *p = LOOP_OWNER(d, struct probe, watchdog.deadline);
    notify_send("WATCHDOG=1");
    alarm_set(&p->watchdog, p->loop);
}

/* ---- The start, step by step ------------------------------------------------------------ */

static int give_up_rights(struct probe *p, const struct wishes *w, struct diag *d)
{
    int r = sandbox_become(w->probe_user, d);
    if (r == 0)
        r = sandbox_drop_rights(d);
    if (r < 0)
        return r;
    slim_find(&p->slim); /* behind it no file can be opened */
    r = sandbox_confine(SANDBOX_PROBE, d);
    if (r != -ENOSYS)
        return r;
    log_event(&p->log, LOG_LEVEL_WARNING, "no-seccomp", "%s", d->text);
    return 0;
}

static int open_all(struct probe *p, const struct probe_order *o, const struct wishes *w,
                    struct diag *d)
{
    int r = loop_new(&p->loop);
    if (r == 0)
        r = watch_signals(p);
    if (r < 0)
        return diag_set(d, r, "no event loop: %s", strerror(-r));
    int64_t watchdog_ms = notify_watchdog_ms();
    alarm_init(&p->watchdog, p->loop, watchdog_ms > 0 ? watchdog_ms : 1, watchdog_due);
    if (watchdog_ms > 0)
        alarm_set(&p->watchdog, p->loop);
    if ((r = open_sources(p, d)) < 0 || (r = open_line(p, o, w, d)) < 0)
        return r;
    r = sources_watch(p);
    return r < 0 ? diag_set(d, r, "a source cannot be watched: %s", strerror(-r)) : 0;
}

static int run(struct probe *p, const struct probe_order *o)
{
    struct wishes w;
    struct diag d = {""};
    int code = apply_options(p, o, &w);
    if (code != 0)
        return code;
    int r = open_all(p, o, &w, &d);
    if (r == 0)
        r = give_up_rights(p, &w, &d);
    if (r < 0) {
        log_event(&p->log, LOG_LEVEL_ERROR, "cannot-start", "%s", d.text);
        return EX_OSERR;
    }
    log_event(&p->log, LOG_LEVEL_INFO, "started", "version=%s", FAIRUSE_VERSION);
    notify_send("READY=1");
    slim_drop(&p->slim);
    r = loop_run(p->loop);
    notify_send("STOPPING=1");
    log_event(&p->log, LOG_LEVEL_INFO, "ended", NULL);
    return r < 0 ? EX_OSERR : p->code;
}

static void done(struct probe *p)
{
    tell_done(p);
    sources_done(p);
    if (p->loop && p->signals_watch.is_watched) {
        loop_unwatch(p->loop, &p->signals_watch);
        (void)close(p->signals_watch.fd); /* only read */
    }
    if (p->loop)
        alarm_done(&p->watchdog, p->loop);
    loop_free(p->loop);
    free(p);
}

int probe_run(const struct probe_order *o)
{
    struct probe *p = calloc(1, sizeof *p);
    if (!p)
        return EX_OSERR;
    p->log = log_to_stderr(LOG_LEVEL_INFO);
    int code = run(p, o);
    done(p);
    return code;
}
