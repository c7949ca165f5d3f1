/* What the store takes from a loop in its own process: the limit of any door to it. */
#include <stdio.h>

#include "bench/bench.h"
#include "run/intake.h"
#include "store/store.h"

enum { FIRST_S = 1590969600 /* 2020-06-01 */, CENTURY = 1000000 };

/* Report n of the run: five facts, as the load generator's (tests/load). */
struct facts {
    struct report_license license;
    struct report_sighting sightings[3];
    struct report_mailboxes mailboxes;
};

static struct addr address(const char *text)
{
    struct addr a = {0};
    if (addr_parse(text_of(text), &a) < 0)
        bench_die("%s", text);
    return a;
}

static void make_report(int64_t n, const struct bench_run *run, struct facts *f,
                        struct recorded *rec)
{
    int64_t server = n % run->servers;
    int64_t at = FIRST_S + (n / run->servers + 1) * run->spacing_s;
    struct span seen = {{at}, {at + 60}};
    char key[32];

    (void)snprintf(key, sizeof key, "PLSK.%08lld", (long long)(server + 1));
    license_t license;
    if (license_parse(text_of(key), &license, NULL) < 0)
        bench_die("%s", key);
    f->license = (struct report_license){.license = license, .version = "0003"};
    f->sightings[0] =
        (struct report_sighting){license, address("203.0.113.9"), SOURCE_KEYSERVER, seen};
    f->sightings[1] =
        (struct report_sighting){license, address("203.0.113.9"), SOURCE_INTERFACE, seen};
    f->sightings[2] =
        (struct report_sighting){license, address("2001:db8::9"), SOURCE_INTERFACE, seen};
    f->mailboxes = (struct report_mailboxes){.counts = {.mailboxes = 42}, .seen = seen};
    (void)snprintf(f->mailboxes.domain, sizeof f->mailboxes.domain, "d%lld.example",
                   (long long)server);
    *rec = (struct recorded){.sent_at = {CENTURY * INT64_C(1790)},
                             .received_at = {CENTURY * INT64_C(1790)},
                             .peer = address("127.0.0.1"),
                             .report = {.counter = n / run->servers + 1,
                                        .is_live = true,
                                        .licenses = &f->license,
                                        .n_licenses = 1,
                                        .sightings = f->sightings,
                                        .n_sightings = 3,
                                        .mailboxes = &f->mailboxes,
                                        .n_mailboxes = 1}};
    rec->report.boot.bytes[0] = (uint8_t)(server >> 8);
    rec->report.boot.bytes[1] = (uint8_t)server;
    (void)snprintf(rec->server, sizeof rec->server, "srv-%lld", (long long)server);
}

static void put_batch(struct store *s, int64_t from, int64_t to, const struct bench_run *run)
{
    char at[REPORT_AT_SIZE];
    struct diag d = {""};

    if (store_begin(s) < 0)
        bench_die("%s", store_diag(s));
    for (int64_t n = from; n < to; n++) {
        struct facts facts;
        struct recorded rec;
        make_report(n, run, &facts, &rec);
        if (intake_report(s, &rec, (dur_t){45 * 60}, at, &d) < 0)
            bench_die("%s %s", at, d.text);
    }
    if (store_commit(s) < 0)
        bench_die("%s", store_diag(s));
}

int bench_put(const char *path, const struct bench_run *run)
{
    struct store *s = NULL;
    struct diag d = {""};
    AUTO_FREE char *url = NULL;

    if (asprintf(&url, "sqlite:%s", path) < 0 || store_open(url, STORE_CREATE, &s, &d) < 0)
        bench_die("%s", d.text);
    struct meter m = meter_start();
    for (int64_t n = 0; n < run->reports; n += run->batch)
        put_batch(s, n, n + run->batch < run->reports ? n + run->batch : run->reports, run);
    meter_print(&m);
    bench_value("reports", run->reports);
    store_close(s);
    return 0;
}
