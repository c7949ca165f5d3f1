/* The part of the interface that is about nights: handed to the backend as the rest is. */
#include "store/store_ops.h"

int store_begin_run(struct store *s, const struct store_run *r, int64_t *ret_run)
{
    return s->ops->begin_run(s, r, ret_run);
}

int store_publish_run(struct store *s, int64_t run)
{
    return s->ops->publish_run(s, run);
}

int store_scan_runs(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_RUNS, ret);
}

int store_next_run(struct store_scan *scan, struct store_run *ret)
{
    return ops_next(scan, ROW_RUN, ret);
}

int store_put_edition(struct store *s, const struct store_edition *e, int64_t *ret_serial)
{
    return s->ops->put_edition(s, e, ret_serial);
}

int store_next_serial(struct store *s, const struct store_reader *reader, int64_t *ret_serial,
                      int64_t *ret_last_run)
{
    return s->ops->next_serial(s, reader, ret_serial, ret_last_run);
}

int store_scan_editions(struct store *s, int64_t run, struct store_scan **ret)
{
    return ops_scan_number(s, SCAN_EDITIONS, run, ret);
}

int store_next_edition(struct store_scan *scan, struct store_edition *ret)
{
    return ops_next(scan, ROW_EDITION, ret);
}

int store_get_model(struct store *s, int64_t run, const struct store_reader *reader,
                    struct buf *ret_model)
{
    return s->ops->get_model(s, run, reader, ret_model);
}

int store_put_mail(struct store *s, const struct store_mail *m)
{
    return s->ops->put_mail(s, m);
}

int store_scan_mails(struct store *s, bool waiting_only, struct store_scan **ret)
{
    return ops_scan_all(s, waiting_only ? SCAN_WAITING_MAILS : SCAN_MAILS, ret);
}

int store_next_mail(struct store_scan *scan, struct store_mail *ret)
{
    return ops_next(scan, ROW_OUTBOX, ret);
}

int store_claim_mail(struct store *s, const struct store_claim *c, struct store_mail *ret,
                     struct buf *ret_message)
{
    return s->ops->claim_mail(s, c, ret, ret_message);
}

int store_settle_mail(struct store *s, const struct store_mail *m)
{
    return s->ops->settle_mail(s, m);
}

int store_clear_said(struct store *s, const struct store_reader *reader)
{
    return s->ops->clear_said(s, reader);
}

int store_put_said(struct store *s, const struct store_said *x)
{
    return s->ops->put_said(s, x);
}

int store_scan_said(struct store *s, const struct store_reader *reader, struct store_scan **ret)
{
    struct scan_args args = {.number = (int64_t)reader->kind, .name = reader->id};

    return s->ops->scan(s, SCAN_SAID, &args, ret);
}

int store_next_said(struct store_scan *scan, struct store_said *ret)
{
    return ops_next(scan, ROW_SAID, ret);
}

int store_clear_confirmed(struct store *s, period_t period)
{
    return s->ops->clear_confirmed(s, period);
}

int store_put_confirmed(struct store *s, const struct store_confirmed *x)
{
    return s->ops->put_confirmed(s, x);
}

int store_scan_confirmed(struct store *s, const char *reseller, period_t from,
                         struct store_scan **ret)
{
    struct scan_args args = {.number = from.month, .name = reseller};

    return s->ops->scan(s, SCAN_CONFIRMED, &args, ret);
}

int store_next_confirmed(struct store_scan *scan, struct store_confirmed *ret)
{
    return ops_next(scan, ROW_CONFIRMED, ret);
}

int store_scan_recent_gaps(struct store *s, wall_t since, struct store_scan **ret)
{
    return ops_scan_number(s, SCAN_RECENT_GAPS, since.s, ret);
}
