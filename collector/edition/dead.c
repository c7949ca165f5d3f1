/* Mails that nobody took: whoever should have read them does not know. */
#include "edition/keep.h"
#include "edition/sides.h"

#include <errno.h>
#include <string.h>

/* A mail's facts, in the order in which they are told. */
struct grave {
    struct bulletin_dead mail;
    int64_t id;
};

struct graves {
    struct grave v[BULLETIN_DEAD_MAX + 1]; /* the latest first; one more, while it is put in */
    size_t n;
    int64_t more;
};

/* When the night before the last one was made; WALL_BEGIN when there is none. */
static int night_before(struct store *s, wall_t *ret)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_run row;
    int nights = 0;
    int r = store_scan_runs(s, &scan);

    *ret = WALL_BEGIN;
    while (r >= 0 && (r = store_next_run(scan, &row)) > 0) {
        if (row.is_failed || !keep_is_whole(&row) || ++nights < 2)
            continue;
        *ret = row.made_at;
        return 0;
    }
    return r;
}

static bool is_before(const struct grave *a, const struct grave *b)
{
    if (a->mail.at.s != b->mail.at.s)
        return a->mail.at.s > b->mail.at.s;
    return a->id > b->id;
}

static int bury(struct graves *g, const struct store_mail *m, struct arena *keep)
{
    struct grave x = {.mail = {.run = m->run, .at = m->settled}, .id = m->id};
    size_t at = g->n;

    while (at > 0 && is_before(&x, &g->v[at - 1]))
        at--;
    if (at == BULLETIN_DEAD_MAX) {
        g->more++;
        return 0;
    }
    x.mail.recipient = arena_text(keep, text_of(m->recipient));
    x.mail.reader = arena_text(keep, text_of(m->reader.id));
    x.mail.why = arena_text(keep, text_of(m->last_text));
    if (!x.mail.recipient || !x.mail.reader || !x.mail.why)
        return -ENOMEM;
    memmove(&g->v[at + 1], &g->v[at], (g->n - at) * sizeof(*g->v));
    g->v[at] = x;
    if (g->n < BULLETIN_DEAD_MAX)
        g->n++;
    else
        g->more++;
    return 0;
}

static int find_dead(struct store *s, wall_t since, struct graves *g, struct arena *keep)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_mail row;
    int r = store_scan_mails(s, false, &scan);

    while (r >= 0 && (r = store_next_mail(scan, &row)) > 0) {
        r = 0;
        if (row.state == MAIL_STATE_DEAD && row.settled.s >= since.s)
            r = bury(g, &row, keep);
    }
    return r;
}

int dead_make(const struct edition_setup *setup, struct arena *keep,
              const struct bulletin_dead **ret, size_t *ret_n, int64_t *ret_more)
{
    struct store *s = setup->run->store;
    struct graves g = {.n = 0};
    wall_t since;
    int r = night_before(s, &since);

    if (r >= 0)
        r = find_dead(s, since, &g, keep);
    if (r < 0)
        return r;
    struct bulletin_dead *v = arena_array(keep, g.n + 1, sizeof(*v));
    if (!v)
        return -ENOMEM;
    for (size_t i = 0; i < g.n; i++)
        v[i] = g.v[i].mail;
    *ret = v;
    *ret_n = g.n;
    *ret_more = g.more;
    return 0;
}
