/* Findings in the HTML report: all that is said of one. */
#include "bulletin/html_parts.h"
#include <string.h>

/* ---- Pictures -------------------------------------------------------------------------- */

/* A width that fits the column, for mail programs that know no maximum. */
enum { PICTURE_WIDTH_MAX = 640 };

void html_picture(struct html *h, const struct bulletin_picture *p)
{
    uint32_t width = p->width < PICTURE_WIDTH_MAX ? p->width : PICTURE_WIDTH_MAX;
    const char *at = strchr(p->cid, '@');
    struct buf *source = html_say(h);

    if (h->folder) {
        buf_printf(source, "%s/", h->folder);
        buf_add(source, p->cid, at ? (size_t)(at - p->cid) : strlen(p->cid));
        buf_add_str(source, ".png");
    } else {
        buf_printf(source, "cid:%s", p->cid);
    }
    html_raw(h, "<div" A_PICTURE_FRAME "><img src=\"");
    html_said(h);
    html_raw(h, "\" alt=\"");
    say_picture(h->v, p->line, html_say(h));
    html_said(h);
    buf_printf(h->out,
               "\" width=\"%u\" style=\"display:block;width:100%%;height:auto;border:0\">"
               "</div>\n",
               (unsigned)width);
}

/* A picture beside its finding: a reseller's own, and those that no call shows. */
static void add_picture(struct html *h, const struct bulletin_line *l)
{
    if (l->picture < 0 || (size_t)l->picture >= h->r->n_pictures)
        return;
    const struct bulletin_picture *p = &h->r->pictures[l->picture];
    if (!html_is_called(h, p->reseller))
        html_picture(h, p);
}

/* ---- One finding ----------------------------------------------------------------------- */

static const char *edge_of(enum finding_state s)
{
    switch (s) {
    case STATE_CONFIRMED: return A_FINDING_RED;
    case STATE_POTENTIAL: return A_FINDING_AMBER;
    case STATE_NOTICE: return A_FINDING_GREY;
    case STATE_CLEAR: break;
    }
    return A_FINDING_GREEN;
}

static void open_block(struct html *h, enum finding_state s, int level)
{
    html_raw(h, "<table" A_BOXED "><tr><td");
    html_raw(h, edge_of(s));
    buf_printf(h->out, ">\n<h%d" A_SUBJECT ">", level);
}

static void close_block(struct html *h)
{
    html_raw(h, "</td></tr></table>\n");
}

/* The month of a title; with it the title ends. */
static void close_title(struct html *h, const struct bulletin_line *l, int level)
{
    char period[VOICE_TEXT_SIZE];

    html_raw(h, " <span" A_SOFT ">\u00b7\u00a0");
    html_text(h, voice_period(h->v, l->period, period));
    html_raw(h, "</span>");
    buf_printf(h->out, "</h%d>\n", level);
}

/* "PLSK.01234567 [new] / 1 extra IP address (confirmed) . October 2026" */
static void add_title(struct html *h, const struct bulletin_line *l, int level)
{
    const char *change = say_change(h->v, l->change);

    html_name(h, l->shown);
    if (change[0] != '\0') {
        html_raw(h, " <span" A_PILL ">");
        html_text(h, change);
        html_raw(h, "</span>");
    }
    html_raw(h, "<br>\n<span" A_PLAIN ">");
    say_finding(h->v, l, html_say(h));
    html_said(h);
    html_raw(h, "</span>");
    close_title(h, l, level);
}

static void add_explain(struct html *h, const struct bulletin_line *l)
{
    if (h->r->audience != AUDIENCE_MANAGER || !say_can_explain(l))
        return;
    html_fact_open(h, WORD_LABEL_EXPLAIN);
    html_raw(h, "<code" A_CODE ">");
    say_explain(h->r, l, html_say(h));
    html_said(h);
    html_raw(h, "</code>");
    html_fact_close(h);
}

/* Whether there is more to tell of a change than the title's word and the other facts do. */
static bool tells_change(enum bulletin_change c)
{
    return c == CHANGE_WORSE || c == CHANGE_LESS || c == CHANGE_AGAIN;
}

static void add_facts(struct html *h, const struct bulletin_line *l)
{
    const struct voice *v = h->v;
    struct buf *said;

    html_facts_open(h);
    if (tells_change(l->change)) {
        say_changed(v, l, html_say(h));
        html_fact_said(h, WORD_LABEL_CHANGE);
    }
    said = html_say(h);
    say_seen(v, l, said);
    size_t seen = said->len;
    if (seen > 0)
        buf_add_char(said, ' ');
    say_living(v, l, said);
    html_fact_said(h, WORD_LABEL_SEEN);
    say_clears(v, l, html_say(h));
    html_fact_said(h, WORD_LABEL_CLEARS);
    say_cost(v, l, html_say(h));
    html_fact_said(h, WORD_LABEL_COST);
    if (h->r->audience == AUDIENCE_MANAGER) {
        say_sure(v, l, html_say(h));
        html_fact_said(h, WORD_LABEL_SURE);
    }
    buf_add_str(html_say(h), say_clause(v, l->kind));
    html_fact_said(h, WORD_LABEL_CLAUSE);
    add_explain(h, l);
    html_facts_close(h);
}

void html_finding(struct html *h, const struct bulletin_line *l, int level)
{
    open_block(h, l->state, level);
    add_title(h, l, level);
    add_facts(h, l);
    add_picture(h, l);
    close_block(h);
}

/* ---- Several of one cause -------------------------------------------------------------- */

enum { GROUP_NAMED_MAX = 6 };

/* One of a group's findings: its subject, and what it costs where that is its own. */
static void add_member(struct html *h, const struct bulletin_line *l, bool is_first)
{
    if (!l->cost.is_known) {
        html_raw(h, is_first ? "" : ", ");
        html_name(h, l->shown);
        return;
    }
    html_raw(h, is_first ? "" : "<br>\n");
    html_name(h, l->shown);
    html_raw(h, ": ");
    say_cost(h->v, l, html_say(h));
    html_said(h);
}

/* The first subjects of a group, and how many more. */
static void add_members(struct html *h, const struct html_findings *f,
                        const struct bulletin_line *first)
{
    int64_t n = 0;

    html_fact_open(h, WORD_LABEL_SUBJECTS);
    for (size_t i = 0; i < f->n; i++) {
        if (!plan_is_alike(h->r, &f->lines[i], first))
            continue;
        if (n < GROUP_NAMED_MAX)
            add_member(h, &f->lines[i], n == 0);
        n++;
    }
    if (n > GROUP_NAMED_MAX) {
        html_raw(h, " ");
        SAY_N(h->v, html_say(h), WORD_AND_MORE, n - GROUP_NAMED_MAX);
        html_said(h);
    }
    html_fact_close(h);
}

/* Its first line is the one that costs first: what clears that one clears all, if as soon. */
static void add_group(struct html *h, const struct html_findings *f,
                      const struct bulletin_line *first)
{
    open_block(h, f->state, f->level + 1);
    html_text(h, say_kind(h->v, first->kind));
    html_raw(h, "<br>\n<span" A_PLAIN ">");
    say_group(h->v, &f->x->groups[first->group], html_say(h));
    html_said(h);
    html_raw(h, "</span>");
    close_title(h, first, f->level + 1);
    html_facts_open(h);
    add_members(h, f, first);
    say_clears(h->v, first, html_say(h));
    html_fact_said(h, WORD_LABEL_CLEARS);
    if (!first->cost.is_known) {
        say_cost(h->v, first, html_say(h));
        html_fact_said(h, WORD_LABEL_COST);
    }
    buf_add_str(html_say(h), say_clause(h->v, first->kind));
    html_fact_said(h, WORD_LABEL_CLAUSE);
    add_explain(h, first);
    html_facts_close(h);
    close_block(h);
}

/* ---- All of a state -------------------------------------------------------------------- */

void html_findings(struct html *h, const struct html_findings *f)
{
    bool has_heading = false;

    for (size_t i = 0; i < f->n; i++) {
        const struct bulletin_line *l = &f->lines[i];
        if (l->state != f->state || !plan_is_told(h->r, f->x, f->lines, i) ||
            !plan_take(&h->plan, f->state, plan_stands_for(h->r, f->x, l)))
            continue;
        if (!has_heading)
            html_heading(h, f->level, f->heading);
        has_heading = true;
        if (plan_is_grouped(f->x, l))
            add_group(h, f, l);
        else
            html_finding(h, l, f->level + 1);
    }
}

void html_states(struct html *h, struct html_findings f)
{
    static const struct {
        enum finding_state state;
        enum word heading;
    } parts[] = {
        {STATE_CONFIRMED, WORD_HEAD_CONFIRMED},
        {STATE_POTENTIAL, WORD_HEAD_POTENTIAL},
        {STATE_NOTICE, WORD_HEAD_NOTICES},
    };

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        f.state = parts[i].state;
        f.heading = parts[i].heading;
        html_findings(h, &f);
    }
}

void html_more(struct html *h)
{
    int64_t not_kept = plan_not_kept(h->r);

    if (h->plan.not_shown == 0 && not_kept == 0)
        return;
    say_more(h->v, h->r, h->plan.not_shown, not_kept, html_say(h));
    html_said_in_p(h, A_P);
}

static void add_ended(struct html *h, const struct bulletin_line *l)
{
    open_block(h, STATE_CLEAR, 3);
    add_title(h, l, 3);
    if (l->change == CHANGE_RESOLVED) {
        say_changed(h->v, l, html_say(h));
        html_said_in_p(h, A_TIGHT);
    } else {
        add_facts(h, l);
    }
    close_block(h);
}

void html_ended(struct html *h, const struct bulletin_reseller *x)
{
    bool has_heading = false;

    for (size_t i = 0; i < x->n_lines; i++) {
        if (!plan_is_ended(h->r, &x->lines[i]))
            continue;
        if (!has_heading)
            html_heading(h, 2, WORD_HEAD_ENDED);
        has_heading = true;
        add_ended(h, &x->lines[i]);
    }
}
