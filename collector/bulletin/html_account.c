/* The HTML report's part by reseller, for their account manager. */
#include "bulletin/html_parts.h"
#include <string.h>

/* Names of resellers without findings that are written out; more are counted. */
enum { QUIET_NAMED_MAX = 40 };

static void add_name(struct html *h, const struct bulletin_reseller *x)
{
    html_raw(h, "<h3" A_H3 ">");
    html_name(h, x->name);
    if (strcmp(x->name, x->id) != 0) {
        html_raw(h, " <span" A_SOFT ">");
        html_name(h, x->id);
        html_raw(h, "</span>");
    }
    if (x->is_trial) {
        html_raw(h, " <span" A_PILL ">");
        html_word(h, WORD_IS_TRIAL);
        html_raw(h, "</span>");
    }
    html_raw(h, "</h3>\n");
}

static void add_reseller(struct html *h, const struct bulletin_reseller *x)
{
    add_name(h, x);
    html_states(h,
                (struct html_findings){.x = x, .lines = x->lines, .n = x->n_lines, .level = 4});
    html_money(h, x);
    html_holds(h, x);
    html_heading(h, 4, WORD_HEAD_COVERAGE);
    say_coverage(h->v, &x->coverage, html_say(h));
    html_said_in_p(h, A_P);
    say_strikes(h->v, &x->strikes, html_say(h));
    if (h->said.len == 0)
        return;
    html_heading(h, 4, WORD_HEAD_STRIKES);
    say_strikes(h->v, &x->strikes, html_say(h));
    html_said_in_p(h, A_P);
}

static void add_quiet(struct html *h)
{
    int64_t n = 0;

    for (size_t i = 0; i < h->r->n_resellers; i++) {
        const struct bulletin_reseller *x = &h->r->resellers[i];
        if (!plan_is_quiet(h->r, x))
            continue;
        if (n == 0) {
            html_heading(h, 2, WORD_HEAD_QUIET);
            html_raw(h, "<p" A_P ">");
        }
        if (n > 0 && n < QUIET_NAMED_MAX)
            html_raw(h, ", ");
        if (n < QUIET_NAMED_MAX)
            html_name(h, x->name);
        n++;
    }
    if (n == 0)
        return;
    if (n > QUIET_NAMED_MAX) {
        html_raw(h, " ");
        SAY_N(h->v, html_say(h), WORD_AND_MORE, n - QUIET_NAMED_MAX);
        html_said(h);
    }
    html_raw(h, "</p>\n");
}

/* Findings that belong to no reseller. */
static void add_unassigned(struct html *h)
{
    if (h->r->n_unassigned == 0)
        return;
    html_heading(h, 2, WORD_HEAD_UNASSIGNED);
    html_states(h, (struct html_findings){
                       .lines = h->r->unassigned, .n = h->r->n_unassigned, .level = 3});
}

void html_resellers(struct html *h)
{
    bool has_any = false;

    html_heading(h, 2, WORD_HEAD_RESELLERS);
    for (size_t i = 0; i < h->r->n_resellers; i++)
        if (!plan_is_quiet(h->r, &h->r->resellers[i])) {
            add_reseller(h, &h->r->resellers[i]);
            has_any = true;
        }
    if (!has_any) {
        html_raw(h, "<p" A_P ">");
        html_word(h, WORD_NO_FINDINGS);
        html_raw(h, "</p>\n");
    }
    add_quiet(h);
    add_unassigned(h);
    html_more(h);
}
