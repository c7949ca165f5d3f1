/*
 * The bodies of answers (SPEC 3; docs/answer.schema.json): JSON added to a buffer, whose
 * buf_error() tells. And the bodies of what asks for a certificate. Pure.
 */
#ifndef INGEST_ANSWER_H
#define INGEST_ANSWER_H

#include "domain/report.h"
#include "enrol/enrol.h"
#include "ingest/standings.h"
#include "json/json.h"

/* What the collector tells its agents. Borrowed texts. */
struct answer_settings {
    dur_t interval;
    const char *const *mx_suffixes;
    size_t n_mx_suffixes;
    const char *const *key_servers;
    size_t n_key_servers;
};

/* {"error":{"code":"…","message":"…","at":"…"}}; `at` NULL = left out. */
void answer_put_error(struct buf *out, const char *code, const char *message, const char *at);

/* A report that is on disk. */
struct answer_accepted {
    const struct report *report;
    const char *reseller;
    bool
        is_lacking; /* what was acknowledged before is in the store no more, and is asked for */
};

/* The answer to it: each licence that it lists, once, with its state as `known` of it for that
 * reseller ("ok" where nothing is, or it is another's). `known` may be NULL. */
void answer_put_accepted(struct buf *out, const struct answer_accepted *a,
                         const struct standings *known, const struct answer_settings *settings);

/* {"server","certificate","authority","not_after","settings"}: to an enrolment or a renewal. */
void answer_put_enrolled(struct buf *out, const struct enrolled *e, struct text authority_pem,
                         const struct answer_settings *settings);

/*
 * The bodies of POST /v1/enrol {"token","csr"} (has_token) and /v1/renew {"csr"}, of at most
 * CAP_ENROL_BYTES. All members are required, unknown ones refuse. The request itself is not
 * looked at. What is refused is never repeated: it may be a secret.
 *
 * 0 and *ret, for enrol_body_done(); -EBADMSG with what and where; -ENOMEM.
 */
struct enrol_body {
    struct token token; /* of an enrolment; to be wiped */
    char *csr_pem;      /* at least one byte */
};
MUST_USE int answer_read_enrol(struct text body, bool has_token, struct enrol_body *ret,
                               struct json_error *reterr);
void enrol_body_done(struct enrol_body *b); /* wipes and frees */

#endif
