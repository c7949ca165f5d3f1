/* Lines in their order, and those that one cause explains. */
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

enum { GROUP_LEAST = 3 };

static int compare_moments(const struct bulletin_line *a, const struct bulletin_line *b)
{
    if (a->has_confirms != b->has_confirms)
        return a->has_confirms ? -1 : 1;
    if (!a->has_confirms || a->confirms_at.s == b->confirms_at.s)
        return 0;
    return a->confirms_at.s < b->confirms_at.s ? -1 : 1;
}

int line_compare(const struct bulletin_line *a, const struct bulletin_line *b)
{
    bool a_charges = bulletin_is_charging(a->kind), b_charges = bulletin_is_charging(b->kind);

    if (a_charges != b_charges)
        return a_charges ? -1 : 1;
    if (a->state != b->state)
        return a->state > b->state ? -1 : 1;
    int r = compare_moments(a, b);
    if (r == 0 && a->kind != b->kind)
        r = a->kind < b->kind ? -1 : 1;
    if (r == 0)
        r = strcmp(a->subject, b->subject);
    if (r == 0 && a->period.month != b->period.month)
        r = a->period.month < b->period.month ? -1 : 1;
    return r;
}

static int plain_order(const void *a, const void *b)
{
    const struct pool_line *const *x = a, *const *y = b;
    return line_compare(&(*x)->line, &(*y)->line);
}

static int changed_order(const void *a, const void *b)
{
    const struct pool_line *const *x = a, *const *y = b;
    bool x_is_news = (*x)->line.change != CHANGE_NONE;
    bool y_is_news = (*y)->line.change != CHANGE_NONE;

    if (x_is_news != y_is_news)
        return x_is_news ? -1 : 1;
    return plain_order(a, b);
}

/* ---- Groups ---------------------------------------------------------------------------- */

/* Whether several such findings may have one cause, and which kind of cause. */
static bool cause_of(const struct pool_line *x, enum bulletin_cause *ret)
{
    bool is_named = x->cause[0] != '\0';

    switch (x->line.kind) {
    case FINDING_OUTSIDE: *ret = CAUSE_PLACE; return is_named;
    case FINDING_FOREIGN_SERVER: *ret = CAUSE_SERVER; return is_named;
    case FINDING_SILENT: *ret = is_named ? CAUSE_SERVER : CAUSE_KIND; return true;
    case FINDING_NEVER_SEEN:
    case FINDING_NEVER_COUNTED:
    case FINDING_EXPIRED_IN_USE:
    case FINDING_UNKNOWN_LICENSE: *ret = CAUSE_KIND; return true;
    case FINDING_EXTRA_IP:
    case FINDING_MAILBOXES:
    case FINDING_MANY_ADDRESSES:
    case FINDING_SECOND_SERVER:
    case FINDING_ROAMING:
    case FINDING_SPLIT_DOMAIN:
    case FINDING_UNDECLARED:
    case FINDING_UNKNOWN_SERVER:
    case FINDING_FORKED_IDENTITY:
    case FINDING_ELSEWHERE:
    case FINDING_CROWDED_ADDRESS:
    case FINDING_RECURRING: return false;
    }
    return false;
}

/* A line that may be in a group. */
struct candidate {
    const struct pool_line *x;
    enum bulletin_cause cause;
    size_t at;    /* among the lines */
    size_t first; /* of its group: where that begins; the group's place among the groups */
};

static const char *what_of(const struct candidate *c)
{
    return c->cause == CAUSE_KIND ? "" : c->x->cause;
}

static int same_compare(const struct candidate *a, const struct candidate *b)
{
    if (a->x->line.kind != b->x->line.kind)
        return a->x->line.kind < b->x->line.kind ? -1 : 1;
    if (a->x->line.state != b->x->line.state)
        return a->x->line.state < b->x->line.state ? -1 : 1;
    if (a->cause != b->cause)
        return a->cause < b->cause ? -1 : 1;
    return strcmp(what_of(a), what_of(b));
}

static int candidate_compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    int r = same_compare(x, y);
    return r != 0 ? r : x->at < y->at ? -1 : x->at > y->at;
}

static int first_compare(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Leaves those that are in groups; returns how many. */
static size_t keep_grouped(struct candidate *v, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0, next; i < n; i = next) {
        next = i + 1;
        while (next < n && same_compare(&v[i], &v[next]) == 0)
            next++;
        if (next - i < GROUP_LEAST)
            continue;
        for (size_t k = i, first = v[i].at; k < next; k++) {
            v[kept] = v[k];
            v[kept++].first = first;
        }
    }
    return kept;
}

static int put_groups(struct candidate *v, size_t n, struct bulletin_line *lines,
                      struct arena *keep, struct bulletin_reseller *ret)
{
    struct bulletin_group *groups = arena_array(keep, n / GROUP_LEAST + 1, sizeof(*groups));
    size_t n_groups = 0;

    if (!groups)
        return -ENOMEM;
    if (n > 1)
        qsort(v, n, sizeof(*v), first_compare);
    for (size_t i = 0; i < n; i++) {
        if (v[i].at == v[i].first)
            groups[n_groups++] = (struct bulletin_group){v[i].x->line.kind, v[i].x->line.state,
                                                         v[i].cause, what_of(&v[i]), 0};
        groups[n_groups - 1].n++;
        lines[v[i].at].group = (int32_t)(n_groups - 1);
    }
    ret->groups = groups;
    ret->n_groups = n_groups;
    return 0;
}

int group_lines(struct pool_line **v, size_t n, bool changed_first, struct arena *keep,
                struct bulletin_reseller *ret)
{
    AUTO_FREE struct candidate *candidates = calloc(n + 1, sizeof(*candidates));
    struct bulletin_line *lines = arena_array(keep, n + 1, sizeof(*lines));
    size_t n_candidates = 0;

    if (!lines || !candidates)
        return -ENOMEM;
    if (n > 1)
        qsort(v, n, sizeof(struct pool_line *), changed_first ? changed_order : plain_order);
    for (size_t i = 0; i < n; i++) {
        struct candidate *c = &candidates[n_candidates];
        lines[i] = v[i]->line;
        *c = (struct candidate){.x = v[i], .at = i};
        n_candidates += cause_of(v[i], &c->cause);
    }
    if (n_candidates > 1)
        qsort(candidates, n_candidates, sizeof(*candidates), candidate_compare);
    ret->lines = lines;
    ret->n_lines = n;
    return put_groups(candidates, keep_grouped(candidates, n_candidates), lines, keep, ret);
}
