/* Reading an estate from JSON: what each member may be, and where it is refused. */
#include "sample.h"

#include "os/zoneinfo.h"

SUITE(estate_json);

static void check_dump(struct bench *b, const char *wanted, const char *why)
{
    AUTO_FREE char *dump = dump_estate(b->s);
    cr_assert_str_eq(dump, wanted, "%s", why);
}

/* What sample_estate says, with the defaults of the contract where it is silent. */
static const char sample_dump[] =
    "manager am1 Ann ann@example.nl nl\n"
    "manager am2 Bob bob@example.com en\n"
    "reseller r1 One am1 r@one.nl nl EUR live\n"
    "reseller r2 Two am2 - en USD trial\n"
    "reseller r3 Three am2 - en EUR live\n"
    "network r1 198.51.100.0/25 2026-01-01 2026-06-01 one\n"
    "network r1 198.51.100.0/25 2026-06-01 never\n"
    "network r1 203.0.113.0/24 always never\n"
    "network r1 2001:db8:1::/48 always never\n"
    "license PLSK.01234567 r1 Web Pro 203.0.113.5 2026-01-01 never\n"
    "domain example.nl r1 2000 always never\n"
    "server srv-1 r1 always never never\n"
    "move PLSK.01234567 2026-10-03 2026-10-20 new rack\n"
    "tariff extra-ip - EUR 12.50/1 2027-01-01\n";

Test(estate_json, whole_estate_is_stored_as_it_says)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    check_dump(&b, sample_dump, "the sample");
    for (size_t i = 0; i < ESTATE_TABLE_COUNT; i++)
        cr_assert(b.sum.named[i]);
    cr_assert_eq(b.sum.rows[ESTATE_RESELLERS], 3);
    cr_assert_eq(b.sum.rows[ESTATE_LICENSES], 1);
    /* 2 managers, 3 resellers, 4 networks and 5 single rows. */
    cr_assert_eq(b.sum.added, 14);
    cr_assert_eq(b.sum.changed, 0);
    cr_assert_eq(b.sum.removed, 0);
}

Test(estate_json, spellings_come_to_one_form)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    bench_must_import(
        &b, "{\"licenses\": [\n"
            "{\"license\": \"plsk000000010002\", \"reseller\": \"r2\", \"binding\": \"\"},\n"
            "{\"license\": \"EXT.00000002.0001\", \"reseller\": \"r2\", \"product\": \"\",\n"
            " \"binding\": \"::ffff:192.0.2.1\"},\n"
            "{\"license\": \"PLSK.00000003\", \"reseller\": \"r2\", \"product\": null,\n"
            " \"binding\": null, \"from\": null, \"to\": null}],\n"
            "\"domains\": [{\"domain\": \"B\xc3\xbc"
            "cher.Example.\", \"reseller\": \"r2\"},\n"
            "{\"domain\": \"a.example\", \"reseller\": \"r2\", \"limit\": 0}],\n"
            "\"servers\": [\n"
            "{\"server\": \"s2\", \"reseller\": \"r2\", \"retired\": "
            "\"2026-10-03T02:00:00+02:00\"},\n"
            "{\"server\": \"s1\", \"reseller\": \"r2\", \"retired\": \"2026-10-03\"}],\n"
            "\"tariffs\": [], \"moves\": []}");
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert_str_eq(strstr(dump, "license "),
                     "license EXT.00000002 r2 - 192.0.2.1 always never\n"
                     "license PLSK.00000001 r2 - - always never\n"
                     "license PLSK.00000003 r2 - - always never\n"
                     "domain a.example r2 0 always never\n"
                     "domain xn--bcher-kva.example r2 1000 always never\n"
                     "server s1 r2 always never 2026-10-03T00:00:00Z\n"
                     "server s2 r2 always never 2026-10-03T00:00:00Z\n");
}

Test(estate_json, dates_are_days_of_the_zone)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(zoneinfo_load("Europe/Amsterdam", &b.zone, &b.d), 0);
    bench_must_import(&b,
                      "{\"licenses\": [{\"license\": \"PLSK.00000001\", \"reseller\": \"r1\",\n"
                      "\"from\": \"2026-01-01\", \"to\": \"2026-07-01\"}]}");
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct estate_license row;
    cr_assert_eq(store_scan_licenses(b.s, LICENSES_ALL, &scan), 0);
    cr_assert_eq(store_next_license(scan, &row), 1);
    /* 2025-12-31T23:00:00Z in winter, 2026-06-30T22:00:00Z in summer. */
    cr_assert_eq(row.valid.from.s, INT64_C(20454) * 86400 - 3600);
    cr_assert_eq(row.valid.to.s, (INT64_C(20454) + 181) * 86400 - 7200);
}

/* Names are shown by others, who must escape them; here they are data. */
Test(estate_json, hostile_names_are_kept_as_they_are)
{
    static const char *const names[] = {
        "<script>alert(1)</script>",
        "'; DROP TABLE reseller; --",
        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xe2\x80\xae right",
        "=cmd|' /C calc'!A0",
        "%s%n%s",
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(bench) struct bench b;
        char json[512];
        bench_init(&b);
        (void)snprintf(json, sizeof json,
                       "{\"account_managers\": [{\"id\": \"%s\", \"name\": \"%s\",\n"
                       " \"email\": \"a@b\"}]}",
                       names[i], names[i]);
        bench_must_import(&b, json);
        AUTO(store_scan) struct store_scan *scan = NULL;
        struct estate_manager row;
        cr_assert_eq(store_scan_managers(b.s, &scan), 0);
        cr_assert_eq(store_next_manager(scan, &row), 1);
        cr_assert_str_eq(row.id, names[i]);
        cr_assert_str_eq(row.name, names[i]);
    }
}

static const struct {
    const char *json, *says;
} refusals[] = {
    {"", "e.json:1:1: "},
    {"[]", "e.json:1:1: is an array, must be an object"},
    {"{\"licenses\": [}", "e.json:1:15: "},
    {"{}", "e.json:1:1: names no table"},
    {"{\"networks\": []}", "e.json:1:14: /networks: \"networks\" is not known here"},
    {"{\"domains\": null}", "e.json:1:13: /domains: is null, must be an array"},
    {"{\"domains\": {}}", "e.json:1:13: /domains: is an object, must be an array"},
    {"{\"domains\": [3]}", "e.json:1:14: /domains/0: is an integer, must be an object"},
    {"{\"domains\": [],\n \"domains\": []}", "e.json:2:"},
    /* Members of each table. */
    {"{\"account_managers\": [{\"name\": \"x\"}]}",
     "e.json:1:23: /account_managers/0/id: is missing"},
    {"{\"account_managers\": [{\"id\": \"\"}]}",
     "/account_managers/0/id: is \"\", must be text"},
    {"{\"account_managers\": [{\"id\": \" a\"}]}",
     "without control characters or outer spaces"},
    {"{\"account_managers\": [{\"id\": \"a\\u0007\"}]}", "is \"a\\x07\""},
    {"{\"account_managers\": [{\"id\": 5}]}", "/account_managers/0/id: is an integer"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": \"c\"}]}",
     "e.json:1:57: /account_managers/0/email: is \"c\", must be an e-mail address"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": \"c@d@e\"}]}",
     "e-mail"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": \"@d\"}]}", "e-mail"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": \"d@\"}]}", "e-mail"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": \"a b@d\"}]}",
     "e-mail"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": \"a@b,c@d\"}]}",
     "e-mail"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": "
     "\"a@b\\r\\nBcc:c\"}]}",
     "e-mail"},
    {"{\"account_managers\": [{\"id\": \"a\", \"name\": \"b\", \"email\": \"a@b\",\n"
     "\"language\": \"de\"}]}",
     "e.json:2:13: /account_managers/0/language: is \"de\", must be nl or en"},
    {"{\"account_managers\": [{\"id\": \"a\", \"password\": \"hunter2\"}]}",
     "\"password\" is not known here, only id, name, email, language"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\"}]}",
     "/resellers/0/account_manager: is missing"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"currency\": \"eur\"}]}",
     "/resellers/0/currency: is \"eur\", must be a currency code"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"billing\": \"free\"}]}",
     "/resellers/0/billing: is \"free\", must be live or trial"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"networks\": \"203.0.113.0/24\"}]}",
     "/resellers/0/networks: is a text, must be an array"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"networks\": [\n\"203.0.113.1/24\"]}]}",
     "e.json:3:1: /resellers/0/networks/0: is \"203.0.113.1/24\", must be a network"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"networks\": [\"2001:db8::/18\"]}]}",
     "at least /8 (IPv4) or /19 (IPv6)"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"networks\": [{\"network\": \"203.0.113.0/24\", \"reseller\": \"r\"}]}]}",
     "/resellers/0/networks/0/reseller: \"reseller\" is not known here"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"networks\": [{\"network\": \"203.0.113.0/24\", \"one_place\": \"yes\"}]}]}",
     "/resellers/0/networks/0/one_place: is a text, must be true or false"},
    {"{\"resellers\": [{\"id\": \"r\", \"name\": \"n\", \"account_manager\": \"a\",\n"
     "\"networks\": [7]}]}",
     "/resellers/0/networks/0: is an integer, must be an object"},
    {"{\"licenses\": [{\"license\": \"1234567\"}]}",
     "/licenses/0/license: is \"1234567\", must be a key number"},
    {"{\"licenses\": [{\"license\": \"PLSK.00000000\"}]}", "not zero"},
    {"{\"licenses\": [{\"license\": \"PLSK.00000001\", \"reseller\": null}]}",
     "/licenses/0/reseller: is null"},
    {"{\"licenses\": [\n{\"license\": \"PLSK.00000001\", \"reseller\": \"r\"},\n"
     "{\"license\": \"PLSK.00000002\", \"reseller\": \"r\", \"from\": \"2026-13-01\"}]}",
     "e.json:3:55: /licenses/1/from: is \"2026-13-01\", must be a date YYYY-MM-DD"},
    {"{\"licenses\": [{\"license\": \"PLSK.00000001\", \"reseller\": \"r\",\n"
     "\"from\": \"2026-01-02\", \"to\": \"2026-01-02\"}]}",
     "e.json:2:29: /licenses/0/to: must be after `from`"},
    {"{\"licenses\": [{\"license\": \"PLSK.00000001\", \"reseller\": \"r\",\n"
     "\"binding\": \"203.0.113.0/24\"}]}",
     "/licenses/0/binding: is \"203.0.113.0/24\", must be an IP address"},
    {"{\"licenses\": [{\"license\": \"PLSK.00000001\", \"reseller\": \"r\",\n"
     "\"activation_code\": \"A00-SECRET\"}]}",
     "\"activation_code\" is not known here"},
    {"{\"domains\": [{\"domain\": \"localhost\", \"reseller\": \"r\"}]}",
     "/domains/0/domain: is \"localhost\", must be a domain name"},
    {"{\"domains\": [{\"domain\": \"a.nl\", \"reseller\": \"r\", \"limit\": -1}]}",
     "/domains/0/limit: is -1, must be 0 to 10000000"},
    {"{\"domains\": [{\"domain\": \"a.nl\", \"reseller\": \"r\", \"limit\": \"1000\"}]}",
     "/domains/0/limit: is a text, must be an integer"},
    {"{\"domains\": [{\"domain\": \"a.nl\", \"reseller\": \"r\", \"limit\": 1e3}]}",
     "/domains/0/limit: is a real number"},
    {"{\"servers\": [{\"server\": \"s\", \"reseller\": \"r\", \"retired\": \"soon\"}]}",
     "/servers/0/retired: is \"soon\", must be a date YYYY-MM-DD or a moment"},
    {"{\"moves\": [{\"license\": \"PLSK.00000001\", \"from\": \"2026-10-03T00:00:00Z\"}]}",
     "/moves/0/to: is missing"},
    {"{\"moves\": [{\"license\": \"PLSK.00000001\", \"from\": null, \"to\": null}]}",
     "/moves/0/from: is null"},
    {"{\"moves\": [{\"license\": \"PLSK.00000001\", \"from\": \"2026-10-03\"}]}",
     "/moves/0/from: is \"2026-10-03\", must be a moment"},
    {"{\"moves\": [{\"license\": \"PLSK.00000001\", \"from\": \"2026-10-03T00:00:00Z\",\n"
     "\"to\": \"2026-10-02T00:00:00Z\"}]}",
     "/moves/0/to: must be after `from`"},
    {"{\"tariffs\": [{\"kind\": \"extra_ip\"}]}", "must be extra-ip, mailboxes or outside"},
    {"{\"tariffs\": [{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": 12.5}]}",
     "/tariffs/0/unit_price: is a real number, must be a text"},
    {"{\"tariffs\": [{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"-1\"}]}",
     "/tariffs/0/unit_price: is \"-1\", must be a decimal"},
    {"{\"tariffs\": [{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"1\",\n"
     "\"block\": 0}]}",
     "/tariffs/0/block: is 0, must be 1 to"},
    {"{\"tariffs\": [{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"1\"}]}",
     "/tariffs/0/from: is missing"},
    {"{\"tariffs\": [{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"1\",\n"
     "\"from\": \"2026-01-01\", \"to\": \"2027-01-01\"}]}",
     "\"to\" is not known here"},
    {"{\"tariffs\": [{\"kind\": \"outside\", \"unit_price\": \"1\", \"from\": "
     "\"2026-01-01\"}]}",
     "/tariffs/0/currency: is missing"},
};

Test(estate_json, what_is_wrong_is_refused_with_its_place)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        cr_assert_eq(bench_import(&b, refusals[i].json, NULL, true), -EBADMSG, "%s",
                     refusals[i].json);
        cr_assert(strncmp(b.d.text, "e.json:", 7) == 0, "%s", b.d.text);
        cr_assert(strstr(b.d.text, refusals[i].says), "%s\n%s\nlacks: %s", refusals[i].json,
                  b.d.text, refusals[i].says);
        cr_assert_not(strstr(b.d.text, "hunter2") || strstr(b.d.text, "SECRET"), "%s",
                      b.d.text);
    }
    check_dump(&b, "", "nothing of a refused file is kept");
}

Test(estate_json, texts_at_their_caps_are_taken_and_one_more_byte_refused)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    for (int more = 0; more < 2; more++) {
        char id[CAP_ID + 2], name[CAP_NAME + 2], json[CAP_NAME + 300];
        memset(id, 'i', sizeof id);
        memset(name, 'n', sizeof name);
        id[CAP_ID] = '\0';
        name[CAP_NAME + more] = '\0';
        (void)snprintf(json, sizeof json,
                       "{\"account_managers\": [{\"id\": \"%s\", \"name\": \"%s\", \"email\": "
                       "\"a@b\"}]}",
                       id, name);
        cr_assert_eq(bench_import(&b, json, NULL, true), more ? -EBADMSG : 0, "%s", b.d.text);
    }
    cr_assert(strstr(b.d.text, "of 1 to 1000 bytes"), "%s", b.d.text);
}

Test(estate_json, table_given_by_two_files_is_refused)
{
    AUTO(estate) struct estate *e = NULL;
    struct zone zone;
    struct diag d;
    zone_init_utc(&zone);
    cr_assert_eq(estate_new(&zone, &e), 0);
    cr_assert_eq(estate_read_json(e, text_of("{\"domains\": []}"), "a.json", NULL, &d), 0);
    cr_assert_eq(estate_read_json(e, text_of("{\"domains\": []}"), "b.json", NULL, &d),
                 -EBADMSG);
    cr_assert_str_eq(d.text, "b.json:1:1: has the table domains, which a.json gave already");
}

Test(estate_json, reseller_is_only_for_a_listing)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    cr_assert_eq(bench_import(&b, "{\"domains\": []}", "r1", true), -EBADMSG);
    cr_assert(strstr(b.d.text, "e.json:1:1: is no licence listing"), "%s", b.d.text);
}
