/* fairusectl report --send: makes the night, unless it was made, keeps it, hands over mails. */
#include "ctl/report.h"

#include "os/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { LOCK_PATH_SIZE = 4096 };

/* Somebody wants the program to end: what waits is in the outbox. */
static volatile sig_atomic_t is_ended;

static bool end_is_wanted(void)
{
    return is_ended != 0;
}

static void on_end(int signal_number)
{
    (void)signal_number;
    is_ended = 1;
}

static void catch_end(void)
{
    struct sigaction action = {.sa_handler = on_end};

    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

static void warn(const char *sentence)
{
    ctl_note("%s", sentence);
}

/* ---- The night ------------------------------------------------------------------------- */

/* What a night is kept by. */
static struct keep_order order_of(struct ctl *c, const struct report_order *o,
                                  const struct run_setup *run, const struct report_route *route)
{
    return (struct keep_order){
        .run = run,
        .sender = route->sender,
        .made_at = ctl_now(c),
        .day = zone_date_at(run->zone, run->as_of),
        .scope = o->scope,
        .is_partial = o->is_partial,
        .language = o->has_language ? &o->language : NULL,
        .warn = warn,
    };
}

/* Of two connections to the store, the one that has something to say. */
static void explain_night(const struct keep_order *order, const struct edition_setup *setup,
                          int error, struct diag *d)
{
    const char *reader = store_diag(setup->run->store);

    (void)diag_set(d, error, "%s", reader[0] ? reader : store_diag(order->writer));
}

static int keep_night(const struct keep_order *order, const struct edition_setup *setup,
                      const char *failure)
{
    AUTO(keep) struct keep *k = NULL;
    struct keep_tally tally;
    struct diag d = {""};
    int r = keep_new(order, &k, &d);

    if (r >= 0) {
        struct edition_sink sink = keep_sink(k);
        r = failure ? edition_fail(setup, failure, &sink, &d) : edition_make(setup, &sink, &d);
        if (r < 0 && !d.text[0])
            explain_night(order, setup, r, &d);
    }
    if (r >= 0)
        r = keep_publish(k, setup->findings, setup->periods, &tally, &d);
    if (r < 0)
        return ctl_fail_errno(r, d.text);
    ctl_note("run %lld: %lld reports kept, %lld mails put into the outbox",
             (long long)tally.run, (long long)tally.editions, (long long)tally.mails);
    return 0;
}

/*
 * The audit failed: that is what the mails say, once a day. *ret_is_kept: they are in the
 * outbox; *ret_is_new: since now.
 */
static void keep_failure(const struct keep_order *order, struct edition_setup *setup,
                         bool *ret_is_kept, bool *ret_is_new)
{
    struct keep_order failed = *order;

    failed.is_failed = true;
    int found = keep_find(order->writer, order->day, order->scope, true);
    *ret_is_new = found != 1;
    *ret_is_kept =
        found == 1 || (found == 0 && keep_night(&failed, setup, ctl_first_failure()) == 0);
}

/* 1: there is nothing to make, for that day's night was told; 0; or less: an exit code. */
static int is_told(const struct keep_order *order)
{
    int found = keep_find(order->writer, order->day, order->scope, false);

    if (found == -ESTALE)
        return -ctl_fail(EX_DATAERR, "a later day was reported already: what was said cannot "
                                     "go back (--output shows any moment)");
    return found < 0 ? -ctl_fail_errno(found, store_diag(order->writer)) : found;
}

/* Audits and keeps; what fails is mailed to those who must know. */
static int audit_and_keep(struct ctl *c, const struct report_order *o,
                          const struct keep_order *given, const struct report_route *route)
{
    AUTO(night) struct night n = {0};
    struct keep_order order = *given;
    struct edition_setup setup = o->setup;
    bool is_kept = false, is_new = true;
    int code = night_audit(c, &n);

    ctl_progress_end();
    if (n.store)
        order.run = &n.setup;
    setup.run = order.run;
    setup.periods = &n.periods;
    setup.findings = n.findings;
    setup.command = o->command;
    if (code == 0) {
        code = keep_night(&order, &setup, NULL);
        is_kept = code == 0;
    } else {
        keep_failure(&order, &setup, &is_kept, &is_new);
    }
    if (code != 0 && is_new)
        report_alarm(c, route, is_kept ? NULL : &setup);
    return code;
}

static void night_lock_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* One night is made at a time: a file beside the store, held until it is. */
static int lock_night(struct store *writer, int *ret)
{
    char path[LOCK_PATH_SIZE];
    const char *store = store_path(writer);

    if (!store)
        return 0;
    int n = snprintf(path, sizeof(path), "%s.report", store);
    if (n < 0 || (size_t)n >= sizeof(path))
        return ctl_fail(EX_CONFIG, "%s: the path is too long", store);
    *ret = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*ret < 0)
        return ctl_fail(EX_CANTCREAT, "%s: %s", path, strerror(errno));
    if (flock(*ret, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return ctl_fail(EX_TEMPFAIL, "another `report --send` is making a night (%s is locked)",
                    path);
}

static int make_night(struct ctl *c, const struct report_order *o, struct store *writer,
                      const struct report_route *route)
{
    struct run_setup run;
    AUTO(night_lock) int lock = -1;
    int code = ctl_run_setup(c, writer, &run);

    if (code == 0 && run.as_of.s > ctl_now(c).s)
        code = ctl_fail(EX_USAGE, "--as-of lies in the future: nothing can be told of it yet");
    if (code == 0)
        code = lock_night(writer, &lock);
    if (code != 0)
        return code;
    struct keep_order order = order_of(c, o, &run, route);
    order.writer = writer;
    int told = is_told(&order);
    if (told < 0)
        report_alarm(c, route, NULL);
    if (told > 0)
        ctl_note("that day was told already (%s): only what waits is handed over", o->scope);
    if (told != 0)
        return told < 0 ? -told : 0;
    return audit_and_keep(c, o, &order, route);
}

/* ---- Handing over ------------------------------------------------------------------------ */

static void tell_attempt(const struct store_mail *m, const struct mail_result *result)
{
    static const char *const states[] = {"waits", "sent", "given up"};
    char recipient[TEXT_QUOTE_SIZE];

    ctl_note("mail of run %lld to %s: %s%s%s", (long long)m->run,
             text_quote(text_of(m->recipient), recipient), states[m->state],
             result->text[0] ? ": " : "", result->text);
}

static int read_wait(struct ctl *c, dur_t *ret)
{
    const char *value = ctl_value(c, "wait");
    char quoted[TEXT_QUOTE_SIZE];

    *ret = (dur_t){0};
    if (!value || (dur_parse(text_of(value), ret) == 0 && ret->s <= 7 * INT64_C(86400)))
        return 0;
    return ctl_fail(EX_USAGE, "--wait %s: must be a duration of at most 7d, e.g. 4h",
                    text_quote(text_of(value), quoted));
}

/* Sleeps until `at`, or until somebody wants the end. */
static void sleep_until(wall_t at)
{
    while (!is_ended) {
        int64_t left = at.s - clock_now().s;
        if (left <= 0)
            return;
        struct timespec slice = {.tv_sec = left < 60 ? left : 60};
        (void)nanosleep(&slice, NULL);
    }
}

static int hand_over(struct ctl *c, struct store *writer, struct mail_sender *sender,
                     dur_t wait)
{
    const struct settings_mail *m = &ctl_settings(c)->mail;
    struct deliver_setup setup = {.store = writer,
                                  .sender = sender,
                                  .retry_first = m->retry_first,
                                  .retry_most = m->retry_most,
                                  .give_up = m->give_up,
                                  .timeout = m->timeout,
                                  .now = clock_now,
                                  .is_ended = end_is_wanted,
                                  .tell = tell_attempt};
    wall_t end = {clock_now().s + wait.s};
    struct deliver_tally tally;

    for (;;) {
        int r = deliver_due(&setup, &tally);
        if (r < 0)
            return ctl_fail_errno(r, store_diag(writer));
        if (!tally.has_next)
            return 0;
        if (is_ended || tally.next.s > end.s)
            break;
        sleep_until(tally.next);
    }
    return ctl_fail(EX_TEMPFAIL, "not all mails could be handed over yet; they wait in the "
                                 "outbox: `fairusectl report status` shows them, `report "
                                 "--send` tries again");
}

int report_send(struct ctl *c, const struct report_order *o)
{
    AUTO(store) struct store *writer = NULL;
    AUTO(mail_sender) struct mail_sender *sender = NULL;
    AUTO(report_route) struct report_route route;
    struct diag d = {""};
    dur_t wait;
    int code = report_route_read(c, &route);

    if (code != 0)
        return code;
    code = read_wait(c, &wait);
    if (code != 0)
        return code;
    int r = mail_sender_new(&route.route, &sender, &d);
    if (r < 0)
        return ctl_fail(r == -ENOMEM ? EX_OSERR : EX_CONFIG, "mail: %s", d.text);
    catch_end();
    code = ctl_open_store(c, STORE_WRITE, &writer);
    if (code != 0) {
        report_alarm(c, &route, NULL);
        return code;
    }
    code = make_night(c, o, writer, &route);
    int handed = hand_over(c, writer, sender, wait);
    return code != 0 ? code : handed;
}
