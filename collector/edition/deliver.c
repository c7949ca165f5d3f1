/* Claim, send, settle: each in a transaction of its own, so that no store waits for a server.
 */
#include "edition/deliver.h"

#include "base/arena.h"
#include <errno.h>
#include <string.h>

enum {
    MESSAGE_MAX = 8 << 20, /* a mail is below 1 MiB */
    CLAIM_SPARE = 30,      /* seconds beyond an attempt's time, to write down its end */
};

/* One mail on its way. */
struct parcel {
    struct arena arena;
    struct store_mail mail;
    struct buf message;
};

static void parcel_done(struct parcel *p)
{
    buf_done(&p->message);
    arena_done(&p->arena);
}

/* What was due at `due`: so a mail is tried once a call, however long the others take. */
static int claim(const struct deliver_setup *setup, wall_t due, struct parcel *p)
{
    struct store *s = setup->store;
    wall_t until = {setup->now().s + setup->timeout.s + CLAIM_SPARE};
    int r = store_begin(s);

    if (r < 0)
        return r;
    buf_reset(&p->message);
    arena_reset(&p->arena);
    struct store_claim order = {due, until, &p->arena};
    int found = store_claim_mail(s, &order, &p->mail, &p->message);
    if (found <= 0) {
        store_rollback(s);
        return found;
    }
    r = store_commit(s);
    return r < 0 ? r : 1;
}

/* When the night of the mail was made; `otherwise` where it is not there any more. */
static int made_at(struct store *s, int64_t run, wall_t otherwise, wall_t *ret)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_run row;
    int r = store_scan_runs(s, &scan);

    *ret = otherwise;
    while (r >= 0 && (r = store_next_run(scan, &row)) > 0)
        if (row.run == run) {
            *ret = row.made_at;
            return 0;
        }
    return r;
}

static dur_t delay_after(const struct deliver_setup *setup, int64_t attempts)
{
    dur_t delay = setup->retry_first;

    for (int64_t i = 1; i < attempts && delay.s < setup->retry_most.s; i++)
        delay.s *= 2;
    return delay.s < setup->retry_most.s ? delay : setup->retry_most;
}

/* What the attempt's result makes of the mail. */
static int judge(const struct deliver_setup *setup, const struct mail_result *result,
                 struct store_mail *m)
{
    wall_t now = setup->now(), made = now;
    /* What a server has decided needs nothing more to be written down. */
    bool is_decided = result->fate == MAIL_SENT || result->fate == MAIL_REFUSED;
    int r = is_decided ? 0 : made_at(setup->store, m->run, now, &made);

    if (r < 0)
        return r;
    m->last_code = result->code;
    m->last_text = result->text;
    m->may_be_double = m->may_be_double || result->may_have_arrived;
    m->settled = now;
    if (result->fate == MAIL_SENT) {
        m->state = MAIL_STATE_SENT;
    } else if (result->fate == MAIL_REFUSED || now.s - made.s > setup->give_up.s) {
        m->state = MAIL_STATE_DEAD;
    } else {
        m->state = MAIL_STATE_WAITS;
        m->settled = WALL_END;
        m->next_try.s = now.s + delay_after(setup, m->attempts + 1).s;
    }
    return 0;
}

static int settle(const struct deliver_setup *setup, const struct mail_result *result,
                  struct store_mail *m)
{
    int r = judge(setup, result, m);

    if (r >= 0)
        r = store_begin(setup->store);
    if (r < 0)
        return r;
    r = store_settle_mail(setup->store, m);
    if (r >= 0)
        r = store_commit(setup->store);
    if (r < 0)
        store_rollback(setup->store);
    return r;
}

static void count(const struct store_mail *m, struct deliver_tally *t)
{
    t->sent += m->state == MAIL_STATE_SENT;
    t->later += m->state == MAIL_STATE_WAITS;
    t->dead += m->state == MAIL_STATE_DEAD;
}

static int send_one(const struct deliver_setup *setup, struct parcel *p,
                    struct deliver_tally *tally)
{
    struct store_mail *m = &p->mail;
    struct mail_result result;

    mail_send(setup->sender, m->sender, m->recipient,
              (struct text){buf_str(&p->message), p->message.len}, &result);
    int r = settle(setup, &result, m);
    if (r >= 0) {
        count(m, tally);
        tally->is_route_down = result.is_route_down;
        setup->tell(m, &result);
    }
    m->last_text = ""; /* the result goes with this call */
    return r;
}

static int find_next(struct store *s, struct deliver_tally *t)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_mail m;
    int r = store_scan_mails(s, true, &scan);

    while (r >= 0 && (r = store_next_mail(scan, &m)) > 0)
        if (!t->has_next || m.next_try.s < t->next.s) {
            t->has_next = true;
            t->next = m.next_try;
        }
    return r;
}

int deliver_due(const struct deliver_setup *setup, struct deliver_tally *ret)
{
    AUTO(parcel) struct parcel p = {.message = BUF_INIT(MESSAGE_MAX)};
    wall_t due = setup->now();
    int r = 0;

    *ret = (struct deliver_tally){0};
    while (!ret->is_route_down && !setup->is_ended()) {
        r = claim(setup, due, &p);
        if (r <= 0)
            break;
        r = send_one(setup, &p, ret);
        if (r < 0)
            break;
    }
    if (r >= 0)
        r = find_next(setup->store, ret);
    /* The others that are due are not tried before this one's time is over. */
    if (r >= 0 && ret->is_route_down && ret->has_next)
        ret->next.s = wall_max(ret->next, (wall_t){setup->now().s + setup->retry_first.s}).s;
    return r;
}
