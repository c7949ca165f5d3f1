/* Writing evidence. */
#include "audit/evidence.h"
#include <errno.h>

static void put_span(struct jsonw *w, const char *key, struct span s)
{
    jsonw_array(w, key);
    jsonw_int(w, NULL, s.first.s);
    jsonw_int(w, NULL, s.last.s);
    jsonw_end_array(w);
}

static void put_term(struct jsonw *w, struct term t)
{
    put_span(w, NULL, (struct span){t.from, t.to});
}

static void put_terms(struct jsonw *w, const struct level_terms *t)
{
    put_span(w, "window", t->window);
    put_span(w, "in_period", t->v);
    jsonw_int(w, "end", t->end.s);
    jsonw_int(w, "grace", t->grace.s);
    jsonw_int(w, "period_min", t->period_min.s);
    jsonw_int(w, "flag_after", t->flag_after.s);
}

/* Where presences stand: what of the window was seen, and what only bridged. */
struct place_writer {
    struct jsonw w;
    const struct presences *p;
    struct span window;
    struct spans joined; /* scratch */
    int error;
};

static void put_measures(struct place_writer *o, struct presence_choice of)
{
    struct jsonw *w = &o->w;
    dur_t observed = {0}, by_peer = {0};

    int r = presences_observed(o->p, of, SEEN_ALL, o->window, &observed);
    if (r >= 0)
        r = presences_observed(o->p, of, SEEN_BY_PEER, o->window, &by_peer);
    if (r >= 0)
        r = presences_joined(o->p, of, o->window, &o->joined);
    if (r < 0) {
        o->error = r;
        return;
    }
    jsonw_int(w, "observed_seconds", observed.s);
    jsonw_int(w, "presence_seconds", spans_measure(o->joined.v, o->joined.n, o->window).s);
    jsonw_int(w, "peer_seconds", by_peer.s);
}

static void put_presences(struct place_writer *o, struct presence_choice of)
{
    unsigned sources = 0;

    put_measures(o, of);
    jsonw_array(&o->w, "presences");
    for (size_t i = 0; i < o->joined.n; i++)
        put_span(&o->w, NULL, o->joined.v[i]);
    jsonw_end_array(&o->w);
    for (size_t i = 0; i < o->p->n_seen; i++) {
        const struct seen *s = &o->p->seen[i];
        if ((of.machine == PRESENCE_ANY || s->machine == of.machine) &&
            (of.place == PRESENCE_ANY || s->place == of.place))
            sources |= 1u << s->source;
    }
    jsonw_array(&o->w, "sources");
    for (unsigned i = 0; i < SOURCE_COUNT; i++)
        if (sources >> i & 1)
            jsonw_text(&o->w, NULL, source_name((enum source)i));
    jsonw_end_array(&o->w);
}

static void put_gaps(struct place_writer *o, const struct audit_machine *m)
{
    jsonw_array(&o->w, "gaps");
    for (size_t i = 0; i < m->n_gaps; i++) {
        struct span cut = m->gaps[i].seen;
        if (!span_cut(&cut, o->window))
            continue;
        jsonw_object(&o->w, NULL);
        jsonw_text(&o->w, "what", gap_kind_name(m->gaps[i].what));
        jsonw_int(&o->w, "first", m->gaps[i].seen.first.s);
        jsonw_int(&o->w, "last", m->gaps[i].seen.last.s);
        jsonw_int(&o->w, "lost", m->gaps[i].lost);
        jsonw_end_object(&o->w);
    }
    jsonw_end_array(&o->w);
}

/* Sightings too early to be bridged into the window say nothing about it. */
static bool seen_matters(const struct seen *s, struct span window, dur_t bridge)
{
    return s->span.last.s + bridge.s >= window.first.s;
}

static void put_machines(struct place_writer *o, const struct license_case *c,
                         const uint32_t *numbers)
{
    jsonw_array(&o->w, "machines");
    for (uint32_t i = 0; i < c->n_machines; i++) {
        char boot[UUID_TEXT_SIZE];
        if (numbers[i] == PRESENCE_ANY)
            continue;
        jsonw_object(&o->w, NULL);
        jsonw_text(&o->w, "server", c->machines[i].server->name);
        jsonw_text(&o->w, "boot_id", uuid_format(&c->machines[i].boot, boot));
        put_presences(o, (struct presence_choice){i, PRESENCE_ANY});
        put_gaps(o, &c->machines[i]);
        jsonw_end_object(&o->w);
    }
    jsonw_end_array(&o->w);
}

static const char *unit_format(const struct place *p, char out[static NETWORK_TEXT_SIZE])
{
    if (p->unit.base.family == ADDR_IPV4 && p->unit.bits == 32 && !p->is_one_place)
        return addr_format(&p->unit.base, out);
    return network_format(&p->unit, out);
}

static void put_units(struct place_writer *o, const uint32_t *numbers)
{
    jsonw_array(&o->w, "units");
    for (uint32_t i = 0; i < o->p->n_places; i++) {
        char unit[NETWORK_TEXT_SIZE];
        if (numbers[i] == PRESENCE_ANY)
            continue;
        jsonw_object(&o->w, NULL);
        jsonw_text(&o->w, "unit", unit_format(&o->p->places[i], unit));
        jsonw_bool(&o->w, "one_place", o->p->places[i].is_one_place);
        put_presences(o, (struct presence_choice){PRESENCE_ANY, i});
        jsonw_end_object(&o->w);
    }
    jsonw_end_array(&o->w);
}

/* The raw intervals: [machine, unit, address, source, first, last], by the numbers above. */
static void put_sightings(struct place_writer *o, dur_t bridge, const uint32_t *machine_no,
                          const uint32_t *place_no)
{
    jsonw_array(&o->w, "sightings");
    for (size_t i = 0; i < o->p->n_seen; i++) {
        const struct seen *s = &o->p->seen[i];
        char address[ADDR_TEXT_SIZE];
        if (!seen_matters(s, o->window, bridge))
            continue;
        jsonw_array(&o->w, NULL);
        jsonw_int(&o->w, NULL, machine_no[s->machine]);
        jsonw_int(&o->w, NULL, place_no[s->place]);
        jsonw_text(&o->w, NULL, addr_format(&s->address, address));
        jsonw_text(&o->w, NULL, source_name(s->source));
        jsonw_int(&o->w, NULL, s->span.first.s);
        jsonw_int(&o->w, NULL, s->span.last.s);
        jsonw_end_array(&o->w);
    }
    jsonw_end_array(&o->w);
}

/* Numbers those that occur, from 0; PRESENCE_ANY for the others. Returns how many. */
static uint32_t number_used(uint32_t *numbers, size_t n)
{
    uint32_t next = 0;

    for (size_t i = 0; i < n; i++)
        numbers[i] = numbers[i] != 0 ? next++ : PRESENCE_ANY;
    return next;
}

static int put_places(struct place_writer *o, const struct license_case *c, dur_t bridge,
                      uint32_t *place_no)
{
    AUTO_FREE uint32_t *machine_no = calloc(c->n_machines + 1, sizeof(*machine_no));

    if (!machine_no)
        return -ENOMEM;
    for (size_t i = 0; i < o->p->n_seen; i++)
        if (seen_matters(&o->p->seen[i], o->window, bridge)) {
            machine_no[o->p->seen[i].machine] = 1;
            place_no[o->p->seen[i].place] = 1;
        }
    number_used(machine_no, c->n_machines);
    number_used(place_no, o->p->n_places);
    jsonw_int(&o->w, "bridge", bridge.s);
    put_measures(o, PRESENCE_ALL);
    put_machines(o, c, machine_no);
    put_units(o, place_no);
    put_sightings(o, bridge, machine_no, place_no);
    return o->error;
}

static const char *charge_by_name(enum charge_by by)
{
    switch (by) {
    case CHARGE_BY_BOTH: return "both";
    case CHARGE_BY_ADDRESSES: return "addresses";
    case CHARGE_BY_SERVERS: return "servers";
    }
    return "both";
}

int evidence_of_extra_ip(const struct extra_ip_facts *f, const struct license_case *c,
                         struct buf *out)
{
    AUTO_FREE uint32_t *place_no = calloc(f->presences->n_places + 1, sizeof(*place_no));
    struct place_writer o = {.p = f->presences, .window = f->terms.window};

    if (!place_no)
        return -ENOMEM;
    buf_reset(out);
    o.w = jsonw_to(out, false);
    jsonw_object(&o.w, NULL);
    jsonw_text(&o.w, "rule", "extra-ip");
    put_terms(&o.w, &f->terms);
    jsonw_text(&o.w, "charge_by", charge_by_name(f->charge_by));
    int r = put_places(&o, c, f->bridge, place_no);
    jsonw_array(&o.w, "moves");
    for (size_t i = 0; i < f->n_moves; i++)
        if (f->moves[i].from.s <= f->terms.window.last.s &&
            f->moves[i].to.s > f->terms.window.first.s)
            put_term(&o.w, f->moves[i]);
    jsonw_end_array(&o.w);
    jsonw_end_object(&o.w);
    spans_done(&o.joined);
    return r < 0 ? r : buf_error(out);
}

static void put_outside_terms(struct jsonw *w, const struct outside_facts *f,
                              const uint32_t *place_no)
{
    jsonw_array(w, "inside");
    for (size_t i = 0; i < f->n_inside; i++) {
        if (place_no[f->inside[i].place] == PRESENCE_ANY)
            continue;
        jsonw_array(w, NULL);
        jsonw_int(w, NULL, place_no[f->inside[i].place]);
        jsonw_int(w, NULL, f->inside[i].valid.from.s);
        jsonw_int(w, NULL, f->inside[i].valid.to.s);
        jsonw_end_array(w);
    }
    jsonw_end_array(w);
    jsonw_array(w, "declared");
    for (size_t i = 0; i < f->n_declared; i++) {
        jsonw_array(w, NULL);
        jsonw_int(w, NULL, f->declared[i].family);
        jsonw_int(w, NULL, f->declared[i].valid.from.s);
        jsonw_int(w, NULL, f->declared[i].valid.to.s);
        jsonw_end_array(w);
    }
    jsonw_end_array(w);
}

int evidence_of_outside(const struct outside_facts *f, const struct license_case *c,
                        struct buf *out)
{
    AUTO_FREE uint32_t *place_no = calloc(f->presences->n_places + 1, sizeof(*place_no));
    struct place_writer o = {.p = f->presences, .window = f->terms.window};

    if (!place_no)
        return -ENOMEM;
    buf_reset(out);
    o.w = jsonw_to(out, false);
    jsonw_object(&o.w, NULL);
    jsonw_text(&o.w, "rule", "outside");
    put_terms(&o.w, &f->terms);
    int r = put_places(&o, c, f->bridge, place_no);
    put_outside_terms(&o.w, f, place_no);
    jsonw_end_object(&o.w);
    spans_done(&o.joined);
    return r < 0 ? r : buf_error(out);
}

static void put_row(struct jsonw *w, const struct counted_row *row)
{
    jsonw_object(w, NULL);
    jsonw_int(w, "server", row->server);
    jsonw_int(w, "count", row->count);
    jsonw_int(w, "mailboxes", row->counts.mailboxes);
    jsonw_int(w, "aliases", row->counts.aliases);
    jsonw_int(w, "forwards", row->counts.forwards);
    jsonw_int(w, "lists", row->counts.lists);
    jsonw_bool(w, "filtered", row->counts.is_filtered);
    jsonw_int(w, "first", row->seen.first.s);
    jsonw_int(w, "last", row->seen.last.s);
    jsonw_int(w, "carry_until", row->carry_until.s);
    jsonw_end_object(w);
}

/* How long some row holds within the window (seen), and how long a count is known (carried
 * too). */
static int put_row_measures(struct jsonw *w, const struct mailboxes_facts *f)
{
    AUTO(spans) struct spans seen = {0};
    AUTO(spans) struct spans known = {0};
    int r = 0;

    for (size_t i = 0; i < f->n_rows && r >= 0; i++) {
        struct span carried = f->rows[i].seen;
        carried.last = wall_min((wall_t){carried.last.s + f->bridge.s}, f->rows[i].carry_until);
        r = spans_add(&seen, f->rows[i].seen);
        if (r >= 0)
            r = spans_add(&known, carried);
    }
    if (r < 0)
        return r;
    spans_join(&seen, (dur_t){0});
    spans_join(&known, (dur_t){0});
    jsonw_int(w, "observed_seconds", spans_measure(seen.v, seen.n, f->terms.window).s);
    jsonw_int(w, "presence_seconds", spans_measure(known.v, known.n, f->terms.window).s);
    return 0;
}

int evidence_of_mailboxes(const struct mailboxes_facts *f, const struct domain_case *c,
                          struct buf *out)
{
    buf_reset(out);
    struct jsonw w = jsonw_to(out, false);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "rule", "mailboxes");
    put_terms(&w, &f->terms);
    jsonw_text(&w, "split", f->split == SPLIT_SUM ? "sum" : "max");
    jsonw_int(&w, "bridge", f->bridge.s);
    int r = put_row_measures(&w, f);
    jsonw_array(&w, "servers");
    for (size_t i = 0; i < c->n_servers; i++)
        jsonw_text(&w, NULL, c->servers[i]->name);
    jsonw_end_array(&w);
    jsonw_array(&w, "rows");
    for (size_t i = 0; i < f->n_rows; i++)
        put_row(&w, &f->rows[i]);
    jsonw_end_array(&w);
    jsonw_array(&w, "limits");
    for (size_t i = 0; i < f->n_limits; i++) {
        jsonw_array(&w, NULL);
        jsonw_int(&w, NULL, f->limits[i].from.s);
        jsonw_int(&w, NULL, f->limits[i].limit);
        jsonw_end_array(&w);
    }
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    return r < 0 ? r : buf_error(out);
}
