/* The distributor API's listing: what is taken from it, and what must not get out. */
#include "sample.h"

#include "os/file.h"

SUITE(estate_listing);

/* An answer around some entries, with the members that a real one has besides. */
static void wrap(const char *entries, struct buf *out)
{
    buf_reset(out);
    buf_printf(out,
               "{\"code\":0,\"desc\":\"\",\"maintenance\":false,\"warnings\":[],\"data\":{"
               "\"total\":2,\"results\":[\n%s]}}",
               entries);
}

#define SECRETS                                                                                \
    "\"activation_code\":\"A00-SECRETONE\",\"password\":\"SECRETTWO\","                        \
    "\"update-ticket\":\"SECRETTHREE\",\"key\":{\"key\":\"SECRETFOUR\"},"                      \
    "\"comment\":\"SECRETFIVE\",\"title\":\"SECRETSIX\",\"items\":[\"SECRETSEVEN\"],"          \
    "\"sku_values\":{\"SECRETEIGHT\":true}"

#define ENTRY(number, status, binding)                                                         \
    "{\"key_id\":1234567," SECRETS ",\"key_number\":\"" number                                 \
    "\",\"parent_key_id\":0,\"product\":\"plesk\",\"contract\":\"2014\",\"period\":1,"         \
    "\"billing_type\":\"lease\",\"status\":\"" status                                          \
    "\",\"order_date\":\"2026-01-05 11:07:35\",\"expiration_date\":\"2026-12-04 18:00:00\","   \
    "\"ip_address_binding\":\"" binding "\"}"

static int import_entries(struct bench *b, const char *entries, const char *reseller)
{
    AUTO(buf) struct buf json = BUF_INIT(1 << 20);
    wrap(entries, &json);
    return bench_import(b, buf_str(&json), reseller, false);
}

static void must_import_entries(struct bench *b, const char *entries, const char *reseller)
{
    cr_assert_eq(import_entries(b, entries, reseller), 0, "%s: %s", entries, b->d.text);
}

Test(estate_listing, known_licence_keeps_its_reseller_and_dates)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    must_import_entries(&b, ENTRY("PLSK.01234567.0003", "ACT", "198.51.100.7"), "r2");
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert(strstr(dump, "license PLSK.01234567 r1 plesk 198.51.100.7 2026-01-01 never\n"),
              "%s", dump);
    cr_assert_eq(b.sum.changed, 1);
    cr_assert_eq(b.sum.added + b.sum.removed, 0);
    cr_assert(b.sum.named[ESTATE_LICENSES]);
    cr_assert_eq(b.sum.rows[ESTATE_LICENSES], 1);
}

/* GET /v1beta/licenses answers without bindings: that is no word that there is none. */
Test(estate_listing, what_the_vendor_does_not_say_stays)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    must_import_entries(&b, "{\"key_number\":\"PLSK.01234567\",\"product\":\"\"}", NULL);
    cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0);
    must_import_entries(&b, "{\"key_number\":\"PLSK.01234567\",\"ip_address_binding\":null}",
                        NULL);
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert(strstr(dump, "license PLSK.01234567 r1 Web Pro - 2026-01-01 never\n"), "%s",
              dump);
}

Test(estate_listing, unknown_licence_begins_with_the_day_of_its_order)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    must_import_entries(&b, ENTRY("PLSK.00000009", "ACT", ""), "r2");
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert(strstr(dump, "license PLSK.00000009 r2 plesk - 2026-01-05 never\n"
                           "license PLSK.01234567 r1 Web Pro 203.0.113.5"),
              "%s", dump);
    cr_assert_eq(b.sum.added, 1);
    cr_assert_eq(b.sum.rows[ESTATE_LICENSES], 2);
    must_import_entries(&b, ENTRY("PLSK.00000009", "ACT", ""), "r2");
    cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0, "again: nothing");
}

Test(estate_listing, unknown_licence_needs_a_reseller)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(import_entries(&b, ENTRY("PLSK.00000009", "ACT", ""), NULL), -EBADMSG);
    cr_assert(strstr(b.d.text, "e.json:2:1: licence PLSK.00000009 is not in the estate"), "%s",
              b.d.text);
    cr_assert(strstr(b.d.text, "--reseller ID"), "%s", b.d.text);
    cr_assert_eq(import_entries(&b, ENTRY("PLSK.00000009", "ACT", ""), "r9"), -EBADMSG);
    cr_assert(strstr(b.d.text, "names reseller \"r9\", which is not in the estate"), "%s",
              b.d.text);
    /* A known one needs none. */
    must_import_entries(&b, ENTRY("PLSK.01234567", "ACT", "203.0.113.5"), NULL);
}

#define TERM_ENTRY(reseller, from, to)                                                         \
    "{\"license\": \"PLSK.00000001\", \"reseller\": \"" reseller "\", \"from\": " from         \
    ", \"to\": " to "}"

/* Now is 2026-10-01: the entry that holds now is spoken of; where none does, the last. */
Test(estate_listing, of_several_entries_the_one_that_holds_now_is_meant)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    bench_must_import(
        &b, "{\"licenses\": [" TERM_ENTRY("r1", "null", "\"2026-02-01\"") "," TERM_ENTRY(
                "r2", "\"2026-02-01\"", "\"2027-01-01\"") "," TERM_ENTRY("r3", "\"2027-01-01\"",
                                                                         "null") "]}");
    must_import_entries(&b, ENTRY("PLSK.00000001", "ACT", "192.0.2.9"), NULL);
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert(strstr(dump, "license PLSK.00000001 r1 - - always 2026-02-01\n"
                           "license PLSK.00000001 r2 plesk 192.0.2.9 2026-02-01 2027-01-01\n"
                           "license PLSK.00000001 r3 - - 2027-01-01 never\n"),
              "%s", dump);
    bench_must_import(
        &b, "{\"licenses\": [" TERM_ENTRY("r1", "null", "\"2026-02-01\"") "," TERM_ENTRY(
                "r2", "\"2026-02-01\"", "\"2026-03-01\"") "]}");
    must_import_entries(&b, ENTRY("PLSK.00000001", "ACT", "192.0.2.9"), NULL);
    AUTO_FREE char *later = dump_estate(b.s);
    cr_assert(strstr(later, "license PLSK.00000001 r2 plesk 192.0.2.9 2026-02-01 2026-03-01\n"),
              "%s", later);
}

/* An entry's members that matter, and the line that it leaves; NULL = passed over. */
static const struct {
    const char *entry, *line, *why;
} rows[] = {
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\"}",
     "PLSK.00000042 r2 plesk - always never", "nothing else is needed"},
    {"{\"key_number\":\"00000042\",\"product\":\"plesk\"}",
     "PLSK.00000042 r2 plesk - always never", "bare digits beside a Plesk product"},
    {"{\"key_number\":42,\"product\":\"plesk\"}", "PLSK.00000042 r2 plesk - always never",
     "a bare number"},
    {"{\"key_id\":42,\"product\":\"plesk\"}", "PLSK.00000042 r2 plesk - always never",
     "the key's id alone"},
    {"{\"key_id\":42,\"key_number\":\"\",\"product\":\"plesk\",\"order_date\":null,"
     "\"ip_address_binding\":null}",
     "PLSK.00000042 r2 plesk - always never", "an empty number, and nulls"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"bundle\"}",
     "PLSK.00000042 r2 bundle - always never", "the prefix makes it Plesk's"},
    {"{\"key_number\":\"EXT.00000042\",\"product\":\"plesk\"}",
     "EXT.00000042 r2 plesk - always never", "an add-on key of Plesk"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\",\"status\":\"SUSPENDED\","
     "\"order_date\":\"0000-00-00 00:00:00\"}",
     "PLSK.00000042 r2 plesk - always never", "an unknown status, and no date"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\","
     "\"ip_address_binding\":\"2001:DB8::1\",\"order_date\":\"2026-02-28 23:59:59\"}",
     "PLSK.00000042 r2 plesk 2001:db8::1 2026-02-28 never", "IPv6, and the order's own day"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\",\"status\":\"DEL\"}", NULL,
     "deleted"},
    {"{\"key_number\":\"VZ.00000042\",\"product\":\"virtuozzo\"}", NULL, "another product"},
    {"{\"key_id\":42,\"product\":\"virtuozzo\"}", NULL, "another product without a number"},
    {"{\"key_number\":\"EXT.00000042\"}", NULL, "no product, and not Plesk's prefix"},
    {"{\"key_number\":\"PLSK.00000000\",\"product\":\"plesk\"}", NULL, "no licence"},
    {"{\"key_id\":0,\"product\":\"plesk\"}", NULL, "no licence either"},
};

Test(estate_listing, entries_are_taken_or_passed_over)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(bench) struct bench b;
        bench_init(&b);
        bench_must_import(&b, sample_estate);
        must_import_entries(&b, rows[i].entry, "r2");
        AUTO_FREE char *dump = dump_estate(b.s);
        cr_assert_eq(b.sum.skipped, rows[i].line ? 0 : 1, "%s", rows[i].why);
        cr_assert_eq(b.sum.added, rows[i].line ? 1 : 0, "%s", rows[i].why);
        cr_assert(!rows[i].line || strstr(dump, rows[i].line), "%s: %s", rows[i].why, dump);
    }
}

static const struct {
    const char *entries, *says;
} refusals[] = {
    {"5", "e.json:2:1: /data/results/0: is an integer, must be an object"},
    {"{\"product\":\"plesk\"}", "/data/results/0/key_id: is missing"},
    {"{\"key_number\":\"A00-SECRET-SECRET\",\"product\":\"plesk\"}",
     "/data/results/0/key_number: must be a key number"},
    {"{\"key_number\":{\"activation_code\":\"SECRET\"},\"product\":\"plesk\"}",
     "/data/results/0/key_number: is an object"},
    {"{\"key_number\":\"100000000\",\"product\":\"plesk\"}",
     "/data/results/0/key_number: must be a key number"},
    {"{\"key_id\":100000000,\"product\":\"plesk\"}", "/data/results/0/key_id: is no number"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\","
     "\"ip_address_binding\":\"SECRET\"}",
     "/data/results/0/ip_address_binding: must be an IP address"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\",\"order_date\":\"SECRET\"}",
     "/data/results/0/order_date: must be a moment"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\","
     "\"order_date\":\"2026-02-30 00:00:00\"}",
     "/data/results/0/order_date: must be a moment"},
    {"{\"key_number\":\"PLSK.00000042\",\"product\":\"plesk\"},\n"
     "{\"key_number\":\"plsk.00000042.0002\",\"product\":\"plesk\"}",
     "e.json:3:1: licence PLSK.00000042 is listed in line 2 of e.json already"},
    {"{\"key_number\":\"PLSK.00000042\" \"SECRET\"}", "e.json:2:"},
    {"{\"key_number\":\"PLSK.00000042\",\"a\":\"SECRET\",\"a\":1}", "stands twice"},
};

Test(estate_listing, what_is_wrong_is_refused_and_never_repeated)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    AUTO_FREE char *before = dump_estate(b.s);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        cr_assert_eq(import_entries(&b, refusals[i].entries, "r2"), -EBADMSG, "%s",
                     refusals[i].entries);
        cr_assert(strstr(b.d.text, refusals[i].says), "%s\n%s\nlacks: %s", refusals[i].entries,
                  b.d.text, refusals[i].says);
        cr_assert_not(strstr(b.d.text, "SECRET"), "%s", b.d.text);
    }
    AUTO_FREE char *after = dump_estate(b.s);
    cr_assert_str_eq(after, before);
}

Test(estate_listing, answer_that_is_an_error_is_refused)
{
    static const struct {
        const char *json, *says;
    } answers[] = {
        {"{\"code\":196,\"desc\":\"SECRET\",\"data\":{\"results\":[]}}",
         "e.json:1:9: /code: must be 0: the API answered with an error"},
        {"{\"desc\":\"SECRET\",\"data\":{\"results\":[]}}", "/code: is missing"},
        {"{\"code\":0,\"data\":{\"results\":{}}}",
         "/data/results: is an object, must be an array"},
        {"{\"code\":0,\"data\":{\"result\":[]}}", "\"code\" is not known here"},
    };
    AUTO(bench) struct bench b;
    bench_init(&b);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        cr_assert_eq(bench_import(&b, answers[i].json, NULL, true), -EBADMSG);
        cr_assert(strstr(b.d.text, answers[i].says), "%s lacks: %s", b.d.text, answers[i].says);
        cr_assert_not(strstr(b.d.text, "SECRET"), "%s", b.d.text);
    }
}

static bool file_has(const struct bench *b, const char *name, const char *word)
{
    char path[TEMP_PATH_SIZE];
    struct diag d;
    AUTO(buf) struct buf bytes = BUF_INIT(64 << 20);
    if (file_read(temp_file(&b->folder, name, path), &bytes, &d) < 0)
        return false;
    return memmem(bytes.data, bytes.len, word, strlen(word)) != NULL;
}

Test(estate_listing, secrets_reach_no_file)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    must_import_entries(&b,
                        ENTRY("PLSK.01234567", "ACT", "192.0.2.1") ",\n" ENTRY(
                            "PLSK.00000007", "ACT",
                            "192.0.2.2") ",\n" ENTRY("PLSK.00000008", "DEL", "192.0.2.3"),
                        "r3");
    cr_assert_eq(b.sum.skipped, 1);
    cr_assert(file_has(&b, "store.db", "plesk") || file_has(&b, "store.db-wal", "plesk"),
              "what is to be kept is found in this way");
    static const char *const names[] = {"store.db", "store.db-wal", "store.db-shm"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        cr_assert_not(file_has(&b, names[i], "SECRET"), "%s", names[i]);
}

/* Pages of one listing, read into one estate; and a listing beside the licences themselves. */
Test(estate_listing, pages_are_put_together)
{
    AUTO(bench) struct bench b;
    AUTO(estate) struct estate *e = NULL;
    AUTO(buf) struct buf json = BUF_INIT(1 << 20);
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(estate_new(&b.zone, &e), 0);
    wrap(ENTRY("PLSK.00000002", "ACT", ""), &json);
    cr_assert_eq(estate_read_json(e, text_of(buf_str(&json)), "1.json", "r2", &b.d), 0);
    wrap(ENTRY("PLSK.00000001", "ACT", ""), &json);
    cr_assert_eq(estate_read_json(e, text_of(buf_str(&json)), "2.json", "r3", &b.d), 0);
    cr_assert_eq(estate_read_json(e, text_of("{\"licenses\": []}"), "3.json", NULL, &b.d), 0);
    cr_assert_eq(bench_apply(&b, e, true), 0, "%s", b.d.text);
    AUTO_FREE char *dump = dump_estate(b.s);
    cr_assert(strstr(dump, "license PLSK.00000001 r3 plesk - 2026-01-05 never\n"
                           "license PLSK.00000002 r2 plesk - 2026-01-05 never\n"
                           "domain"),
              "%s", dump);
}
