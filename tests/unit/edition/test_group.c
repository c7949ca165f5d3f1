/* The order of a reseller's lines, and which of them one cause explains. */
#include "edition/edition_parts.h"
#include "support/leak.h"

SUITE(group);

enum { SEP = 2026 * 12 + 8, OCT };

#define NO STATE_NOTICE
#define PO STATE_POTENTIAL
#define CO STATE_CONFIRMED
#define CLEAR STATE_CLEAR

struct given {
    enum finding_kind kind;
    enum finding_state state;
    const char *subject, *cause;
    int month;
    int64_t confirms; /* 0 = none */
    enum bulletin_change change;
};

/* The rest is named. */
#define G(kind_, state_, subject_, ...)                                                        \
    {                                                                                          \
        .kind = kind_, .state = state_, .subject = subject_ __VA_OPT__(, ) __VA_ARGS__         \
    }

struct result {
    struct pool_line lines[16];
    struct pool_line *v[16];
    struct arena arena;
    struct bulletin_reseller r;
};

static void arrange(struct result *x, const struct given *given, size_t n, bool changed_first)
{
    *x = (struct result){.arena = {0}};
    for (size_t i = 0; i < n; i++) {
        const struct given *g = &given[i];
        x->lines[i] = (struct pool_line){
            .line = {.kind = g->kind,
                     .state = g->state,
                     .subject = g->subject,
                     .period = {g->month ? g->month : OCT},
                     .has_confirms = g->confirms != 0,
                     .confirms_at = {g->confirms},
                     .change = g->change,
                     .group = -1},
            .cause = g->cause ? g->cause : "",
        };
        x->v[i] = &x->lines[i];
    }
    cr_assert_eq(group_lines(x->v, n, changed_first, &x->arena, &x->r), 0);
    cr_assert_eq(x->r.n_lines, n);
}

static void expect_subjects(const struct result *x, const char *const subjects[])
{
    for (size_t i = 0; i < x->r.n_lines; i++)
        cr_assert_str_eq(x->r.lines[i].subject, subjects[i], "at %zu", i);
}

/* Named by the place where each must stand. */
Test(group, lines_stand_by_gravity_then_by_haste)
{
    static const struct given given[] = {
        G(FINDING_SILENT, NO, "i"),
        G(FINDING_EXTRA_IP, CLEAR, "h"),
        G(FINDING_EXTRA_IP, PO, "g"),
        G(FINDING_MAILBOXES, PO, "f", .confirms = 200),
        G(FINDING_EXTRA_IP, PO, "e", .confirms = 200),
        G(FINDING_OUTSIDE, PO, "d", .confirms = 100),
        G(FINDING_EXTRA_IP, CO, "b2", .month = OCT),
        G(FINDING_EXTRA_IP, CO, "b2", .month = SEP),
        G(FINDING_EXTRA_IP, CO, "a"),
        G(FINDING_MANY_ADDRESSES, NO, "i0"),
    };
    static const char *const order[] = {"a", "b2", "b2", "d", "e", "f", "g", "h", "i0", "i"};
    struct result x;
    arrange(&x, given, ARRAY_LEN(given), false);
    expect_subjects(&x, order);
    cr_assert_eq(x.r.lines[1].period.month, SEP);
    arena_done(&x.arena);
}

Test(group, a_reseller_reads_what_changed_first)
{
    static const struct given given[] = {
        G(FINDING_EXTRA_IP, CO, "c"),
        G(FINDING_EXTRA_IP, PO, "b", .change = CHANGE_NEW),
        G(FINDING_EXTRA_IP, CO, "a", .change = CHANGE_WORSE),
        G(FINDING_EXTRA_IP, PO, "d"),
    };
    static const char *const order[] = {"a", "b", "c", "d"};
    struct result x;
    arrange(&x, given, ARRAY_LEN(given), true);
    expect_subjects(&x, order);
    arena_done(&x.arena);
}

static const struct row {
    const char *why;
    struct given given[3];
    size_t groups;
    enum bulletin_cause cause;
    const char *what;
} rows[] = {
    {"outside at one place",
     {G(FINDING_OUTSIDE, PO, "a", .cause = "192.0.2.1"),
      G(FINDING_OUTSIDE, PO, "b", .cause = "192.0.2.1"),
      G(FINDING_OUTSIDE, PO, "c", .cause = "192.0.2.1")},
     1,
     CAUSE_PLACE,
     "192.0.2.1"},
    {"outside at several",
     {G(FINDING_OUTSIDE, PO, "a", .cause = "192.0.2.1"),
      G(FINDING_OUTSIDE, PO, "b", .cause = "192.0.2.1"),
      G(FINDING_OUTSIDE, PO, "c", .cause = "192.0.2.2")},
     0,
     CAUSE_PLACE,
     NULL},
    {"outside, and nobody knows where",
     {G(FINDING_OUTSIDE, PO, "a"), G(FINDING_OUTSIDE, PO, "b"), G(FINDING_OUTSIDE, PO, "c")},
     0,
     CAUSE_PLACE,
     NULL},
    {"of two states",
     {G(FINDING_OUTSIDE, PO, "a", .cause = "192.0.2.1"),
      G(FINDING_OUTSIDE, CO, "b", .cause = "192.0.2.1"),
      G(FINDING_OUTSIDE, PO, "c", .cause = "192.0.2.1")},
     0,
     CAUSE_PLACE,
     NULL},
    {"silent with a server",
     {G(FINDING_SILENT, NO, "a", .cause = "s1"), G(FINDING_SILENT, NO, "b", .cause = "s1"),
      G(FINDING_SILENT, NO, "c", .cause = "s1")},
     1,
     CAUSE_SERVER,
     "s1"},
    {"silent",
     {G(FINDING_SILENT, NO, "a"), G(FINDING_SILENT, NO, "b"), G(FINDING_SILENT, NO, "c")},
     1,
     CAUSE_KIND,
     ""},
    {"on one server of another",
     {G(FINDING_FOREIGN_SERVER, NO, "a", .cause = "s9"),
      G(FINDING_FOREIGN_SERVER, NO, "b", .cause = "s9"),
      G(FINDING_FOREIGN_SERVER, NO, "c", .cause = "s9")},
     1,
     CAUSE_SERVER,
     "s9"},
    {"never seen",
     {G(FINDING_NEVER_SEEN, NO, "a"), G(FINDING_NEVER_SEEN, NO, "b"),
      G(FINDING_NEVER_SEEN, NO, "c")},
     1,
     CAUSE_KIND,
     ""},
    {"each extra address is told alone",
     {G(FINDING_EXTRA_IP, PO, "a", .cause = "s1"), G(FINDING_EXTRA_IP, PO, "b", .cause = "s1"),
      G(FINDING_EXTRA_IP, PO, "c", .cause = "s1")},
     0,
     CAUSE_KIND,
     NULL},
    {"each domain is told alone",
     {G(FINDING_MAILBOXES, PO, "a", .cause = "s1"),
      G(FINDING_MAILBOXES, PO, "b", .cause = "s1"),
      G(FINDING_MAILBOXES, PO, "c", .cause = "s1")},
     0,
     CAUSE_KIND,
     NULL},
};

Test(group, three_of_one_cause_are_a_group)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct result x;
        arrange(&x, rows[i].given, 3, false);
        cr_assert_eq(x.r.n_groups, rows[i].groups, "%s", rows[i].why);
        for (size_t k = 0; k < 3; k++)
            cr_assert_eq(x.r.lines[k].group, rows[i].groups ? 0 : -1, "%s", rows[i].why);
        if (rows[i].groups) {
            cr_assert_eq(x.r.groups[0].cause, rows[i].cause, "%s", rows[i].why);
            cr_assert_str_eq(x.r.groups[0].what, rows[i].what, "%s", rows[i].why);
            cr_assert_eq(x.r.groups[0].n, 3, "%s", rows[i].why);
            cr_assert_eq(x.r.groups[0].kind, rows[i].given[0].kind);
            cr_assert_eq(x.r.groups[0].state, rows[i].given[0].state);
        }
        arena_done(&x.arena);
    }
}

/* Groups stand in the order of their first lines; lines of others may be between. */
Test(group, groups_are_in_the_order_of_lines)
{
    static const struct given given[] = {
        G(FINDING_NEVER_SEEN, NO, "z1"),
        G(FINDING_NEVER_SEEN, NO, "z2"),
        G(FINDING_NEVER_SEEN, NO, "z3"),
        G(FINDING_OUTSIDE, PO, "a2", .cause = "192.0.2.2"),
        G(FINDING_OUTSIDE, PO, "a1", .cause = "192.0.2.1"),
        G(FINDING_OUTSIDE, PO, "a4", .cause = "192.0.2.2"),
        G(FINDING_OUTSIDE, PO, "a3", .cause = "192.0.2.1"),
        G(FINDING_OUTSIDE, PO, "a5", .cause = "192.0.2.1"),
        G(FINDING_OUTSIDE, PO, "a6", .cause = "192.0.2.2"),
        G(FINDING_OUTSIDE, PO, "a7", .cause = "192.0.2.3"),
    };
    static const int32_t groups[] = {0, 1, 0, 1, 0, 1, -1, 2, 2, 2};
    struct result x;
    arrange(&x, given, ARRAY_LEN(given), false);
    cr_assert_eq(x.r.n_groups, 3);
    cr_assert_str_eq(x.r.groups[0].what, "192.0.2.1");
    cr_assert_str_eq(x.r.groups[1].what, "192.0.2.2");
    cr_assert_eq(x.r.groups[2].cause, CAUSE_KIND);
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        cr_assert_eq(x.r.lines[i].group, groups[i], "line %zu", i);
    arena_done(&x.arena);
}

Test(group, nothing_has_no_groups)
{
    struct result x;
    arrange(&x, NULL, 0, false);
    cr_assert_eq(x.r.n_groups, 0);
    arena_done(&x.arena);
}
