/* once: observes for a moment, prints the report that would be sent, sends nothing. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/grow.h"
#include "cli/cli_parts.h"
#include "keeper/chance.h"
#include "keeper/presence.h"
#include "keeper/sensor.h"
#include "keeper/tally.h"
#include "keeper/task.h"
#include "keeper/timer.h"
#include "os/clock.h"
#include "wire/report_json.h"

enum {
    SETTLE_MS = 500,    /* after the probe's first words its addresses have come */
    NO_PROBE_MS = 5000, /* then it is done without */
    LOOK_DEADLINE_MS = 180000,
    WATCH_MOST_S = 86400,
};

struct once {
    struct loop *loop;
    const char *config;
    int64_t watch_ms;
    wall_t offset; /* wall time of clock_boot()'s 0 */
    struct presence *presence;
    struct tally tally;
    struct sensor *sensor;
    struct task *look;
    struct timer watched;
    wall_t looked;
    bool has_hello, has_failed;
    struct report report;
    struct presence_license *since;
    size_t licenses_cap, mailboxes_cap, since_n, since_cap;
};

static wall_t moment(const struct once *o, int64_t boot_s)
{
    return (wall_t){o->offset.s + boot_s};
}

static void stop(struct once *o, const char *why)
{
    if (why) {
        o->has_failed = true;
        (void)cli_fail(0, "%s", why);
    }
    loop_stop(o->loop);
}

/* ---- The probe ------------------------------------------------------------------------- */

static void hear_probe(void *arg, const struct message *m)
{
    struct once *o = arg;
    int r = 0;
    if (m->kind == MESSAGE_HELLO) {
        if (o->has_hello)
            return; /* a probe that came back */
        o->has_hello = true;
        if (m->as.hello.why[0])
            (void)cli_fail(0, "not everything can be seen: %s", m->as.hello.why);
        timer_set(&o->watched, o->watch_ms > SETTLE_MS ? o->watch_ms : SETTLE_MS);
    } else if (m->kind == MESSAGE_ADDRESS) {
        r = presence_link(o->presence, &m->as.address.address, m->as.address.is_there,
                          moment(o, m->as.address.at_s));
    } else if (m->kind == MESSAGE_SEEN) {
        struct span seen = {moment(o, m->as.seen.first_s), moment(o, m->as.seen.last_s)};
        r = presence_seen(o->presence, m->as.seen.source, &m->as.seen.address, seen);
    } else if (m->kind == MESSAGE_GAP) {
        tally_gap(&o->tally, &(struct report_gap){
                                 m->as.gap.what,
                                 {moment(o, m->as.gap.first_s), moment(o, m->as.gap.last_s)},
                                 m->as.gap.lost});
    }
    if (r < 0)
        stop(o, strerror(-r));
}

static void lost_probe(void *arg, const char *why)
{
    struct once *o = arg;
    if (!o->has_hello) /* else it is done, and what it said holds */
        (void)cli_fail(0, "no probe: %s", why);
}

/* ---- The look -------------------------------------------------------------------------- */

static int add_license(struct once *o, const struct message_license *l)
{
    struct report *rep = &o->report;
    int r = grow(&rep->licenses, &o->licenses_cap, rep->n_licenses + 1, sizeof *rep->licenses,
                 CAP_REPORT_LICENSES);
    if (r == 0)
        r = grow(&o->since, &o->since_cap, o->since_n + 1, sizeof *o->since,
                 CAP_REPORT_LICENSES);
    if (r < 0)
        return r;
    rep->licenses[rep->n_licenses++] = l->license;
    o->since[o->since_n++] =
        (struct presence_license){l->license.license, moment(o, l->since_s)};
    return 0;
}

static int add_domain(struct once *o, const struct message_domain *d)
{
    struct report *rep = &o->report;
    int r = grow(&rep->mailboxes, &o->mailboxes_cap, rep->n_mailboxes + 1,
                 sizeof *rep->mailboxes, CAP_REPORT_MAILBOXES);
    if (r < 0)
        return r;
    struct report_mailboxes *row = &rep->mailboxes[rep->n_mailboxes++];
    *row = (struct report_mailboxes){.counts = d->counts, .seen = {o->looked, o->looked}};
    memcpy(row->domain, d->domain, sizeof row->domain);
    return 0;
}

static void hear_look(void *arg, const struct message *m)
{
    struct once *o = arg;
    int r = 0;
    if (m->kind == MESSAGE_LICENSE) {
        r = add_license(o, &m->as.license);
    } else if (m->kind == MESSAGE_DOMAIN) {
        r = add_domain(o, &m->as.domain);
    } else if (m->kind == MESSAGE_GAP) {
        tally_gap(&o->tally, &(struct report_gap){
                                 m->as.gap.what,
                                 {moment(o, m->as.gap.first_s), moment(o, m->as.gap.last_s)},
                                 m->as.gap.lost});
    } else if (m->kind == MESSAGE_END && m->as.end.why[0]) {
        (void)cli_fail(0, "%s", m->as.end.why);
        if (m->as.end.troubles & MESSAGE_TROUBLE_KEYS) { /* which are here is not known */
            o->report.n_licenses = o->since_n = 0;
            tally_gap(&o->tally, &(struct report_gap){GAP_CAPTURE, {o->looked, o->looked}, 0});
        }
        if (m->as.end.troubles & (MESSAGE_TROUBLE_MAILBOXES | MESSAGE_TROUBLE_FOLDERS))
            tally_gap(&o->tally,
                      &(struct report_gap){GAP_MAILBOXES, {o->looked, o->looked}, 0});
    }
    if (r < 0) {
        o->has_failed = true;
        (void)cli_fail(0, "too much for one report: %s", strerror(-r));
    }
}

static void look_ended(void *arg, const char *why)
{
    struct once *o = arg;
    o->look = NULL;
    stop(o, why);
}

static void start_look(struct timer *t)
{
    struct once *o = LOOP_OWNER(t, struct once, watched);
    const char *argv[] = {"fairuse-look", o->config ? "-c" : NULL, o->config, NULL};
    struct task_order order = {
        .program = "fairuse-look",
        .argv = argv,
        .allowed = MESSAGE_BIT(MESSAGE_LICENSE) | MESSAGE_BIT(MESSAGE_DOMAIN) |
                   MESSAGE_BIT(MESSAGE_TARGET) | MESSAGE_BIT(MESSAGE_GAP) |
                   MESSAGE_BIT(MESSAGE_END),
        .deadline_ms = LOOK_DEADLINE_MS,
        .message = hear_look,
        .ended = look_ended,
        .arg = o,
    };
    struct diag d = {""};
    o->looked = moment(o, clock_boot());
    if (o->look)
        return;
    if (task_start(o->loop, &order, &o->look, &d) < 0)
        stop(o, d.text);
}

/* ---- The report ------------------------------------------------------------------------ */

static int keep_sighting(void *arg, const struct report_sighting *s)
{
    tally_sighting(arg, s);
    return 0;
}

static int print_report(struct once *o)
{
    AUTO(buf) struct buf b = BUF_INIT(CAP_REPORT_BYTES);
    struct report *rep = &o->report;
    int r = presence_look(o->presence, o->since, o->since_n, o->looked,
                          &(struct presence_sink){keep_sighting, &o->tally});
    if (r == 0)
        r = chance_uuid(&rep->boot);
    if (r < 0)
        return cli_fail(EX_OSERR, "%s", strerror(-r));
    (void)snprintf(rep->agent_version, sizeof rep->agent_version, "%s", FAIRUSE_VERSION);
    rep->counter = 1;
    rep->is_live = true;
    rep->sightings = STEAL(o->tally.sightings);
    rep->n_sightings = o->tally.n_sightings;
    rep->gaps = STEAL(o->tally.gaps);
    rep->n_gaps = o->tally.n_gaps;
    report_to_json(rep, &b);
    buf_add_char(&b, '\n');
    return cli_print(&b);
}

static int observe(struct once *o, struct options *options)
{
    struct sensor_order order = {.config = o->config,
                                 .probe_user = options->probe_user,
                                 .descriptor = -1,
                                 .message = hear_probe,
                                 .lost = lost_probe,
                                 .arg = o};
    int r = loop_new(&o->loop);
    if (r == 0)
        r = presence_new(options->lab_networks, options->n_lab_networks, &o->presence);
    if (r == 0)
        r = sensor_new(o->loop, &order, &o->sensor);
    if (r < 0)
        return cli_fail(EX_OSERR, "%s", strerror(-r));
    timer_init(&o->watched, o->loop, start_look);
    timer_set(&o->watched, NO_PROBE_MS);
    r = loop_run(o->loop);
    if (r < 0)
        return cli_fail(EX_OSERR, "%s", strerror(-r));
    return o->has_failed ? EX_UNAVAILABLE : 0;
}

static void end(struct once *o)
{
    task_kill(o->look);
    sensor_free(o->sensor);
    timer_done(&o->watched);
    loop_free(o->loop);
    presence_free(o->presence);
    tally_done(&o->tally);
    report_done(&o->report);
    free(o->since);
}

int cmd_once(int argc, char **argv)
{
    const char *config = NULL, *watch = "0s";
    const struct arg words[] = {{"config", 'c', &config, NULL}, {"watch", 0, &watch, NULL}};
    struct options options;
    dur_t watched;
    int r = args_read(argc, argv, &(struct args){words, ARRAY_LEN(words), NULL, 0});
    if (r != 0)
        return r;
    if (dur_parse(text_of(watch), &watched) < 0 || watched.s > WATCH_MOST_S)
        return cli_fail(EX_USAGE, "--watch: must be a duration up to 1d, like \"30s\"");
    if ((r = cli_options(&config, &options)) != 0)
        return r;
    struct clock_pair now = clock_both();
    struct once o = {
        .config = config, .watch_ms = watched.s * 1000, .offset = {now.wall.s - now.boot_s}};
    r = observe(&o, &options);
    if (r == 0)
        r = print_report(&o);
    end(&o);
    options_done(&options);
    return r;
}
