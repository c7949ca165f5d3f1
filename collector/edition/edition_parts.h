/* What the files that make a night's bulletins share. Private to this room. */
#ifndef EDITION_EDITION_PARTS_H
#define EDITION_EDITION_PARTS_H

#include "edition/edition.h"
#include "edition/sides.h"
#include "store/sorter.h"

/* ---- Who is told (roster.c) ------------------------------------------------------------ */

struct roster_manager {
    const char *id, *name, *email;
    enum language language;
    size_t first, n; /* its resellers among the members */
};

/* All account managers by id, their resellers, and when the nights were. */
struct roster {
    struct arena arena;
    struct roster_manager *managers;
    size_t n_managers, cap_managers;
    const struct estate_reseller **members; /* of the book, by manager, id */
    size_t n_members;
    struct roster_run {
        int64_t run;
        wall_t as_of;
    } * runs; /* the newest first */
    size_t n_runs, cap_runs;
};

/* `book` may be NULL: then nobody has resellers. 0; store errors; -ENOMEM. */
MUST_USE int roster_load(struct roster *o, struct store *s, const struct book *book);
void roster_done(struct roster *o);
/* NULL when there is none. */
const struct roster_manager *roster_find(const struct roster *o, const char *id);
/* Fills in what the reader's last mail was. 0; store errors. */
MUST_USE int roster_last_mail(const struct roster *o, struct store *s,
                              const struct store_reader *reader, struct bulletin *b);

/* ---- Findings and money, by reader (regroup.c) ----------------------------------------- */

enum record_what {
    RECORD_MONEY,   /* a key's draft; comes before the finding of the same key */
    RECORD_TOLD,    /* a finding that is told */
    RECORD_UNTOLD,  /* one of an older open period that is not: no evidence */
    RECORD_CHARGED, /* confirmed in a closed period: for the strikes; no evidence */
};

struct record {
    enum record_what what;
    const char *manager, *reseller; /* "" = nobody's */
    enum finding_kind kind;
    const char *subject;
    period_t period;
    struct finding finding;
    struct draft draft; /* its reseller and subject are those above; no policy or evidence */
};

struct regroup;

/*
 * Takes the findings and drafts of the night: confirmed ones of every open period are told, and
 * of the newest period the potential ones and the notices, too (run/publish.h has the reason).
 * What belongs to no reseller of the book or to no manager of the roster is nobody's.
 */
MUST_USE int regroup_new(const struct edition_setup *setup, const struct roster *roster,
                         struct regroup **ret, struct diag *d);
void regroup_free(struct regroup *g);
static inline void regroup_done(struct regroup **g)
{
    regroup_free(*g);
}
/* By manager, reseller, kind, subject, period, what. 1 and the next, borrowed until the next
 * call; 0 at the end. */
MUST_USE int regroup_next(struct regroup *g, struct record *ret);

/* The charge of a finding's kind; only of those that charge. */
enum charge_kind charge_of_finding(enum finding_kind kind);

/* ---- What was said (prior.c, said.c) --------------------------------------------------- */

struct prior_row {
    period_t period;
    enum finding_state state;
    int64_t quantity;
    bool goes_on, is_reminded;
    wall_t confirms_at;
};

/* A reader's rows; `row` is the one that comes next. */
struct prior {
    struct store_scan *scan; /* NULL = there are none */
    struct store_said row;
    bool has_row;
};
MUST_USE int prior_open(struct prior *p, struct store *s, const struct store_reader *reader);
MUST_USE int prior_next(struct prior *p);
void prior_close(struct prior *p);

/* The rows of one key's periods: the newest, if there are too many. */
struct prior_rows {
    struct prior_row v[RUN_PERIODS_MAX]; /* by period */
    size_t n;
};
void prior_keep(struct prior_rows *rows, const struct store_said *x);

/* What is said from now on, brought together by reader outside memory. */
struct said;
MUST_USE int said_new(struct said **ret, struct diag *d);
void said_free(struct said *s);
static inline void said_done(struct said **s)
{
    said_free(*s);
}
MUST_USE int said_begin(struct said *s, enum bulletin_audience audience, const char *id);
MUST_USE int said_put(struct said *s, enum bulletin_audience audience, const char *id,
                      const struct edition_said *row);
/* All of it to the sink. */
MUST_USE int said_give(struct said *s, const struct edition_sink *sink);

/* ---- How a finding stands to what was said (changes.c) --------------------------------- */

/* All that is known of one kind and subject of a reseller, now and as it was said. */
struct change_facts {
    const struct bulletin_line *lines; /* told now; by period */
    size_t n_lines;
    const period_t *untold; /* older open periods in which it is still found */
    size_t n_untold;
    const struct prior_rows *prior;
    const struct run_periods *periods;
    bool is_settled; /* what goes on would have been found in the newest period by now */
};

struct change {
    enum bulletin_change change;
    enum finding_state was_state;
    int64_t was_quantity;
    bool was_confirmed; /* in this very period */
    bool is_reminded;   /* for as long as the same thing stays potential */
};
struct change change_of_line(const struct change_facts *f, size_t line);

/* What becomes of a row that was said. */
enum prior_fate {
    FATE_REPLACED, /* its period is told again, or the thing moved on into a newer one */
    FATE_DROPPED,  /* closed; or over with its month, and that was said */
    FATE_KEPT,     /* not told now, and no news: it waits */
    FATE_RESOLVED,
};
enum prior_fate change_fate(const struct change_facts *f, enum finding_kind kind, size_t row);

bool periods_are_open(const struct run_periods *p, period_t period);

/* ---- One finding as it is told (line.c) ------------------------------------------------ */

struct line_maker {
    const struct edition_setup *setup;
    struct arena *scratch;
};

/*
 * From a finding, with the key's draft (NULL = none), all but what its evidence tells in
 * detail, and the change. Texts are borrowed from the finding or in `scratch`.
 */
MUST_USE int line_make(const struct line_maker *m, const struct finding *f,
                       const struct draft *draft, struct bulletin_line *ret);
/* What the evidence tells; *ret_cause as in seen.h, in `scratch`. */
MUST_USE int line_digest(const struct line_maker *m, const struct finding *f,
                         struct bulletin_line *line, const char **ret_cause);
/* The line of what was said of a period and is no longer found. */
MUST_USE int line_resolved(const struct line_maker *m, const struct finding *key, bool is_trial,
                           const struct prior_row *was, struct bulletin_line *ret);

/* ---- The lines that fit (pool.c) ------------------------------------------------------- */

/* A line with all its texts in one piece of memory. */
struct pool_line {
    struct bulletin_line line;
    const char *cause;
    size_t owner;   /* a reseller's number */
    uint64_t order; /* in which it came */
};

/*
 * The gravest of many lines. Charging kinds and notices have a part each, and what the one
 * leaves the other may fill.
 */
struct pool {
    size_t max, least_notices;
    struct pool_heap {
        struct pool_line **v; /* the least worth keeping is the first */
        size_t n;
    } charging, notices;
    uint64_t taken;
};
MUST_USE int pool_init(struct pool *p, size_t max, size_t least_notices);
void pool_done(struct pool *p);
void pool_reset(struct pool *p);
/* Whether a line like that would be kept, however it changed. */
bool pool_wants(const struct pool *p, const struct bulletin_line *line);
/* Copies the line, if it is to be kept. 0; -ENOMEM. */
MUST_USE int pool_add(struct pool *p, const struct bulletin_line *line, const char *cause,
                      size_t owner);
/* All that it holds, by owner; n + 1 elements in `keep`. NULL when out of memory. */
struct pool_line **pool_list(const struct pool *p, struct arena *keep, size_t *ret_n);

/* ---- Lines in order, with their groups (group.c) --------------------------------------- */

/* Charging kinds first; graver; sooner; by kind, subject, period. For qsort of lines, too. */
int line_compare(const struct bulletin_line *a, const struct bulletin_line *b);

/*
 * The reseller's lines in their order (what changed first, if that is asked), and the groups
 * among them, in `keep`. 0; -ENOMEM.
 */
MUST_USE int group_lines(struct pool_line **v, size_t n, bool changed_first, struct arena *keep,
                         struct bulletin_reseller *ret);

/* ---- One reseller's sums (tally.c) ----------------------------------------------------- */

/* Money of several keys, by currency. */
struct sums {
    struct bulletin_sum *v;
    size_t n, cap;
};
void sums_done(struct sums *s);
/* The row of the currency, made when there is none; borrowed. NULL when out of memory. */
struct bulletin_sum *sums_of(struct sums *s, const struct currency *c);
MUST_USE int sums_add(struct sums *to, const struct sums *from);
/* By currency code, in `keep`. */
MUST_USE int sums_keep(struct sums *s, struct arena *keep, struct bulletin *b);

/* What changed for one reader. */
struct news {
    int64_t is_new, is_changed, is_resolved;
};
void news_count(struct news *n, enum bulletin_change change);

/* What is counted of one reseller while its findings go by. Reused for the next. */
struct reckoning {
    int64_t confirmed, potential, notices;
    struct news news; /* to its manager */
    int64_t told;     /* lines to its manager, those of resolved ones with them */
    struct bulletin_money *money;
    size_t n_money, cap_money;
    struct bulletin_hold holds[BULLETIN_HOLDS_MAX];
    size_t n_holds;
    int64_t n_holds_more;
    struct tonight_key *tonight; /* subjects in `keep` */
    size_t n_tonight, cap_tonight;
    struct sums sums;
    unsigned reasons;
    bool has_by;
    wall_t by;
    /* Open periods with something confirmed: that was not so when last told, and that was. */
    uint64_t struck_now, struck_before;
};
void reckoning_reset(struct reckoning *t);
void reckoning_done(struct reckoning *t);
MUST_USE int reckoning_money(struct reckoning *t, const struct draft *d, bool is_closed,
                             struct arena *keep);
/* A confirmed key of an audited period. */
MUST_USE int reckoning_key(struct reckoning *t, const struct finding *f, struct arena *keep);
/* A line as the manager is told of it. */
MUST_USE int reckoning_line(struct reckoning *t, const struct edition_setup *setup,
                            const struct bulletin_line *line, const struct change *change);
/* What the tally has, into the reseller's model. */
MUST_USE int reckoning_keep(const struct reckoning *t, struct arena *keep,
                            struct bulletin_reseller *ret);

/* ---- Calls, and the order of resellers (calls.c) --------------------------------------- */

/* A reseller as its manager is told of it, before the order is known. */
struct told {
    struct bulletin_reseller reseller;
    int64_t shown; /* lines in all */
    unsigned reasons;
    bool has_by;
    wall_t by;
    const struct currency *currency; /* of the stake */
    money_t stake;                   /* what it costs and would cost */
};

/* The reasons that its tally alone does not tell. */
unsigned calls_reasons(const struct edition_setup *setup, const struct reckoning *t,
                       const struct bulletin_reseller *r, bool is_mail_dead);
/* Resellers and calls of a manager's bulletin, in `keep`. */
MUST_USE int calls_order(struct told *v, size_t n, struct arena *keep, struct bulletin *b);

/* ---- A night at work (make.c, reseller.c, nobody.c) ------------------------------------ */

struct night_maker {
    const struct edition_setup *setup;
    const struct edition_sink *sink;
    struct diag *d;
    struct roster roster;
    struct coverage *coverage;
    struct strikes *strikes;
    struct regroup *regroup;
    struct record record; /* that comes next */
    bool has_record;
    struct said *said;
    bool has_closed;
    period_t last_closed;
    struct bulletin common; /* what all bulletins have */
    char entries_hash[65], decisions_hash[65];
    struct arena whole;  /* the night's */
    struct pool nobodys; /* findings of no reseller */
    int64_t n_nobodys;   /* how many there are */
    /* Of the manager at work. */
    const struct roster_manager *manager;
    struct arena arena;
    struct prior prior;
    struct pool pool;
    struct told *told;
    size_t n_told, cap_told;
    struct sums sums;
    struct news news;
    /* Of the reseller at work. */
    struct reckoning tally;
    struct arena passing, scratch; /* the reseller's; the item's */
    struct pool own;               /* what it is told itself */
};

MUST_USE int night_advance(struct night_maker *m);
struct line_maker night_lines(struct night_maker *m);
/* Whether what goes on would have been found in the newest period by now, by that reseller's
 * policy (NULL = the base). */
bool night_is_settled(const struct night_maker *m, const char *reseller);
/* Then a draft is an adjustment. */
bool period_is_closed(const struct night_maker *m, period_t period);
/* Tells of one reseller: into the manager's parts, and to the reseller itself. */
MUST_USE int night_reseller(struct night_maker *m, const struct estate_reseller *facts);
/* What belongs to nobody: taken from the stream, which begins with it; then told to the manager
 * at work. */
MUST_USE int nobody_take(struct night_maker *m);
MUST_USE int nobody_tell(struct night_maker *m, struct bulletin *b);

#endif
