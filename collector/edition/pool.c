/* Two heaps that share a number of places. */
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

/* Which of two is worth more: < 0 if `a`. What was said before gives way to news. */
static int worth_compare(const struct pool_line *a, const struct pool_line *b)
{
    const struct bulletin_line *x = &a->line, *y = &b->line;
    bool x_is_news = x->change != CHANGE_NONE, y_is_news = y->change != CHANGE_NONE;

    if (x->state != y->state)
        return x->state > y->state ? -1 : 1;
    if (x_is_news != y_is_news)
        return x_is_news ? -1 : 1;
    if (x->has_confirms != y->has_confirms)
        return x->has_confirms ? -1 : 1;
    if (x->has_confirms && x->confirms_at.s != y->confirms_at.s)
        return x->confirms_at.s < y->confirms_at.s ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

int pool_init(struct pool *p, size_t max, size_t least_notices)
{
    AUTO_FREE struct pool_line **charging = calloc(max + 1, sizeof(*charging));
    AUTO_FREE struct pool_line **notices = calloc(max + 1, sizeof(*notices));

    if (!charging || !notices)
        return -ENOMEM;
    *p = (struct pool){.max = max, .least_notices = least_notices};
    p->charging.v = STEAL(charging);
    p->notices.v = STEAL(notices);
    return 0;
}

static void heap_clear(struct pool_heap *h)
{
    for (size_t i = 0; i < h->n; i++)
        free(h->v[i]);
    h->n = 0;
}

void pool_reset(struct pool *p)
{
    heap_clear(&p->charging);
    heap_clear(&p->notices);
    p->taken = 0;
}

void pool_done(struct pool *p)
{
    pool_reset(p);
    free(p->charging.v);
    free(p->notices.v);
    *p = (struct pool){.max = 0};
}

static void heap_put(struct pool_heap *h, struct pool_line *x)
{
    size_t i = h->n++;

    for (; i > 0 && worth_compare(h->v[(i - 1) / 2], x) < 0; i = (i - 1) / 2)
        h->v[i] = h->v[(i - 1) / 2];
    h->v[i] = x;
}

/* Takes the one that is worth least. */
static void heap_drop(struct pool_heap *h)
{
    struct pool_line *last = h->v[--h->n];
    size_t i = 0;

    free(h->v[0]);
    if (h->n == 0)
        return;
    for (size_t child = 1; child < h->n; i = child, child = 2 * i + 1) {
        if (child + 1 < h->n && worth_compare(h->v[child + 1], h->v[child]) > 0)
            child++;
        if (worth_compare(h->v[child], last) <= 0)
            break;
        h->v[i] = h->v[child];
    }
    h->v[i] = last;
}

/* Whether a notice must give way to a line when all places are taken, or a charging one. */
static bool notice_gives(const struct pool *p, bool is_charging)
{
    return is_charging ? p->notices.n > p->least_notices : p->notices.n >= p->least_notices;
}

/* A free place, or one of something that is worth less. */
static bool has_place(const struct pool *p, const struct pool_line *x, bool is_charging)
{
    if (p->charging.n + p->notices.n < p->max)
        return true;
    const struct pool_heap *own = is_charging ? &p->charging : &p->notices;
    if (notice_gives(p, is_charging) == is_charging)
        return true; /* the other part has more than is its own */
    return own->n > 0 && worth_compare(x, own->v[0]) < 0;
}

bool pool_wants(const struct pool *p, const struct bulletin_line *line)
{
    struct pool_line x = {.line = *line, .order = p->taken};

    x.line.change = CHANGE_NEW;
    return has_place(p, &x, bulletin_is_charging(line->kind));
}

/* Copies texts one behind the other. */
struct packer {
    char *at;
};

static const char *pack_text(struct packer *p, const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = memcpy(p->at, text, n);
    p->at += n;
    return copy;
}

static size_t packed_size(const struct bulletin_line *l, const char *cause)
{
    size_t n = sizeof(struct pool_line) + l->n_seen * sizeof(struct bulletin_seen);

    n += strlen(l->subject) + strlen(l->shown) + strlen(l->policy) + strlen(cause) + 4;
    for (size_t i = 0; i < l->n_seen; i++)
        n += strlen(l->seen[i].server) + strlen(l->seen[i].unit) + 2;
    return n;
}

static struct pool_line *pack(const struct bulletin_line *l, const char *cause)
{
    struct pool_line *x = malloc(packed_size(l, cause));

    if (!x)
        return NULL;
    /* The places first, for they are aligned as the line is; then texts. */
    struct bulletin_seen *seen = (struct bulletin_seen *)(x + 1);
    struct packer p = {(char *)(seen + l->n_seen)};
    *x = (struct pool_line){.line = *l};
    for (size_t i = 0; i < l->n_seen; i++) {
        seen[i] = l->seen[i];
        seen[i].server = pack_text(&p, l->seen[i].server);
        seen[i].unit = pack_text(&p, l->seen[i].unit);
    }
    x->line.seen = seen;
    x->line.subject = pack_text(&p, l->subject);
    x->line.shown = pack_text(&p, l->shown);
    x->line.policy = pack_text(&p, l->policy);
    x->cause = pack_text(&p, cause);
    return x;
}

int pool_add(struct pool *p, const struct bulletin_line *line, const char *cause, size_t owner)
{
    bool is_charging = bulletin_is_charging(line->kind);
    struct pool_line probe = {.line = *line, .order = p->taken++};

    if (!has_place(p, &probe, is_charging))
        return 0;
    struct pool_line *x = pack(line, cause);
    if (!x)
        return -ENOMEM;
    x->owner = owner;
    x->order = probe.order;
    if (p->charging.n + p->notices.n == p->max)
        heap_drop(notice_gives(p, is_charging) ? &p->notices : &p->charging);
    heap_put(is_charging ? &p->charging : &p->notices, x);
    return 0;
}

static int owner_compare(const void *a, const void *b)
{
    const struct pool_line *const *x = a, *const *y = b;

    if ((*x)->owner != (*y)->owner)
        return (*x)->owner < (*y)->owner ? -1 : 1;
    return (*x)->order < (*y)->order ? -1 : (*x)->order > (*y)->order;
}

struct pool_line **pool_list(const struct pool *p, struct arena *keep, size_t *ret_n)
{
    size_t n = p->charging.n + p->notices.n;
    struct pool_line **v = arena_array(keep, n + 1, sizeof(struct pool_line *));

    if (!v)
        return NULL;
    if (p->charging.n > 0)
        memcpy(v, p->charging.v, p->charging.n * sizeof(struct pool_line *));
    if (p->notices.n > 0)
        memcpy(v + p->charging.n, p->notices.v, p->notices.n * sizeof(struct pool_line *));
    if (n > 1)
        qsort(v, n, sizeof(struct pool_line *), owner_compare);
    *ret_n = n;
    return v;
}
