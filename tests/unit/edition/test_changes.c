/* How one key's periods stand to what was said of them: rows worked out from model.h. */
#include "edition/edition_parts.h"
#include "support/leak.h"

SUITE(changes);

/* September and October are open, August is closed; October is the newest. */
enum { AUG = 2026 * 12 + 7, SEP, OCT };
static const struct run_periods periods = {
    .v = {{AUG}, {SEP}, {OCT}}, .n_corrected = 1, .n = 3};

#define NO STATE_NOTICE
#define PO STATE_POTENTIAL
#define CO STATE_CONFIRMED

/* What is told or was said of a period; period 0 ends a list. */
struct part {
    int period;
    enum finding_state state;
    int64_t quantity;
    unsigned how;
};
enum { OVER = 0, ON = 1, REMINDED = 2 }; /* it goes on; the reader was reminded */

struct scene {
    struct bulletin_line lines[2];
    struct prior_rows prior;
    period_t untold[1];
    struct change_facts facts;
};

static void make(struct scene *s, enum finding_kind kind, const struct part *now,
                 const struct part *was, int untold)
{
    *s = (struct scene){.facts = {.lines = s->lines,
                                  .untold = s->untold,
                                  .prior = &s->prior,
                                  .periods = &periods,
                                  .is_settled = true}};
    for (size_t i = 0; i < 2 && now[i].period; i++)
        s->lines[s->facts.n_lines++] =
            (struct bulletin_line){.kind = kind,
                                   .period = {now[i].period},
                                   .state = now[i].state,
                                   .quantity = now[i].quantity,
                                   .has_confirms = (now[i].how & ON) != 0};
    for (size_t i = 0; i < 2 && was[i].period; i++)
        s->prior.v[s->prior.n++] =
            (struct prior_row){.period = {was[i].period},
                               .state = was[i].state,
                               .quantity = was[i].quantity,
                               .goes_on = (was[i].how & ON) != 0,
                               .is_reminded = (was[i].how & REMINDED) != 0};
    if (untold)
        s->untold[s->facts.n_untold++] = (period_t){untold};
}

/* The change of the last line. */
static const struct row {
    const char *why;
    enum finding_kind kind;
    struct part now[2], was[2];
    enum bulletin_change change;
} rows[] = {
    {"never said", FINDING_EXTRA_IP, {{OCT, PO, 1, ON}}, {{0}}, CHANGE_NEW},
    {"as it was", FINDING_EXTRA_IP, {{OCT, PO, 1, ON}}, {{OCT, PO, 1, ON}}, CHANGE_NONE},
    {"a higher state",
     FINDING_EXTRA_IP,
     {{OCT, CO, 1, OVER}},
     {{OCT, PO, 2, ON}},
     CHANGE_WORSE},
    {"a lower state, in the newest",
     FINDING_EXTRA_IP,
     {{OCT, PO, 3, ON}},
     {{OCT, CO, 1, OVER}},
     CHANGE_LESS},
    {"more of it", FINDING_EXTRA_IP, {{OCT, CO, 2, OVER}}, {{OCT, CO, 1, OVER}}, CHANGE_WORSE},
    {"less of it", FINDING_OUTSIDE, {{OCT, CO, 1, OVER}}, {{OCT, CO, 2, OVER}}, CHANGE_LESS},
    {"more of a notice is no news",
     FINDING_ROAMING,
     {{OCT, NO, 9, OVER}},
     {{OCT, NO, 8, OVER}},
     CHANGE_NONE},
    {"ended", FINDING_EXTRA_IP, {{OCT, PO, 1, OVER}}, {{OCT, PO, 1, ON}}, CHANGE_ENDED},
    {"ended, whatever it had been",
     FINDING_EXTRA_IP,
     {{OCT, PO, 2, OVER}},
     {{OCT, PO, 1, ON}},
     CHANGE_ENDED},
    {"again", FINDING_EXTRA_IP, {{OCT, PO, 1, ON}}, {{OCT, PO, 1, OVER}}, CHANGE_AGAIN},
    {"moved on", FINDING_EXTRA_IP, {{OCT, PO, 1, ON}}, {{SEP, PO, 1, ON}}, CHANGE_NONE},
    {"moved on, and more",
     FINDING_MAILBOXES,
     {{OCT, PO, 300, ON}},
     {{SEP, PO, 200, ON}},
     CHANGE_WORSE},
    {"moved on and confirmed",
     FINDING_EXTRA_IP,
     {{OCT, CO, 1, OVER}},
     {{SEP, PO, 1, ON}},
     CHANGE_WORSE},
    {"ended in the old month, goes on in the new one",
     FINDING_EXTRA_IP,
     {{OCT, PO, 1, ON}},
     {{SEP, PO, 1, OVER}},
     CHANGE_AGAIN},
    {"a further period",
     FINDING_EXTRA_IP,
     {{SEP, CO, 1, OVER}, {OCT, PO, 1, ON}},
     {{SEP, CO, 1, OVER}},
     CHANGE_WORSE},
    {"a further period after one that is closed now",
     FINDING_EXTRA_IP,
     {{OCT, PO, 1, ON}},
     {{AUG, CO, 1, OVER}},
     CHANGE_WORSE},
    {"potential all along, while its month was closed",
     FINDING_EXTRA_IP,
     {{OCT, PO, 1, ON}},
     {{AUG, PO, 1, ON}},
     CHANGE_NONE},
    {"both as they were",
     FINDING_EXTRA_IP,
     {{SEP, CO, 1, OVER}, {OCT, CO, 1, OVER}},
     {{SEP, CO, 1, OVER}, {OCT, CO, 1, OVER}},
     CHANGE_NONE},
    {"a month before it, by late evidence",
     FINDING_EXTRA_IP,
     {{SEP, CO, 1, OVER}},
     {{OCT, CO, 1, OVER}},
     CHANGE_WORSE},
};

Test(changes, of_a_line)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct scene s;
        make(&s, rows[i].kind, rows[i].now, rows[i].was, 0);
        struct change c = change_of_line(&s.facts, s.facts.n_lines - 1);
        cr_assert_eq(c.change, rows[i].change, "%s: %d", rows[i].why, (int)c.change);
    }
}

Test(changes, a_line_knows_what_was_said)
{
    struct scene s;
    make(&s, FINDING_EXTRA_IP, (struct part[2]){{OCT, CO, 2, OVER}},
         (struct part[2]){{SEP, CO, 3, OVER}, {OCT, PO, 1, ON}}, 0);
    struct change c = change_of_line(&s.facts, 0);
    cr_assert_eq(c.was_state, STATE_POTENTIAL);
    cr_assert_eq(c.was_quantity, 1);
    cr_assert_not(c.was_confirmed, "in September it was");
}

/* A reminder holds as long as the same thing stays potential, also into the next month. */
Test(changes, a_reminder_is_remembered)
{
    static const struct {
        const char *why;
        struct part now[2], was[2];
        bool is_reminded;
    } v[] = {
        {"as it was", {{OCT, PO, 1, ON}}, {{OCT, PO, 1, ON | REMINDED}}, true},
        {"moved on", {{OCT, PO, 1, ON}}, {{SEP, PO, 1, ON | REMINDED}}, true},
        {"never", {{OCT, PO, 1, ON}}, {{OCT, PO, 1, ON}}, false},
        {"began again", {{OCT, PO, 1, ON}}, {{OCT, PO, 1, REMINDED}}, false},
        {"confirmed", {{OCT, CO, 1, OVER}}, {{OCT, PO, 1, ON | REMINDED}}, false},
        {"confirmed then", {{OCT, PO, 1, ON}}, {{SEP, CO, 1, REMINDED}}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(v); i++) {
        struct scene s;
        make(&s, FINDING_EXTRA_IP, v[i].now, v[i].was, 0);
        cr_assert_eq(change_of_line(&s.facts, 0).is_reminded, v[i].is_reminded, "%s", v[i].why);
    }
}

/* What becomes of the first row that was said; `untold`: it is still found in that period. */
static const struct fate_row {
    const char *why;
    enum finding_kind kind;
    struct part now[2], was[2];
    int untold;
    enum prior_fate fate, unsettled;
} fates[] = {
    {"told again",
     FINDING_EXTRA_IP,
     {{OCT, PO, 1, OVER}},
     {{OCT, PO, 1, OVER}},
     0,
     FATE_REPLACED,
     FATE_REPLACED},
    {"closed: it was entered",
     FINDING_EXTRA_IP,
     {{0}},
     {{AUG, CO, 1, OVER}},
     0,
     FATE_DROPPED,
     FATE_DROPPED},
    {"no longer found",
     FINDING_EXTRA_IP,
     {{0}},
     {{OCT, PO, 1, OVER}},
     0,
     FATE_RESOLVED,
     FATE_RESOLVED},
    {"a notice no longer found",
     FINDING_ROAMING,
     {{0}},
     {{OCT, NO, 4, OVER}},
     0,
     FATE_RESOLVED,
     FATE_RESOLVED},
    {"confirmed, and now only potential, in an older month",
     FINDING_EXTRA_IP,
     {{OCT, PO, 1, ON}},
     {{SEP, CO, 1, OVER}},
     SEP,
     FATE_RESOLVED,
     FATE_RESOLVED},
    {"moved on",
     FINDING_EXTRA_IP,
     {{OCT, PO, 1, ON}},
     {{SEP, PO, 1, ON}},
     SEP,
     FATE_REPLACED,
     FATE_REPLACED},
    {"moved on, and confirmed in its own month by late evidence",
     FINDING_EXTRA_IP,
     {{SEP, CO, 1, OVER}, {OCT, PO, 1, ON}},
     {{SEP, PO, 1, ON}},
     0,
     FATE_REPLACED,
     FATE_REPLACED},
    {"not moved on: when that is sure",
     FINDING_EXTRA_IP,
     {{0}},
     {{SEP, PO, 1, ON}},
     SEP,
     FATE_RESOLVED,
     FATE_KEPT},
    {"had ended", FINDING_EXTRA_IP, {{0}}, {{SEP, PO, 1, OVER}}, SEP, FATE_KEPT, FATE_KEPT},
    {"had ended, and is explained now",
     FINDING_EXTRA_IP,
     {{0}},
     {{SEP, PO, 1, OVER}},
     0,
     FATE_RESOLVED,
     FATE_RESOLVED},
    {"a notice that adds up over a month",
     FINDING_ROAMING,
     {{0}},
     {{SEP, NO, 4, OVER}},
     SEP,
     FATE_KEPT,
     FATE_KEPT},
    {"a notice of the moment",
     FINDING_SILENT,
     {{0}},
     {{SEP, NO, 1, OVER}},
     SEP,
     FATE_RESOLVED,
     FATE_RESOLVED},
};

Test(changes, of_what_was_said)
{
    for (size_t i = 0; i < ARRAY_LEN(fates); i++) {
        const struct fate_row *row = &fates[i];
        struct scene s;
        make(&s, row->kind, row->now, row->was, row->untold);
        enum prior_fate fate = change_fate(&s.facts, row->kind, 0);
        cr_assert_eq(fate, row->fate, "%s: %d", row->why, (int)fate);
        s.facts.is_settled = false;
        fate = change_fate(&s.facts, row->kind, 0);
        cr_assert_eq(fate, row->unsettled, "%s, unsettled: %d", row->why, (int)fate);
    }
}

/* Of too many periods the newest are kept. */
Test(changes, rows_are_bounded)
{
    struct prior_rows rows_of = {.n = 0};
    for (int i = 0; i < RUN_PERIODS_MAX + 3; i++)
        prior_keep(&rows_of, &(struct store_said){.period = {i}});
    cr_assert_eq(rows_of.n, RUN_PERIODS_MAX);
    cr_assert_eq(rows_of.v[0].period.month, 3);
    cr_assert_eq(rows_of.v[RUN_PERIODS_MAX - 1].period.month, RUN_PERIODS_MAX + 2);
}
