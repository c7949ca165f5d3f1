/* Plans as values, and as text. */
#include "sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
    [EV_LICENSE] = "license", [EV_ADDRESS] = "address",
    [EV_MAIL] = "mail",       [EV_PACE] = "pace",
    [EV_CRASH] = "crash",     [EV_CLOCK] = "clock",
    [EV_CLONE] = "clone",     [EV_AGENT_DISK] = "agent-disk",
    [EV_OFFLINE] = "offline", [EV_NET] = "net",
    [EV_SECOND] = "second",   [EV_STORE_DISK] = "store-disk",
    [EV_BUSY] = "busy",       [EV_KILL] = "kill",
    [EV_RESTORE] = "restore", [EV_LIE] = "lie",
    [EV_OWN] = "own",         [EV_DOMAIN] = "domain",
    [EV_NETWORK] = "network", [EV_SERVER] = "server",
    [EV_MOVE] = "move",       [EV_TARIFF] = "tariff",
    [EV_POLICY] = "policy",   [EV_DECIDE] = "decide",
    [EV_CLOSE] = "close",
};
static_assert(ARRAY_LEN(kind_names) == EV_COUNT, "a name for each");

void plan_done(struct plan *p)
{
    free(p->events);
    p->events = NULL;
    p->n = p->cap = 0;
}

void plan_copy(struct plan *to, const struct plan *from)
{
    *to = *from;
    to->cap = 0;
    to->events = sim_grow(NULL, from->n + 1, &to->cap, sizeof *to->events);
    if (from->n > 0)
        memcpy(to->events, from->events, from->n * sizeof *to->events);
}

void plan_add(struct plan *p, struct event e)
{
    p->events = sim_grow(p->events, p->n + 1, &p->cap, sizeof *p->events);
    p->events[p->n++] = e;
}

void plan_print(const struct plan *p, struct buf *out)
{
    buf_printf(out, "plan %llu %d %d %d %lld %lld %d %d\n", (unsigned long long)p->seed,
               p->agents, p->resellers, p->days, (long long)p->start, (long long)p->slot,
               p->brute_every, p->is_large);
    buf_add_str(out, "# kind who from to a b c d (sim.h)\n");
    for (size_t i = 0; i < p->n; i++) {
        const struct event *e = &p->events[i];
        buf_printf(out, "%s %d %lld %lld %lld %lld %lld %lld\n", kind_names[e->kind], e->who,
                   (long long)e->from, (long long)e->to, (long long)e->a, (long long)e->b,
                   (long long)e->c, (long long)e->d);
    }
}

/* The next word of a line; "" at its end. */
static struct text next_word(struct text *line)
{
    while (line->n > 0 && *line->p == ' ')
        line->p++, line->n--;
    struct text word = {line->p, 0};
    while (line->n > 0 && *line->p != ' ')
        line->p++, line->n--, word.n++;
    return word;
}

static int read_numbers(struct text line, size_t n, int64_t *ret)
{
    for (size_t i = 0; i < n; i++)
        if (text_to_int(next_word(&line), INT64_MIN + 1, INT64_MAX, &ret[i]) < 0)
            return -EBADMSG;
    return next_word(&line).n == 0 ? 0 : -EBADMSG;
}

static int read_event(struct text word, struct text rest, struct plan *p)
{
    int64_t v[7];
    for (int k = 0; k < EV_COUNT; k++) {
        if (!text_is(word, kind_names[k]))
            continue;
        if (read_numbers(rest, 7, v) < 0)
            return -EBADMSG;
        plan_add(p, (struct event){(enum event_kind)k, (int32_t)v[0], v[1], v[2], v[3], v[4],
                                   v[5], v[6]});
        return 0;
    }
    return -EBADMSG;
}

static int read_line(struct text line, struct plan *p)
{
    int64_t v[8];
    struct text rest = line;
    struct text word = next_word(&rest);
    if (word.n == 0 || word.p[0] == '#')
        return 0;
    if (!text_is(word, "plan"))
        return read_event(word, rest, p);
    if (read_numbers(rest, 8, v) < 0)
        return -EBADMSG;
    p->seed = (uint64_t)v[0];
    p->agents = (int32_t)v[1];
    p->resellers = (int32_t)v[2];
    p->days = (int32_t)v[3];
    p->start = v[4];
    p->slot = v[5];
    p->brute_every = (int32_t)v[6];
    p->is_large = v[7] != 0;
    return 0;
}

int plan_read(struct text t, struct plan *ret)
{
    *ret = (struct plan){.seed = 0};
    while (t.n > 0) {
        const char *end = memchr(t.p, '\n', t.n);
        struct text line = {t.p, end ? (size_t)(end - t.p) : t.n};
        if (read_line(line, ret) < 0) {
            plan_done(ret);
            return -EBADMSG;
        }
        t.p += line.n + (end != NULL);
        t.n -= line.n + (end != NULL);
    }
    return ret->agents > 0 && ret->days > 0 && ret->slot > 0 && ret->brute_every > 0 ? 0
                                                                                     : -EBADMSG;
}
