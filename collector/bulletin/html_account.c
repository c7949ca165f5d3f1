/* The HTML report's part by reseller, for their account manager. */
#include "bulletin/html_parts.h"
#include <string.h>

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

static void add_names(struct html *h, enum word heading, const struct say_names *names)
{
    if (names->n == 0)
        return;
    html_heading(h, 2, heading);
    say_names(h->v, names, html_say(h));
    html_said_in_p(h, A_P);
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
    struct say_names quiet = {.n = 0}, others = {.n = 0};
    bool has_any = false;

    html_heading(h, 2, WORD_HEAD_RESELLERS);
    for (size_t i = 0; i < h->r->n_resellers; i++) {
        const struct bulletin_reseller *x = &h->r->resellers[i];
        if (plan_is_quiet(h->r, x)) {
            say_names_add(&quiet, x->name);
            continue;
        }
        has_any = true;
        if (plan_take_section(&h->plan, h->r, x))
            add_reseller(h, x);
        else
            say_names_add(&others, x->name);
    }
    if (!has_any) {
        html_raw(h, "<p" A_P ">");
        html_word(h, WORD_NO_FINDINGS);
        html_raw(h, "</p>\n");
    }
    add_names(h, WORD_HEAD_OTHERS, &others);
    add_names(h, WORD_HEAD_QUIET, &quiet);
    add_unassigned(h);
    html_more(h);
}
