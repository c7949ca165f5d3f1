/* Whom to call, and in which order resellers are told of. */
#include "edition/edition_parts.h"
#include "support/leak.h"
#include "support/store_fixture.h"

#include <string.h>

SUITE(calls);

enum { DAY = 86400, OCT = 2026 * 12 + 9 };

#define PO STATE_POTENTIAL
#define CO STATE_CONFIRMED

/* T is T0; the policy's strikes are the default: 1, 3, 6. */
struct desk {
    struct zone zone;
    struct policy_version version;
    struct policy_book policies;
    struct run_setup run;
    struct run_periods periods;
    struct edition_setup setup;
    struct reckoning tally;
    struct bulletin_reseller r;
};

static void desk_init(struct desk *d)
{
    *d = (struct desk){.r = {.id = "r1", .email = "one@example.net"}};
    zone_init_utc(&d->zone);
    policy_init(&d->version.base);
    d->policies = (struct policy_book){&d->version, 1};
    d->run = (struct run_setup){.zone = &d->zone, .policies = &d->policies, .as_of = T0};
    d->periods = (struct run_periods){.v = {{OCT}, {OCT + 1}}, .n = 2};
    d->setup = (struct edition_setup){.run = &d->run, .periods = &d->periods};
}

static const struct currency *euro(void)
{
    return currency_find(text_of("EUR"));
}

/* A potential line of extra-ip that goes on, changes nothing and costs 10 euros `days` from
 * now.
 */
static struct bulletin_line potential(int64_t days)
{
    return (struct bulletin_line){
        .kind = FINDING_EXTRA_IP,
        .state = PO,
        .period = {OCT + 1},
        .has_confirms = true,
        .confirms_at = AT(days * DAY),
        .cost = {.is_known = true, .amount = {1000}, .currency = euro()},
    };
}

static struct bulletin_line confirmed(enum bulletin_change change)
{
    struct bulletin_line l = potential(0);
    l.state = CO;
    l.has_confirms = false;
    l.change = change;
    return l;
}

static unsigned reasons_of(struct desk *d, struct bulletin_line l, bool was_confirmed)
{
    struct change c = {.change = l.change, .was_confirmed = was_confirmed};
    cr_assert_eq(reckoning_line(&d->tally, &d->setup, &l, &c), 0);
    unsigned reasons = calls_reasons(&d->setup, &d->tally, &d->r, false);
    reckoning_done(&d->tally);
    return reasons;
}

Test(calls, what_will_cost_within_a_week_or_is_new)
{
    struct bulletin_line near = potential(7), far = potential(8), fresh = potential(8);
    struct bulletin_line ended = potential(1), waived = potential(1), unpriced = potential(1);
    struct bulletin_line outside = potential(1);
    struct desk d;
    desk_init(&d);
    fresh.change = CHANGE_NEW;
    ended.has_confirms = false;
    waived.is_waived = true;
    unpriced.cost.is_known = outside.cost.is_known = false;
    outside.kind = FINDING_OUTSIDE;
    const struct {
        const char *why;
        struct bulletin_line line;
        unsigned reasons;
    } rows[] = {
        {"in seven days", near, REASON_SOON},
        {"later", far, 0},
        {"later, but new", fresh, REASON_SOON},
        {"it no longer goes on", ended, 0},
        {"waived", waived, 0},
        {"nothing is charged for it", unpriced, 0},
        {"outside is forbidden, whatever it costs", outside, REASON_SOON},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        unsigned reasons = reasons_of(&d, rows[i].line, false);
        cr_assert_eq(reasons, rows[i].reasons, "%s: %u", rows[i].why, reasons);
    }
}

Test(calls, the_earliest_moment_counts)
{
    struct bulletin_line first = potential(5), second = potential(2);
    struct change none = {.change = CHANGE_NONE};
    struct desk d;
    desk_init(&d);
    cr_assert_eq(reckoning_line(&d.tally, &d.setup, &first, &none), 0);
    cr_assert_eq(reckoning_line(&d.tally, &d.setup, &second, &none), 0);
    cr_assert(d.tally.has_by);
    cr_assert_eq(d.tally.by.s, AT(2 * DAY).s);
    reckoning_done(&d.tally);
}

Test(calls, what_was_confirmed_this_night)
{
    struct bulletin_line waived = confirmed(CHANGE_NEW), trial = confirmed(CHANGE_NEW);
    struct desk d;
    desk_init(&d);
    waived.is_waived = trial.is_trial = true;
    cr_assert_eq(reasons_of(&d, confirmed(CHANGE_NEW), false), REASON_CONFIRMED);
    cr_assert_eq(reasons_of(&d, confirmed(CHANGE_WORSE), false), REASON_CONFIRMED);
    cr_assert_eq(reasons_of(&d, confirmed(CHANGE_NONE), true), 0);
    cr_assert_eq(reasons_of(&d, confirmed(CHANGE_LESS), true), 0);
    cr_assert_eq(reasons_of(&d, waived, false), 0);
    cr_assert_eq(reasons_of(&d, trial, false), 0);
}

/* Steps are reached at 1, 3 and 6 periods of the last 12; this one is among them. */
Test(calls, a_step_that_this_night_reached)
{
    static const struct {
        int64_t periods;
        enum bulletin_step step;
        bool was_confirmed, is_reached;
        const char *why;
    } rows[] = {
        {1, STEP_NOTICE, false, true, "the first"},
        {2, STEP_NOTICE, false, false, "the second reaches none"},
        {3, STEP_WARNING, false, true, "the third"},
        {4, STEP_WARNING, false, false, "the fourth reaches none"},
        {6, STEP_REVIEW, false, true, "the sixth"},
        {7, STEP_REVIEW, false, false, "there is none after it"},
        {3, STEP_WARNING, true, false, "the period was known to be confirmed"},
        {0, STEP_NONE, false, false, "nothing counts"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct desk d;
        desk_init(&d);
        d.r.strikes.periods = rows[i].periods;
        d.r.strikes.step = rows[i].step;
        unsigned reasons =
            reasons_of(&d, confirmed(CHANGE_WORSE), rows[i].was_confirmed) & REASON_LADDER;
        cr_assert_eq(reasons != 0, rows[i].is_reached, "%s", rows[i].why);
        d.r.is_trial = true;
        reasons = reasons_of(&d, confirmed(CHANGE_WORSE), false) & REASON_LADDER;
        cr_assert_eq(reasons, 0, "a trial: %s", rows[i].why);
    }
}

Test(calls, who_cannot_be_mailed)
{
    struct bulletin_line notice = potential(1);
    struct desk d;
    desk_init(&d);
    notice.kind = FINDING_SILENT;
    notice.state = STATE_NOTICE;
    d.r.email = NULL;
    cr_assert_eq(reasons_of(&d, potential(9), false), REASON_NO_MAIL);
    cr_assert_eq(reasons_of(&d, notice, false), 0, "nothing that concerns it");
    d.r.email = "one@example.net";
    d.tally.potential = 1;
    cr_assert_eq(calls_reasons(&d.setup, &d.tally, &d.r, true), REASON_NO_MAIL, "came back");
    cr_assert_eq(calls_reasons(&d.setup, &d.tally, &d.r, false), 0);
}

Test(calls, who_is_not_seen)
{
    static const struct {
        int64_t known, seen;
        bool is_blind;
    } rows[] = {{0, 0, false}, {2, 0, false}, {3, 1, true},   {3, 2, false},
                {4, 2, true},  {4, 3, false}, {100, 50, true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct desk d;
        desk_init(&d);
        d.r.coverage.licenses_known = rows[i].known;
        d.r.coverage.licenses_seen = rows[i].seen;
        cr_assert_eq(calls_reasons(&d.setup, &d.tally, &d.r, false),
                     rows[i].is_blind ? REASON_BLIND : 0, "row %zu", i);
    }
}

/* ---- The order ------------------------------------------------------------------------- */

/* Calls first: what ends sooner, then where more money is; the others by what they have. */
Test(calls, resellers_stand_by_urgency)
{
    struct told v[] = {
        {.reseller = {.id = "10"}},
        {.reseller = {.id = "09"}},
        {.reseller = {.id = "08", .notices = 5}},
        {.reseller = {.id = "07", .changed = 1}},
        {.reseller = {.id = "06", .potential = 1}},
        {.reseller = {.id = "05", .confirmed = 1}},
        {.reseller = {.id = "04", .confirmed = 2}},
        {.reseller = {.id = "03"}, .reasons = REASON_BLIND, .stake = {10}},
        {.reseller = {.id = "02"}, .reasons = REASON_CONFIRMED, .stake = {20}},
        {.reseller = {.id = "01"}, .reasons = REASON_SOON, .has_by = true, .by = {200}},
        {.reseller = {.id = "00"}, .reasons = REASON_SOON, .has_by = true, .by = {100}},
    };
    static const char *const order[] = {"00", "01", "02", "03", "04", "05",
                                        "06", "07", "08", "09", "10"};
    struct arena arena = {0};
    struct bulletin b = {.n_calls = 0};
    for (size_t i = 0; i < ARRAY_LEN(v); i++)
        v[i].currency = euro();
    cr_assert_eq(calls_order(v, ARRAY_LEN(v), &arena, &b), 0);
    cr_assert_eq(b.n_resellers, ARRAY_LEN(order));
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        cr_assert_str_eq(b.resellers[i].id, order[i]);
    cr_assert_eq(b.n_calls, 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(b.calls[i].reseller, i);
    cr_assert_eq(b.calls[0].by.s, 100);
    cr_assert_eq(b.calls[3].reasons, REASON_BLIND);
    arena_done(&arena);
}

/* ---- Money ----------------------------------------------------------------------------- */

Test(calls, sums_are_by_currency_and_never_wrap)
{
    struct sums all = {.n = 0}, one = {.n = 0};
    struct arena arena = {0};
    struct bulletin b = {.n_sums = 0};
    sums_of(&all, currency_find(text_of("USD")))->draft.minor = 1;
    sums_of(&one, currency_find(text_of("USD")))->draft.minor = 2;
    sums_of(&one, euro())->would.minor = INT64_MAX;
    cr_assert_eq(sums_add(&all, &one), 0);
    cr_assert_eq(sums_keep(&all, &arena, &b), 0);
    cr_assert_eq(b.n_sums, 2);
    cr_assert_str_eq(b.sums[0].currency->code, "EUR");
    cr_assert_eq(b.sums[1].draft.minor, 3);
    cr_assert_lt(sums_add(&all, &one), 0, "more than can be told");
    sums_done(&all);
    sums_done(&one);
    arena_done(&arena);
}

/* Beyond the cap holds are counted. */
Test(calls, holds_are_bounded)
{
    struct desk d;
    struct arena arena = {0};
    struct draft draft = {.period = {OCT},
                          .subject = "PLSK.00000001",
                          .currency = euro(),
                          .draft = {500},
                          .is_disputed = true};
    desk_init(&d);
    for (int i = 0; i < BULLETIN_HOLDS_MAX + 3; i++)
        cr_assert_eq(reckoning_money(&d.tally, &draft, false, &arena), 0);
    cr_assert_eq(reckoning_keep(&d.tally, &arena, &d.r), 0);
    cr_assert_eq(d.r.n_holds, BULLETIN_HOLDS_MAX);
    cr_assert_eq(d.r.n_holds_more, 3);
    cr_assert_eq(d.r.n_money, 1);
    cr_assert_eq(d.r.money[0].keys, BULLETIN_HOLDS_MAX + 3);
    cr_assert_eq(d.r.money[0].draft.minor, 0);
    reckoning_done(&d.tally);
    arena_done(&arena);
}
