/*
 * Rounds of reports. A round begins with a look, so that what a live report lists is true when
 * it is made; then one report after another, until nothing is left or the collector does not
 * take them. Rounds that fail are spread at random over growing times.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "keeper/chance.h"
#include "keeper/keeper_parts.h"
#include "os/clock.h"
#include "wire/report_json.h"

enum {
    SEND_DEADLINE_MS = 300000,
    FRESH_S = 60,          /* a look that is no older need not be repeated */
    FIRST_MOST_MS = 60000, /* after a start: a fleet that is upgraded at once does not march */
    BACKOFF_FIRST_MS = 60000,
    BACKOFF_MOST_MS = 3600000,
    REFUSED_MOST = 16, /* reports that a round may set aside: then the next round goes on */
    RENEWAL_AGAIN_S = 3600,
    RESEND_AGAIN_S = 3600, /* two collectors that know nothing of each other ask in turns */
    MORE = 2,              /* options of a command, at most */
};

static void next_report(struct keeper *k, bool is_first);

/* ---- When ------------------------------------------------------------------------------ */

void sending_schedule(struct keeper *k, int64_t after_ms)
{
    timer_set(&k->send.timer, after_ms);
    k->state.next = (wall_t){clock_now().s + after_ms / 1000};
}

/* The interval, a tenth more or less. */
static void schedule_regular(struct keeper *k)
{
    int64_t ms = wishes_interval(k) * 1000;
    sending_schedule(k, ms - ms / 10 + chance_below(ms / 5 + 1));
}

/* Full jitter: anything from nothing to a length that doubles, after what the collector asked
 * for. */
static void schedule_retry(struct keeper *k, int64_t retry_after_s)
{
    int64_t interval_ms = wishes_interval(k) * 1000;
    int64_t most = interval_ms < BACKOFF_FIRST_MS ? interval_ms : BACKOFF_FIRST_MS;
    for (int64_t i = 1; i < k->send.failures && most < BACKOFF_MOST_MS; i++)
        most *= 2;
    most = most < BACKOFF_MOST_MS ? most : BACKOFF_MOST_MS;
    sending_schedule(k, retry_after_s * 1000 + 1000 + chance_below(most));
}

/* ---- What an answer says --------------------------------------------------------------- */

static void hear_uplink(void *arg, const struct message *m)
{
    struct keeper *k = arg;
    struct sending *s = &k->send;
    if (m->kind == MESSAGE_RESULT) {
        s->result = m->as.result;
        s->has_result = true;
    } else if (m->kind == MESSAGE_TAKEN) {
        s->taken = m->as.taken;
    } else if (m->kind == MESSAGE_STANDING) {
        if (grow(&s->standing, &s->standing_cap, s->n_standing + 1, sizeof *s->standing,
                 CAP_REPORT_LICENSES) == 0)
            s->standing[s->n_standing++] = m->as.standing;
    } else if (m->kind == MESSAGE_SETTING) {
        if (grow(&s->wishes, &s->wishes_cap, s->n_wishes + 1, sizeof *s->wishes,
                 KEEPER_WISHES) == 0)
            s->wishes[s->n_wishes++] = m->as.setting;
    }
}

static void forget_answer(struct sending *s)
{
    free(s->standing);
    free(s->wishes);
    s->standing = NULL;
    s->wishes = NULL;
    s->n_standing = s->standing_cap = s->n_wishes = s->wishes_cap = 0;
    s->taken = (struct message_taken){.server = ""};
}

static void keep_standing(struct keeper *k)
{
    static const char *const states[] = {"ok", "potential", "confirmed"};
    AUTO(buf) struct buf b = BUF_INIT(SPOOL_NOTE_MAX);
    for (size_t i = 0; i < k->send.n_standing; i++) {
        const struct message_standing *s = &k->send.standing[i];
        char license[LICENSE_TEXT_SIZE];
        buf_printf(&b, "%s\t%s\t%s\t%" PRId64 "\t%" PRId64 "\n",
                   license_format(s->license, license), states[s->state], s->kinds, s->since,
                   s->confirms_at);
    }
    keeper_note(k, KEEPER_NOTE_STANDING, &b);
}

static void note_result(struct keeper *k, const struct message_result *r)
{
    struct state *s = &k->state;
    if (r->outcome != s->outcome || strcmp(r->why, s->send_why) != 0)
        log_event(k->log, r->outcome == MESSAGE_DONE ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
                  r->outcome == MESSAGE_DONE ? "sent" : "not-sent", "status=%" PRId64 "%s%s%s",
                  r->status, r->why[0] ? " why=\"" : "", r->why, r->why[0] ? "\"" : "");
    s->attempted = clock_now();
    s->outcome = r->outcome;
    s->status = r->status;
    (void)snprintf(s->send_why, sizeof s->send_why, "%s", r->why);
    if (r->outcome == MESSAGE_DONE)
        s->sent = s->attempted;
    if (r->clock_boot != 0)
        keeper_learn_clock(k, (wall_t){r->clock_boot});
    if (r->identity_to != 0) {
        s->identity_from = (wall_t){r->identity_from};
        s->identity_to = (wall_t){r->identity_to};
    }
}

/* ---- What follows ---------------------------------------------------------------------- */

static void end_round(struct keeper *k, bool is_good)
{
    struct sending *s = &k->send;
    s->failures = is_good ? 0 : s->failures + 1;
    k->state.failures = s->failures;
    if (is_good)
        schedule_regular(k);
    else
        schedule_retry(k, s->result.retry_after_s);
    keeper_note_state(k);
    forget_answer(s);
    slim_drop(&k->slim); /* a body is up to 4 MiB: a guest gives its plate back */
}

/*
 * The collector lost what it acknowledged: its store was put back from a backup. All of it
 * waits again; before the report itself is settled, so that whatever comes between them, this
 * one goes out again and is answered so again. False: not now.
 */
static bool resend(struct keeper *k)
{
    struct sending *s = &k->send;
    int64_t rows = 0;
    if (s->has_resent && clock_boot() - s->resent_s < RESEND_AGAIN_S)
        return false;
    int r = spool_resend(k->spool, s->taken.server, &rows);
    if (r < 0) {
        keeper_failed(k, r, "sending again what the collector lost");
        return false;
    }
    s->has_resent = true;
    s->resent_s = clock_boot();
    log_event(k->log, LOG_LEVEL_INFO, "resend", "rows=%" PRId64, rows);
    return true;
}

static void acknowledged(struct keeper *k)
{
    const struct message_taken *taken = &k->send.taken;
    bool is_lacking = taken->is_lacking && !resend(k);
    if (!k->spool) { /* it was broken, and there is no other yet */
        end_round(k, false);
        return;
    }
    int r = spool_acknowledge(k->spool, taken->server, is_lacking);
    if (r < 0) {
        keeper_failed(k, r,
                      "taking note of an acknowledgement"); /* it goes out twice: harmless */
        end_round(k, false);
        return;
    }
    if (k->send.n_standing > 0)
        keep_standing(k);
    wishes_take(k, k->send.wishes, k->send.n_wishes);
    next_report(k, false);
}

/* A licence whose entry is refused is left out until the next look: all else must get through.
 */
static bool leave_out_license(struct keeper *k, const char *at)
{
    static const char list[] = "/licenses/";
    int64_t i;
    if (strncmp(at, list, sizeof list - 1) != 0)
        return false;
    const char *number = at + sizeof list - 1;
    struct text digits = {number, strcspn(number, "/")};
    if (text_to_int(digits, 0, (int64_t)k->n_licenses - 1, &i) < 0)
        return false;
    memmove(k->licenses + i, k->licenses + i + 1,
            (k->n_licenses - (size_t)i - 1) * sizeof *k->licenses);
    k->n_licenses--;
    return true;
}

static void refused(struct keeper *k)
{
    struct sending *s = &k->send;
    const struct message_result *result = &s->result;
    int64_t rows = 0;
    int r = spool_set_aside(k->spool, result->at, result->why, &rows);
    log_event(k->log, LOG_LEVEL_ERROR, "report-refused",
              "rows=%" PRId64 " at=%s why=\"%s\" (set aside, tried again tomorrow)", rows,
              result->at[0] ? result->at : "-", result->why);
    k->state.refused = clock_now();
    (void)snprintf(k->state.refused_why, sizeof k->state.refused_why, "%.*s %.300s",
                   REPORT_AT_SIZE, result->at, result->why);
    if (r < 0)
        keeper_failed(k, r, "setting a report aside");
    bool is_less = rows > 0 || leave_out_license(k, result->at);
    if (r < 0 || !is_less || ++s->n_refused >= REFUSED_MOST)
        end_round(k, false);
    else /* without those rows it still says which licences are here */
        next_report(k, s->is_first);
}

static void not_taken(struct keeper *k)
{
    int r = spool_give_back(k->spool);
    if (r < 0)
        keeper_failed(k, r, "taking a report back"); /* the next start does it */
    end_round(k, false);
}

static void send_ended(void *arg, const char *why)
{
    struct keeper *k = arg;
    struct sending *s = &k->send;
    s->task = NULL;
    if (!s->has_result) {
        s->result = (struct message_result){.outcome = MESSAGE_BROKEN};
        (void)snprintf(s->result.why, sizeof s->result.why, "%s",
                       why ? why : "fairuse-uplink gave no result");
    }
    note_result(k, &s->result);
    if (s->result.outcome == MESSAGE_DONE)
        acknowledged(k);
    else if (s->result.outcome == MESSAGE_REFUSED)
        refused(k);
    else
        not_taken(k);
}

/* `more`: options of the command with their values; NULL = none, or no more. */
static int start_uplink(struct keeper *k, const char *what, const char *const more[MORE],
                        struct buf *take_body, void (*ended)(void *, const char *))
{
    struct sending *s = &k->send;
    const char *argv[MORE + 5] = {"fairuse-uplink", what};
    size_t n = 2;
    for (size_t i = 0; more && i < MORE && more[i]; i++)
        argv[n++] = more[i];
    if (k->order.config) {
        argv[n++] = "-c";
        argv[n++] = k->order.config;
    }
    struct task_order order = {
        .program = "fairuse-uplink",
        .argv = argv,
        .input_bytes = take_body ? take_body->len : 0,
        .allowed = MESSAGE_BIT(MESSAGE_RESULT) | MESSAGE_BIT(MESSAGE_STANDING) |
                   MESSAGE_BIT(MESSAGE_SETTING) | MESSAGE_BIT(MESSAGE_TAKEN),
        .deadline_ms = SEND_DEADLINE_MS,
        .message = hear_uplink,
        .ended = ended,
        .arg = k,
    };
    struct diag d = {""};
    order.take_input = take_body ? buf_take(take_body) : NULL;
    forget_answer(s);
    s->has_result = false;
    int r = task_start(k->loop, &order, &s->task, &d);
    if (r < 0)
        log_event(k->log, LOG_LEVEL_ERROR, "uplink-failed", "why=\"%s\"", d.text);
    return r;
}

/* ---- A report -------------------------------------------------------------------------- */

/* When it is sent is told by the clock that its times were told by. */
static int send_report(struct keeper *k, const struct report *rep, struct clock_pair by)
{
    AUTO(buf) struct buf body = BUF_INIT(CAP_REPORT_BYTES);
    AUTO_FREE char *last = NULL;
    char clock[64], taken[256];
    const char *more[MORE] = {clock};
    (void)snprintf(clock, sizeof clock, "--clock=%" PRId64, by.wall.s - by.boot_s);
    if (spool_note_get(k->spool, SPOOL_NOTE_ACKNOWLEDGED, &last) == 0 && last) {
        (void)snprintf(taken, sizeof taken, "--acknowledged=%s", last);
        more[1] = taken;
    }
    report_to_json(rep, &body);
    int r = buf_error(&body);
    return r < 0 ? r : start_uplink(k, "send", more, &body, send_ended);
}

static void next_report(struct keeper *k, bool is_first)
{
    struct report rep;
    struct clock_pair clock = keeper_clock(k);
    struct spool_now now = {k->licenses, k->n_licenses, clock.wall, clock.boot_s};
    k->send.is_first = is_first;
    int r = spool_take_report(k->spool, &now, is_first, &rep);
    if (r == 0) {
        end_round(k, true);
        return;
    }
    if (r < 0) {
        keeper_failed(k, r, "making a report");
        end_round(k, false);
        return;
    }
    r = send_report(k, &rep, clock);
    report_done(&rep);
    if (r < 0)
        not_taken(k);
}

static void begin_round(struct keeper *k)
{
    k->send.n_refused = 0;
    k->send.result = (struct message_result){.outcome = MESSAGE_BROKEN};
    /* One that could not be settled then, for the disk was full: it goes again. */
    int r = k->spool ? spool_give_back(k->spool) : -EBADF;
    if (r == 0) {
        next_report(k, true);
        return;
    }
    if (k->spool)
        keeper_failed(k, r, "taking a report back");
    end_round(k, false);
}

/* ---- Renewal --------------------------------------------------------------------------- */

/* At two thirds of its time, so that a month without a collector costs nothing. */
static bool must_renew(const struct keeper *k, wall_t now)
{
    const struct state *s = &k->state;
    if (s->identity_to.s == 0 || now.s - k->send.renewal_tried.s < RENEWAL_AGAIN_S)
        return false;
    int64_t third = (s->identity_to.s - s->identity_from.s) / 3;
    return now.s > s->identity_to.s - third;
}

static void renewal_ended(void *arg, const char *why)
{
    struct keeper *k = arg;
    struct sending *s = &k->send;
    const struct message_result *r = &s->result;
    s->task = NULL;
    bool is_done = s->has_result && r->outcome == MESSAGE_DONE;
    log_event(k->log, is_done ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING,
              is_done ? "identity-renewed" : "identity-not-renewed", "why=\"%s\"",
              s->has_result ? r->why
              : why         ? why
                            : "no result");
    if (is_done && r->identity_to != 0) {
        k->state.identity_from = (wall_t){r->identity_from};
        k->state.identity_to = (wall_t){r->identity_to};
    }
    begin_round(k); /* with the old one, where there is no new one */
}

/* ---- The round's beginning ------------------------------------------------------------- */

static void is_time(struct timer *t)
{
    struct sending *s = LOOP_OWNER(t, struct sending, timer);
    struct keeper *k = LOOP_OWNER(s, struct keeper, send);
    s->waits_for_look = true;
    if (keeper_now(k).s - k->look.last_good.s <= FRESH_S && !k->look.task)
        sending_look_ended(k);
    else
        looking_start(k, true);
}

void sending_look_ended(struct keeper *k)
{
    struct sending *s = &k->send;
    if (!s->waits_for_look || s->task)
        return;
    s->waits_for_look = false;
    wall_t now = keeper_clock(k).wall;
    if (must_renew(k, now)) {
        s->renewal_tried = now;
        if (start_uplink(k, "renew", NULL, NULL, renewal_ended) == 0)
            return;
    }
    begin_round(k);
}

/* Whoever enrolled anew does not wait for a back-off that was somebody else's. */
void sending_tick(struct keeper *k)
{
    struct sending *s = &k->send;
    char path[OPTIONS_PATH_SIZE + 64];
    struct stat st;
    if (options_state_path(&k->options, "identity.pem", path) < 0 || stat(path, &st) < 0)
        return;
    int64_t stamp = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec;
    if (stamp == s->identity_stamp)
        return;
    bool is_first = s->identity_stamp == 0;
    s->identity_stamp = stamp;
    if (!is_first || k->state.outcome == MESSAGE_NO_IDENTITY) {
        s->failures = 0;
        if (!s->task && !s->waits_for_look)
            sending_schedule(k, 1);
    }
}

void sending_init(struct keeper *k)
{
    timer_init(&k->send.timer, k->loop, is_time);
    int64_t most = wishes_interval(k) * 100; /* a tenth of it, in milliseconds */
    sending_schedule(k, 1000 + chance_below(most < FIRST_MOST_MS ? most : FIRST_MOST_MS));
    sending_tick(k);
}

void sending_done(struct keeper *k)
{
    task_kill(k->send.task);
    k->send.task = NULL;
    timer_done(&k->send.timer);
    forget_answer(&k->send);
}
