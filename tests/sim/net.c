/*
 * The network: what becomes of a request, and of its answer. A request that its agent gave up
 * may still arrive, up to five minutes after it was sent: behind the one that replaced it.
 */
#include "sim/agent_parts.h"

#include <string.h>

enum { BATCH = 64 };

static void add(struct deliveries *l, struct delivery d)
{
    l->v = sim_grow(l->v, l->n + 1, &l->cap, sizeof *l->v);
    l->v[l->n++] = d;
}

static void forget(struct deliveries *l)
{
    for (size_t i = 0; i < l->n; i++)
        sent_unref(l->v[i].arrival.sent);
    free(l->v);
    *l = (struct deliveries){.v = NULL};
}

void net_done(struct sim *s)
{
    forget(&s->waiting);
    forget(&s->second);
    forget(&s->undecided);
}

/* An address in use, IPv4 first. */
bool net_peer(const struct agent *a, int64_t t, struct addr *ret)
{
    for (int family = 0; family < 2; family++)
        for (size_t i = 0; i < a->n_events; i++) {
            const struct event *e = a->events[i];
            if (e->kind != EV_ADDRESS || !event_holds(e, t) || (e->a >= SIM_V6) != family)
                continue;
            *ret = sim_address(e->a);
            return true;
        }
    return false;
}

static const struct event *event_for(const struct sim *s, const struct agent *a,
                                     enum event_kind k, int64_t t)
{
    const struct event *e = agent_event(a, k, t);
    return e ? e : sim_event(s, k, -1, t);
}

/* What this attempt's chances are, from the moment and the attempt alone. */
struct chances {
    uint64_t h;
};

static bool chance(struct chances *c, int64_t per_mille)
{
    uint64_t h = c->h;
    sim_mix(&c->h, &h, sizeof h);
    return (int64_t)(c->h % 1000) < per_mille;
}

static int64_t any_of(struct chances *c, int64_t n)
{
    (void)chance(c, 0);
    return (int64_t)(c->h % (uint64_t)n);
}

/* Another copy of it arrives, before or after it, and nobody waits for its answer. */
static void send_again(struct sim *s, const struct delivery *d, int64_t t, struct chances *c)
{
    struct delivery copy = *d;
    copy.slot = -1;
    copy.arrival.received_at = t + any_of(c, SIM_LATE_S);
    (void)sent_ref(copy.arrival.sent);
    add(&s->waiting, copy);
}

static void send_over(struct sim *s, struct delivery *d, const struct event *net,
                      struct chances *c)
{
    const int64_t t = d->arrival.received_at; /* as if it took no time */
    bool is_lost = net && chance(c, net->a);
    if (net && chance(c, net->d)) {
        d->arrival.received_at += any_of(c, SIM_LATE_S);
        s->count.late++;
    }
    if (net && chance(c, net->c)) {
        send_again(s, d, t, c);
        s->count.twice++;
    }
    d->is_answer_lost = is_lost || (net && chance(c, net->b));
    s->count.answers_lost += d->is_answer_lost && !is_lost;
    s->count.lost += is_lost;
    if (is_lost) { /* the agent waits for nothing; half of them come after that */
        struct delivery answer = *d;
        if (any_of(c, 2) == 0)
            send_again(s, d, t, c);
        answer.arrival.received_at = t + SIM_LATE_S;
        agent_answered(s, &answer, false);
        return;
    }
    (void)sent_ref(d->arrival.sent);
    add(&s->waiting, *d);
}

void net_send(struct sim *s, struct agent *a, int64_t t)
{
    struct delivery d = {
        .slot = a->slot,
        .starts = a->starts,
        .arrival = {.sent = a->sent, .sent_at = agent_wall(a, t).s, .received_at = t}};
    struct chances c = {sim_hash(s, 'n', (uint64_t)a->slot, (uint64_t)t)};
    s->count.reports++;
    if (!net_peer(a, t, &d.arrival.peer) || event_for(s, a, EV_OFFLINE, t)) {
        s->count.lost++;
        agent_answered(s, &d, false);
        return;
    }
    if (event_for(s, a, EV_SECOND, t)) {
        (void)sent_ref(d.arrival.sent);
        d.import_at = event_for(s, a, EV_SECOND, t)->a;
        add(&s->second, d);
        agent_answered(s, &d, true);
        return;
    }
    send_over(s, &d, event_for(s, a, EV_NET, t), &c);
}

void net_cut(struct sim *s)
{
    struct deliveries cut = s->waiting;
    s->waiting = (struct deliveries){.v = NULL};
    for (size_t i = 0; i < cut.n; i++)
        agent_answered(s, &cut.v[i], false);
    forget(&cut);
}

static int by_receipt(const void *a, const void *b)
{
    const struct delivery *x = a, *y = b;
    if (x->arrival.received_at != y->arrival.received_at)
        return x->arrival.received_at < y->arrival.received_at ? -1 : 1;
    if (x->arrival.sent->slot != y->arrival.sent->slot)
        return x->arrival.sent->slot < y->arrival.sent->slot ? -1 : 1;
    return x->slot != y->slot ? x->slot < y->slot ? -1 : 1 : 0;
}

bool net_deliver(struct sim *s, int64_t until)
{
    struct delivery batch[BATCH];
    bool any = false;
    if (s->waiting.n > 1)
        qsort(s->waiting.v, s->waiting.n, sizeof *s->waiting.v, by_receipt);
    while (s->waiting.n > 0 && s->waiting.v[0].arrival.received_at <= until && !s->has_failed) {
        size_t n = 0;
        while (n < BATCH && n < s->waiting.n && s->waiting.v[n].arrival.received_at <= until) {
            batch[n] = s->waiting.v[n];
            n++;
        }
        s->waiting.n -= n;
        memmove(s->waiting.v, s->waiting.v + n, s->waiting.n * sizeof *s->waiting.v);
        collector_take(s, batch, n);
        for (size_t i = 0; i < n; i++)
            sent_unref(batch[i].arrival.sent);
        any = true;
    }
    return any;
}
