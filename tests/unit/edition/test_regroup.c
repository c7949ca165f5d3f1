/* Which findings are told, in which order, and that agents are told of the same ones. */
#include "edition/edition_parts.h"
#include "run/publish.h"
#include "support/leak.h"
#include "support/nights.h"

#include <stdio.h>
#include <string.h>

SUITE(regroup);

/* August is closed and still corrected; September and October 2026 are open. */
enum { AUG = 2026 * 12 + 7, SEP, OCT, NOV };
static const struct run_periods periods = {
    .v = {{AUG}, {SEP}, {OCT}}, .n_corrected = 1, .n = 3};

static struct nights n;
static struct run_setup run;
static struct edition_setup setup;
static struct roster roster;
static struct findings *findings;

static void begin(void)
{
    struct diag d = {""};
    nights_init(&n);
    cr_assert_eq(book_load(&n.book, n.store), 0);
    run = (struct run_setup){.store = n.store,
                             .book = &n.book,
                             .zone = &n.zone,
                             .policies = &n.policies,
                             .as_of = nights_at(6, 2)};
    cr_assert_eq(findings_new(&findings, &d), 0);
    setup = (struct edition_setup){.run = &run, .periods = &periods, .findings = findings};
    cr_assert_eq(roster_load(&roster, n.store, &n.book), 0);
}

static void end(void)
{
    findings_free(findings);
    roster_done(&roster);
    nights_done(&n);
}

static void found(int period, enum finding_kind kind, enum finding_state state,
                  const char *reseller, const char *subject)
{
    struct finding f = {.period = {period},
                        .kind = kind,
                        .state = state,
                        .reseller = reseller,
                        .subject = subject,
                        .quantity = 1,
                        .has_since = true,
                        .policy = "1",
                        .evidence = "{\"rule\":1}"};
    cr_assert_eq(findings_take(findings, &f), 0);
}

static const char *what_of(enum record_what what)
{
    static const char *const names[] = {[RECORD_MONEY] = "money",
                                        [RECORD_TOLD] = "told",
                                        [RECORD_UNTOLD] = "untold",
                                        [RECORD_CHARGED] = "charged"};
    return names[what];
}

/* "MANAGER RESELLER KIND SUBJECT PERIOD WHAT", one a line. */
static void expect(const char *expected)
{
    AUTO(buf) struct buf text = BUF_INIT(1 << 16);
    AUTO(regroup) struct regroup *g = NULL;
    struct record x;
    struct diag d = {""};
    int r;
    cr_assert_eq(regroup_new(&setup, &roster, &g, &d), 0);
    while ((r = regroup_next(g, &x)) > 0) {
        char period[PERIOD_TEXT_SIZE];
        buf_printf(&text, "%s %s %s %s %s %s\n", x.manager[0] ? x.manager : "-",
                   x.reseller[0] ? x.reseller : "-", finding_kind_name(x.kind), x.subject,
                   period_format(x.period, period), what_of(x.what));
        if (x.what != RECORD_MONEY)
            cr_assert_str_eq(x.finding.evidence, x.what == RECORD_TOLD ? "{\"rule\":1}" : "",
                             "evidence travels only with what is told");
    }
    cr_assert_eq(r, 0);
    cr_assert_str_eq(buf_str(&text), expected, "it is:\n%s", buf_str(&text));
}

/* By manager, reseller, kind in the order of its numbers, subject, period; a key's money first.
 */
Test(regroup, records_come_as_the_store_has_what_was_said)
{
    begin();
    found(OCT, FINDING_OUTSIDE, STATE_POTENTIAL, "r1", "PLSK.00000001");
    found(OCT, FINDING_EXTRA_IP, STATE_POTENTIAL, "r1", "PLSK.00000002");
    found(OCT, FINDING_MAILBOXES, STATE_POTENTIAL, "r3", "example.com");
    found(SEP, FINDING_EXTRA_IP, STATE_CONFIRMED, "r1", "PLSK.00000002");
    found(OCT, FINDING_EXTRA_IP, STATE_CONFIRMED, "r1", "PLSK.00000001");
    found(OCT, FINDING_EXTRA_IP, STATE_CONFIRMED, "r2", "PLSK.00000003");
    found(OCT, FINDING_UNKNOWN_SERVER, STATE_NOTICE, NULL, "s9");
    found(OCT, FINDING_EXTRA_IP, STATE_POTENTIAL, "nobody", "PLSK.00000009");
    expect("- - extra-ip PLSK.00000009 2026-10 told\n"
           "- - unknown-server s9 2026-10 told\n"
           "am1 r1 extra-ip PLSK.00000001 2026-10 money\n"
           "am1 r1 extra-ip PLSK.00000001 2026-10 told\n"
           "am1 r1 extra-ip PLSK.00000002 2026-09 money\n"
           "am1 r1 extra-ip PLSK.00000002 2026-09 told\n"
           "am1 r1 extra-ip PLSK.00000002 2026-10 told\n"
           "am1 r1 outside PLSK.00000001 2026-10 told\n"
           "am1 r2 extra-ip PLSK.00000003 2026-10 money\n"
           "am1 r2 extra-ip PLSK.00000003 2026-10 told\n"
           "am2 r3 mailboxes example.com 2026-10 told\n");
    end();
}

Test(regroup, for_one_reader_only_its_own_are_taken)
{
    begin();
    found(OCT, FINDING_EXTRA_IP, STATE_POTENTIAL, "r1", "PLSK.00000001");
    found(OCT, FINDING_EXTRA_IP, STATE_POTENTIAL, "r3", "PLSK.00000003");
    found(OCT, FINDING_UNKNOWN_SERVER, STATE_NOTICE, NULL, "s9");
    setup.only_manager = "am2";
    expect("- - unknown-server s9 2026-10 told\n"
           "am2 r3 extra-ip PLSK.00000003 2026-10 told\n");
    setup.only_manager = NULL;
    setup.only_reseller = "r1";
    expect("am1 r1 extra-ip PLSK.00000001 2026-10 told\n");
    end();
}

static const struct {
    int period;
    enum finding_state state;
    const char *what; /* NULL = nothing is taken */
    const char *why;
} rows[] = {
    {OCT, STATE_CONFIRMED, "told", "confirmed in the newest"},
    {OCT, STATE_POTENTIAL, "told", "potential in the newest"},
    {SEP, STATE_CONFIRMED, "told", "confirmed in an older open one: it will be charged"},
    {SEP, STATE_POTENTIAL, "untold", "potential in an older one: never a charge by itself"},
    {AUG, STATE_CONFIRMED, "charged", "confirmed in a closed one: it was entered"},
    {AUG, STATE_POTENTIAL, NULL, "potential in a closed one"},
};

/* Of each kind that agents hear of: they are told of it exactly where readers are. */
Test(regroup, agents_and_readers_are_told_of_the_same)
{
    static const enum finding_kind kinds[] = {FINDING_EXTRA_IP, FINDING_OUTSIDE};
    for (size_t i = 0; i < ARRAY_LEN(rows) * ARRAY_LEN(kinds); i++) {
        size_t row = i / ARRAY_LEN(kinds);
        enum finding_kind kind = kinds[i % ARRAY_LEN(kinds)];
        AUTO(publish) struct publish *p = NULL;
        AUTO(regroup) struct regroup *g = NULL;
        const char *what = NULL;
        struct record x;
        struct diag d = {""};
        int64_t standings = 0;
        begin();
        found(rows[row].period, kind, rows[row].state, "r1", "PLSK.00000001");
        cr_assert_eq(publish_new(&run, &periods, &p, &d), 0);
        cr_assert_eq(publish_take_all(p, findings), 0);
        cr_assert_eq(store_begin(n.store), 0);
        cr_assert_eq(publish_put(p, n.store, run.as_of, &standings, &d), 0);
        store_rollback(n.store);
        cr_assert_eq(regroup_new(&setup, &roster, &g, &d), 0);
        while (regroup_next(g, &x) > 0)
            what = x.what == RECORD_MONEY ? what : what_of(x.what);
        cr_assert_eq(what == NULL, rows[row].what == NULL, "%s", rows[row].why);
        if (what)
            cr_assert_str_eq(what, rows[row].what, "%s", rows[row].why);
        cr_assert_eq(standings == 1, what && strcmp(what, "told") == 0, "%s", rows[row].why);
        end();
    }
}
