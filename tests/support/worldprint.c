/* A world as the files that the programs read, so that a failing one can be replayed. */
#include "support/world.h"

#include <stdio.h>
#include <string.h>

#include "json/jsonw.h"
#include "settings/settings.h"
#include "wire/report_json.h"

/* A term's end as a date of the zone; null where it is open. */
static void print_date(const struct world *w, struct jsonw *out, const char *key, wall_t t)
{
    if (t.s <= WALL_BEGIN.s || t.s >= WALL_END.s) {
        jsonw_null(out, key);
        return;
    }
    int64_t year;
    int month, day;
    civil_from_days(zone_date_at(&w->zone, t), &year, &month, &day);
    char text[32];
    (void)snprintf(text, sizeof text, "%04lld-%02d-%02d", (long long)year, month, day);
    jsonw_text(out, key, text);
}

static void print_term(const struct world *w, struct jsonw *out, struct term valid)
{
    print_date(w, out, "from", valid.from);
    print_date(w, out, "to", valid.to);
}

static void print_networks(const struct world *w, struct jsonw *out, const char *reseller)
{
    jsonw_array(out, "networks");
    for (size_t i = 0; i < w->n_networks; i++) {
        const struct estate_network *n = &w->networks[i];
        if (strcmp(n->reseller, reseller) != 0)
            continue;
        char text[NETWORK_TEXT_SIZE];
        jsonw_object(out, NULL);
        jsonw_text(out, "network", network_format(&n->network, text));
        print_term(w, out, n->valid);
        jsonw_bool(out, "one_place", n->is_one_place);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

static void print_resellers(const struct world *w, struct jsonw *out)
{
    jsonw_array(out, "account_managers");
    for (size_t i = 0; i < w->n_managers; i++) {
        const struct estate_manager *m = &w->managers[i];
        jsonw_object(out, NULL);
        jsonw_text(out, "id", m->id);
        jsonw_text(out, "name", m->name);
        jsonw_text(out, "email", m->email);
        jsonw_text(out, "language", m->language == LANGUAGE_NL ? "nl" : "en");
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
    jsonw_array(out, "resellers");
    for (size_t i = 0; i < w->n_resellers; i++) {
        const struct estate_reseller *r = &w->resellers[i];
        jsonw_object(out, NULL);
        jsonw_text(out, "id", r->id);
        jsonw_text(out, "name", r->name);
        jsonw_text(out, "account_manager", r->manager);
        jsonw_text(out, "currency", r->currency->code);
        jsonw_text(out, "billing", r->is_trial ? "trial" : "live");
        print_networks(w, out, r->id);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

static void print_licenses(const struct world *w, struct jsonw *out)
{
    jsonw_array(out, "licenses");
    for (size_t i = 0; i < w->n_licenses; i++) {
        const struct estate_license *l = &w->licenses[i];
        char text[ADDR_TEXT_SIZE];
        jsonw_object(out, NULL);
        jsonw_text(out, "license", license_format(l->license, text));
        jsonw_text(out, "reseller", l->reseller);
        if (l->binding.family != 0)
            jsonw_text(out, "binding", addr_format(&l->binding, text));
        print_term(w, out, l->valid);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

static void print_domains(const struct world *w, struct jsonw *out)
{
    jsonw_array(out, "domains");
    for (size_t i = 0; i < w->n_domains; i++) {
        jsonw_object(out, NULL);
        jsonw_text(out, "domain", w->domains[i].domain);
        jsonw_text(out, "reseller", w->domains[i].reseller);
        jsonw_int(out, "limit", w->domains[i].limit);
        print_term(w, out, w->domains[i].valid);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

static void print_servers(const struct world *w, struct jsonw *out)
{
    jsonw_array(out, "servers");
    for (size_t i = 0; i < w->n_servers; i++) {
        jsonw_object(out, NULL);
        jsonw_text(out, "server", w->servers[i].server);
        jsonw_text(out, "reseller", w->servers[i].reseller);
        print_term(w, out, w->servers[i].valid);
        print_date(w, out, "retired", w->servers[i].retired);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

static void print_moves(const struct world *w, struct jsonw *out)
{
    jsonw_array(out, "moves");
    for (size_t i = 0; i < w->n_moves; i++) {
        char text[WALL_TEXT_SIZE];
        jsonw_object(out, NULL);
        jsonw_text(out, "license", license_format(w->moves[i].license, text));
        jsonw_text(out, "from", wall_format(w->moves[i].valid.from, text));
        jsonw_text(out, "to", wall_format(w->moves[i].valid.to, text));
        jsonw_text(out, "reason", w->moves[i].reason);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

static void print_tariffs(const struct world *w, struct jsonw *out)
{
    jsonw_array(out, "tariffs");
    for (size_t i = 0; i < w->n_tariffs; i++) {
        const struct estate_tariff *t = &w->tariffs[i];
        char text[MONEY_TEXT_SIZE];
        jsonw_object(out, NULL);
        jsonw_text(out, "kind", charge_kind_name(t->kind));
        jsonw_text(out, "reseller", t->reseller);
        jsonw_text(out, "currency", t->currency->code);
        jsonw_text(out, "unit_price", price_format(t->unit_price, t->currency, text));
        jsonw_int(out, "block", t->block);
        print_date(w, out, "from", t->from);
        jsonw_end_object(out);
    }
    jsonw_end_array(out);
}

void world_print_estate(const struct world *w, struct buf *out)
{
    struct jsonw json = jsonw_to(out, true);
    jsonw_object(&json, NULL);
    print_resellers(w, &json);
    print_licenses(w, &json);
    print_domains(w, &json);
    print_servers(w, &json);
    print_moves(w, &json);
    print_tariffs(w, &json);
    jsonw_end_object(&json);
    buf_add_char(out, '\n');
}

void world_print_report(const struct world_report *r, struct buf *out)
{
    AUTO(buf) struct buf body = BUF_INIT(CAP_REPORT_BYTES);
    char text[ADDR_TEXT_SIZE];
    report_to_json(&r->report, &body);
    struct jsonw json = jsonw_to(out, false);
    jsonw_object(&json, NULL);
    jsonw_text(&json, "server", r->server);
    jsonw_int(&json, "sent_at", r->sent_at.s);
    jsonw_int(&json, "received_at", r->received_at.s);
    jsonw_text(&json, "peer", r->peer.family == 0 ? NULL : addr_format(&r->peer, text));
    jsonw_raw(&json, "report", buf_str(&body));
    jsonw_end_object(&json);
}

/* The configuration, in the collector's own words: settings_print() writes what it reads. */
static void print_settings(const struct world *w, struct buf *out)
{
    static struct settings s; /* large; a value without owners here */
    s = (struct settings){.zone = w->zone,
                          .merge_gap = w->merge_gap,
                          .retention = {400 * 86400},
                          .policies = w->policies,
                          .lab_networks = (struct network *)w->lab,
                          .n_lab_networks = w->n_lab,
                          .n_license_prefixes = w->n_prefixes};
    for (size_t i = 0; i < w->n_prefixes; i++)
        (void)snprintf(s.license_prefixes[i], sizeof s.license_prefixes[i], "%s",
                       w->prefixes[i]);
    settings_print(&s, out);
}

void world_print(const struct world *w, struct buf *out)
{
    char text[WALL_TEXT_SIZE];
    buf_add_str(out, "# world.conf\n");
    print_settings(w, out);
    buf_add_str(out, "# estate.json\n");
    world_print_estate(w, out);
    buf_add_str(out, "# reports.jsonl\n");
    for (size_t i = 0; i < w->n_reports; i++) {
        world_print_report(&w->reports[i], out);
        buf_add_char(out, '\n');
    }
    static const char command[] = "# fairusectl -c world.conf --store sqlite:world.db ";
    buf_printf(out, "%sstore init\n", command);
    buf_printf(out, "%simport estate --accept estate.json\n", command);
    buf_printf(out, "%simport reports reports.jsonl\n", command);
    for (size_t i = 0; i < w->n_periods; i++) {
        char month[PERIOD_TEXT_SIZE];
        buf_printf(out, "%saudit --period %s --as-of %s\n", command,
                   period_format(w->periods[i], month), wall_format(w->as_of, text));
    }
}
