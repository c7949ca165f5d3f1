/* The explanation for people: who, when, the rules step by step, money, what clears it. */
#include "ctl/explain.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The state's word; colour only underlines it. */
static const char *state_word(const struct telling *t, enum finding_state s,
                              char out[static 64])
{
    static const struct {
        const char *word, *colour;
    } words[] = {
        [STATE_CLEAR] = {"nothing found", "32"},
        [STATE_NOTICE] = {"NOTICE, not charged", "36"},
        [STATE_POTENTIAL] = {"POTENTIAL, not charged", "33"},
        [STATE_CONFIRMED] = {"CONFIRMED", "31"},
    };

    if (t->has_colour)
        (void)snprintf(out, 64, "\033[1;%sm%s\033[0m", words[s].colour, words[s].word);
    else
        (void)snprintf(out, 64, "%s", words[s].word);
    return out;
}

/* ---- The head -------------------------------------------------------------------------- */

static void tell_subject(const struct telling *t, const char *period)
{
    const struct story *s = t->story;
    char word[64], shown[DNAME_SHOWN_SIZE], quoted[TEXT_QUOTE_SIZE];

    tell_line(t, "%s in %s: %s", s->subject.name, period, state_word(t, s->state, word));
    if (s->subject.is_license ||
        strcmp(dname_show(s->subject.name, shown), s->subject.name) == 0)
        return;
    tell_line(t, "  Domain    %s", text_quote(text_of(shown), quoted));
}

/* The answer in one sentence: what is charged, or would be. */
static void tell_summary(const struct telling *t)
{
    const struct story *s = t->story;
    char amount[MONEY_TEXT_SIZE], entered[MONEY_TEXT_SIZE];
    bool has_said = false;

    for (size_t i = 0; i < s->n_money; i++) {
        const struct story_money *m = &s->money[i];
        if (m->has_draft)
            tell_line(t, "  Answer    %s: %lld too many; %s %s due, %s entered%s",
                      charge_kind_name(m->kind), (long long)m->due.quantity,
                      money_format(m->due.amount, m->currency, amount), m->currency->code,
                      money_format(m->entered, m->currency, entered),
                      m->is_trial ? " (trial)" : "");
        else if (m->has_would)
            tell_line(t, "  Answer    %s: not charged; %s %s if it is confirmed as it is",
                      charge_kind_name(m->kind), money_format(m->would, m->currency, amount),
                      m->currency->code);
        has_said = has_said || m->has_draft || m->has_would;
    }
    if (!has_said)
        tell_line(t, "  Answer    nothing is charged");
}

static void tell_head(const struct telling *t)
{
    const struct story *s = t->story;
    char period[PERIOD_TEXT_SIZE], from[ZONE_TEXT_SIZE], to[ZONE_TEXT_SIZE];
    char end[ZONE_TEXT_SIZE], as_of[ZONE_TEXT_SIZE];

    (void)period_format(s->period, period);
    tell_subject(t, period);
    tell_summary(t);
    tell_line(t, "  Period    %s to %s", zone_format(t->zone, s->p0, from),
              zone_format(t->zone, s->p1, to));
    tell_line(t, "  Judged    up to %s, by what was known at %s",
              zone_format(t->zone, s->end, end), zone_format(t->zone, s->as_of, as_of));
    tell_line(t, "  Policy    version %s; times below are in %s", s->policy, t->zone->name);
    if (!s->is_spoken_of)
        tell_wrapped(t, "  ", 2,
                     "The rules do not speak of keys with this prefix: an add-on rides on its "
                     "main key, and is only listed.");
    else if (s->n_entries == 0)
        tell_wrapped(t, "  ", 2, "The estate has no entry for it: nobody can be charged.");
}

/* ---- The question ---------------------------------------------------------------------- */

/* One line of the question that all charging rules ask. */
static void question_row(struct table *table, const char *where, dur_t had, dur_t limit,
                         const char *limit_name)
{
    char had_text[STORY_DUR_SIZE], limit_text[STORY_DUR_SIZE];

    table_cell(table, "%s", where);
    table_cell(table, "%s", story_dur(had, had_text));
    table_cell(table, "%s", limit_name);
    table_cell(table, "%s", story_dur(limit, limit_text));
    table_cell(table, "%s", had.s > limit.s ? "longer" : "not longer");
}

static void tell_answer(const struct telling *t, const struct story_rule *rule)
{
    const struct level_answer *a = &rule->answer;
    char flag[STORY_DUR_SIZE], since[ZONE_TEXT_SIZE] = "", text[512];

    if (a->has_since)
        (void)zone_format(t->zone, a->since, since);
    switch (a->state) {
    case STATE_CONFIRMED:
        (void)snprintf(text, sizeof(text),
                       "Confirmed, quantity %lld: the largest number that was held longer than "
                       "both. It began at %s.",
                       (long long)a->quantity, since);
        break;
    case STATE_POTENTIAL:
        (void)snprintf(text, sizeof(text),
                       "Potential, quantity %lld, not charged: seen longer than %s in the "
                       "period, but not longer than both. It began at %s.",
                       (long long)a->quantity, story_dur(rule->terms.flag_after, flag), since);
        break;
    case STATE_NOTICE:
    case STATE_CLEAR:
        (void)snprintf(text, sizeof(text),
                       "Nothing found: not seen longer than %s in the period.",
                       story_dur(rule->terms.flag_after, flag));
        break;
    }
    tell_wrapped(t, "   ", 3, text);
}

static int tell_question(const struct telling *t, const struct story_rule *rule, int number)
{
    static const char *const heads[] = {"At 1 or more", ">For", "against", ">Allowed",
                                        "Answer"};
    struct table *table;
    char lead[16], first[EXPLAIN_MOMENT_SIZE], where[96];

    (void)snprintf(lead, sizeof(lead), "%d. ", number);
    tell_wrapped(t, lead, 3,
                 "The question: for how long was it held? Time adds up, broken or not.");
    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    (void)snprintf(where, sizeof(where), "since %s, the look-back included",
                   tell_moment(t, rule->terms.window.first, first));
    question_row(table, where, rule->answer.in_window, rule->terms.grace, "the grace");
    question_row(table, "in the period itself", rule->answer.in_v, rule->terms.period_min,
                 "the minimum in a period");
    int r = tell_table(t, table, 0);
    tell_answer(t, rule);
    return r;
}

/* ---- Rules and entries ----------------------------------------------------------------- */

static int tell_rule(const struct telling *t, const struct story_entry *e,
                     const struct story_rule *rule)
{
    char heading[160], word[64], text[512];
    int r, steps = 3;

    (void)snprintf(
        heading, sizeof(heading), "%s: %s", finding_kind_name(rule->kind),
        state_word(&(struct telling){.has_colour = false}, rule->answer.state, word));
    tell_heading(t, heading);
    (void)snprintf(text, sizeof(text), "%s: %s", finding_clause(rule->kind),
                   explain_clause(rule->kind));
    tell_wrapped(t, "", 0, text);
    if (rule->kind == FINDING_EXTRA_IP) {
        r = tell_extra_ip(t, e);
    } else {
        r = rule->kind == FINDING_OUTSIDE ? tell_outside(t, e) : tell_mailboxes(t, e);
        steps = 2;
    }
    return r < 0 ? r : tell_question(t, rule, steps + 1);
}

static void tell_binding(const struct telling *t, const struct story_entry *e)
{
    const struct story_unit *living = NULL;
    char last[EXPLAIN_MOMENT_SIZE];

    for (size_t i = 0; i < e->n_units; i++)
        if (!living || e->units[i].last.s > living->last.s)
            living = &e->units[i];
    if (e->binding.family != 0)
        tell_line(t, "  Bound to  %s, at the vendor", e->binding_unit);
    if (living)
        tell_line(t, "  Last seen %s, at %s", tell_moment(t, living->last, last), living->name);
}

static void tell_entry_head(const struct telling *t, const struct story_entry *e)
{
    char id[TEXT_QUOTE_SIZE], name[TEXT_QUOTE_SIZE], term[96], from[EXPLAIN_MOMENT_SIZE];

    tell_line(t, "\n  Reseller  %s, %s%s", text_quote(text_of(e->reseller), id),
              text_quote(text_of(e->reseller_name), name),
              e->is_trial ? " (trial: shown, never charged)" : "");
    tell_line(t, "  Entry     %s", tell_term(t, e->valid, term));
    if (!e->is_judged) {
        if (t->story->is_spoken_of)
            tell_line(
                t, "  Not judged: the entry is not valid for any time of the period so far.");
        return;
    }
    tell_line(t, "  Window    from %s: the look-back of the grace included",
              tell_moment(t, e->window.first, from));
    tell_binding(t, e);
    for (size_t i = 0; i < e->n_moves; i++)
        tell_line(t, "  Move      declared %s", tell_term(t, e->moves[i], term));
}

static int tell_entry(const struct telling *t, const struct story_entry *e)
{
    int r = 0;

    tell_entry_head(t, e);
    for (size_t i = 0; i < e->n_rules && r >= 0; i++)
        r = tell_rule(t, e, &e->rules[i]);
    if (r < 0 || !e->is_judged || !t->story->subject.is_license)
        return r;
    tell_heading(t, "Gaps in what was seen");
    return tell_gaps(t, e);
}

/* ---- Notices, money, advice ------------------------------------------------------------ */

static int tell_notices(const struct telling *t)
{
    static const char *const heads[] = {"Notice",    "Subject", "Reseller",
                                        ">Quantity", "Since",   "Clause"};
    const struct story *s = t->story;
    struct table *table;

    tell_heading(t, "Notices (never charged)");
    if (s->n_notices == 0) {
        tell_line(t, "   None.");
        return buf_error(t->out);
    }
    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < s->n_notices; i++) {
        const struct story_notice *n = &s->notices[i];
        char since[EXPLAIN_MOMENT_SIZE];
        table_cell(table, "%s", finding_kind_name(n->kind));
        table_cell(table, "%s", n->subject);
        table_cell(table, "%s", n->reseller ? n->reseller : "-");
        table_cell(table, "%lld", (long long)n->quantity);
        table_cell(table, "%s", n->has_since ? tell_moment(t, n->since, since) : "-");
        table_cell(table, "%s", finding_clause(n->kind)[0] ? finding_clause(n->kind) : "-");
    }
    return tell_table(t, table, 0);
}

static const char *money_remark(const struct story_money *m, char out[static 160])
{
    char would[MONEY_TEXT_SIZE];

    if (m->is_waived)
        return "waived";
    if (m->is_disputed)
        return "disputed: not entered until it is decided";
    if (!m->has_tariff)
        return m->has_draft && m->due.quantity > 0 ? "no tariff: nothing is due" : "no tariff";
    if (m->has_would) {
        (void)snprintf(out, 160, "would be %s for %lld, if confirmed",
                       money_format(m->would, m->currency, would),
                       (long long)m->would_quantity);
        return out;
    }
    return m->is_trial ? "trial: not entered" : "";
}

static void money_row(const struct story_money *m, struct table *table)
{
    char price[MONEY_TEXT_SIZE], due[MONEY_TEXT_SIZE], remark[160];

    table_cell(table, "%s", charge_kind_name(m->kind));
    table_cell(table, "%s", m->reseller);
    table_cell(table, "%lld", (long long)(m->has_draft ? m->due.quantity : 0));
    if (m->has_tariff && m->currency && m->block > 1)
        table_cell(table, "%s for each %lld", price_format(m->unit_price, m->currency, price),
                   (long long)m->block);
    else
        table_cell(table, "%s",
                   m->has_tariff && m->currency
                       ? price_format(m->unit_price, m->currency, price)
                       : "-");
    table_cell(table, "%s", m->currency ? m->currency->code : "-");
    if (m->has_draft) {
        table_cell(table, "%s", money_format(m->due.amount, m->currency, due));
        table_cell(table, "%s", money_format(m->entered, m->currency, due));
        table_cell(table, "%s", money_format(m->draft, m->currency, due));
    } else {
        for (int i = 0; i < 3; i++)
            table_cell(table, "%s",
                       m->currency ? money_format((money_t){0}, m->currency, due) : "-");
    }
    table_cell(table, "%s", money_remark(m, remark));
}

static int tell_money(const struct telling *t)
{
    static const char *const heads[] = {"Kind", "Reseller", ">Quantity", ">Price", "Currency",
                                        ">Due", ">Entered", ">Draft",    "Remark"};
    const struct story *s = t->story;
    struct table *table;

    tell_heading(t, "Money (excluding VAT; a draft is entered only when the period is closed)");
    if (s->n_money == 0) {
        tell_line(t, "   Nothing is due.");
        return buf_error(t->out);
    }
    if (table_new(heads, ARRAY_LEN(heads), &table) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < s->n_money; i++)
        money_row(&s->money[i], table);
    return tell_table(t, table, 0);
}

static void tell_advice(const struct telling *t)
{
    const struct story *s = t->story;

    tell_heading(t, "What clears it, and by when");
    if (s->n_advice == 0)
        tell_line(t, "   Nothing has to be done.");
    for (size_t i = 0; i < s->n_advice; i++) {
        const struct story_advice *a = &s->advice[i];
        bool is_same = i > 0 && s->advice[i - 1].kind == a->kind &&
                       s->advice[i - 1].reseller == a->reseller;
        if (!is_same)
            tell_line(t, "   %s", finding_kind_name(a->kind));
        tell_wrapped(t, "   - ", 5, a->text);
    }
}

int explain_text(const struct telling *t)
{
    int r = 0;

    tell_head(t);
    for (size_t i = 0; i < t->story->n_entries && r >= 0; i++)
        r = tell_entry(t, &t->story->entries[i]);
    if (r >= 0)
        r = tell_notices(t);
    if (r >= 0)
        r = tell_money(t);
    if (r < 0)
        return r;
    tell_advice(t);
    return buf_error(t->out);
}
