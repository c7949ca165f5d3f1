/* Findings that belong to no reseller: told in every manager's report. */
#include "base/grow.h"
#include "edition/edition_parts.h"
#include <errno.h>
#include <string.h>

/* ---- Taking them ----------------------------------------------------------------------- */

static bool is_same_key(const struct record *a, enum finding_kind kind, const char *subject,
                        period_t period)
{
    return a->kind == kind && a->period.month == period.month &&
           strcmp(a->subject, subject) == 0;
}

static int take(struct night_maker *m, const struct record *x)
{
    struct line_maker lines = night_lines(m);
    struct bulletin_line line;
    struct finding f = x->finding;
    const char *cause = "";

    f.reseller = NULL;
    int r = line_make(&lines, &f, NULL, &line);
    if (r >= 0 && pool_wants(&m->nobodys, &line))
        r = line_digest(&lines, &f, &line, &cause);
    m->n_nobodys++;
    return r < 0 ? r : pool_add(&m->nobodys, &line, cause, 0);
}

int nobody_take(struct night_maker *m)
{
    struct arena last_texts = {0};
    const char *last = "";
    enum finding_kind kind = FINDING_EXTRA_IP;
    period_t period = {0};
    int r = 0;

    while (r >= 0 && m->has_record && !m->record.manager[0]) {
        /* Of several unknown resellers with one subject, the first. */
        if (!is_same_key(&m->record, kind, last, period)) {
            arena_reset(&last_texts);
            arena_reset(&m->scratch);
            kind = m->record.kind;
            period = m->record.period;
            last = arena_text(&last_texts, text_of(m->record.subject));
            r = last ? take(m, &m->record) : -ENOMEM;
        }
        if (r >= 0)
            r = night_advance(m);
    }
    arena_done(&last_texts);
    return r;
}

/* ---- Telling a manager of them --------------------------------------------------------- */

/* Lines as this manager is told of them, in the order of keys. */
struct list {
    struct night_maker *m;
    struct bulletin_line *found; /* those that were taken */
    size_t n_found, at;
    struct bulletin_line *v; /* all that are shown */
    size_t n, cap;
    bool is_settled;
};

static void list_done(struct list *l)
{
    free(l->v);
}

static int list_add(struct list *l, const struct bulletin_line *line)
{
    int r = grow(&l->v, &l->cap, l->n + 1, sizeof(*l->v), SIZE_MAX);

    if (r >= 0)
        l->v[l->n++] = *line;
    return r;
}

static bool row_is_nobodys(const struct prior *p)
{
    return p->has_row && !p->row.reseller[0];
}

/* The key that comes first; subject NULL: none is left. */
static const char *first_key(const struct list *l, enum finding_kind *ret_kind)
{
    const struct prior *p = &l->m->prior;
    const struct bulletin_line *line = l->at < l->n_found ? &l->found[l->at] : NULL;

    if (!row_is_nobodys(p)) {
        *ret_kind = line ? line->kind : FINDING_EXTRA_IP;
        return line ? line->subject : NULL;
    }
    enum finding_kind kind = (enum finding_kind)p->row.kind;
    if (line && (line->kind < kind ||
                 (line->kind == kind && strcmp(line->subject, p->row.subject) <= 0))) {
        *ret_kind = line->kind;
        return line->subject;
    }
    *ret_kind = kind;
    return p->row.subject;
}

static int say(struct list *l, const struct bulletin_line *line)
{
    struct night_maker *m = l->m;
    struct edition_said row = {.reseller = "",
                               .subject = line->subject,
                               .kind = line->kind,
                               .period = line->period,
                               .state = line->state,
                               .quantity = line->quantity,
                               .confirms_at = WALL_END};

    return said_put(m->said, AUDIENCE_MANAGER, m->manager->id, &row);
}

static int tell_found(struct list *l, const struct change_facts *f, size_t first)
{
    int r = 0;

    for (size_t i = 0; i < f->n_lines && r >= 0; i++) {
        struct bulletin_line line = l->found[first + i];
        struct change c = change_of_line(f, i);
        line.change = c.change;
        line.was_state = c.was_state;
        line.was_quantity = c.was_quantity;
        r = list_add(l, &line);
        if (r >= 0)
            r = say(l, &line);
    }
    return r;
}

static int tell_rows(struct list *l, const struct change_facts *f, enum finding_kind kind,
                     const char *subject)
{
    struct night_maker *m = l->m;
    struct line_maker lines = {m->setup, &m->arena};
    struct finding key = {.kind = kind, .subject = subject};
    int r = 0;

    for (size_t i = 0; i < f->prior->n && r >= 0; i++) {
        const struct prior_row *was = &f->prior->v[i];
        enum prior_fate fate = change_fate(f, kind, i);
        struct bulletin_line line;
        if (fate != FATE_KEPT && fate != FATE_RESOLVED)
            continue;
        r = line_resolved(&lines, &key, false, was, &line);
        if (r < 0)
            return r;
        /* What was not kept may be there for all that is known. */
        if (fate == FATE_RESOLVED && m->n_nobodys == (int64_t)l->n_found) {
            r = list_add(l, &line);
        } else if (fate == FATE_KEPT) {
            line.state = was->state;
            line.quantity = was->quantity;
            r = say(l, &line);
        }
    }
    return r;
}

static int tell_key(struct list *l, enum finding_kind kind, const char *subject)
{
    struct night_maker *m = l->m;
    const struct run_periods *periods = m->setup->periods;
    size_t first = l->at;
    struct prior_rows rows = {.n = 0};
    const char *kept = arena_text(&m->arena, text_of(subject));
    int r = kept ? 0 : -ENOMEM;

    while (r >= 0 && l->at < l->n_found && l->found[l->at].kind == kind &&
           strcmp(l->found[l->at].subject, kept) == 0)
        l->at++;
    while (r >= 0 && row_is_nobodys(&m->prior) &&
           (enum finding_kind)m->prior.row.kind == kind &&
           strcmp(m->prior.row.subject, kept) == 0) {
        prior_keep(&rows, &m->prior.row);
        r = prior_next(&m->prior);
    }
    if (r < 0)
        return r;
    /* Of older periods nothing was taken: what was said of them waits until they are closed. */
    struct change_facts f = {.lines = l->found + first,
                             .n_lines = l->at - first,
                             .untold = periods->v + periods->n_corrected,
                             .n_untold = periods->n - periods->n_corrected,
                             .prior = &rows,
                             .periods = periods,
                             .is_settled = l->is_settled};
    r = tell_found(l, &f, first);
    return r < 0 ? r : tell_rows(l, &f, kind, kept);
}

static int compare(const void *a, const void *b)
{
    return line_compare(a, b);
}

static int put(const struct list *l, struct bulletin *b)
{
    struct bulletin_line *v = arena_array(&l->m->arena, l->n + 1, sizeof(*v));

    if (!v)
        return -ENOMEM;
    if (l->n > 0)
        memcpy(v, l->v, l->n * sizeof(*v));
    if (l->n > 1)
        qsort(v, l->n, sizeof(*v), compare);
    for (size_t i = 0; i < l->n; i++) {
        news_count(&l->m->news, v[i].change);
        b->confirmed += v[i].state == STATE_CONFIRMED;
        b->potential += v[i].state == STATE_POTENTIAL;
        b->notices += v[i].state == STATE_NOTICE;
    }
    b->unassigned = v;
    b->n_unassigned = l->n;
    b->n_unassigned_more = l->m->n_nobodys - (int64_t)l->n_found;
    b->notices += b->n_unassigned_more;
    return 0;
}

int nobody_tell(struct night_maker *m, struct bulletin *b)
{
    AUTO(list) struct list l = {.m = m, .is_settled = night_is_settled(m, NULL)};
    struct pool_line **lines = pool_list(&m->nobodys, &m->arena, &l.n_found);
    enum finding_kind kind;

    l.found = lines ? arena_array(&m->arena, l.n_found + 1, sizeof(*l.found)) : NULL;
    if (!l.found)
        return -ENOMEM;
    for (size_t i = 0; i < l.n_found; i++)
        l.found[i] = lines[i]->line;
    int r = 0;
    for (const char *subject; r >= 0 && (subject = first_key(&l, &kind));)
        r = tell_key(&l, kind, subject);
    return r < 0 ? r : put(&l, b);
}
