/* A night's audit as fairusectl runs it, and what it found. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "bench/plan.h"
#include "run/nightly.h"
#include "settings/settings.h"

enum { STATES = 4 };

struct tally {
    int64_t count[FINDING_KIND_COUNT][STATES];
    int64_t quantity; /* of the confirmed and potential extra-ip */
};

static struct run_setup setup_of(struct store *s, const struct settings *settings)
{
    return (struct run_setup){
        .store = s,
        .zone = &settings->zone,
        .policies = &settings->policies,
        .lab_networks = settings->lab_networks,
        .n_lab_networks = settings->n_lab_networks,
        .license_prefixes = settings->license_prefixes,
        .n_license_prefixes = settings->n_license_prefixes,
        .as_of = PLAN_END,
    };
}

static int count_findings(struct findings *f, struct tally *ret)
{
    struct finding x;
    int r;

    while ((r = findings_next(f, &x)) > 0) {
        if (x.period.month != PLAN_PERIOD.month)
            continue;
        ret->count[x.kind][x.state]++;
        if (x.kind == FINDING_EXTRA_IP)
            ret->quantity += x.quantity;
    }
    return r;
}

static int audit_store(struct store *s, const struct settings *settings, int64_t n,
                       struct tally *ret)
{
    AUTO(book) struct book book = {.n_resellers = 0};
    AUTO(findings) struct findings *findings = NULL;
    struct run_setup setup = setup_of(s, settings);
    period_t periods[RUN_PERIODS_MAX];
    struct diag d = {""};

    for (int64_t i = 0; i < n; i++)
        periods[i] = period_plus(PLAN_PERIOD, (int)(i - n + 1));
    int r = findings_new(&findings, &d);
    if (r >= 0)
        r = store_snapshot(s);
    if (r >= 0)
        r = book_load(&book, s);
    setup.book = &book;
    if (r >= 0)
        r = run_audit(&setup, periods, (size_t)n,
                      &(struct finding_sink){.take = findings_take, .arg = findings});
    return r < 0 ? r : count_findings(findings, ret);
}

/* *ret_from: when the settings were read. Making the zone's table takes 20 ms, once. */
static void audit(const char *path, int64_t periods, struct tally *ret, struct meter *ret_from)
{
    AUTO(settings) struct settings settings = {.n_lab_networks = 0};
    AUTO_FREE char *url = NULL;
    struct store *s = NULL;
    struct diag d = {""};

    if (periods > RUN_PERIODS_MAX)
        bench_die("at most %d periods", RUN_PERIODS_MAX);
    if (asprintf(&url, "sqlite:%s", path) < 0 || settings_init(&settings, &d) < 0)
        bench_die("%s: %s", path, d.text);
    *ret_from = meter_start();
    if (store_open(url, STORE_READ, &s, &d) < 0)
        bench_die("%s: %s", path, d.text);
    int r = audit_store(s, &settings, periods, ret);
    if (r < 0)
        bench_die("%s: %s: %s", path, strerror(-r), store_diag(s));
    store_close(s);
}

int bench_audit(const char *path, int64_t periods)
{
    struct meter m;
    struct tally t = {0};
    int64_t findings = 0;

    audit(path, periods, &t, &m);
    for (int k = 0; k < FINDING_KIND_COUNT; k++)
        for (int s = 0; s < STATES; s++)
            findings += t.count[k][s];
    bench_value("findings", findings);
    bench_value("confirmed", t.count[FINDING_EXTRA_IP][STATE_CONFIRMED]);
    bench_value("potential", t.count[FINDING_EXTRA_IP][STATE_POTENTIAL]);
    bench_value("quantity", t.quantity);
    meter_print(&m);
    return 0;
}

int bench_expect(const char *path, int64_t licenses)
{
    struct meter m;
    struct tally t = {0};
    int wrong = 0;

    audit(path, 1, &t, &m);
    for (int k = 0; k < FINDING_KIND_COUNT; k++)
        for (int s = 0; s < STATES; s++) {
            int64_t want = plan_foretold(licenses, (enum finding_kind)k, (enum finding_state)s);
            if (want < 0 || want == t.count[k][s])
                continue;
            printf("%s %s: found %lld, planted %lld\n", finding_kind_name((enum finding_kind)k),
                   finding_state_name((enum finding_state)s), (long long)t.count[k][s],
                   (long long)want);
            wrong++;
        }
    printf("%s\n", wrong == 0 ? "all that was planted was found" : "not what was planted");
    return wrong == 0 ? 0 : 1;
}
