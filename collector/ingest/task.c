/*
 * What the writer does for a request, and the answer when it is on disk. A task outlives its
 * connection: what was taken is kept, whether or not somebody waits for the answer.
 */
#include "ingest/door_parts.h"

#include <errno.h>
#include <string.h>

enum { RETRY_STORE_S = 30 };

static const struct refused not_stored = {
    503, "unavailable", "it could not be kept: send it again later", RETRY_STORE_S, NULL};

struct task {
    struct job job;
    struct door *door;
    struct conn *conn; /* NULL = it has gone */
    int64_t in_flight;

    /* A report. */
    struct recorded rec;
    struct intake prepared;
    dur_t merge_gap;
    struct http_acknowledged acknowledged;
    bool is_lacking; /* that one is not in the store: it was put back from a backup */

    /* An enrolment or a renewal. */
    struct keys *keys;
    struct enrol_rules rules;
    struct enrol_body asked;
    bool is_renewal;
    struct x509_peer peer;
    char from[ADDR_TEXT_SIZE];
    wall_t now;
    struct enrolled given;
    enum refusal refusal;
    bool is_bad; /* the request itself; `reason` says why */
    struct diag reason;
};

static struct task *task_of(struct job *j)
{
    return (struct task *)j; /* its first member */
}

static void task_free(struct task *t)
{
    recorded_done(&t->rec);
    enrol_body_done(&t->asked);
    enrolled_done(&t->given);
    keys_unref(t->keys);
    free(t);
}

/* The connection's share of the memory in flight goes over to the task. */
static struct task *task_new(struct conn *c)
{
    struct task *t = calloc(1, sizeof(*t));
    if (t) {
        t->door = c->door;
        t->conn = c;
    }
    return t;
}

static int hand_over(struct task *t, struct conn *c)
{
    int r = writer_put(c->door->writer, &t->job);
    if (r < 0) {
        task_free(t);
        return r;
    }
    t->in_flight = c->in_flight;
    c->in_flight = 0;
    c->task = t;
    return 0;
}

void task_forget(struct task *t)
{
    t->conn = NULL;
}

/* Says `reply` to whoever waits, and ends the task. */
static void finish(struct task *t, const struct reply *reply)
{
    struct conn *c = t->conn;

    t->door->in_flight -= t->in_flight;
    task_free(t);
    if (!c)
        return;
    conn_answer(c, reply);
    conn_resume(c);
}

static void finish_refused(struct task *t, const struct refused *why)
{
    AUTO(buf) struct buf body = BUF_INIT(4096);

    answer_put_error(&body, why->code, why->message, NULL);
    finish(t, &(struct reply){
                  .status = why->status, .body = &body, .retry_after = why->retry_after});
}

/* ---- Reports --------------------------------------------------------------------------- */

static int apply_report(struct job *j, struct store *s)
{
    struct task *t = task_of(j);
    int has =
        t->acknowledged.is_said
            ? store_has_report(s, t->rec.server, &t->acknowledged.boot, t->acknowledged.counter)
            : 1;
    t->is_lacking = has == 0;
    return has < 0 ? has : intake_put(s, &t->rec, &t->prepared, t->merge_gap, &t->reason);
}

static void tell_lack(const struct task *t)
{
    if (t->is_lacking)
        door_tell(t->door, &t->door->lacking, "resend", "server=%s", t->rec.server);
}

static void report_done_with(struct job *j, int error)
{
    struct task *t = task_of(j);
    AUTO(buf) struct buf body = BUF_INIT(CAP_HTTP_ANSWER);

    if (error < 0) {
        finish_refused(t, &not_stored);
        return;
    }
    tell_lack(t);
    if (t->conn)
        answer_put_accepted(
            &body, &(struct answer_accepted){&t->rec.report, t->conn->reseller, t->is_lacking},
            t->door->standings, &t->door->answers);
    finish(t, &(struct reply){.status = 200, .body = &body});
}

int task_report(struct conn *c, struct recorded *rec, const struct intake *prepared)
{
    struct task *t = task_new(c);
    if (!t)
        return -ENOMEM;
    t->job = (struct job){.apply = apply_report, .done = report_done_with};
    t->rec = *rec;
    *rec = (struct recorded){.server = ""};
    t->prepared = *prepared;
    t->merge_gap = c->door->config.merge_gap;
    t->acknowledged = c->acknowledged;
    return hand_over(t, c);
}

/* ---- Enrolments ------------------------------------------------------------------------- */

/* May run again after a rollback: what an earlier run gave is void. */
static int apply_enrol(struct job *j, struct store *s)
{
    struct task *t = task_of(j);
    struct enrol_request request = {.rules = &t->rules,
                                    .token = t->is_renewal ? NULL : &t->asked.token,
                                    .peer = &t->peer,
                                    .csr_pem = text_of(t->asked.csr_pem),
                                    .from = t->from,
                                    .now = t->now};
    enrolled_done(&t->given);
    t->given = (struct enrolled){.server = ""};
    t->refusal = REFUSAL_NONE;
    int r = t->is_renewal ? enrol_renew(s, &request, &t->given, &t->refusal, &t->reason)
                          : enrol_by_token(s, &request, &t->given, &t->refusal, &t->reason);
    t->is_bad = r == -EBADMSG;
    return t->is_bad ? 0 : r;
}

static void tell_enrolment(const struct task *t)
{
    struct door *d = t->door;

    if (t->refusal != REFUSAL_NONE) {
        d->metrics.refusals[t->refusal]++;
        door_tell(d, &d->refusal_limits[t->refusal], "refused", "reason=%s peer=%s",
                  refusal_name(t->refusal), t->from);
    } else if (!t->is_bad) {
        log_event(d->log, LOG_LEVEL_INFO, t->is_renewal ? "renewed" : "enrolled",
                  "server=%s peer=%s", t->given.server, t->from);
    }
}

static void enrol_done_with(struct job *j, int error)
{
    struct task *t = task_of(j);
    AUTO(buf) struct buf body = BUF_INIT(CAP_HTTP_ANSWER);

    if (error < 0) {
        finish_refused(t, &not_stored);
        return;
    }
    tell_enrolment(t);
    if (t->is_bad) {
        answer_put_error(&body, "bad-value", t->reason.text, "/csr");
        finish(t, &(struct reply){.status = 400, .body = &body});
    } else if (t->refusal != REFUSAL_NONE) {
        if (t->conn)
            t->conn->keep_alive = false; /* tokens are not tried faster than connections come */
        finish_refused(t, route_refused(t->refusal));
    } else {
        answer_put_enrolled(&body, &t->given, authority_certificate_pem(t->keys->authority),
                            &t->door->answers);
        finish(t, &(struct reply){.status = 200, .body = &body});
    }
}

int task_enrol(struct conn *c, struct enrol_body *body, wall_t now)
{
    const struct settings_collector *rules = c->door->config.rules;
    struct task *t = task_new(c);
    if (!t)
        return -ENOMEM;
    t->job = (struct job){.apply = apply_enrol, .done = enrol_done_with};
    t->keys = keys_ref(c->door->config.keys);
    t->rules = (struct enrol_rules){.authority = t->keys->authority,
                                    .certificate_lifetime = rules->certificate_lifetime,
                                    .late_renewal = rules->late_renewal};
    t->asked = *body;
    *body = (struct enrol_body){.csr_pem = NULL};
    t->is_renewal = c->route == ROUTE_RENEW;
    if (t->is_renewal)
        t->peer = *c->who;
    (void)addr_format(&c->peer, t->from);
    t->now = now;
    return hand_over(t, c);
}
