/* The facts of a domain's entry: rows, counts and limits over time (SPEC 6.2). */
#include "run/story_parts.h"
#include <errno.h>
#include <string.h>

/* The part of a level's steps that one server's rows make. */
static int server_level(struct story_maker *m, const struct mailboxes_facts *f, size_t from,
                        size_t n, struct story_mail_server *to)
{
    AUTO(level) struct level level = {0};
    struct mailboxes_facts one = *f;

    one.rows = &f->rows[from];
    one.n_rows = n;
    int r = mailboxes_count(&one, SPLIT_MAX, &level);
    return r < 0 ? r : story_keep_level(m, &level, &to->level);
}

/* How far a row's count holds after it was last seen. */
static wall_t carried_until(const struct mailboxes_facts *f, const struct counted_row *row)
{
    return wall_min((wall_t){row->seen.last.s + f->bridge.s}, row->carry_until);
}

static int server_rows(struct story_maker *m, const struct mailboxes_facts *f, size_t from,
                       size_t n, struct story_mail_server *to)
{
    AUTO(spans) struct spans rows = {0};
    AUTO(spans) struct spans known = {0};
    int r = 0;

    for (size_t i = from; i < from + n && r >= 0; i++) {
        const struct counted_row *row = &f->rows[i];
        struct span seen = row->seen, held = {row->seen.first, carried_until(f, row)};
        if (span_cut(&held, f->terms.window)) {
            r = spans_add(&known, held);
            to->most = row->count > to->most ? row->count : to->most;
        }
        if (r >= 0 && span_cut(&seen, f->terms.window))
            r = spans_add(&rows, seen);
        if (row->seen.last.s >= to->seen.last.s) {
            to->last_count = row->count;
            to->last_counts = row->counts;
            to->seen.last = row->seen.last;
        }
    }
    spans_join(&rows, (dur_t){0});
    spans_join(&known, (dur_t){0});
    to->seen.first = rows.n > 0 ? rows.v[0].first : to->seen.last;
    if (r >= 0)
        r = story_keep_spans(m, &rows, &to->rows);
    return r < 0 ? r : story_keep_spans(m, &known, &to->known);
}

static int compare_servers(const void *a, const void *b)
{
    const struct story_mail_server *x = a, *y = b;
    return strcmp(x->server, y->server);
}

static int gather_servers(struct story_maker *m, const struct domain_case *c,
                          const struct mailboxes_facts *f, struct story_entry *e)
{
    e->servers = arena_array(&m->s->arena, c->n_servers + 1, sizeof(*e->servers));
    if (!e->servers)
        return -ENOMEM;
    for (size_t i = 0, n; i < f->n_rows; i += n) {
        struct story_mail_server *to = &e->servers[e->n_servers++];
        for (n = 1; i + n < f->n_rows && f->rows[i + n].server == f->rows[i].server; n++)
            ;
        to->seen.last = WALL_BEGIN;
        to->server = arena_text(&m->s->arena, text_of(c->servers[f->rows[i].server]->name));
        int r = to->server ? server_level(m, f, i, n, to) : -ENOMEM;
        if (r >= 0)
            r = server_rows(m, f, i, n, to);
        if (r < 0)
            return r;
    }
    if (e->n_servers > 1)
        qsort(e->servers, e->n_servers, sizeof(*e->servers), compare_servers);
    return 0;
}

/* The limits that hold for some of the window. */
static int gather_limits(struct story_maker *m, const struct mailboxes_facts *f,
                         struct story_entry *e)
{
    e->limits = arena_array(&m->s->arena, f->n_limits + 1, sizeof(*e->limits));
    if (!e->limits)
        return -ENOMEM;
    for (size_t i = 0; i < f->n_limits; i++) {
        struct span at = {f->limits[i].from,
                          i + 1 < f->n_limits ? f->limits[i + 1].from : WALL_END};
        if (span_cut(&at, f->terms.window) && at.first.s < at.last.s)
            e->limits[e->n_limits++] = (struct story_limit){at, f->limits[i].limit};
    }
    return 0;
}

static int gather_counts(struct story_maker *m, const struct entry *e,
                         const struct mailboxes_facts *f, struct story_entry *to)
{
    AUTO(level) struct level level = {0};
    struct story_rule *rule = &to->rules[to->n_rules++];
    int r = mailboxes_count(f, f->split, &level);

    rule->kind = FINDING_MAILBOXES;
    rule->terms = f->terms;
    if (r >= 0)
        r = story_keep_level(m, &level, &to->count);
    if (r >= 0)
        r = mailboxes_count(f, SPLIT_SUM, &level);
    if (r >= 0)
        r = story_keep_level(m, &level, &to->sum);
    if (r >= 0)
        r = mailboxes_over(f, f->split, &level);
    return r < 0 ? r : story_rule_fill(m, e, &level, rule);
}

int story_domain_entry(struct story_maker *m, const struct domain_case *c,
                       const struct entry *e, struct story_entry *ret)
{
    AUTO(mailboxes_facts) struct mailboxes_facts f = {0};

    f.terms = entry_terms(m->a, e, e->policy->mailbox_sustain);
    ret->window = f.terms.window;
    int r = mailboxes_gather(&f, m->a, c, e);
    if (r >= 0)
        r = gather_servers(m, c, &f, ret);
    if (r >= 0)
        r = gather_limits(m, &f, ret);
    return r < 0 ? r : gather_counts(m, e, &f, ret);
}
