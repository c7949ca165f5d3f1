/* The store's interface: hands each call to the backend that the URL named. */
#include "store/store.h"

#include <errno.h>
#include <string.h>

#include "store/store_ops.h"

int store_open(const char *url, enum store_mode mode, struct store **ret, struct diag *reterr)
{
    static const char sqlite[] = "sqlite:";
    if (strncmp(url, sqlite, sizeof sqlite - 1) == 0)
        return sqlite_store_open(url + sizeof sqlite - 1, mode, ret, reterr);
    char shown[TEXT_QUOTE_SIZE];
    return diag_set(reterr, -EBADMSG, "%s is no store: write sqlite:PATH",
                    text_quote(text_of(url), shown));
}

void store_close(struct store *s)
{
    if (s)
        s->ops->close(s);
}

const char *store_diag(const struct store *s)
{
    return s->diag.text;
}

const char *store_path(const struct store *s)
{
    return s->ops->path(s);
}

int store_begin(struct store *s)
{
    return s->ops->begin(s);
}

int store_commit(struct store *s)
{
    return s->ops->commit(s);
}

void store_rollback(struct store *s)
{
    s->ops->rollback(s);
}

int store_snapshot(struct store *s)
{
    return s->ops->snapshot(s);
}

void store_snapshot_end(struct store *s)
{
    s->ops->snapshot_end(s);
}

int store_check(struct store *s, void (*complain)(void *arg, const char *sentence), void *arg,
                int64_t *ret_defects)
{
    return s->ops->check(s, complain, arg, ret_defects);
}

int store_prune(struct store *s, wall_t before, int64_t *ret_rows)
{
    return s->ops->prune(s, before, ret_rows);
}

int store_put_report(struct store *s, const struct store_report *r)
{
    return s->ops->put_report(s, r);
}

int store_has_report(struct store *s, const char *server, const struct uuid *boot,
                     int64_t counter)
{
    return s->ops->has_report(s, server, boot, counter);
}

int store_get_machine(struct store *s, machine_id id, struct store_machine *ret)
{
    return s->ops->get_machine(s, id, ret);
}

int store_get_server(struct store *s, server_id id, struct store_server *ret)
{
    return s->ops->get_server(s, id, ret);
}

int store_find_server(struct store *s, const char *name, server_id *ret)
{
    return s->ops->find_server(s, name, ret);
}

int store_first_evidence(struct store *s, wall_t *ret)
{
    return s->ops->first_evidence(s, ret);
}

int store_estimate_rows(struct store *s, int64_t *ret)
{
    return s->ops->estimate_rows(s, ret);
}

/* ---- Scans -------------------------------------------------------------------------- */

void store_scan_end(struct store_scan *scan)
{
    if (scan)
        scan->end(scan);
}

static int scan_licenses(struct store *s, enum scan_kind kind, struct license_range range,
                         struct store_scan **ret)
{
    return s->ops->scan(s, kind, &(struct scan_args){.licenses = range}, ret);
}

static int scan_domains(struct store *s, enum scan_kind kind, struct domain_range range,
                        struct store_scan **ret)
{
    return s->ops->scan(s, kind, &(struct scan_args){.domains = range}, ret);
}

int store_scan_sightings(struct store *s, struct license_range range, struct store_scan **ret)
{
    return scan_licenses(s, SCAN_SIGHTINGS, range, ret);
}

int store_next_sighting(struct store_scan *scan, struct store_sighting *ret)
{
    return ops_next(scan, ROW_SIGHTING, ret);
}

int store_scan_mail_rows(struct store *s, struct domain_range range, struct store_scan **ret)
{
    return scan_domains(s, SCAN_MAIL_ROWS, range, ret);
}

int store_next_mail_row(struct store_scan *scan, struct store_mail_row *ret)
{
    return ops_next(scan, ROW_MAIL, ret);
}

int store_scan_gaps(struct store *s, machine_id machine, struct store_scan **ret)
{
    return ops_scan_number(s, SCAN_GAPS, machine, ret);
}

int store_next_gap(struct store_scan *scan, struct store_gap *ret)
{
    return ops_next(scan, ROW_GAP, ret);
}

int store_scan_forks(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_FORKS, ret);
}

int store_next_fork(struct store_scan *scan, struct store_fork *ret)
{
    return ops_next(scan, ROW_FORK, ret);
}

int store_scan_servers(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_SERVERS, ret);
}

int store_scan_server_facts(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_SERVER_FACTS, ret);
}

int store_next_server_facts(struct store_scan *scan, struct store_server_facts *ret)
{
    return ops_next(scan, ROW_SERVER_FACTS, ret);
}

int store_scan_unknown_servers(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_UNKNOWN_SERVERS, ret);
}

int store_next_server(struct store_scan *scan, struct store_server_row *ret)
{
    return ops_next(scan, ROW_SERVER, ret);
}

int store_scan_license_seen(struct store *s, struct license_range range,
                            struct store_scan **ret)
{
    return scan_licenses(s, SCAN_LICENSE_SEEN, range, ret);
}

int store_next_license_seen(struct store_scan *scan, struct store_license_seen *ret)
{
    return ops_next(scan, ROW_LICENSE_SEEN, ret);
}

/* ---- The estate --------------------------------------------------------------------- */

int store_clear_table(struct store *s, enum estate_table t)
{
    return s->ops->clear_table(s, t);
}

int store_put_manager(struct store *s, const struct estate_manager *r)
{
    return s->ops->put_row(s, ROW_MANAGER, r);
}

int store_put_reseller(struct store *s, const struct estate_reseller *r)
{
    return s->ops->put_row(s, ROW_RESELLER, r);
}

int store_put_network(struct store *s, const struct estate_network *r)
{
    return s->ops->put_row(s, ROW_NETWORK, r);
}

int store_put_license(struct store *s, const struct estate_license *r)
{
    return s->ops->put_row(s, ROW_LICENSE, r);
}

int store_put_domain(struct store *s, const struct estate_domain *r)
{
    return s->ops->put_row(s, ROW_DOMAIN, r);
}

int store_put_estate_server(struct store *s, const struct estate_server *r)
{
    return s->ops->put_row(s, ROW_ESTATE_SERVER, r);
}

int store_put_move(struct store *s, const struct estate_move *r)
{
    return s->ops->put_row(s, ROW_MOVE, r);
}

int store_put_tariff(struct store *s, const struct estate_tariff *r)
{
    return s->ops->put_row(s, ROW_TARIFF, r);
}

int store_retire_server(struct store *s, const char *name, wall_t at)
{
    return s->ops->retire_server(s, name, at);
}

int store_scan_managers(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_MANAGERS, ret);
}

int store_next_manager(struct store_scan *scan, struct estate_manager *ret)
{
    return ops_next(scan, ROW_MANAGER, ret);
}

int store_scan_resellers(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_RESELLERS, ret);
}

int store_next_reseller(struct store_scan *scan, struct estate_reseller *ret)
{
    return ops_next(scan, ROW_RESELLER, ret);
}

int store_scan_networks(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_NETWORKS, ret);
}

int store_next_network(struct store_scan *scan, struct estate_network *ret)
{
    return ops_next(scan, ROW_NETWORK, ret);
}

int store_scan_licenses(struct store *s, struct license_range range, struct store_scan **ret)
{
    return scan_licenses(s, SCAN_LICENSES, range, ret);
}

int store_next_license(struct store_scan *scan, struct estate_license *ret)
{
    return ops_next(scan, ROW_LICENSE, ret);
}

int store_scan_domains(struct store *s, struct domain_range range, struct store_scan **ret)
{
    return scan_domains(s, SCAN_DOMAINS, range, ret);
}

int store_next_domain(struct store_scan *scan, struct estate_domain *ret)
{
    return ops_next(scan, ROW_DOMAIN, ret);
}

int store_scan_estate_servers(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_ESTATE_SERVERS, ret);
}

int store_next_estate_server(struct store_scan *scan, struct estate_server *ret)
{
    return ops_next(scan, ROW_ESTATE_SERVER, ret);
}

int store_scan_moves(struct store *s, struct license_range range, struct store_scan **ret)
{
    return scan_licenses(s, SCAN_MOVES, range, ret);
}

int store_next_move(struct store_scan *scan, struct estate_move *ret)
{
    return ops_next(scan, ROW_MOVE, ret);
}

int store_scan_tariffs(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_TARIFFS, ret);
}

int store_next_tariff(struct store_scan *scan, struct estate_tariff *ret)
{
    return ops_next(scan, ROW_TARIFF, ret);
}

/* ---- Enrolment ------------------------------------------------------------------------ */

int store_get_admission(struct store *s, const char *name, struct store_admission *ret)
{
    return s->ops->get_admission(s, name, ret);
}

int store_enrol_server(struct store *s, const char *name, const char *reseller, wall_t at,
                       wall_t certs_from)
{
    return s->ops->enrol_server(s, name, reseller, at, certs_from);
}

int store_revoke_server(struct store *s, const char *name, wall_t at)
{
    return s->ops->revoke_server(s, name, at);
}

int store_put_token(struct store *s, const struct store_token *t)
{
    return s->ops->put_token(s, t);
}

int store_get_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID],
                    struct store_token *ret)
{
    return s->ops->get_token(s, id, ret);
}

int store_use_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID])
{
    return s->ops->use_token(s, id);
}

int store_revoke_token(struct store *s, const uint8_t id[static STORE_TOKEN_ID], wall_t at)
{
    return s->ops->revoke_token(s, id, at);
}

int store_scan_tokens(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_TOKENS, ret);
}

int store_next_token(struct store_scan *scan, struct store_token *ret)
{
    return ops_next(scan, ROW_TOKEN, ret);
}

int store_put_use(struct store *s, const struct store_use *u)
{
    return s->ops->put_use(s, u);
}

int store_get_use(struct store *s, struct store_use *use)
{
    return s->ops->get_use(s, use);
}

int store_put_event(struct store *s, const struct store_event *e)
{
    return s->ops->put_event(s, e);
}

int store_scan_events(struct store *s, const char *server, struct store_scan **ret)
{
    if (!server)
        return ops_scan_all(s, SCAN_EVENTS, ret);
    return s->ops->scan(s, SCAN_EVENTS_OF_SERVER, &(struct scan_args){.name = server}, ret);
}

int store_next_event(struct store_scan *scan, struct store_event *ret)
{
    return ops_next(scan, ROW_EVENT, ret);
}

/* ---- Standings ------------------------------------------------------------------------ */

int store_clear_standings(struct store *s, wall_t as_of)
{
    return s->ops->clear_standings(s, as_of);
}

int store_put_standing(struct store *s, const struct store_standing *x)
{
    return s->ops->put_standing(s, x);
}

int store_scan_standings(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_STANDINGS, ret);
}

int store_next_standing(struct store_scan *scan, struct store_standing *ret)
{
    return ops_next(scan, ROW_STANDING, ret);
}

int store_standing_generation(struct store *s, int64_t *ret, wall_t *ret_as_of)
{
    return s->ops->standing_generation(s, ret, ret_as_of);
}

/* ---- The ledger --------------------------------------------------------------------- */

int store_append_entry(struct store *s, const struct store_entry *e)
{
    return s->ops->append_entry(s, e);
}

int store_scan_entries(struct store *s, bool has_period, period_t period,
                       struct store_scan **ret)
{
    if (!has_period)
        return ops_scan_all(s, SCAN_ENTRIES, ret);
    return ops_scan_number(s, SCAN_ENTRIES_OF_PERIOD, period.month, ret);
}

int store_get_entry(struct store *s, int64_t sequence, struct store_scan **ret)
{
    return ops_scan_number(s, SCAN_ENTRY, sequence, ret);
}

int store_next_entry(struct store_scan *scan, struct store_entry *ret)
{
    return ops_next(scan, ROW_ENTRY, ret);
}

int store_scan_balances(struct store *s, period_t period, struct store_scan **ret)
{
    return ops_scan_number(s, SCAN_BALANCES, period.month, ret);
}

int store_next_balance(struct store_scan *scan, struct store_balance *ret)
{
    return ops_next(scan, ROW_BALANCE, ret);
}

int store_append_decision(struct store *s, const struct store_decision *d)
{
    return s->ops->append_decision(s, d);
}

int store_scan_decisions(struct store *s, struct store_scan **ret)
{
    return ops_scan_all(s, SCAN_DECISIONS, ret);
}

int store_next_decision(struct store_scan *scan, struct store_decision *ret)
{
    return ops_next(scan, ROW_DECISION, ret);
}

int store_key_decision(struct store *s, const struct store_key *key, enum decision *ret)
{
    return s->ops->key_decision(s, key, ret);
}

int store_chain_head(struct store *s, bool decisions, int64_t *ret_sequence,
                     char ret_hash[static 65])
{
    return s->ops->chain_head(s, decisions, ret_sequence, ret_hash);
}

int store_last_closed(struct store *s, period_t *ret)
{
    return s->ops->last_closed(s, ret);
}

int store_get_note(struct store *s, const char *name, struct buf *ret)
{
    return s->ops->get_note(s, name, ret);
}

int store_set_note(struct store *s, const char *name, const char *value)
{
    return s->ops->set_note(s, name, value);
}
