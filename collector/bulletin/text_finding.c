/* Findings in the text report. */
#include "bulletin/text_parts.h"

/* Subjects of a group that are written out; more are counted. */
enum { GROUP_NAMED_MAX = 6 };

static const char mark[] = "* ", under[] = "  ";

/* ---- One finding ------------------------------------------------------------------------- */

/* "PLSK.01234567: 1 extra IP address (confirmed), October 2026 [new]" */
static void add_title(struct page *p, const struct bulletin_line *l)
{
    const char *change = say_change(p->v, l->change);
    struct buf *said = page_say(p);
    char period[VOICE_TEXT_SIZE];

    page_name(p, l->shown);
    buf_add_str(said, ": ");
    say_finding(p->v, l, said);
    buf_printf(said, ", %s", voice_period(p->v, l->period, period));
    if (change[0] != '\0')
        buf_printf(said, " [%s]", change);
    page_wrap(p, mark, under);
}

static void add_explain(struct page *p, const struct bulletin_line *l)
{
    if (p->r->audience != AUDIENCE_MANAGER || !say_can_explain(l))
        return;
    buf_printf(page_say(p), "%s:", voice_word(p->v, WORD_LABEL_EXPLAIN));
    page_wrap(p, under, under);
    say_explain(p->r, l, page_say(p));
    page_unbroken(p, under);
}

static void add_clause(struct page *p, enum finding_kind k)
{
    buf_add_str(page_say(p), say_clause(p->v, k));
    page_fact(p, WORD_LABEL_CLAUSE, under);
}

static void add_seen(struct page *p, const struct bulletin_line *l)
{
    struct buf *said = page_say(p);

    say_seen(p->v, l, said);
    size_t n = said->len;
    if (n > 0)
        buf_add_char(said, ' ');
    say_living(p->v, l, said);
    page_fact(p, WORD_LABEL_SEEN, under);
}

static void add_finding(struct page *p, const struct bulletin_line *l)
{
    add_title(p, l);
    (void)page_say(p);
    if (l->change != CHANGE_NEW && l->change != CHANGE_ENDED) /* the title says it */
        say_changed(p->v, l, &p->said);
    page_fact(p, WORD_LABEL_CHANGE, under);
    add_seen(p, l);
    say_clears(p->v, l, page_say(p));
    page_fact(p, WORD_LABEL_CLEARS, under);
    say_cost(p->v, l, page_say(p));
    page_fact(p, WORD_LABEL_COST, under);
    if (p->r->audience == AUDIENCE_MANAGER) {
        say_sure(p->v, l, page_say(p));
        page_fact(p, WORD_LABEL_SURE, under);
    }
    add_clause(p, l->kind);
    add_explain(p, l);
    page_gap(p);
}

/* ---- Several of one cause ---------------------------------------------------------------- */

static void add_members(struct page *p, const struct page_findings *f,
                        const struct bulletin_line *first)
{
    struct buf *said = page_say(p);
    int64_t n = 0;

    for (size_t i = 0; i < f->n; i++) {
        const struct bulletin_line *l = &f->lines[i];
        if (l->group != first->group || l->state != first->state || plan_is_ended(p->r, l))
            continue;
        if (n > 0 && n < GROUP_NAMED_MAX)
            buf_add_str(said, ", ");
        if (n < GROUP_NAMED_MAX)
            page_name(p, l->shown);
        n++;
    }
    if (n > GROUP_NAMED_MAX) {
        buf_add_char(said, ' ');
        SAY_N(p->v, said, WORD_AND_MORE, n - GROUP_NAMED_MAX);
    }
    page_fact(p, WORD_LABEL_SUBJECTS, under);
}

/* A group's change, if it is that of all its lines. */
static enum bulletin_change group_change(const struct page_findings *f,
                                         const struct bulletin_line *first)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->lines[i].group == first->group && f->lines[i].change != first->change)
            return CHANGE_NONE;
    return first->change;
}

/* "never seen: 4 of them, October 2026 [new]" */
static void add_group_title(struct page *p, const struct page_findings *f,
                            const struct bulletin_line *first)
{
    const char *change = say_change(p->v, group_change(f, first));
    struct buf *said = page_say(p);
    char period[VOICE_TEXT_SIZE];

    buf_printf(said, "%s: ", say_kind(p->v, first->kind));
    say_group(p->v, &f->x->groups[first->group], said);
    buf_printf(said, ", %s", voice_period(p->v, first->period, period));
    if (change[0] != '\0')
        buf_printf(said, " [%s]", change);
    page_wrap(p, mark, under);
}

/* What all of them cost, or would cost, together; nothing where nothing is known of some. */
static void add_group_cost(struct page *p, const struct page_findings *f,
                           const struct bulletin_line *first)
{
    const struct currency *c = first->cost.currency;
    money_t sum = {0};
    char text[VOICE_TEXT_SIZE];
    bool is_any = false;

    for (size_t i = 0; i < f->n; i++) {
        const struct bulletin_line *l = &f->lines[i];
        if (l->group != first->group || l->state != first->state || plan_is_ended(p->r, l) ||
            l->is_trial || l->is_waived || l->is_disputed ||
            (l->state == STATE_POTENTIAL && !l->has_confirms))
            continue;
        if (!l->cost.is_known || l->cost.currency != c ||
            money_add(sum, l->cost.amount, &sum) < 0)
            return;
        is_any = true;
    }
    if (!is_any)
        return;
    SAY(p->v, page_say(p),
        first->state == STATE_CONFIRMED ? WORD_GROUP_COSTS : WORD_GROUP_WOULD_COST,
        voice_money(p->v, sum, c, text));
    page_fact(p, WORD_LABEL_COST, under);
}

static void add_group(struct page *p, const struct page_findings *f,
                      const struct bulletin_line *first)
{
    add_group_title(p, f, first);
    add_members(p, f, first);
    /* The first is the one that has to be cleared the soonest. */
    say_clears(p->v, first, page_say(p));
    page_fact(p, WORD_LABEL_CLEARS, under);
    if (first->cost.is_known) {
        add_group_cost(p, f, first);
    } else {
        say_cost(p->v, first, page_say(p));
        page_fact(p, WORD_LABEL_COST, under);
    }
    add_clause(p, first->kind);
    add_explain(p, first);
    page_gap(p);
}

/* ---- All of them ------------------------------------------------------------------------- */

static int64_t lines_of(const struct page_findings *f, const struct bulletin_line *l)
{
    return plan_is_grouped(f->x, l) ? (int64_t)f->x->groups[l->group].n : 1;
}

static void add_state(struct page *p, const struct page_findings *f, enum finding_state state,
                      enum word heading)
{
    bool has_heading = false;

    for (size_t i = 0; i < f->n; i++) {
        const struct bulletin_line *l = &f->lines[i];
        if (l->state != state || !plan_is_told(p->r, f->x, f->lines, i) ||
            !plan_take(&p->plan, state, lines_of(f, l)))
            continue;
        if (!has_heading) {
            page_heading(p, f->level, heading);
            page_gap(p);
        }
        has_heading = true;
        if (plan_is_grouped(f->x, l))
            add_group(p, f, l);
        else
            add_finding(p, l);
    }
}

void page_findings(struct page *p, const struct page_findings *f)
{
    add_state(p, f, STATE_CONFIRMED, WORD_HEAD_CONFIRMED);
    add_state(p, f, STATE_POTENTIAL, WORD_HEAD_POTENTIAL);
    add_state(p, f, STATE_NOTICE, WORD_HEAD_NOTICES);
}

static void add_ended(struct page *p, const struct bulletin_line *l)
{
    add_title(p, l);
    if (l->change == CHANGE_RESOLVED) {
        say_changed(p->v, l, page_say(p));
    } else { /* potential, but it no longer goes on */
        say_living(p->v, l, page_say(p));
        page_wrap(p, under, under);
        say_clears(p->v, l, page_say(p));
    }
    page_wrap(p, under, under);
}

void page_ended(struct page *p, const struct bulletin_reseller *x)
{
    bool has_heading = false;

    for (size_t i = 0; i < x->n_lines; i++) {
        const struct bulletin_line *l = &x->lines[i];
        if (!plan_is_ended(p->r, l))
            continue;
        if (!has_heading)
            page_heading(p, 2, WORD_HEAD_ENDED);
        has_heading = true;
        add_ended(p, l);
    }
}

void page_more(struct page *p)
{
    int64_t not_kept = plan_not_kept(p->r);

    if (p->plan.not_shown == 0 && not_kept == 0)
        return;
    page_gap(p);
    say_more(p->v, p->r, p->plan.not_shown, not_kept, page_say(p));
    page_wrap(p, "", "");
}
