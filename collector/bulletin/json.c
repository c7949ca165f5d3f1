/* The report as JSON, fairuse-bulletin(5): all members in the order of their names' bytes. */
#include "bulletin/render.h"
#include "json/jsonw.h"

/* ---- Values ------------------------------------------------------------------------------ */

static void put_moment(struct jsonw *w, const char *key, bool has, wall_t t)
{
    if (has)
        jsonw_int(w, key, t.s);
    else
        jsonw_null(w, key);
}

static void put_period(struct jsonw *w, const char *key, period_t p)
{
    char text[PERIOD_TEXT_SIZE];
    jsonw_text(w, key, period_format(p, text));
}

static void put_money(struct jsonw *w, const char *key, money_t m, const struct currency *c)
{
    char text[MONEY_TEXT_SIZE];
    jsonw_text(w, key, money_format(m, c, text));
}

static void put_count(struct jsonw *w, const char *key, size_t n)
{
    jsonw_int(w, key, (int64_t)n);
}

static const char *language_name(enum language l)
{
    return l == LANGUAGE_NL ? "nl" : "en";
}

static void put_currency(struct jsonw *w, const struct currency *c)
{
    jsonw_text(w, "currency", c ? c->code : NULL);
}

/* ---- A finding --------------------------------------------------------------------------- */

static void put_cost(struct jsonw *w, const struct bulletin_cost *c)
{
    char price[MONEY_TEXT_SIZE];

    if (!c->is_known) {
        jsonw_null(w, "cost");
        return;
    }
    jsonw_object(w, "cost");
    put_money(w, "amount", c->amount, c->currency);
    put_currency(w, c->currency);
    jsonw_text(w, "unit_price", price_format(c->unit_price, c->currency, price));
    jsonw_int(w, "units", c->units);
    jsonw_end_object(w);
}

static void put_places(struct jsonw *w, const struct bulletin_line *l)
{
    jsonw_array(w, "places");
    for (size_t i = 0; i < l->n_seen; i++) {
        const struct bulletin_seen *s = &l->seen[i];
        jsonw_object(w, NULL);
        jsonw_bool(w, "by_collector", s->by_collector);
        jsonw_int(w, "count", s->count);
        jsonw_int(w, "first", s->first.s);
        jsonw_bool(w, "goes_on", s->goes_on);
        jsonw_int(w, "last", s->last.s);
        jsonw_bool(w, "living", s->is_living);
        jsonw_bool(w, "outside", s->is_outside);
        jsonw_text(w, "server", s->server);
        jsonw_text(w, "unit", s->unit);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    put_count(w, "places_more", l->n_seen_more);
}

static void put_index(struct jsonw *w, const char *key, int32_t index)
{
    if (index < 0)
        jsonw_null(w, key);
    else
        jsonw_int(w, key, index);
}

static void put_line(struct jsonw *w, const struct bulletin_line *l)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "change", bulletin_change_name(l->change));
    jsonw_text(w, "clause", finding_clause(l->kind));
    jsonw_int(w, "collector_seconds", l->by_collector.s);
    put_moment(w, "confirms_at", l->has_confirms, l->confirms_at);
    put_cost(w, &l->cost);
    jsonw_bool(w, "disputed", l->is_disputed);
    jsonw_int(w, "gaps", l->gaps);
    put_index(w, "group", l->group);
    jsonw_text(w, "kind", finding_kind_name(l->kind));
    jsonw_int(w, "limit", l->limit);
    jsonw_int(w, "observed_seconds", l->observed.s);
    put_period(w, "period", l->period);
    put_index(w, "picture", l->picture);
    put_places(w, l);
    jsonw_text(w, "policy", l->policy);
    jsonw_int(w, "presence_seconds", l->presence.s);
    jsonw_int(w, "quantity", l->quantity);
    jsonw_text(w, "shown", l->shown);
    put_moment(w, "since", l->has_since, l->since);
    jsonw_text(w, "state", finding_state_name(l->state));
    jsonw_text(w, "subject", l->subject);
    jsonw_bool(w, "trial", l->is_trial);
    jsonw_bool(w, "waived", l->is_waived);
    jsonw_int(w, "was_quantity", l->was_quantity);
    jsonw_text(w, "was_state", finding_state_name(l->was_state));
    jsonw_end_object(w);
}

static void put_lines(struct jsonw *w, const char *key, const struct bulletin_line *v, size_t n)
{
    jsonw_array(w, key);
    for (size_t i = 0; i < n; i++)
        put_line(w, &v[i]);
    jsonw_end_array(w);
}

/* ---- A reseller -------------------------------------------------------------------------- */

static void put_coverage(struct jsonw *w, const struct bulletin_coverage *c)
{
    jsonw_object(w, "coverage");
    jsonw_int(w, "domains_counted", c->domains_counted);
    jsonw_int(w, "domains_known", c->domains_known);
    jsonw_int(w, "gaps_seconds", c->gaps.s);
    jsonw_bool(w, "lacks_ipv4", c->lacks_ipv4);
    jsonw_bool(w, "lacks_ipv6", c->lacks_ipv6);
    jsonw_int(w, "licenses_known", c->licenses_known);
    jsonw_int(w, "licenses_seen", c->licenses_seen);
    jsonw_int(w, "servers_known", c->servers_known);
    jsonw_int(w, "servers_silent", c->servers_silent);
    jsonw_int(w, "servers_with_gaps", c->servers_with_gaps);
    jsonw_end_object(w);
}

static void put_groups(struct jsonw *w, const struct bulletin_reseller *x)
{
    jsonw_array(w, "groups");
    for (size_t i = 0; i < x->n_groups; i++) {
        jsonw_object(w, NULL);
        jsonw_text(w, "cause", bulletin_cause_name(x->groups[i].cause));
        put_count(w, "findings", x->groups[i].n);
        jsonw_text(w, "kind", finding_kind_name(x->groups[i].kind));
        jsonw_text(w, "state", finding_state_name(x->groups[i].state));
        jsonw_text(w, "what", x->groups[i].what);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_holds(struct jsonw *w, const struct bulletin_reseller *x)
{
    jsonw_array(w, "holds");
    for (size_t i = 0; i < x->n_holds; i++) {
        const struct bulletin_hold *d = &x->holds[i];
        jsonw_object(w, NULL);
        put_money(w, "amount", d->amount, d->currency);
        put_currency(w, d->currency);
        jsonw_text(w, "decision", d->is_waived ? "waived" : "disputed");
        jsonw_text(w, "kind", charge_kind_name(d->kind));
        put_period(w, "period", d->period);
        jsonw_text(w, "subject", d->subject);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_int(w, "holds_more", x->n_holds_more);
}

static void put_money_rows(struct jsonw *w, const struct bulletin_reseller *x)
{
    jsonw_array(w, "money");
    for (size_t i = 0; i < x->n_money; i++) {
        const struct bulletin_money *m = &x->money[i];
        jsonw_object(w, NULL);
        jsonw_bool(w, "closed", m->is_closed);
        put_currency(w, m->currency);
        put_money(w, "draft", m->draft, m->currency);
        put_money(w, "due", m->due, m->currency);
        put_money(w, "entered", m->entered, m->currency);
        jsonw_int(w, "keys", m->keys);
        jsonw_text(w, "kind", charge_kind_name(m->kind));
        put_period(w, "period", m->period);
        jsonw_int(w, "unpriced", m->unpriced);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_strikes(struct jsonw *w, const struct bulletin_strikes *s)
{
    jsonw_object(w, "strikes");
    jsonw_int(w, "licenses_concerned", s->licenses_concerned);
    jsonw_int(w, "licenses_known", s->licenses_known);
    jsonw_int(w, "next_at", s->next_at);
    jsonw_int(w, "periods", s->periods);
    jsonw_text(w, "step", bulletin_step_name(s->step));
    jsonw_end_object(w);
}

static void put_reseller(struct jsonw *w, const struct bulletin_reseller *x)
{
    jsonw_object(w, NULL);
    jsonw_int(w, "changed", x->changed);
    jsonw_int(w, "confirmed", x->confirmed);
    put_coverage(w, &x->coverage);
    put_currency(w, x->currency);
    jsonw_text(w, "email", x->email);
    put_groups(w, x);
    put_holds(w, x);
    jsonw_text(w, "id", x->id);
    jsonw_text(w, "language", language_name(x->language));
    put_lines(w, "lines", x->lines, x->n_lines);
    jsonw_int(w, "lines_more", x->n_more);
    put_money_rows(w, x);
    jsonw_text(w, "name", x->name);
    jsonw_int(w, "notices", x->notices);
    jsonw_int(w, "potential", x->potential);
    put_strikes(w, &x->strikes);
    jsonw_bool(w, "trial", x->is_trial);
    jsonw_end_object(w);
}

/* ---- Of the whole ------------------------------------------------------------------------ */

static void put_calls(struct jsonw *w, const struct bulletin *r)
{
    static const struct {
        unsigned bit;
        const char *name;
    } reasons[] = {
        {REASON_SOON, "soon"},       {REASON_CONFIRMED, "confirmed"}, {REASON_LADDER, "ladder"},
        {REASON_NO_MAIL, "no-mail"}, {REASON_BLIND, "blind"},
    };

    jsonw_array(w, "calls");
    for (size_t i = 0; i < r->n_calls; i++) {
        const struct bulletin_call *c = &r->calls[i];
        jsonw_object(w, NULL);
        put_moment(w, "by", c->has_by, c->by);
        jsonw_array(w, "reasons");
        for (size_t k = 0; k < ARRAY_LEN(reasons); k++)
            if (c->reasons & reasons[k].bit)
                jsonw_text(w, NULL, reasons[k].name);
        jsonw_end_array(w);
        jsonw_text(w, "reseller", r->resellers[c->reseller].id);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_dead(struct jsonw *w, const struct bulletin *r)
{
    jsonw_array(w, "dead");
    for (size_t i = 0; i < r->n_dead; i++) {
        jsonw_object(w, NULL);
        jsonw_int(w, "at", r->dead[i].at.s);
        jsonw_text(w, "reader", r->dead[i].reader);
        jsonw_text(w, "recipient", r->dead[i].recipient);
        jsonw_int(w, "run", r->dead[i].run);
        jsonw_text(w, "why", r->dead[i].why);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
    jsonw_int(w, "dead_more", r->n_dead_more);
}

static void put_pictures(struct jsonw *w, const struct bulletin *r)
{
    jsonw_array(w, "pictures");
    for (size_t i = 0; i < r->n_pictures; i++) {
        const struct bulletin_picture *p = &r->pictures[i];
        jsonw_object(w, NULL);
        jsonw_text(w, "cid", p->cid);
        jsonw_int(w, "height", p->height);
        jsonw_text(w, "kind", finding_kind_name(p->line->kind));
        put_period(w, "period", p->line->period);
        jsonw_text(w, "reseller", r->resellers[p->reseller].id);
        jsonw_text(w, "subject", p->line->subject);
        jsonw_int(w, "width", p->width);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_rates(struct jsonw *w, const struct bulletin *r)
{
    jsonw_array(w, "rates");
    for (size_t i = 0; i < r->n_rates; i++) {
        jsonw_object(w, NULL);
        jsonw_int(w, "charged", r->rates[i].charged);
        jsonw_text(w, "kind", charge_kind_name(r->rates[i].kind));
        jsonw_int(w, "withdrawn", r->rates[i].withdrawn);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_sums(struct jsonw *w, const struct bulletin *r)
{
    jsonw_array(w, "sums");
    for (size_t i = 0; i < r->n_sums; i++) {
        const struct bulletin_sum *s = &r->sums[i];
        jsonw_object(w, NULL);
        put_money(w, "adjustment", s->adjustment, s->currency);
        put_currency(w, s->currency);
        put_money(w, "draft", s->draft, s->currency);
        put_money(w, "entered", s->entered, s->currency);
        put_money(w, "would", s->would, s->currency);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_waiting(struct jsonw *w, const struct bulletin *r)
{
    jsonw_array(w, "waiting");
    for (size_t i = 0; i < r->n_waiting; i++) {
        jsonw_object(w, NULL);
        jsonw_int(w, "drafts", r->waiting[i].drafts);
        put_period(w, "period", r->waiting[i].period);
        jsonw_int(w, "since", r->waiting[i].since.s);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_contact(struct jsonw *w, const struct bulletin *r)
{
    if (r->audience == AUDIENCE_MANAGER) {
        jsonw_null(w, "contact");
        return;
    }
    jsonw_object(w, "contact");
    jsonw_text(w, "email", r->contact_email);
    jsonw_text(w, "name", r->contact_name);
    jsonw_end_object(w);
}

static void put_last(struct jsonw *w, const struct bulletin *r)
{
    if (!r->has_last) {
        jsonw_null(w, "last");
        return;
    }
    jsonw_object(w, "last");
    jsonw_int(w, "as_of", r->last_as_of.s);
    jsonw_int(w, "serial", r->last_serial);
    jsonw_end_object(w);
}

static void put_ledger(struct jsonw *w, const struct bulletin *r)
{
    jsonw_object(w, "ledger");
    jsonw_int(w, "decisions", r->decisions);
    jsonw_text(w, "decisions_hash", r->decisions_hash);
    jsonw_int(w, "entries", r->entries);
    jsonw_text(w, "entries_hash", r->entries_hash);
    jsonw_end_object(w);
}

/* "as_of" to "failure", and "format" to "potential": the members whose names come first. */
static void put_first(struct jsonw *w, const struct bulletin *r)
{
    jsonw_int(w, "as_of", r->as_of.s);
    jsonw_text(w, "audience", r->audience == AUDIENCE_MANAGER ? "account-manager" : "reseller");
    put_calls(w, r);
    jsonw_int(w, "changed", r->is_changed);
    jsonw_text(w, "command", r->command);
    jsonw_int(w, "confirmed", r->confirmed);
    put_contact(w, r);
    put_coverage(w, &r->coverage);
    put_dead(w, r);
    jsonw_text(w, "email", r->email);
    jsonw_text(w, "failure", r->failure);
}

static void put_middle(struct jsonw *w, const struct bulletin *r)
{
    jsonw_int(w, "format", 1);
    jsonw_text(w, "id", r->id);
    jsonw_text(w, "language", language_name(r->language));
    put_last(w, r);
    put_ledger(w, r);
    jsonw_text(w, "name", r->name);
    jsonw_int(w, "new", r->is_new);
    put_period(w, "newest", r->newest);
    jsonw_int(w, "notices", r->notices);
    put_pictures(w, r);
    jsonw_int(w, "potential", r->potential);
}

int bulletin_json(const struct bulletin *r, struct buf *out)
{
    struct jsonw w = jsonw_to(out, false);

    jsonw_object(&w, NULL);
    put_first(&w, r);
    put_middle(&w, r);
    put_rates(&w, r);
    jsonw_array(&w, "resellers");
    for (size_t i = 0; i < r->n_resellers; i++)
        put_reseller(&w, &r->resellers[i]);
    jsonw_end_array(&w);
    jsonw_int(&w, "resolved", r->is_resolved);
    jsonw_int(&w, "run", r->run);
    jsonw_int(&w, "serial", r->serial);
    put_count(&w, "shown_max", r->shown_max);
    put_sums(&w, r);
    jsonw_text(&w, "time_zone", r->zone->name);
    put_lines(&w, "unassigned", r->unassigned, r->n_unassigned);
    jsonw_int(&w, "unassigned_more", r->n_unassigned_more);
    put_waiting(&w, r);
    jsonw_end_object(&w);
    return buf_error(out);
}
