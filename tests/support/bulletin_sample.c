/* Reports as values, invented by hand. */
#include "support/bulletin_sample.h"

/* Moments of UTC: 1 September 2026 is day 20,697 since 1970, 1 October day 20,727. */
#define UTC_DAY(d, h, m)                                                                       \
    {                                                                                          \
        (int64_t)(d) * 86400 + (h)*3600 + (m)*60                                               \
    }
#define AUG(d, h, m) UTC_DAY(20665 + (d), h, m)
#define SEP(d, h, m) UTC_DAY(20696 + (d), h, m)
#define OCT(d, h, m) UTC_DAY(20726 + (d), h, m)
/* A charge begins a second after its grace. */
#define AND_A_SECOND(t)                                                                        \
    {                                                                                          \
        (t) + 1                                                                                \
    }
#define OCT_S(d, h, m) ((20726 + INT64_C(d)) * 86400 + (h)*3600 + (m)*60)

#define PERIOD(year, month)                                                                    \
    {                                                                                          \
        (year) * 12 + (month)-1                                                                \
    }
#define AUGUST PERIOD(2026, 8)
#define SEPTEMBER PERIOD(2026, 9)
#define OCTOBER PERIOD(2026, 10)

static const struct currency eur = {"EUR", 2};

/* The window of October begins on 16 September 22:00 UTC: 14 days before its first moment. */
#define WINDOW SEP(16, 22, 0)

/* ---- Bakker ------------------------------------------------------------------------------ */

/* Together since 29 September 21:30: 14 days, and 2 hours more. */
static const struct bulletin_seen seen_102[] = {
    {.server = "bakker-02",
     .unit = "203.0.113.2",
     .first = WINDOW,
     .last = OCT(13, 23, 55),
     .goes_on = true,
     .by_collector = true},
    {.server = "bakker-02b",
     .unit = "203.0.113.22",
     .first = SEP(29, 21, 30),
     .last = OCT(13, 23, 50),
     .goes_on = true},
};

/* September, which is over: together from 3 to 24 September, 21 days. */
static const struct bulletin_seen seen_108[] = {
    {.server = "bakker-08",
     .unit = "203.0.113.8",
     .first = AUG(17, 22, 0),
     .last = SEP(30, 22, 0)},
    {.server = "bakker-08b",
     .unit = "203.0.113.88",
     .first = SEP(3, 8, 0),
     .last = SEP(24, 8, 0)},
};

/* A move from one server to another: together for 5 days and 6 hours. */
static const struct bulletin_seen seen_103[] = {
    {.server = "bakker-03", .unit = "203.0.113.3", .first = WINDOW, .last = OCT(12, 12, 0)},
    {.server = "bakker-03b",
     .unit = "203.0.113.33",
     .first = OCT(7, 6, 0),
     .last = OCT(13, 23, 50),
     .goes_on = true,
     .is_living = true},
};

static const struct bulletin_seen seen_groot[] = {
    {.server = "bakker-01",
     .unit = "",
     .first = SEP(23, 22, 0),
     .last = OCT(13, 23, 50),
     .goes_on = true,
     .count = 1042},
};

/* One unit at 12.50. */
#define COST_ONE                                                                               \
    {                                                                                          \
        .is_known = true, .units = 1, .unit_price = {12500000}, .amount = {1250},              \
        .currency = &eur                                                                       \
    }

/* Over since 8 October 05:00, for 5 days and 19 hours: confirmed 7 days and a second after.
 * 42 over: 2 blocks of 25 at 5.00. */
#define LINE_GROOT(its_change, its_was, its_was_quantity)                                      \
    {                                                                                          \
        .kind = FINDING_MAILBOXES, .state = STATE_POTENTIAL, .period = OCTOBER,                \
        .subject = "xn--grt-tna.example", .shown = "gröt.example", .quantity = 42,             \
        .has_since = true, .has_confirms = true, .since = OCT(8, 5, 0),                        \
        .confirms_at = AND_A_SECOND(OCT_S(15, 5, 0)), .policy = "2026-1",                      \
        .change = (its_change), .was_state = (its_was), .was_quantity = (its_was_quantity),    \
        .cost = {.is_known = true,                                                             \
                 .units = 2,                                                                   \
                 .unit_price = {5000000},                                                      \
                 .amount = {1000},                                                             \
                 .currency = &eur},                                                            \
        .observed = {1734600}, .presence = {1736100}, .seen = seen_groot, .n_seen = 1,         \
        .limit = 1000, .group = -1, .picture = 1                                               \
    }

#define LINE_102                                                                               \
    {                                                                                          \
        .kind = FINDING_EXTRA_IP, .state = STATE_CONFIRMED, .period = OCTOBER,                 \
        .subject = "PLSK.00000102", .shown = "PLSK.00000102", .quantity = 1,                   \
        .has_since = true, .since = SEP(29, 21, 30), .policy = "2026-1",                       \
        .change = CHANGE_WORSE, .was_state = STATE_POTENTIAL, .was_quantity = 1,               \
        .cost = COST_ONE, .observed = {2332800}, .presence = {2339700},                        \
        .by_collector = {2246400}, .gaps = 1, .seen = seen_102, .n_seen = 2, .group = -1,      \
        .picture = 0                                                                           \
    }

#define LINE_103                                                                               \
    {                                                                                          \
        .kind = FINDING_EXTRA_IP, .state = STATE_POTENTIAL, .period = OCTOBER,                 \
        .subject = "PLSK.00000103", .shown = "PLSK.00000103", .quantity = 1,                   \
        .has_since = true, .since = OCT(7, 6, 0), .policy = "2026-1", .change = CHANGE_ENDED,  \
        .was_state = STATE_POTENTIAL, .was_quantity = 1, .cost = COST_ONE,                     \
        .observed = {2338200}, .presence = {2339400}, .seen = seen_103, .n_seen = 2,           \
        .group = -1, .picture = -1                                                             \
    }

static const struct bulletin_line bakker_lines[] = {
    LINE_102,
    {.kind = FINDING_EXTRA_IP,
     .state = STATE_CONFIRMED,
     .period = SEPTEMBER,
     .subject = "PLSK.00000108",
     .shown = "PLSK.00000108",
     .quantity = 1,
     .has_since = true,
     .since = SEP(3, 8, 0),
     .policy = "2026-1",
     .was_state = STATE_CONFIRMED,
     .was_quantity = 1,
     .cost = COST_ONE,
     .observed = {3801600},
     .presence = {3801600},
     .seen = seen_108,
     .n_seen = 2,
     .group = -1,
     .picture = -1},
    LINE_GROOT(CHANGE_NEW, STATE_CLEAR, 0),
    LINE_103,
};

/* August is closed: the key of 107 was entered and then waived, that of 116 is disputed. */
static const struct bulletin_money bakker_money[] = {
    {.period = AUGUST,
     .kind = CHARGE_EXTRA_IP,
     .currency = &eur,
     .is_closed = true,
     .keys = 2,
     .due = {1250},
     .entered = {1250},
     .draft = {-1250}},
    {.period = SEPTEMBER,
     .kind = CHARGE_EXTRA_IP,
     .currency = &eur,
     .keys = 1,
     .due = {1250},
     .draft = {1250}},
    {.period = OCTOBER,
     .kind = CHARGE_EXTRA_IP,
     .currency = &eur,
     .keys = 1,
     .due = {1250},
     .draft = {1250}},
};

static const struct bulletin_hold bakker_holds[] = {
    {.period = AUGUST,
     .kind = CHARGE_EXTRA_IP,
     .subject = "PLSK.00000107",
     .is_waived = true,
     .amount = {1250},
     .currency = &eur},
    {.period = AUGUST,
     .kind = CHARGE_EXTRA_IP,
     .subject = "PLSK.00000116",
     .amount = {1250},
     .currency = &eur},
};

#define BAKKER                                                                                 \
    .id = "bakker", .name = "Bakker Hosting B.V.", .email = "beheer@bakker.example",           \
    .currency = &eur

/* August (116), September (108) and October (102): three periods, and a warning. */
#define BAKKER_MORE                                                                            \
    .money = bakker_money, .n_money = ARRAY_LEN(bakker_money), .holds = bakker_holds,          \
    .n_holds = ARRAY_LEN(bakker_holds),                                                        \
    .strikes = {.periods = 3,                                                                  \
                .step = STEP_WARNING,                                                          \
                .next_at = 6,                                                                  \
                .licenses_concerned = 3,                                                       \
                .licenses_known = 12},                                                         \
    .coverage = {.licenses_known = 12,                                                         \
                 .licenses_seen = 12,                                                          \
                 .domains_known = 2,                                                           \
                 .domains_counted = 2,                                                         \
                 .servers_known = 13,                                                          \
                 .servers_with_gaps = 1,                                                       \
                 .gaps = {5400}}

/* ---- Linde ------------------------------------------------------------------------------- */

/* Four licences at one address outside its network since yesterday. */
#define SEEN_OUTSIDE(its_server)                                                               \
    {                                                                                          \
        {.server = (its_server),                                                               \
         .unit = "203.0.113.200",                                                              \
         .first = OCT(13, 9, 0),                                                               \
         .last = OCT(13, 23, 40),                                                              \
         .goes_on = true,                                                                      \
         .is_outside = true},                                                                  \
    }
static const struct bulletin_seen seen_outside[][1] = {
    SEEN_OUTSIDE("linde-01"), SEEN_OUTSIDE("linde-02"), SEEN_OUTSIDE("linde-03"),
    SEEN_OUTSIDE("linde-04")};

/* 14 days and a second after 13 October 09:00: in winter time. There is no tariff. */
#define LINE_OUTSIDE(its_subject, number)                                                      \
    {                                                                                          \
        .kind = FINDING_OUTSIDE, .state = STATE_POTENTIAL, .period = OCTOBER,                  \
        .subject = (its_subject), .shown = (its_subject), .quantity = 1, .has_since = true,    \
        .has_confirms = true, .since = OCT(13, 9, 0),                                          \
        .confirms_at = AND_A_SECOND(OCT_S(27, 9, 0)), .policy = "2026-1",                      \
        .change = CHANGE_NEW, .cost = {.currency = &eur}, .observed = {50400},                 \
        .presence = {52800}, .seen = seen_outside[number], .n_seen = 1, .group = 0,            \
        .picture = -1                                                                          \
    }

#define NOTICE(its_kind, its_subject, its_change, its_was, its_group)                          \
    {                                                                                          \
        .kind = (its_kind), .state = STATE_NOTICE, .period = OCTOBER,                          \
        .subject = (its_subject), .shown = (its_subject), .quantity = 1, .policy = "2026-1",   \
        .change = (its_change), .was_state = (its_was),                                        \
        .was_quantity = (its_was) == STATE_NOTICE, .group = (its_group), .picture = -1         \
    }
#define NOTICE_SAID(kind, subject, group)                                                      \
    NOTICE(kind, subject, CHANGE_NONE, STATE_NOTICE, group)

/* A licence, and the server that it is on; which one that is the evidence does not say. */
static const struct bulletin_seen seen_silent[] = {
    {.server = "", .unit = "", .first = SEP(25, 13, 30), .last = SEP(25, 13, 30)},
};
#define LINE_SILENT(its_subject)                                                               \
    {                                                                                          \
        .kind = FINDING_SILENT, .state = STATE_NOTICE, .period = OCTOBER,                      \
        .subject = (its_subject), .shown = (its_subject), .quantity = 1, .policy = "2026-1",   \
        .was_state = STATE_NOTICE, .was_quantity = 1, .seen = seen_silent, .n_seen = 1,        \
        .group = -1, .picture = -1                                                             \
    }

static const struct bulletin_line linde_lines[] = {
    LINE_OUTSIDE("PLSK.00000121", 0),
    LINE_OUTSIDE("PLSK.00000122", 1),
    LINE_OUTSIDE("PLSK.00000123", 2),
    LINE_OUTSIDE("PLSK.00000124", 3),
    /* The other server was declared a move yesterday. */
    {.kind = FINDING_EXTRA_IP,
     .state = STATE_CLEAR,
     .period = OCTOBER,
     .subject = "PLSK.00000126",
     .shown = "PLSK.00000126",
     .policy = "2026-1",
     .change = CHANGE_RESOLVED,
     .was_state = STATE_POTENTIAL,
     .was_quantity = 1,
     .group = -1,
     .picture = -1},
    LINE_SILENT("PLSK.00000125"),
    LINE_SILENT("linde-09"),
    NOTICE_SAID(FINDING_NEVER_SEEN, "PLSK.00000127", 1),
    NOTICE_SAID(FINDING_NEVER_SEEN, "PLSK.00000128", 1),
    NOTICE_SAID(FINDING_NEVER_SEEN, "PLSK.00000129", 1),
    NOTICE_SAID(FINDING_NEVER_SEEN, "PLSK.00000130", 1),
};

static const struct bulletin_group linde_groups[] = {
    {FINDING_OUTSIDE, STATE_POTENTIAL, CAUSE_PLACE, "203.0.113.200", 4},
    {FINDING_NEVER_SEEN, STATE_NOTICE, CAUSE_KIND, "", 4},
};

/* ---- Nieuw ------------------------------------------------------------------------------- */

static const struct bulletin_seen seen_109[] = {
    {.server = "nieuw-09",
     .unit = "203.0.113.209",
     .first = WINDOW,
     .last = OCT(13, 23, 45),
     .goes_on = true},
    {.server = "nieuw-09b",
     .unit = "203.0.113.210",
     .first = OCT(13, 4, 0),
     .last = OCT(13, 23, 45),
     .goes_on = true},
};

static const struct bulletin_line nieuw_lines[] = {
    {.kind = FINDING_EXTRA_IP,
     .state = STATE_POTENTIAL,
     .period = OCTOBER,
     .subject = "PLSK.00000109",
     .shown = "PLSK.00000109",
     .quantity = 1,
     .has_since = true,
     .has_confirms = true,
     .since = OCT(13, 4, 0),
     .confirms_at = AND_A_SECOND(OCT_S(27, 4, 0)),
     .is_trial = true,
     .policy = "2026-1",
     .change = CHANGE_NEW,
     .cost = COST_ONE,
     .observed = {2338800},
     .presence = {2339100},
     .seen = seen_109,
     .n_seen = 2,
     .group = -1,
     .picture = -1},
    NOTICE_SAID(FINDING_UNDECLARED, "nieuw", -1),
};

/* ---- An account manager's night ---------------------------------------------------------- */

static const struct bulletin_reseller resellers[] = {
    {BAKKER, .language = LANGUAGE_NL, .confirmed = 2, .potential = 2, .changed = 3,
     .lines = bakker_lines, .n_lines = ARRAY_LEN(bakker_lines), BAKKER_MORE},
    {.id = "nieuw",
     .name = "Nieuw & Zn.",
     .language = LANGUAGE_NL,
     .currency = &eur,
     .is_trial = true,
     .potential = 1,
     .notices = 1,
     .changed = 1,
     .lines = nieuw_lines,
     .n_lines = ARRAY_LEN(nieuw_lines),
     .strikes = {.next_at = 1, .licenses_known = 1},
     .coverage = {.licenses_known = 1,
                  .licenses_seen = 1,
                  .servers_known = 2,
                  .lacks_ipv4 = true,
                  .lacks_ipv6 = true}},
    /* Half of its licences are not seen: 125 on a silent server, 127 to 130 never. */
    {.id = "linde",
     .name = "Linde Internet",
     .email = "noc@linde.example",
     .language = LANGUAGE_EN,
     .currency = &eur,
     .potential = 4,
     .notices = 6,
     .changed = 5,
     .lines = linde_lines,
     .n_lines = ARRAY_LEN(linde_lines),
     .groups = linde_groups,
     .n_groups = ARRAY_LEN(linde_groups),
     .strikes = {.next_at = 1, .licenses_known = 10},
     .coverage = {.licenses_known = 10,
                  .licenses_seen = 5,
                  .domains_known = 1,
                  .domains_counted = 1,
                  .servers_known = 6,
                  .servers_silent = 1,
                  .lacks_ipv6 = true}},
    {.id = "kade",
     .name = "Kade Webdiensten",
     .email = "info@kade.example",
     .language = LANGUAGE_NL,
     .currency = &eur,
     .strikes = {.next_at = 1, .licenses_known = 3},
     .coverage = {.licenses_known = 3, .licenses_seen = 3, .servers_known = 2}},
    {.id = "zuid",
     .name = "Zuid IT",
     .email = "beheer@zuid.example",
     .language = LANGUAGE_NL,
     .currency = &eur,
     .strikes = {.next_at = 1, .licenses_known = 2},
     .coverage = {.licenses_known = 2, .licenses_seen = 2, .servers_known = 1}},
};

static const struct bulletin_line unassigned[] = {
    NOTICE_SAID(FINDING_UNKNOWN_SERVER, "stranger-1", -1),
    NOTICE(FINDING_CROWDED_ADDRESS, "203.0.113.250", CHANGE_NEW, STATE_CLEAR, -1),
};

static const struct bulletin_call calls[] = {
    {0, REASON_SOON | REASON_CONFIRMED | REASON_LADDER, true, AND_A_SECOND(OCT_S(15, 5, 0))},
    {1, REASON_SOON | REASON_NO_MAIL, true, AND_A_SECOND(OCT_S(27, 4, 0))},
    {2, REASON_SOON | REASON_BLIND, true, AND_A_SECOND(OCT_S(27, 9, 0))},
};

/* Open: September and October of Bakker, 12.50 each. Closed: its August. Would cost: 10.00 of
 * the mailboxes, 12.50 of the move; the trial's 12.50 is not in it. */
static const struct bulletin_sum sums[] = {
    {.currency = &eur, .draft = {2500}, .adjustment = {-1250}, .would = {2250}},
};

static const struct bulletin_rate rates[] = {
    {CHARGE_EXTRA_IP, 23, 2},
    {CHARGE_MAILBOXES, 4, 0},
};

/* September ended on 30 September 22:00 UTC, and can be closed five days after. */
static const struct bulletin_waiting waiting[] = {{SEPTEMBER, OCT(5, 22, 0), 3}};

static const struct bulletin_dead dead[] = {
    {.recipient = "info@kade.example",
     .reader = "kade",
     .run = 230,
     .at = OCT(12, 0, 21),
     .why = "550 5.1.1 <info@kade.example>: no such user"},
};

static const struct bulletin_picture pictures[] = {
    {"timeline-1.231@distributor.example", &bakker_lines[0], 0, 640, 320},
    {"timeline-2.231@distributor.example", &bakker_lines[2], 0, 640, 280},
};

#define ENTRIES_HASH "3f0c2a9b5d7e8f1021324354657687980a1b2c3d4e5f60718293a4b5c6d7e8f9"
#define DECISIONS_HASH "9e8d7c6b5a493827160514039281706f5e4d3c2b1a09f8e7d6c5b4a392817060"
#define COMMAND "fairusectl -c /etc/fairuse/collector.conf"

const struct zone *sample_zone(void)
{
    /* Summer time ended on 25 October 2026 at 01:00 UTC; before March it was winter, too. */
    static const struct zone zone = {
        .name = "Europe/Amsterdam",
        .n = 3,
        .steps = {{.from = {-(INT64_C(1) << 53)}, .offset_s = 3600, .abbreviation = "CET"},
                  {.from = UTC_DAY(20541, 1, 0), .offset_s = 7200, .abbreviation = "CEST"},
                  {.from = OCT(25, 1, 0), .offset_s = 3600, .abbreviation = "CET"}},
    };
    return &zone;
}

struct bulletin sample_bare(enum language language)
{
    return (struct bulletin){
        .audience = AUDIENCE_MANAGER,
        .language = language,
        .id = "am-anna",
        .name = "Anna de Wit",
        .email = "anna@distributor.example",
        .run = 231,
        .serial = 12,
        .has_last = true,
        .last_serial = 11,
        .last_as_of = OCT(13, 0, 15),
        .as_of = OCT(14, 0, 15),
        .newest = OCTOBER,
        .zone = sample_zone(),
        .entries_hash = "",
        .decisions_hash = "",
        .command = COMMAND,
        .shown_max = BULLETIN_SHOWN_MAX,
    };
}

struct bulletin sample_manager(enum language language)
{
    struct bulletin b = sample_bare(language);

    b.resellers = resellers;
    b.n_resellers = ARRAY_LEN(resellers);
    b.unassigned = unassigned;
    b.n_unassigned = ARRAY_LEN(unassigned);
    /* Of Bakker 2 and 2; Nieuw 1 and 1; Linde 4 and 6; of nobody 2 notices. */
    b.confirmed = 2;
    b.potential = 7;
    b.notices = 9;
    /* New: the domain, Linde's four, Nieuw's, the address. Changed: 102 and 103. Gone: 126. */
    b.is_new = 7;
    b.is_changed = 2;
    b.is_resolved = 1;
    b.sums = sums;
    b.n_sums = ARRAY_LEN(sums);
    b.coverage = (struct bulletin_coverage){.licenses_known = 28,
                                            .licenses_seen = 23,
                                            .domains_known = 3,
                                            .domains_counted = 3,
                                            .servers_known = 24,
                                            .servers_silent = 1,
                                            .servers_with_gaps = 1,
                                            .gaps = {5400},
                                            .lacks_ipv4 = true,
                                            .lacks_ipv6 = true};
    b.calls = calls;
    b.n_calls = ARRAY_LEN(calls);
    b.rates = rates;
    b.n_rates = ARRAY_LEN(rates);
    b.waiting = waiting;
    b.n_waiting = ARRAY_LEN(waiting);
    b.dead = dead;
    b.n_dead = ARRAY_LEN(dead);
    b.entries = 41;
    b.decisions = 7;
    b.entries_hash = ENTRIES_HASH;
    b.decisions_hash = DECISIONS_HASH;
    b.pictures = pictures;
    b.n_pictures = ARRAY_LEN(pictures);
    return b;
}

/* ---- The others -------------------------------------------------------------------------- */

/* The same lines as they stand to what the reseller was told: the domain was told, and is about
 * to cost money. */
static const struct bulletin_line own_lines[] = {
    LINE_102,
    LINE_GROOT(CHANGE_SOON, STATE_POTENTIAL, 42),
    LINE_103,
    {.kind = FINDING_EXTRA_IP,
     .state = STATE_CLEAR,
     .period = OCTOBER,
     .subject = "PLSK.00000116",
     .shown = "PLSK.00000116",
     .policy = "2026-1",
     .change = CHANGE_RESOLVED,
     .was_state = STATE_POTENTIAL,
     .was_quantity = 1,
     .group = -1,
     .picture = -1},
};

static const struct bulletin_reseller own[2] = {
    [LANGUAGE_EN] = {BAKKER, .language = LANGUAGE_EN, .confirmed = 1, .potential = 2,
                     .changed = 4, .lines = own_lines, .n_lines = ARRAY_LEN(own_lines),
                     BAKKER_MORE},
    [LANGUAGE_NL] = {BAKKER, .language = LANGUAGE_NL, .confirmed = 1, .potential = 2,
                     .changed = 4, .lines = own_lines, .n_lines = ARRAY_LEN(own_lines),
                     BAKKER_MORE},
};

static const struct bulletin_picture own_pictures[] = {
    {"timeline-1.231@distributor.example", &own_lines[0], 0, 640, 320},
    {"timeline-2.231@distributor.example", &own_lines[1], 0, 640, 280},
};

struct bulletin sample_reseller(enum language language)
{
    struct bulletin b = sample_bare(language);

    b.audience = AUDIENCE_RESELLER;
    b.id = own[0].id;
    b.name = own[0].name;
    b.email = own[0].email;
    b.serial = 4;
    b.last_serial = 3;
    b.last_as_of = (wall_t)OCT(9, 0, 15);
    b.contact_name = "Anna de Wit";
    b.contact_email = "anna@distributor.example";
    b.resellers = &own[language];
    b.n_resellers = 1;
    b.confirmed = 1;
    b.potential = 2;
    b.is_changed = 3;
    b.is_resolved = 1;
    b.coverage = own[0].coverage;
    b.pictures = own_pictures;
    b.n_pictures = ARRAY_LEN(own_pictures);
    return b;
}

struct bulletin sample_empty(enum language language)
{
    struct bulletin b = sample_bare(language);

    b.resellers = resellers + 3;
    b.n_resellers = 2;
    b.coverage =
        (struct bulletin_coverage){.licenses_known = 5, .licenses_seen = 5, .servers_known = 3};
    return b;
}

struct bulletin sample_failed(enum language language)
{
    struct bulletin b = sample_bare(language);

    b.failure = "the store is not available: connection refused";
    return b;
}
