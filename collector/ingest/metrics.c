/* The daemon's counters as a page for Prometheus. */
#include "ingest/metrics.h"

#include <inttypes.h>

/* What a status class is called in a label; [0] is none. */
static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};

static const char *const requests[] = {
    [METRIC_REPORTS] = "reports",
    [METRIC_ENROL] = "enrol",
    [METRIC_RENEW] = "renew",
    [METRIC_OTHER] = "other",
};
static_assert(ARRAY_LEN(requests) == METRIC_REQUEST_COUNT,
              "each kind of request has its label");

/* A family: what it is, once, before its samples. `type` is "counter" or "gauge". */
static void put_family(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_printf(out, "# HELP fairuse_%s %s\n# TYPE fairuse_%s %s\n", name, help, name, type);
}

static void put_count(struct buf *out, const char *name, uint64_t v, const char *help)
{
    put_family(out, name, "counter", help);
    buf_printf(out, "fairuse_%s %" PRIu64 "\n", name, v);
}

static void put_gauge(struct buf *out, const char *name, int64_t v, const char *help)
{
    put_family(out, name, "gauge", help);
    buf_printf(out, "fairuse_%s %" PRId64 "\n", name, v);
}

/* Microseconds in the base unit, exactly. */
static void put_seconds(struct buf *out, const char *name, uint64_t us)
{
    buf_printf(out, "fairuse_%s %" PRIu64 ".%06" PRIu64 "\n", name, us / 1000000, us % 1000000);
}

/* One sample of a family with one label. */
static void put_labelled(struct buf *out, const char *name, const char *label,
                         const char *value, uint64_t v)
{
    buf_printf(out, "fairuse_%s{%s=\"%s\"} %" PRIu64 "\n", name, label, value, v);
}

static void put_connections(const struct metrics *m, struct buf *out)
{
    static const char handshakes[] = "tls_handshakes_total";
    static const char dropped[] = "connections_dropped_total";
    put_count(out, "connections_total", m->connections_total, "Connections accepted.");
    put_gauge(out, "connections_open", (int64_t)m->connections_open, "Connections open now.");
    put_family(out, dropped, "counter", "Connections closed before TLS, by reason.");
    put_labelled(out, dropped, "reason", "rate", m->dropped_rate);
    put_labelled(out, dropped, "reason", "per-address", m->dropped_per_address);
    put_labelled(out, dropped, "reason", "proxy", m->dropped_proxy);
    put_count(out, "connections_evicted_total", m->evicted,
              "Connections closed to make room for others: strangers, the idle and the slow.");
    put_count(out, "connections_timed_out_total", m->timed_out,
              "Connections closed at their deadline.");
    put_family(out, handshakes, "counter", "TLS handshakes, by how they ended.");
    put_labelled(out, handshakes, "result", "full", m->handshakes_full);
    put_labelled(out, handshakes, "result", "resumed", m->handshakes_resumed);
    put_labelled(out, handshakes, "result", "failed", m->handshakes_failed);
    put_count(out, "received_bytes_total", m->bytes_received, "Bytes received.");
}

static void put_requests(const struct metrics *m, struct buf *out)
{
    put_family(out, "answers_total", "counter",
               "Answers sent, by request and class of status.");
    for (size_t i = 0; i < METRIC_REQUEST_COUNT; i++) {
        for (size_t j = 1; j < ARRAY_LEN(classes); j++)
            buf_printf(out, "fairuse_answers_total{request=\"%s\",status=\"%s\"} %" PRIu64 "\n",
                       requests[i], classes[j], m->answers[i][j]);
    }
    put_family(out, "refusals_total", "counter", "Peers that were not let in, by reason.");
    for (size_t i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
        put_labelled(out, "refusals_total", "reason", refusal_name((enum refusal)i),
                     m->refusals[i]);
    put_count(out, "reports_stored_total", m->reports_stored,
              "Reports acknowledged, each of them on disk.");
    put_count(out, "answers_busy_total", m->busy, "Answers 503: the collector cannot keep up.");
    put_count(out, "answers_limited_total", m->limited,
              "Answers 429: one peer asks too often.");
}

static void put_store(const struct metrics *m, struct buf *out)
{
    put_count(out, "commits_total", m->commits, "Transactions committed.");
    put_count(out, "commit_failures_total", m->commit_failures, "Transactions that failed.");
    put_family(out, "commit_seconds_total", "counter", "Time spent in transactions.");
    put_seconds(out, "commit_seconds_total", m->commit_us);
    put_family(out, "commit_max_seconds", "gauge", "The longest transaction since the start.");
    put_seconds(out, "commit_max_seconds", m->commit_us_max);
    put_gauge(out, "storing", m->is_storing, "1 when the last transaction went well.");
    put_gauge(out, "queue_jobs", (int64_t)m->queue_jobs, "Jobs that wait for the writer.");
    put_gauge(out, "in_flight_bytes", (int64_t)m->bytes_in_flight,
              "Memory held by requests that are not answered yet.");
}

static void put_state(const struct metrics *m, struct buf *out)
{
    put_gauge(out, "standing_generation", m->standing_generation,
              "Which published audit is told in answers; 0 = none.");
    put_gauge(out, "standing_as_of_timestamp_seconds", m->standing_as_of,
              "The moment of that audit; 0 = none.");
    put_gauge(out, "certificate_end_timestamp_seconds", m->certificate_ends,
              "When the server's own certificate ends.");
    put_gauge(out, "start_timestamp_seconds", m->started_at, "When the daemon started.");
    put_family(out, "build_info", "gauge", "1; the version is in the label.");
    put_labelled(out, "build_info", "version", FAIRUSE_VERSION, 1);
}

void metrics_put(const struct metrics *m, struct buf *out)
{
    put_connections(m, out);
    put_requests(m, out);
    put_store(m, out);
    put_state(m, out);
}
