/* Settle, digest, put. */
#include "run/intake.h"
#include "crypto/digest.h"
#include <errno.h>
#include <string.h>

/* ---- The fingerprint --------------------------------------------------------------------- */

/* Each part has a length that is fixed or said before it, so two bodies never look alike. */
static void put_int(struct buf *b, int64_t v)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
    buf_add(b, bytes, sizeof bytes);
}

static void put_text(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s) + 1); /* none holds a NUL */
}

static void put_span(struct buf *b, struct span seen)
{
    put_int(b, seen.first.s);
    put_int(b, seen.last.s);
}

static void put_licenses(struct buf *b, const struct report *r)
{
    put_int(b, (int64_t)r->n_licenses);
    for (size_t i = 0; i < r->n_licenses; i++) {
        const struct report_license *l = &r->licenses[i];
        put_int(b, l->license.code);
        put_text(b, l->version);
        put_text(b, l->product);
        put_text(b, l->edition);
        put_text(b, l->expires);
        put_text(b, l->machine_id);
    }
}

static void put_sightings(struct buf *b, const struct report *r)
{
    put_int(b, (int64_t)r->n_sightings);
    for (size_t i = 0; i < r->n_sightings; i++) {
        const struct report_sighting *x = &r->sightings[i];
        put_int(b, x->license.code);
        buf_add_char(b, (char)x->address.family);
        buf_add(b, x->address.bytes, sizeof x->address.bytes);
        buf_add_char(b, (char)x->source);
        put_span(b, x->seen);
    }
}

static void put_mailboxes(struct buf *b, const struct report *r)
{
    put_int(b, (int64_t)r->n_mailboxes);
    for (size_t i = 0; i < r->n_mailboxes; i++) {
        const struct mail_counts *c = &r->mailboxes[i].counts;
        put_text(b, r->mailboxes[i].domain);
        put_int(b, c->mailboxes);
        put_int(b, c->aliases);
        put_int(b, c->forwards);
        put_int(b, c->lists);
        put_int(b, c->alias_domains);
        buf_add_char(b, (char)(c->catch_all | c->is_filtered << 1));
        put_span(b, r->mailboxes[i].seen);
    }
}

static void put_gaps(struct buf *b, const struct report *r)
{
    put_int(b, (int64_t)r->n_gaps);
    for (size_t i = 0; i < r->n_gaps; i++) {
        buf_add_char(b, (char)r->gaps[i].what);
        put_span(b, r->gaps[i].seen);
        put_int(b, r->gaps[i].lost);
    }
}

/* Of what a body says, not of how it says it, and of its times as they were sent: the same body
 * twice is no fork. */
static int body_digest(const struct report *r, uint64_t *ret)
{
    AUTO(buf) struct buf b = BUF_INIT(4 * (size_t)CAP_REPORT_BYTES);
    struct digest d;

    put_text(&b, r->agent_version);
    buf_add(&b, r->boot.bytes, sizeof r->boot.bytes);
    put_int(&b, r->counter);
    buf_add_char(&b, (char)r->is_live);
    put_licenses(&b, r);
    put_sightings(&b, r);
    put_mailboxes(&b, r);
    put_gaps(&b, r);
    int e = buf_error(&b);
    if (e >= 0)
        e = digest_sha256((struct text){b.data, b.len}, &d);
    if (e >= 0)
        memcpy(ret, d.bytes, sizeof(*ret));
    return e;
}

/* ---- The two steps ----------------------------------------------------------------------- */

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
