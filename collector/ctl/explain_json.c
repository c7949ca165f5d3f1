/* The explanation as JSON (fairuse-explain(5)): what the text says, for programs. */
#include "ctl/explain.h"
#include "json/jsonw.h"
#include <string.h>

/* A moment, or null for "always" and "never". */
static void put_moment(struct jsonw *w, const char *key, bool has, wall_t t)
{
    if (has && t.s >= WALL_MIN.s && t.s <= WALL_MAX.s)
        jsonw_int(w, key, t.s);
    else
        jsonw_null(w, key);
}

static void put_span(struct jsonw *w, const char *key, struct span s)
{
    jsonw_array(w, key);
    jsonw_int(w, NULL, s.first.s);
    jsonw_int(w, NULL, s.last.s);
    jsonw_end_array(w);
}

static void put_spans(struct jsonw *w, const char *key, struct story_spans s)
{
    jsonw_array(w, key);
    for (size_t i = 0; i < s.n; i++)
        put_span(w, NULL, s.v[i]);
    jsonw_end_array(w);
}

static void put_term(struct jsonw *w, struct term t)
{
    put_moment(w, "from", true, t.from);
    put_moment(w, "to", true, t.to);
}

/* ---- Rules ----------------------------------------------------------------------------- */

static void put_outlook(struct jsonw *w, const struct story_rule *rule)
{
    const struct story_outlook *o = &rule->outlook;
    bool is_open = o->has_last && o->goes_on && rule->answer.state != STATE_CONFIRMED;
    char next[PERIOD_TEXT_SIZE];

    jsonw_object(w, "outlook");
    jsonw_bool(w, "goes_on", o->goes_on);
    put_moment(w, "last", o->has_last, o->last);
    jsonw_int(w, "grace_left", o->grace_left.s);
    put_moment(w, "free_until", is_open, o->free_until);
    jsonw_bool(w, "can_confirm", is_open && o->can_confirm);
    put_moment(w, "confirmed_at", o->has_confirmed_at, o->confirmed_at);
    jsonw_text(w, "next_period", o->has_next ? period_format(o->next, next) : NULL);
    put_moment(w, "next_window", o->has_next, o->next_window);
    if (o->has_next)
        jsonw_int(w, "next_carried", o->next_carried.s);
    else
        jsonw_null(w, "next_carried");
    put_moment(w, "next_free_until", o->has_next && o->goes_on, o->next_free_until);
    jsonw_text(w, "forgotten_from", o->has_next ? period_format(o->forgotten, next) : NULL);
    jsonw_end_object(w);
}

static void put_level(struct jsonw *w, const char *key, struct story_level l)
{
    jsonw_array(w, key);
    for (size_t i = 0; i < l.n; i++) {
        jsonw_array(w, NULL);
        jsonw_int(w, NULL, l.v[i].at.s);
        jsonw_int(w, NULL, l.v[i].on);
        jsonw_int(w, NULL, l.v[i].after);
        jsonw_end_array(w);
    }
    jsonw_end_array(w);
}

static void put_rule(struct jsonw *w, const struct story_rule *rule)
{
    const struct level_answer *a = &rule->answer;

    jsonw_object(w, NULL);
    jsonw_text(w, "kind", finding_kind_name(rule->kind));
    jsonw_text(w, "clause", finding_clause(rule->kind));
    jsonw_text(w, "says", explain_clause(rule->kind));
    jsonw_text(w, "state", finding_state_name(a->state));
    jsonw_int(w, "quantity", a->quantity);
    put_moment(w, "since", a->has_since, a->since);
    put_moment(w, "confirms_at", a->has_confirms, a->confirms_at);
    put_span(w, "window", rule->terms.window);
    put_span(w, "in_period", rule->terms.v);
    jsonw_int(w, "grace", rule->terms.grace.s);
    jsonw_int(w, "period_min", rule->terms.period_min.s);
    jsonw_int(w, "flag_after", rule->terms.flag_after.s);
    jsonw_int(w, "seconds_in_window", a->in_window.s);
    jsonw_int(w, "seconds_in_period", a->in_v.s);
    put_level(w, "level", rule->level);
    put_spans(w, "held", rule->held);
    put_outlook(w, rule);
    jsonw_end_object(w);
}

/* ---- A licence's entry ----------------------------------------------------------------- */

static void put_machines(struct jsonw *w, const struct story_entry *e)
{
    jsonw_array(w, "machines");
    for (size_t i = 0; i < e->n_machines; i++) {
        const struct story_machine *m = &e->machines[i];
        jsonw_object(w, NULL);
        jsonw_text(w, "server", m->server);
        jsonw_text(w, "boot_id", m->boot);
        put_moment(w, "retired", true, m->retired);
        jsonw_array(w, "gaps");
        for (size_t k = 0; k < m->n_gaps; k++) {
            jsonw_object(w, NULL);
            jsonw_text(w, "what", gap_kind_name(m->gaps[k].what));
            jsonw_int(w, "first", m->gaps[k].seen.first.s);
            jsonw_int(w, "last", m->gaps[k].seen.last.s);
            jsonw_int(w, "lost", m->gaps[k].lost);
            jsonw_end_object(w);
        }
        jsonw_end_array(w);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static const char *standing_name(enum story_standing s)
{
    switch (s) {
    case STANDING_INSIDE: return "inside";
    case STANDING_UNKNOWN: return "unknown";
    case STANDING_OUTSIDE: return "outside";
    case STANDING_SECOND: return "second-stack";
    }
    return "inside";
}

static void put_unit(struct jsonw *w, const struct story_unit *u)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "unit", u->name);
    jsonw_bool(w, "one_place", u->is_one_place);
    jsonw_int(w, "last", u->last.s);
    jsonw_int(w, "presence_seconds", u->present.s);
    jsonw_int(w, "counted_seconds", u->counted.s);
    jsonw_int(w, "outside_seconds", u->outside.s);
    jsonw_array(w, "networks");
    for (size_t i = 0; i < u->n_networks; i++)
        jsonw_int(w, NULL, u->networks[i]);
    jsonw_end_array(w);
    jsonw_array(w, "stretches");
    for (size_t i = 0; i < u->n_stands; i++) {
        jsonw_object(w, NULL);
        jsonw_int(w, "first", u->stands[i].at.first.s);
        jsonw_int(w, "last", u->stands[i].at.last.s);
        jsonw_text(w, "stands", standing_name(u->stands[i].standing));
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_end_object(w);
}

static void put_lane(struct jsonw *w, const struct story_lane *l)
{
    jsonw_object(w, NULL);
    jsonw_int(w, "machine", l->machine);
    jsonw_int(w, "unit", l->unit);
    jsonw_int(w, "first", l->seen.first.s);
    jsonw_int(w, "last", l->seen.last.s);
    jsonw_int(w, "observed_seconds", l->observed.s);
    jsonw_int(w, "presence_seconds", l->presence.s);
    jsonw_int(w, "peer_seconds", l->by_peer.s);
    jsonw_array(w, "sources");
    for (unsigned i = 0; i < SOURCE_COUNT; i++)
        if (l->sources >> i & 1)
            jsonw_text(w, NULL, source_name((enum source)i));
    jsonw_end_array(w);
    put_spans(w, "presences", l->presences);
    put_spans(w, "seen_by_agents", l->by_agents);
    put_spans(w, "seen_by_collector", l->by_peers);
    jsonw_end_object(w);
}

static void put_step(struct jsonw *w, const struct story_step *s)
{
    jsonw_object(w, NULL);
    jsonw_int(w, "first", s->at.first.s);
    jsonw_int(w, "last", s->at.last.s);
    jsonw_int(w, "machines", s->machines);
    jsonw_int(w, "units", s->units);
    jsonw_int(w, "level", s->level);
    jsonw_int(w, "outside", s->outside);
    jsonw_bool(w, "move", s->is_move);
    jsonw_end_object(w);
}

static void put_estate(struct jsonw *w, const struct story_entry *e)
{
    jsonw_array(w, "moves");
    for (size_t i = 0; i < e->n_moves; i++) {
        jsonw_object(w, NULL);
        put_term(w, e->moves[i]);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_array(w, "networks");
    for (size_t i = 0; i < e->n_networks; i++) {
        jsonw_object(w, NULL);
        jsonw_text(w, "network", e->networks[i].name);
        put_term(w, e->networks[i].valid);
        jsonw_bool(w, "one_place", e->networks[i].is_one_place);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_license_entry(struct jsonw *w, const struct story_entry *e)
{
    jsonw_text(w, "binding", e->binding.family != 0 ? e->binding_unit : NULL);
    put_estate(w, e);
    put_machines(w, e);
    jsonw_array(w, "units");
    for (size_t i = 0; i < e->n_units; i++)
        put_unit(w, &e->units[i]);
    jsonw_end_array(w);
    jsonw_array(w, "presences");
    for (size_t i = 0; i < e->n_lanes; i++)
        put_lane(w, &e->lanes[i]);
    jsonw_end_array(w);
    jsonw_array(w, "steps");
    for (size_t i = 0; i < e->n_steps; i++)
        put_step(w, &e->steps[i]);
    jsonw_end_array(w);
}

/* ---- A domain's entry ------------------------------------------------------------------ */

static void put_mail_server(struct jsonw *w, const struct story_mail_server *s)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "server", s->server);
    jsonw_int(w, "first", s->seen.first.s);
    jsonw_int(w, "last", s->seen.last.s);
    jsonw_int(w, "most", s->most);
    jsonw_int(w, "last_count", s->last_count);
    jsonw_int(w, "mailboxes", s->last_counts.mailboxes);
    jsonw_int(w, "aliases", s->last_counts.aliases);
    jsonw_int(w, "forwards", s->last_counts.forwards);
    jsonw_int(w, "lists", s->last_counts.lists);
    put_spans(w, "counted", s->rows);
    put_spans(w, "known", s->known);
    put_level(w, "count", s->level);
    jsonw_end_object(w);
}

static int put_domain_entry(struct jsonw *w, const struct story_entry *e)
{
    AUTO(mail_stretches) struct mail_stretches all = {0};
    int r = mail_stretches_of(e, &all);

    jsonw_array(w, "servers");
    for (size_t i = 0; i < e->n_servers; i++)
        put_mail_server(w, &e->servers[i]);
    jsonw_end_array(w);
    put_level(w, "sum", e->sum);
    jsonw_array(w, "steps");
    for (size_t i = 0; i < all.n; i++) {
        jsonw_object(w, NULL);
        jsonw_int(w, "first", all.v[i].at.first.s);
        jsonw_int(w, "last", all.v[i].at.last.s);
        jsonw_int(w, "count", all.v[i].count);
        jsonw_int(w, "limit", all.v[i].limit);
        jsonw_int(w, "over", all.v[i].over);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    return r;
}

/* ---- The whole ------------------------------------------------------------------------- */

static const char *charge_by_name(enum charge_by by)
{
    switch (by) {
    case CHARGE_BY_BOTH: return "both";
    case CHARGE_BY_ADDRESSES: return "addresses";
    case CHARGE_BY_SERVERS: return "servers";
    }
    return "both";
}

/* The settings that the story's rules used. */
static void put_settings(struct jsonw *w, const struct policy *p)
{
    jsonw_object(w, "settings");
    jsonw_array(w, "count_sources");
    for (unsigned i = 0; i < SOURCE_COUNT; i++)
        if (p->count_sources >> i & 1)
            jsonw_text(w, NULL, source_name((enum source)i));
    jsonw_end_array(w);
    jsonw_text(w, "charge_by", charge_by_name(p->charge_by));
    jsonw_int(w, "grace", p->grace.s);
    jsonw_int(w, "outside_grace", p->outside_grace.s);
    jsonw_int(w, "period_min", p->period_min.s);
    jsonw_int(w, "bridge", p->bridge.s);
    jsonw_int(w, "flag_after", p->flag_after.s);
    jsonw_text(w, "mailbox_basis",
               p->mailbox_basis == BASIS_ADDRESSES ? "addresses" : "mailboxes");
    jsonw_text(w, "mailbox_split", p->mailbox_split == SPLIT_SUM ? "sum" : "max");
    jsonw_bool(w, "mailbox_filtered_only", p->mailbox_filtered_only);
    jsonw_int(w, "mailbox_sustain", p->mailbox_sustain.s);
    jsonw_end_object(w);
}

static int put_entry(struct jsonw *w, const struct story *s, const struct story_entry *e)
{
    int r = 0;

    jsonw_object(w, NULL);
    jsonw_text(w, "reseller", e->reseller);
    jsonw_text(w, "reseller_name", e->reseller_name);
    jsonw_bool(w, "trial", e->is_trial);
    put_term(w, e->valid);
    jsonw_bool(w, "judged", e->is_judged);
    if (e->is_judged) {
        put_span(w, "window", e->window);
        put_settings(w, &e->policy);
        jsonw_array(w, "rules");
        for (size_t i = 0; i < e->n_rules; i++)
            put_rule(w, &e->rules[i]);
        jsonw_end_array(w);
        if (s->subject.is_license)
            put_license_entry(w, e);
        else
            r = put_domain_entry(w, e);
    }
    jsonw_end_object(w);
    return r;
}

static void put_notices(struct jsonw *w, const struct story *s)
{
    jsonw_array(w, "notices");
    for (size_t i = 0; i < s->n_notices; i++) {
        const struct story_notice *n = &s->notices[i];
        jsonw_object(w, NULL);
        jsonw_text(w, "kind", finding_kind_name(n->kind));
        jsonw_text(w, "clause", finding_clause(n->kind));
        jsonw_text(w, "reseller", n->reseller);
        jsonw_text(w, "subject", n->subject);
        jsonw_int(w, "quantity", n->quantity);
        put_moment(w, "since", n->has_since, n->since);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

/* An amount as a decimal string; null where there is none. */
static void put_money(struct jsonw *w, const char *key, const struct story_money *m, bool has,
                      money_t amount)
{
    char text[MONEY_TEXT_SIZE];

    jsonw_text(w, key, has && m->currency ? money_format(amount, m->currency, text) : NULL);
}

static void put_key(struct jsonw *w, const struct story_money *m)
{
    char text[MONEY_TEXT_SIZE];
    bool is_priced = m->has_tariff && m->currency;

    jsonw_object(w, NULL);
    jsonw_text(w, "kind", charge_kind_name(m->kind));
    jsonw_text(w, "reseller", m->reseller);
    jsonw_int(w, "quantity", m->has_draft ? m->due.quantity : 0);
    jsonw_int(w, "units", m->has_draft ? m->due.units : 0);
    jsonw_text(w, "unit_price",
               is_priced ? price_format(m->unit_price, m->currency, text) : NULL);
    if (is_priced)
        jsonw_int(w, "block", m->block);
    else
        jsonw_null(w, "block");
    jsonw_text(w, "currency", m->currency ? m->currency->code : NULL);
    jsonw_text(w, "basis", m->has_draft ? due_basis_name(m->due.basis) : NULL);
    put_money(w, "due", m, true, m->has_draft ? m->due.amount : (money_t){0});
    put_money(w, "entered", m, true, m->entered);
    put_money(w, "draft", m, true, m->draft);
    put_money(w, "would_be_due", m, m->has_would, m->would);
    jsonw_bool(w, "trial", m->is_trial);
    jsonw_bool(w, "disputed", m->is_disputed);
    jsonw_bool(w, "waived", m->is_waived);
    jsonw_end_object(w);
}

static void put_ends(struct jsonw *w, const struct story *s)
{
    jsonw_array(w, "money");
    for (size_t i = 0; i < s->n_money; i++)
        put_key(w, &s->money[i]);
    jsonw_end_array(w);
    jsonw_array(w, "advice");
    for (size_t i = 0; i < s->n_advice; i++) {
        const struct story_advice *a = &s->advice[i];
        jsonw_object(w, NULL);
        jsonw_text(w, "kind", finding_kind_name(a->kind));
        jsonw_text(w, "reseller", a->reseller);
        put_moment(w, "by", a->has_by, a->by);
        jsonw_text(w, "text", a->text);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

int explain_json(const struct telling *t)
{
    const struct story *s = t->story;
    struct jsonw w = jsonw_to(t->out, true);
    char period[PERIOD_TEXT_SIZE];
    int r = 0;

    jsonw_object(&w, NULL);
    jsonw_text(&w, "subject", s->subject.name);
    jsonw_text(&w, "what", s->subject.is_license ? "license" : "domain");
    jsonw_text(&w, "period", period_format(s->period, period));
    jsonw_int(&w, "period_start", s->p0.s);
    jsonw_int(&w, "period_end", s->p1.s);
    jsonw_int(&w, "end", s->end.s);
    jsonw_int(&w, "as_of", s->as_of.s);
    jsonw_text(&w, "policy", s->policy);
    jsonw_bool(&w, "spoken_of", s->is_spoken_of);
    jsonw_text(&w, "state", finding_state_name(s->state));
    jsonw_array(&w, "entries");
    for (size_t i = 0; i < s->n_entries && r >= 0; i++)
        r = put_entry(&w, s, &s->entries[i]);
    jsonw_end_array(&w);
    put_notices(&w, s);
    put_ends(&w, s);
    jsonw_end_object(&w);
    buf_add_char(t->out, '\n');
    return r < 0 ? r : buf_error(t->out);
}
