/* What a request asks for, and whether it may. */
#include "ingest/door_parts.h"

#include <errno.h>
#include <string.h>

#include "json/jsonw.h"
#include "os/clock.h"

/* Who comes too early is told to come back after this; agents spread their return at random. */
enum { RETRY_BUSY_S = 15, RETRY_TROUBLE_S = 60 };

static const struct {
    const char *path;
    enum http_method method;
    enum route route;
    bool is_monitor;
} routes[] = {
    {"/v1/reports", HTTP_POST, ROUTE_REPORTS, false},
    {"/v1/enrol", HTTP_POST, ROUTE_ENROL, false},
    {"/v1/renew", HTTP_POST, ROUTE_RENEW, false},
    {"/healthz", HTTP_GET, ROUTE_HEALTH, true},
    {"/metrics", HTTP_GET, ROUTE_METRICS, true},
};

static const struct refused not_found = {404, "not-found", "there is nothing here", 0, NULL};
static const struct refused post_only = {405, "method", "only POST is understood here", 0,
                                         "POST"};
static const struct refused get_only = {405, "method", "only GET is understood here", 0, "GET"};
static const struct refused no_length = {411, "length-required",
                                         "a body needs a Content-Length", 0, NULL};
static const struct refused too_large = {413, "too-large", "the body is too large", 0, NULL};
static const struct refused forwarded = {
    400, "forwarded", "no header can say where a connection comes from", 0, NULL};
static const struct refused no_time = {
    400, "sent-at", "the header Fairuse-Sent-At (Unix time of this attempt) is missing", 0,
    NULL};
static const struct refused too_often = {429, "too-many", "this server reports too often", 0,
                                         NULL};
static const struct refused is_busy = {503, "busy", "more has come than can be kept just now",
                                       RETRY_BUSY_S, NULL};
static const struct refused in_trouble = {503, "unavailable", "nothing can be kept just now",
                                          RETRY_TROUBLE_S, NULL};
static const struct refused unauthorized = {401, "unauthorized",
                                            "this needs a valid certificate or token", 0, NULL};
static const struct refused forbidden = {403, "forbidden", "this is not for you", 0, NULL};

const struct refused *route_refused(enum refusal why)
{
    return refusal_status(why) == 401 ? &unauthorized : &forbidden;
}

static bool refuse(const struct refused *why, struct refused *reterr)
{
    *reterr = *why;
    return false;
}

static bool find_route(struct conn *c, const struct http_request *request,
                       struct refused *reterr)
{
    c->route = ROUTE_NONE;
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (routes[i].is_monitor != c->is_monitor || !text_is(request->path, routes[i].path))
            continue;
        if (routes[i].method != request->method)
            return refuse(routes[i].method == HTTP_POST ? &post_only : &get_only, reterr);
        c->route = routes[i].route;
        return true;
    }
    return refuse(&not_found, reterr);
}

/* ---- Who ------------------------------------------------------------------------------- */

/*
 * The certificate is looked at once a connection, and again when there is another authority,
 * which may be there because the former one's key was stolen; what it is worth is asked at each
 * request.
 */
static int look_at_peer(struct conn *c)
{
    struct keys *keys = c->door->config.keys;

    if (c->looked_with == keys)
        return 0;
    conn_forget_peer(c);
    struct text der = tls_peer_certificate(c->tls);
    if (der.n > 0) {
        struct x509_peer *who = calloc(1, sizeof(*who));
        if (!who)
            return -ENOMEM;
        int r = authority_examine(keys->authority, der, who);
        if (r < 0) {
            free(who);
            if (r != -EBADMSG)
                return r;
        } else {
            c->who = who;
        }
    }
    c->looked_with = keys_ref(keys);
    return 0;
}

static void tell_refusal(struct conn *c, enum refusal why)
{
    char address[ADDR_TEXT_SIZE], name[TEXT_QUOTE_SIZE];
    struct door *d = c->door;

    d->metrics.refusals[why]++;
    door_tell(d, &d->refusal_limits[why], "refused", "reason=%s peer=%s name=%s",
              refusal_name(why), addr_format(&c->peer, address),
              text_quote(text_of(c->who ? c->who->name : ""), name));
}

static bool refuse_who(struct conn *c, enum refusal why, struct refused *reterr)
{
    tell_refusal(c, why);
    return refuse(route_refused(why), reterr);
}

static bool admit(struct conn *c, dur_t late, struct refused *reterr)
{
    struct door *d = c->door;
    struct store_admission admission;
    enum refusal why = REFUSAL_NONE;
    int r = look_at_peer(c);

    if (r == 0 && !d->reader)
        r = -EIO;
    if (r == 0)
        r = enrol_admit(
            d->reader,
            &(struct admit_question){.peer = c->who, .late = late, .now = clock_now()}, &why,
            &admission);
    if (r < 0) {
        door_tell(d, &d->busy, "admission-failed", "reason=\"%s\"",
                  d->reader ? store_diag(d->reader) : "the store cannot be read");
        return refuse(&in_trouble, reterr);
    }
    if (why != REFUSAL_NONE)
        return refuse_who(c, why, reterr);
    memcpy(c->reseller, admission.reseller, sizeof c->reseller);
    return true;
}

/* ---- The head -------------------------------------------------------------------------- */

static bool check_body(const struct conn *c, const struct http_request *request,
                       struct refused *reterr)
{
    int64_t most =
        c->route == ROUTE_REPORTS ? c->door->config.rules->max_body : CAP_ENROL_BYTES;

    if (!request->has_length)
        return refuse(&no_length, reterr);
    if (request->content_length > most)
        return refuse(&too_large, reterr);
    return true;
}

static bool check_rate(struct conn *c, struct refused *reterr)
{
    struct door *d = c->door;
    struct rate_rule rate = {d->config.rules->server_burst, d->config.rules->server_per_minute};
    int64_t wait = rate_take(d->server_rate, &rate, text_of(c->who->name), loop_now(d->loop));

    if (wait == 0)
        return true;
    door_tell(d, &d->limited, "rate-limited", "server=%s", c->who->name);
    (void)refuse(&too_often, reterr);
    reterr->retry_after = wait;
    return false;
}

/* What is being received or waits for the disk must fit into memory. */
static bool reserve(struct conn *c, int64_t bytes, struct refused *reterr)
{
    struct door *d = c->door;

    while (d->in_flight + bytes > d->config.rules->max_in_flight) {
        if (door_free_bytes(d, c->route != ROUTE_ENROL))
            continue;
        door_tell(d, &d->busy, "busy", "reason=bytes-in-flight bytes=%lld",
                  (long long)d->in_flight);
        return refuse(&is_busy, reterr);
    }
    d->in_flight += bytes;
    c->in_flight = bytes;
    return true;
}

bool route_head(struct conn *c, const struct http_request *request, struct refused *reterr)
{
    if (!find_route(c, request, reterr))
        return false;
    if (c->is_monitor)
        return request->content_length == 0 || refuse(&too_large, reterr);
    if (request->is_forwarded)
        return refuse(&forwarded, reterr);
    dur_t late = c->route == ROUTE_RENEW ? c->door->config.rules->late_renewal : (dur_t){0};
    if (c->route != ROUTE_ENROL && !admit(c, late, reterr))
        return false;
    if (!check_body(c, request, reterr))
        return false;
    if (c->route == ROUTE_REPORTS) {
        if (!request->has_sent_at)
            return refuse(&no_time, reterr);
        c->sent_at = request->sent_at;
        c->acknowledged = request->acknowledged;
    }
    if (c->route != ROUTE_ENROL && !check_rate(c, reterr))
        return false;
    return reserve(c, request->content_length, reterr);
}

/* ---- The body -------------------------------------------------------------------------- */

static void answer_error(struct conn *c, const char *code, const char *message, const char *at)
{
    AUTO(buf) struct buf body = BUF_INIT(4096);
    char name[TEXT_QUOTE_SIZE];

    door_tell(c->door, &c->door->bad_body, "body-refused", "server=%s code=%s at=%s",
              text_quote(text_of(c->who ? c->who->name : ""), name), code, at);
    answer_put_error(&body, code, message, at);
    conn_answer(c, &(struct reply){.status = 400, .body = &body});
}

/* 0: the writer has it, and the connection waits. */
static void wait_for_task(struct conn *c, int r)
{
    if (r == 0) {
        conn_wait(c);
        return;
    }
    door_tell(c->door, &c->door->busy, "busy", "reason=%s",
              r == -EAGAIN ? "queue-full" : "out-of-memory");
    conn_refuse(c, &is_busy);
}

static void take_report(struct conn *c, struct text body)
{
    AUTO(recorded) struct recorded rec = {.peer = c->peer, .received_at = clock_now()};
    struct json_error e;
    struct intake prepared;
    char at[REPORT_AT_SIZE] = "";
    struct diag reason = {""};

    rec.sent_at.s = c->sent_at;
    memcpy(rec.server, c->who->name, sizeof rec.server);
    int r = report_from_json(body, &rec.report, &e);
    if (r == -EBADMSG) {
        answer_error(c, e.code, e.diag.text, e.at);
        return;
    }
    if (r == 0)
        r = intake_prepare(&rec, &prepared, at, &reason);
    if (r == -EBADMSG)
        answer_error(c, "bad-time", reason.text, at);
    else
        wait_for_task(c, r == 0 ? task_report(c, &rec, &prepared) : r);
}

static void take_enrolment(struct conn *c, struct text body)
{
    AUTO(enrol_body) struct enrol_body asked = {.csr_pem = NULL};
    struct json_error e;
    int r = answer_read_enrol(body, c->route == ROUTE_ENROL, &asked, &e);

    if (r == -EBADMSG)
        answer_error(c, e.code, e.diag.text, e.at);
    else
        wait_for_task(c, r == 0 ? task_enrol(c, &asked, clock_now()) : r);
}

/* ---- The monitor ----------------------------------------------------------------------- */

static void put_health(struct conn *c)
{
    AUTO(buf) struct buf body = BUF_INIT(4096);
    bool is_well = c->door->trouble.text[0] == '\0';
    struct jsonw w = jsonw_to(&body, false);

    jsonw_object(&w, NULL);
    jsonw_text(&w, "status", is_well ? "ok" : "failing");
    if (!is_well)
        jsonw_text(&w, "reason", c->door->trouble.text);
    jsonw_end_object(&w);
    conn_answer(c, &(struct reply){.status = is_well ? 200 : 503, .body = &body});
}

static void put_metrics(struct conn *c)
{
    AUTO(buf) struct buf body = BUF_INIT(CAP_HTTP_ANSWER);
    struct door *d = c->door;
    struct metrics *m = &d->metrics;
    struct writer_stats s = writer_stats(d->writer);

    m->commits = s.commits;
    m->commit_failures = s.failures;
    m->commit_us = s.commit_us;
    m->commit_us_max = s.commit_us_max;
    m->queue_jobs = s.waiting;
    m->connections_open = d->n_conns;
    m->bytes_in_flight = (uint64_t)d->in_flight;
    metrics_put(m, &body);
    conn_answer(c, &(struct reply){.status = 200,
                                   .type = "text/plain; version=0.0.4; charset=utf-8",
                                   .body = &body});
}

void route_body(struct conn *c, struct text body)
{
    switch (c->route) {
    case ROUTE_REPORTS: take_report(c, body); break;
    case ROUTE_ENROL:
    case ROUTE_RENEW: take_enrolment(c, body); break;
    case ROUTE_HEALTH: put_health(c); break;
    case ROUTE_METRICS: put_metrics(c); break;
    case ROUTE_NONE: conn_refuse(c, &not_found); break;
    }
}
