/* Putting an estate into the store: replacing, repeating, and what needs leave. */
#include "sample.h"

#include "os/file.h"

SUITE(estate_apply);

/* The store's whole file, with what still lies in its log. */
static char *file_of(const struct bench *b, size_t *ret_n)
{
    AUTO(buf) struct buf all = BUF_INIT(64 << 20);
    static const char *const names[] = {"store.db", "store.db-wal"};
    struct diag d;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[TEMP_PATH_SIZE];
        AUTO(buf) struct buf one = BUF_INIT(64 << 20);
        int r = file_read(temp_file(&b->folder, names[i], path), &one, &d);
        cr_assert(r == 0 || r == -ENOENT, "%s", d.text);
        buf_add(&all, one.data ? one.data : "", one.len);
    }
    *ret_n = all.len;
    return buf_take(&all);
}

Test(estate_apply, same_estate_again_changes_no_byte)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    size_t n, n_again;
    AUTO_FREE char *before = file_of(&b, &n);
    /* Without leave: what changes nothing needs none. */
    cr_assert_eq(bench_import(&b, sample_estate, NULL, false), 0, "%s", b.d.text);
    cr_assert_not(b.sum.needs_accept, "%s", b.sum.why.text);
    cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0);
    cr_assert_eq(b.sum.rows[ESTATE_MANAGERS], 2);
    AUTO_FREE char *after = file_of(&b, &n_again);
    cr_assert_eq(n, n_again);
    cr_assert_eq(memcmp(before, after, n), 0);
}

Test(estate_apply, order_in_the_file_does_not_matter)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    bench_must_import(
        &b, "{\"account_managers\": [\n"
            "  {\"id\": \"am2\", \"name\": \"Bob\", \"email\": \"bob@example.com\"},\n"
            "  {\"language\": \"nl\", \"id\": \"am1\", \"name\": \"Ann\",\n"
            "   \"email\": \"ann@example.nl\"}]}");
    cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0);
}

Test(estate_apply, only_named_tables_are_replaced)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    bench_must_import(&b, "{\"licenses\": [\n"
                          "{\"license\": \"PLSK.01234567\", \"reseller\": \"r2\"},\n"
                          "{\"license\": \"PLSK.01234568\", \"reseller\": \"r1\"}],\n"
                          "\"domains\": []}");
    cr_assert_eq(b.sum.added, 2, "another beginning is another entry");
    cr_assert_eq(b.sum.removed, 2, "the old entry and the domain");
    cr_assert_eq(b.sum.changed, 0);
    cr_assert(b.sum.named[ESTATE_LICENSES] && b.sum.named[ESTATE_DOMAINS]);
    cr_assert_not(b.sum.named[ESTATE_SERVERS] || b.sum.named[ESTATE_RESELLERS]);
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert(strstr(dump, "license PLSK.01234567 r2 - - always never\n"
                           "license PLSK.01234568 r1 - - always never\n"
                           "server srv-1"),
              "%s", dump);
    cr_assert(strstr(dump, "network r1 203.0.113.0/24"));
}

Test(estate_apply, networks_go_with_their_resellers)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    bench_must_import(
        &b, "{\"resellers\": [\n"
            "{\"id\": \"r1\", \"name\": \"One\", \"account_manager\": \"am1\",\n"
            " \"email\": \"r@one.nl\", \"language\": \"nl\", \"networks\": [\"192.0.2.0/24\",\n"
            " {\"network\": \"203.0.113.0/24\", \"one_place\": true}]},\n"
            "{\"id\": \"r2\", \"name\": \"Two!\", \"account_manager\": \"am1\"},\n"
            "{\"id\": \"r3\", \"name\": \"Three\", \"account_manager\": \"am2\"}]}");
    /* Changed: r2 and 203.0.113.0/24; added 192.0.2.0/24; removed three networks. */
    cr_assert_eq(b.sum.changed, 2);
    cr_assert_eq(b.sum.added, 1);
    cr_assert_eq(b.sum.removed, 3);
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert(strstr(dump, "reseller r2 Two! am1 - en EUR live\n"), "%s", dump);
    cr_assert(strstr(dump, "reseller r3 Three am2 - en EUR live\n"
                           "network r1 192.0.2.0/24 always never\n"
                           "network r1 203.0.113.0/24 always never one\n"
                           "license"),
              "%s", dump);
}

/* Each is one change of the sample; what it counts as. */
static const struct {
    const char *json, *why;
    int64_t added, changed, removed;
} changes[] = {
    {"{\"domains\": [{\"domain\": \"EXAMPLE.nl\", \"reseller\": \"r1\", \"limit\": 2000}]}",
     "the same in another spelling", 0, 0, 0},
    {"{\"domains\": [{\"domain\": \"example.nl\", \"reseller\": \"r1\"}]}", "a limit", 0, 1, 0},
    {"{\"domains\": [{\"domain\": \"example.nl\", \"reseller\": \"r2\", \"limit\": 2000}]}",
     "an owner", 0, 1, 0},
    {"{\"servers\": [{\"server\": \"srv-1\", \"reseller\": \"r1\",\n"
     "\"retired\": \"2026-01-01\"}]}",
     "retired", 0, 1, 0},
    {"{\"servers\": []}", "a server less", 0, 0, 1},
    {"{\"moves\": [{\"license\": \"PLSK.01234567\", \"from\": \"2026-10-03T00:00:00Z\",\n"
     "\"to\": \"2026-10-20T00:00:00Z\"}]}",
     "a reason", 0, 1, 0},
    {"{\"moves\": [{\"license\": \"PLSK.01234567\", \"from\": \"2026-10-03T00:00:00Z\",\n"
     "\"to\": \"2026-10-21T00:00:00Z\", \"reason\": \"new rack\"}]}",
     "an end", 0, 1, 0},
    {"{\"licenses\": [{\"license\": \"PLSK.01234567\", \"reseller\": \"r1\",\n"
     "\"product\": \"Web Pro\", \"from\": \"2026-01-01\"}]}",
     "a binding less", 0, 1, 0},
    {"{\"account_managers\": [\n"
     "{\"id\": \"am1\", \"name\": \"Ann\", \"email\": \"ann@example.nl\"},\n"
     "{\"id\": \"am2\", \"name\": \"Bob\", \"email\": \"bob@example.com\"}]}",
     "a language", 0, 1, 0},
};

Test(estate_apply, each_change_is_counted_once)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        AUTO(bench) struct bench b;
        bench_init(&b);
        bench_must_import(&b, sample_estate);
        bench_must_import(&b, changes[i].json);
        cr_assert_eq(b.sum.added, changes[i].added, "%s", changes[i].why);
        cr_assert_eq(b.sum.changed, changes[i].changed, "%s", changes[i].why);
        cr_assert_eq(b.sum.removed, changes[i].removed, "%s", changes[i].why);
        bench_must_import(&b, changes[i].json);
        cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0, "%s", changes[i].why);
    }
}

/*
 * Now is 2026-10-01T00:00:00Z: a price that begins on 2026-10-15 has its 14 days to the second,
 * one of 2026-10-14 has not. The sample has one that begins in 2027.
 */
static const struct {
    const char *tariffs;
    bool needs;
    const char *says, *why;
} prices[] = {
    {"{\"kind\":\"extra-ip\",\"currency\":\"EUR\",\"unit_price\":\"12.50\","
     "\"from\":\"2027-01-01\"}",
     false, "", "nothing changes"},
    {"{\"kind\":\"extra-ip\",\"currency\":\"EUR\",\"unit_price\":\"99\",\"from\":\"2027-01-"
     "01\"}",
     false, "", "a price that is far ahead"},
    {"{\"kind\":\"extra-ip\",\"currency\":\"EUR\",\"unit_price\":\"12.50\","
     "\"from\":\"2027-01-01\"},"
     "{\"kind\":\"outside\",\"currency\":\"EUR\",\"unit_price\":\"1\",\"from\":\"2026-10-15\"}",
     false, "", "14 days to the second"},
    {"{\"kind\":\"extra-ip\",\"currency\":\"EUR\",\"unit_price\":\"12.50\","
     "\"from\":\"2027-01-01\"},"
     "{\"kind\":\"outside\",\"currency\":\"EUR\",\"unit_price\":\"1\",\"from\":\"2026-10-14\"}",
     true, "tariff for outside in EUR from 2026-10-14T00:00:00Z has begun or begins less than",
     "13 days ahead"},
    {"{\"kind\":\"extra-ip\",\"currency\":\"EUR\",\"unit_price\":\"12.50\","
     "\"from\":\"2027-01-01\"},"
     "{\"kind\":\"mailboxes\",\"reseller\":\"r2\",\"currency\":\"USD\",\"unit_price\":\"1\","
     "\"from\":\"2020-01-01\"}",
     true, "tariff for mailboxes in USD of reseller \"r2\" from 2020-01-01", "long ago"},
};

Test(estate_apply, price_on_short_notice_needs_leave)
{
    for (size_t i = 0; i < ARRAY_LEN(prices); i++) {
        AUTO(bench) struct bench b;
        char json[1024];
        bench_init(&b);
        bench_must_import(&b, sample_estate);
        AUTO_FREE char *before = dump_estate(b.s);
        (void)snprintf(json, sizeof json, "{\"tariffs\": [%s]}", prices[i].tariffs);
        cr_assert_eq(bench_import(&b, json, NULL, false), 0, "%s", b.d.text);
        cr_assert_eq(b.sum.needs_accept, prices[i].needs, "%s", prices[i].why);
        if (!prices[i].needs)
            continue;
        cr_assert(strstr(b.sum.why.text, prices[i].says), "%s", b.sum.why.text);
        cr_assert(strstr(b.sum.why.text, "T&C 12.7") && strstr(b.sum.why.text, "--accept"));
        AUTO_FREE char *after = dump_estate(b.s);
        cr_assert_str_eq(after, before, "nothing is written without leave");
        cr_assert_eq(bench_import(&b, json, NULL, true), 0);
        cr_assert_not(b.sum.needs_accept);
        cr_assert_eq(b.sum.added, 1);
    }
}

Test(estate_apply, price_that_is_taken_away_needs_leave_when_it_holds)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(bench_import(&b, "{\"tariffs\": []}", NULL, false), 0);
    cr_assert_not(b.sum.needs_accept, "it was to begin in 2027");
    cr_assert_eq(b.sum.removed, 1);
    static const char price[] =
        "{\"tariffs\": [{\"kind\":\"extra-ip\",\"currency\":\"EUR\",\"unit_price\":\"%s\","
        "\"from\":\"2026-09-01\"}]}";
    char json[256];
    (void)snprintf(json, sizeof json, price, "12.50");
    bench_must_import(&b, json);
    cr_assert_eq(bench_import(&b, "{\"tariffs\": []}", NULL, false), 0);
    cr_assert(b.sum.needs_accept && strstr(b.sum.why.text, "is removed"), "%s", b.sum.why.text);
    (void)snprintf(json, sizeof json, price, "12.51");
    cr_assert_eq(bench_import(&b, json, NULL, false), 0);
    cr_assert(b.sum.needs_accept, "a price that holds is changed");
    cr_assert_eq(b.sum.changed, 1);
    (void)snprintf(json, sizeof json, price, "12.5");
    cr_assert_eq(bench_import(&b, json, NULL, false), 0);
    cr_assert_not(b.sum.needs_accept, "the same price");
}

/* Many rows: in one file, in an order that is not the store's, and again. */
Test(estate_apply, many_rows_are_compared_in_the_stores_order)
{
    enum { ROWS = 5000 };
    AUTO(bench) struct bench b;
    AUTO(buf) struct buf json = BUF_INIT(8 << 20);
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    buf_add_str(&json, "{\"licenses\": [");
    for (int i = 0; i < ROWS; i++) /* 7919 is prime to 5000: every number once, in disorder */
        buf_printf(&json, "%s{\"license\": \"%s.%08d\", \"reseller\": \"r%d\"}", i ? ",\n" : "",
                   i % 3 ? "PLSK" : "EXT", 1 + i * 7919 % ROWS, 1 + i % 3);
    buf_add_str(&json, "]}");
    bench_must_import(&b, buf_str(&json));
    cr_assert_eq(b.sum.added, ROWS);
    cr_assert_eq(b.sum.removed, 1);
    bench_must_import(&b, buf_str(&json));
    cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0);
    cr_assert_eq(b.sum.rows[ESTATE_LICENSES], ROWS);
}

Test(estate_apply, networks_of_both_families_stand_in_the_stores_order)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    static const char json[] =
        "{\"resellers\": [\n"
        "{\"id\": \"r1\", \"name\": \"n\", \"account_manager\": \"am1\", \"networks\": [\n"
        "\"2001:db8::/32\", \"2001:db8::/48\", \"2001:db8:8000::/33\", \"1.0.0.0/8\",\n"
        "\"203.0.113.0/24\", \"203.0.113.0/25\", \"203.0.113.128/25\", \"203.0.113.0/32\",\n"
        "\"2a00::/24\", \"20.1.13.184/32\"]},\n"
        "{\"id\": \"r2\", \"name\": \"n\", \"account_manager\": \"am1\", \"networks\": [\n"
        "\"2001:db8::/32\", \"198.51.100.0/24\"]},\n"
        "{\"id\": \"r3\", \"name\": \"n\", \"account_manager\": \"am1\"}]}";
    bench_must_import(&b, json);
    bench_must_import(&b, json);
    cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0);
}
