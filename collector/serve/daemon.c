/*
 * Puts the parts together, in an order in which nothing is half there: all that can be refused
 * is refused before the first connection is taken.
 */
#include "serve/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sysexits.h>
#include <unistd.h>

#include "ingest/door.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/notify.h"
#include "os/signals.h"
#include "os/socket.h"
#include "serve/keyring.h"

enum {
    TICK_MS = 1000,
    REFRESH_TICKS = 5,        /* standings, the store's state */
    KEYS_TICKS = 3600,        /* whether the server's certificate ends soon */
    KEYS_AHEAD_S = 864000,    /* ten days */
    BACKLOG = 1024,           /* connections that the kernel holds until we take them */
    WRITER_STUCK_MS = 600000, /* a commit that takes longer will not end */
};

struct daemon {
    struct options options;
    struct settings *settings;
    char store_url[sizeof((struct settings *)0)->store];
    struct log log;
    struct loop *loop;
    struct writer *writer;
    struct door *door;
    struct keys *keys;
    wall_t keys_until;

    struct watch signals;
    int signals_fd;
    struct deadline_queue ticks, drain;
    struct deadline tick, drained;
    uint64_t n_ticks;
    mono_t watchdog_sent;
    uint64_t store_opened;
    struct job probe; /* of a store that fails */
    bool is_probing;
    bool is_draining;
};

/* ---- Settings --------------------------------------------------------------------------- */

static int read_settings(const char *path, struct settings *ret, struct diag *d)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)CAP_CONFIG_BYTES);
    if (!path)
        return settings_init(ret, d);
    int r = file_read(path, &text, d);
    return r < 0 ? r : settings_read((struct text){buf_str(&text), text.len}, path, ret, d);
}

int daemon_read_settings(const struct options *options, struct settings *ret)
{
    struct diag d = {""};
    int r = read_settings(options->config, ret, &d);
    return r < 0 ? options_fail(r == -ENOMEM ? EX_OSERR : EX_CONFIG, "%s", d.text) : 0;
}

static const enum log_level levels[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
                                        LOG_LEVEL_DEBUG};

/* Each connection is a descriptor; the store, its temporary files, a reload need some besides,
 * and get them also in a crowd. */
static void fit_connections(struct daemon *d)
{
    enum { OTHERS = 64 };
    int64_t *most = &d->settings->collector.max_connections;
    uint64_t limit = socket_raise_limit();

    if (limit >= (uint64_t)*most + OTHERS)
        return;
    log_event(&d->log, LOG_LEVEL_WARNING, "few-descriptors",
              "limit=%llu max_connections=%lld advice=\"LimitNOFILE in the unit\"",
              (unsigned long long)limit, (long long)*most);
    *most = (int64_t)(limit > 2 * OTHERS ? limit - OTHERS : limit / 2);
}

static void apply_settings(struct daemon *d)
{
    d->log.level = levels[d->settings->collector.log_level];
    d->drain.after_ms = d->settings->collector.drain_timeout.s * 1000;
    fit_connections(d);
}

static struct door_config door_config_of(const struct daemon *d)
{
    return (struct door_config){
        .rules = &d->settings->collector, .merge_gap = d->settings->merge_gap, .keys = d->keys};
}

/* ---- Reading anew ----------------------------------------------------------------------- */

/* What cannot change while it runs is said, and stays as it is. */
static void tell_fixed(struct daemon *d, const struct settings *fresh)
{
    const struct settings_collector *now = &d->settings->collector;
    const struct settings_collector *then = &fresh->collector;
    bool is_same_listen = now->listen.n == then->listen.n;

    for (size_t i = 0; is_same_listen && i < now->listen.n; i++)
        is_same_listen = strcmp(now->listen.v[i], then->listen.v[i]) == 0;
    if (!is_same_listen || strcmp(now->monitor, then->monitor) != 0 ||
        strcmp(d->settings->store, fresh->store) != 0 || now->queue != then->queue ||
        now->batch != then->batch || now->gather_ms != then->gather_ms)
        log_event(&d->log, LOG_LEVEL_WARNING, "reload-partial",
                  "store, listen, monitor, queue, batch and gather change only with a restart");
}

static int load_keys(const struct daemon *d, const struct settings_collector *rules,
                     struct keys **ret, wall_t *ret_until, struct diag *e)
{
    const char *store = strncmp(d->store_url, "sqlite:", 7) == 0 ? d->store_url + 7 : NULL;
    struct keyring_order order = {.rules = rules, .store = store, .now = clock_now()};
    return keyring_load(&order, ret, ret_until, e);
}

static void take_keys(struct daemon *d, struct keys *keys, wall_t until)
{
    keys_unref(d->keys);
    d->keys = keys;
    d->keys_until = until;
}

static bool ends_soon(const struct daemon *d)
{
    return clock_now().s + KEYS_AHEAD_S >= d->keys_until.s;
}

/* Of a certificate that is new here. It ends soon only where somebody must see to it: the one
 * that was brought along, or the authority. */
static void tell_end(struct daemon *d)
{
    char text[WALL_TEXT_SIZE];

    door_metrics(d->door)->certificate_ends = d->keys_until.s;
    if (ends_soon(d))
        log_event(&d->log, LOG_LEVEL_WARNING, "certificate-ends", "at=%s",
                  wall_format(d->keys_until, text));
}

/* All of it is checked before any of it holds. */
static void reload(struct daemon *d)
{
    struct settings *fresh = calloc(1, sizeof(*fresh));
    struct keys *keys = NULL;
    wall_t until = {0};
    struct diag e = {"out of memory"};
    int r = fresh ? read_settings(d->options.config, fresh, &e) : -ENOMEM;

    notify_send("RELOADING=1");
    if (r == 0)
        r = load_keys(d, &fresh->collector, &keys, &until, &e);
    if (r < 0) {
        log_event(&d->log, LOG_LEVEL_ERROR, "reload-failed", "kept=\"what held before\" %s",
                  e.text);
        if (fresh)
            settings_done(fresh);
        free(fresh);
        notify_send("READY=1");
        return;
    }
    tell_fixed(d, fresh);
    struct settings *before = d->settings;
    d->settings = fresh;
    take_keys(d, keys, until);
    struct door_config config = door_config_of(d);
    door_configure(d->door, &config);
    apply_settings(d);
    tell_end(d);
    settings_done(before);
    free(before);
    log_event(&d->log, LOG_LEVEL_INFO, "reloaded", "config=%s",
              d->options.config ? d->options.config : "none");
    notify_send("READY=1");
}

/* The server's own certificate is made or read anew well before it ends. */
static void renew_keys(struct daemon *d)
{
    struct keys *keys = NULL;
    wall_t until;
    struct diag e = {"out of memory"};
    char text[WALL_TEXT_SIZE];

    if (!ends_soon(d))
        return;
    if (load_keys(d, &d->settings->collector, &keys, &until, &e) < 0) {
        log_event(&d->log, LOG_LEVEL_ERROR, "certificate-ends", "at=%s %s",
                  wall_format(d->keys_until, text), e.text);
        return;
    }
    take_keys(d, keys, until);
    struct door_config config = door_config_of(d);
    door_configure(d->door, &config);
    tell_end(d);
}

/* ---- Once a second ---------------------------------------------------------------------- */

static int apply_probe(struct job *j, struct store *s)
{
    char now[WALL_TEXT_SIZE];
    (void)j; /* it carries nothing */
    return store_set_note(s, "last-probe", wall_format(clock_now(), now));
}

static void on_probed(struct job *j, int error)
{
    struct daemon *d = LOOP_OWNER(j, struct daemon, probe);
    d->is_probing = false;
    (void)error; /* the writer has told it */
}

/*
 * A store that failed is tried with a small write of our own: whoever keeps reports away from a
 * collector that is not well would else keep it so for ever.
 */
static void probe_store(struct daemon *d)
{
    if (writer_stats(d->writer).is_well || d->is_probing)
        return;
    d->probe = (struct job){.apply = apply_probe, .done = on_probed};
    d->is_probing = writer_put(d->writer, &d->probe) == 0;
}

static void refresh(struct daemon *d)
{
    struct diag e = {""};
    struct writer_stats s = writer_stats(d->writer);

    if (s.opened != d->store_opened || !door_has_store(d->door)) {
        d->store_opened = s.opened;
        if (door_reopen_store(d->door, &e) < 0)
            log_event(&d->log, LOG_LEVEL_ERROR, "store-unreadable", "%s", e.text);
    }
    int r = door_refresh_standings(d->door, &e);
    if (r < 0)
        log_event(&d->log, LOG_LEVEL_WARNING, "standings-not-read", "%s", e.text);
    probe_store(d);
}

static void tell_status(struct daemon *d)
{
    char text[256];
    const struct metrics *m = door_metrics(d->door);

    (void)snprintf(text, sizeof text, "STATUS=%zu connections, %llu reports kept%s",
                   door_connections(d->door), (unsigned long long)m->reports_stored,
                   m->is_storing ? "" : ", the store does not take any now");
    notify_send(text);
}

static void feed_watchdog(struct daemon *d)
{
    int64_t wanted_ms = notify_watchdog_ms();
    mono_t now = loop_now(d->loop);
    struct writer_stats s = writer_stats(d->writer);

    if (wanted_ms == 0 || now.ms - d->watchdog_sent.ms < wanted_ms)
        return;
    if (s.is_busy && now.ms - s.busy_since.ms > WRITER_STUCK_MS)
        return; /* no longer alive */
    d->watchdog_sent = now;
    notify_send("WATCHDOG=1");
}

static void on_tick(struct deadline *deadline)
{
    struct daemon *d = LOOP_OWNER(deadline, struct daemon, tick);

    deadline_set(d->loop, &d->ticks, &d->tick);
    d->n_ticks++;
    feed_watchdog(d);
    if (d->n_ticks % REFRESH_TICKS == 0) {
        refresh(d);
        tell_status(d);
    }
    if (d->n_ticks % KEYS_TICKS == 0)
        renew_keys(d);
    if (d->is_draining && door_connections(d->door) == 0)
        loop_stop(d->loop);
}

/* ---- The end ---------------------------------------------------------------------------- */

static void on_drained(struct deadline *deadline)
{
    struct daemon *d = LOOP_OWNER(deadline, struct daemon, drained);
    log_event(&d->log, LOG_LEVEL_WARNING, "drain-cut", "connections=%zu",
              door_connections(d->door));
    loop_stop(d->loop);
}

/* What was begun is ended, within a bound; what is in the queue is written in any case. */
static void begin_to_stop(struct daemon *d, int signal_number)
{
    if (d->is_draining) {
        loop_stop(d->loop); /* asked twice */
        return;
    }
    d->is_draining = true;
    log_event(&d->log, LOG_LEVEL_INFO, "stopping", "signal=%d", signal_number);
    notify_send("STOPPING=1");
    door_drain(d->door);
    d->ticks.after_ms = TICK_MS / 20;
    deadline_set(d->loop, &d->ticks, &d->tick);
    deadline_set(d->loop, &d->drain, &d->drained);
}

static void on_signal(struct watch *w, uint32_t events)
{
    struct daemon *d = LOOP_OWNER(w, struct daemon, signals);
    (void)events;
    for (int n = signals_next(d->signals_fd); n != 0; n = signals_next(d->signals_fd)) {
        if (n != SIGHUP)
            begin_to_stop(d, n);
        else if (!d->is_draining)
            reload(d); /* READY=1 would take back that it is stopping */
    }
}

/* ---- The beginning ---------------------------------------------------------------------- */

static void wake_loop(void *arg)
{
    loop_wake(((struct daemon *)arg)->loop);
}

/* A store that was put back: the old file is let go of on both sides before the new one is
 * opened. */
static void change_store(struct daemon *d)
{
    struct diag e = {""};

    log_event(&d->log, LOG_LEVEL_WARNING, "store-replaced", NULL);
    if (door_reopen_store(d->door, &e) < 0)
        log_event(&d->log, LOG_LEVEL_ERROR, "store-unreadable", "%s", e.text);
    writer_open_again(d->writer);
}

static void on_wake(void *arg)
{
    struct daemon *d = arg;

    writer_reap(d->writer);
    if (d->door && writer_stats(d->writer).is_stale)
        change_store(d);
}

static void on_health(void *arg, const char *trouble)
{
    struct daemon *d = arg;
    if (trouble[0])
        log_event(&d->log, LOG_LEVEL_ERROR, "store-failing", "%s", trouble);
    else
        log_event(&d->log, LOG_LEVEL_INFO, "store-recovered", NULL);
    if (d->door)
        door_set_trouble(d->door, trouble);
}

static int check_clock(void)
{
    char now[WALL_TEXT_SIZE], built[WALL_TEXT_SIZE];
    wall_t t = clock_now();
    wall_t b = {FAIRUSE_BUILT};

    if (t.s >= b.s)
        return 0;
    return options_fail(EX_TEMPFAIL,
                        "the clock shows %s, but this program was built at %s: set the clock",
                        wall_format(t, now), wall_format(b, built));
}

static int choose_store(struct daemon *d)
{
    const char *url = d->options.store ? d->options.store : d->settings->store;

    if (!url[0])
        return options_fail(EX_USAGE, "which store? Give --store sqlite:PATH, or `store` in "
                                      "the configuration (-c FILE)");
    if (strlen(url) >= sizeof d->store_url)
        return options_fail(EX_USAGE, "--store is too long");
    (void)snprintf(d->store_url, sizeof d->store_url, "%s", url);
    return 0;
}

static int open_store(struct daemon *d)
{
    struct diag e = {""};
    struct writer_setup setup = {.store_url = d->store_url,
                                 .queue = d->settings->collector.queue,
                                 .batch = d->settings->collector.batch,
                                 .gather_ms = d->settings->collector.gather_ms,
                                 .wake = wake_loop,
                                 .wake_arg = d,
                                 .health = on_health};
    int r = writer_start(&setup, &d->writer, &e);

    if (r == -ENOENT)
        return options_fail(EX_UNAVAILABLE, "%s (`fairusectl --store %s store init` makes one)",
                            e.text, d->store_url);
    if (r < 0)
        return options_fail(r == -EAGAIN ? EX_TEMPFAIL : EX_UNAVAILABLE, "%s", e.text);
    d->store_opened = writer_stats(d->writer).opened;
    return 0;
}

static int open_door(struct daemon *d)
{
    struct diag e = {"out of memory"};
    struct keys *keys = NULL;
    wall_t until;
    int r = load_keys(d, &d->settings->collector, &keys, &until, &e);

    if (r < 0)
        return options_fail(r == -ENOMEM ? EX_OSERR : EX_CONFIG, "%s", e.text);
    take_keys(d, keys, until);
    struct door_setup setup = {.loop = d->loop,
                               .writer = d->writer,
                               .log = &d->log,
                               .store_url = d->store_url,
                               .config = door_config_of(d)};
    r = door_open(&setup, &d->door, &e);
    if (r < 0)
        return options_fail(EX_UNAVAILABLE, "%s", e.text);
    door_metrics(d->door)->started_at = clock_now().s;
    tell_end(d);
    refresh(d);
    return 0;
}

static int listen_on(struct daemon *d, int fd, enum door_kind kind)
{
    struct endpoint e;
    char text[ENDPOINT_TEXT_SIZE];
    int r = socket_listens(fd) ? socket_local(fd, &e) : -EINVAL;

    if (r == 0)
        r = door_listen(d->door, fd, kind);
    if (r < 0)
        return options_fail(EX_OSERR, "descriptor %d cannot be listened on: %s", fd,
                            strerror(-r));
    log_event(&d->log, LOG_LEVEL_INFO, "listening", "at=%s for=%s", endpoint_format(&e, text),
              kind == DOOR_AGENTS ? "agents" : "monitor");
    return 0;
}

static int open_listener(struct daemon *d, const char *where, enum door_kind kind)
{
    struct endpoint e;
    struct diag why = {""};

    if (endpoint_parse(text_of(where), &e) < 0)
        return options_fail(EX_CONFIG, "%s is no place to listen", where);
    int fd = socket_listen(&e, BACKLOG, &why);
    return fd < 0 ? options_fail(EX_UNAVAILABLE, "%s", why.text) : listen_on(d, fd, kind);
}

/* Sockets that were passed on come instead of the settings' own: "monitor" by its name. */
static int open_listeners(struct daemon *d)
{
    const struct settings_collector *rules = &d->settings->collector;
    struct notify_listen passed;
    bool has_agents = false, has_monitor = false;
    int code = 0;

    if (notify_listen_fds(&passed) < 0)
        return options_fail(EX_CONFIG, "LISTEN_FDS makes no sense");
    for (size_t i = 0; i < passed.n && code == 0; i++) {
        bool is_monitor = strcmp(passed.names[i], "monitor") == 0;
        has_monitor |= is_monitor;
        has_agents |= !is_monitor;
        code =
            listen_on(d, NOTIFY_LISTEN_FIRST + (int)i, is_monitor ? DOOR_MONITOR : DOOR_AGENTS);
    }
    for (size_t i = 0; !has_agents && i < rules->listen.n && code == 0; i++)
        code = open_listener(d, rules->listen.v[i], DOOR_AGENTS);
    if (!has_monitor && rules->monitor[0] && code == 0)
        code = open_listener(d, rules->monitor, DOOR_MONITOR);
    return code;
}

static int watch_signals(struct daemon *d)
{
    static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
    d->signals_fd = signals_open(numbers, ARRAY_LEN(numbers)); /* before any thread starts */
    d->signals.ready = on_signal;
    int r = d->signals_fd < 0 ? d->signals_fd
                              : loop_watch(d->loop, &d->signals, d->signals_fd, EPOLLIN);
    return r < 0 ? options_fail(EX_OSERR, "signals: %s", strerror(-r)) : 0;
}

static int make_loop(struct daemon *d)
{
    int r = loop_new(&d->loop);
    if (r < 0)
        return options_fail(EX_OSERR, "epoll: %s", strerror(-r));
    loop_on_wake(d->loop, on_wake, d);
    d->ticks = (struct deadline_queue){.expired = on_tick, .after_ms = TICK_MS};
    d->drain = (struct deadline_queue){.expired = on_drained};
    loop_add_queue(d->loop, &d->ticks);
    loop_add_queue(d->loop, &d->drain);
    return 0;
}

static int start(struct daemon *d)
{
    int code = check_clock();

    d->settings = calloc(1, sizeof(*d->settings));
    if (!d->settings)
        return options_fail(EX_OSERR, "out of memory");
    if (code == 0)
        code = daemon_read_settings(&d->options, d->settings);
    if (code == 0)
        code = choose_store(d);
    if (code == 0)
        code = make_loop(d);
    if (code == 0)
        code = watch_signals(d);
    if (code != 0)
        return code;
    apply_settings(d);
    code = open_store(d);
    if (code == 0)
        code = open_door(d);
    return code == 0 ? open_listeners(d) : code;
}

static int serve(struct daemon *d)
{
    deadline_set(d->loop, &d->ticks, &d->tick);
    log_event(&d->log, LOG_LEVEL_INFO, "started", "version=" FAIRUSE_VERSION " store=%s",
              d->store_url);
    notify_send("READY=1");
    tell_status(d);
    int r = loop_run(d->loop);
    log_event(&d->log, LOG_LEVEL_INFO, "stopped", "reports=%llu",
              (unsigned long long)door_metrics(d->door)->reports_stored);
    return r < 0 ? options_fail(EX_OSERR, "epoll: %s", strerror(-r)) : 0;
}

static void finish(struct daemon *d)
{
    door_leave_store(d->door);
    writer_stop(d->writer); /* before the door: what it still has is written, and answered */
    door_close(d->door);
    keys_unref(d->keys);
    if (d->signals_fd >= 0)
        (void)close(d->signals_fd); /* read only */
    loop_free(d->loop);
    if (d->settings)
        settings_done(d->settings);
    free(d->settings);
}

int daemon_run(const struct options *options)
{
    struct daemon *d = calloc(1, sizeof(*d));
    if (!d)
        return options_fail(EX_OSERR, "out of memory");
    d->options = *options;
    d->signals_fd = -1;
    d->log = log_to_stderr(LOG_LEVEL_INFO);
    int code = start(d);
    if (code == 0)
        code = serve(d);
    finish(d);
    free(d);
    return code;
}
