/* All agents: who is there, what happens to them, and whose turn it is. */
#include "sim/agent_parts.h"

#include <string.h>

static int compare_events(const void *a, const void *b)
{
    const struct event *x = *(const struct event *const *)a;
    const struct event *y = *(const struct event *const *)b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x > y) - (x < y); /* the plan's order */
}

static bool is_agents(const struct event *e)
{
    return e->who >= 0 && e->kind <= EV_NET;
}

static void hand_out_events(struct sim *s)
{
    const struct plan *p = s->plan;
    size_t n_global = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (is_agents(&p->events[i]))
            s->agents[p->events[i].who].n_events++;
        n_global += p->events[i].who < 0;
    }
    s->global = calloc(n_global + 1, sizeof(*s->global));
    for (int32_t i = 0; i < p->agents; i++) {
        s->agents[i].events = calloc(s->agents[i].n_events + 1, sizeof(*s->global));
        if (!s->agents[i].events || !s->global)
            abort();
        s->agents[i].n_events = 0;
    }
    for (size_t i = 0; i < p->n; i++) {
        const struct event *e = &p->events[i];
        if (is_agents(e)) {
            struct agent *a = &s->agents[e->who];
            a->events[a->n_events++] = e;
        } else if (e->who < 0 && e->kind >= EV_OFFLINE && e->kind <= EV_LIE) {
            s->global[s->n_global++] = e;
        }
    }
    for (int32_t i = 0; i < p->agents; i++)
        qsort(s->agents[i].events, s->agents[i].n_events, sizeof(*s->global), compare_events);
    qsort(s->global, s->n_global, sizeof(*s->global), compare_events);
}

void agents_make(struct sim *s)
{
    s->agents = calloc((size_t)s->plan->agents + 1, sizeof *s->agents);
    if (!s->agents)
        abort();
    for (int32_t i = 0; i < s->plan->agents; i++)
        s->agents[i] = (struct agent){.slot = i, .server = i, .clock_slack = 0};
    hand_out_events(s);
    for (size_t i = 0; i < s->plan->n; i++) {
        const struct event *e = &s->plan->events[i];
        if (e->kind == EV_CLONE)
            s->agents[e->a].is_clone = true;
    }
}

void agents_done(struct sim *s)
{
    for (int32_t i = 0; s->agents && i < s->plan->agents; i++) {
        struct agent *a = &s->agents[i];
        agent_stop(a);
        free(a->mail);
        free(a->licenses);
        free(a->events);
        known_done(&a->put);
    }
    free(s->agents);
    free(s->global);
    s->agents = NULL;
    s->global = NULL;
}

void agent_arm_disk(const struct agent *a, int64_t t)
{
    const struct event *e = agent_event(a, EV_AGENT_DISK, t);
    if (e)
        disk_arm(DISK_FAILS, 1, (int)e->a);
}

void sim_heal_agents(struct sim *s, const struct plan *calm)
{
    s->plan = calm;
    for (int32_t i = 0; i < calm->agents; i++) {
        free(s->agents[i].events);
        s->agents[i].n_events = 0;
    }
    free(s->global);
    s->n_global = 0;
    hand_out_events(s);
}

/* ---- What happens to them -----------------------------------------------------------------
 */

static void set_clock(struct agent *a, int64_t offset, bool at_boot)
{
    /* What an earlier machine left is on its own clock, as that was when it was last read. */
    int64_t step = offset - a->offset;
    if (at_boot)
        a->clock_slack += step < 0 ? -step : step;
    a->offset = offset;
}

static void boot(struct sim *s, struct agent *a, const struct event *e)
{
    if (e->a != 0) {
        a->kernels++;
        a->kernel_boot = e->to - 30;
        set_clock(a, e->c, true);
    }
    agent_start(s, a, e->to);
}

static void be_born(struct sim *s, struct agent *a, int64_t t)
{
    a->is_born = true;
    a->kernels = 1;
    a->kernel_boot = t - 1000;
    agent_start(s, a, t);
}

static void clone(struct sim *s, struct agent *model, const struct event *e)
{
    struct agent *a = &s->agents[e->a];
    if (a->is_born || !model->is_born)
        return;
    a->server = model->server;
    a->offset = model->offset;
    a->clock_slack = model->clock_slack;
    a->error = model->error;
    agent_copy_disk(s, model, a);
    be_born(s, a, e->from);
}

static void happen(struct sim *s, struct agent *a, const struct event *e, int64_t until)
{
    bool begins = e->from > s->now && e->from <= until;
    if (e->kind == EV_CRASH && begins && a->is_up)
        agent_crash(s, a, e);
    if (e->kind == EV_CRASH && e->to > s->now && e->to <= until && a->is_born && !a->is_up)
        boot(s, a, e);
    if (e->kind == EV_CLOCK && begins)
        set_clock(a, e->a, !a->is_up);
    if (e->kind == EV_CLONE && begins)
        clone(s, a, e);
}

/* Events of the slot (s->now, until]. A crash and the start after it are one event. */
void agents_events(struct sim *s, int64_t until)
{
    for (int32_t i = 0; i < s->plan->agents; i++) {
        struct agent *a = &s->agents[i];
        if (!a->is_born && !a->is_clone) {
            be_born(s, a, s->now + (int64_t)(sim_hash(s, 'a', (uint64_t)i, 0) % SIM_DAY) / 8);
            continue;
        }
        for (size_t j = 0; j < a->n_events; j++)
            happen(s, a, a->events[j], until);
        /* One whose disk did not let it start tries again. */
        if (a->is_born && !a->is_up && !agent_event(a, EV_CRASH, until))
            agent_start(s, a, until);
    }
}

enum { AT_ONCE = 1000 }; /* on their way together: each holds files open */

bool agents_round(struct sim *s, int64_t until)
{
    int n = 0;
    for (int32_t i = 0; i < s->plan->agents && n < AT_ONCE && !s->has_failed; i++) {
        struct agent *a = &s->agents[i];
        while (a->is_up && !a->sent && a->next <= until)
            n += agent_step(s, a);
    }
    return n > 0;
}
