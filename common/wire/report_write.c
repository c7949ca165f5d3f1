/* Writing a report: the members in the contract's order, what is empty left out. */
#include "wire/report_json.h"

#include "json/jsonw.h"

static void write_optional(struct jsonw *w, const char *key, const char *text)
{
    if (text[0] != '\0')
        jsonw_text(w, key, text);
}

static void write_license(struct jsonw *w, license_t license)
{
    char text[LICENSE_TEXT_SIZE];
    jsonw_text(w, "license", license_format(license, text));
}

static void write_span(struct jsonw *w, struct span seen)
{
    jsonw_int(w, "first", seen.first.s);
    jsonw_int(w, "last", seen.last.s);
}

static void write_license_entry(struct jsonw *w, const struct report_license *l)
{
    jsonw_object(w, NULL);
    write_license(w, l->license);
    write_optional(w, "version", l->version);
    write_optional(w, "product", l->product);
    write_optional(w, "edition", l->edition);
    write_optional(w, "expires", l->expires);
    write_optional(w, "machine_id", l->machine_id);
    jsonw_end_object(w);
}

static void write_sighting_entry(struct jsonw *w, const struct report_sighting *s)
{
    char text[ADDR_TEXT_SIZE];
    jsonw_object(w, NULL);
    write_license(w, s->license);
    jsonw_text(w, "address", addr_format(&s->address, text));
    jsonw_text(w, "source", source_name(s->source));
    write_span(w, s->seen);
    jsonw_end_object(w);
}

static void write_mailboxes_entry(struct jsonw *w, const struct report_mailboxes *m)
{
    const struct mail_counts *c = &m->counts;
    jsonw_object(w, NULL);
    jsonw_text(w, "domain", m->domain);
    jsonw_int(w, "mailboxes", c->mailboxes);
    jsonw_int(w, "aliases", c->aliases);
    jsonw_int(w, "forwards", c->forwards);
    jsonw_int(w, "lists", c->lists);
    jsonw_bool(w, "catch_all", c->catch_all);
    jsonw_int(w, "alias_domains", c->alias_domains);
    jsonw_bool(w, "filtered", c->is_filtered);
    write_span(w, m->seen);
    jsonw_end_object(w);
}

static void write_gap_entry(struct jsonw *w, const struct report_gap *g)
{
    jsonw_object(w, NULL);
    jsonw_text(w, "what", gap_kind_name(g->what));
    write_span(w, g->seen);
    if (g->lost > 0)
        jsonw_int(w, "lost", g->lost);
    jsonw_end_object(w);
}

static void write_licenses(struct jsonw *w, const struct report *r)
{
    if (r->n_licenses == 0)
        return;
    jsonw_array(w, "licenses");
    for (size_t i = 0; i < r->n_licenses; i++)
        write_license_entry(w, &r->licenses[i]);
    jsonw_end_array(w);
}

static void write_sightings(struct jsonw *w, const struct report *r)
{
    if (r->n_sightings == 0)
        return;
    jsonw_array(w, "sightings");
    for (size_t i = 0; i < r->n_sightings; i++)
        write_sighting_entry(w, &r->sightings[i]);
    jsonw_end_array(w);
}

static void write_mailboxes(struct jsonw *w, const struct report *r)
{
    if (r->n_mailboxes == 0)
        return;
    jsonw_array(w, "mailboxes");
    for (size_t i = 0; i < r->n_mailboxes; i++)
        write_mailboxes_entry(w, &r->mailboxes[i]);
    jsonw_end_array(w);
}

static void write_gaps(struct jsonw *w, const struct report *r)
{
    if (r->n_gaps == 0)
        return;
    jsonw_array(w, "gaps");
    for (size_t i = 0; i < r->n_gaps; i++)
        write_gap_entry(w, &r->gaps[i]);
    jsonw_end_array(w);
}

void report_to_json(const struct report *r, struct buf *out)
{
    char boot[UUID_TEXT_SIZE];
    struct jsonw w = jsonw_to(out, false);
    jsonw_object(&w, NULL);
    jsonw_int(&w, "format", 1);
    write_optional(&w, "agent_version", r->agent_version);
    jsonw_text(&w, "boot_id", uuid_format(&r->boot, boot));
    jsonw_int(&w, "counter", r->counter);
    jsonw_bool(&w, "live", r->is_live);
    write_licenses(&w, r);
    write_sightings(&w, r);
    write_mailboxes(&w, r);
    write_gaps(&w, r);
    jsonw_end_object(&w);
}
