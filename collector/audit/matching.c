/*
 * Maximum matching by augmenting paths. A greedy first round pairs nearly all; then one
 * breadth-first search from every free machine at once finds a path to a free unit, which
 * makes the matching larger by one, until there is none (Berge's theorem).
 */
#include "audit/matching.h"
#include <errno.h>
#include <string.h>

#define NONE UINT32_MAX

struct matching {
    size_t n_machines, n_places; /* of this round; indices are the census's numbers */
    uint32_t *unit_of;           /* machine -> its unit, or NONE */
    uint32_t *machine_of;        /* unit -> its machine, or NONE */
    uint32_t *first_edge;        /* machine -> where its edges begin; one more than machines */
    uint32_t *edges;             /* units, by machine */
    uint32_t *reached_by; /* unit -> the machine that reached it in this search, or NONE */
    uint32_t *queue;
};

void matching_free(struct matching *m)
{
    if (!m)
        return;
    free(m->unit_of);
    free(m->machine_of);
    free(m->first_edge);
    free(m->edges);
    free(m->reached_by);
    free(m->queue);
    free(m);
}

int matching_new(const struct presences *p, struct matching **ret)
{
    AUTO(matching) struct matching *m = calloc(1, sizeof(*m));

    if (!m)
        return -ENOMEM;
    m->unit_of = malloc((p->n_machines + 1) * sizeof(uint32_t));
    m->machine_of = malloc((p->n_places + 1) * sizeof(uint32_t));
    m->first_edge = malloc((p->n_machines + 2) * sizeof(uint32_t));
    m->edges = malloc((p->n + 1) * sizeof(uint32_t));
    m->reached_by = malloc((p->n_places + 1) * sizeof(uint32_t));
    m->queue = malloc((p->n_machines + 1) * sizeof(uint32_t));
    if (!m->unit_of || !m->machine_of || !m->first_edge || !m->edges || !m->reached_by ||
        !m->queue)
        return -ENOMEM;
    *ret = STEAL(m);
    return 0;
}

/* Lays the edges down by machine (a counting sort), by the census's numbers. */
static void lay_edges(struct matching *m, const struct sweep *s, const struct census *c)
{
    m->n_machines = (size_t)c->machines;
    m->n_places = (size_t)c->places;
    memset(m->first_edge, 0, (m->n_machines + 2) * sizeof(uint32_t));
    for (size_t i = 0; i < s->n_active; i++) {
        const struct presence *x = &s->p->v[s->active[i]];
        if (census_has_unit(c, x->place))
            m->first_edge[c->machine_no[x->machine] + 2]++;
    }
    for (size_t i = 2; i < m->n_machines + 2; i++)
        m->first_edge[i] += m->first_edge[i - 1];
    for (size_t i = 0; i < s->n_active; i++) {
        const struct presence *x = &s->p->v[s->active[i]];
        if (census_has_unit(c, x->place))
            m->edges[m->first_edge[c->machine_no[x->machine] + 1]++] = c->place_no[x->place];
    }
}

static int64_t match_greedily(struct matching *m)
{
    int64_t size = 0;

    memset(m->unit_of, 0xff, m->n_machines * sizeof(uint32_t));
    memset(m->machine_of, 0xff, m->n_places * sizeof(uint32_t));
    for (uint32_t i = 0; i < m->n_machines; i++)
        for (uint32_t e = m->first_edge[i]; e < m->first_edge[i + 1]; e++)
            if (m->machine_of[m->edges[e]] == NONE) {
                m->machine_of[m->edges[e]] = i;
                m->unit_of[i] = m->edges[e];
                size++;
                break;
            }
    return size;
}

/* Turns the path that ends in a free unit around: its pairs are broken, the others made. */
static void flip_path(struct matching *m, uint32_t unit)
{
    while (unit != NONE) {
        uint32_t machine = m->reached_by[unit], before = m->unit_of[machine];
        m->machine_of[unit] = machine;
        m->unit_of[machine] = unit;
        unit = before;
    }
}

/* One search; true when the matching grew by one. */
static bool augment(struct matching *m)
{
    size_t head = 0, tail = 0;

    memset(m->reached_by, 0xff, m->n_places * sizeof(uint32_t));
    for (uint32_t i = 0; i < m->n_machines; i++)
        if (m->unit_of[i] == NONE)
            m->queue[tail++] = i;
    while (head < tail) {
        uint32_t machine = m->queue[head++];
        for (uint32_t e = m->first_edge[machine]; e < m->first_edge[machine + 1]; e++) {
            uint32_t unit = m->edges[e];
            if (m->reached_by[unit] != NONE)
                continue;
            m->reached_by[unit] = machine;
            if (m->machine_of[unit] == NONE) {
                flip_path(m, unit);
                return true;
            }
            m->queue[tail++] = m->machine_of[unit];
        }
    }
    return false;
}

int64_t matching_size(struct matching *m, const struct sweep *s, const struct census *c)
{
    int64_t most = c->machines < c->units ? c->machines : c->units;

    if (most <= 1)
        return most;
    lay_edges(m, s, c);
    int64_t size = match_greedily(m);
    while (size < most && augment(m))
        size++;
    return size;
}
