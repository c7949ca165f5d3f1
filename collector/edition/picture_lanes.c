/* Who was where: which lanes a mail's timeline has, and what their bars are. */
#include "base/grow.h"
#include "edition/picture_parts.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Interruptions shorter than a pixel are not drawn, nor named in the legend. */
enum { LEAST_REST_S = 3600 };

/* A lane of the picture: runs of one server at one place that follow each other. */
struct row {
    const struct story_entry *entry;
    const struct story_lane *lane; /* the first of its runs */
    size_t twin;                   /* among rows of the same server and place, from 1 */
    struct span seen;
    int64_t present_s;
    bool is_outside; /* the place was, at some moment, in none of the networks */
    struct timeline_bar *bars;
    size_t n_bars, cap_bars;
};

struct rows {
    struct row *v;
    size_t n, cap;
};

static void rows_done(struct rows *r)
{
    for (size_t i = 0; i < r->n; i++)
        free(r->v[i].bars);
    free(r->v);
}

static int add_bars(struct row *row, struct story_spans spans, enum timeline_bar_kind kind)
{
    int r =
        grow(&row->bars, &row->cap_bars, row->n_bars + spans.n, sizeof(*row->bars), SIZE_MAX);

    for (size_t i = 0; i < spans.n && r >= 0; i++)
        row->bars[row->n_bars++] = (struct timeline_bar){spans.v[i], kind};
    return r;
}

/* What is taken for present without being seen: `all` without the others' spans. */
static int add_rest(struct row *row, struct story_spans all, struct story_spans seen,
                    enum timeline_bar_kind kind)
{
    for (size_t i = 0; i < all.n; i++) {
        wall_t from = all.v[i].first;
        for (size_t j = 0; j <= seen.n; j++) {
            wall_t to = j < seen.n ? wall_min(seen.v[j].first, all.v[i].last) : all.v[i].last;
            struct span rest = {from, to};
            if (to.s - from.s >= LEAST_REST_S) {
                int r = add_bars(row, (struct story_spans){&rest, 1}, kind);
                if (r < 0)
                    return r;
            }
            if (j < seen.n)
                from = wall_max(from, seen.v[j].last);
        }
    }
    return 0;
}

/* ---- A licence's machines -------------------------------------------------------------- */

static const char *server_of(const struct story_entry *e, const struct story_lane *l)
{
    return e->machines[l->machine].server;
}

static const char *unit_of(const struct story_entry *e, const struct story_lane *l)
{
    return e->units[l->unit].name;
}

static bool is_same_place(const struct row *row, const struct story_entry *e,
                          const struct story_lane *l)
{
    return strcmp(server_of(row->entry, row->lane), server_of(e, l)) == 0 &&
           strcmp(unit_of(row->entry, row->lane), unit_of(e, l)) == 0;
}

static bool is_outside(const struct story_unit *u)
{
    for (size_t i = 0; i < u->n_stands; i++)
        if (u->stands[i].standing == STANDING_OUTSIDE)
            return true;
    return false;
}

/* Its place's row that has ended; else a new one, which does not overlap it. */
static struct row *row_for(struct rows *rows, const struct story_entry *e,
                           const struct story_lane *l)
{
    size_t twins = 0;

    for (size_t i = 0; i < rows->n; i++) {
        struct row *row = &rows->v[i];
        if (!is_same_place(row, e, l))
            continue;
        if (row->seen.last.s <= l->seen.first.s || l->seen.last.s <= row->seen.first.s)
            return row;
        twins++;
    }
    if (grow(&rows->v, &rows->cap, rows->n + 1, sizeof(*rows->v), SIZE_MAX) < 0)
        return NULL;
    struct row *row = &rows->v[rows->n++];
    *row = (struct row){.entry = e, .lane = l, .twin = twins + 1, .seen = l->seen};
    return row;
}

static int add_lane(struct rows *rows, const struct story_entry *e, const struct story_lane *l)
{
    struct row *row = row_for(rows, e, l);

    if (!row)
        return -ENOMEM;
    row->seen.first = wall_min(row->seen.first, l->seen.first);
    row->seen.last = wall_max(row->seen.last, l->seen.last);
    row->present_s += l->presence.s;
    row->is_outside |= is_outside(&e->units[l->unit]);
    int r = add_rest(row, l->presences, l->by_agents, TIMELINE_BRIDGED);
    if (r >= 0)
        r = add_bars(row, l->by_agents, TIMELINE_SEEN);
    if (r >= 0)
        r = add_bars(row, l->by_peers, TIMELINE_COLLECTOR);
    return r;
}

static int add_machines(const struct picture_sketch *k, struct rows *rows)
{
    for (size_t i = 0; i < k->story->n_entries; i++) {
        const struct story_entry *e = &k->story->entries[i];
        for (size_t j = 0; picture_is_own(k, e) && j < e->n_lanes; j++) {
            int r = add_lane(rows, e, &e->lanes[j]);
            if (r < 0)
                return r;
        }
    }
    return 0;
}

/* ---- Which, and in which order --------------------------------------------------------- */

/* What the finding speaks of first, then what was there longest. */
static int compare_weight(const void *a, const void *b, void *arg)
{
    const struct row *x = a, *y = b;
    const struct picture_sketch *k = arg;

    if (k->line->kind == FINDING_OUTSIDE && x->is_outside != y->is_outside)
        return x->is_outside ? -1 : 1;
    if (x->present_s != y->present_s)
        return x->present_s > y->present_s ? -1 : 1;
    return x->seen.first.s < y->seen.first.s ? -1 : x->seen.first.s > y->seen.first.s;
}

static int compare_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->seen.first.s != y->seen.first.s)
        return x->seen.first.s < y->seen.first.s ? -1 : 1;
    return x->seen.last.s < y->seen.last.s ? -1 : x->seen.last.s > y->seen.last.s;
}

static void put_in_order(struct picture_sketch *k, struct rows *rows)
{
    size_t shown = rows->n < PICTURE_LANES_MAX ? rows->n : PICTURE_LANES_MAX;

    if (rows->n > PICTURE_LANES_MAX)
        qsort_r(rows->v, rows->n, sizeof(*rows->v), compare_weight, k);
    if (shown > 1)
        qsort(rows->v, shown, sizeof(*rows->v), compare_first);
}

/* ---- Words ----------------------------------------------------------------------------- */

static const char *machine_label(struct picture_sketch *k, const struct row *row)
{
    AUTO(buf) struct buf b = BUF_INIT(4096);
    char server[VOICE_NAME_SIZE], number[VOICE_TEXT_SIZE];

    SAY(&k->voice, &b, row->twin > 1 ? WORD_PICTURE_LANE_TWIN : WORD_PICTURE_LANE,
        voice_name(server_of(row->entry, row->lane), server), unit_of(row->entry, row->lane),
        voice_number(&k->voice, (int64_t)row->twin, number));
    return picture_keep(k, &b);
}

/* Whether it is still there, as far as is known; else when it was seen last. */
static const char *seen_detail(struct picture_sketch *k, wall_t last, dur_t bridge)
{
    char day[VOICE_TEXT_SIZE];

    if (k->end.s - last.s > bridge.s)
        return picture_say(k, WORD_PICTURE_UNTIL, voice_day(&k->voice, last, day), NULL);
    /* Of a month that is over nobody knows whether it is still so. */
    return k->end.s < k->story->p1.s ? voice_word(&k->voice, WORD_PICTURE_STILL) : "";
}

static const char *machine_detail(struct picture_sketch *k, const struct row *row)
{
    const char *seen = seen_detail(k, row->seen.last, row->entry->policy.bridge);

    if (k->line->kind != FINDING_OUTSIDE || !row->is_outside)
        return seen;
    AUTO(buf) struct buf b = BUF_INIT(4096);
    buf_printf(&b, "%s%s%s", voice_word(&k->voice, WORD_PICTURE_IS_OUTSIDE),
               seen[0] ? ", " : "", seen);
    return picture_keep(k, &b);
}

/* ---- The whole ------------------------------------------------------------------------- */

static const struct timeline_bar *keep_bars(struct picture_sketch *k, const struct row *row)
{
    struct timeline_bar *kept = arena_array(k->arena, row->n_bars + 1, sizeof(*kept));

    if (kept && row->n_bars > 0)
        memcpy(kept, row->bars, row->n_bars * sizeof(*kept));
    return kept;
}

static int license_lanes(struct picture_sketch *k)
{
    AUTO(rows) struct rows rows = {0};
    int r = add_machines(k, &rows);

    k->lanes = arena_array(k->arena, rows.n + 1, sizeof(*k->lanes));
    if (r < 0 || !k->lanes)
        return -ENOMEM;
    put_in_order(k, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        const struct timeline_bar *bars = keep_bars(k, &rows.v[i]);
        if (!bars)
            return -ENOMEM;
        k->lanes[k->n_lanes++] = (struct timeline_lane){.label = machine_label(k, &rows.v[i]),
                                                        .detail = machine_detail(k, &rows.v[i]),
                                                        .bars = bars,
                                                        .n_bars = rows.v[i].n_bars};
    }
    return 0;
}

static int compare_servers(const void *a, const void *b)
{
    const struct story_mail_server *const *x = a, *const *y = b;

    if ((*x)->most != (*y)->most)
        return (*x)->most > (*y)->most ? -1 : 1;
    return strcmp((*x)->server, (*y)->server);
}

static int add_mail_server(struct picture_sketch *k, const struct story_mail_server *s)
{
    AUTO(rows) struct rows one = {0};
    AUTO(buf) struct buf label = BUF_INIT(4096);
    char name[VOICE_NAME_SIZE];
    int r = grow(&one.v, &one.cap, 1, sizeof(*one.v), SIZE_MAX);

    if (r < 0)
        return r;
    one.v[one.n++] = (struct row){.seen = s->seen};
    r = add_rest(&one.v[0], s->known, s->rows, TIMELINE_CARRIED);
    if (r >= 0)
        r = add_bars(&one.v[0], s->rows, TIMELINE_SEEN);
    const struct timeline_bar *bars = r < 0 ? NULL : keep_bars(k, &one.v[0]);
    if (!bars)
        return -ENOMEM;
    buf_add_str(&label, voice_name(s->server, name));
    k->lanes[k->n_lanes++] = (struct timeline_lane){
        .label = picture_keep(k, &label),
        .detail = picture_say_n(k, WORD_PICTURE_LAST_COUNT, s->last_count),
        .bars = bars,
        .n_bars = one.v[0].n_bars,
    };
    return 0;
}

static int domain_lanes(struct picture_sketch *k)
{
    const struct story *s = k->story;
    size_t n = 0;
    int r = 0;

    for (size_t i = 0; i < s->n_entries; i++)
        n += picture_is_own(k, &s->entries[i]) ? s->entries[i].n_servers : 0;
    const struct story_mail_server **servers = arena_array(k->arena, n + 1, sizeof(*servers));
    k->lanes = arena_array(k->arena, n + 1, sizeof(*k->lanes));
    if (!servers || !k->lanes)
        return -ENOMEM;
    n = 0;
    for (size_t i = 0; i < s->n_entries; i++)
        for (size_t j = 0; picture_is_own(k, &s->entries[i]) && j < s->entries[i].n_servers;
             j++)
            servers[n++] = &s->entries[i].servers[j];
    if (n > 1)
        qsort(servers, n, sizeof(const struct story_mail_server *), compare_servers);
    for (size_t i = 0; i < n && r >= 0; i++)
        r = add_mail_server(k, servers[i]);
    return r;
}

int picture_add_lanes(struct picture_sketch *k)
{
    return k->story->subject.is_license ? license_lanes(k) : domain_lanes(k);
}
