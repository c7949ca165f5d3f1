/* What the daemon counts, and its page for Prometheus (text format 0.0.4). */
#ifndef INGEST_METRICS_H
#define INGEST_METRICS_H

#include "base/buf.h"
#include "enrol/enrol.h"

enum metric_request { METRIC_REPORTS, METRIC_ENROL, METRIC_RENEW, METRIC_OTHER };
#define METRIC_REQUEST_COUNT 4

/* Counters only rise; all of the loop's thread. Gauges are set when the page is asked for. */
struct metrics {
    uint64_t connections_total, handshakes_full, handshakes_resumed, handshakes_failed;
    uint64_t dropped_rate, dropped_per_address, dropped_proxy; /* before TLS */
    uint64_t evicted;   /* idle connections that made room for new ones */
    uint64_t timed_out; /* by their deadline */
    uint64_t answers[METRIC_REQUEST_COUNT][6]; /* by request, by status / 100; [0] is unused */
    uint64_t refusals[REFUSAL_COUNT];
    uint64_t reports_stored, busy, limited; /* 200, 503, 429 */
    uint64_t commits, commit_failures, commit_us, commit_us_max;
    uint64_t bytes_received;

    uint64_t connections_open, queue_jobs, bytes_in_flight;
    int64_t standing_generation, standing_as_of, started_at;
    int64_t certificate_ends; /* of the server's own; Unix time */
    bool is_storing;          /* the last commit went well */
};

/*
 * The page, to be served as METRICS_TYPE: always the same samples in the same order, below 8
 * KiB. Names begin with fairuse_, counters end in _total, times are in seconds. A published
 * name or label does not change.
 */
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
void metrics_put(const struct metrics *m, struct buf *out);

#endif
