/* The server's own addresses. */
#include "probe/own.h"

#include "base/grow.h"

void own_done(struct own *o)
{
    free(o->v);
    *o = (struct own){.n = 0};
}

static struct own_address *find(const struct own *o, const struct addr *a)
{
    for (size_t i = 0; i < o->n; i++) {
        if (addr_compare(&o->v[i].address, a) == 0)
            return &o->v[i];
    }
    return NULL;
}

int own_came(struct own *o, const struct addr *a, int64_t at_s)
{
    struct own_address *x = find(o, a);
    if (x) {
        /* It went and came back before anybody was told: it was there all the time, unless that
         * is longer than what the collector makes one of. */
        if (!x->is_there && at_s - x->gone_s > OWN_APART_S)
            x->there_s = at_s;
        x->is_there = true;
        return 0;
    }
    int r = grow(&o->v, &o->cap, o->n + 1, sizeof *o->v, OWN_MAX);
    if (r < 0)
        return r;
    o->v[o->n++] = (struct own_address){.address = *a, .there_s = at_s, .is_there = true};
    return 0;
}

void own_went(struct own *o, const struct addr *a, int64_t at_s)
{
    struct own_address *x = find(o, a);
    if (!x || !x->is_there)
        return;
    x->is_there = false;
    x->gone_s = at_s;
}

bool own_next(const struct own *o, struct message_address *ret)
{
    for (size_t i = 0; i < o->n; i++) {
        const struct own_address *x = &o->v[i];
        if (x->is_there && x->is_told)
            continue;
        /* One that is gone has been there, which comes first. */
        *ret = (struct message_address){.address = x->address,
                                        .is_there = !x->is_told,
                                        .at_s = x->is_told ? x->gone_s : x->there_s};
        return true;
    }
    return false;
}

void own_tell(struct own *o, const struct message_address *told)
{
    struct own_address *x = find(o, &told->address);
    assert(x); /* it came from own_next() */
    if (told->is_there)
        x->is_told = true;
    else
        *x = o->v[--o->n];
}

void own_was_lost(struct own *o, int64_t at_s)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n; i++) {
        struct own_address x = o->v[i];
        if (x.is_told && !x.is_there)
            continue; /* that keeper took it to be there until it ended */
        if (x.is_told)
            x.there_s = at_s;
        x.is_told = false;
        o->v[n++] = x;
    }
    o->n = n;
}
