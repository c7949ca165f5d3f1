/* Reports as values that nobody would send: hostile and huge ones. */
#include "support/bulletin_sample.h"
#include <stdio.h>

static const struct currency eur = {"EUR", 2}, jpy = {"JPY", 0};

#define OCTOBER                                                                                \
    {                                                                                          \
        2026 * 12 + 10 - 1                                                                     \
    }
#define AUGUST                                                                                 \
    {                                                                                          \
        2026 * 12 + 8 - 1                                                                      \
    }
/* 16 September 2026, 22:00; 13 October, 23:55; 12 October, 00:21 (UTC). */
#define WINDOW                                                                                 \
    {                                                                                          \
        1789596000                                                                             \
    }
#define LATE                                                                                   \
    {                                                                                          \
        1791935700                                                                             \
    }
#define NIGHT                                                                                  \
    {                                                                                          \
        1791764460                                                                             \
    }

/* ---- Hostile ----------------------------------------------------------------------------- */

#define TEN(x) x x x x x x x x x x
#define LONG TEN(TEN(TEN("W"))) /* 1,000 bytes, the most that the estate takes */
#define SCRIPT "<script>alert(1)</script>"
#define HEADER "Kees\r\nBcc: all@victim.example\r\n\r\nhello"
#define FORMULA "=HYPERLINK(\"http://victim.example/\",\"click\")"
#define TURNED                                                                                 \
    "invoice\xe2\x80\xae"                                                                      \
    "fdp.exe"
#define HEBREW                                                                                 \
    "\xd7\x91\xd7\x93\xd7\x99\xd7\xa7\xd7\x94 Hosting \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"
#define ARABIC                                                                                 \
    "\xd8\xb4\xd8\xb1\xd9\x83\xd8\xa9 "                                                        \
    "\xd8\xa7\xd9\x84\xd8\xa7\xd8\xb3\xd8\xaa\xd8\xb6\xd8\xa7\xd9\x81\xd8\xa9"

static const struct bulletin_seen hostile_seen[] = {
    {.server = SCRIPT, .unit = "+1+1", .first = WINDOW, .last = LATE, .goes_on = true},
    {.server = HEADER, .unit = "@SUM(A1)", .first = WINDOW, .last = LATE},
};

#define HOSTILE(its_kind, its_state, its_subject)                                              \
    {                                                                                          \
        .kind = (its_kind), .state = (its_state), .period = OCTOBER, .subject = (its_subject), \
        .shown = (its_subject), .quantity = 1, .has_since = true, .since = WINDOW,             \
        .policy = FORMULA, .change = CHANGE_NEW,                                               \
        .cost = {.is_known = true,                                                             \
                 .units = 1,                                                                   \
                 .unit_price = {12500000},                                                     \
                 .amount = {1250},                                                             \
                 .currency = &eur},                                                            \
        .seen = hostile_seen, .n_seen = 2, .n_seen_more = 3, .group = -1, .picture = -1        \
    }

static const struct bulletin_line hostile_lines[] = {
    HOSTILE(FINDING_EXTRA_IP, STATE_CONFIRMED, SCRIPT),
    HOSTILE(FINDING_EXTRA_IP, STATE_CONFIRMED, LONG),
    HOSTILE(FINDING_EXTRA_IP, STATE_POTENTIAL, "\"; rm -rf /; \"'`$(id)"),
    HOSTILE(FINDING_MAILBOXES, STATE_POTENTIAL, HEBREW),
    HOSTILE(FINDING_OUTSIDE, STATE_POTENTIAL, "  =1+1"),
    HOSTILE(FINDING_SILENT, STATE_NOTICE, HEADER),
    HOSTILE(FINDING_SILENT, STATE_NOTICE, TURNED),
};

static const struct bulletin_hold hostile_holds[] = {
    {.period = AUGUST,
     .kind = CHARGE_EXTRA_IP,
     .subject = "＝1+1",
     .is_waived = true,
     .amount = {12345},
     .currency = &jpy},
};

static const struct bulletin_reseller hostile_resellers[] = {
    {.id = "-evil",
     .name = FORMULA,
     .email = "evil@victim.example",
     .language = LANGUAGE_NL,
     .currency = &jpy,
     .confirmed = 2,
     .potential = 3,
     .notices = 2,
     .changed = 7,
     .lines = hostile_lines,
     .n_lines = ARRAY_LEN(hostile_lines),
     .holds = hostile_holds,
     .n_holds = ARRAY_LEN(hostile_holds),
     .n_holds_more = 5},
    {.id = "arabic", .name = ARABIC, .currency = &eur},
    {.id = "bad-bytes", .name = "caf\xe9 \xff\xfe", .currency = &eur},
    {.id = "blank", .name = "\xe2\x80\x8b", .currency = &eur},
    {.id = "cjk", .name = "さくらサーバー株式会社", .currency = &jpy},
    {.id = "header", .name = HEADER, .currency = &eur},
    {.id = "long", .name = LONG, .currency = &eur},
    {.id = "script", .name = SCRIPT, .currency = &eur},
    {.id = "turned", .name = TURNED, .currency = &eur},
};

static const struct bulletin_call hostile_calls[] = {
    {0,
     REASON_SOON | REASON_CONFIRMED | REASON_LADDER | REASON_NO_MAIL | REASON_BLIND,
     false,
     {0}},
    {6, REASON_NO_MAIL, false, {0}},
};

static const struct bulletin_dead hostile_dead[] = {
    {.recipient = HEADER, .reader = SCRIPT, .run = 1, .at = NIGHT, .why = SCRIPT LONG},
};

struct bulletin sample_hostile(enum language language)
{
    struct bulletin b = sample_bare(language);

    b.name = HEADER;
    b.email = "anna@distributor.example\r\nBcc: all@victim.example";
    b.resellers = hostile_resellers;
    b.n_resellers = ARRAY_LEN(hostile_resellers);
    b.unassigned = hostile_lines + 5;
    b.n_unassigned = 2;
    b.n_unassigned_more = 1;
    b.confirmed = 2;
    b.potential = 3;
    b.notices = 5;
    b.is_new = 10;
    b.calls = hostile_calls;
    b.n_calls = ARRAY_LEN(hostile_calls);
    b.dead = hostile_dead;
    b.n_dead = ARRAY_LEN(hostile_dead);
    b.n_dead_more = 2;
    b.command = "fairusectl -c '/etc/<b>/a b.conf'";
    return b;
}

/* ---- Huge -------------------------------------------------------------------------------- */

static struct {
    struct bulletin_line lines[SAMPLE_HUGE_LINES];
    char subjects[SAMPLE_HUGE_LINES][24];
    struct bulletin_reseller reseller;
} huge;

/* One tenth confirmed, three tenths potential, the others notices; in that order. */
static void fill_huge(void)
{
    struct bulletin usual = sample_manager(LANGUAGE_NL);

    for (int i = 0; i < SAMPLE_HUGE_LINES; i++) {
        struct bulletin_line *l = &huge.lines[i];
        (void)snprintf(huge.subjects[i], sizeof(huge.subjects[i]), "PLSK.%08d", i + 1);
        *l = usual.resellers[0].lines[0];
        if (i >= SAMPLE_HUGE_LINES / 10)
            l->state = STATE_POTENTIAL;
        if (i >= SAMPLE_HUGE_LINES / 10 * 4) {
            *l = usual.unassigned[0];
            l->kind = FINDING_ROAMING;
        }
        l->subject = l->shown = huge.subjects[i];
        l->picture = -1;
    }
    huge.reseller = (struct bulletin_reseller){
        .id = "bakker",
        .name = "Bakker Hosting B.V.",
        .email = "beheer@bakker.example",
        .currency = &eur,
        .confirmed = SAMPLE_HUGE_LINES / 10,
        .potential = SAMPLE_HUGE_LINES / 10 * 3,
        .notices = SAMPLE_HUGE_LINES / 10 * 6 + 1234,
        .changed = SAMPLE_HUGE_LINES / 10 * 4,
        .lines = huge.lines,
        .n_lines = SAMPLE_HUGE_LINES,
        .n_more = 1234,
    };
}

struct bulletin sample_huge(enum language language)
{
    struct bulletin b = sample_bare(language);

    fill_huge();
    b.resellers = &huge.reseller;
    b.n_resellers = 1;
    b.confirmed = huge.reseller.confirmed;
    b.potential = huge.reseller.potential;
    b.notices = huge.reseller.notices;
    b.is_changed = huge.reseller.changed;
    return b;
}
