/* The estate's tables: what goes in comes out, in order, and an import replaces. */
#include "contract.h"

#include <string.h>

SUITE(store_estate);

static const struct term ever = {{-(INT64_C(1) << 53)}, {INT64_C(1) << 53}};

static void expect_text(const char *got, const char *want)
{
    cr_assert_eq(got == NULL, want == NULL, "%s instead of %s", got ? got : "NULL",
                 want ? want : "NULL");
    if (want)
        cr_assert_str_eq(got, want);
}

static void expect_term(struct term got, struct term want)
{
    cr_assert_eq(got.from.s, want.from.s);
    cr_assert_eq(got.to.s, want.to.s);
}

CONTRACT(store_estate, managers_round_trip)
{
    static const struct estate_manager rows[] = {
        {"am1", "Ünal ‘x’; DROP TABLE manager", "a@example.nl", LANGUAGE_NL},
        {"am2", "b", "b@example.nl", LANGUAGE_EN}};
    OK(c->store, store_begin(c->store));
    for (size_t i = ARRAY_LEN(rows); i-- > 0;)
        OK(c->store, store_put_manager(c->store, &rows[i]));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_managers(c->store, &scan));
    struct estate_manager x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_manager(scan, &x), 1);
        expect_text(x.id, rows[i].id);
        expect_text(x.name, rows[i].name);
        expect_text(x.email, rows[i].email);
        cr_assert_eq(x.language, rows[i].language);
    }
    cr_assert_eq(store_next_manager(scan, &x), 0);
}

CONTRACT(store_estate, resellers_round_trip)
{
    const struct estate_reseller rows[] = {
        {"r1", "één", "am1", NULL, LANGUAGE_EN, currency_find(text_of("EUR")), true},
        {"r2", "twee", "am1", "r2@example.nl", LANGUAGE_NL, currency_find(text_of("JPY")),
         false}};
    OK(c->store, store_begin(c->store));
    for (size_t i = ARRAY_LEN(rows); i-- > 0;)
        OK(c->store, store_put_reseller(c->store, &rows[i]));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_resellers(c->store, &scan));
    struct estate_reseller x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_reseller(scan, &x), 1);
        expect_text(x.id, rows[i].id);
        expect_text(x.name, rows[i].name);
        expect_text(x.manager, rows[i].manager);
        expect_text(x.email, rows[i].email);
        cr_assert_eq(x.language, rows[i].language);
        cr_assert_eq(x.currency, rows[i].currency);
        cr_assert_eq(x.is_trial, rows[i].is_trial);
    }
    cr_assert_eq(store_next_reseller(scan, &x), 0);
}

CONTRACT(store_estate, networks_come_by_reseller_network_and_start)
{
    const struct estate_network rows[] = {
        {"r1", net("100.64.0.0/10"), ever, false},
        {"r1", net("203.0.113.0/24"), {AT(0), AT(10)}, true},
        {"r1", net("203.0.113.0/24"), {AT(10), WALL_END}, false},
        {"r1", net("203.0.113.0/25"), ever, false},
        {"r1", net("2001:db8::/32"), ever, false},
        {"r2", net("10.0.0.0/8"), ever, false},
    };
    OK(c->store, store_begin(c->store));
    for (size_t i = ARRAY_LEN(rows); i-- > 0;)
        OK(c->store, store_put_network(c->store, &rows[i]));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_networks(c->store, &scan));
    struct estate_network x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_network(scan, &x), 1, "row %zu: %s", i, store_diag(c->store));
        expect_text(x.reseller, rows[i].reseller);
        cr_assert_eq(network_compare(&x.network, &rows[i].network), 0, "row %zu", i);
        expect_term(x.valid, rows[i].valid);
        cr_assert_eq(x.is_one_place, rows[i].is_one_place);
    }
    cr_assert_eq(store_next_network(scan, &x), 0);
}

CONTRACT(store_estate, licences_come_by_licence_and_start)
{
    const struct estate_license rows[] = {
        {lic("EXT.00000001"), "r2", "", {0}, ever},
        {lic("PLSK.00000001"), "r1", "plesk", ip("203.0.113.5"), {WALL_BEGIN, AT(0)}},
        {lic("PLSK.00000001"), "r2", "plesk", ip("2001:db8::5"), {AT(0), WALL_END}},
    };
    OK(c->store, store_begin(c->store));
    for (size_t i = ARRAY_LEN(rows); i-- > 0;)
        OK(c->store, store_put_license(c->store, &rows[i]));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO(store_scan) struct store_scan *part = NULL;
    OK(c->store, store_scan_licenses(c->store, LICENSES_ALL, &scan));
    struct estate_license x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_license(scan, &x), 1);
        cr_assert_eq(x.license.code, rows[i].license.code);
        expect_text(x.reseller, rows[i].reseller);
        expect_text(x.product, rows[i].product);
        cr_assert_eq(x.binding.family, rows[i].binding.family);
        cr_assert_eq(addr_compare(&x.binding, &rows[i].binding), 0);
        expect_term(x.valid, rows[i].valid);
    }
    cr_assert_eq(store_next_license(scan, &x), 0);
    struct license_range range = {lic("EXT.00000001"), lic("EXT.00000001")};
    OK(c->store, store_scan_licenses(c->store, range, &part));
    cr_assert_eq(store_next_license(part, &x), 1);
    cr_assert_eq(store_next_license(part, &x), 0, "a range of one licence");
}

CONTRACT(store_estate, domains_and_moves_round_trip)
{
    const struct estate_domain domains[] = {{"a.nl", "r1", 0, {WALL_BEGIN, AT(0)}},
                                            {"a.nl", "r1", 1000, {AT(0), WALL_END}},
                                            {"xn--bcher-kva.nl", "r1", 5, ever}};
    const struct estate_move moves[] = {
        {lic("PLSK.00000001"), {AT(0), AT(10)}, ""},
        {lic("PLSK.00000001"), {AT(20), AT(30)}, "nieuwe host"}};
    OK(c->store, store_begin(c->store));
    for (size_t i = ARRAY_LEN(domains); i-- > 0;)
        OK(c->store, store_put_domain(c->store, &domains[i]));
    for (size_t i = ARRAY_LEN(moves); i-- > 0;)
        OK(c->store, store_put_move(c->store, &moves[i]));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_domains(c->store, DOMAINS_ALL, &scan));
    struct estate_domain x;
    for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
        cr_assert_eq(store_next_domain(scan, &x), 1);
        expect_text(x.domain, domains[i].domain);
        expect_text(x.reseller, domains[i].reseller);
        cr_assert_eq(x.limit, domains[i].limit);
        expect_term(x.valid, domains[i].valid);
    }
    cr_assert_eq(store_next_domain(scan, &x), 0);
    AUTO(store_scan) struct store_scan *other = NULL;
    OK(c->store, store_scan_moves(c->store, LICENSES_ALL, &other));
    struct estate_move y;
    for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
        cr_assert_eq(store_next_move(other, &y), 1);
        cr_assert_eq(y.license.code, moves[i].license.code);
        expect_term(y.valid, moves[i].valid);
        expect_text(y.reason, moves[i].reason);
    }
    cr_assert_eq(store_next_move(other, &y), 0);
}

CONTRACT(store_estate, tariffs_come_general_first)
{
    const struct currency *eur = currency_find(text_of("EUR"));
    const struct currency *usd = currency_find(text_of("USD"));
    const struct estate_tariff rows[] = {
        {CHARGE_EXTRA_IP, NULL, eur, {12500000}, 1, AT(0)},
        {CHARGE_EXTRA_IP, NULL, eur, {13000000}, 1, AT(10)},
        {CHARGE_EXTRA_IP, NULL, usd, {14000000}, 1, AT(0)},
        {CHARGE_EXTRA_IP, "r1", eur, {1}, 1, AT(0)},
        {CHARGE_MAILBOXES, NULL, eur, {5000000}, 100, AT(0)},
    };
    OK(c->store, store_begin(c->store));
    for (size_t i = ARRAY_LEN(rows); i-- > 0;)
        OK(c->store, store_put_tariff(c->store, &rows[i]));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_tariffs(c->store, &scan));
    struct estate_tariff x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_tariff(scan, &x), 1);
        cr_assert_eq(x.kind, rows[i].kind, "row %zu", i);
        expect_text(x.reseller, rows[i].reseller);
        cr_assert_eq(x.currency, rows[i].currency);
        cr_assert_eq(x.unit_price.micro, rows[i].unit_price.micro);
        cr_assert_eq(x.block, rows[i].block);
        cr_assert_eq(x.from.s, rows[i].from.s);
    }
    cr_assert_eq(store_next_tariff(scan, &x), 0);
}

CONTRACT(store_estate, a_server_knows_its_tenures)
{
    const struct estate_server rows[] = {
        {"srv-1", "r1", {WALL_BEGIN, AT(0)}, WALL_END},
        {"srv-1", "r2", {AT(0), AT(50)}, AT(40)},
        {"srv-1", "r1", {AT(50), WALL_END}, AT(60)},
        {"srv-2", "r1", ever, WALL_END},
    };
    OK(c->store, store_begin(c->store));
    for (size_t i = ARRAY_LEN(rows); i-- > 0;)
        OK(c->store, store_put_estate_server(c->store, &rows[i]));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_estate_servers(c->store, &scan));
    struct estate_server x;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(store_next_estate_server(scan, &x), 1);
        expect_text(x.server, rows[i].server);
        expect_text(x.reseller, rows[i].reseller);
        expect_term(x.valid, rows[i].valid);
        cr_assert_eq(x.retired.s, rows[i].retired.s);
    }
    cr_assert_eq(store_next_estate_server(scan, &x), 0);
    server_id id;
    struct store_server s;
    OK(c->store, store_find_server(c->store, "srv-1", &id));
    OK(c->store, store_get_server(c->store, id, &s));
    cr_assert_eq(s.n_tenures, 3);
    cr_assert_str_eq(s.tenures[0].reseller, "r1");
    cr_assert_str_eq(s.tenures[1].reseller, "r2");
    expect_term(s.tenures[2].valid, rows[2].valid);
    cr_assert_eq(s.retired.s, AT(40).s, "the earliest of its rows");
}

CONTRACT(store_estate, all_servers_come_by_number_with_their_tenures)
{
    static const char *const names[] = {"srv-9", "srv-1", "srv-5"}; /* as they get numbers */
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_estate_server(
                     c->store, &(struct estate_server){"srv-9", "r1", ever, WALL_END}));
    OK(c->store, store_say(c->store, (struct say){.server = "srv-1"}));
    for (int i = 0; i < 2; i++)
        OK(c->store,
           store_put_estate_server(
               c->store, &(struct estate_server){"srv-5", "r2", {AT(i), AT(i + 1)}, AT(7)}));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_server_facts(c->store, &scan));
    struct store_server_facts x;
    server_id last = 0;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct store_server same;
        cr_assert_eq(store_next_server_facts(scan, &x), 1);
        expect_text(x.server->name, names[i]);
        cr_assert_gt(x.id, last);
        last = x.id;
        OK(c->store, store_get_server(c->store, x.id, &same)); /* beside the scan */
        expect_text(same.name, names[i]);
        cr_assert_eq(x.server->n_tenures, same.n_tenures);
        cr_assert_eq(x.server->retired.s, same.retired.s);
        for (size_t t = 0; t < same.n_tenures; t++)
            expect_term(x.server->tenures[t].valid, same.tenures[t].valid);
    }
    cr_assert_eq(x.server->n_tenures, 2);
    cr_assert_eq(store_next_server_facts(scan, &x), 0);
}

CONTRACT(store_estate, the_earliest_retirement_holds)
{
    struct estate_server row = {"srv-1", "r1", ever, AT(40)};
    server_id id;
    struct store_server s;
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_estate_server(c->store, &row));
    OK(c->store, store_retire_server(c->store, "srv-1", AT(30)));
    OK(c->store, store_commit(c->store));
    OK(c->store, store_find_server(c->store, "srv-1", &id));
    OK(c->store, store_get_server(c->store, id, &s));
    cr_assert_eq(s.retired.s, AT(30).s);
    OK(c->store, store_begin(c->store));
    cr_assert_eq(store_retire_server(c->store, "srv-9", AT(30)), -ENOENT);
    OK(c->store, store_retire_server(c->store, "srv-1", AT(50)));
    OK(c->store, store_commit(c->store));
    OK(c->store, store_get_server(c->store, id, &s));
    cr_assert_eq(s.retired.s, AT(40).s, "the row of the estate is earlier now");
}

CONTRACT(store_estate, too_many_tenures_are_refused)
{
    OK(c->store, store_begin(c->store));
    for (int i = 0; i < STORE_TENURES_MAX; i++) {
        struct estate_server row = {"srv-1", "r1", {AT(i), AT(i + 1)}, WALL_END};
        OK(c->store, store_put_estate_server(c->store, &row));
    }
    struct estate_server row = {"srv-1", "r1", {AT(900), AT(901)}, WALL_END};
    cr_assert_eq(store_put_estate_server(c->store, &row), -ERANGE);
    store_rollback(c->store);
}

CONTRACT(store_estate, a_cleared_table_is_empty_and_the_others_are_not)
{
    struct estate_manager manager = {"am1", "a", "a@example.nl", LANGUAGE_NL};
    struct estate_reseller reseller = {
        "r1", "r", "am1", NULL, LANGUAGE_NL, currency_find(text_of("EUR")), false};
    struct estate_network network = {"r1", net("203.0.113.0/24"), ever, false};
    struct estate_domain domain = {"a.nl", "r1", 1000, ever};
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_manager(c->store, &manager));
    OK(c->store, store_put_reseller(c->store, &reseller));
    OK(c->store, store_put_network(c->store, &network));
    OK(c->store, store_put_domain(c->store, &domain));
    OK(c->store, store_commit(c->store));
    expect_sound(c->store);
    OK(c->store, store_begin(c->store));
    OK(c->store, store_clear_table(c->store, ESTATE_RESELLERS));
    OK(c->store, store_commit(c->store));
    AUTO(store_scan) struct store_scan *resellers = NULL;
    AUTO(store_scan) struct store_scan *networks = NULL;
    AUTO(store_scan) struct store_scan *managers = NULL;
    AUTO(store_scan) struct store_scan *domains = NULL;
    OK(c->store, store_scan_resellers(c->store, &resellers));
    OK(c->store, store_scan_networks(c->store, &networks));
    OK(c->store, store_scan_managers(c->store, &managers));
    OK(c->store, store_scan_domains(c->store, DOMAINS_ALL, &domains));
    cr_assert_eq(store_next_reseller(resellers, &reseller), 0);
    cr_assert_eq(store_next_network(networks, &network), 0, "networks go with resellers");
    cr_assert_eq(store_next_manager(managers, &manager), 1);
    cr_assert_eq(store_next_domain(domains, &domain), 1);
}

CONTRACT(store_estate, the_same_row_twice_is_refused)
{
    struct estate_domain domain = {"a.nl", "r1", 1000, ever};
    OK(c->store, store_begin(c->store));
    OK(c->store, store_put_domain(c->store, &domain));
    cr_assert_eq(store_put_domain(c->store, &domain), -EEXIST);
    cr_assert_lt(store_commit(c->store), 0, "after an error there is no commit");
    AUTO(store_scan) struct store_scan *scan = NULL;
    OK(c->store, store_scan_domains(c->store, DOMAINS_ALL, &scan));
    cr_assert_eq(store_next_domain(scan, &domain), 0, "nothing of it was stored");
}
