/* Settle, digest, put. */
#include "run/intake.h"
#include "crypto/digest.h"
#include <errno.h>
#include <string.h>

/* The body's fingerprint, of its times as they were sent: the same body twice is no fork. */
static int body_digest(const struct report *r, uint64_t *ret)
{
    AUTO(buf) struct buf body = BUF_INIT(4 * (size_t)CAP_REPORT_BYTES);
    struct digest d;

    report_to_json(r, &body);
    int e = buf_error(&body);
    if (e >= 0)
        e = digest_sha256((struct text){body.data, body.len}, &d);
    if (e >= 0)
        memcpy(ret, d.bytes, sizeof(*ret));
    return e;
}

int intake_prepare(struct recorded *rec, struct intake *ret,
                   char reterr_at[static REPORT_AT_SIZE], struct diag *d)
{
    struct intake prepared;
    int r = body_digest(&rec->report, &prepared.body_digest);

    if (r < 0)
        return diag_set(d, r == -EBADMSG ? -EIO : r, "the report could not be fingerprinted");
    r = report_settle(&rec->report, rec->sent_at, rec->received_at, reterr_at, d);
    if (r == 0)
        *ret = prepared;
    return r;
}

int intake_put(struct store *s, const struct recorded *rec, const struct intake *prepared,
               dur_t merge_gap, struct diag *d)
{
    struct store_report row = {
        .server = rec->server,
        .received_at = rec->received_at,
        .peer = rec->peer,
        .report = &rec->report,
        .body_digest = prepared->body_digest,
        .merge_gap = merge_gap,
    };
    int r = store_put_report(s, &row);

    return r < 0 ? diag_set(d, r == -EBADMSG ? -EIO : r, "%s", store_diag(s)) : 0;
}

int intake_report(struct store *s, struct recorded *rec, dur_t merge_gap,
                  char reterr_at[static REPORT_AT_SIZE], struct diag *d)
{
    struct intake prepared;
    int r = intake_prepare(rec, &prepared, reterr_at, d);

    return r < 0 ? r : intake_put(s, rec, &prepared, merge_gap, d);
}
