/* status: for programs. */
#include "cli/status.h"
#include "json/jsonw.h"

static void put_wall(struct jsonw *w, const char *key, wall_t t)
{
    if (t.s != 0)
        jsonw_int(w, key, t.s);
    else
        jsonw_null(w, key);
}

static void put_text(struct jsonw *w, const char *key, const char *text)
{
    jsonw_text(w, key, text[0] ? text : NULL);
}

static void put_sources(struct jsonw *w, uint8_t sources)
{
    jsonw_array(w, "sources");
    for (int i = 0; i < SOURCE_COUNT; i++)
        if (sources & (1U << i))
            jsonw_text(w, NULL, source_name((enum source)i));
    jsonw_end_array(w);
}

static void put_probe(struct jsonw *w, const struct state *s)
{
    static const char *const tracking[] = {"unknown", "none", "works"};
    jsonw_object(w, "probe");
    jsonw_bool(w, "is_here", s->has_probe);
    put_sources(w, s->sources);
    put_text(w, "trouble", s->probe_why);
    jsonw_text(w, "tracking", tracking[s->pulse.tracking]);
    jsonw_int(w, "packets", s->pulse.packets);
    jsonw_int(w, "packets_lost", s->pulse.packets_lost);
    jsonw_int(w, "flows", s->pulse.flows);
    jsonw_int(w, "overruns", s->pulse.overruns);
    jsonw_end_object(w);
}

static void put_sending(struct jsonw *w, const struct status *s)
{
    jsonw_object(w, "collector");
    put_text(w, "url", s->collector);
    put_text(w, "server", s->server);
    put_wall(w, "identity_until", s->state.identity_to);
    put_wall(w, "sent", s->state.sent);
    put_wall(w, "attempted", s->state.attempted);
    put_wall(w, "next", s->state.next);
    jsonw_int(w, "failures", s->state.failures);
    put_text(w, "trouble", s->state.outcome == MESSAGE_DONE ? "" : s->state.send_why);
    jsonw_end_object(w);
}

static void put_held(struct jsonw *w, const struct status *s)
{
    jsonw_object(w, "held");
    jsonw_int(w, "waiting", s->counts.waiting);
    put_wall(w, "oldest", s->counts.waiting > 0 ? s->counts.oldest : (wall_t){0});
    jsonw_int(w, "set_aside", s->counts.aside);
    put_text(w, "set_aside_why", s->state.refused_why);
    jsonw_int(w, "history", s->counts.history);
    jsonw_end_object(w);
}

static void put_licenses(struct jsonw *w, const struct status *s)
{
    jsonw_array(w, "licenses");
    for (size_t i = 0; i < s->n_licenses; i++) {
        const struct status_license *l = &s->licenses[i];
        jsonw_object(w, NULL);
        jsonw_text(w, "license", l->number);
        put_text(w, "version", l->version);
        put_text(w, "product", l->product);
        put_text(w, "edition", l->edition);
        put_text(w, "expires", l->expires);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_places(struct jsonw *w, const struct status *s)
{
    jsonw_array(w, "addresses");
    for (size_t i = 0; i < s->n_places; i++) {
        char address[ADDR_TEXT_SIZE];
        jsonw_object(w, NULL);
        jsonw_text(w, "address", addr_format(&s->places[i].address, address));
        jsonw_text(w, "source", source_name(s->places[i].source));
        jsonw_int(w, "last", s->places[i].last.s);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

static void put_standing(struct jsonw *w, const struct status *s)
{
    static const char *const states[] = {"ok", "potential", "confirmed"};
    jsonw_array(w, "standing");
    for (size_t i = 0; i < s->n_standing; i++) {
        const struct status_standing *st = &s->standing[i];
        jsonw_object(w, NULL);
        jsonw_text(w, "license", st->license);
        jsonw_text(w, "state", states[st->state]);
        put_text(w, "kinds", st->kinds);
        put_wall(w, "since", st->since);
        put_wall(w, "confirms_at", st->confirms_at);
        jsonw_end_object(w);
    }
    jsonw_end_array(w);
}

void status_json(const struct status *s, struct buf *out)
{
    struct jsonw w = jsonw_to(out, true);
    jsonw_object(&w, NULL);
    jsonw_bool(&w, "is_running", s->is_running);
    put_wall(&w, "as_of", s->state.as_of);
    put_wall(&w, "started", s->state.started);
    put_standing(&w, s);
    put_sending(&w, s);
    put_probe(&w, &s->state);
    put_licenses(&w, s);
    put_places(&w, s);
    jsonw_object(&w, "look");
    put_wall(&w, "looked", s->state.looked);
    put_wall(&w, "counted", s->state.counted);
    jsonw_int(&w, "domains", s->state.n_domains);
    put_text(&w, "trouble", s->state.look_why);
    jsonw_end_object(&w);
    put_held(&w, s);
    jsonw_end_object(&w);
    buf_add_char(out, '\n');
}
