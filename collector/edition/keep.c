/* A night into the store: in small transactions, and one at the end that shows it. */
#include "edition/keep_parts.h"
#include "run/publish.h"
#include <errno.h>
#include <stdlib.h>

enum {
    MESSAGE_MAX = 8 << 20,
    PACKED_MAX = 128 << 20,
    ROW_MAX = 65536, /* one row of what was said, on its way */
    ABOUT_MAX = 4096,
};

void keep_free(struct keep *k)
{
    if (!k)
        return;
    if (k->is_writing)
        store_rollback(k->order.writer);
    sorter_free(k->said);
    buf_done(&k->packed);
    buf_done(&k->message);
    buf_done(&k->row);
    free(k);
}

int keep_begin(struct keep *k)
{
    if (k->is_writing)
        return 0;
    int r = store_begin(k->order.writer);
    k->is_writing = r >= 0;
    return r;
}

int keep_commit(struct keep *k)
{
    if (!k->is_writing)
        return 0;
    k->is_writing = false;
    int r = store_commit(k->order.writer);
    if (r < 0)
        store_rollback(k->order.writer);
    return r;
}

static int begin_run(struct keep *k)
{
    AUTO(buf) struct buf about = BUF_INIT(ABOUT_MAX);
    const struct keep_order *o = &k->order;

    keep_about(o->scope, &about);
    int r = buf_error(&about) < 0 ? buf_error(&about) : keep_begin(k);
    if (r < 0)
        return r;
    struct store_run run = {.day = o->day,
                            .made_at = o->made_at,
                            .as_of = o->run->as_of,
                            .is_failed = o->is_failed,
                            .about = buf_str(&about)};
    r = store_begin_run(o->writer, &run, &k->tally.run);
    return r < 0 ? r : keep_commit(k);
}

int keep_new(const struct keep_order *o, struct keep **ret, struct diag *d)
{
    AUTO(keep) struct keep *k = calloc(1, sizeof(*k));

    if (!k)
        return -ENOMEM;
    k->order = *o;
    k->packed = BUF_INIT(PACKED_MAX);
    k->message = BUF_INIT(MESSAGE_MAX);
    k->row = BUF_INIT(ROW_MAX);
    int r = begin_run(k);
    if (r < 0)
        return diag_set(d, r, "%s", store_diag(o->writer));
    *ret = STEAL(k);
    return 0;
}

/* ---- The sink -------------------------------------------------------------------------- */

/* Each in a transaction of its own: no other writer waits while letters are made. */
static int take_bulletin(void *keep, const struct bulletin *b)
{
    struct keep *k = keep;
    int r = keep_bulletin(k, b);

    return r < 0 ? r : keep_commit(k);
}

struct edition_sink keep_sink(struct keep *k)
{
    return (struct edition_sink){
        .bulletin = take_bulletin, .begin = keep_said_begin, .said = keep_said_row, .arg = k};
}

/* ---- The end --------------------------------------------------------------------------- */

static bool charge_of(enum finding_kind kind, enum charge_kind *ret)
{
    if (kind != FINDING_EXTRA_IP && kind != FINDING_MAILBOXES && kind != FINDING_OUTSIDE)
        return false;
    *ret = kind == FINDING_EXTRA_IP    ? CHARGE_EXTRA_IP
           : kind == FINDING_MAILBOXES ? CHARGE_MAILBOXES
                                       : CHARGE_OUTSIDE;
    return true;
}

/* The keys confirmed in the audited periods, instead of those that the last night found. */
static int put_confirmed(struct store *s, struct findings *findings,
                         const struct run_periods *periods)
{
    struct finding f;
    int r = findings_rewind(findings);

    for (size_t i = 0; i < periods->n && r >= 0; i++)
        r = store_clear_confirmed(s, periods->v[i]);
    while (r >= 0 && (r = findings_next(findings, &f)) > 0) {
        struct store_confirmed x = {.reseller = f.reseller,
                                    .period = f.period,
                                    .subject = f.subject,
                                    .is_trial = f.is_trial};
        if (f.state == STATE_CONFIRMED && f.reseller && charge_of(f.kind, &x.kind))
            r = store_put_confirmed(s, &x);
    }
    return r;
}

/* All that a whole night changes beside its mails. */
static int publish_whole(struct keep *k, struct findings *findings,
                         const struct run_periods *periods, struct diag *d)
{
    AUTO(publish) struct publish *standings = NULL;
    int64_t rows;
    int r = publish_new(k->order.run, periods, &standings, d);

    if (r >= 0)
        r = publish_take_all(standings, findings);
    if (r >= 0)
        r = keep_begin(k);
    if (r >= 0)
        r = put_confirmed(k->order.writer, findings, periods);
    if (r >= 0)
        r = keep_said_put(k);
    return r < 0 ? r : publish_put(standings, k->order.writer, k->order.run->as_of, &rows, d);
}

int keep_publish(struct keep *k, struct findings *findings, const struct run_periods *periods,
                 struct keep_tally *ret, struct diag *d)
{
    bool is_whole = !k->order.is_failed && !k->order.is_partial;
    int r = is_whole ? publish_whole(k, findings, periods, d) : keep_begin(k);

    if (r >= 0)
        r = store_publish_run(k->order.writer, k->tally.run);
    if (r >= 0)
        r = keep_commit(k);
    if (r < 0)
        return d->text[0] ? r : diag_set(d, r, "%s", store_diag(k->order.writer));
    *ret = k->tally;
    return 0;
}
