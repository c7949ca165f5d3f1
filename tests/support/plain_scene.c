/* A small report with one of everything. */
#include "support/plain_scene.h"

static const wall_t as_of = {1795300000}; /* 2026-11-21 */
static const period_t november = {2026 * 12 + 10};

static struct bulletin_line line_of(enum finding_kind kind, enum finding_state state,
                                    const char *subject)
{
    return (struct bulletin_line){.kind = kind,
                                  .state = state,
                                  .period = november,
                                  .subject = subject,
                                  .shown = subject,
                                  .quantity = 1,
                                  .has_since = true,
                                  .since = {as_of.s - 86400},
                                  .policy = "1",
                                  .change = CHANGE_NEW,
                                  .cost.currency = currency_find(text_of("EUR")),
                                  .group = -1,
                                  .picture = -1};
}

static void set_lines(struct plain_scene *s)
{
    s->seen = (struct bulletin_seen){.server = "SRV-1",
                                     .unit = "203.0.113.9",
                                     .first = {as_of.s - 86400},
                                     .last = as_of,
                                     .goes_on = true};
    s->lines[0] = line_of(FINDING_EXTRA_IP, STATE_CONFIRMED, "PLSK.00000001");
    s->lines[0].cost = (struct bulletin_cost){.is_known = true,
                                              .units = 1,
                                              .unit_price = {12500000},
                                              .amount = {1250},
                                              .currency = s->lines[0].cost.currency};
    s->lines[0].seen = &s->seen;
    s->lines[0].n_seen = 1;
    s->lines[0].picture = 0;
    s->lines[1] = line_of(FINDING_OUTSIDE, STATE_POTENTIAL, "PLSK.00000002");
    s->lines[1].has_confirms = true;
    s->lines[1].confirms_at = (wall_t){as_of.s + 86400};
    s->lines[2] = line_of(FINDING_NEVER_SEEN, STATE_NOTICE, "PLSK.00000003");
    s->lines[3] = line_of(FINDING_NEVER_SEEN, STATE_NOTICE, "PLSK.00000004");
    s->lines[4] = line_of(FINDING_NEVER_SEEN, STATE_NOTICE, "PLSK.00000005");
    for (size_t i = 2; i < 5; i++)
        s->lines[i].group = 0;
    s->lines[5] = line_of(FINDING_EXTRA_IP, STATE_CLEAR, "PLSK.00000006");
    s->lines[5].change = CHANGE_RESOLVED;
    s->lines[5].was_state = STATE_POTENTIAL;
    s->lines[5].was_quantity = 1;
    s->group = (struct bulletin_group){.kind = FINDING_NEVER_SEEN,
                                       .state = STATE_NOTICE,
                                       .cause = CAUSE_KIND,
                                       .what = "",
                                       .n = 3};
    s->stray = line_of(FINDING_UNKNOWN_SERVER, STATE_NOTICE, "SRV-9");
}

static void set_resellers(struct plain_scene *s)
{
    const struct currency *euro = currency_find(text_of("EUR"));

    s->money = (struct bulletin_money){.period = november,
                                       .kind = CHARGE_EXTRA_IP,
                                       .currency = euro,
                                       .keys = 1,
                                       .due = {1250},
                                       .draft = {1250}};
    s->hold = (struct bulletin_hold){.period = november,
                                     .kind = CHARGE_MAILBOXES,
                                     .subject = "HELD.NL",
                                     .amount = {400},
                                     .currency = euro};
    s->resellers[0] = (struct bulletin_reseller){
        .id = "R1",
        .name = "FIRST",
        .email = "FIRST@X.NL",
        .language = LANGUAGE_NL,
        .currency = euro,
        .confirmed = 1,
        .potential = 1,
        .notices = 3,
        .changed = 6,
        .lines = s->lines,
        .n_lines = PLAIN_SCENE_LINES,
        .groups = &s->group,
        .n_groups = 1,
        .money = &s->money,
        .n_money = 1,
        .holds = &s->hold,
        .n_holds = 1,
        .strikes = {.periods = 1, .step = STEP_NOTICE, .next_at = 3, .licenses_known = 5},
        .coverage = {.licenses_known = 5, .licenses_seen = 2}};
    s->resellers[1] = (struct bulletin_reseller){
        .id = "R2", .name = "SECOND", .language = LANGUAGE_NL, .currency = euro};
}

static void set_rest(struct plain_scene *s)
{
    s->call = (struct bulletin_call){.reseller = 0,
                                     .reasons = REASON_SOON | REASON_CONFIRMED,
                                     .has_by = true,
                                     .by = {as_of.s + 86400}};
    s->rate = (struct bulletin_rate){.kind = CHARGE_EXTRA_IP, .charged = 10, .withdrawn = 1};
    s->waiting =
        (struct bulletin_waiting){.period = {november.month - 1}, .since = as_of, .drafts = 2};
    s->dead = (struct bulletin_dead){
        .recipient = "GONE@X.NL", .reader = "R9", .run = 3, .at = as_of, .why = "550 5.1.1"};
    s->sum = (struct bulletin_sum){.currency = currency_find(text_of("EUR")), .draft = {1250}};
    s->picture = (struct bulletin_picture){
        .cid = "P1@X.NL", .line = &s->lines[0], .reseller = 0, .width = 900, .height = 300};
}

struct plain_scene *plain_scene(void)
{
    struct plain_scene *s = calloc(1, sizeof *s);

    assert(s);
    zone_init_utc(&s->zone);
    set_lines(s);
    set_resellers(s);
    set_rest(s);
    s->r = (struct bulletin){.audience = AUDIENCE_MANAGER,
                             .language = LANGUAGE_NL,
                             .id = "AM1",
                             .name = "ANN",
                             .email = "ANN@X.NL",
                             .run = 12,
                             .serial = 12,
                             .has_last = true,
                             .last_serial = 11,
                             .last_as_of = {as_of.s - 86400},
                             .as_of = as_of,
                             .newest = november,
                             .zone = &s->zone,
                             .resellers = s->resellers,
                             .n_resellers = 2,
                             .unassigned = &s->stray,
                             .n_unassigned = 1,
                             .confirmed = 1,
                             .potential = 1,
                             .notices = 4,
                             .is_new = 6,
                             .is_resolved = 1,
                             .sums = &s->sum,
                             .n_sums = 1,
                             .coverage = s->resellers[0].coverage,
                             .calls = &s->call,
                             .n_calls = 1,
                             .rates = &s->rate,
                             .n_rates = 1,
                             .waiting = &s->waiting,
                             .n_waiting = 1,
                             .dead = &s->dead,
                             .n_dead = 1,
                             .entries = 3,
                             .entries_hash = "0123456789",
                             .decisions_hash = "",
                             .pictures = &s->picture,
                             .n_pictures = 1,
                             .command = "FAIRUSECTL",
                             .shown_max = BULLETIN_SHOWN_MAX};
    return s;
}

struct plain_scene *plain_scene_of_reseller(void)
{
    struct plain_scene *s = plain_scene();

    s->r.audience = AUDIENCE_RESELLER;
    s->r.id = s->resellers[0].id;
    s->r.name = s->resellers[0].name;
    s->r.n_resellers = 1;
    s->r.n_unassigned = s->r.n_calls = s->r.n_rates = s->r.n_waiting = s->r.n_dead = 0;
    s->r.contact_name = "ANN";
    s->r.contact_email = "ANN@X.NL";
    return s;
}
